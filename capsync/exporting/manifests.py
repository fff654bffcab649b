"""From live objects to manifests that plan to nothing against the org they came from."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from capsync.exporting.losses import (
    doubts,
    files_of_the_org,
    is_masked,
    is_needed,
    needed_inside,
    of_others,
    secrets_inside,
    why_hidden,
)
from capsync.exporting.spelling import spelt
from capsync.fields import Schema
from capsync.kind import Kind
from capsync.model import Action, Address, Meta, Resource, path_text
from capsync.planning.changes import Comparer
from capsync.planning.match import Matcher, is_over
from capsync.planning.options import PlanOptions, Setting, selected
from capsync.planning.order import kinds_in_order
from capsync.planning.prune import out_of_service
from capsync.snapshot import LiveObject, Snapshot
from capsync.values.normalise import canonical_default
from capsync.values.paths import parse_path, without

Json = Any


@dataclass(slots=True)
class Exported:
    """One live object as a manifest. `comments` are by top-level field of the spec, or ""."""

    resource: Resource
    live: LiveObject
    comments: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Export:
    """Manifests of an org, in order of kind and name, and what they could not carry."""

    manifests: tuple[Exported, ...]
    left_out: tuple[str, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)  # kind -> objects of other owners


def export_objects(
    kinds: Sequence[Kind],
    snapshot: Snapshot,
    known: Mapping[str, str],
    *,
    called: Mapping[tuple[str, str], str] | None = None,
    targets: Sequence[str] = (),
    taken: Iterable[Address] = (),
) -> Export:
    """Every object of these kinds that is the brand's own, as manifests with references.

    `known` maps "Kind id" to the local name that a project uses already. Objects that the platform
    or another module owns are counted in `skipped`. `called`: what references call objects, by kind
    and id, instead of the local names. `targets` pick some objects; references to others that are
    not in the project are look-ups. `taken` are addresses of the project that are not in the org.
    """
    own: list[LiveObject] = []
    unread: list[str] = []
    skipped: Counter[str] = Counter()
    for kind in kinds:
        for item in snapshot.of(kind.name):
            if snapshot.is_foreign(item) or is_over(item):
                skipped[kind.name] += 1
            elif not item.whole:
                why = "left out, the API does not show its details"
                unread.append(f"{kind.name} {item.title} (id {item.id}): {why}")
            else:
                own.append(item)
    names = _names(own, known, taken)
    shared = _shared_keys(own)
    if targets:
        own = [each for each in own if selected(targets, _address(each, names))]
    exported = {key: names[key] for each in own for key in [(each.kind.name, each.id)]}
    declared = {(kind, id_): name for (kind, _, id_), name in _split(known)}
    finder = ReferenceFinder(snapshot, {**declared, **exported, **(called or {})})
    manifests: list[Exported] = []
    left_out = unread
    for item in own:
        made = _manifest(
            item, names[item.kind.name, item.id], finder, item.id in shared[item.kind.name]
        )
        manifests.append(made)
        left_out += [f"{made.resource.address} {why}" for why in made.comments.values()]
    left_out += doubts({item.kind.name: item.kind for item in own}.values())
    left_out += files_of_the_org(own)
    manifests.sort(key=lambda each: each.resource.address)
    return Export(tuple(manifests), tuple(left_out), dict(skipped))


def _split(known: Mapping[str, str]) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Each "Kind id" in its parts, and the local name."""
    return ((key.partition(" "), name) for key, name in known.items())


def _address(item: LiveObject, names: Mapping[tuple[str, str], str]) -> Address:
    return Address(item.kind.name, names[item.kind.name, item.id])


def _names(
    items: Iterable[LiveObject], known: Mapping[str, str], others: Iterable[Address]
) -> dict[tuple[str, str], str]:
    """A local name for each object: the one in use, else made from its natural key, the ids of
    other objects in it by their names."""
    items = list(items)
    kinds = kinds_in_order({item.kind.name: item.kind for item in items}.values())
    place = {kind.name: place for place, kind in enumerate(kinds)}
    names: dict[tuple[str, str], str] = {}
    taken: dict[str, set[str]] = defaultdict(set)
    for address in others:
        taken[address.kind].add(address.name)
    for key, name in known.items():
        taken[key.partition(" ")[0]].add(name)
    for item in sorted(items, key=lambda each: (place[each.kind.name], each.label, each.id)):
        kind = item.kind.name
        name = known.get(f"{kind} {item.id}", "")
        if not name:
            base = slug(_named(item, names)) or slug(f"{kind}-{item.id}")
            name, count = base, 2
            while name in taken[kind]:
                name, count = f"{base}-{count}", count + 1
            taken[kind].add(name)
        names[kind, item.id] = name
    return names


def _named(item: LiveObject, names: Mapping[tuple[str, str], str]) -> str:
    """The label of an object, names in place of the ids that are parts of its natural key."""
    for rank in reversed(range(len(item.kind.keys))):
        fields = item.kind.keys[rank].label.split(" + ")
        parts = item.key(rank)
        if parts is None:
            continue
        if len(fields) != len(parts):
            break
        notes = [item.kind.fields.get(name, {}).get("x-ref", {}) for name in fields]
        return " / ".join(
            next((names[kind, part] for kind in _by_id(note) if (kind, part) in names), part)
            for note, part in zip(notes, parts, strict=True)
        )
    return item.label


def _by_id(note: Mapping[str, Json]) -> Sequence[str]:
    """The kinds of which a field holds the id."""
    return note.get("kinds", ()) if note.get("by") == "id" else ()


def slug(text: str) -> str:
    """A local name made of a natural key: `Trail Walker 1` becomes `trail-walker-1`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:100].strip("-")


def _shared_keys(items: Iterable[LiveObject]) -> dict[str, set[str]]:
    """The ids of objects whose strongest natural key is not theirs alone."""
    by_key: dict[tuple[str, tuple[str, ...] | None], list[str]] = defaultdict(list)
    for item in items:
        key = next((k for rank in range(len(item.kind.keys)) if (k := item.key(rank))), None)
        by_key[item.kind.name, key].append(item.id)
    shared: dict[str, set[str]] = defaultdict(set)
    for (kind, key), ids in by_key.items():
        if len(ids) > 1 or key is None:
            shared[kind] |= set(ids)
    return shared


class ReferenceFinder:
    """Turns ids back into references, where the object is exported or has a key of its own."""

    def __init__(self, snapshot: Snapshot, names: Mapping[tuple[str, str], str]) -> None:
        self._names = names
        self._by: dict[tuple[str, str], dict[str, list[LiveObject]]] = {}
        self._snapshot = snapshot

    def reference(self, note: Mapping[str, Json], value: Json) -> Json:
        """`{ref: ...}`, `{lookup: ...}`, or the raw value where nothing else is sure."""
        if value is None or isinstance(value, (bool, Mapping, list)):
            return value
        kinds = note["kinds"]
        for kind in kinds:
            found = self._indexed(kind, note["by"]).get(str(value), [])
            if len(found) != 1:
                continue
            name = self._names.get((kind, found[0].id))
            if name is not None:
                return {"ref": name if len(kinds) == 1 else f"{kind}/{name}"}
            if note["by"] == "id" and (key := self._unique_key(found[0])):
                return {
                    "lookup": key if len(kinds) == 1 else {"kind": kind, **_key_fields(found[0])}
                }
        return value

    def _unique_key(self, item: LiveObject) -> str | None:
        key = item.key(0) if item.kind.keys else None
        same = [each for each in self._snapshot.of(item.kind.name) if each.key(0) == key]
        return " / ".join(key) if key and len(same) == 1 else None

    def _indexed(self, kind: str, by: str) -> dict[str, list[LiveObject]]:
        index = self._by.get((kind, by))
        if index is None:
            index = defaultdict(list)
            for item in self._snapshot.of(kind):
                member = item.id if by == "id" else item.spec.get(by)
                if member is None and isinstance(item.raw, Mapping):
                    member = item.raw.get(by)
                index[str(member)].append(item)
            self._by[kind, by] = index
        return index


def _key_fields(item: LiveObject) -> dict[str, Json]:
    fields = item.kind.keys[0].label.split(" + ")
    return {name: item.canon.get(name) for name in fields}


def _manifest(item: LiveObject, name: str, finder: ReferenceFinder, shared: bool) -> Exported:
    kind = item.kind
    comments: dict[str, str] = {}
    spec = dict(_fields(kind, item, finder, comments))
    meta = Meta(id=item.id if shared and not kind.singleton else None)
    return Exported(Resource(Address(kind.name, name), spec, meta), item, comments)


def _fields(
    kind: Kind, item: LiveObject, finder: ReferenceFinder, comments: dict[str, str]
) -> Iterator[tuple[str, Json]]:
    required = set(kind.schema.get("required", ()))
    for name, schema in kind.fields.items():
        if schema.get("readOnly"):
            continue
        if schema.get("x-secret") or schema.get("writeOnly"):
            if (
                name in required
                or item.spec.get(name)
                or is_masked(schema, item.raw, name)
                or is_needed(name, kind.fields, item.canon)
            ):
                comments[name] = f"{name}: left out, {why_hidden(schema)}"
            continue
        comments.update(of_others(name, schema, item.canon.get(name)))
        if inside := dict.fromkeys(secrets_inside(schema, item.canon.get(name), name)):
            comments[name] = f"{', '.join(inside)}: left out, it is a secret"
        if inside := dict.fromkeys(needed_inside(schema, item.canon.get(name), name)):
            comments[name] = f"{', '.join(inside)}: left out, the API does not show it"
        canon = spelt(schema, item.canon.get(name), item.spec.get(name))
        value = manifest_value(schema, canon, finder.reference)
        flag = kind.service is not None and name == kind.service.field
        if (
            (flag and out_of_service(kind, item))
            or name in required
            or not _is_unset(schema, item.canon.get(name))
        ):
            yield name, value


def _is_unset(schema: Schema, value: Json) -> bool:
    return value is None or value in ({}, []) or value == canonical_default(schema)


def _empty_but_needed(schema: Schema, shown: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Required members that are empty, as the API writes that: an empty description."""
    for name in schema.get("required", ()):
        if name not in shown and (blanks := schema["properties"][name].get("x-blank")):
            yield name, blanks[0]


def manifest_value(schema: Schema, value: Json, reference: Any) -> Json:
    """A canonical value as a manifest writes it: ids as references, nulls inside left out."""
    if "x-ref" in schema and not isinstance(value, (Mapping, list)):
        return reference(schema["x-ref"], value)
    if isinstance(value, Mapping):
        properties = schema.get("properties", {})
        extra = schema.get("additionalProperties", True)
        open_schema = extra if isinstance(extra, dict) else {}
        shown = {
            name: manifest_value(inner, each, reference)
            for name, each in value.items()
            if not (inner := properties.get(name, open_schema)).get("x-secret")
            and not inner.get("x-others")
            and not (name in properties and _is_unset(inner, each))
        }
        return shown | dict(_empty_but_needed(schema, shown))
    if isinstance(value, list):
        return [manifest_value(schema.get("items", {}), each, reference) for each in value]
    return value


def proven(
    export: Export,
    kinds: Mapping[str, Kind],
    snapshot: Snapshot,
    setting: Setting,
    others: Iterable[Resource] = (),
) -> Export:
    """The export, planned in memory against what was read: what would not plan to nothing is left
    out and listed, so that a fresh export never shows a change. `others` are resources of the
    project that it may refer to."""
    exported = {each.resource.address: each.resource for each in export.manifests}
    resources = [*exported.values(), *(each for each in others if each.address not in exported)]
    matcher = Matcher(kinds, resources, snapshot)
    matcher.match()
    live = {each.resource.address: each.live for each in export.manifests}
    comparer = Comparer(PlanOptions(allow_irreversible=True), setting, None)
    manifests: list[Exported] = []
    left_out = list(export.left_out)
    for each in export.manifests:
        address = each.resource.address
        wanted = matcher.wanted[address]
        if wanted.live is None or wanted.live.id != live[address].id:
            meta = replace(each.resource.meta, id=live[address].id)
            each = replace(each, resource=replace(each.resource, meta=meta))
            wanted.problems.clear()
        wanted.live = live[address]
        item = comparer.compare(wanted)
        if item.change.action is not Action.NOOP:
            for change in item.change.fields:
                path = path_text(change.path)
                steps = parse_path(path_text(change.path[:1]))
                spec = without(wanted.kind.schema, each.resource.spec, steps)
                each = replace(each, resource=replace(each.resource, spec=spec))
                why = f"{path}: left out, what the API shows can not be written back as it is"
                each.comments[str(change.path[0])] = why
                left_out.append(f"{address} {why}")
        manifests.append(each)
    return replace(export, manifests=tuple(manifests), left_out=tuple(dict.fromkeys(left_out)))
