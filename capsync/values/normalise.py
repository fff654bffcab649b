"""One canonical form: what a manifest says and what the service answers become comparable.

Both sides pass through the same function, driven by the kind's schema: types are coerced, instants
become UTC, JSON texts are parsed, sets are sorted, server-set members dropped, other spellings of a
field folded into it, blanks become null. Inside lists and whole values, which are compared entire,
nulls and defaults are dropped too, so that what the server fills in is no difference.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from typing import Any

from capsync import jsonio
from capsync.fields import Schema
from capsync.values.instants import canonical_instant

Json = Any


class Pending:
    """Stands for an id that is known only after another change is applied.

    Two are equal if they wait for the same member of the same address.
    """

    __slots__ = ("address", "by", "child")

    def __init__(self, address: str, by: str = "id", child: str = "") -> None:
        self.address, self.by, self.child = address, by, child

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pending) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"Pending({self.address}, {self.by}, {self.child})"


def canonical(schema: Schema, value: Json, *, entire: bool = False) -> Json:
    """The canonical form of a value under a schema.

    `entire`: the value is part of a list or whole object, where null and default members count as
    left out, and write-only members have nothing to compare with. Values that do not fit their
    schema are kept as they are: they differ, visibly.
    """
    if value is None or type(value) is _form(schema).plain or isinstance(value, Pending):
        return value
    if "x-json" in schema and isinstance(value, str):
        value = _parsed(value)
    if "x-instant" in schema:
        note = schema["x-instant"]
        result = canonical_instant(value, note["wire"], note["precision"])
    elif isinstance(value, dict):
        entire = (entire or bool(schema.get("x-whole"))) and not schema.get("x-grown")
        result = _object(schema, value, entire=entire)
    elif isinstance(value, (list, tuple)):
        result = _array(schema, value)
    else:
        result = _scalar(schema, value)
    return None if "x-blank" in schema and _is_blank(schema, result) else result


def _is_blank(schema: Schema, value: Json) -> bool:
    return any(value == blank and type(value) is type(blank) for blank in schema["x-blank"])


class _Form:
    """What a schema says, worked out once: schemas are declarations and never change.

    `plain` is the type of values that are canonical as they are, None where notes say more.
    """

    __slots__ = ("default", "plain", "schema", "spelled")

    def __init__(self, schema: Schema) -> None:
        self.schema = schema  # held, so that its id is not given to another one
        noted = any(name.startswith("x-") for name in schema) or isinstance(
            schema.get("type"), list
        )
        self.plain = None if noted else _PLAIN.get(schema.get("type", ""))
        self.spelled = {
            spelling: (name, wire, _spelt(inner, wire))
            for name, inner in schema.get("properties", {}).items()
            for spelling, wire in inner.get("x-alias", {}).items()
        }
        self.default: Json = _UNKNOWN


_PLAIN = {"string": str, "integer": int, "boolean": bool}
_FORMS: dict[int, _Form] = {}
_MOST_FORMS = 50_000  # far above all declarations together: schemas made on the way do not pile up
_UNKNOWN = object()
_OPEN: Schema = {}


def _form(schema: Schema) -> _Form:
    form = _FORMS.get(id(schema))
    if form is None:
        if len(_FORMS) > _MOST_FORMS:
            _FORMS.clear()
        form = _FORMS[id(schema)] = _Form(schema)
    return form


def _spelt(schema: Schema, wire: str) -> Schema:
    """The schema of another spelling, which has a wire form of its own."""
    if "x-instant" not in schema:
        return schema
    return schema | {"x-instant": schema["x-instant"] | {"wire": wire}}


def _parsed(text: str) -> Json:
    try:
        return jsonio.loads(text)
    except ValueError:
        return text


def _object(schema: Schema, value: Mapping[str, Json], *, entire: bool) -> dict[str, Json]:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    extra = schema.get("additionalProperties", True)
    spelled = _form(schema).spelled
    result: dict[str, Json] = {}
    for name, given in value.items():
        own, wire, inner = spelled.get(name) or (name, None, properties.get(name))
        if inner is None:
            if extra is not False:
                result[name] = canonical(extra if isinstance(extra, dict) else _OPEN, given)
            continue
        if inner.get("readOnly") or (entire and inner.get("writeOnly") and not _stands_in(inner)):
            continue
        if "x-only" in inner and not counts(inner, value, properties):
            continue
        if own in result and wire is not None:
            continue
        canon = canonical(inner, given, entire=entire)
        if wire is not None and canon is None and own in value:
            continue
        if entire and _is_left_out(inner, canon):
            continue
        result[own] = canon
    return result


def _is_left_out(schema: Schema, canon: Json) -> bool:
    """Whether a member of a value that is compared entire says no more than its absence."""
    is_empty = isinstance(canon, (list, dict)) and not canon and "default" not in schema
    return canon is None or is_empty or bool(canon == canonical_default(schema))


def counts(schema: Schema, siblings: Mapping[str, Json], properties: Mapping[str, Schema]) -> bool:
    """Whether the server keeps a member beside these siblings (`x-only`), declared by `properties`:
    a sibling that does not count itself counts as absent."""
    only: Mapping[str, list[Json]] = schema.get("x-only", {})
    return all(
        siblings.get(name) in values and counts(properties.get(name, {}), siblings, properties)
        for name, values in only.items()
    )


def named(schema: Schema, value: Json) -> Json:
    """The text that a number stands for (`x-ordinal`), else the value itself."""
    names: list[str] = schema.get("x-ordinal", [])
    is_place = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names)
    return names[value] if is_place else value


def _stands_in(schema: Schema) -> bool:
    """Whether a write-only member explains another one that only the live side has."""
    return "x-instead" in schema


def spellings(schema: Schema) -> dict[str, tuple[str, str]]:
    """Other spellings of an object's fields: spelling -> (field, wire form)."""
    return {name: each[:2] for name, each in _form(schema).spelled.items()}


def canonical_default(schema: Schema) -> Json:
    """The canonical default, or a value that equals nothing where there is none."""
    if "default" not in schema:
        return _NO_DEFAULT
    form = _form(schema)
    if form.default is _UNKNOWN:
        kept = {key: note for key, note in schema.items() if key != "x-blank"}
        form.default = canonical(kept, schema["default"])
    return form.default


_NO_DEFAULT = object()


def _array(schema: Schema, value: list[Json] | tuple[Json, ...]) -> list[Json]:
    item = schema.get("items", _OPEN)
    entire = not schema.get("x-children")
    items = [canonical(item, each, entire=entire) for each in value]
    if "x-key" in schema:
        if schema.get("x-first"):
            items = _first_of_each(schema, items)
        return sorted(items, key=lambda each: pair_key(schema, each))
    if schema.get("x-set"):
        return sorted((each for each in items if each is not None), key=_order)
    return items


def _first_of_each(schema: Schema, items: list[Json]) -> list[Json]:
    """The items without those that repeat the key of an earlier one."""
    first: dict[tuple[str, ...], Json] = {}
    for each in items:
        first.setdefault(pair_key(schema, each), each)
    return list(first.values())


def pair_key(schema: Schema, item: Json) -> tuple[str, ...]:
    """What an item of a keyed list is paired by: its key, without case where that does not count."""
    key = item_key(item, schema["x-key"])
    return tuple(part.casefold() for part in key) if schema.get("x-caseless") else key


def item_key(item: Json, keys: list[str]) -> tuple[str, ...]:
    """The key of a keyed list's item, as text."""
    if not isinstance(item, dict):
        return (str(item),)
    return tuple(key_part(item.get(key)) for key in keys)


def key_part(value: Json) -> str:
    """One part of a key as text: 7, 7.0 and "7" are the same."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)


def _order(value: Json) -> str:
    try:
        return jsonio.dumps_sorted(value).decode()
    except TypeError:  # holds a Pending, which no JSON writer knows
        return repr(value)


def _scalar(schema: Schema, value: Json) -> Json:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), None) if len(kind) <= 2 else None
    value = named(schema, value)
    result = _COERCE[kind](value) if kind in _COERCE else value
    if isinstance(result, str):
        return _text(schema, result)
    if schema.get("x-cut") and isinstance(result, float):
        return int(result)
    if schema.get("x-single") and isinstance(result, (int, float)):
        return _single(float(result))
    return result


_DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


def _text(schema: Schema, text: str) -> str:
    if schema.get("x-dates") and _DATE_AND_TIME.match(text):
        return str(canonical_instant(text, "iso", "milli"))
    if not schema.get("x-fold"):
        return text
    folded = text.casefold()
    return next((each for each in schema.get("enum", ()) if each.casefold() == folded), folded)


def _single(value: float) -> Json:
    """A number as a 32-bit float keeps it, at 7 significant digits (api notes: coupons 1.4)."""
    try:
        kept = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        kept = value
    rounded = float(f"{kept:.6e}")
    return int(rounded) if rounded.is_integer() else rounded


_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def _boolean(value: Json) -> Json:
    if isinstance(value, str):
        return {"true": True, "false": False, "1": True, "0": False}.get(
            value.strip().lower(), value
        )
    return bool(value) if value in (0, 1) else value


def _number(value: Json) -> Json:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        try:
            value = float(value) if not value.strip().lstrip("+-").isdigit() else int(value)
        except ValueError:
            return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _string(value: Json) -> Json:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (int, float)) else value


_COERCE = {"boolean": _boolean, "integer": _number, "number": _number, "string": _string}
