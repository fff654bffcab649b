"""What differs between two orgs: objects paired by natural key, ids resolved to names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from capsync.events import Reading, Reporter, silent
from capsync.exporting.manifests import Exported, export_objects
from capsync.fields import Schema
from capsync.gathering import together
from capsync.kind import Kind
from capsync.kinds import KINDS
from capsync.model import NOTHING, Address, FieldChange, Key, Path
from capsync.planning.options import selected
from capsync.planning.order import kind_references
from capsync.planning.plan import needed_kinds
from capsync.runs.export import kinds_picked, read_whole
from capsync.values.diff import holds_secret
from capsync.values.normalise import canonical, item_key

if TYPE_CHECKING:
    from capsync.session import Session

Json = Any
_Key = tuple[str, str, int]  # kind, natural key, place among those that share it


@dataclass(frozen=True, slots=True)
class Difference:
    """One object that is not the same in both orgs: `only_left`, `only_right` or `changed`.

    In its fields `before` is the left org's value and `after` the right one's.
    """

    address: Address
    what: str
    natural_key: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class OrgDiff:
    """Every difference of two environments, in order of kind and name."""

    left: str
    right: str
    differences: tuple[Difference, ...] = ()
    same: int = 0
    unreadable: tuple[str, ...] = ()


async def diff_orgs(
    left: Session,
    right: Session,
    kinds: Iterable[str] = (),
    targets: Iterable[str] = (),
    on: Reporter = silent,
) -> OrgDiff:
    """What differs between the orgs of two sessions, for these kinds (all that can be managed).

    What must differ, ids and what the server sets, is not compared; neither are secrets.
    """
    names = list(kinds) or [name for name, kind in KINDS.items() if not kind.reference_only]
    picked = tuple(targets)
    names = kinds_picked(names, picked)
    one, other = await together(_objects(each, names, picked, on) for each in (left, right))
    found = list(_compared(one.by_key, other.by_key))
    same = len(one.by_key.keys() & other.by_key.keys()) - sum(
        each.what == "changed" for each in found
    )
    return OrgDiff(
        left.environment.name,
        right.environment.name,
        tuple(sorted(found, key=lambda each: each.address)),
        same,
        (*one.unreadable, *other.unreadable),
    )


@dataclass(frozen=True, slots=True)
class _Org:
    by_key: Mapping[_Key, Exported]
    unreadable: tuple[str, ...]


async def _objects(
    session: Session, names: Iterable[str], targets: tuple[str, ...], on: Reporter
) -> _Org:
    chosen = [KINDS[name] for name in sorted(names)]
    referred = {name for kind in chosen for name in kind_references(kind.schema)}
    every = needed_kinds(KINDS, names, referred)
    reader = await session.reader(every)
    snapshot = await reader.snapshot(every, lambda kind, count: on(Reading(kind, count)))
    for kind in chosen:
        await read_whole(reader, snapshot, kind, on)
    # References by natural key: local names are numbered where keys are shared, codes are random.
    called = {(each.name, item.id): item.label for each in every for item in snapshot.of(each.name)}
    export = export_objects(chosen, snapshot, {}, called=called)
    picked = [
        each for each in export.manifests if not targets or selected(targets, each.resource.address)
    ]
    where = session.environment.name
    unreadable = tuple(
        f"{where}: {name}: {error.message}"
        for name, error in sorted(snapshot.unreadable.items())
        if name in names
    )
    return _Org(_by_key(picked), unreadable)


def _by_key(exported: Iterable[Exported]) -> dict[_Key, Exported]:
    """The objects by what pairs them: of several with one natural key, the first with the first."""
    seen: Counter[tuple[str, str]] = Counter()
    found: dict[_Key, Exported] = {}
    for each in exported:
        key = each.resource.address.kind, each.live.label
        found[*key, seen[key]] = each
        seen[key] += 1
    return found


def _compared(
    left: Mapping[_Key, Exported], right: Mapping[_Key, Exported]
) -> Iterator[Difference]:
    for key in sorted({*left, *right}):
        one, other = left.get(key), right.get(key)
        shown = one or other
        assert shown is not None
        address = shown.resource.address
        if one is None or other is None:
            yield Difference(address, "only_left" if other is None else "only_right", key[1])
            continue
        kind = KINDS[key[0]]
        values = [canonical(kind.schema, each.resource.spec) for each in (one, other)]
        for value, code in product(values, _given_codes(kind)):
            value.pop(code, None)
        if fields := tuple(_fields(kind.schema, values[0], values[1], ())):
            yield Difference(address, "changed", key[1], fields)


def _given_codes(kind: Kind) -> set[str]:
    """Fields that name an object like its id does: each org gives a code of its own to what is
    created there (the create does not take one)."""
    taken = kind.create.omit if kind.create is not None else frozenset()
    return {name for key in kind.keys for name in key.label.split(" + ") if name in taken}


def _fields(schema: Schema, left: Json, right: Json, path: Path) -> Iterator[FieldChange]:
    """Every place where two values differ, both sides counting alike."""
    if left == right and type(left) is type(right):
        return
    if isinstance(left, Mapping) and isinstance(right, Mapping) and not schema.get("x-whole"):
        extra = schema.get("additionalProperties")
        open_schema = extra if isinstance(extra, dict) else {}
        for name in dict.fromkeys([*left, *right]):
            inner = schema.get("properties", {}).get(name, open_schema)
            yield from _fields(
                inner, left.get(name, NOTHING), right.get(name, NOTHING), (*path, name)
            )
    elif isinstance(left, list) and isinstance(right, list) and "x-key" in schema:
        yield from _keyed(schema, left, right, path)
    else:
        yield FieldChange(path, left, right, sensitive=holds_secret(schema))


def _keyed(
    schema: Schema, left: list[Json], right: list[Json], path: Path
) -> Iterator[FieldChange]:
    keys, item = schema["x-key"], schema.get("items", {})
    one = {item_key(each, keys): each for each in left}
    other = {item_key(each, keys): each for each in right}
    for key in dict.fromkeys([*one, *other]):
        step = Key("/".join(key))
        yield from _fields(item, one.get(key, NOTHING), other.get(key, NOTHING), (*path, step))
