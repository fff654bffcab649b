"""The cases of the laws: documented create bodies, and hand-written specs where those are few."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from capsync.kind import Kind
from capsync.kinds import KINDS
from capsync.values.normalise import canonical
from capsync.values.references import map_key_references, references
from capsync.yamlio.reader import parse
from tests.laws.bodies import documented_bodies, refusal
from tests.laws.edits import place_of, put
from tests.projects import manifest

Json = Any
Manifest = dict[str, Json]

SPECS = Path(__file__).parent / "specs"


@dataclass(frozen=True, slots=True)
class Case:
    """Resources of one kind, with what has to stand in the project beside them.

    `is_first`: fields that it does not write are tried on it too. `refused` are the codes with
    which the API's documented answer refuses it, in the org of that example.
    """

    kind: str
    name: str
    own: tuple[Manifest, ...]
    needs: tuple[Manifest, ...] = ()
    documented: bool = False
    is_first: bool = False
    refused: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}-{self.name}"

    @property
    def manifests(self) -> list[Manifest]:
        """All manifests of the case's project."""
        return [*self.needs, *self.own]

    @property
    def kinds(self) -> list[str]:
        """The kinds of its resources, sorted."""
        return sorted({each["kind"] for each in self.manifests})

    def changed(self, place: int, spec: Mapping[str, Json]) -> list[Manifest]:
        """All manifests, with another spec for the own resource at that place."""
        own = [
            each if at != place else {**each, "spec": dict(spec)}
            for at, each in enumerate(self.own)
        ]
        return [*self.needs, *own]


def managed_kinds() -> list[str]:
    """The kinds that manifests may have."""
    return sorted(name for name, kind in KINDS.items() if not kind.reference_only)


@cache
def all_cases() -> tuple[Case, ...]:
    """Every case of every kind; hand-written ones first."""
    found: list[Case] = []
    for name in managed_kinds():
        own = [*_written(name), *(each for each in _documented(name) if not each.refused)]
        found += [replace(case, is_first=place == 0) for place, case in enumerate(own)]
    return tuple(found)


def refused_cases() -> list[Case]:
    """Documented bodies that are as `validate` wants them, but that the API refused in its org."""
    return [each for name in managed_kinds() for each in _documented(name) if each.refused]


def cases_of(kind: str) -> list[Case]:
    """The cases of one kind."""
    return [case for case in all_cases() if case.kind == kind]


@cache
def _book(kind: str) -> Mapping[str, Json]:
    """The hand-written file of a kind: `needs` and `examples` (for documented bodies), `cases`."""
    path = SPECS / f"{kind}.yaml"
    if not path.exists():
        return {}
    parsed = parse(path.read_bytes(), path.name)
    assert not parsed.problems, parsed.problems
    [book] = parsed.documents
    return dict(book)


def _written(kind: str) -> Iterator[Case]:
    for entry in _book(kind).get("cases", ()):
        specs = entry.get("specs") or [entry["spec"]]
        own = [
            manifest(kind, _local(entry["name"], place), spec, **entry.get("metadata", {}))
            for place, spec in enumerate(specs)
        ]
        yield Case(kind, entry["name"], tuple(own), tuple(_needs(entry)))


def _documented(kind: str) -> Iterator[Case]:
    book = _book(kind)
    for body in documented_bodies():
        if body.kind != kind or (body.left_out and not body.is_refused):
            continue
        changes = {**book.get("examples", {}).get("*", {})}
        changes |= book.get("examples", {}).get(body.name, {})
        specs = [_adapted(KINDS[kind], spec, changes) for spec in body.specs]
        meta = book.get("metadata", {})
        own = [
            manifest(kind, _local("documented", place), spec, **meta)
            for place, spec in enumerate(_told_apart(KINDS[kind], specs))
        ]
        used = _used([*own], list(_needs(book)))
        yield Case(kind, body.name, tuple(own), tuple(used), documented=True, refused=body.refused)


def _local(name: str, place: int) -> str:
    return name if place == 0 else f"{name}-{place}"


def _needs(entry: Mapping[str, Json]) -> Iterator[Manifest]:
    for each in entry.get("needs", ()):
        yield manifest(each["kind"], each["name"], each["spec"], **each.get("metadata", {}))


def _used(manifests: list[Manifest], offered: list[Manifest]) -> list[Manifest]:
    """Those of the offered manifests that the others refer to, and what these refer to."""
    own = [each for each in offered if any(_names(user, each) for user in manifests)]
    rest = [each for each in offered if each not in own]
    return [*_used(own, rest), *own] if own else []


def _names(user: Manifest, other: Manifest) -> bool:
    """Whether a manifest refers to another one, by a reference or by the key of a map."""
    schema, kind = KINDS[user["kind"]].schema, other["kind"]
    return any(
        kind in ([each.kind] if each.kind else each.kinds)
        and each.name == other["metadata"]["name"]
        for each in references(schema, user["spec"])
        if not each.is_lookup
    ) or any(
        kind == each.kind and other["spec"].get(each.by) == each.key
        for each in map_key_references(schema, user["spec"])
    )


def _adapted(kind: Kind, spec: Mapping[str, Json], changes: Mapping[str, Json]) -> dict[str, Json]:
    """A documented body with values in place of ids that only its own org knows.

    Only what the body holds is replaced, so that one table serves all bodies of a kind.
    """
    adapted: dict[str, Json] = copy.deepcopy(dict(spec))
    for path, value in changes.items():
        place = place_of(path)
        if _holds(adapted, place):
            adapted = put(adapted, place, value)
    return adapted


def _holds(value: Json, place: tuple[str | int, ...]) -> bool:
    for step in place:
        if isinstance(step, int):
            if not isinstance(value, list) or len(value) <= step:
                return False
        elif not isinstance(value, Mapping) or step not in value:
            return False
        value = value[step]
    return True


def _told_apart(kind: Kind, specs: list[dict[str, Json]]) -> Iterator[dict[str, Json]]:
    """The specs, with other natural keys where an array body repeats one."""
    seen: set[tuple[str, ...]] = set()
    for place, spec in enumerate(specs):
        for key in kind.keys:
            parts = key.of(canonical(kind.schema, spec))
            if parts is None:
                continue
            if parts in seen:
                name = key.label.split(" + ")[-1]
                spec = {**spec, name: f"{spec[name]} {place}"}
            seen.add(parts)
            break
        yield spec


__all__ = ["Case", "Manifest", "all_cases", "cases_of", "managed_kinds", "refusal"]
