"""Instants and days as the v3 calls take and write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from capsync.sandbox.targets_answers import INVALID, refuse

_ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?")


def instant(text: Any, zone: tzinfo = UTC) -> datetime | None:
    """The instant of an ISO 8601 text, None for anything else.

    Without an offset it counts as server time, `zone` (api notes: platform 8).
    """
    if not isinstance(text, str) or not _ISO.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def required_instant(body: Any, name: str, zone: tzinfo = UTC) -> datetime:
    """The instant under `name`; anything else is refused."""
    moment = instant(body.get(name), zone)
    if moment is None:
        refuse(INVALID, f"Invalid input, {name} is no date")
    return moment


def day(text: str) -> str:
    """The day of a date or date-time text, by its own clock."""
    return text[:10]


def attribution_time(seconds: float, zone: tzinfo) -> str:
    """`2026-08-02T04:36:21.532+0000`."""
    moment = datetime.fromtimestamp(seconds, zone)
    millis = moment.microsecond // 1000
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{millis:03d}{moment:%z}"


def zulu(moment: datetime) -> str:
    """`2026-08-03T00:00:00.000Z`."""
    moment = moment.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def whole_second(text: str) -> str:
    """A `zulu` text rounded to whole seconds, as reads show the cycle dates."""
    moment = datetime.fromisoformat(text) + timedelta(milliseconds=500)
    return zulu(moment.replace(microsecond=0))


def server_time(moment: datetime, zone: tzinfo) -> str:
    """`2026-11-27T00:00:00Z`, or the same with an offset where the server is not on UTC."""
    text = moment.astimezone(zone).isoformat(timespec="seconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def epoch_day(seconds: float) -> str:
    """The day of an epoch time in UTC."""
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
