"""Specs drawn from a kind's schema, each near one that is known to work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from capsync.fields import Schema
from capsync.kind import Kind
from tests.laws.cases import Case
from tests.laws.edits import put, without
from tests.laws.fields import Site, sites

Json = Any
Strategy = st.SearchStrategy[Json]

_LETTERS = "abcXYZ 0189-_.äß漢"
_HOURS = st.sampled_from([timedelta(0), timedelta(hours=5, minutes=30), timedelta(hours=-8)])
_MOST_FIELDS = 5


@st.composite
def specs_like(draw: st.DrawFn, kind: Kind, case: Case) -> dict[str, Json]:
    """The first own spec of a case with some fields drawn anew and some left out."""
    spec: dict[str, Json] = dict(case.own[0]["spec"])
    known = [site for site in sites(kind, spec) if not site.is_key]
    changed = draw(st.lists(st.sampled_from(known), max_size=_MOST_FIELDS, unique_by=_top))
    for site in changed:
        if site.is_written and not site.required and draw(st.booleans()):
            spec = without(spec, site.place)
        elif not _refers(site.schema):
            spec = put(spec, site.place, draw(values(site.schema)))
    return spec


def _refers(schema: Schema) -> bool:
    """Whether values of that declaration name other resources, which can not be made up."""
    inner = [schema.get("items"), schema.get("additionalProperties")]
    inner += schema.get("properties", {}).values()
    return "x-ref" in schema or any(_refers(each) for each in inner if isinstance(each, dict))


def _holds_reference(schema: Json) -> bool:
    """Whether a value may name other objects: random ids would be accepted and lost."""
    if isinstance(schema, dict):
        return "x-ref" in schema or any(map(_holds_reference, schema.values()))
    return isinstance(schema, list) and any(map(_holds_reference, schema))


def _top(site: Site) -> str:
    return str(site.place[0])


def values(schema: Schema) -> Strategy:
    """Values that a field of that declaration may have."""
    if "x-instant" in schema:
        return _moments()
    if "enum" in schema:
        return st.sampled_from([each for each in schema["enum"] if each is not None])
    types = schema.get("type", "string")
    names = [each for each in (types if isinstance(types, list) else [types]) if each != "null"]
    return st.one_of([_OF_TYPE[name](schema) for name in names])


@st.composite
def _moments(draw: st.DrawFn) -> str:
    moment = draw(
        st.datetimes(
            datetime(2026, 1, 1),
            datetime(2036, 1, 1),
            timezones=st.just(UTC),
        )
    )
    return moment.astimezone(timezone(draw(_HOURS))).isoformat(timespec="milliseconds")


def _integers(schema: Schema) -> Strategy:
    return st.integers(schema.get("minimum", -1), min(schema.get("maximum", 5000), 5000))


def _numbers(schema: Schema) -> Strategy:
    low, high = max(schema.get("minimum", -1), -1), min(schema.get("maximum", 5000), 5000)
    return st.one_of(
        st.integers(int(low), int(high)),
        st.floats(low, high, width=16, allow_nan=False, allow_infinity=False),
    )


def _texts(schema: Schema) -> Strategy:
    if pattern := schema.get("pattern"):
        return st.from_regex(pattern, fullmatch=True)
    longest = min(schema.get("maxLength", 20), 20)
    return st.text(_LETTERS, min_size=schema.get("minLength", 0), max_size=longest)


def _lists(schema: Schema) -> Strategy:
    items = values(schema.get("items", {}))
    return st.lists(items, min_size=schema.get("minItems", 0), max_size=3)


def _objects(schema: Schema) -> Strategy:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    if not properties:
        extra = schema.get("additionalProperties", True)
        inner = values(extra if isinstance(extra, dict) else {})
        return st.dictionaries(st.sampled_from(["one", "Two words", "três"]), inner, max_size=2)
    required = set(schema.get("required", ()))
    drawn = {name: values(inner) for name, inner in properties.items() if _is_drawn(inner)}
    return st.fixed_dictionaries(
        {name: each for name, each in drawn.items() if name in required},
        optional={name: each for name, each in drawn.items() if name not in required},
    )


def _is_drawn(schema: Schema) -> bool:
    return not schema.get("readOnly")


_OF_TYPE = {
    "boolean": lambda _schema: st.booleans(),
    "integer": _integers,
    "number": _numbers,
    "string": _texts,
    "array": _lists,
    "object": _objects,
}
