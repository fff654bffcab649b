"""JSON Schema of manifests and capsync.yaml: generated, decided fast, explained well."""

from __future__ import annotations

from capsync.schema.check import Checker
from capsync.schema.configfile import config_schema
from capsync.schema.explain import Complaint
from capsync.schema.manifest import combined_schema, manifest_schema, spec_schema

__all__ = [
    "Checker",
    "Complaint",
    "combined_schema",
    "config_schema",
    "manifest_schema",
    "spec_schema",
]
