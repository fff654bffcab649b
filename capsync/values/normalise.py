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
from capsync.values.forms import UNKNOWN, Form, form_of
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
    return _canonical(form_of(schema), value, entire=entire)


def _canonical(form: Form, value: Json, *, entire: bool = False) -> Json:
    if value is None or type(value) in form.plain or isinstance(value, Pending):
        return value
    if form.is_json and isinstance(value, str):
        value = _parsed(value)
    if form.instant is not None:
        result = canonical_instant(value, form.instant["wire"], form.instant["precision"])
    elif isinstance(value, dict):
        result = _object(form, value, entire=(entire or form.is_whole) and not form.is_grown)
    elif isinstance(value, (list, tuple)):
        result = _array(form, value)
    else:
        result = _scalar(form, value)
    return None if form.blanks and _is_blank(form, result) else result


def _is_blank(form: Form, value: Json) -> bool:
    return any(value == blank and type(value) is type(blank) for blank in form.blanks)


def _parsed(text: str) -> Json:
    try:
        return jsonio.loads(text)
    except ValueError:
        return text


def _object(form: Form, value: Mapping[str, Json], *, entire: bool) -> dict[str, Json]:
    members, extra = form.compared if entire else form.kept, form.extra
    result: dict[str, Json] = {}
    for name, given in value.items():
        member = members.get(name)
        if member is None:
            if extra is not None and name not in form.members:
                result[name] = _canonical(extra, given)
            continue
        inner, own = member.form, member.own
        if member.is_conditional and not counts(inner.schema, value, form.properties):
            continue
        if member.wire is not None and own in result:
            continue
        plain = given is None or type(given) in member.plain
        canon = given if plain else _canonical(inner, given, entire=entire)
        if member.wire is not None and canon is None and own in value:
            continue
        if entire and _is_left_out(inner, canon):
            continue
        result[own] = canon
    return result


def _is_left_out(form: Form, canon: Json) -> bool:
    """Whether a member of a value that is compared entire says no more than its absence."""
    if "default" in form.schema:
        return canon is None or bool(canon == canonical_default(form.schema))
    return canon is None or (isinstance(canon, (list, dict)) and not canon)


def counts(schema: Schema, siblings: Mapping[str, Json], properties: Mapping[str, Schema]) -> bool:
    """Whether the server keeps a member beside these siblings (`x-only`), declared by `properties`:
    a sibling that does not count itself counts as absent."""
    for name, values in schema.get("x-only", {}).items():
        if siblings.get(name) not in values:
            return False
        sibling = properties.get(name, {})
        if "x-only" in sibling and not counts(sibling, siblings, properties):
            return False
    return True


def named(schema: Schema, value: Json) -> Json:
    """The text that a number (`x-ordinal`) or another word (`x-words`) stands for, else the value
    itself."""
    if isinstance(value, str):
        return schema.get("x-words", {}).get(value, value)
    names: list[str] = schema.get("x-ordinal", [])
    is_place = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(names)
    return names[value] if is_place else value


def spellings(schema: Schema) -> dict[str, tuple[str, str]]:
    """Other spellings of an object's fields: spelling -> (field, wire form)."""
    return {
        name: (member.own, member.wire)
        for name, member in form_of(schema).members.items()
        if member.wire is not None
    }


def canonical_default(schema: Schema) -> Json:
    """The canonical default, or a value that equals nothing where there is none."""
    if "default" not in schema:
        return _NO_DEFAULT
    form = form_of(schema)
    if form.default is UNKNOWN:
        kept = {key: note for key, note in schema.items() if key != "x-blank"}
        form.default = canonical(kept, schema["default"])
    return form.default


_NO_DEFAULT = object()


def _array(form: Form, value: list[Json] | tuple[Json, ...]) -> list[Json]:
    schema, item = form.schema, form.item
    entire = not schema.get("x-children")
    items = [_canonical(item, each, entire=entire) for each in value]
    if len(items) < 2 and None not in items:
        return items
    if "x-key" in schema:
        if schema.get("x-first"):
            items = _first_of_each(schema, items)
        elif schema.get("x-last"):
            items = _first_of_each(schema, items[::-1])
        return sorted(items, key=lambda each: pair_key(schema, each))
    if schema.get("x-set"):
        members = {_order(each): each for each in items if each is not None}
        return [members[order] for order in sorted(members)]
    return items


def _first_of_each(schema: Schema, items: list[Json]) -> list[Json]:
    """The items without those that repeat the key of an earlier one."""
    first: dict[tuple[str, ...], Json] = {}
    for each in items:
        first.setdefault(pair_key(schema, each), each)
    return list(first.values())


def pair_key(schema: Schema, item: Json) -> tuple[str, ...]:
    """What pairs an item of a keyed list: its key, without case where that does not count."""
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


def _scalar(form: Form, value: Json) -> Json:
    schema = form.schema
    value = named(schema, value)
    result = _COERCE[form.type](value) if form.type in _COERCE else value
    if isinstance(result, str):
        return _text(schema, result)
    if schema.get("x-cut") and isinstance(result, float):
        return int(result)
    if "x-places" in schema and isinstance(result, float):
        return _number(round(result, schema["x-places"]))
    if schema.get("x-single") and isinstance(result, (int, float)):
        return _single(float(result))
    return result


_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d|$)")


def _text(schema: Schema, text: str) -> str:
    if schema.get("x-dates") and _DATE.match(text):
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
        return _BOOLEANS.get(value.strip().lower(), value)
    return bool(value) if value in (0, 1) else value


def _number(value: Json) -> Json:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        try:
            value = float(value) if not value.strip().lstrip("+-").isdigit() else int(value)
        except ValueError:
            return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    return value


def _string(value: Json) -> Json:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, (int, float)) else value


_COERCE = {"boolean": _boolean, "integer": _number, "number": _number, "string": _string}
