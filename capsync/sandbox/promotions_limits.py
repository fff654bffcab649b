"""Limits and liability splits of a loyalty promotion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from capsync.sandbox.targets_answers import (
    INVALID,
    check_choice,
    check_flag,
    check_whole,
    member,
    objects,
    refuse,
    with_id,
)
from capsync.sandbox.targets_dates import instant, server_time
from capsync.sandbox.web import Request

Json = Any

_CHOICES: dict[str, frozenset[str]] = {
    "entityScope": frozenset({"PROMOTION", "PROGRAM"}),
    "granularity": frozenset({"OVERALL", "USER", "PER_ACTIVITY"}),
    "actionType": frozenset(
        {"AWARD_CURRENCY", "AWARD_BADGE", "ISSUE_COUPON", "ISSUE_REWARD", "UPGRADE_TIER"}
        | {"RENEW_TIER", "DOWNGRADE_TIER"}
    ),
    "limitType": frozenset({"SUM", "COUNT"}),
}
_PERIODS = frozenset({"NON_PERIOD_BASED", "MOVING_WINDOW", "FIXED_CALENDAR_WINDOW", "FIXED_WINDOW"})
_SERVER_SET = ("id", "createdOn", "createdBy", "lastUpdatedOn", "lastUpdatedBy")
_WEEKDAYS = frozenset(
    {"SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"}
)


def check_limits(limits: Sequence[Json]) -> None:
    """Refuse limits with unknown constants or a window that makes no sense."""
    for limit in limits:
        for name, allowed in _CHOICES.items():
            check_choice(limit, name, allowed)
        check_flag(limit, "active")
        if limit.get("entityScope") == "PROGRAM" and limit.get("entityId") is None:
            refuse(INVALID, "Invalid input, entityId is the program of a PROGRAM limit")
        period = member(limit, "period")
        check_choice(period, "periodType", _PERIODS)
        check_choice(period, "periodUnit", {"DAYS", "WEEKS", "MONTHS"})
        check_choice(period, "periodStartDay", _WEEKDAYS)
        check_whole(period, "periodValue", least=1)
        window = (period.get("periodType"), period.get("periodUnit"), period.get("periodValue"))
        weekly = ("FIXED_CALENDAR_WINDOW", "WEEKS", 1)
        if period.get("periodStartDay") is not None and window != weekly:
            refuse(INVALID, "Invalid input, periodStartDay is for one fixed calendar week")


def check_liability(owners: Sequence[Json]) -> None:
    """Refuse unknown constants and ratios that are no percentages; nothing checks their total."""
    for owner in owners:
        check_choice(owner, "componentType", {"PROMOTION", "PROGRAM"})
        check_choice(owner, "liabilityOwnerType", {"PROGRAM", "PARTNER"})
        ratio = owner.get("ratio")
        if ratio is not None and not (isinstance(ratio, int | float) and 0 <= ratio <= 100):
            refuse(INVALID, "Invalid input, ratio is no percentage")


def limits_in(request: Request, body: Json, old: Sequence[Json]) -> list[Json]:
    """The limits to keep: one that repeats a known id keeps it, any other is a new one."""
    return [_limit(request, limit, old) for limit in objects(body, "limits")]


def _limit(request: Request, body: Json, old: Sequence[Json]) -> Json:
    known = with_id(old, body.get("id"))
    kept = {name: value for name, value in body.items() if name not in _SERVER_SET}
    kept["entityScope"] = body.get("entityScope") or "PROMOTION"
    if body.get("period") is not None:
        before = (known or {}).get("period") or {}
        id = before.get("id") or request.store.next("limit-period-id", 91)
        kept["period"] = {**_period(member(body, "period")), "id": id}
    return {
        **kept,
        "id": known["id"] if known else request.store.next("limit-id", 3101),
        "made": known["made"] if known else [request.now, request.user_id],
        "changed": [request.now, request.user_id],
    }


def _period(body: Json) -> Json:
    """The window as given; the dates of a fixed one are in UTC."""
    shown = dict(body)
    for name in ("startDate", "endDate"):
        moment = instant(body.get(name))
        if moment is not None:
            shown[name] = server_time(moment, UTC)
    return shown


def limits_out(limits: Sequence[Json], zone: tzinfo) -> list[Json]:
    """The limits as reads show them."""
    shown = []
    for limit in limits:
        kept = {name: value for name, value in limit.items() if name not in ("made", "changed")}
        (made, maker), (changed, changer) = limit["made"], limit["changed"]
        kept |= {"createdOn": server_time(datetime.fromtimestamp(made, UTC), zone)}
        kept |= {"lastUpdatedOn": server_time(datetime.fromtimestamp(changed, UTC), zone)}
        shown.append({**kept, "createdBy": maker, "lastUpdatedBy": changer})
    return shown


def owners_in(body: Json) -> list[Json]:
    """The liability split to keep; both spellings of its flag come back as `active`."""
    kept = []
    for owner in objects(body, "liabilityOwnerSplitInfo"):
        on = owner.get("active", owner.get("isActive", True))
        plain = {name: value for name, value in owner.items() if name != "isActive"}
        component = owner.get("componentType") or "PROMOTION"
        kept.append({**plain, "componentType": component, "active": on})
    return kept
