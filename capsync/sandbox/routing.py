"""Which handler answers a call: routes of every family module, found by method and path."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from urllib.parse import unquote

from capsync.sandbox.web import Route, Routes

# Front ends: they answer no calls, and bring in HTTP libraries that the app does without.
_FRONT_ENDS = frozenset({"inprocess", "serve"})


@dataclass(frozen=True, slots=True)
class Match:
    """A route and what its template's parameters stand for."""

    route: Route
    params: dict[str, str]


class Router:
    """Routes grouped by method and number of path segments; literal segments beat parameters."""

    def __init__(self, routes: list[Route]) -> None:
        self._groups: dict[tuple[str, int], list[Route]] = {}
        for route in sorted(routes, key=_literal_first):
            group = (route.method, route.template.count("/"))
            self._groups.setdefault(group, []).append(route)

    def find(self, method: str, path: str) -> Match | None:
        """The route of a path as it was sent, percent-encoding included; None where unknown."""
        for route in self._groups.get((method, path.count("/")), ()):
            found = route.pattern.fullmatch(path)
            if found:
                return Match(route, {k: unquote(v) for k, v in found.groupdict().items()})
        return None

    def verbs(self, path: str) -> list[str]:
        """The methods that the path knows, sorted."""
        return sorted({verb for verb, _ in self._groups if self.find(verb, path)})


def family_modules() -> Iterator[ModuleType]:
    """Every module of the sandbox that answers calls or seeds data."""
    package = import_module("capsync.sandbox")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name not in _FRONT_ENDS:
            yield import_module(f"{package.__name__}.{module.name}")


def family_routes() -> list[Route]:
    """The routes of every family module, duplicates refused."""
    found: dict[tuple[str, str], Route] = {}
    for collected in _collections():
        for route in collected:
            known = found.setdefault((route.method, route.template), route)
            if known is not route:
                raise ValueError(f"two handlers for {route.method} {route.template}")
    return list(found.values())


def _collections() -> Iterator[Routes]:
    # A family split over modules shares one Routes: count it once.
    seen: set[int] = set()
    for module in family_modules():
        routes = getattr(module, "routes", None)
        if isinstance(routes, Routes) and id(routes) not in seen:
            seen.add(id(routes))
            yield routes


def _literal_first(route: Route) -> tuple[bool, ...]:
    return tuple("{" in part for part in route.template.split("/"))
