"""Which resources of a project refer to which: the graph that `capsync graph` draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from capsync.kind import Kind
from capsync.manifests import Project
from capsync.model import Address
from capsync.validate.links import Links
from capsync.values.references import references


@dataclass(frozen=True, slots=True)
class Graph:
    """Resources and what they need: an edge goes from a resource to one that it refers to.

    `marks` says of some resources what happens to them (an action), for colour.
    """

    nodes: tuple[Address, ...]
    edges: tuple[tuple[Address, Address], ...]
    marks: Mapping[Address, str]


def dependency_graph(project: Project, kinds: Mapping[str, Kind]) -> Graph:
    """Every resource of the project with its references inside the project."""
    links = Links(project, kinds)
    for resource in project.resources:
        kind = kinds.get(resource.address.kind)
        if kind is None:
            continue
        for reference in references(kind.schema, resource.spec):
            for _complaint in links.check(resource.address, reference):
                pass  # validation has told it; a reference that is right became an edge
    nodes = tuple(sorted(resource.address for resource in project.resources))
    edges = {(edge.source, edge.target) for edge in links.edges}
    return Graph(nodes, tuple(sorted(edges)), {})
