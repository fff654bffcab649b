"""Why a field differs, or does not: both raw values, both canonical values, and the rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from capsync.fields import Schema
from capsync.model import NOTHING, Address
from capsync.planning.changes import Comparer
from capsync.planning.describing import is_sensitive
from capsync.planning.match import Wanted
from capsync.values.diff import differences
from capsync.values.normalise import canonical
from capsync.values.paths import Pick, parse_path, picks

Json = Any


@dataclass(frozen=True, slots=True)
class Why:
    """One field explained. Values are NOTHING where there is none; secrets are never in it."""

    address: Address
    path: str
    equal: bool
    rules: tuple[str, ...]
    written: Json = NOTHING
    answered: Json = NOTHING
    desired: Json = NOTHING
    live: Json = NOTHING


def why(comparer: Comparer, wanted: Wanted, path: str = "") -> tuple[Why, ...]:
    """The explanation of a path, or of every field that the manifest or the live object has."""
    names = [path] if path else sorted({*wanted.raw, *(wanted.live.spec if wanted.live else ())})
    return tuple(_explained(comparer, wanted, name) for name in names)


def _explained(comparer: Comparer, wanted: Wanted, path: str) -> Why:
    schema, steps = wanted.kind.schema, parse_path(path)
    inner = _schema_of(schema, steps)
    live_spec = wanted.live.spec if wanted.live else {}
    live_canon = wanted.live.canon if wanted.live else {}
    effective = comparer.effective(wanted)
    desired = canonical(schema, effective)
    values = [
        _value_of(schema, each, steps) for each in (wanted.raw, live_spec, desired, live_canon)
    ]
    written = _value_of(schema, wanted.resource.spec, steps)
    if written is not NOTHING:
        values[0] = written  # references as they stand in the file
    if is_sensitive(wanted, steps):
        values = [NOTHING if each is NOTHING else "(sensitive)" for each in values]
    changed = [change.path for change in differences(schema, desired, live_canon)]
    equal = not any(_touches(each, steps) for each in changed)
    rules = tuple(_rules(wanted, inner, steps, values))
    return Why(wanted.address, path, equal, rules, *values)


def _touches(path: Sequence[str | int], steps: Sequence[str]) -> bool:
    return all(str(one) == str(other) for one, other in zip(path, steps, strict=False))


def _schema_of(schema: Schema, steps: Sequence[str]) -> Schema:
    for step in steps:
        if isinstance(step, Pick):
            schema = schema.get("items", {})
            continue
        extra = schema.get("additionalProperties")
        open_schema = extra if isinstance(extra, dict) else {}
        schema = schema.get("properties", {}).get(step, open_schema)
    return schema


def _value_of(schema: Schema, value: Json, steps: Sequence[str]) -> Json:
    for position, step in enumerate(steps):
        if isinstance(step, Pick):
            if not isinstance(value, list):
                return NOTHING
            found = [each for n, each in enumerate(value) if picks(schema, step, n, each)]
            if not found:
                return NOTHING
            value, schema = found[0], schema.get("items", {})
            continue
        if not isinstance(value, Mapping) or step not in value:
            return NOTHING
        value, schema = value[step], _schema_of(schema, steps[position : position + 1])
    return value


def _rules(
    wanted: Wanted, schema: Schema, steps: Sequence[str], values: Sequence[Json]
) -> Iterator[str]:
    if wanted.live is None:
        yield "no live object is paired with this manifest"
    if values[0] is NOTHING and values[2] is NOTHING:
        yield "the manifest does not name it, so it is not managed and never compared"
    elif values[0] is NOTHING:
        yield "a manifest means in service: the flag is wanted although it is not written"
    if any(tuple(parse_path(text)) == tuple(steps) for text in wanted.resource.meta.ignore):
        yield "metadata.ignore leaves it to the people who use the console"
    yield from _notes(schema)


def _notes(schema: Schema) -> Iterator[str]:
    for note, rule in _RULES.items():
        if said := schema.get(note):
            yield said if note == "x-set" and isinstance(said, str) else rule
    if instant := schema.get("x-instant"):
        yield f"instants are compared in UTC, to the {instant['precision']}"
    if keys := schema.get("x-key"):
        yield f"items are paired by {' + '.join(keys)}, so their order has no meaning"
        if schema.get("x-children"):
            yield "items that the manifest leaves out are unmanaged"
    for member, values in schema.get("x-only", {}).items():
        yield f"counts only while {member} is {' or '.join(map(str, values))}"
    if "default" in schema:
        yield f"an absent live value counts as the default {schema['default']!r}"
    if "x-blank" in schema:
        yield f"{', '.join(map(repr, schema['x-blank']))} mean the same as null"


_RULES = {
    "readOnly": "the server sets it: accepted in a manifest, never sent nor compared",
    "writeOnly": "the API never shows it: a keyed hash in the state tells whether it changed",
    "x-json": "JSON in a text is compared parsed",
    "x-set": "the order of a set has no meaning",
    "x-whole": "the object is one value, compared and written whole",
    "x-fold": "compared without case",
    "x-dates": "spellings of one moment are equal",
    "x-ordinal": "a number stands for the value at that place of the list",
    "x-words": "other documented words stand for a value",
    "x-places": "the server keeps so many decimals",
    "x-single": "the server keeps a 32-bit float: compared at 7 significant digits",
    "x-ref": "a reference: compared by the id that it resolves to",
}
