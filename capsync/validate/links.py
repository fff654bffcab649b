"""References between resources: what they name is there, fits, and closes no circle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from capsync.kind import Kind
from capsync.manifests import Project
from capsync.model import Address, Path
from capsync.schema.explain import Complaint, nearest
from capsync.values.references import Reference, find_child


@dataclass(frozen=True, slots=True)
class Edge:
    """One reference of a resource to another."""

    source: Address
    path: Path
    target: Address


class Links:
    """The references of a project. Complaints come from `check`, circles from `circles`."""

    def __init__(self, project: Project, kinds: Mapping[str, Kind]) -> None:
        self.project, self.kinds = project, kinds
        self.edges: list[Edge] = []
        self._by_member: dict[tuple[str, str], dict[str, Address]] = {}
        self._by_name: dict[str, list[Address]] = defaultdict(list)
        for address in project.origins:
            self._by_name[address.name].append(address)

    def check(self, source: Address, reference: Reference) -> Iterator[Complaint]:
        """What is wrong with a reference; one that is right becomes an edge."""
        if fault := self._kind_fault(reference):
            yield _complaint(reference, *fault, "wrong-kind")
        elif not reference.is_lookup:
            yield from self._check_target(source, reference)

    def check_key(self, source: Address, reference: Reference) -> Iterator[Complaint]:
        """A map key that names a managed resource is an edge; other keys are raw values."""
        if (index := self._by_member.get((reference.kind, reference.by))) is None:
            index = self._by_member[reference.kind, reference.by] = {
                str(each.spec[reference.by]): each.address
                for each in self.project.resources
                if each.address.kind == reference.kind and reference.by in each.spec
            }
        if (target := index.get(str(reference.key))) is not None:
            self.edges.append(Edge(source, reference.path, target))
            flag = reference.lasting
            if flag and self.project.by_address[target].spec.get(flag) is True:
                message = f"can not be emptied: {target} is {flag}, and its default would come back"
                yield _complaint(reference, message, "write a value, or leave it out", "lasting")

    def _kind_fault(self, reference: Reference) -> tuple[str, str] | None:
        if not reference.kind:
            return self._kindless_fault(reference)
        if reference.kinds and reference.kind not in reference.kinds:
            near = nearest(reference.kind, reference.kinds)
            hint = f"did you mean {near}?" if near else f"it holds a {' or '.join(reference.kinds)}"
            return f"a {reference.kind} does not fit here", hint
        if reference.kind not in self.kinds:
            near = nearest(reference.kind, self.kinds)
            return f"{reference.kind} is no kind", f"did you mean {near}?" if near else ""
        return None

    def _kindless_fault(self, reference: Reference) -> tuple[str, str] | None:
        if not reference.is_lookup:
            fits = self._fitting(reference)
            hint = f"write {{ref: ADDRESS}}: {', '.join(map(str, fits))}"
            return ("several resources fit", hint) if len(fits) > 1 else None
        if not reference.kinds:
            return "a look-up here must say of which kind", "write {lookup: {kind: KIND, ...}}"
        # Of several kinds that fit, all are searched.
        missing = [each for each in reference.kinds if each not in self.kinds]
        if missing:
            return f"{' or '.join(missing)} can not be looked up", "write the raw value"
        return None

    def _fitting(self, reference: Reference) -> list[Address]:
        if reference.kind:
            address = Address(reference.kind, reference.name)
            return [address] if address in self.project.origins else []
        named = self._by_name.get(reference.name, [])
        return [each for each in named if not reference.kinds or each.kind in reference.kinds]

    def _check_target(self, source: Address, reference: Reference) -> Iterator[Complaint]:
        fits = self._fitting(reference)
        if not fits:
            if self.project.is_complete:  # else it may be in a file that could not be read
                yield _complaint(reference, *self._dangling(reference), "dangling-reference")
            return
        if not reference.deferred:
            self.edges.append(Edge(source, reference.path, fits[0]))
        if reference.serving:
            yield from self._check_service(reference, fits[0])
        if reference.child:
            yield from self._check_child(reference, fits[0])

    def _check_service(self, reference: Reference, target: Address) -> Iterator[Complaint]:
        """A link that does not last, since the manifest of its target puts that out of service."""
        resource, kind = self.project.by_address.get(target), self.kinds.get(target.kind)
        if resource is None or kind is None or (flag := kind.service) is None:
            return
        if resource.spec.get(flag.field, flag.on) != flag.on:
            message = f"{target} is put out of service, and the service drops links to it"
            hint = f"take the reference out, or {flag.field} of {target}"
            yield _complaint(reference, message, hint, "out-of-service")

    def _dangling(self, reference: Reference) -> tuple[str, str]:
        message = f"there is no {reference.kind or ' or '.join(reference.kinds)} {reference.name}"
        kinds = [reference.kind] if reference.kind else list(reference.kinds)
        if kinds and all(self.kinds[each].reference_only for each in kinds if each in self.kinds):
            return f"{message}: it can not be managed", "use {lookup: KEY}"
        same_kind = [each.name for each in self.project.origins if not kinds or each.kind in kinds]
        if near := nearest(reference.name, same_kind):
            return f"{message} in this project", f"did you mean {near}?"
        if elsewhere := self._by_name.get(reference.name):
            return f"{message} in this project", f"there is {elsewhere[0]}"
        return f"{message} in this project", "declare it, or use {lookup: KEY} for a live object"

    def _check_child(self, reference: Reference, target: Address) -> Iterator[Complaint]:
        resource = self.project.by_address.get(target)
        kind = self.kinds.get(target.kind)
        if resource is None or kind is None:
            return
        if find_child(resource.spec, reference.child, kind.schema) is None:
            message = f"{target} has no child {reference.child}"
            hint = "write the list and the item's key: targets[Run 5]"
            yield _complaint(reference, message, hint, "dangling-reference")

    def circles(self) -> Iterator[tuple[Edge, str]]:
        """Each circle of references that can not be created in any order, at one of its edges."""
        following: dict[Address, dict[Address, Edge]] = defaultdict(dict)
        for edge in self.edges:
            following[edge.source].setdefault(edge.target, edge)
        while circle := _find_circle(following):
            edges = [following[a][b] for a, b in pairwise(circle)]
            yield edges[0], " -> ".join(map(str, circle))
            for address in circle:
                following.pop(address, None)


def _complaint(reference: Reference, message: str, hint: str, rule: str) -> Complaint:
    return Complaint(reference.path, message, hint, rule)


def _find_circle(following: Mapping[Address, Mapping[Address, Edge]]) -> Sequence[Address]:
    """A circle, its first address again at the end; empty where there is none."""
    leading = {address: set(targets) for address, targets in following.items()}
    while True:
        ends = {address for address, targets in leading.items() if not targets & leading.keys()}
        if not ends:
            break
        leading = {address: each for address, each in leading.items() if address not in ends}
    if not leading:
        return ()
    walk = [min(leading)]
    while True:
        after = min(target for target in leading[walk[-1]] if target in leading)
        if after in walk:
            return [*walk[walk.index(after) :], after]
        walk.append(after)
