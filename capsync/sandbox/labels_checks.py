"""What the label calls refuse in one item, with the documented codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

Json = Any


class Problem(NamedTuple):
    """Why one label was not taken."""

    code: int
    field: str
    message: str


_LENGTHS = (("name", 255, 23007), ("externalId", 255, 23008), ("description", 1024, 23009))
_MISSING = {"name": 23001, "externalId": 23030}
_UNITS = ("DAYS", "MONTHS", "YEARS")
_KEPT = {
    "NONE": ("type",),
    "FIXED_DATE": ("type", "expiryDate"),
    "RELATIVE": ("type", "unit", "value", "roundingUnit"),
}


def text_problems(item: dict[str, Json], *, required: bool) -> Iterator[Problem]:
    """Missing and overlong texts."""
    for name, most, code in _LENGTHS:
        value = item.get(name)
        missing = not value if required else value == ""
        if name in _MISSING and (missing or not isinstance(value, str | None)):
            yield Problem(_MISSING[name], name, f"{name} is missing")
        elif isinstance(value, str) and len(value) > most:
            yield Problem(code, name, f"{name} is longer than {most} characters")


def expiry_problems(config: Json, now: float) -> Iterator[Problem]:
    """What is wrong with an expiry configuration; one that is left out never is."""
    kind = _kind(config)
    if kind not in _KEPT:
        yield Problem(23013, "expiryConfig.type", "expiry type is not valid")
    elif kind == "FIXED_DATE":
        yield from _date_problems(config.get("expiryDate"), now)
    elif kind == "RELATIVE":
        yield from _span_problems(config.get("unit"), config.get("value"))


def expiry(config: Json) -> dict[str, Json]:
    """The configuration as it is kept: what its type does not use is dropped."""
    kind = _kind(config)
    given = {**(config or {}), "type": kind}
    return {name: given[name] for name in _KEPT[kind] if given.get(name) is not None}


def _kind(config: Json) -> str:
    if config is None:
        return "NONE"
    kind = config.get("type") if isinstance(config, dict) else None
    return kind if isinstance(kind, str) else ""


def _date_problems(value: Json, now: float) -> Iterator[Problem]:
    path = "expiryConfig.expiryDate"
    if value in (None, ""):
        yield Problem(23012, path, "expiryDate is missing for FIXED_DATE")
        return
    moment = _instant(value)
    if moment is None:
        yield Problem(23014, path, "expiryDate is not ISO 8601 with an offset")
    elif moment <= now:
        yield Problem(23004, path, "expiryDate is not in the future")


def _span_problems(unit: Json, value: Json) -> Iterator[Problem]:
    if unit is None:
        yield Problem(23010, "expiryConfig.unit", "unit is missing for RELATIVE")
    elif unit not in _UNITS:
        yield Problem(23005, "expiryConfig.unit", "time unit is not supported")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        yield Problem(23011, "expiryConfig.value", "value is missing or negative for RELATIVE")


def _instant(value: Json) -> float | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return None if moment.tzinfo is None else moment.timestamp()
