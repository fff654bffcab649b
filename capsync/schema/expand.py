"""From field declarations with notes to plain JSON Schema: what a manifest may hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from capsync.fields import Schema
from capsync.schema.formats import INSTANT_FORMATS

VARIABLE = r"\$\{(var|env)\."

NOTHING_FITS: Schema = {"not": {}}
REFERENCE: Schema = {
    "type": "object",
    "properties": {
        "ref": {
            "type": "string",
            "minLength": 1,
            "description": "A resource of this project: NAME, or Kind/NAME.",
        },
        "child": {
            "type": "string",
            "minLength": 1,
            "description": 'A child of that resource: "targets[Run 5]".',
        },
        "lookup": {
            "type": ["string", "number", "object"],
            "minLength": 1,
            "minProperties": 1,
            "description": "A live object that is not managed here, by its natural key; "
            "{kind: Label, name: VIP} where several kinds fit or the key has parts.",
        },
    },
    "additionalProperties": False,
    "minProperties": 1,
    "dependentSchemas": {
        "lookup": {"maxProperties": 1},
        "child": {"required": ["ref"]},
    },
}
FILE: Schema = {
    "type": "object",
    "properties": {
        "file": {
            "type": "string",
            "minLength": 1,
            "description": "Path of the file, relative to the manifest.",
        }
    },
    "required": ["file"],
    "additionalProperties": False,
}

# Keywords that may refuse null even where the type allows it.
_BEYOND_TYPE = frozenset({"const", "not", "allOf", "anyOf", "oneOf", "if", "$ref"})
_ANNOTATIONS = frozenset({"description", "title", "default", "examples", "deprecated", "readOnly"})


@dataclass(frozen=True, slots=True)
class Expander:
    """Expands notes. With `variables` (for editors) any value may be a `${var.NAME}` instead."""

    variables: bool = False

    def field(self, schema: Schema, *, nullable: bool = False) -> Schema:
        """What a manifest may hold in a field of that declaration."""
        about = _about(schema)
        if schema.get("readOnly"):
            return about | {"readOnly": True}
        shape = self._shape(schema)
        if nullable:
            shape = _or_null(shape)
        if self.variables and shape:
            shape = {
                "if": {"type": "string", "pattern": VARIABLE},
                "then": True,
                "else": shape,
            }
        return about | shape

    def _shape(self, schema: Schema) -> Schema:
        shape: Schema
        if "x-instant" in schema:
            note = schema["x-instant"]
            by_day = {"day": "date", "written day": "local"}
            wire = by_day.get(note["precision"], note["wire"])
            shape = {"type": ["string", "number"], "format": INSTANT_FORMATS.get(wire, "instant")}
        else:
            shape = self.structure(schema)
        if "x-json" in schema:
            text: Schema = {"format": "json-text"} if shape else {}
            if "" in schema.get("x-blank", ()):
                text = {"if": {"minLength": 1}, "then": text}
            shape = {"if": {"type": "string"}, "then": text, "else": shape} if shape else {}
        if "x-media" in schema:
            shape = {"if": {"type": "object"}, "then": FILE, "else": shape}
        if "x-ref" in schema and schema.get("type") != "object":
            shape = {"if": {"type": "object"}, "then": {"$ref": "#/$defs/reference"}, "else": shape}
        return shape

    def structure(self, schema: Schema, aliases: Mapping[str, list[str]] | None = None) -> Schema:
        """The JSON Schema of a declaration without its notes and annotations."""
        own = aliases_of(schema) | dict(aliases or {})
        shape = {
            keyword: self._keyword(keyword, value, schema, own)
            for keyword, value in schema.items()
            if not keyword.startswith("x-") and keyword not in _ANNOTATIONS | {"writeOnly"}
        }
        return _folded(_either(shape, own), schema)

    def _keyword(
        self, keyword: str, value: Any, schema: Schema, own: Mapping[str, list[str]]
    ) -> Any:
        if keyword == "properties":
            return dict(self._properties(value, frozenset(schema.get("required", ()))))
        if keyword == "additionalProperties" and isinstance(value, dict):
            return self.field(value, nullable=True)
        if keyword == "items" and isinstance(value, dict):
            return self.field(value)
        if keyword == "prefixItems":
            return [self.field(each) for each in value]
        if keyword in ("allOf", "anyOf", "oneOf"):
            return [self.structure(each, own) for each in value]
        if keyword in ("then", "else") and isinstance(value, dict):
            return self.structure(value, own)
        return value

    def _properties(
        self, properties: Mapping[str, Any], required: frozenset[str]
    ) -> Iterable[tuple[str, Any]]:
        for name, schema in properties.items():
            if not isinstance(schema, dict):
                # jsonschema leaves the name out of the path of an error of a False schema.
                yield name, schema or NOTHING_FITS
                continue
            nullable = name not in required
            yield name, self.field(schema, nullable=nullable)
            for spelling, wire in schema.get("x-alias", {}).items():
                yield spelling, self.field(_spelled(name, schema, wire), nullable=nullable)


def aliases_of(schema: Schema) -> dict[str, list[str]]:
    """Fields of an object that have other spellings, with these."""
    return {
        name: list(inner["x-alias"])
        for name, inner in schema.get("properties", {}).items()
        if isinstance(inner, dict) and inner.get("x-alias")
    }


def _spelled(name: str, schema: Schema, wire: str) -> Schema:
    spelled = schema | {"description": f"Another spelling of {name}."}
    if "x-instant" in schema:
        spelled["x-instant"] = schema["x-instant"] | {"wire": wire}
    return spelled


def _either(shape: Schema, aliases: Mapping[str, list[str]]) -> Schema:
    """A required field may be there in any of its spellings."""
    spelled = [name for name in shape.get("required", ()) if name in aliases]
    if not spelled:
        return shape
    kept = [name for name in shape["required"] if name not in aliases]
    either = [
        {"anyOf": [{"required": [each]} for each in [name, *aliases[name]]]} for name in spelled
    ]
    rest = {keyword: value for keyword, value in shape.items() if keyword != "required"}
    return (
        rest | ({"required": kept} if kept else {}) | {"allOf": [*shape.get("allOf", ()), *either]}
    )


def _folded(shape: Schema, schema: Schema) -> Schema:
    """A field compared without case takes its allowed values in any case."""
    if not schema.get("x-fold") or "enum" not in shape:
        return shape
    rest = {keyword: value for keyword, value in shape.items() if keyword != "enum"}
    pattern = "|".join(_any_case(value) for value in shape["enum"])
    return rest | {"anyOf": [{"enum": shape["enum"]}, {"pattern": f"^(?:{pattern})$"}]}


def _any_case(text: str) -> str:
    return "".join(
        f"[{c.upper()}{c.lower()}]" if c.isalpha() else c if c.isalnum() else f"\\{c}" for c in text
    )


def _or_null(shape: Schema) -> Schema:
    if not shape:
        return shape
    if "type" in shape and _BEYOND_TYPE.isdisjoint(shape):
        return _typed_or_null(shape)
    return {"if": {"type": "null"}, "then": True, "else": shape}


def _typed_or_null(shape: Schema) -> Schema:
    types = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    shape = shape | {"type": types if "null" in types else [*types, "null"]}
    if "enum" in shape and None not in shape["enum"]:
        shape["enum"] = [*shape["enum"], None]
    return shape


def _about(schema: Schema) -> Schema:
    """The annotations that editors show."""
    about: Schema = {n: schema[n] for n in ("title", "description") if n in schema}
    remarks = " ".join(_remarks(schema))
    if remarks:
        about["description"] = f"{about.get('description', '')} {remarks}".strip()
    about |= {
        name: schema[name] for name in ("default", "examples", "deprecated") if name in schema
    }
    return about


def _remarks(schema: Schema) -> Iterable[str]:
    if "x-ref" in schema:
        kinds = " or ".join(schema["x-ref"]["kinds"])
        yield f"The {schema['x-ref']['by']} of a {kinds}, {{ref: NAME}} or {{lookup: KEY}}."
    if "x-ref-keys" in schema:
        yield f"Each key names a {schema['x-ref-keys']['kind']}."
    if "x-fixed" in schema:
        yield f"Immutable after creation: {schema['x-fixed']}"
    if "x-only" in schema:
        beside = (f"{each} is {' or '.join(map(str, v))}" for each, v in schema["x-only"].items())
        yield f"Counts only while {' and '.join(beside)}."
    for note, remark in _REMARKS.items():
        if said := schema.get(note):
            yield _sentence(said) if note == "x-set" and isinstance(said, str) else remark


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


_REMARKS = {
    "readOnly": "Set by the server: ignored here.",
    "x-instant": "ISO 8601 with an offset, or the raw number.",
    "x-json": "Plain YAML, or JSON in a text.",
    "x-media": "A handle, or {file: PATH} to upload.",
    "x-secret": "Secret: never shown.",
    "writeOnly": "Never read back.",
    "x-set": "Order has no meaning.",
}
