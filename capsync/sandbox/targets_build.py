"""Target groups as documents: made from create bodies, changed by the later calls."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from capsync.sandbox import targets_names as names
from capsync.sandbox.store import Store
from capsync.sandbox.targets_answers import INVALID, Rules, member, objects, refuse
from capsync.sandbox.targets_checks import (
    STREAK_TRACKING,
    check_group,
    check_period,
    check_target,
    threshold,
)
from capsync.sandbox.targets_dates import day, instant, zulu
from capsync.sandbox.web import Request

Json = Any

COLLECTION = "target-groups"
USER_CREATED = "user-created-target-groups"  # the ids of those, to know how many there are
SHADOW = "_ReturnBill"
_FIRST_EVENT = "TransactionAdd"


def find_group(store: Store, id: str | int) -> Json | None:
    """The document of a group."""
    return store.get(COLLECTION, id)


def create_group(request: Request, body: Json) -> Json:
    """Check a create body, store the group and return its document."""
    rules = Rules.of(request.store)
    check_group(body, rules)
    if names.holder(request.store, names.GROUPS, body["name"]) is not None:
        refuse(310069)
    group = _blank_group(request, body, rules)
    group["periods"] = [new_period(request, each, rules) for each in objects(body, "periods")]
    targets = [new_target(request, group, each) for each in objects(body, "targets")]
    group["targets"] = with_shadows(request.store, targets)
    levels = objects(body, "streaks") if group["trackingType"] in STREAK_TRACKING else []
    group["streaks"] = [_new_level(request, each) for each in levels]
    _set_window(group, body, rules)
    store_new_group(request.store, group)
    return group


def store_new_group(store: Store, group: Json) -> None:
    """Keep a new group and every name in it."""
    store.put(COLLECTION, group["id"], group)
    if group["userCreated"]:
        store.put(USER_CREATED, group["id"], True)
    names.take_all(store, group)


def made(request: Request, *, whole: bool = False) -> Json:
    """Who made something and when; periods and streaks are stamped in whole seconds."""
    now = float(int(request.now)) if whole else request.now
    return {"on": now, "by": request.user_id, "changedOn": now, "changedBy": request.user_id}


def _blank_group(request: Request, body: Json, rules: Rules) -> Json:
    kept = ("description", "preferredTillId", "combinationType")
    group = {name: body[name] for name in kept if body.get(name) is not None}
    group |= {
        "id": request.store.next("target-group-id", 3001),
        "name": body["name"],
        "made": made(request),
        "active": body.get("active") is not False,
        "trackingType": body.get("trackingType") or "DEFAULT",
        "targetEvaluationType": body.get("targetEvaluationType") or "FIXED_CALENDAR_WINDOW",
        "frequencyType": body.get("frequencyType") or "CUSTOM",
        "frequency": _given(body, "frequency", 0),
        "recurringCycles": _given(body, "recurringCycles", -1),
        "createdOn": int(request.now) * 1000,
        "leaderboardEnabled": bool(body.get("leaderboardEnabled")),
        "userCreated": bool(body.get("userCreated")),
    }
    if group["trackingType"] == "UNIFIED":
        rule = member(body, "unifiedTargetExpression")
        group["unified"] = {name: rule.get(name) for name in ("aggregation", "thresholdValue")}
    for name in ("fromDate", "toDate"):
        moment = instant(body.get(name), rules.zone)
        if moment is not None:
            group[name] = day(body[name])
    return group


def _given(body: Json, name: str, default: Json) -> Json:
    value = body.get(name)
    return default if value is None else value


def _set_window(group: Json, body: Json, rules: Rules) -> None:
    """Cycle dates as sent, else from the first period's start to the last one's end."""
    if group["periods"] and "toDate" in group and body.get("trackingType"):
        group["toDate"] = last_day(group)
    ends = {
        "targetCycleStartDate": (first_day, timedelta(0)),
        "targetCycleEndDate": (last_day, timedelta(days=1, seconds=-1)),
    }
    for name, (bound, within_day) in ends.items():
        moment = instant(body.get(name) or body.get(name + "ISO"), rules.zone)
        if moment is None and group["periods"]:
            moment = datetime.fromisoformat(bound(group) + "T00:00:00Z") + within_day
        if moment is not None:
            group[name] = zulu(moment)


def first_day(group: Json) -> str:
    """The day on which the earliest period starts."""
    return min(str(period["startDate"]) for period in group["periods"])


def last_day(group: Json) -> str:
    """The day on which the latest period ends."""
    return max(str(period["endDate"]) for period in group["periods"])


def new_period(request: Request, body: Json, rules: Rules) -> Json:
    """The document of a new period, checked. Its time of day is lost."""
    check_period(body, rules.zone)
    period = {
        "id": request.store.next("target-period-id", 41001),
        "made": made(request, whole=True),
        "startDate": day(body["startDate"]),
        "endDate": day(body["endDate"]),
        "refCode": str(body["refCode"]),
        "active": body.get("active") is not False,
    }
    if body.get("description") is not None:
        period["description"] = body["description"]
    return period


def _new_level(request: Request, body: Json) -> Json:
    return {
        "id": request.store.next("streak-level-id", 701),
        "made": made(request, whole=True),
        "name": body["name"],
        "targetCountOfSequence": body.get("targetCountOfSequence"),
    }


def new_target(request: Request, group: Json, body: Json) -> Json:
    """The document of a new target of the group, checked."""
    check_target(body)
    store = request.store
    if names.holder(store, names.TARGETS, body["name"]) is not None:
        refuse(INVALID, f"Invalid input, target name {body['name']!r} is taken")
    target: Json = {
        "id": store.next("target-id", 25001),
        "made": made(request),
        "name": body["name"],
        "targetType": body["targetType"],
        "targetEntity": body["targetEntity"],
        "eventName": body.get("eventName") or _FIRST_EVENT,
        "active": body.get("active") is not False,
        "enrolmentMethod": body.get("enrolmentMethod") or "IMPORT",
        "expression": "true",
    }
    # Taken at once: two targets of one body may not share a name either.
    names.take(store, names.TARGETS, target["name"], target["id"])
    if body.get("description") is not None:
        target["description"] = body["description"]
    _set_rulesets(store, target, body)
    _set_extras(target, body)
    set_rule(store, group, target, body)
    return target


def _set_rulesets(store: Store, target: Json, body: Json) -> None:
    if target["targetEntity"] == "ALTERNATE_CURRENCIES":
        return
    # Line items are matched unrolled: the one target example with a second rule set is such one.
    if body.get("emfUnrolledRulesetId") is not None:
        target["emfUnrolledRulesetId"] = body["emfUnrolledRulesetId"]
    elif target["targetEntity"] == "LINEITEM":
        target["emfUnrolledRulesetId"] = store.next("emf-ruleset-id", 1450001)
    target["emfRuleSetId"] = store.next("emf-ruleset-id", 1450001)


def _set_extras(target: Json, body: Json) -> None:
    used = target["targetType"] in ("EXTENDED_FIELD", "EVENT_ATTRIBUTE")
    if used or target["targetEntity"] == "ALTERNATE_CURRENCIES":
        target["extendedFieldInfo"] = body["extendedFieldInfo"]
    if body.get("targetMilestoneTriggers") is not None:
        target["targetMilestoneTriggers"] = body["targetMilestoneTriggers"]


def set_rule(store: Store, group: Json, target: Json, body: Json) -> None:
    """Write what a later call may change too; what the body leaves out stays."""
    if body.get("expression") is not None:
        given = body["expression"]
        target["expression"] = str(given).lower() if isinstance(given, bool) else given
    for name in ("expressionJson", "filters"):
        if body.get(name) is not None:
            target[name] = body[name]
    if body.get("defaultValues") is not None:
        target["defaultValues"] = _values(store, group, target, body["defaultValues"])
    target.setdefault("defaultValues", [])


def _values(store: Store, group: Json, target: Json, given: Sequence[Json]) -> list[Json]:
    """Thresholds by `periodId`, or positional: one per period, in the order of the periods."""
    periods = [period["id"] for period in group["periods"]]
    if periods and len(given) > len(periods):
        refuse(INVALID, "Invalid input, more default values than periods")
    known = {value["periodId"]: value["id"] for value in target.get("defaultValues", ())}
    values = []
    for place, value in enumerate(given):
        period = value.get("periodId")
        if period is None and periods:
            period = periods[place]
        if period is not None and period not in periods:
            refuse(INVALID, f"Invalid input, period {period} is not of the group")
        id = known.get(period) or store.next("default-value-id", 61001)
        values.append({"id": id, "periodId": period, "defaultValue": threshold(value)})
    if len({value["periodId"] for value in values}) < len(values) and periods:
        refuse(INVALID, "Invalid input, two default values for one period")
    return values


def with_shadows(store: Store, targets: Sequence[Json]) -> list[Json]:
    """The targets, then a sibling for returns of each that counts transaction sales."""
    return [*targets, *(_shadow(store, target) for target in targets if _counts_sales(target))]


def _counts_sales(target: Json) -> bool:
    counted = (target["targetEntity"], target["targetType"], target["eventName"])
    return counted == ("TRANSACTION", "SALES", _FIRST_EVENT)


def _shadow(store: Store, target: Json) -> Json:
    shadow = copy.deepcopy(target)
    shadow["id"] = store.next("target-id", 25001)
    shadow["name"] += SHADOW
    shadow["eventName"] = "ReturnBill"
    shadow["emfRuleSetId"] = store.next("emf-ruleset-id", 1450001)
    shadow["shadowOf"] = target["id"]
    for value in shadow["defaultValues"]:
        value["id"] = store.next("default-value-id", 61001)
    return shadow


def follow(store: Store, group: Json, target: Json) -> None:
    """Carry a changed target over to its shadow, if it has one."""
    for shadow in group["targets"]:
        if shadow.get("shadowOf") == target["id"]:
            set_rule(store, group, shadow, target)
            shadow["active"] = target["active"]


def rule_expression(group: Json) -> str:
    """The rule over the active targets: `(11 & 12)` for ALL, `(11 | 12)` for ANY."""
    ids = [str(t["id"]) for t in group["targets"] if t["active"] and t.get("shadowOf") is None]
    return "(" + (" & " if group["combinationType"] == "ALL" else " | ").join(ids) + ")"
