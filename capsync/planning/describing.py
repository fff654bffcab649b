"""What a plan says of a change: where values come from, what is secret or not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from capsync.fields import Schema
from capsync.kind import Kind
from capsync.manifests.project import places
from capsync.model import NOTHING, FieldChange, Path
from capsync.planning.match import Wanted
from capsync.snapshot import LiveObject
from capsync.values.diff import holds_secret
from capsync.values.normalise import Pending
from capsync.values.paths import below, parse_path

Json = Any


def described(wanted: Wanted, change: FieldChange) -> FieldChange:
    """The change with what it refers to, and with what may be shown of it."""
    ref = _source_of(wanted, change.path)
    pending = _holds_pending(change.after)
    sensitive = change.sensitive or any(
        below(change.path, parse_path(text)) or _below_any(text, change.path)
        for text in wanted.resource.meta.sensitive
    )
    if change.path and not sensitive:
        along = schemas_along(wanted.kind.schema, change.path)
        sensitive = any(each.get("x-secret") for each in along) or holds_secret(along[-1])
    after = NOTHING if pending else change.after
    return replace(change, ref=ref, unknown=pending, after=after, sensitive=sensitive)


def _source_of(wanted: Wanted, path: Path) -> str:
    """The references and files that a value at a path comes from, as text."""
    plain = places(wanted.raw, path)
    if len(plain) < len(path):  # an item that the manifest does not have
        return ""
    texts = [text for place, text in wanted.sources.items() if place[: len(plain)] == plain]
    return ", ".join(dict.fromkeys(texts))


def _holds_pending(value: Json) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_pending(inner) for inner in value.values())
    if isinstance(value, (list, tuple)):
        return any(_holds_pending(inner) for inner in value)
    return isinstance(value, Pending)


def _below_any(pattern: str, path: Path) -> bool:
    """Whether what a pattern picks lies below a path: then the value there holds it."""
    steps = parse_path(pattern)
    return len(path) < len(steps) and all(
        str(part) == step or step == "" for part, step in zip(path, steps, strict=False)
    )


def schemas_along(schema: Schema, path: Path) -> list[Schema]:
    """The schemas from a whole spec down to a path, both ends included."""
    found = [schema]
    for step in path:
        schema = _step_into(schema, step)
        found.append(schema)
    return found


def _step_into(schema: Schema, step: str | int) -> Schema:
    if schema.get("type") == "array" or "items" in schema:
        items: Schema = schema.get("items", {})
        return items
    extra = schema.get("additionalProperties", True)
    inner: Schema = schema.get("properties", {}).get(step, extra if isinstance(extra, dict) else {})
    return inner


def natural_key_of(wanted: Wanted) -> tuple[str, str]:
    """The strongest natural key that is written, as text, and what it is called."""
    for key in wanted.kind.keys:
        if parts := key.of(wanted.canon):
            return " / ".join(parts), key.label
    return "", ""


def impact_of(kind: Kind, live: LiveObject | None) -> dict[str, Json]:
    """What tells that an object is in use, by name; empty where nothing does."""
    if live is None or not isinstance(live.raw, Mapping):
        return {}
    return {name: live.raw[name] for name in kind.impact if live.raw.get(name) not in (None, 0)}
