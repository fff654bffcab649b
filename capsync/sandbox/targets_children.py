"""What a target group holds: periods, targets, unified targets, communications."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from capsync.sandbox import targets_names as names
from capsync.sandbox.targets import CHANNEL_IDS, group_of
from capsync.sandbox.targets_answers import (
    INVALID,
    Rules,
    answer,
    body_object,
    body_objects,
    check_flag,
    check_whole,
    decoded,
    is_one_of,
    member,
    objects,
    refuse,
    unknown,
    with_id,
)
from capsync.sandbox.targets_build import (
    COLLECTION,
    follow,
    made,
    new_period,
    new_target,
    set_rule,
    with_shadows,
)
from capsync.sandbox.targets_checks import (
    STREAK_TRACKING,
    check_period_fields,
    check_rule,
    check_unified_size,
)
from capsync.sandbox.targets_dates import day
from capsync.sandbox.targets_views import (
    View,
    attribution,
    period_out,
    period_status,
    target_out,
    targets_out,
    unified_out,
)
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

_COMMUNICATIONS = "target-communications"
_TYPES = frozenset({"START", "FINISH", "CHANGE", "REMINDER"})


def _keep(request: Request, group: Json) -> None:
    request.store.put(COLLECTION, group["id"], group)


def _no_streaks(group: Json) -> None:
    if group["trackingType"] in STREAK_TRACKING:
        refuse(INVALID, "Invalid input, only the target of a streak can be changed")


@routes("GET", "/v3/targetGroups/{groupId}/targetPeriods")
def list_periods(request: Request) -> Reply:
    """Every period of the group, inactive ones included."""
    group, view = group_of(request), replace(View.of(request), twins=True)
    return answer([period_out(period, group, view) for period in group["periods"]])


@routes("POST", "/v3/targetGroups/{groupId}/targetPeriods")
def add_periods(request: Request) -> Reply:
    """New periods, answered with all periods of the group. Nothing refuses a refCode twice."""
    group, rules = group_of(request), Rules.of(request.store)
    _no_streaks(group)
    for body in body_objects(request):
        period = new_period(request, body, rules)
        group["periods"].append(period)
        names.take(request.store, names.PERIODS, period["refCode"], period["id"])
    _keep(request, group)
    view = View.of(request)
    return answer([period_out(period, group, view) for period in group["periods"]])


@routes("PUT", "/v3/targetGroups/{groupId}/targetPeriods")
def change_periods(request: Request) -> Reply:
    """The changed periods; dates and refCode of one that has started are left as they are."""
    group, rules = group_of(request), Rules.of(request.store)
    view, shown = View.of(request), []
    for body in body_objects(request):
        period = with_id(group["periods"], body.get("id"))
        if period is None:
            refuse(INVALID, "Invalid input, period is not of the group")
        if not isinstance(body.get("description"), str):
            refuse(INVALID, "Invalid input, description is required")
        check_period_fields(body, rules.zone)
        _change_period(period, body, request.now)
        out = period_out(period, group, view)
        del out["periodStatus"]  # the documented reply has none
        shown.append(out)
    _keep(request, group)
    return answer(shown)


def _change_period(period: Json, body: Json, now: float) -> None:
    # The stamp does not move: the documented reply shows it as of the creation.
    period["description"] = body["description"]
    if body.get("active") is not None:
        period["active"] = body["active"]
    if period_status(period, now) != "NOT_STARTED":
        return
    for name in ("startDate", "endDate"):
        period[name] = day(body[name])
    if body.get("refCode") is not None:
        period["refCode"] = str(body["refCode"])


@routes("GET", "/v3/targetGroups/{groupId}/targets")
def list_targets(request: Request) -> Reply:
    """The targets of the group, inactive ones included, without the shadow ones."""
    group, view = group_of(request), replace(View.of(request), twins=True)
    shown = targets_out(group, view)
    for target in shown:
        target.setdefault("targetMilestoneTriggers", [])
    return answer(shown)


@routes("POST", "/v3/targetGroups/{groupId}/targets")
def add_targets(request: Request) -> Reply:
    """The new targets and their shadows; the body is a list or a single object."""
    group, body = group_of(request), decoded(request)
    given = [body] if isinstance(body, dict) else body_objects(request)
    _no_streaks(group)
    if group["userCreated"] and len(group["targets"]) + len(given) > 1:
        refuse(INVALID, "Invalid input, a user created target group has one target")
    added = with_shadows(request.store, [new_target(request, group, each) for each in given])
    group["targets"] += added
    _check_unified(group)
    names.take_all(request.store, group)
    _keep(request, group)
    view = View.of(request)
    return answer([target_out(target, group, view) for target in added])


def _check_unified(group: Json) -> None:
    if "unified" in group:
        active = [t for t in group["targets"] if t["active"] and t.get("shadowOf") is None]
        check_unified_size(len(active))


def _target(request: Request, group: Json) -> Json:
    for target in group["targets"]:
        if str(target["id"]) == request.params["targetId"]:
            return target
    raise unknown("target")


@routes("PUT", "/v3/targetGroups/{groupId}/targets/{targetId}")
def change_target(request: Request) -> Reply:
    """Rule, filters, thresholds and `active` change; the rest of the body is ignored."""
    group, body = group_of(request), body_object(request)
    target = _target(request, group)
    for name in ("expression", "expressionJson", "filters", "defaultValues"):
        if body.get(name) is None:
            refuse(INVALID, f"Invalid input, {name} is required")
    _change_target(request, group, target, body)
    _check_unified(group)
    _keep(request, group)
    return answer(target_out(target, group, View.of(request)))


def _change_target(request: Request, group: Json, target: Json, body: Json) -> None:
    # Neither the stamp of the target nor that of its group moves: the documented reply of a
    # unified update shows the target's as of the creation.
    check_rule(body)
    check_flag(body, "active")
    set_rule(request.store, group, target, body)
    if body.get("active") is not None:
        target["active"] = body["active"]
    follow(request.store, group, target)


@routes("DELETE", "/v3/targetGroups/{groupId}/targets/{targetId}")
def deactivate_target(request: Request) -> Reply:
    """The target stays, inactive, and its name taken."""
    group = group_of(request)
    target = _target(request, group)
    target["active"] = False
    follow(request.store, group, target)
    _keep(request, group)
    return answer(True)


@routes("POST", "/v3/targetGroups/{targetGroupId}/unifiedTargets")
def change_unified(request: Request) -> Reply:
    """Targets of a unified group changed and switched off; those not mentioned stay."""
    group, body = group_of(request, "targetGroupId"), body_object(request)
    if "unified" not in group:
        refuse(INVALID, "Invalid input, the target group is not unified")
    rule = member(body, "unifiedTargetExpression")
    check_whole(rule, "thresholdValue")
    if rule.get("thresholdValue") is not None:
        group["unified"]["thresholdValue"] = rule["thresholdValue"]
    changed = [_known(group, each.get("id")) for each in objects(body, "targets")]
    for target, each in zip(changed, objects(body, "targets"), strict=True):
        _change_target(request, group, target, each)
    stopped = body.get("deactivateTargetIds") or []
    if not isinstance(stopped, list):
        refuse(INVALID, "Invalid input, deactivateTargetIds is no list")
    for id in stopped:
        target = _known(group, id)
        target["active"] = False
        follow(request.store, group, target)
    _keep(request, group)
    view = View.of(request)
    return answer(
        {
            "unifiedTargetExpression": unified_out(group),
            "targets": [target_out(target, group, view) for target in changed],
            "deactivateTargetIds": stopped,
        }
    )


def _known(group: Json, id: Json) -> Json:
    target = with_id(group["targets"], id)
    if target is None:
        refuse(INVALID, "Invalid input, a target is not of the group")
    return target


@routes("GET", "/v3/targetGroups/{groupId}/targets/{targetId}/communications")
def list_communications(request: Request) -> Reply:
    """The communications of a target."""
    group = group_of(request)
    kept = _communications(request, _target(request, group))
    view = replace(View.of(request), twins=True)
    return answer([{**_communication_out(each, group, view), "configs": []} for each in kept])


def _communications(request: Request, target: Json) -> list[Json]:
    return request.store.get(_COMMUNICATIONS, target["id"]) or []


def _communication_out(communication: Json, group: Json, view: View) -> Json:
    shown = {name: value for name, value in communication.items() if name != "made"}
    shown["attribution"] = attribution(communication["made"], view)
    shown["targetGroupId"] = group["id"]
    return shown


@routes("POST", "/v3/targetGroups/{groupId}/targets/{targetId}/communications/upsert")
def upsert_communications(request: Request) -> Reply:
    """The written communications: one of the same type and channel is replaced as a whole."""
    group = group_of(request)
    target = _target(request, group)
    kept = {(c["communicationType"], c["channelId"]): c for c in _communications(request, target)}
    written = []
    for body in body_objects(request):
        key = _communication_key(body)
        kept[key] = _communication(request, target, body, kept.get(key))
        written.append(kept[key])
    request.store.put(_COMMUNICATIONS, target["id"], list(kept.values()))
    view = View.of(request)
    return answer([_communication_out(each, group, view) for each in written])


def _communication_key(body: Json) -> tuple[str, int]:
    kind, channel = body.get("communicationType"), body.get("channelId")
    if not is_one_of(kind, _TYPES) or type(channel) is not int or channel not in CHANNEL_IDS:
        refuse(INVALID, "Invalid input, communicationType or channelId is not known")
    check_flag(body, "active")
    check_whole(body, "offsetDays")
    return str(kind), int(channel)


def _communication(request: Request, target: Json, body: Json, old: Json | None) -> Json:
    fields = ("subjectTemplate", "messageTemplate", "sender", "offsetDays")
    stamp = made(request)
    if old is not None:
        stamp = {**old["made"], "changedOn": stamp["on"], "changedBy": stamp["by"]}
    return {
        "id": old["id"] if old else request.store.next("target-communication-id", 301),
        "made": stamp,
        "targetId": target["id"],
        "communicationType": body["communicationType"],
        "channelId": body["channelId"],
        **{name: body[name] for name in fields if body.get(name) is not None},
        "active": body.get("active") is not False,
    }
