"""What an export can not carry: secrets, what no read shows, files of the org."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from capsync.fields import Schema
from capsync.kind import Kind
from capsync.snapshot import LiveObject
from capsync.values.normalise import counts

Json = Any


def is_masked(schema: Schema, raw: Json, name: str) -> bool:
    """Whether a read shows that there is a secret, if not which."""
    return bool(schema.get("x-secret") and isinstance(raw, Mapping) and raw.get(name))


def why_hidden(schema: Schema) -> str:
    return "it is a secret" if schema.get("x-secret") else "the API does not show it"


def of_others(name: str, schema: Schema, value: Json) -> Iterator[tuple[str, str]]:
    """The comment on members that other modules write by themselves, where there are some."""
    for member, inner in schema.get("properties", {}).items():
        if (why := inner.get("x-others")) and isinstance(value, Mapping) and value.get(member):
            yield name, f"{name}.{member}: left out, {why}"


def secrets_inside(schema: Schema, value: Json, path: str) -> Iterator[str]:
    """The paths of secrets that a value holds: `actions[].apiHeaders`."""
    if isinstance(value, list):
        for each in value:
            yield from secrets_inside(schema.get("items", {}), each, f"{path}[]")
    elif isinstance(value, Mapping):
        for name, inner in schema.get("properties", {}).items():
            if inner.get("x-secret") and value.get(name):
                yield f"{path}.{name}"
            else:
                yield from secrets_inside(inner, value.get(name), f"{path}.{name}")


def is_needed(name: str, properties: Mapping[str, Schema], siblings: Mapping[str, Json]) -> bool:
    """Whether a create can not do without a field that no read shows."""
    schema = properties[name]
    return bool(schema.get("x-needed")) and counts(schema, siblings, properties)


def needed_inside(schema: Schema, value: Json, path: str) -> Iterator[str]:
    """The paths inside a value that a create can not do without, and that no read shows."""
    if not isinstance(value, Mapping):
        return
    properties = schema.get("properties", {})
    for name, inner in properties.items():
        if name not in value and is_needed(name, properties, value):
            yield f"{path}.{name}"
        yield from needed_inside(inner, value.get(name), f"{path}.{name}")


def doubts(kinds: Iterable[Kind]) -> Iterator[str]:
    """What nobody can tell of the objects of a kind: whether they have values in these fields."""
    for kind in kinds:
        if paths := list(_noted(kind.schema, "writeOnly")):
            shown = ", ".join(paths)
            yield f"{kind.name}: the API never shows {shown}; write them where they are in use"
        if paths := list(_noted(kind.schema, "x-shows")):
            shown = ", ".join(paths)
            yield f"{kind.name}: the API may show {shown} otherwise than they are; look them over"


def _noted(schema: Schema, note: str, path: str = "") -> Iterator[str]:
    """The paths of fields with a note that no comment in a manifest speaks of:
    `benefits[].points`."""
    for name, inner in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        if inner.get("readOnly") or inner.get("x-needed"):
            continue
        if note in inner:
            if "x-instead" not in inner and (path or name not in schema.get("required", ())):
                yield here
        else:
            yield from _noted(inner, note, here)
    for inside, step in (("items", "[]"), ("additionalProperties", ".*")):
        if isinstance(inner := schema.get(inside), dict):
            yield from _noted(inner, note, f"{path}{step}")


def files_of_the_org(items: Iterable[LiveObject]) -> Iterator[str]:
    """Where objects hold handles of files, which mean nothing to another org."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for item in items:
        found[item.kind.name] |= dict.fromkeys(_handles(item.kind.schema, item.canon))
    for kind, paths in found.items():
        if paths:
            shown = ", ".join(paths)
            yield f"{kind}: {shown} name files of this org; for another one write {{file: PATH}}"


def _handles(schema: Schema, value: Json, path: str = "") -> Iterator[str]:
    """The paths of the handles of files in a value: `images[].id`."""
    if value and "x-media" in schema:
        yield path
    elif isinstance(value, list):
        for each in value:
            yield from _handles(schema.get("items", {}), each, f"{path}[]")
    elif isinstance(value, Mapping):
        for name, inner in schema.get("properties", {}).items():
            yield from _handles(inner, value.get(name), f"{path}.{name}" if path else name)
