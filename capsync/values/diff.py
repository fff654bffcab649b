"""What differs between desired and live: only what the manifest states, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from capsync.fields import Schema
from capsync.model import NOTHING, FieldChange, Key, Path
from capsync.values.normalise import canonical_default, item_key, pair_key
from capsync.values.wire import may_hold_more

Json = Any


def differences(
    schema: Schema, desired: Json, live: Json, path: Path = ()
) -> Iterator[FieldChange]:
    """Every field in which the canonical desired value is not what is live.

    Objects are compared by the members that the manifest names, keyed lists item by item, other
    lists as one value. Write-only and server-set fields have nothing to compare with and are left
    out. An absent live value equals null and the field's default.
    """
    if _equal(schema, desired, live) or _is_shown_anyway(schema, live):
        return
    if isinstance(desired, dict) and not schema.get("x-whole"):
        yield from _in_object(schema, desired, live if isinstance(live, dict) else {}, path)
    elif isinstance(desired, list) and isinstance(live, list) and "x-key" in schema:
        yield from _in_keyed(schema, desired, live, path)
    elif isinstance(desired, list) and isinstance(live, list) and may_hold_more(schema):
        if missing := [each for each in desired if each not in live]:
            yield _change(schema, path, live, [*live, *missing])
    elif _same_length_values(schema, desired, live):
        yield from _in_items(schema, desired, live, path)
    else:
        yield _change(schema, path, live, desired)


def _change(schema: Schema, path: Path, live: Json, desired: Json) -> FieldChange:
    return FieldChange(path, live, desired, sensitive=holds_secret(schema))


def holds_secret(schema: Schema) -> bool:
    """Whether a value of this schema is, or has inside, something that is never shown."""
    inner = [*schema.get("properties", {}).values(), schema.get("items")]
    inner.append(schema.get("additionalProperties"))
    return bool(schema.get("x-secret")) or any(
        holds_secret(each) for each in inner if isinstance(each, dict)
    )


def _equal(schema: Schema, desired: Json, live: Json) -> bool:
    if live is NOTHING or live is None:
        return desired is None or desired == canonical_default(schema) or _is_empty(desired)
    if desired is None:
        return live == "" or _is_empty(live) or live == canonical_default(schema)
    return type(desired) is type(live) and bool(desired == live)


def _is_shown_anyway(schema: Schema, live: Json) -> bool:
    """Whether reads show this whatever was sent (`x-shows`)."""
    return any(live == each and type(live) is type(each) for each in schema.get("x-shows", ()))


def _is_empty(value: Json) -> bool:
    return isinstance(value, (list, dict)) and not value


def _in_object(
    schema: Schema, desired: Mapping[str, Json], live: Mapping[str, Json], path: Path
) -> Iterator[FieldChange]:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    extra = schema.get("additionalProperties", True)
    for name, value in desired.items():
        inner = properties.get(name, extra if isinstance(extra, dict) else {})
        if inner.get("readOnly") or inner.get("writeOnly"):
            continue
        yield from differences(inner, value, live.get(name, NOTHING), (*path, name))


def _in_keyed(
    schema: Schema, desired: list[Json], live: list[Json], path: Path
) -> Iterator[FieldChange]:
    keys, item = schema["x-key"], schema.get("items", {})
    paired = {pair_key(schema, each): each for each in live}
    for each in desired:
        key, step = pair_key(schema, each), (*path, Key("/".join(item_key(each, keys))))
        if key not in paired:
            yield _change(item, step, NOTHING, each)
            continue
        have = paired.pop(key)
        if schema.get("x-caseless"):
            have = {**have, **{name: each.get(name) for name in keys}}
        if schema.get("x-children"):
            yield from differences(item, each, have, step)
        else:
            yield from _entire(item, each, have, step)
    if not schema.get("x-children"):
        for each in paired.values():
            yield _change(item, (*path, Key("/".join(item_key(each, keys)))), each, NOTHING)


def _same_length_values(schema: Schema, desired: Json, live: Json) -> bool:
    return (
        isinstance(desired, list)
        and isinstance(live, list)
        and len(desired) == len(live)
        and not schema.get("x-set")
        and all(isinstance(each, dict) for each in (*desired, *live))
    )


def _in_items(
    schema: Schema, desired: list[Json], live: list[Json], path: Path
) -> Iterator[FieldChange]:
    item = schema.get("items", {})
    for place, (want, have) in enumerate(zip(desired, live, strict=True)):
        yield from _entire(item, want, have, (*path, place))


_UNSEEN = ("readOnly", "writeOnly", "x-grown")


def _entire(schema: Schema, desired: Json, live: Json, path: Path) -> Iterator[FieldChange]:
    """Differences of a value that is written whole: members only one side has count too."""
    if not isinstance(desired, dict) or not isinstance(live, dict):
        if desired != live or type(desired) is not type(live):
            yield _change(schema, path, live, desired)
        return
    yield from differences(schema, desired, live, path)
    properties: Mapping[str, Schema] = schema.get("properties", {})
    shown_instead = {properties.get(name, {}).get("x-instead") for name in desired}
    for name in live:
        inner = properties.get(name, {})
        if name in shown_instead:
            continue
        if name not in desired and not any(map(inner.get, _UNSEEN)):
            yield _change(inner, (*path, name), live[name], NOTHING)
