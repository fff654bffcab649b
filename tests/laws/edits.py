"""Copies of specs with one place changed: places are member names and list positions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Json = Any
Place = tuple[str | int, ...]


def place_of(text: str) -> Place:
    """The place that a text like `a.b[0].c` means."""
    steps = re.findall(r"[^.\[\]]+|\[\d+\]", text)
    return tuple(int(step[1:-1]) if step[0] == "[" else step for step in steps)


def value_at(value: Json, place: Place) -> Json:
    """What stands there; raises KeyError or IndexError where nothing does."""
    for step in place:
        value = value[step]
    return value


def put(value: Json, place: Place, new: Json) -> Json:
    """The value with something else at a place; objects on the way are made."""
    if not place:
        return new
    step, rest = place[0], place[1:]
    if isinstance(step, int):
        items = list(value)
        items[step] = put(items[step], rest, new)
        return items
    members = dict(value) if isinstance(value, Mapping) else {}
    members[step] = put(members.get(step), rest, new)
    return members


def without(value: Json, place: Place) -> Json:
    """The value with nothing at a place."""
    step, rest = place[0], place[1:]
    if isinstance(step, int):
        items = list(value)
        if rest:
            items[step] = without(items[step], rest)
        else:
            del items[step]
        return items
    if rest:
        return {**value, step: without(value[step], rest)}
    return {name: each for name, each in value.items() if name != step}
