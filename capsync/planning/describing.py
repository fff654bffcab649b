"""What a plan says of a change: where values come from, what is secret or not known yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from capsync.fields import Schema
from capsync.kind import Kind, NaturalKey
from capsync.manifests.project import places
from capsync.model import NOTHING, FieldChange, Path
from capsync.planning.match import Wanted
from capsync.snapshot import LiveObject
from capsync.values.diff import holds_secret
from capsync.values.normalise import Pending
from capsync.values.paths import below, parse_path

Json = Any

AFTER_APPLY = "(known after apply)"


def described(wanted: Wanted, change: FieldChange) -> FieldChange:
    """The change with what it refers to, and with what may be shown of it."""
    ref = _source_of(wanted, change.path)
    pending = holds_pending(change.after)
    sensitive = change.sensitive or is_sensitive(wanted, change.path)
    if not pending:
        return replace(change, ref=ref, sensitive=sensitive)
    partly = isinstance(change.after, (Mapping, list)) and not sensitive
    preview = marked(change.after) if partly else NOTHING
    return replace(
        change, ref=ref, unknown=True, after=NOTHING, preview=preview, sensitive=sensitive
    )


def is_sensitive(wanted: Wanted, path: Path) -> bool:
    """Whether what stands at a path may not be shown: it is a secret of the kind, or of the
    manifest, or holds one."""
    if any(
        below(path, parse_path(text)) or _below_any(text, path)
        for text in wanted.resource.meta.sensitive
    ):
        return True
    along = schemas_along(wanted.kind.schema, path)
    return bool(path) and (any(each.get("x-secret") for each in along) or holds_secret(along[-1]))


def _source_of(wanted: Wanted, path: Path) -> str:
    """The references and files that a value at a path comes from, as text."""
    plain = places(wanted.raw, path)
    if len(plain) < len(path):  # an item that the manifest does not have
        return ""
    texts = [text for place, text in wanted.sources.items() if place[: len(plain)] == plain]
    return ", ".join(dict.fromkeys(texts))


def marked(value: Json) -> Json:
    """The value with a mark in place of each id that is not known yet."""
    if isinstance(value, Pending):
        return AFTER_APPLY
    if isinstance(value, Mapping):
        return {name: marked(inner) for name, inner in value.items()}
    return [marked(inner) for inner in value] if isinstance(value, list) else value


def holds_pending(value: Json) -> bool:
    """Whether an id that is not known yet is in a value."""
    if isinstance(value, Mapping):
        return any(holds_pending(inner) for inner in value.values())
    if isinstance(value, (list, tuple)):
        return any(holds_pending(inner) for inner in value)
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
    """The strongest natural key that is written, as text, and what it is called; of an object that
    was found by its key the one that it has, in its own letters."""
    live = wanted.live
    for key in wanted.kind.keys:
        if parts := key.of(wanted.canon):
            if live is not None and wanted.matched_by == "key":
                parts = key.of(live.canon) or parts
            spec = live.spec if live is not None else wanted.raw
            return " / ".join(_as_spelt(key, parts, spec)), key.label
    return "", ""


def _as_spelt(key: NaturalKey, parts: Sequence[str], spec: Mapping[str, Json]) -> Sequence[str]:
    """The parts of a key in their own letters: keys of some kinds are compared without case."""
    written = [str(spec.get(name, "")) for name in key.label.split(" + ")]
    if [each.casefold() for each in written] == [each.casefold() for each in parts]:
        return written
    return parts


def impact_of(kind: Kind, live: LiveObject | None) -> dict[str, Json]:
    """What tells that an object is in use, by name; empty where nothing does."""
    if live is None or not isinstance(live.raw, Mapping):
        return {}
    return {name: live.raw[name] for name in kind.impact if live.raw.get(name) not in (None, 0)}
