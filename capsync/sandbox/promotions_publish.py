"""What approval sets in motion: engine ids, rule sets, target groups behind the milestones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from capsync.sandbox import promotions_store as kept
from capsync.sandbox.targets_answers import SERVICE, Rules, refusal
from capsync.sandbox.targets_build import create_group
from capsync.sandbox.targets_dates import day
from capsync.sandbox.web import Refusal, Request

Json = Any

_FIXED = "FIXED_CALENDAR_WINDOW"
_EVALUATION = {"CALENDAR_CYCLIC_WINDOW": "CYCLIC_WINDOW"}
_STREAKS = ("STREAKS", "NON_CONTINUOUS_STREAKS")


def publish(request: Request, promotion: Json) -> Json:
    """Put a pending promotion live, or a pending edit in the place of what it edits.

    The published promotion keeps its id; what it was before stays as a SNAPSHOT under the id of
    the edit.
    """
    store = request.store
    if promotion["parentId"] is None:
        promotion |= {"status": "ACTIVE", "promotionId": store.next("promotion-id", 118_001)}
        _activate(request, promotion, known=set())
        _keep_changed(request, promotion)
        return promotion
    live = kept.find(store, promotion["parentId"], (kept.LISTED,))
    assert live is not None, promotion["parentId"]
    before = kept.contents(store, live)
    snapshot = {**promotion, "content": live["content"], "version": live["version"]}
    store.delete(kept.DRAFTS, promotion["id"])
    store.put(kept.SNAPSHOTS, promotion["id"], {**snapshot, "status": "SNAPSHOT"})
    known = {mapping["rulesetId"] for mapping in _ruled(live["content"]) if "rulesetId" in mapping}
    live |= {"content": promotion["content"], "version": promotion["version"], "draftId": None}
    kept.hold_names(store, live["id"], before, [live["content"]])
    _activate(request, live, known)
    _keep_changed(request, live)
    return live


def _keep_changed(request: Request, promotion: Json) -> None:
    promotion |= {"changedOn": request.now, "changes": promotion["changes"] + 1}
    kept.keep(request.store, promotion)


def _activate(request: Request, promotion: Json, known: set[Json]) -> None:
    content, store = promotion["content"], request.store
    for ruled in _ruled(content):
        if ruled.get("rulesetId") not in known:
            ruled["rulesetId"] = str(store.next("promotion-ruleset-id", 1_614_933))
        for action in ruled.get("actions") or ():
            action["id"] = str(store.next("promotion-action-id", 221_001))
    for activity, milestone in _milestones(content["activities"]):
        if milestone.get("targetType") and "targetGroupId" not in milestone:
            _make_group(request, content, activity, milestone)


def _milestones(activities: list[Json]) -> Iterator[tuple[Json, Json]]:
    for activity in activities:
        for milestone in activity.get("milestones") or ():
            yield activity, milestone
        yield from _milestones(activity.get("children") or [])


def _ruled(content: Json) -> Iterator[Json]:
    """What carries a rule set: the mappings of cycles to actions, else the activity."""
    pending = [*content["activities"]]
    for block in content.get("workflowMetadata", {}).values():
        pending += block["activities"] or []
    for activity in pending:
        pending += activity.get("children") or []
        mappings = [*(activity.get("commonCycleActionMapping") or ())]
        for milestone in activity.get("milestones") or ():
            mappings += milestone.get("cycleActionMapping") or ()
        yield from mappings or [activity]


def _make_group(request: Request, content: Json, activity: Json, milestone: Json) -> None:
    try:
        group = create_group(request, _group_body(request, content, activity, milestone))
    except Refusal as refused:
        reason = refused.reply.body["errors"][0]["message"]
        raise refusal(SERVICE, f"Publishing failed: {reason}") from None
    milestone["targetGroupId"] = group["id"]
    milestone["targetRuleIds"] = [
        target["id"] for target in group["targets"] if "shadowOf" not in target
    ]


def _group_body(request: Request, content: Json, activity: Json, milestone: Json) -> Json:
    number = request.store.next("milestone-group")
    mark = uuid5(NAMESPACE_URL, f"{content['metadata']['name']}/{number}")
    name = f"{str(milestone.get('name') or 'milestone').strip()[:150]}_{mark}"
    tracking = milestone.get("trackingType") or "DEFAULT"
    evaluation = milestone.get("targetEvaluationType") or _FIXED
    plain = tracking == "DEFAULT" and evaluation == _FIXED
    leaders = plain and Rules.of(request.store).leaderboards
    cycles = _cycles(content["metadata"], milestone)
    target = _target_body(content, activity, milestone)
    target |= {"name": name, "defaultValues": [{"defaultValue": c.threshold} for c in cycles]}
    body = {
        "name": name,
        "trackingType": tracking if tracking in (*_STREAKS, "CAPPING") else "DEFAULT",
        "targetEvaluationType": _EVALUATION.get(evaluation, evaluation),
        "leaderboardEnabled": leaders and bool(milestone.get("leaderboardEnabled")),
        "preferredTillId": milestone.get("preferredTillId"),
        "periods": [{"refCode": c.name, "startDate": c.first, "endDate": c.last} for c in cycles],
        "targets": [target],
    }
    return {**body, "streaks": milestone["streaks"]} if tracking in _STREAKS else body


class _Cycle(NamedTuple):
    """One period of a milestone, in days, and what is to be reached in it."""

    name: str
    first: str
    last: str
    threshold: Json


def _cycles(metadata: Json, milestone: Json) -> list[_Cycle]:
    threshold = milestone.get("defaultValue") or milestone.get("targetValue") or "1"
    return [
        _Cycle(
            str(mapping.get("cycle") or f"Cycle_{place}"),
            day(mapping.get("startDate") or metadata["startDate"]),
            day(mapping.get("endDate") or metadata["endDate"]),
            mapping.get("defaultValue") or threshold,
        )
        for place, mapping in enumerate(milestone.get("cycleActionMapping") or [{}], start=1)
    ]


def _target_body(content: Json, activity: Json, milestone: Json) -> Json:
    kind = milestone["targetType"]
    entity = milestone.get("targetEntity") or "TRANSACTION"
    by_transaction = content["customerEnrolment"]["enrolmentMethod"] == "TRANSACTION"
    target = {
        "targetEntity": entity,
        "targetType": "PROMOTION" if kind == "PROMOTIONAL" else kind,
        "enrolmentMethod": "TRANSACTION" if by_transaction else "IMPORT",
        "extendedFieldInfo": _field(content, milestone, entity),
    }
    return {**target, "eventName": activity.get("event")} if entity == "EVENT" else target


def _field(content: Json, milestone: Json, entity: str) -> Json:
    info = milestone.get("targetRuleMetaData") or {}
    if entity == "ALTERNATE_CURRENCIES":
        program = int(content["metadata"]["programId"] or 1)
        return {"alternateCurrencyIdentifier": info.get("name") or "points", "programId": program}
    counted = milestone["targetType"] == "EXTENDED_FIELD" and info["aggregateFunction"] == "COUNT"
    function = "COUNT" if counted else "SUM"
    return {"name": info.get("name") or "value", "aggregateFunction": function}
