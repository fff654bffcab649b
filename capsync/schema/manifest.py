"""The schemas of files: manifests of each kind, all manifests, capsync.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from capsync.fields import Schema, boolean, enum, list_of, obj, string
from capsync.kind import Kind
from capsync.schema.expand import REFERENCE, Expander

DIALECT = "https://json-schema.org/draft/2020-12/schema"
API_VERSION = "capsync/v1"
NAME_PATTERN = "^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$"
NAME_LENGTH = 128

PATHS_ITEM = string("A path inside the spec: description, benefits[].points, targets[Run 5].value.")
METADATA: Schema = obj(
    required=["name"],
    name=string(
        "The local name: the resource is Kind/name in this project.",
        pattern=NAME_PATTERN,
        maxLength=NAME_LENGTH,
    ),
    protect=boolean("Never deactivate, delete or replace it.", default=False),
    ignore=list_of(PATHS_ITEM, "Spec paths left to the people who use the console."),
    id={
        "type": ["string", "integer"],
        "minLength": 1,
        "description": "This manifest is that live object: settles ambiguous names.",
    },
    formerly=obj(
        doc="The names that it had: a rename is a rename.",
        name=string("The old local name.", pattern=NAME_PATTERN, maxLength=NAME_LENGTH),
        key={
            "type": ["string", "number", "array", "object"],
            "description": "The old natural key.",
        },
    ),
    sensitive=list_of(PATHS_ITEM, "Spec paths treated like the kind's own secrets."),
    replace=boolean(
        "An immutable change may make a new object and retire the old one.", default=False
    ),
    publish=enum("draft", "submit", doc="How far apply takes a loyalty promotion."),
)
METADATA["properties"]["formerly"]["minProperties"] = 1
OVERLAY_METADATA: Schema = obj(
    required=["name"],
    **METADATA["properties"],
    remove=boolean("Drops the resource in this environment.", default=False),
)


def wrapper_schema(*, overlay: bool = False) -> Schema:
    """What every document has in common; the spec is checked by the schema of its kind."""
    return obj(
        required=["kind", "metadata"] if overlay else ["apiVersion", "kind", "metadata", "spec"],
        apiVersion={"type": "string", "enum": [API_VERSION]},
        kind=string(minLength=1),
        metadata=OVERLAY_METADATA if overlay else METADATA,
        spec={"type": "object"},
    )


def spec_schema(kind: Kind) -> Schema:
    """The schema that the spec of a kind is validated with, variables already put in."""
    return _with_definitions(Expander().structure(kind.schema))


def manifest_schema(kind: Kind) -> Schema:
    """The schema of a kind's manifests for editors: any value may be a variable."""
    schema = _manifest(kind)
    about = {"$schema": DIALECT, "$id": f"urn:capsync:v1:{kind.name}", "title": kind.name}
    return about | _with_definitions(schema)


def combined_schema(kinds: Mapping[str, Kind]) -> Schema:
    """One schema for all manifests: the kind says which of the others holds."""
    names = sorted(name for name, kind in kinds.items() if not kind.reference_only)
    arms: list[Schema] = [
        {
            "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
            "then": {"$ref": f"#/$defs/{name}"},
        }
        for name in names
    ]
    definitions = {name: _manifest(kinds[name]) for name in names}
    return {
        "$schema": DIALECT,
        "$id": "urn:capsync:v1:manifest",
        "title": "A capsync manifest",
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"enum": names, "description": "What kind of resource this is."},
        },
        "allOf": arms,
        "$defs": {"reference": REFERENCE, **definitions},
    }


def _manifest(kind: Kind) -> Schema:
    spec = Expander(variables=True).structure(kind.schema)
    return obj(
        required=["apiVersion", "kind", "metadata", "spec"],
        doc=kind.doc,
        apiVersion={"const": API_VERSION},
        kind={"const": kind.name, "description": kind.doc},
        metadata=METADATA,
        spec={"description": f"The body of the API's own create call for a {kind.name}."} | spec,
    )


def _with_definitions(schema: Schema) -> Schema:
    return schema | {"$defs": {"reference": REFERENCE}} if _refers(schema) else schema


def _refers(value: Any) -> bool:
    if isinstance(value, dict):
        return "$ref" in value or any(map(_refers, value.values()))
    return isinstance(value, list) and any(map(_refers, value))
