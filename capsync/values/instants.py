"""Points in time: every spelling that manifests and the API use, and one canonical text."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

Json = Any

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?"
    r"\s*(Z|[+-]\d\d:?\d\d|[+-]\d\d)?$"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_instant(value: Json, wire: str = "iso") -> datetime | None:
    """The moment that a value means, in UTC; None where it is not one.

    Numbers (and texts of digits) are epoch seconds or, for `millis` and for wire forms that are
    text, epoch milliseconds when they are too large for seconds. Texts without an offset are UTC,
    as the API's own texts are (api notes: rewards, common rules).
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return _from_number(Decimal(str(value)), wire)
    return _spelled(str(value).strip(), wire)


# The objects of an org share most of their dates.
@lru_cache(maxsize=8192)
def _spelled(text: str, wire: str) -> datetime | None:
    if matched := _ISO.match(text):
        return _from_text(matched)
    try:
        return _from_number(Decimal(text), wire)
    except InvalidOperation:
        return None


def _from_number(number: Decimal, wire: str) -> datetime | None:
    millis = wire == "millis" or (wire != "seconds" and abs(number) >= 100_000_000_000)
    micros = int(number * (1_000 if millis else 1_000_000))
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return None


def _from_text(matched: re.Match[str]) -> datetime | None:
    year, month, day, hour, minute, second, fraction, offset = matched.groups()
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        local = datetime(int(year), int(month), int(day), tzinfo=UTC)
    except ValueError:
        return None
    # The API reads times leniently ("23:50:79" was accepted), so parts above 59 roll over.
    moment = local + timedelta(
        hours=int(hour or 0),
        minutes=int(minute or 0),
        seconds=int(second or 0),
        microseconds=micros,
    )
    try:
        return moment - _offset(offset)
    except OverflowError:
        return None


def _offset(text: str | None) -> timedelta:
    if not text or text == "Z":
        return timedelta()
    digits = text[1:].replace(":", "").ljust(4, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -span if text[0] == "-" else span


def canonical_instant(value: Json, wire: str, precision: str) -> Json:
    """The canonical text of an instant (`2027-01-01T00:00:00Z`), the value itself if it is none."""
    return _text_of(value, wire, precision) if isinstance(value, (str, int, float)) else value


# Typed: true is no instant, 1 is.
@lru_cache(maxsize=8192, typed=True)
def _text_of(value: Json, wire: str, precision: str) -> Json:
    moment = parse_instant(value, wire)
    if moment is None:
        # Beyond the calendar: milliseconds that the API has read as seconds.
        return int(value) if isinstance(value, float) and value.is_integer() else value
    if precision == "day":
        return moment.strftime("%Y-%m-%d")
    if precision == "written day":
        is_text = isinstance(value, str) and _ISO.match(value.strip())
        return value.strip()[:10] if is_text else moment.strftime("%Y-%m-%d")
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    millis = moment.microsecond // 1000
    return f"{text}.{millis:03d}Z" if precision == "milli" and millis else f"{text}Z"


def wire_instant(value: Json, wire: str) -> Json:
    """An instant as the API takes it; what is not an instant is sent as it is.

    A value already in the API's own form is sent as written; a text without an offset too, where
    the wire form is text.
    """
    moment = parse_instant(value, wire)
    if moment is None or (wire == "given" and isinstance(value, str)):
        return value
    if wire in ("seconds", "millis"):
        if isinstance(value, (int, float)):
            return value
        micros = (moment - _EPOCH) // timedelta(microseconds=1)
        exact, rest = divmod(micros, 1_000 if wire == "millis" else 1_000_000)
        return exact if not rest or wire == "millis" else micros / 1_000_000
    if wire == "text":
        return moment.strftime("%Y-%m-%d %H:%M:%S")
    if wire == "date":
        return moment.strftime("%Y-%m-%d")
    millis = moment.microsecond // 1000
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{millis:03d}Z" if millis else "Z")


def today(now: float) -> date:
    """The UTC day of a time in epoch seconds."""
    return datetime.fromtimestamp(now, UTC).date()
