"""Desired values beside a live object: put into its form, and what stands in no spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from capsync.kind import Kind, Pair
from capsync.model import FieldChange, Meta
from capsync.snapshot import LiveObject
from capsync.values.paths import below, parse_path

Json = Any


def shaped(
    kind: Kind, raw: Mapping[str, Json], live: LiveObject | None, meta: Meta, *, approve: bool
) -> dict[str, Json]:
    """The desired values in the form in which the kind compares and writes them."""
    if kind.shape is None:
        return raw if isinstance(raw, dict) else dict(raw)
    return kind.shape(_pair(raw, live, meta, approve=approve))


def staged(
    kind: Kind, raw: Mapping[str, Json], live: LiveObject, meta: Meta, *, approve: bool
) -> list[FieldChange]:
    """How far the object has to go on in its life, save what the manifest ignores."""
    if kind.stage is None:
        return []
    ignored = [parse_path(text) for text in meta.ignore]
    found = kind.stage(_pair(raw, live, meta, approve=approve))
    return [each for each in found if not any(below(each.path, steps) for steps in ignored)]


def _pair(raw: Mapping[str, Json], live: LiveObject | None, meta: Meta, *, approve: bool) -> Pair:
    if live is None:
        return Pair(raw, meta=meta, approve=approve)
    return Pair(raw, live.spec, live.raw, meta, approve)
