"""Waivers of capsync.yaml: they are about resources and fields that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from capsync.config import Waiver
from capsync.kind import Kind
from capsync.manifests import Project
from capsync.model import Problem
from capsync.schema.explain import nearest
from capsync.validate.metapaths import path_fault

_GLOB = re.compile(r"[*?\[]")
_ID = re.compile(r"\d+|[0-9a-f]{24}")  # what objects without a manifest are called in audits


def check_waivers(project: Project, kinds: Mapping[str, Kind]) -> Iterator[Problem]:
    """Warnings of waivers that can waive nothing."""
    for waiver in project.environment.waivers:
        if fault := _fault(waiver, project, kinds):
            message, hint = fault
            yield Problem(waiver.where, message, "", hint, "warning", "waiver")


def _fault(waiver: Waiver, project: Project, kinds: Mapping[str, Kind]) -> tuple[str, str] | None:
    about = [each for each in project.by_address if fnmatchcase(str(each), waiver.address)]
    kind, _, name = waiver.address.partition("/")
    if not about:
        if kind in kinds and _ID.fullmatch(name):
            return None  # an object that no manifest declares
        near = nearest(waiver.address, map(str, project.by_address))
        hint = f"did you mean {near}?" if near else "Kind/name, or a glob of it"
        return f"the waiver for {waiver.address} is about no resource of this project", hint
    if not waiver.path or _GLOB.search(waiver.path):
        return None
    faults = [path_fault(kinds[each.kind].schema, waiver.path) for each in about]
    return faults[0] if all(faults) else None
