"""The dependency graph of a project's resources, as plain edges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from capsync.kind import Kind
from capsync.model import Address, Resource
from capsync.values.references import map_key_references, references


@dataclass(frozen=True, slots=True)
class Graph:
    """Resources and what they refer to. `lookups` are live objects that are not managed here."""

    nodes: tuple[Address, ...]
    edges: tuple[tuple[Address, Address], ...]  # (user, what it needs)
    lookups: tuple[tuple[Address, str], ...] = ()


def make_graph(resources: Iterable[Resource], kinds: Mapping[str, Kind]) -> Graph:
    """The graph of these resources, from their manifests alone."""
    own = {resource.address: resource for resource in resources}
    by_name: dict[str, list[Address]] = defaultdict(list)
    for address in own:
        by_name[address.name].append(address)
    indexes: dict[tuple[str, str], dict[str, list[Address]]] = {}
    edges: set[tuple[Address, Address]] = set()
    lookups: set[tuple[Address, str]] = set()
    for address, resource in own.items():
        schema = kinds[address.kind].schema
        for reference in references(schema, resource.spec):
            if reference.is_lookup:
                lookups.add((address, str(reference)))
                continue
            fits = [
                each
                for each in by_name[reference.name]
                if each.kind == reference.kind
                or (not reference.kind and (not reference.kinds or each.kind in reference.kinds))
            ]
            edges |= {(address, each) for each in fits if each != address}
        for reference in map_key_references(schema, resource.spec):
            member = reference.kind, reference.by
            if member not in indexes:
                indexes[member] = by_member(own.values(), *member)
            edges |= {(address, each) for each in indexes[member].get(str(reference.key), ())}
    return Graph(tuple(sorted(own)), tuple(sorted(edges)), tuple(sorted(lookups)))


def by_member(resources: Iterable[Resource], kind: str, name: str) -> dict[str, list[Address]]:
    """The resources of a kind by what they write for a member."""
    found: dict[str, list[Address]] = defaultdict(list)
    for each in resources:
        if each.address.kind == kind and name in each.spec:
            found[str(each.spec[name])].append(each.address)
    return found
