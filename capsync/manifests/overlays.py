"""Overlays: maps merge, lists replace, null removes a key, `{$null: true}` writes a null."""

from __future__ import annotations

from capsync.model import Json

NULL_MARK = "$null"
_VALUES = ({"ref", "child"}, {"lookup"}, {"file"}, {NULL_MARK})


def merged(base: Json, patch: Json) -> Json:
    """The base with the patch on top. References and files are one value and replace each other."""
    if not isinstance(patch, dict) or is_value(patch):
        return patch
    result = dict(base) if isinstance(base, dict) and not is_value(base) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def is_value(mapping: dict[str, Json]) -> bool:
    """Whether a mapping stands for one value: a reference, a file, a null."""
    return bool(mapping) and any(mapping.keys() <= keys for keys in _VALUES)


def without_null_marks(value: Json) -> Json:
    """The value with `{$null: true}` turned into None."""
    if isinstance(value, dict):
        if value == {NULL_MARK: True}:
            return None
        return {key: without_null_marks(item) for key, item in value.items()}
    return [without_null_marks(item) for item in value] if isinstance(value, list) else value
