"""Formats that our schemas name, checked by the same function whatever library validates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from capsync import jsonio

# The manifests of a project share most of their dates.
_remembered = lru_cache(maxsize=8192)

# ISO 8601 with an offset. A time may leave out seconds; nothing after them counts but the offset.
_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?)?"
    r"(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)",
    re.ASCII,
)
_LOCAL = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?)?"
    r"(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?",
    re.ASCII,
)
_TIME_TEXT = re.compile(r"(\d{4})-(\d\d)-(\d\d) (?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)", re.ASCII)
# Where the day alone is kept, seconds may run over, as the API lets them (`23:50:79`).
_DAY = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](?:[01]\d|2[0-3]):[0-5]\d:\d\d(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d))?",
    re.ASCII,
)


@_remembered
def is_instant(text: str) -> bool:
    """A moment with an offset, on a day that exists."""
    return _on_a_day(_INSTANT, text)


@_remembered
def is_instant_or_text(text: str) -> bool:
    """The same, or `YYYY-MM-DD HH:MM:SS` as the API writes it."""
    return is_instant(text) or _on_a_day(_TIME_TEXT, text)


@_remembered
def is_instant_or_day(text: str) -> bool:
    """The same, seconds above 60 too, or `YYYY-MM-DD` as the API writes it."""
    return is_instant(text) or _on_a_day(_DAY, text)


@_remembered
def is_local(text: str) -> bool:
    """A day, with or without a time, with or without an offset."""
    return _on_a_day(_LOCAL, text)


def is_json(text: str) -> bool:
    """A text that holds JSON."""
    try:
        jsonio.loads(text)
    except ValueError:
        return False
    return True


def _on_a_day(form: re.Pattern[str], text: str) -> bool:
    matched = form.fullmatch(text)
    if matched is None:
        return False
    try:
        date(*map(int, matched.groups()))
    except ValueError:
        return False
    return True


FORMATS: dict[str, Callable[[str], bool]] = {
    "instant": is_instant,
    "instant-or-text": is_instant_or_text,
    "instant-or-day": is_instant_or_day,
    "day-or-time": is_local,
    "json-text": is_json,
}
WORDS: dict[str, str] = {
    "instant": "not a time with an offset",
    "instant-or-text": "not a time with an offset",
    "instant-or-day": "not a time with an offset, nor a day",
    "day-or-time": "not a day, nor a day with a time",
    "json-text": "not JSON",
}
HINTS: dict[str, str] = {
    "instant": "for example 2027-01-31T09:30:00+05:30",
    "instant-or-text": "for example 2027-01-31T09:30:00+05:30",
    "instant-or-day": "for example 2027-01-31T09:30:00+05:30, or 2027-01-31",
    "day-or-time": "for example 2027-01-31T09:30:00+05:30, or 2027-01-31",
    "json-text": "write the structure as plain YAML, or JSON in quotes",
}
INSTANT_FORMATS = {"text": "instant-or-text", "date": "instant-or-day", "local": "day-or-time"}
