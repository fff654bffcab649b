"""What the target calls refuse, with the documented codes."""

from __future__ import annotations

import math
from datetime import tzinfo
from typing import Any

from capsync.sandbox.targets_answers import (
    INVALID,
    Rules,
    check_choice,
    check_flag,
    check_text,
    check_whole,
    is_one_of,
    member,
    objects,
    refuse,
)
from capsync.sandbox.targets_dates import required_instant

Json = Any

TRACKING = frozenset({"DEFAULT", "UNIFIED", "STREAKS", "NON_CONTINUOUS_STREAKS", "CAPPING"})
STREAK_TRACKING = frozenset({"STREAKS", "NON_CONTINUOUS_STREAKS"})
EVALUATION = frozenset({"FIXED_CALENDAR_WINDOW", "CYCLIC_WINDOW", "PERIOD_AGNOSTIC_WINDOW"})
FREQUENCY = frozenset(
    {"DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "HALF_YEARLY", "YEARLY", "CUSTOM"}
)
STATUSES = frozenset({"NOT_STARTED", "RUNNING", "UPCOMING", "LIVE", "ENDED"})
ENROLMENT = frozenset({"TRANSACTION", "IMPORT"})

_SPEND = frozenset({"QUANTITY", "SALES", "GROSS_SALES", "COUNT", "VISIT", "EXTENDED_FIELD"})
_POINTS = frozenset({"REGULAR_POINTS", "PROMOTIONAL_POINTS", "ALL_POINTS"})
PAIRS: dict[str, frozenset[str]] = {
    "TRANSACTION": _SPEND,
    "LINEITEM": _SPEND,
    "REWARDS": _POINTS,
    "POINTS": _POINTS,  # the older name, still on the unified pages
    "EVENT": frozenset({"COUNT", "VISIT", "EVENT_ATTRIBUTE"}),
    "ALTERNATE_CURRENCIES": frozenset({"ALL", "REGULAR", "PROMOTION"}),
}
TYPES = frozenset().union(*PAIRS.values())
_EMF_EVENTS = frozenset(
    {"CustomerRegistration", "PointsRedemption", "ReturnBill", "PointsTransfer"}
)
_WITH_FIELD = frozenset({"EXTENDED_FIELD", "EVENT_ATTRIBUTE"})

LONGEST_NAME = 200
_LONGEST_TEXT = 255
_UNIFIED_TARGETS = range(2, 11)


def check_name(body: Json, *, longest_code: int = INVALID) -> None:
    """A name is wanted: no blanks at its ends, at most 200 characters."""
    name = body.get("name")
    if not isinstance(name, str) or not name or name != name.strip():
        refuse(INVALID, "Invalid input, name is missing or has blanks at its ends")
    check_text(body, "name", LONGEST_NAME, code=longest_code)


def check_group(body: Json, rules: Rules) -> None:
    """Refuse a create body of a group; its periods and targets are checked on their own."""
    check_name(body)
    check_text(body, "description", _LONGEST_TEXT)
    check_choice(body, "trackingType", TRACKING)
    check_choice(body, "targetEvaluationType", EVALUATION)
    check_choice(body, "frequencyType", FREQUENCY)
    check_whole(body, "recurringCycles", most=100)
    for name in ("totalPeriods", "frequency", "preferredTillId"):
        check_whole(body, name)
    for name in ("active", "userCreated", "leaderboardEnabled"):
        check_flag(body, name)
    for name in ("fromDate", "toDate", "targetCycleStartDate", "targetCycleEndDate"):
        if body.get(name) is not None:
            required_instant(body, name)
        if body.get(name) is not None and body.get(name + "ISO") is not None:
            refuse(INVALID, f"Invalid input, {name} and its ISO twin are not sent together")
    _check_leaderboard(body, rules)
    _check_user_created(body, rules)
    _check_unified(body)
    _check_streaks(body)


def _check_leaderboard(body: Json, rules: Rules) -> None:
    if not body.get("leaderboardEnabled"):
        return
    if not rules.leaderboards:
        refuse(310133, "Leaderboard is not enabled for the org")
    if (body.get("targetEvaluationType") or "FIXED_CALENDAR_WINDOW") != "FIXED_CALENDAR_WINDOW":
        refuse(310132, "Target evaluation type is not supported for leaderboard")
    if (body.get("trackingType") or "DEFAULT") != "DEFAULT":
        refuse(INVALID, "Invalid input, leaderboards are for DEFAULT groups")


def _check_user_created(body: Json, rules: Rules) -> None:
    if not body.get("userCreated"):
        return
    if not rules.user_created:
        refuse(INVALID, "Invalid input, user created target groups are not enabled for the org")
    targets = objects(body, "targets")
    if len(targets) > 1:
        refuse(INVALID, "Invalid input, a user created target group has one target")
    if any(target.get("enrolmentMethod") not in (None, "IMPORT") for target in targets):
        refuse(INVALID, "Invalid input, user created target groups enrol by IMPORT")


def _check_unified(body: Json) -> None:
    if body.get("trackingType") != "UNIFIED":
        return
    if body.get("combinationType") not in ("ANY", "ALL"):
        refuse(INVALID, "Invalid input, combinationType is ANY or ALL")
    if body.get("targetEvaluationType") not in (None, "FIXED_CALENDAR_WINDOW"):
        refuse(INVALID, "Invalid input, unified groups have a fixed calendar window")
    targets = objects(body, "targets")
    check_unified_size(len(targets))
    if any(target.get("targetEntity") == "ALTERNATE_CURRENCIES" for target in targets):
        refuse(INVALID, "Invalid input, unified groups take no alternate currencies")
    rule = member(body, "unifiedTargetExpression")
    check_choice(rule, "aggregation", ("SUM", "COUNT"))
    if rule.get("aggregation") is not None and rule.get("thresholdValue") is None:
        refuse(INVALID, "Invalid input, thresholdValue is required with aggregation")
    check_whole(rule, "thresholdValue")


def check_unified_size(count: int) -> None:
    """A unified group has 2 to 10 targets."""
    if count not in _UNIFIED_TARGETS:
        refuse(INVALID, "Invalid input, a unified group has 2 to 10 targets")


def _check_streaks(body: Json) -> None:
    levels = objects(body, "streaks")
    if body.get("trackingType") not in STREAK_TRACKING:
        return
    if not levels:
        refuse(INVALID, "Invalid input, streaks are required")
    for level in levels:
        check_name(level)
        if level.get("targetCountOfSequence") is None:
            refuse(INVALID, "Invalid input, targetCountOfSequence is required")
        check_whole(level, "targetCountOfSequence", least=1)


def check_period(body: Json, zone: tzinfo) -> None:
    """Refuse a new period."""
    if not isinstance(body.get("refCode"), str | int) or body["refCode"] == "":
        refuse(INVALID, "Invalid input, refCode is required")
    check_period_fields(body, zone)


def check_period_fields(body: Json, zone: tzinfo) -> None:
    """Refuse dates in the wrong order and other values that no period has."""
    check_text(body, "description", _LONGEST_TEXT)
    check_choice(body, "periodStatus", STATUSES)
    check_flag(body, "active")
    start = required_instant(body, "startDate", zone)
    end = required_instant(body, "endDate", zone)
    if end < start:
        refuse(INVALID, "Invalid input, endDate is before startDate")


def check_target(body: Json) -> None:
    """Refuse a new target."""
    check_text(body, "eventName", _LONGEST_TEXT)
    check_name(body, longest_code=310008)
    check_text(body, "description", _LONGEST_TEXT)
    check_choice(body, "enrolmentMethod", ENROLMENT)
    check_flag(body, "active")
    _check_pair(body)
    _check_field(body)
    check_rule(body)


def _check_pair(body: Json) -> None:
    entity, kind = body.get("targetEntity"), body.get("targetType")
    if not is_one_of(entity, PAIRS) or not is_one_of(kind, TYPES):
        refuse(INVALID, "Invalid input, targetEntity or targetType is missing or not known")
    attribute_of_emf = kind == "EVENT_ATTRIBUTE" and is_one_of(body.get("eventName"), _EMF_EVENTS)
    if kind not in PAIRS[entity] or attribute_of_emf:
        refuse(310033)


def _check_field(body: Json) -> None:
    currency = body["targetEntity"] == "ALTERNATE_CURRENCIES"
    if body["targetType"] not in _WITH_FIELD and not currency:
        return
    info = body.get("extendedFieldInfo")
    if not isinstance(info, dict):
        refuse(310094)
    if currency:
        _check_currency(info)
        return
    allowed = ("SUM", "COUNT") if body["targetType"] == "EXTENDED_FIELD" else ("SUM",)
    if not info.get("name") or info.get("aggregateFunction") not in allowed:
        refuse(310092, "Extended field name or data type is invalid")


def _check_currency(info: Json) -> None:
    identifier, program = info.get("alternateCurrencyIdentifier"), info.get("programId")
    if not isinstance(identifier, str) or not identifier:
        refuse(310147, "Alternate currency identifier is missing or invalid")
    if not isinstance(program, int) or program <= 0:
        refuse(310146, "Program id is invalid")


def check_rule(body: Json) -> None:
    """Refuse the part of a target that may change later: rule, filters, thresholds."""
    if not isinstance(body.get("expression"), str | bool | None):
        refuse(INVALID, "Invalid input, expression is no text")
    if not isinstance(body.get("expressionJson"), str | None):
        refuse(INVALID, "Invalid input, expressionJson is no text")
    for scope in objects(body, "filters"):
        check_choice(scope, "entityType", ("STORE", "ZONE", "CONCEPT"))
        if not scope.get("entityType") or not isinstance(scope.get("entityIds"), list):
            refuse(INVALID, "Invalid input, a filter has entityType and entityIds")
    for value in objects(body, "defaultValues"):
        threshold(value)


def threshold(body: Json) -> float:
    """The number under `defaultValue`, to 3 decimals; numeric text is taken too."""
    value = body.get("defaultValue")
    try:
        found = math.nan if isinstance(value, bool | None) else float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found):
        refuse(INVALID, "Invalid input, defaultValue is no number")
    return round(found, 3)
