"""The fields of a spec that a law may touch, found from the kind's schema and what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from capsync.fields import Schema
from capsync.kind import Kind
from capsync.model import Key, Path
from capsync.values.normalise import counts, item_key, spellings
from capsync.values.references import is_reference
from tests.laws.edits import Place

Json = Any

ABSENT: Any = object()
"""Stands for the value of a field that a spec does not write."""


@dataclass(frozen=True, slots=True)
class Site:
    """One field of one spec: the smallest part that a plan shows on its own.

    `place` is where the spec has it, `path` how a plan names it, `name` how the table does (the
    same for every item and map key). `trail` are the schemas that it lies in, the kind's first.
    `is_key` members pair items of lists: another value would be another item.
    """

    place: Place
    path: Path
    name: str
    value: Json
    trail: tuple[Schema, ...]
    required: bool = False
    is_key: bool = False

    @property
    def schema(self) -> Schema:
        """The field's own declaration."""
        return self.trail[-1]

    @property
    def is_written(self) -> bool:
        """Whether the spec has a value for it."""
        return self.value is not ABSENT

    @property
    def is_shown(self) -> bool:
        """Whether reads tell what was sent."""
        return not any(each.get("writeOnly") or "x-shows" in each for each in self.trail)

    @property
    def is_open(self) -> bool:
        """Whether the org may hold more in it than a manifest writes, unmanaged."""
        schema = self.schema
        is_map = self.value == {} and not schema.get("properties") and not schema.get("x-whole")
        return is_map or bool(schema.get("x-children"))

    @property
    def advice(self) -> str:
        """Why it can not be changed after creation, "" where it can."""
        return next((str(each["x-fixed"]) for each in self.trail if each.get("x-fixed")), "")


def sites(kind: Kind, spec: Mapping[str, Json]) -> Iterator[Site]:
    """Every field of the spec that the server does not set itself, unwritten ones too."""
    top = Site((), (), "", spec, (kind.schema,))
    yield from _members(top)


def server_set(kind: Kind) -> list[str]:
    """The top-level fields that nobody can write."""
    return [name for name, schema in kind.fields.items() if schema.get("readOnly")]


def _members(parent: Site) -> Iterator[Site]:
    schema, value = parent.schema, parent.value
    properties: Mapping[str, Schema] = schema.get("properties", {})
    spelled = {own: each for each, (own, _) in spellings(schema).items() if each in value}
    required = schema.get("required", ())
    for name, inner in properties.items():
        if inner.get("readOnly") or not counts(inner, value, properties):
            continue
        written = name if name in value else spelled.get(name, name)
        yield from _site(
            Site(
                (*parent.place, written),
                (*parent.path, name),
                f"{parent.name}.{name}" if parent.name else name,
                value.get(written, ABSENT),
                (*parent.trail, inner),
                required=name in required,
            )
        )
    yield from _map_key(parent, properties)


def _map_key(parent: Site, properties: Mapping[str, Schema]) -> Iterator[Site]:
    """The first free key of a map stands for all."""
    extra = parent.schema.get("additionalProperties", not properties)
    known = {*properties, *spellings(parent.schema)}
    free = [name for name in parent.value if name not in known]
    if not extra or not free:
        return
    inner = extra if isinstance(extra, dict) else {}
    place, path = (*parent.place, free[0]), (*parent.path, free[0])
    value = parent.value[free[0]]
    yield from _site(Site(place, path, f"{parent.name}.*", value, (*parent.trail, inner)))


def _site(site: Site) -> Iterator[Site]:
    schema, value = site.schema, site.value
    if _has_members(schema, value):
        yield from _members(site)
    elif isinstance(value, list) and value and schema.get("x-children") and "x-key" in schema:
        yield from _first_child(site)
    else:
        yield site


def _has_members(schema: Schema, value: Json) -> bool:
    """Whether plans show the members of the object one by one."""
    return (
        isinstance(value, Mapping)
        and not schema.get("x-whole")
        and not is_reference(value)
        and not ("x-media" in schema and value.keys() == {"file"})
        and bool(value.keys() or schema.get("properties"))
    )


def _first_child(site: Site) -> Iterator[Site]:
    keys, item = site.schema["x-key"], site.schema.get("items", {})
    child = site.value[0]
    step = Key("/".join(item_key(child, keys)))
    parent = Site(
        (*site.place, 0), (*site.path, step), f"{site.name}[]", child, (*site.trail, item)
    )
    for each in _members(parent):
        own = each.path[len(parent.path)]
        if own in keys:
            each = Site(each.place, each.path, each.name, each.value, each.trail, is_key=True)
        yield each
