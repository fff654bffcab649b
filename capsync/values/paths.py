"""Paths as users write them (`benefits[].points`, `targets[Run 5].defaultValues`) inside values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from capsync.fields import Schema
from capsync.model import Key, Path, path_text
from capsync.values.forms import Form, form_of
from capsync.values.normalise import item_key, pair_key

Json = Any

# A step: a member name, [key] or [0] or [], or ["quoted.name"].
_STEP = re.compile(r'\.?([^.\[\]]+)|\["((?:[^"\\]|\\.)*)"\]|\[([^\]]*)\]')


class Pick(str):
    """A step that picks items of a list: "" every item, else a key or place."""

    __slots__ = ()


def parse_path(text: str) -> tuple[str, ...]:
    """The steps of a written path, list steps as Picks; ValueError where it is malformed."""
    steps: list[str] = []
    position = 0
    while position < len(text):
        matched = _STEP.match(text, position)
        if matched is None or matched.end() == position:
            raise ValueError(f"malformed path {text!r}")
        name, quoted, pick = matched.groups()
        if pick is not None:
            steps.append(Pick(pick))
        else:
            steps.append(name if name is not None else re.sub(r"\\(.)", r"\1", quoted))
        position = matched.end()
    return tuple(steps)


def without(schema: Schema, value: Json, steps: Sequence[str]) -> Json:
    """The value with what the steps pick taken out; untouched parts are shared, not copied."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, Pick):
        return _without_items(schema, value, step, rest)
    if not isinstance(value, dict) or step not in value:
        return value
    if not rest:
        return {name: inner for name, inner in value.items() if name != step}
    inner_schema = schema.get("properties", {}).get(step, {})
    return {**value, step: without(inner_schema, value[step], rest)}


def _without_items(schema: Schema, value: Json, step: Pick, rest: Sequence[str]) -> Json:
    if not isinstance(value, list):
        return value
    item = schema.get("items", {})
    kept = []
    for place, each in enumerate(value):
        if not picks(schema, step, place, each):
            kept.append(each)
        elif rest:
            kept.append(without(item, each, rest))
    return kept


def picks(schema: Schema, step: Pick, place: int, item: Json) -> bool:
    """Whether a list step picks the item at that place."""
    if step == "":
        return True
    if keys := schema.get("x-key"):
        key = "/".join(item_key(item, keys))
        return key == step or (bool(schema.get("x-caseless")) and key.casefold() == step.casefold())
    return step == str(place)


def grafted(schema: Schema, desired: Json, live: Json, steps: Sequence[str]) -> Json:
    """Desired with the live values at the steps put in, inside lists that are written whole."""
    if not steps or live is None:
        return desired
    step, rest = steps[0], steps[1:]
    if isinstance(step, Pick):
        return _grafted_items(schema, desired, live, step, rest)
    if not isinstance(desired, dict) or not isinstance(live, dict) or step not in live:
        return desired
    if not rest:
        return {**desired, step: live[step]}
    if step not in desired:
        return desired
    inner = schema.get("properties", {}).get(step, {})
    return {**desired, step: grafted(inner, desired[step], live[step], rest)}


def _grafted_items(
    schema: Schema, desired: Json, live: Json, step: Pick, rest: Sequence[str]
) -> Json:
    if not isinstance(desired, list) or not isinstance(live, list) or not rest:
        return desired
    keyed, item = "x-key" in schema, schema.get("items", {})
    paired: dict[Any, Json] = (
        {pair_key(schema, each): each for each in live} if keyed else dict(enumerate(live))
    )
    result = []
    for place, each in enumerate(desired):
        have = paired.get(pair_key(schema, each) if keyed else place)
        picked = have is not None and picks(schema, step, place, each)
        result.append(grafted(item, each, have, rest) if picked else each)
    return result


def below(path: Path, steps: Sequence[str]) -> bool:
    """Whether a path lies at or below what the steps pick."""
    if len(path) < len(steps):
        return False
    return all(
        step in ("", str(part)) if isinstance(step, Pick) else step == part
        for step, part in zip(steps, path, strict=False)
    )


def hidden_values(
    schema: Schema, value: Json, path: Path = ()
) -> Iterator[tuple[Path, Json, bool]]:
    """Write-only parts of a desired value that can not be compared: path, value, is it a secret."""
    yield from _hidden(form_of(schema), value, path)


def _hidden(form: Form, value: Json, path: Path) -> Iterator[tuple[Path, Json, bool]]:
    schema = form.schema
    if schema.get("writeOnly"):
        yield path, value, bool(schema.get("x-secret"))
    elif isinstance(value, dict):
        for name in form.members_that("hides", value):
            yield from _hidden(form.part(name), value[name], (*path, name))
    elif isinstance(value, list) and form.item.hides:
        keys = schema.get("x-key")
        for place, inner in enumerate(value):
            step = Key("/".join(item_key(inner, keys))) if keys else place
            yield from _hidden(form.item, inner, (*path, step))


def shown(path: Path) -> str:
    """The path as people write it."""
    return path_text(path) or "spec"
