"""Checks a whole project: each spec, then what they are to each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from capsync.fields import Schema
from capsync.garbage import rarely_collected
from capsync.kind import Kind
from capsync.manifests import Project
from capsync.manifests.load import in_file_order
from capsync.model import Address, Path, Problem, Resource, path_text
from capsync.schema.explain import Complaint, nearest
from capsync.validate.links import Links
from capsync.validate.media import check_file
from capsync.validate.specs import SpecCheck, as_written, declared_below
from capsync.validate.waivers import check_waivers
from capsync.validate.watch import Found
from capsync.validate.wholes import check_together
from capsync.values.paths import below, parse_path


def validate(project: Project, kinds: Mapping[str, Kind]) -> list[Problem]:
    """Every problem of the project, those of reading it included, in file order.

    Nothing leaves the machine. Warnings are among them; see `Problem.severity`.
    """
    with rarely_collected():
        run = _Run(project, kinds)
        run.check()
    waivers = check_waivers(project, kinds)
    return in_file_order([*project.warnings, *project.problems, *run.problems, *waivers])


class _Run:
    def __init__(self, project: Project, kinds: Mapping[str, Kind]) -> None:
        self.project, self.kinds = project, kinds
        self.problems: list[Problem] = []
        self.links = Links(project, kinds)
        self._checks: dict[str, SpecCheck] = {}
        # A value whose variable is undefined is reported once, not again for its type.
        self._reported = {each.where for each in project.problems if each.rule == "variable"}

    def check(self) -> None:
        """Fill `problems`."""
        by_kind: dict[str, list[Resource]] = defaultdict(list)
        for resource in self.project.resources:
            kind = self.kinds.get(resource.address.kind)
            if kind is None or kind.reference_only:
                self._unknown_kind(resource.address)
                continue
            by_kind[kind.name].append(resource)
            self._check_one(kind, resource)
        for name, resources in by_kind.items():
            for resource, complaint in check_together(self.kinds[name], resources):
                self._add(resource.address, complaint)
        for edge, circle in self.links.circles():
            message = f"references go round in a circle: {circle}"
            hint = "make one of them a {lookup: KEY}, or drop it"
            self._add(edge.source, Complaint(edge.path, message, hint, "circle"))

    def _check_one(self, kind: Kind, resource: Resource) -> None:
        check = self._checks.get(kind.name)
        if check is None:
            check = self._checks[kind.name] = SpecCheck(kind)
        complaints, found = check.check(resource.spec, self._hidden(kind, resource))
        for complaint in complaints:
            self._add(resource.address, complaint)
        self._check_found(resource.address, found)
        for complaint in check.meta_paths.check(resource.meta):
            self._add(resource.address, complaint, in_spec=False)
        if resource.meta.publish is not None and kind.stage is None:
            message = f"a {kind.name} is in service as soon as it is made"
            hint = "leave publish out: it is for kinds that are published step by step"
            complaint = Complaint(("metadata", "publish"), message, hint, "publish")
            self._add(resource.address, complaint, in_spec=False)

    def _check_found(self, address: Address, found: Found) -> None:
        for reference in found.references:
            for complaint in self.links.check(address, reference):
                self._add(address, complaint)
        for reference in found.map_keys:
            for complaint in self.links.check_key(address, reference):
                self._add(address, complaint)
        for path, file, note in found.files:
            folder = self.project.folder_of(address, path)
            for complaint in check_file(self.project.root, folder, path, file, note):
                self._add(address, complaint)

    def _unknown_kind(self, address: Address) -> None:
        if address.kind in self.kinds:
            message = f"a {address.kind} can not be managed"
            hint = "it is there for {lookup: KEY} alone"
        else:
            known = [name for name, kind in self.kinds.items() if not kind.reference_only]
            near = nearest(address.kind, known)
            message = f"unknown kind {address.kind}"
            hint = f"did you mean {near}?" if near else "capsync kinds lists what there is"
        self._add(address, Complaint(("kind",), message, hint, "unknown-kind"), in_spec=False)

    def _add(self, address: Address, complaint: Complaint, *, in_spec: bool = True) -> None:
        if in_spec:
            resource, kind = self.project.by_address[address], self.kinds[address.kind]
            path = as_written(kind.schema, resource.spec, complaint.path)
            where = self.project.where(address, path, at_key=complaint.at_key)
        else:
            where = self.project.where_in_document(address, complaint.path)
        if where in self._reported:
            return
        self.problems.append(
            Problem(
                where,
                complaint.message,
                path_text(complaint.path),
                complaint.hint,
                complaint.severity,
                complaint.rule,
            )
        )

    def _hidden(self, kind: Kind, resource: Resource) -> Callable[[Path], bool]:
        def hidden(path: Path) -> bool:
            return (
                is_secret(kind.schema, path)
                or self.project.is_from_env(resource.address, path)
                or any(below(path, steps) for steps in _parsed(resource.meta.sensitive))
            )

        return hidden


def _parsed(paths: Iterable[str]) -> Iterable[tuple[str, ...]]:
    for text in paths:
        try:
            yield parse_path(text)
        except ValueError:  # reported where metadata is checked
            continue


def is_secret(schema: Schema, path: Path) -> bool:
    """Whether a path leads to or through a secret of the kind."""
    for step in path:
        if schema.get("x-secret"):
            return True
        schema = declared_below(schema, step)
    return bool(schema.get("x-secret"))
