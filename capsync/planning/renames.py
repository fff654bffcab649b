"""Creates that look like renames: there is an object of the same values without a manifest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Set
from difflib import SequenceMatcher
from typing import Any

from capsync import jsonio
from capsync.kind import Kind
from capsync.planning.describing import holds_pending
from capsync.planning.match import Wanted, is_over
from capsync.snapshot import LiveObject, Snapshot
from capsync.values.diff import differences
from capsync.values.normalise import canonical_default

Json = Any

_MOST = 50  # objects that are compared with one create
_ALIKE = 0.6  # of two keys, where one value alone is the same


def warn_of_renames(
    wanted: Iterable[Wanted],
    snapshot: Snapshot,
    claimed: Mapping[str, Set[str]],
    remembered: Container[str],
) -> None:
    """Add a warning to each create whose values, its natural key aside, are those of one live
    object that no manifest has: a key that was changed in a manifest makes a second object. Also
    to those that name a former key which no object has."""
    twins = _Twins(snapshot, claimed)
    for each in wanted:
        if each.live is not None or each.problems or str(each.address) in remembered:
            continue
        meta = each.resource.meta
        if meta.formerly_key is not None and twins.has_any(each.kind):
            each.warnings.append(
                f"metadata.formerly.key: no live object has {str(meta.formerly_key)!r}, so this"
                " makes a new one"
            )
        elif twin := twins.of(each):
            key, label = _key_of(twin, each)
            each.warnings.append(
                f"live {twin.id} ({key}) has the same values and no manifest: if the {label} was"
                f" changed, say so with metadata.formerly: {{key: {jsonio.dumps(key).decode()}}},"
                " or a second object is made"
            )


def _key_of(item: LiveObject, wanted: Wanted) -> tuple[str, str]:
    """A live object's natural key of the sort that a manifest writes, and what it is called."""
    for rank, each in enumerate(wanted.kind.keys):
        if each.of(wanted.canon) and (key := item.key(rank)):
            return " / ".join(key), each.label
    return item.title, "key"


class _Twins:
    def __init__(self, snapshot: Snapshot, claimed: Mapping[str, Set[str]]) -> None:
        self._snapshot, self._claimed = snapshot, claimed
        self._free: dict[str, list[LiveObject]] = {}
        self._by: dict[tuple[str, str], dict[bytes, list[LiveObject]]] = {}

    def of(self, wanted: Wanted) -> LiveObject | None:
        """The one object that equals a resource in all but its natural key."""
        kind, told = wanted.kind, _told(wanted)
        telling = {name: value for name, value in told.items() if _tells(kind, name, value)}
        if not telling or not self._free_of(kind):
            return None
        near = min((self._with(kind, *each) for each in telling.items()), key=len)
        found = [
            item
            for item in near[:_MOST]
            if _is_twin(item, told)
            and (sum(name in item.canon for name in telling) > 1 or _are_alike(item, wanted))
        ]
        return found[0] if len(found) == 1 else None

    def has_any(self, kind: Kind) -> bool:
        """Whether there are objects of a kind without a manifest."""
        return bool(self._free_of(kind))

    def _with(self, kind: Kind, name: str, value: Json) -> list[LiveObject]:
        """The objects that have this value in a field."""
        index = self._by.get((kind.name, name))
        if index is None:
            index = self._by[kind.name, name] = defaultdict(list)
            for item in self._free_of(kind):
                index[_text(item.canon.get(name))].append(item)
        return index.get(_text(value), [])

    def _free_of(self, kind: Kind) -> list[LiveObject]:
        found = self._free.get(kind.name)
        if found is None:
            taken, snapshot = self._claimed.get(kind.name, frozenset()), self._snapshot
            found = self._free[kind.name] = [
                item
                for item in snapshot.of(kind.name)
                if item.id not in taken and not is_over(item) and not snapshot.is_foreign(item)
            ]
        return found


def _told(wanted: Wanted) -> dict[str, Json]:
    """The desired values that reads show and that are no part of a natural key."""
    kind = wanted.kind
    keys = {field.split(".")[0] for key in kind.keys for field in key.label.split(" + ")}
    return {
        name: value
        for name, value in wanted.canon.items()
        if name not in keys
        and not any(map(kind.fields.get(name, {}).get, ("readOnly", "writeOnly", "x-secret")))
        and not holds_pending(value)
    }


def _tells(kind: Kind, name: str, value: Json) -> bool:
    """Whether few objects have that value: no default, and not one of a handful."""
    schema = kind.fields.get(name, {})
    is_one_of_few = schema.get("type") == "boolean" or "enum" in schema
    is_plain = isinstance(value, (str, int, float))
    return is_plain and not is_one_of_few and value != canonical_default(schema)


def _is_twin(item: LiveObject, told: Mapping[str, Json]) -> bool:
    """Whether an object has all these values, as far as its row in the list shows them."""
    seen = {name: value for name, value in told.items() if item.whole or name in item.canon}
    return not any(differences(item.kind.schema, seen, item.canon))


def _are_alike(item: LiveObject, wanted: Wanted) -> bool:
    """Whether the natural keys look like two spellings of one."""
    written = next(filter(None, (key.of(wanted.canon) for key in wanted.kind.keys)), ())
    old, new = _key_of(item, wanted)[0].casefold(), " / ".join(written).casefold()
    return SequenceMatcher(None, old, new).ratio() >= _ALIKE


def _text(value: Json) -> bytes:
    return jsonio.dumps_sorted(value)
