"""Pairing manifests with live objects: by id, by state, by natural key, in that order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from capsync.fields import Schema
from capsync.kind import Kind
from capsync.model import Address, Resource
from capsync.planning.graph import by_member
from capsync.planning.order import kinds_in_order
from capsync.snapshot import LiveObject, Snapshot
from capsync.values.diff import differences
from capsync.values.normalise import Pending, canonical
from capsync.values.references import (
    Reference,
    find_child,
    map_key_references,
    references,
    resolved,
)

Json = Any


@dataclass(slots=True)
class Wanted:
    """One desired resource, its references resolved, with the live object it was paired with.

    `raw` holds desired values as written, ids (or Pending) in place of references; `canon` is its
    canonical form. `problems` say why it can not be planned (exit 4), `unread` what it looks up and
    could not be read.
    """

    resource: Resource
    kind: Kind
    raw: dict[str, Json]
    canon: dict[str, Json]
    live: LiveObject | None = None
    matched_by: str = ""  # id | state | key
    needs: set[Address] = field(default_factory=set)
    deferred: set[Address] = field(default_factory=set)
    sources: dict[Any, str] = field(default_factory=dict)  # path -> reference as text
    problems: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def address(self) -> Address:
        """The resource's address."""
        return self.resource.address


class Matcher:
    """Pairs the resources of a project with a snapshot of the org.

    `remembered` are the ids that the state holds by address text; `kinds` all kinds that there are;
    `canons` the canonical forms of specs as written, where they are known already.
    """

    def __init__(
        self,
        kinds: Mapping[str, Kind],
        resources: Sequence[Resource],
        snapshot: Snapshot,
        remembered: Mapping[str, str] | None = None,
        canons: Mapping[Address, dict[str, Json]] | None = None,
    ) -> None:
        self._kinds = kinds
        self._resources = {resource.address: resource for resource in resources}
        self.snapshot = snapshot
        self._remembered, self._canons = remembered or {}, canons or {}
        self._by_name: dict[str, list[Address]] = defaultdict(list)
        for address in self._resources:
            self._by_name[address.name].append(address)
        self._by_member: dict[tuple[str, str], dict[str, list[Address]]] = {}
        self._lookups: dict[tuple[str, int], dict[tuple[str, ...], list[LiveObject]]] = {}
        self._unknown: set[Address] = set()  # resources with references to what is not known yet
        self.wanted: dict[Address, Wanted] = {}
        self.claimed: dict[str, set[str]] = defaultdict(set)

    def match(self) -> dict[Address, Wanted]:
        """Every resource with its references resolved and its live object, where there is one."""
        by_kind: dict[str, list[Resource]] = defaultdict(list)
        for resource in self._resources.values():
            by_kind[resource.address.kind].append(resource)
        for kind in kinds_in_order(self._kinds[name] for name in by_kind):
            self._match_kind(kind, by_kind[kind.name])
        for wanted in list(self.wanted.values()):
            # Ids of kinds in a circle, or of the same kind, are known only now.
            if wanted.address in self._unknown:
                self._resolve_again(wanted)
        return self.wanted

    def _match_kind(self, kind: Kind, resources: Sequence[Resource]) -> None:
        wanted = [self._resolve(kind, resource) for resource in resources]
        self.wanted.update({each.address: each for each in wanted})
        if kind.name in self.snapshot.unreadable:
            return
        objects = {item.id: item for item in self.snapshot.of(kind.name)}
        for each in wanted:
            self._claim_by_id(each, objects)
        for each in wanted:
            if each.live is None and not each.problems:
                self._claim_by_state(each, objects)
        self._claim_by_key(kind, wanted)

    def _claim_by_id(self, wanted: Wanted, objects: Mapping[str, LiveObject]) -> None:
        id_ = wanted.resource.meta.id
        if id_ is None:
            return
        if id_ not in objects:
            wanted.problems.append(
                f"metadata.id {id_} is not in the org: correct it, or leave it out to create one"
            )
            return
        self._claim(wanted, objects[id_], "id")

    def _claim_by_state(self, wanted: Wanted, objects: Mapping[str, LiveObject]) -> None:
        old = wanted.resource.meta.formerly_name
        names = [str(wanted.address)] + ([f"{wanted.kind.name}/{old}"] if old else [])
        for name in names:
            id_ = self._remembered.get(name)
            if id_ and id_ in objects and id_ not in self.claimed[wanted.kind.name]:
                if not counts_as_absent(objects[id_], wanted.canon):
                    self._claim(wanted, objects[id_], "state")
                return

    def _claim(self, wanted: Wanted, item: LiveObject, by: str) -> None:
        wanted.live, wanted.matched_by = item, by
        self.claimed[wanted.kind.name].add(item.id)

    def _claim_by_key(self, kind: Kind, wanted: Sequence[Wanted]) -> None:
        ways: list[Callable[[Wanted], None]] = [
            partial(self._claim_ranked, rank=rank) for rank in range(len(kind.keys))
        ]
        ways += [self._claim_formerly, self._claim_half_made, self._claim_singleton]
        for claim in ways:
            for each in wanted:
                if each.live is None and not each.problems:
                    claim(each)

    def _claim_singleton(self, wanted: Wanted) -> None:
        objects = self.snapshot.of(wanted.kind.name)
        if wanted.kind.singleton and objects:
            self._claim(wanted, objects[0], "key")

    def _claim_ranked(self, wanted: Wanted, rank: int) -> None:
        """By the key of that rank, where the manifest writes none that is stronger."""
        keys = [key.of(wanted.canon) for key in wanted.kind.keys[: rank + 1]]
        if keys[-1] is None or any(key is not None for key in keys[:-1]):
            return
        found = self._indexed(wanted.kind, rank).get(keys[-1], [])
        self._claim_one(wanted, found, rank, keys[-1])

    def _claim_half_made(self, wanted: Wanted) -> None:
        """The object of a create that was cut off before its last write: the only unclaimed one
        that equals every field which the first write sends."""
        kind = wanted.kind
        if kind.half_made is None or kind.create is None:
            return
        sent = {
            name: each
            for name, each in wanted.canon.items()
            if name not in kind.create.omit and not _is_deferred(kind.fields.get(name, {}))
        }
        taken = self.claimed[kind.name]
        found = [
            item
            for item in self.snapshot.of(kind.name)
            if item.id not in taken
            and kind.half_made(item.raw)
            and not kind.foreign(item.raw)
            and not any(differences(kind.schema, sent, item.canon))
        ]
        if len(found) == 1:
            self._claim(wanted, found[0], "key")

    def _claim_formerly(self, wanted: Wanted) -> None:
        former = wanted.resource.meta.formerly_key
        if former is None:
            return
        found = self._search(wanted.kind, former)
        self._claim_one(wanted, found, 0, (str(former),))

    def _claim_one(
        self, wanted: Wanted, found: Sequence[LiveObject], rank: int, key: tuple[str, ...]
    ) -> None:
        taken = self.claimed[wanted.kind.name]
        there = [item for item in found if item.id not in taken]
        free = [item for item in there if not counts_as_absent(item, wanted.canon)]
        free = [item for item in free if not is_over(item)] or free
        if there and not free:
            ids = ", ".join(item.id for item in there)
            wanted.warnings.append(
                f"one that is out of service has this key (id {ids}): it comes back where the API"
                " takes no second one; metadata.id means that very one"
            )
        if len(free) > 1:
            ids = ", ".join(item.id for item in free)
            label = wanted.kind.keys[rank].label
            wanted.problems.append(
                f"{len(free)} live objects have {label} {' / '.join(key)!r} (ids {ids}):"
                " say which one with metadata.id"
            )
        elif free:
            self._claim(wanted, free[0], "key")

    def _indexed(self, kind: Kind, rank: int) -> dict[tuple[str, ...], list[LiveObject]]:
        index = self._lookups.get((kind.name, rank))
        if index is None:
            index = defaultdict(list)
            for item in self.snapshot.of(kind.name):
                if key := item.key(rank):
                    index[key].append(item)
            self._lookups[kind.name, rank] = index
        return index

    def _resolve(self, kind: Kind, resource: Resource) -> Wanted:
        wanted = Wanted(resource, kind, {}, {})
        found = list(references(kind.schema, resource.spec))
        if not found:
            wanted.raw = dict(resource.spec)
        else:
            wanted.raw = resolved(
                kind.schema, resource.spec, lambda reference: self._answer(wanted, reference)
            )
        for reference in map_key_references(kind.schema, resource.spec):
            self._need_map_key(wanted, reference)
        canon = None if found else self._canons.get(resource.address)
        wanted.canon = canonical(kind.schema, wanted.raw) if canon is None else canon
        return wanted

    def _resolve_again(self, wanted: Wanted) -> None:
        again = self._resolve(wanted.kind, wanted.resource)
        wanted.raw, wanted.canon, wanted.sources = again.raw, again.canon, again.sources
        wanted.needs, wanted.deferred = again.needs, again.deferred
        wanted.problems = list(dict.fromkeys(wanted.problems + again.problems))

    def _need_map_key(self, wanted: Wanted, reference: Reference) -> None:
        member = reference.kind, reference.by
        if member not in self._by_member:
            self._by_member[member] = by_member(self._resources.values(), *member)
        wanted.needs.update(self._by_member[member].get(str(reference.key), ()))

    def _answer(self, wanted: Wanted, reference: Reference) -> Json:
        wanted.sources[reference.path] = str(reference)
        if reference.is_lookup:
            return self._looked_up(wanted, reference)
        address = self.target(reference)
        if address is None:
            wanted.problems.append(f"{reference} is not a resource of this project")
            return None
        if address != wanted.address:
            wanted.needs.add(address)
            if reference.deferred:
                wanted.deferred.add(address)
        member = self._member(address, reference)
        if isinstance(member, Pending):
            self._unknown.add(wanted.address)
        return member

    def target(self, reference: Reference) -> Address | None:
        """The address that a `ref` names, None where the project has no such resource."""
        if reference.kind:
            address = Address(reference.kind, reference.name)
            return address if address in self._resources else None
        fits = [
            address
            for address in self._by_name[reference.name]
            if not reference.kinds or address.kind in reference.kinds
        ]
        return fits[0] if len(fits) == 1 else None

    def _member(self, address: Address, reference: Reference) -> Json:
        target = self.wanted.get(address)
        kind = self._kinds[address.kind]
        pending = Pending(str(address), reference.by, reference.child)
        if reference.by != "id":
            spec = self._resources[address].spec
            if reference.by in spec:
                return spec[reference.by]
        if target is None or target.live is None:
            return pending
        return member_of(target.live, kind, reference, pending)

    def _looked_up(self, wanted: Wanted, reference: Reference) -> Json:
        kinds = [reference.kind] if reference.kind else list(reference.kinds)
        for name in kinds:
            if error := self.snapshot.unreadable.get(name):
                wanted.unread.append(f"{reference}: {name} could not be read: {error.message}")
                return None
        found = [
            item
            for name in kinds
            for item in self._search(self._kinds[name], reference.key)
            if not is_over(item)
        ]
        if len(found) == 1:
            return member_of(found[0], found[0].kind, reference, None)
        if found:
            ids = ", ".join(item.id for item in found)
            wanted.problems.append(f"{reference}: {len(found)} live objects match (ids {ids})")
        else:
            wanted.problems.append(f"{reference}: no live object matches")
        return None

    def _search(self, kind: Kind, key: Json) -> list[LiveObject]:
        if isinstance(key, Mapping):
            want = canonical(kind.schema, key)
            return [
                item
                for item in self.snapshot.of(kind.name)
                if all(_agrees(item, name, value) for name, value in want.items())
            ]
        for rank in range(len(kind.keys)):
            index = self._indexed(kind, rank)
            for text in (str(key), str(key).casefold()):
                if found := index.get(tuple(text.split(" / "))) or index.get((text,)):
                    return found
        return []


def _is_deferred(schema: Schema) -> bool:
    """Whether a field holds references that a second write may set."""
    if schema.get("x-ref", {}).get("deferred"):
        return True
    return any(map(_is_deferred, schema.get("properties", {}).values())) or (
        isinstance(schema.get("items"), dict) and _is_deferred(schema["items"])
    )


def is_over(item: LiveObject) -> bool:
    """Whether a live object is out of service in a way that counts as absent."""
    service = item.kind.service
    if service is None or not service.final:
        return False
    return item.canon.get(service.field) not in (None, service.on)


def counts_as_absent(item: LiveObject, desired: Mapping[str, Json]) -> bool:
    """The same, for a manifest: one that declares it out of service means that very object."""
    service = item.kind.service
    return is_over(item) and (
        service is None or desired.get(service.field, service.on) in (None, service.on)
    )


def _agrees(item: LiveObject, name: str, value: Json) -> bool:
    have = item.canon.get(name, item.raw.get(name) if isinstance(item.raw, Mapping) else None)
    return bool(have == value or str(have) == str(value))


def member_of(item: LiveObject, kind: Kind, reference: Reference, missing: Json) -> Json:
    """What a reference to a live object stands for: its id, another member, or a child's id."""
    if reference.child:
        child = find_child(item.spec, reference.child, kind.schema)
        return child.get("id", missing) if isinstance(child, Mapping) else missing
    if reference.by == "id":
        return int(item.id) if item.id.isdigit() and len(item.id) < 19 else item.id
    value = item.spec.get(reference.by)
    if value is None and isinstance(item.raw, Mapping):
        value = item.raw.get(reference.by)
    return missing if value is None else value
