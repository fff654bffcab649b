"""The schema files that editors use, as text by file name."""

from __future__ import annotations

import json
from collections.abc import Mapping

from capsync.fields import Schema
from capsync.kind import Kind
from capsync.schema.configfile import config_schema
from capsync.schema.manifest import combined_schema, manifest_schema


def schema_files(kinds: Mapping[str, Kind]) -> dict[str, str]:
    """File name -> text of every generated file of `schemas/`."""
    schemas = {
        f"{name}.schema.json": manifest_schema(kind)
        for name, kind in kinds.items()
        if not kind.reference_only
    }
    schemas["manifest.schema.json"] = combined_schema(kinds)
    schemas["capsync.schema.json"] = config_schema()
    return {name: _text(schema) for name, schema in sorted(schemas.items())}


def _text(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
