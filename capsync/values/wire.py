"""Wire form: desired values as the API takes them, and merged into live objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from capsync import jsonio
from capsync.fields import Schema
from capsync.values.instants import wire_instant
from capsync.values.normalise import Pending, counts, named, pair_key, spellings

Json = Any


def to_wire(schema: Schema, value: Json) -> Json:
    """A desired value as the API takes it: instants, JSON texts, flags, numbers as text.

    Server-set members are left out; other spellings of a field are sent as the field itself.
    """
    if value is None:
        return schema.get("x-clear")
    if isinstance(value, Pending):
        return value
    if "x-json" in schema:
        return value if isinstance(value, str) else _json_text(schema, value)
    if "x-instant" in schema:
        return wire_instant(value, schema["x-instant"]["wire"])
    if isinstance(value, dict):
        return _object(schema, value)
    if isinstance(value, (list, tuple)):
        item = schema.get("items", {})
        return [to_wire(item, each) for each in value]
    return _scalar(schema, value)


def _json_text(schema: Schema, value: Json) -> str:
    inner = {key: note for key, note in schema.items() if key != "x-json"}
    return jsonio.dumps(to_wire(inner, value)).decode()


def _scalar(schema: Schema, value: Json) -> Json:
    value = named(schema, value)
    wire = schema.get("x-wire")
    if "x-ref" in schema and schema.get("type") == "string" and isinstance(value, int):
        return str(value)
    if wire == "text":
        return {True: "true", False: "false"}.get(value) if isinstance(value, bool) else str(value)
    if wire == "flag" and isinstance(value, bool):
        return int(value)
    if schema.get("type") == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)  # 6.0 of a manifest, which not every parser takes for a whole number
    return value


def _object(schema: Schema, value: Mapping[str, Json]) -> dict[str, Json]:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    extra = schema.get("additionalProperties", True)
    spelled = spellings(schema)
    result: dict[str, Json] = {}
    for name, given in value.items():
        own = spelled.get(name, (name, ""))[0]
        inner = properties.get(own)
        if inner is None:
            result[name] = to_wire(extra if isinstance(extra, dict) else {}, given)
        elif inner.get("readOnly") or not counts(inner, value, properties):
            continue
        elif own == name or own not in value:
            result[own] = to_wire(inner, given)
    return result


def merge(schema: Schema, live: Json, desired: Json) -> Json:
    """The live value with the desired one put over it; both in wire form.

    Objects merge member by member and keyed children item by item, so that what the manifest does
    not name survives a replacing PUT. Whole objects and other lists are taken as desired, with the
    members that the API wants back (`x-carry`) from the paired live item.
    """
    if isinstance(desired, dict) and isinstance(live, dict) and not schema.get("x-whole"):
        return _merged_object(schema, live, desired)
    if isinstance(desired, list) and isinstance(live, list) and "x-key" in schema:
        return _merged_items(schema, live, desired)
    if isinstance(desired, list) and isinstance(live, list) and may_hold_more(schema):
        return [*live, *(each for each in desired if each not in live)]
    return desired


def may_hold_more(schema: Schema) -> bool:
    """Whether a set may hold values beside those that a manifest writes."""
    return bool(schema.get("x-set") and schema.get("x-children"))


def _merged_object(
    schema: Schema, live: Mapping[str, Json], desired: Mapping[str, Json]
) -> dict[str, Json]:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    extra = schema.get("additionalProperties", True)
    open_schema = extra if isinstance(extra, dict) else {}
    merged = {
        name: value for name, value in live.items() if not properties.get(name, {}).get("readOnly")
    }
    for name, value in desired.items():
        inner = properties.get(name, open_schema)
        merged[name] = merge(inner, live.get(name), value)
        for spelling in inner.get("x-alias", {}):
            merged.pop(spelling, None)  # a legacy field and its twin never go in one body
    return merged


def _merged_items(schema: Schema, live: list[Json], desired: list[Json]) -> list[Json]:
    item = schema.get("items", {})
    if not schema.get("x-children"):
        paired = {pair_key(schema, each): each for each in live}
        return [_carried(schema, paired.get(pair_key(schema, each)), each) for each in desired]
    wanted = {pair_key(schema, each): each for each in desired}
    merged = [merge(item, each, wanted.pop(pair_key(schema, each), {})) for each in live]
    kept = [_carried(schema, have, each) for have, each in zip(live, merged, strict=True)]
    return kept + list(wanted.values())


def _carried(schema: Schema, live: Json, desired: Json) -> Json:
    if not isinstance(live, dict) or not isinstance(desired, dict):
        return desired
    back = {name: live[name] for name in schema.get("x-carry", ()) if live.get(name) is not None}
    return back | dict(desired)


def settable(schema: Schema, value: Json) -> Json:
    """A live value cut down to what a spec may hold and reads do not hide, at every depth.

    For kinds whose updates are to send nothing but documented fields.
    """
    if isinstance(value, list):
        item = schema.get("items", {})
        return [settable(item, each) for each in value]
    if not isinstance(value, dict):
        return value
    properties: Mapping[str, Schema] = schema.get("properties", {})
    extra = schema.get("additionalProperties", True)
    open_schema = extra if isinstance(extra, dict) else {"readOnly": extra is False}
    return {
        name: settable(inner, each)
        for name, each in value.items()
        if not (inner := properties.get(name, open_schema)).get("readOnly")
        and not inner.get("writeOnly")
    }
