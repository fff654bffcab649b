"""Fixed windows of badges: their cycles, and how editing a running one plans the next."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import NAMESPACE_OID, uuid3

from capsync.sandbox.badges_values import UNITS, crash, member, twin, whole

Json = Any

WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_FIRST = -(2**33)
_LAST = 253402300799  # 9999-12-31: beyond it there are no cycles
_MOST_CYCLES = 5000
_CONFIG = ("durationType", "refreshRate", "startDayOfTheWeek")
_ONE_DAY = timedelta(days=1)


def window(sent: Mapping[str, Json], path: str) -> Json:
    """A fixed window from what was sent: units decide which of its parameters are kept."""
    unit = member(sent.get("durationType"), UNITS, f"{path}.durationType")
    limit = sent.get("maxEarnLimit")
    if limit is None:
        raise crash()
    made: dict[str, Json] = {"constraintType": sent["constraintType"], "durationType": unit}
    if unit == "DAYS":
        if sent.get("refreshRate") is None:
            raise crash()
        made["refreshRate"] = whole(sent["refreshRate"], f"{path}.refreshRate")
        if made["refreshRate"] < 1:
            raise crash()
    if unit == "WEEKS":
        made["startDayOfTheWeek"] = _weekday(sent.get("startDayOfTheWeek"), path)
    made["maxEarnLimit"] = whole(limit, f"{path}.maxEarnLimit")
    return {**made, "since": None, "until": None, "moved": False}


def _weekday(value: Json, path: str) -> str:
    if value is None:
        return WEEKDAYS[0]
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(WEEKDAYS):
        return WEEKDAYS[value]  # counts from 0 = MONDAY
    return member(value, WEEKDAYS, f"{path}.startDayOfTheWeek")


def replanned(
    known: list[Json], wanted: list[Json], *, started: bool, now: float, start: float
) -> list[Json]:
    """The windows of one side after an update.

    Before the badge starts they are replaced. Later the running one stays until its cycle ends
    and the new one waits for that; a change of nothing but the limit is made in place.
    """
    running = [one for one in known if one["until"] is None]
    past = [one for one in known if one["until"] is not None]
    if not started or len(wanted) != 1 or not running:
        return wanted if not started else [*_ended(past, now), *wanted]
    last, new = running[-1], wanted[0]
    if all(last.get(name) == new.get(name) for name in _CONFIG):
        return [*past, {**new, "since": last["since"]}]
    if last["since"] is not None and last["since"] > now:
        return [*past, {**new, "since": last["since"]}]
    _, cycle_end = cycle(last, max(now, start), start)
    cut = cycle_end + _ONE_DAY.total_seconds()
    return [*past, {**last, "until": cut}, {**new, "since": cut}]


def _ended(windows: list[Json], now: float) -> list[Json]:
    return [one for one in windows if one["until"] <= now]


def wanted_of(sent: list[Json]) -> list[Json]:
    """What a list means: bodies may echo running, coming and ended entries of an answer."""
    coming = [one for one in sent if one.get("cycleStatus") == "UPCOMING"]
    return coming or [one for one in sent if one.get("cycleStatus") != "EXPIRED"]


def shown_window(stored: Json, *, start: float, end: float | None, now: float, full: bool) -> Json:
    """A window as answers show it; `full` adds the running cycle, as reads by id do."""
    shown = {k: v for k, v in stored.items() if k not in ("since", "until", "moved")}
    kind = shown.pop("constraintType")
    shown = {"constraintType": kind, "referenceId": reference(stored), **shown}
    if stored["moved"]:
        # Moved here from the other list: it then has no dates (api notes: badges, restrictions).
        return {**shown, "startDateISO": None, "endDateISO": None}
    first, last = bounds(stored, start, end)
    status = _status(first, last, now)
    shown |= {"cycleStatus": status, **twin("startDate", first)}
    if last is not None:
        shown |= twin("endDate", last)
    if full and status == "ACTIVE" and now < _LAST:
        begin, finish = cycle(stored, now, first)
        shown["currentCycle"] = {**twin("startDate", begin), **twin("endDate", finish)}
    return shown


def bounds(stored: Json, start: float, end: float | None) -> tuple[float, float | None]:
    """From when to when a window counts, given those of its badge."""
    first = start if stored["since"] is None else stored["since"]
    return first, end if stored["until"] is None else stored["until"]


def _status(first: float, last: float | None, now: float) -> str:
    if now < first:
        return "UPCOMING"
    return "EXPIRED" if last is not None and now >= last else "ACTIVE"


def reference(stored: Json) -> str:
    """The same for equal side, unit and length, on every badge of every org."""
    rate = stored.get("refreshRate")
    return str(uuid3(NAMESPACE_OID, f"{stored['constraintType']}/{stored['durationType']}/{rate}"))


def cycle(stored: Json, now: float, first: float) -> tuple[float, float]:
    """Midnights of the first and the last day of the cycle that holds `now`."""
    begin, today = _date(first), _date(now)
    unit = stored["durationType"]
    if unit == "DAYS":
        length = stored["refreshRate"]
        begin = _later(begin, (today - begin).days // length * length)
        return _midnight(begin), _midnight(_later(begin, length - 1))
    if unit == "WEEKS":
        weekday = WEEKDAYS.index(stored["startDayOfTheWeek"])
        monday = today - timedelta(days=(today.weekday() - weekday) % 7)
        return _midnight(max(monday, begin)), _midnight(_later(monday, 6))
    last = calendar.monthrange(today.year, today.month)[1]
    return _midnight(max(today.replace(day=1), begin)), _midnight(today.replace(day=last))


def cycles(stored: Json, first: float, last: float | None) -> list[tuple[float, float]]:
    """Every cycle between two instants, the last one cut short at the end."""
    return list(islice(_cycles(stored, first, last), _MOST_CYCLES))


def _cycles(stored: Json, first: float, last: float | None) -> Iterator[tuple[float, float]]:
    stop = _midnight(_date(min(_LAST, _LAST if last is None else last))) if first < _LAST else 0.0
    at = first
    while at < stop:
        begin, finish = cycle(stored, at, first)
        yield begin, min(finish, stop)
        at = finish + _ONE_DAY.total_seconds()


def _later(day: date, days: int) -> date:
    return day + timedelta(days=min(days, (date.max - day).days))


def _date(seconds: float) -> date:
    return datetime.fromtimestamp(min(max(seconds, _FIRST), _LAST), UTC).date()


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
