"""What must be settled before what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from capsync.errors import PlanBlocked
from capsync.fields import Schema
from capsync.kind import Kind
from capsync.model import Address

Edges = Mapping[Address, frozenset[Address]]
_NONE: frozenset[Address] = frozenset()


def kind_references(schema: Schema) -> set[str]:
    """The kinds that a schema's references and map keys name."""
    found = set(schema.get("x-ref", {}).get("kinds", ()))
    if note := schema.get("x-ref-keys"):
        found.add(note["kind"])
    inner = [*schema.get("properties", {}).values(), schema.get("items")]
    inner.append(schema.get("additionalProperties"))
    inner.extend(arm.get("then") for arm in schema.get("allOf", ()))
    for each in inner:
        if isinstance(each, dict):
            found |= kind_references(each)
    return found


def kinds_in_order(kinds: Iterable[Kind]) -> list[Kind]:
    """The kinds, those referred to first; circles between kinds are cut at the later name."""
    named = {kind.name: kind for kind in kinds}
    ordered: list[Kind] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        kind = named[name]
        for other in sorted(kind_references(kind.schema) | set(kind.after)):
            if other in named:
                visit(other)
        ordered.append(kind)

    for name in sorted(named):
        visit(name)
    return ordered


def cut_circles(needs: Edges, deferred: Edges) -> dict[Address, frozenset[Address]]:
    """The edges to respect: circles are cut at references that a second write may close.

    Raises PlanBlocked for a circle without such a reference.
    """
    edges = {address: set(others) for address, others in needs.items() if others}
    while True:
        try:
            TopologicalSorter(edges).prepare()
        except CycleError as error:
            _cut_one(edges, deferred, error.args[1])
        else:
            return {address: frozenset(edges.get(address, ())) for address in needs}


def _cut_one(edges: dict[Address, set[Address]], deferred: Edges, circle: list[Address]) -> None:
    # graphlib lists a circle so that each node comes directly before one that needs it.
    for needed, user in pairwise(circle):
        if needed in deferred.get(user, ()):
            edges[user].discard(needed)
            return
    shown = " -> ".join(str(address) for address in reversed(circle))
    raise PlanBlocked(f"circular references: {shown}")


def in_order(addresses: Iterable[Address], needs: Edges) -> list[Address]:
    """The addresses, each after what it needs, alphabetical where there is a choice."""
    wanted = set(addresses)
    edges = {address: found for address in wanted if (found := needs.get(address, _NONE) & wanted)}
    graph = TopologicalSorter(edges)
    graph.prepare()
    alone = wanted - edges.keys() - set[Address]().union(*edges.values())
    ordered: list[Address] = []
    while alone or graph.is_active():
        linked = graph.get_ready()
        ordered += sorted((*linked, *alone))
        graph.done(*linked)
        alone = set()
    return ordered
