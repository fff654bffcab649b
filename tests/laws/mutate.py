"""Other values for a field, derived from its schema: the most harmless ones first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from capsync import jsonio
from capsync.fields import Schema
from capsync.values.instants import parse_instant
from capsync.values.normalise import canonical
from capsync.values.references import is_reference
from tests.laws.fields import ABSENT

Json = Any
Targets = Mapping[str, Sequence[str]]
"""Kind -> local names of the resources that a reference may name instead."""

_SAMPLE_TEXTS = ("Harbour lights", "harbour-7", "7", "https://law.example/a", "09:30", "true")
_MOST = 12  # candidates of one value that are worth a try


def candidates(schema: Schema, value: Json, targets: Targets) -> list[Json]:
    """Values that mean something else than the given one, ABSENT standing for none."""
    if "x-json" in schema and isinstance(value, str):
        return _json_texts(schema, value, targets)
    found: list[Json] = []
    before = _meaning(schema, None if value is ABSENT else value)
    for other in _others(schema, value, targets):
        if _meaning(schema, other) != before and other not in found:
            found.append(other)
        if len(found) == _MOST:
            break
    return found


def _meaning(schema: Schema, value: Json) -> Json:
    """The canonical form, an unwritten field counting as its default."""
    if value is None and "default" in schema:
        value = schema["default"]
    if is_reference(value):
        return value
    return canonical(schema, value)


def _json_texts(schema: Schema, text: str, targets: Targets) -> list[Json]:
    try:
        value = jsonio.loads(text)
    except ValueError:
        return []
    inner = {name: note for name, note in schema.items() if name != "x-json"}
    return [jsonio.dumps(each).decode() for each in candidates(inner, value, targets)]


def _others(schema: Schema, value: Json, targets: Targets) -> Iterator[Json]:
    if "x-ref" in schema and not isinstance(value, list):
        yield from _other_references(schema, value, targets)
    if is_reference(value):
        return
    if "x-instant" in schema:
        yield from _other_moments(value)
    elif "enum" in schema:
        yield from (each for each in schema["enum"] if each is not None)
    elif isinstance(value, Mapping):
        yield from _other_objects(schema, value, targets)
    elif isinstance(value, list):
        yield from _other_lists(schema, value, targets)
    elif value is ABSENT or value is None:
        yield from samples(schema, targets)
    else:
        yield from _other_scalars(schema, value)


def _other_references(schema: Schema, value: Json, targets: Targets) -> Iterator[Json]:
    kinds = schema["x-ref"]["kinds"]
    for kind in kinds:
        for name in targets.get(kind, ()):
            yield {"ref": name if len(kinds) == 1 else f"{kind}/{name}"}
    del value


def _other_moments(value: Json) -> Iterator[Json]:
    moment = None if value is ABSENT else parse_instant(value)
    base = moment or datetime(2027, 6, 1, tzinfo=UTC)
    for days in (3, -3, 40, -40, 400):
        yield (base + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _other_scalars(schema: Schema, value: Json) -> Iterator[Json]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield from _in_range(schema, [value + 1, value - 1, value * 2, value + 10, value / 2, 0, 1])
    else:
        yield from _other_texts(schema, str(value))


def _in_range(schema: Schema, numbers: Iterable[float]) -> Iterator[Json]:
    low, high = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))
    whole = schema.get("type") == "integer"
    for number in numbers:
        if low <= number <= high and (not whole or float(number).is_integer()):
            yield int(number) if float(number).is_integer() else number


def _other_texts(schema: Schema, text: str) -> Iterator[str]:
    longest = schema.get("maxLength", 10_000)
    if text.lstrip("-").isdigit():
        yield from (str(int(text) + step) for step in (1, -1))
    if text in ("true", "false"):
        yield "false" if text == "true" else "true"
    if parse_instant(text) and not text.isdigit():
        yield from _other_moments(text)
    if matched := re.search(r"\d(?=\D*$)", text):
        yield f"{text[: matched.start()]}{(int(matched[0]) + 1) % 10}{text[matched.end() :]}"
    for other in (f"{text} II", f"{text}x", f"x{text}", f"{text[:-1]}z", text[:-1], text[1:]):
        if other and len(other) <= longest:
            yield other
    yield from _SAMPLE_TEXTS


def _other_objects(schema: Schema, value: Mapping[str, Json], targets: Targets) -> Iterator[Json]:
    """The object with one member changed, else with one more or one less."""
    properties = schema.get("properties", {})
    extra = schema.get("additionalProperties", True)
    open_schema = extra if isinstance(extra, dict) else {}
    for name, each in value.items():
        inner = properties.get(name, open_schema)
        if not inner.get("readOnly"):
            for other in candidates(inner, each, targets)[:3]:
                yield {**value, name: other}
    for name, inner in properties.items():
        if name not in value and not inner.get("readOnly"):
            for other in samples(inner, targets):
                yield {**value, name: other}
                break
    if not properties:
        for other in samples(open_schema, targets):
            yield {**value, "law": other}
            break


def _other_lists(schema: Schema, value: list[Json], targets: Targets) -> Iterator[Json]:
    """The list with its first item changed, with one more, with one less."""
    item = schema.get("items", {})
    keys = schema.get("x-key", ())
    for place, each in enumerate(value):
        for other in candidates(item, each, targets)[:6]:
            same_item = not keys or all(_part(other, key) == _part(each, key) for key in keys)
            if same_item:
                yield [*value[:place], other, *value[place + 1 :]]
        if place:
            break
    for more in samples(item, targets):
        if more not in value:
            yield [*value, more]
            break
    yield value[:-1]


def _part(item: Json, key: str) -> Json:
    return item.get(key) if isinstance(item, Mapping) else item


def samples(schema: Schema, targets: Targets) -> Iterator[Json]:
    """Values that a field of that declaration may have."""
    if "x-ref" in schema:
        yield from (references := list(_other_references(schema, ABSENT, targets)))
        if references:
            return
    if "x-instant" in schema:
        yield from _other_moments(ABSENT)
        return
    if "enum" in schema:
        yield from (each for each in schema["enum"] if each is not None)
        return
    types = schema.get("type", "string")
    for type_ in types if isinstance(types, list) else [types]:
        yield from _SAMPLES.get(type_, _none)(schema, targets)


def _none(_schema: Schema, _targets: Targets) -> Iterator[Json]:
    return iter(())


def _booleans(_schema: Schema, _targets: Targets) -> Iterator[Json]:
    yield from (True, False)


def _numbers(schema: Schema, _targets: Targets) -> Iterator[Json]:
    low = schema.get("minimum", 1)
    yield from _in_range(schema, [low + 1, low, 1, 2, 7, 30])


def _texts(schema: Schema, _targets: Targets) -> Iterator[Json]:
    longest, shortest = schema.get("maxLength", 10_000), schema.get("minLength", 0)
    for text in (*_SAMPLE_TEXTS, "a" * max(shortest, 1)):
        if shortest <= len(text) <= longest:
            yield text


def _lists(schema: Schema, targets: Targets) -> Iterator[Json]:
    for item in samples(schema.get("items", {}), targets):
        yield [item]


def _objects(schema: Schema, targets: Targets) -> Iterator[Json]:
    """Objects with what is required, tagged shapes arm by arm."""
    properties: Mapping[str, Schema] = schema.get("properties", {})
    if not properties:
        extra = schema.get("additionalProperties", True)
        for value in samples(extra if isinstance(extra, dict) else {}, targets):
            yield {"law": value}
        return
    required = list(schema.get("required", ())) or list(properties)[:1]
    base = {name: _first(properties[name], targets) for name in required if name in properties}
    yield _filled(schema, base, targets)
    for name in required:
        for other in properties.get(name, {}).get("enum", ())[1:]:
            yield _filled(schema, {**base, name: other}, targets)


def _filled(schema: Schema, value: dict[str, Json], targets: Targets) -> dict[str, Json]:
    """The object with what the arms of `allOf` demand beside its tag."""
    for arm in schema.get("allOf", ()):
        tags = arm.get("if", {}).get("properties", {})
        if all(value.get(tag) in test.get("enum", ()) for tag, test in tags.items()):
            for name in arm.get("then", {}).get("required", ()):
                inner = schema.get("properties", {}).get(name, {})
                value = {name: _first(inner, targets), **value}
    return value


def _first(schema: Schema, targets: Targets) -> Json:
    return next(iter(samples(schema, targets)), None)


_SAMPLES = {
    "boolean": _booleans,
    "integer": _numbers,
    "number": _numbers,
    "string": _texts,
    "array": _lists,
    "object": _objects,
}
