"""Spec paths in `metadata.ignore` and `metadata.sensitive`: they name fields that exist."""

from __future__ import annotations

from collections.abc import Iterator

from capsync.fields import Schema
from capsync.model import Meta
from capsync.schema.explain import Complaint, nearest
from capsync.values.normalise import spellings
from capsync.values.paths import Pick, parse_path


class MetaPaths:
    """The checks of one kind; many manifests have the same paths, so faults are remembered."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._faults: dict[str, tuple[str, str] | None] = {}

    def check(self, meta: Meta) -> Iterator[Complaint]:
        """What is wrong with the paths of a manifest; complaints are about the whole document."""
        for name, paths in (("ignore", meta.ignore), ("sensitive", meta.sensitive)):
            for place, text in enumerate(paths):
                if text not in self._faults:
                    self._faults[text] = path_fault(self._schema, text)
                if fault := self._faults[text]:
                    yield Complaint(("metadata", name, place), *fault, rule="path")


def path_fault(schema: Schema, text: str) -> tuple[str, str] | None:
    """What is wrong with a path, and what to write; None where it leads to a field."""
    try:
        steps = parse_path(text)
    except ValueError:
        return f"{text} is no path", "write it like benefits[].points or targets[Run 5].value"
    for step in steps:
        inner = _below(schema, step)
        if inner is None:
            near = nearest(step, schema.get("properties", {}))
            hint = f"did you mean {near}?" if near else ""
            return f"the spec has no {step or 'list'} in {text}", hint
        schema = inner
    return None


def _below(schema: Schema, step: str) -> Schema | None:
    """The declaration that a step leads to, {} where anything may be, None where nothing is."""
    if isinstance(step, Pick):
        items = schema.get("items", None if "type" in schema else {})
        return items if isinstance(items, dict) else None
    properties = schema.get("properties", {})
    own = spellings(schema).get(step, (step,))[0]
    if own in properties:
        inner: Schema = properties[own]
        return inner
    extra = schema.get("additionalProperties", "type" not in schema)
    return extra if isinstance(extra, dict) else {} if extra else None
