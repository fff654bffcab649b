"""JSON in and out: orjson where it is installed, else the standard library."""

from __future__ import annotations

import json
from typing import Any

try:
    import orjson
except ImportError:  # pragma: no cover - the fallback run of the suite takes it
    orjson = None  # type: ignore[assignment]

Json = Any


def loads(data: bytes | str) -> Json:
    """The value of a JSON text; raises ValueError where it is not JSON."""
    return json.loads(data) if orjson is None else orjson.loads(data)


def dumps(value: Json) -> bytes:
    """Compact UTF-8 JSON; raises TypeError for what JSON can not hold."""
    if orjson is None:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return orjson.dumps(value)


def dumps_sorted(value: Json) -> bytes:
    """Compact UTF-8 JSON with sorted member names: equal values give equal bytes."""
    if orjson is None:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def dumps_pretty(value: Json) -> bytes:
    """Indented UTF-8 JSON for people, with a line end at the end."""
    if orjson is None:
        return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
