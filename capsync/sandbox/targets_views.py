"""Target groups as the calls show them: dates cut, counts and statuses worked out now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from capsync.sandbox.targets_answers import Rules
from capsync.sandbox.targets_build import rule_expression
from capsync.sandbox.targets_dates import attribution_time, day, epoch_day, whole_second
from capsync.sandbox.web import Request

Json = Any

_GROUP_FIELDS = (
    "id",
    "name",
    "fromDate",
    "toDate",
    "active",
    "preferredTillId",
    "description",
    "targetEvaluationType",
    "recurringCycles",
    "frequency",
    "targetCycleStartDate",
    "targetCycleEndDate",
    "frequencyType",
    "trackingType",
    "createdOn",
    "combinationType",
    "leaderboardEnabled",
    "userCreated",
)
_TARGET_FIELDS = (
    "id",
    "name",
    "emfRuleSetId",
    "emfUnrolledRulesetId",
    "targetType",
    "targetEntity",
    "eventName",
    "description",
    "active",
    "expression",
    "expressionJson",
    "filters",
    "enrolmentMethod",
    "extendedFieldInfo",
    "targetMilestoneTriggers",
)
_PERIOD_FIELDS = ("id", "startDate", "endDate", "refCode", "description", "active")


@dataclass(frozen=True, slots=True)
class View:
    """How much of a group one call shows."""

    now: float
    zone: tzinfo
    periods: bool = False
    shadows: bool = False  # the lists leave the `_ReturnBill` targets out
    twins: bool = False  # reads repeat legacy times as `...ISO`

    @classmethod
    def of(cls, request: Request) -> View:
        """The plainest view of a call."""
        return cls(request.now, Rules.of(request.store).zone)

    def wide(self) -> View:
        """The same, with periods and shadow targets."""
        return replace(self, periods=True, shadows=True)


def _pick(document: Json, fields: tuple[str, ...]) -> dict[str, Json]:
    return {name: document[name] for name in fields if name in document}


def actor(id: int) -> Json:
    """Who did something, as attributions name them."""
    return {"id": id, "code": f"till.{id}", "description": "", "name": f"till.{id}", "type": "TILL"}


def bare_actor(id: int) -> Json:
    """The same in the reply of a group update, where all but the id is null."""
    return {"id": id, "code": None, "description": None, "name": None, "type": None}


def attribution(made: Json, view: View) -> dict[str, Json]:
    """Times with milliseconds in the server's zone, their ISO twins where reads have them."""
    shown: dict[str, Json] = {}
    for name, moment in (("createdOn", made["on"]), ("lastUpdatedOn", made["changedOn"])):
        text = attribution_time(moment, view.zone)
        shown[name] = text
        if view.twins:
            offset = text[23:]
            shown[name + "ISO"] = text[:19] + ("Z" if offset == "+0000" else offset)
    shown["lastUpdatedBy"] = actor(made["changedBy"])
    shown["createdBy"] = actor(made["by"])
    return shown


def period_status(period: Json, now: float) -> str:
    """NOT_STARTED, RUNNING or ENDED by the day, whatever was sent."""
    today = epoch_day(now)
    if today < period["startDate"]:
        return "NOT_STARTED"
    return "ENDED" if today > period["endDate"] else "RUNNING"


def period_out(period: Json, group: Json, view: View) -> dict[str, Json]:
    """One period."""
    shown = _pick(period, _PERIOD_FIELDS)
    shown["attribution"] = attribution(period["made"], view)
    shown["periodStatus"] = period_status(period, view.now)
    shown["targetGroupId"] = group["id"]
    return shown


def target_out(target: Json, group: Json, view: View) -> dict[str, Json]:
    """One target, its thresholds as a list and keyed by period."""
    shown = _pick(target, _TARGET_FIELDS)
    shown["attribution"] = attribution(target["made"], view)
    shown["targetGroupId"] = group["id"]
    values = target["defaultValues"]
    shown["defaultValues"] = values
    shown["targetPeriodDefaultValuesMap"] = {
        str(value["periodId"]): value for value in values if value["periodId"] is not None
    }
    return shown


def streak_out(level: Json, group: Json, view: View) -> dict[str, Json]:
    """One streak level."""
    return {
        "id": level["id"],
        "attribution": attribution(level["made"], view),
        "targetGroupId": group["id"],
        "name": level["name"],
        "targetCountOfSequence": level["targetCountOfSequence"],
    }


def unified_out(group: Json) -> dict[str, Json]:
    """The rule of a unified group."""
    return {**group["unified"], "ruleExpression": rule_expression(group)}


def targets_out(group: Json, view: View) -> list[dict[str, Json]]:
    """The targets that a call shows, inactive ones included."""
    shown = [t for t in group["targets"] if view.shadows or t.get("shadowOf") is None]
    return [target_out(target, group, view) for target in shown]


def group_out(group: Json, view: View) -> dict[str, Json]:
    """A group as reads and updates show it: the real period count, whole seconds."""
    shown = _pick(group, _GROUP_FIELDS)
    shown["attribution"] = attribution(group["made"], view)
    shown["totalPeriods"] = len(group["periods"])
    for name in ("targetCycleStartDate", "targetCycleEndDate"):
        if name in shown:
            shown[name] = whole_second(shown[name])
            if view.twins:
                shown[name + "ISO"] = shown[name][:19] + "Z"
    running = _running(group, view.now)
    if running is not None:
        shown["activePeriod"] = period_out(running, group, view)
    _show_parts(shown, group, view)
    return shown


def _show_parts(shown: dict[str, Json], group: Json, view: View) -> None:
    if view.periods and group["periods"]:
        shown["periods"] = [period_out(period, group, view) for period in group["periods"]]
    if group["streaks"]:
        shown["streaks"] = [streak_out(level, group, view) for level in group["streaks"]]
    if group["targets"]:
        shown["targets"] = targets_out(group, view)
    if "unified" in group:
        shown["unifiedTargetExpression"] = unified_out(group)


def _running(group: Json, now: float) -> Json | None:
    for period in group["periods"]:
        if period["active"] and period_status(period, now) == "RUNNING":
            return period
    return None


def listed_out(group: Json, view: View, org_id: int) -> dict[str, Json]:
    """A group in a list."""
    return {**group_out(group, view), "orgId": org_id}


# Filled in by the server, and not yet in the reply of the create.
_LATER = ("attribution", "createdOn", "activePeriod")
_ECHOED = ("recurringCycles", "frequency", "frequencyType")
_CYCLE = ("targetCycleStartDate", "targetCycleEndDate")
# A body of the older generation, told by its missing trackingType, is answered without these.
_NEWER = ("trackingType", "targetEvaluationType", "leaderboardEnabled", "userCreated", *_CYCLE)


def created_out(group: Json, body: Json, view: View) -> dict[str, Json]:
    """The reply of a create: much is echoed that later reads show otherwise."""
    shown = group_out(group, view.wide())
    shown["totalPeriods"] = body.get("totalPeriods", shown["totalPeriods"])
    shown |= _pick(group, _CYCLE)  # milliseconds as sent
    unseen = {name for name in _ECHOED if body.get(name) is None} | {*_LATER}
    if body.get("trackingType") is None:
        unseen |= {name for name in _NEWER if body.get(name) is None}
    for name in unseen:
        shown.pop(name, None)
    current = body.get("activePeriod")
    if isinstance(current, dict):
        shown["activePeriod"] = _echoed_period(current)
    return shown


def _echoed_period(period: Json) -> dict[str, Json]:
    """An active period of a create body: dates cut, its status unchanged, never stored."""
    dates = {
        name: day(period[name])
        for name in ("startDate", "endDate")
        if isinstance(period.get(name), str)
    }
    return {**period, **dates}
