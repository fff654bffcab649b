"""What was read of an org: live objects, and the kinds that could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from capsync.errors import ApiError
from capsync.kind import Kind
from capsync.values.fingerprint import fingerprint
from capsync.values.normalise import canonical

Json = Any


@dataclass(slots=True)
class LiveObject:
    """One object of the org. `spec` has the shape of a manifest's spec, values as they came.

    `whole`: everything was read that the kind's schema names. `canon` is the canonical form.
    """

    kind: Kind
    id: str
    raw: Json
    spec: dict[str, Json]
    whole: bool
    _canon: dict[str, Json] | None = field(default=None, repr=False)
    _fingerprint: str = field(default="", repr=False)

    @property
    def canon(self) -> dict[str, Json]:
        """The canonical form of the object's spec."""
        if self._canon is None:
            self._canon = canonical(self.kind.schema, self.spec)
        return self._canon

    @property
    def fingerprint(self) -> str:
        """The digest of the canonical form, secrets left out."""
        if not self._fingerprint:
            self._fingerprint = fingerprint(self.kind.schema, self.canon)
        return self._fingerprint

    def ready(self) -> LiveObject:
        """The object itself, all that comparing needs worked out: while others are under way that
        takes no time."""
        assert self.fingerprint
        return self

    def take(self, other: LiveObject) -> None:
        """Become what a later reading of the same object shows; nothing of this one is kept."""
        self.raw, self.spec, self.whole = other.raw, other.spec, other.whole
        self._canon, self._fingerprint = other._canon, other._fingerprint

    def key(self, rank: int) -> tuple[str, ...] | None:
        """The natural key of that rank, None where the object has none."""
        return self.kind.keys[rank].of(self.canon)

    @property
    def label(self) -> str:
        """Its most telling name: codes are the stronger keys, names the weaker ones."""
        for rank in reversed(range(len(self.kind.keys))):
            if key := self.key(rank):
                return " / ".join(key)
        return self.id

    @property
    def title(self) -> str:
        """What people call it: the kind's title, its first natural key, else its id."""
        if title := self.canon.get(self.kind.title):
            return str(title)
        for rank in range(len(self.kind.keys)):
            if key := self.key(rank):
                return " / ".join(key)
        return self.id


@dataclass(slots=True)
class Snapshot:
    """What was read of an org: objects by kind, and the kinds that could not be read."""

    objects: dict[str, list[LiveObject]] = field(default_factory=dict)
    unreadable: dict[str, ApiError] = field(default_factory=dict)
    _made: frozenset[tuple[str, str]] | None = field(default=None, repr=False)

    def of(self, kind: str) -> list[LiveObject]:
        """The objects of a kind, in the order of the list."""
        return self.objects.get(kind, [])

    def is_foreign(self, item: LiveObject) -> bool:
        """Whether the platform or another module made or claimed an object, or it was made behind
        another one."""
        return item.kind.foreign(item.raw) or (item.kind.name, item.id) in self._made_behind()

    def _made_behind(self) -> frozenset[tuple[str, str]]:
        if self._made is None:
            self._made = frozenset(
                each
                for items in self.objects.values()
                for item in items
                if item.kind.makes is not None
                for each in item.kind.makes(item.raw)
            )
        return self._made
