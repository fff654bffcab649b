"""The nouns: addresses, manifests as resources, changes and plans. Frozen data, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

Json = Any
Spec = Mapping[str, Any]


# A path inside a spec: member names, list places (int), or the key of a keyed list item (Key).
class Key(str):
    """A step of a path that picks the item of a keyed list: `targets[Run 5]`."""

    __slots__ = ()


Path = tuple[str | int, ...]


def path_text(path: Path) -> str:
    """How a path is written in plans and messages: `a.b[key]`, `[0]`, other keys `["a.b"]`."""
    text = ""
    for step in path:
        if isinstance(step, (Key, int)):
            text += f"[{step}]"
        elif step.replace("_", "").replace("-", "").isalnum() and step.isascii():
            text += f".{step}" if text else step
        else:
            quoted = step.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{quoted}"]'
    return text


class Address(NamedTuple):
    """The name a resource has in manifests, plans and messages: Badge/trail-walker."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


class Where(NamedTuple):
    """A place in a file: path as shown to people, line and column from 1 (0: the whole file)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what the user wrote: where, at which path, what to do."""

    where: Where
    message: str
    path: str = ""
    hint: str = ""
    severity: str = "error"  # or "warning"
    rule: str = ""  # short stable name of the check: "unknown-field", "duplicate-key" ...

    def __str__(self) -> str:
        path = f" {self.path}:" if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.where}:{path} {self.message}{hint}"


@dataclass(frozen=True, slots=True)
class Meta:
    """The `metadata` of a manifest, `name` aside."""

    protect: bool = False
    ignore: tuple[str, ...] = ()
    id: str | None = None
    formerly_name: str | None = None
    formerly_key: Json = None
    sensitive: tuple[str, ...] = ()
    replace: bool = False
    publish: str | None = None  # LoyaltyPromotion: draft | submit


@dataclass(frozen=True, slots=True)
class Resource:
    """One desired resource: what its manifest says after variables and overlays.

    `spec` is plain JSON data in which references (`{ref: ...}`, `{lookup: ...}`) and media
    (`{file: ...}`) stand as they were written; `{$null: true}` has become None already.
    """

    address: Address
    spec: Spec
    meta: Meta = Meta()
    where: Where = Where("")


class Action(StrEnum):
    """What a change does."""

    CREATE = "create"
    UPDATE = "update"
    RETIRE = "retire"
    REPLACE = "replace"
    BLOCKED = "blocked"
    NOOP = "noop"


class _Nothing:
    """The mark for "there is no value here", which is not the same as null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Any = _Nothing()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a change: `before` is live, `after` desired, both in canonical form."""

    path: Path
    before: Json = NOTHING
    after: Json = NOTHING
    source: Where | None = None
    ref: str = ""  # the address or look-up that `after` came from
    unknown: bool = False  # the id is known only after another change was applied
    preview: Json = NOTHING  # of a list or object that holds such an id: all else, and a mark
    sensitive: bool = False  # neither value may be shown
    unshown: bool = False  # reads do not show what the org has: the state or --resend tells of it


@dataclass(frozen=True, slots=True)
class Change:
    """One step of a plan, as the plan format of the contract (section 3) shows it."""

    address: Address
    action: Action
    id: str | None = None
    fields: tuple[FieldChange, ...] = ()
    depends_on: tuple[Address, ...] = ()
    reasons: tuple[str, ...] = ()
    reversible: bool = True
    how: str = ""  # for RETIRE
    matched_by: str = ""  # id | state | key
    adopts: bool = False  # first take-over by key
    key_label: str = ""  # the field or fields whose value is the natural key
    impact: Mapping[str, Json] = field(default_factory=dict)
    live_fingerprint: str = ""
    steps: tuple[str, ...] = ()  # the calls in words, where there is more than one
    requests: int = 0
    natural_key: str = ""
    where: Where = Where("")
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Requests:
    """What a plan costs: reads made, writes still to make, and the time at the current limit."""

    read: int = 0
    write: int = 0
    limit_per_minute: int | None = None
    estimated_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes in a safe order: irreversible ones first in listings, references before users."""

    environment: str
    org_id: int | None
    changes: tuple[Change, ...]
    created_at: str = ""
    warnings: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()  # "BadgeGroup: 403 ..." kinds that could not be read
    blocked: tuple[str, ...] = ()  # why the plan as a whole may not be applied (limits)
    requests: Requests = Requests()
    digest: str = ""
    commit: str = ""  # git commit of the manifests, where they are in a repository
    options: Mapping[str, Json] = field(default_factory=dict)  # flags that a saved plan needs again

    def count(self, action: Action) -> int:
        """How many changes have that action."""
        return sum(change.action is action for change in self.changes)
