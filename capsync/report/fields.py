"""The fields of a kind as rows: what each holds and how the service treats it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from capsync.fields import Schema
from capsync.kind import Kind
from capsync.report.values import show
from capsync.report.words import plural

_SIMPLE = {"string": "text", "integer": "integer", "number": "number", "boolean": "true or false"}
_INSTANT_PRECISIONS = {"milli": "millisecond", "second": "second", "day": "UTC day"}
# Keyword -> words, and what is counted; {} is the limit.
_BOUNDS = {
    "minLength": ("at least {}", "character"),
    "maxLength": ("at most {}", "character"),
    "minimum": ("at least {}", ""),
    "maximum": ("at most {}", ""),
    "exclusiveMinimum": ("above {}", ""),
    "exclusiveMaximum": ("below {}", ""),
    "minItems": ("at least {}", "item"),
    "maxItems": ("at most {}", "item"),
    "pattern": ("matches {}", ""),
    "multipleOf": ("a multiple of {}", ""),
}


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: its path with `[]` for lists and `.*` for maps, and its schema."""

    path: str
    schema: Schema
    required: bool = False

    @property
    def type(self) -> str:
        """What the field holds, in words."""
        return type_words(self.schema)

    @property
    def description(self) -> str:
        """What the field is for."""
        return str(self.schema.get("description", ""))

    @property
    def references(self) -> list[str]:
        """The kinds that a reference in this field, or in an item of its list, may name."""
        note = _reference(self.schema) or {}
        return list(note.get("kinds", ()))


def field_rows(kind: Kind) -> list[FieldRow]:
    """Every field of the spec, parents before their members, in the order of the declaration."""
    return list(_members(kind.schema, ""))


def _members(schema: Schema, prefix: str) -> Iterator[FieldRow]:
    required = frozenset(schema.get("required", ()))
    for name, field in _properties(schema).items():
        path = f"{prefix}.{name}" if prefix else name
        yield FieldRow(path, field, name in required)
        yield from _below(field, path)


def _properties(schema: Schema) -> dict[str, Schema]:
    """Members, those that only some arms of a union have included."""
    found = {k: v for k, v in schema.get("properties", {}).items() if isinstance(v, dict)}
    for arm in schema.get("allOf", ()):
        for name, field in arm.get("then", {}).get("properties", {}).items():
            if isinstance(field, dict) and name not in found:
                found[name] = field
    return found


def _below(schema: Schema, path: str) -> Iterator[FieldRow]:
    item = schema.get("items")
    if isinstance(item, dict):
        yield from _members(item, f"{path}[]")
        return
    yield from _members(schema, path)
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict) and extra.get("properties"):
        yield from _members(extra, f"{path}.*")


def type_words(schema: Mapping[str, Any]) -> str:
    """`text`, `list of integer`, `time`, `A | B`: what a value has to be."""
    if "x-instant" in schema:
        return "time"
    if "x-media" in schema:
        return "file"
    if "enum" in schema:
        return " | ".join(dict.fromkeys(_bare(value) for value in schema["enum"]))
    if "const" in schema:
        return _bare(schema["const"])
    types = schema.get("type")
    if isinstance(types, list):
        return " or ".join(_SIMPLE.get(str(each), str(each)) for each in types)
    if types == "array":
        return _list_words(schema)
    if types == "object":
        return _object_words(schema)
    return _SIMPLE.get(str(types), "any value") if types else "any value"


def _bare(value: Any) -> str:
    return value if isinstance(value, str) else show(value)


def _list_words(schema: Mapping[str, Any]) -> str:
    item = schema.get("items")
    return f"list of {type_words(item)}" if isinstance(item, dict) else "list"


def _object_words(schema: Mapping[str, Any]) -> str:
    extra = schema.get("additionalProperties")
    if schema.get("properties") or extra in (None, False):
        return "object"
    return f"map of {type_words(extra)}" if isinstance(extra, dict) else "map"


def bounds(schema: Mapping[str, Any]) -> list[str]:
    """The limits that a value has to keep, in words."""
    return [_bound(name, schema[name]) for name in _BOUNDS if name in schema]


def _bound(name: str, limit: Any) -> str:
    if (name, limit) in (("minLength", 1), ("minItems", 1)):
        return "not empty"
    if (name, limit) == ("maxLength", 0):
        return "a text has to be empty"
    words, noun = _BOUNDS[name]
    return words.format(plural(limit, noun) if noun else limit)


def treatment(row: FieldRow) -> list[str]:
    """How the service and capsync treat the field, one sentence each."""
    return [*_lifecycle(row.schema), *_comparison(row.schema), *_forms(row)]


def _lifecycle(schema: Schema) -> Iterator[str]:
    if schema.get("readOnly"):
        yield "set by the server: accepted with a warning, never sent nor compared"
    if "x-fixed" in schema:
        yield f"immutable after creation: {schema['x-fixed']}"
    if schema.get("x-oneway"):
        yield f"can not be taken back once it is {' or '.join(map(show, schema['x-oneway']))}"
    if schema.get("x-secret"):
        yield "secret: never shown, logged or stored"
    if schema.get("writeOnly"):
        yield "write-only: the API does not return it; a keyed hash in the state tells changes"


_COMPARED = {
    "x-children": "items that a written list leaves out are unmanaged",
    "x-set": "the order of items has no meaning",
    "x-grown": "only the members that a manifest writes are compared",
    "x-cut": "stored without its fraction",
    "x-fold": "compared without case",
    "x-whole": "compared and written as one value",
}


def _comparison(schema: Schema) -> Iterator[str]:
    if "x-places" in schema:
        yield f"kept with {schema['x-places']} decimals"
    if "default" in schema:
        yield f"default: {show(schema['default'])}"
    if "x-key" in schema:
        yield f"items are paired by {' + '.join(schema['x-key'])}"
    if "x-shows" in schema:
        yield f"reads may show {' or '.join(map(show, schema['x-shows']))} whatever was sent"
    for note, words in _COMPARED.items():
        if said := schema.get(note):
            yield said if isinstance(said, str) else words


def _forms(row: FieldRow) -> Iterator[str]:
    schema = row.schema
    if note := _reference(schema):
        what = "reference" if "x-ref" in schema else "each a reference"
        kinds = " or ".join(row.references)
        yield f"{what} to {kinds}: {{ref: NAME}}, {{lookup: KEY}} or the raw {note.get('by', 'id')}"
    if "x-ref-keys" in schema:
        note = schema["x-ref-keys"]
        yield f"each key is the {note.get('by', 'name')} of a {note['kind']}"
    if "x-instant" in schema:
        precision = schema["x-instant"].get("precision", "second")
        yield (
            "ISO 8601 with an offset, or the raw number of the wire;"
            f" kept to the {_INSTANT_PRECISIONS.get(precision, precision)}"
        )
    if schema.get("x-json"):
        yield "JSON in a text: may be written as plain YAML"
    if "x-media" in schema:
        note = schema["x-media"]
        size = f"at most {note['max_bytes'] / 1_000_000:g} MB"
        yield f"a handle, or {{file: PATH}}: {', '.join(note['types'])}, {size}"
    if "x-alias" in schema:
        yield f"also spelt {', '.join(schema['x-alias'])}"


def _reference(schema: Schema) -> Mapping[str, Any] | None:
    """The note of the reference that the field holds, or that each item of its list is."""
    item = schema.get("items")
    inner = item.get("x-ref") if isinstance(item, dict) else None
    return schema.get("x-ref") or inner
