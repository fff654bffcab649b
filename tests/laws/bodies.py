"""Documented create bodies as specs: which call they belong to, what is wrapped around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from capsync.kind import Kind, Route
from capsync.kinds import KINDS
from capsync.validate.specs import SpecCheck
from tests.sandbox.acceptance import EXAMPLES, Example, load

Json = Any

# What the environment supplies: no part of a spec (contract, section 1).
_SUPPLIED = ("brandId", "orgId")
_BY_API = "the API refuses it"


@dataclass(frozen=True, slots=True)
class Body:
    """One documented body of a kind's create call: `specs` are the items of an array body.

    `left_out` says why the laws can not run over it; "" where they do. `refused` are the codes with
    which the documented answer refuses it.
    """

    kind: str
    name: str
    specs: tuple[dict[str, Json], ...] = ()
    left_out: str = ""
    refused: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether nothing but the API itself refuses it."""
        return self.left_out.startswith(_BY_API)


@cache
def documented_bodies() -> tuple[Body, ...]:
    """Every documented body of every kind's create call, by kind and file name."""
    routes = [
        (kind, route.method, _pattern(route.path))
        for kind in KINDS.values()
        for route in _create_routes(kind)
    ]
    found = [
        _body(kind, example)
        for family in sorted(each.name for each in EXAMPLES.iterdir() if each.is_dir())
        for example in load(family)
        for kind, method, pattern in routes
        if example.method == method and pattern.fullmatch(example.path)
    ]
    return tuple(sorted(found, key=lambda body: (body.kind, body.name)))


def _create_routes(kind: Kind) -> list[Route]:
    """The call that creates; for what is always there, the one that sets it."""
    route = kind.create or (kind.update if not kind.reference_only else None)
    return [route] if route is not None else []


def _pattern(template: str) -> re.Pattern[str]:
    literal = re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", literal))


def _body(kind: Kind, example: Example) -> Body:
    refused = tuple(_refusals(example))
    if example.body is None:
        return Body(kind.name, example.name, left_out="shows no body", refused=refused)
    items = [_without_supplied(kind, item) for item in _items(kind, example.body)]
    specs = tuple(_as_map(kind, items))
    if not specs:
        return Body(kind.name, example.name, left_out="holds no object", refused=refused)
    why = next((why for spec in specs if (why := refusal(kind, spec))), "")
    if why and example.raw.get("partial"):
        why = f"is a fragment: {why}"
    elif why:
        why = f"validate refuses it: {why}"
    elif refused:
        why = f"{_BY_API}: {', '.join(refused)}"
    return Body(kind.name, example.name, specs, why, refused)


def _refusals(example: Example) -> Iterator[str]:
    """The codes of a documented answer that is a refusal, of single items too."""
    answer = example.answer
    if isinstance(answer, Mapping):
        for error in answer.get("errors") or ():
            if error.get("code"):
                yield str(error["code"])
    for item in [answer, *answer] if isinstance(answer, list) else [answer]:
        status = item.get("status") if isinstance(item, Mapping) else None
        if isinstance(status, Mapping) and status.get("success") is False:
            yield str(status.get("code"))
    if (example.status or 200) >= 400:
        yield f"HTTP {example.status}"


def _items(kind: Kind, body: Json) -> Iterator[dict[str, Json]]:
    """The objects of a body: wrappers are members that are no field of the kind."""
    if isinstance(body, list):
        for each in body:
            yield from _items(kind, each)
    elif isinstance(body, Mapping):
        names = [name for name in body if name not in _SUPPLIED]
        if len(names) == 1 and names[0] not in kind.fields and _is_structure(body[names[0]]):
            yield from _items(kind, body[names[0]])
        elif names:
            yield dict(body)


def _as_map(kind: Kind, items: list[dict[str, Json]]) -> Iterator[dict[str, Json]]:
    """Lists of names and values are the map that a spec holds (settings of an org)."""
    pairs = [list(item.values()) for item in items]
    is_map = kind.singleton and not any(name in kind.fields for item in items for name in item)
    if is_map and all(len(pair) == 2 for pair in pairs):
        yield {str(name): value for name, value in pairs}
    else:
        yield from items


def _is_structure(value: Json) -> bool:
    return isinstance(value, (Mapping, list))


def _without_supplied(kind: Kind, spec: Mapping[str, Json]) -> dict[str, Json]:
    return {
        name: value for name, value in spec.items() if name not in _SUPPLIED or name in kind.fields
    }


@cache
def _check_of(kind: str) -> SpecCheck:
    return SpecCheck(KINDS[kind])


def refusal(kind: Kind, spec: Mapping[str, Json]) -> str:
    """What `validate` says against a spec that stands alone, "" where it takes it."""
    complaints, _found = _check_of(kind.name).check(spec, lambda _path: False)
    errors = [each for each in complaints if each.severity == "error"]
    return "; ".join(f"{'.'.join(map(str, each.path))} {each.message}" for each in errors[:2])
