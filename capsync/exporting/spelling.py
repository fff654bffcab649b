"""Texts that are compared without case, spelt in manifests as the org spells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from capsync.fields import Schema
from capsync.values.forms import form_of

Json = Any


def spelt(schema: Schema, value: Json, shown: Json) -> Json:
    """A canonical value with its caseless texts as they stand in what the org shows for it.

    Those with a list of values are in the spelling of that list already.
    """
    if not form_of(schema).holds("x-fold"):
        return value
    return _spelt(schema, value, {text.casefold(): text for text in _texts(shown)})


def _spelt(schema: Schema, value: Json, texts: Mapping[str, str]) -> Json:
    if isinstance(value, Mapping):
        properties = schema.get("properties", {})
        extra = schema.get("additionalProperties", True)
        others = extra if isinstance(extra, dict) else {}
        return {
            name: _spelt(properties.get(name, others), each, texts) for name, each in value.items()
        }
    if isinstance(value, list):
        return [_spelt(schema.get("items", {}), each, texts) for each in value]
    if isinstance(value, str) and schema.get("x-fold") and "enum" not in schema:
        return texts.get(value, value)
    return value


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
