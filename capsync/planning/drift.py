"""Drift: live against manifests, three ways where the state knows what was applied last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from capsync import jsonio
from capsync.api.dialect import at
from capsync.kind import Kind
from capsync.memory.state import Remembered, State
from capsync.model import NOTHING, Action, Address, FieldChange, Path, path_text
from capsync.planning.item import Item
from capsync.planning.plan import Draft
from capsync.planning.prune import is_gone
from capsync.snapshot import LiveObject, Snapshot
from capsync.values.instants import canonical_instant

Json = Any


class Side(StrEnum):
    """Who moved: the org, the manifests, both, or nobody can tell (no state)."""

    LIVE = "live"
    MANIFEST = "manifest"
    BOTH = "both"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DriftField:
    """One field that differs, and which side left what was applied last."""

    change: FieldChange
    side: Side
    applied: Json = NOTHING


@dataclass(frozen=True, slots=True)
class Drift:
    """One resource that is not as its manifest says.

    `what`: `changed`, `missing` (not in the org) or `unmanaged` (in the org, in no manifest).
    `by` and `at` are who changed the live object last and when, as far as the API says. `since` is
    when capsync applied it last; `between` are the times between which the org moved away from
    that, where the API says nothing.
    """

    address: Address
    what: str
    id: str | None = None
    natural_key: str = ""
    fields: tuple[DriftField, ...] = ()
    by: str = ""
    at: str = ""
    since: str = ""
    reasons: tuple[str, ...] = ()
    between: tuple[str, str] | None = None

    @property
    def moved(self) -> bool:
        """Whether the org is known to have left what capsync applied last."""
        if self.what == "missing":
            return bool(self.since)
        return any(each.side in (Side.LIVE, Side.BOTH) for each in self.fields)


@dataclass(frozen=True, slots=True)
class DriftReport:
    """Every drift of an environment; `waived` are those that a waiver accepts.

    `known` are the keys of what the audit before found, None where there is none to compare with.
    """

    environment: str
    org_id: int | None
    created_at: str
    drifts: tuple[Drift, ...] = ()
    waived: tuple[tuple[Drift, str], ...] = ()
    alarms: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    checked: int = 0
    known: frozenset[str] | None = None


def find_drift(draft: Draft, state: State | None) -> list[Drift]:
    """What of a draft is drift: every change that is not nothing, field by field."""
    found = []
    for address, item in draft.items.items():
        if item.change.action is Action.NOOP or item.wanted is None:
            continue
        if item.live is None:
            what = "missing" if not item.wanted.problems else "changed"
            since = entry.at if (entry := _remembered(address, state)) else ""
            found.append(Drift(address, what, since=since, reasons=item.change.reasons))
            continue
        found.append(_changed(address, item, state))
    return found


def _remembered(address: Address, state: State | None) -> Remembered | None:
    return state.entries.get(str(address)) if state else None


def _changed(address: Address, item: Item, state: State | None) -> Drift:
    assert item.live is not None
    entry = _remembered(address, state)
    applied = entry.applied if entry else None
    fields = tuple(
        _sided(change, applied) for change in item.change.fields if not _unchanged(change)
    )
    by, at_ = changed_by(item.kind, item.live)
    return Drift(
        address,
        "changed",
        item.live.id,
        item.change.natural_key,
        fields,
        by,
        at_,
        entry.at if entry else "",
        item.change.reasons,
    )


def _unchanged(change: FieldChange) -> bool:
    return change.before is not NOTHING and bool(change.before == change.after)


def _sided(change: FieldChange, applied: Mapping[str, Json] | None) -> DriftField:
    if applied is None:
        return DriftField(change, Side.UNKNOWN)
    last = _value_at(applied, change.path)
    live_moved = not _same(last, change.before)
    manifest_moved = not _same(last, change.after)
    side = (
        Side.BOTH if live_moved and manifest_moved else Side.LIVE if live_moved else Side.MANIFEST
    )
    return DriftField(change, side, last)


def _same(one: Json, other: Json) -> bool:
    empty = (None, NOTHING)
    if any(one is each for each in empty) or any(other is each for each in empty):
        return any(one is each for each in empty) and any(other is each for each in empty)
    return bool(one == other)


def _value_at(value: Json, path: Path) -> Json:
    for step in path:
        if isinstance(value, Mapping) and step in value:
            value = value[str(step)]
        elif isinstance(value, list):
            found = _item_at(value, step)
            if found is NOTHING:
                return NOTHING
            value = found
        else:
            return NOTHING
    return value


def _item_at(items: list[Json], step: str | int) -> Json:
    if isinstance(step, int):
        return items[step] if step < len(items) else NOTHING
    for each in items:
        if isinstance(each, Mapping) and str(step) in (str(value) for value in each.values()):
            return each
    return NOTHING


def changed_by(kind: Kind, live: LiveObject) -> tuple[str, str]:
    """Who changed a live object last and when (UTC), as far as the API says."""
    by = at(live.raw, kind.changed_by) if kind.changed_by else None
    stamp = at(live.raw, kind.stamp) if kind.stamp else None
    if isinstance(by, Mapping):
        by = by.get("name") or by.get("id")
    when = canonical_instant(stamp, "iso", "second") if stamp is not None else ""
    return ("" if by is None else f"user {by}", str(when))


def find_unmanaged(
    kinds: Iterable[Kind], snapshot: Snapshot, claimed: Mapping[str, set[str]], now: float
) -> list[Drift]:
    """Live objects in service that no manifest declares and nobody else owns."""
    found = []
    for kind in kinds:
        if kind.reference_only or kind.singleton:
            continue
        for item in snapshot.of(kind.name):
            if item.id in claimed.get(kind.name, ()) or snapshot.is_foreign(item):
                continue
            if not is_gone(kind, item, now):
                by, when = changed_by(kind, item)
                address = Address(kind.name, item.id)
                found.append(Drift(address, "unmanaged", item.id, item.title, (), by, when))
    return found


def drift_key(drift: Drift, change: DriftField | None = None) -> str:
    """A stable name of one finding, to tell new from known between runs. Another live value of the
    same field is another finding; it is in the name as a short hash, secrets are not."""
    if change is None:
        return f"{drift.address} {drift.what}"
    path, value = path_text(change.change.path), ""
    if change.change.before is not NOTHING and not change.change.sensitive:
        value = hashlib.sha256(jsonio.dumps_sorted(change.change.before)).hexdigest()[:16]
    return f"{drift.address} {drift.what} {path} {value}".rstrip()
