"""Short names for exact values: of live objects, and of whole plans."""

from __future__ import annotations

import hashlib
from typing import Any

from capsync import jsonio
from capsync.fields import Schema

Json = Any


def digest(value: Json) -> str:
    """`sha256:` and the hash of a JSON value, member order aside."""
    return "sha256:" + hashlib.sha256(jsonio.dumps_sorted(value)).hexdigest()


def fingerprint(schema: Schema, canon: Json) -> str:
    """The digest of a canonical live object, secrets left out."""
    return digest(public(schema, canon))


def public(schema: Schema, value: Json) -> Json:
    """The value without its secrets and write-only parts."""
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        extra = schema.get("additionalProperties", True)
        open_schema = extra if isinstance(extra, dict) else {}
        return {
            name: public(properties.get(name, open_schema), inner)
            for name, inner in value.items()
            if not _is_hidden(properties.get(name, open_schema))
        }
    if isinstance(value, list):
        return [public(schema.get("items", {}), inner) for inner in value]
    return value


def _is_hidden(schema: Schema) -> bool:
    return bool(schema.get("x-secret") or schema.get("writeOnly"))
