"""Loyalty promotions as they are kept and shown: dates in the server's zone, defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from capsync.sandbox.promotions_limits import limits_in, limits_out, owners_in
from capsync.sandbox.targets_answers import Rules, member, objects
from capsync.sandbox.targets_dates import instant, server_time
from capsync.sandbox.web import Request

Json = Any

_FLAGS = ("isStackable", "isConsideredForRanking", "isExclusive", "isAlwaysApply")
_PLAIN = ("name", "promotionType")
_OR_NULL = ("description", "timezoneName", "promoIdentifier", "loyaltyEarningType")
_WORKFLOW = ("basedOn", "activities", "audienceMapping", "restrictions")
_STRATEGY = {"strategySubType": "DEFAULT", "useCommonExpiryStrategy": None, "strategyRef": None}


def kept_content(request: Request, body: Json, old: Json | None = None) -> Json:
    """What a create or a full replacement leaves: whatever the body omits is cleared.

    `old` is the content before; limits and milestones take their server-made ids from it.
    """
    zone = Rules.of(request.store).zone
    before = old or {"limits": [], "activities": []}
    content = {
        "metadata": _metadata_in(body["metadata"], zone),
        "customerEnrolment": _enrolment_in(body["customerEnrolment"]),
        "activities": [activity_in(each, zone) for each in objects(body, "activities")],
        "comments": body.get("comments"),
        "limits": limits_in(request, body, before["limits"]),
        "liabilityOwnerSplitInfo": owners_in(body),
        **_schedule_in(body, zone),
    }
    if content["metadata"].get("promotionCategory") == "BROADCAST":
        for activity in content["activities"]:
            activity["event"] = "BulkEMFEvent"
    else:
        content["workflowMetadata"] = _workflows_in(member(body, "workflowMetadata"), zone)
    _carry_groups(content["activities"], before["activities"])
    return content


def _metadata_in(metadata: Json, zone: tzinfo) -> Json:
    program = metadata.get("programId")
    kept = {name: metadata[name] for name in _PLAIN}
    kept |= {name: metadata.get(name) for name in _OR_NULL}
    flags = member(metadata, "loyaltyConfigMetaData")
    kept |= {
        "programId": None if program is None else str(program),
        "startDate": in_zone(metadata["startDate"], zone),
        "endDate": in_zone(metadata["endDate"], zone),
        "loyaltyConfigMetaData": {
            **{name: bool(flags.get(name)) for name in _FLAGS},
            "skipEarnedDateCheckOnRedeem": None,
        },
        "promotionMetadata": objects(metadata, "promotionMetadata") or None,
    }
    if metadata.get("promotionCategory") is not None:
        kept["promotionCategory"] = metadata["promotionCategory"]
    return kept


def in_zone(text: Json, zone: tzinfo) -> Json:
    """A date-time in the server's zone, whatever offset was sent; other values as they are."""
    moment = instant(text, zone)
    return text if moment is None else server_time(moment, zone)


def _cut(text: Json, zone: tzinfo) -> Json:
    """The day on the server's clock, which need not be the day that was meant."""
    moment = instant(text, zone)
    return text if moment is None else moment.astimezone(zone).date().isoformat()


def _enrolment_in(enrolment: Json) -> Json:
    kept = {
        "enrolmentMethod": enrolment.get("enrolmentMethod"),
        "customerEligibilityType": enrolment.get("customerEligibilityType") or "ALL",
    }
    groups = objects(enrolment, "audienceGroups")
    return {**kept, "audienceGroups": groups} if groups else kept


def _schedule_in(body: Json, zone: tzinfo) -> Json:
    kept: dict[str, Json] = {}
    if body.get("broadcastMetadata") is not None:
        kept["broadcastMetadata"] = body["broadcastMetadata"]
    if body.get("promotionSchedule") is not None:
        timing = dict(member(member(body, "promotionSchedule"), "schedule"))
        if timing.get("scheduleDate") is not None:
            timing["scheduleDate"] = in_zone(timing["scheduleDate"], zone)
        kept["promotionSchedule"] = {**body["promotionSchedule"], "schedule": timing}
    return kept


def _workflows_in(workflows: Json, zone: tzinfo) -> Json:
    return {name: _workflow_in(member(workflows, name), zone) for name in ("enrolment", "optin")}


def _workflow_in(block: Json, zone: tzinfo) -> Json:
    """One block; an empty one comes back as four nulls."""
    kept = {name: block.get(name) for name in _WORKFLOW}
    if block.get("activities") is not None:
        kept["activities"] = [activity_in(each, zone) for each in objects(block, "activities")]
    for name in ("optInStartDate", "optInEndDate"):
        if block.get(name) is not None:
            kept[name] = in_zone(block[name], zone)
    return kept


def activity_in(activity: Json, zone: tzinfo) -> Json:
    """An activity to keep. Its id is the caller's, never made up."""
    kept = {**activity, "allCycles": []}
    for name in ("targetCycleStartDate", "targetCycleEndDate"):
        if name in kept:
            kept[name] = in_zone(kept[name], zone)
    for name in ("cycles", "activityCycles"):
        if isinstance(kept.get(name), list):
            kept[name] = [_cycle_in(cycle, zone) for cycle in objects(kept, name)]
    if kept.get("commonCycleActionMapping") is not None:
        kept["commonCycleActionMapping"] = _mappings_in(kept, "commonCycleActionMapping", zone)
    if kept.get("milestones") is not None:
        kept["milestones"] = [_milestone_in(each, zone) for each in objects(kept, "milestones")]
    if kept.get("children") is not None:
        kept["children"] = [activity_in(each, zone) for each in objects(kept, "children")]
    return kept


def _cycle_in(cycle: Json, zone: tzinfo) -> Json:
    dates = {n: in_zone(cycle[n], zone) for n in ("startDate", "endDate") if n in cycle}
    return {**cycle, **dates}


def _milestone_in(milestone: Json, zone: tzinfo) -> Json:
    made_here = ("targetGroupId", "targetRuleIds")
    kept = {name: value for name, value in milestone.items() if name not in made_here}
    for name in ("cycles", "periods"):
        if isinstance(kept.get(name), list):
            kept[name] = [_cycle_in(cycle, zone) for cycle in objects(kept, name)]
    if kept.get("cycleActionMapping") is not None:
        kept["cycleActionMapping"] = _mappings_in(kept, "cycleActionMapping", zone)
    if isinstance(kept.get("defaultValue"), int | float):
        kept["defaultValue"] = _text(kept["defaultValue"])
    return kept


def _mappings_in(owner: Json, name: str, zone: tzinfo) -> list[Json]:
    return [_mapping_in(mapping, zone) for mapping in objects(owner, name)]


def _mapping_in(mapping: Json, zone: tzinfo) -> Json:
    dates = {n: _cut(mapping[n], zone) for n in ("startDate", "endDate") if n in mapping}
    kept = {**mapping, **dates}
    if isinstance(kept.get("defaultValue"), int | float):
        kept["defaultValue"] = _text(kept["defaultValue"])
    if kept.get("actions") is not None:
        kept["actions"] = [_action_in(action) for action in objects(kept, "actions")]
    return kept


def _action_in(action: Json) -> Json:
    """An action to keep: its properties are all text, no empty list of strategies."""
    kept = dict(action)
    if kept.get("mandatoryPropertiesValues") is not None:
        values = member(kept, "mandatoryPropertiesValues")
        kept["mandatoryPropertiesValues"] = {name: _text(value) for name, value in values.items()}
    strategies = [{**_STRATEGY, **each} for each in objects(kept, "embeddedStrategies")]
    kept.pop("embeddedStrategies", None)
    return {**kept, "embeddedStrategies": strategies} if strategies else kept


def _text(value: Json) -> Json:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _carry_groups(activities: list[Json], before: list[Json]) -> None:
    """Give milestones the target groups that publishing made for them."""
    known = milestones_by_name(before)
    for key, milestone in milestones_by_name(activities).items():
        old = known.get(key, {})
        milestone |= {n: old[n] for n in ("targetGroupId", "targetRuleIds") if n in old}


def milestones_by_name(activities: list[Json]) -> dict[tuple[Json, Json], Json]:
    """Every milestone of the activities, by activity id and its own name."""
    found = {}
    for activity in activities:
        for milestone in activity.get("milestones") or ():
            found[str(activity.get("id")), str(milestone.get("name"))] = milestone
        found |= milestones_by_name(activity.get("children") or [])
    return found


def shown_status(promotion: Json, now: float) -> str:
    """The status by today: what is ACTIVE shows as UPCOMING, LIVE or COMPLETED."""
    status = str(promotion["status"])
    if status != "ACTIVE":
        return status
    metadata = promotion["content"]["metadata"]
    today = datetime.fromtimestamp(now, UTC)
    if today < datetime.fromisoformat(metadata["startDate"]):
        return "UPCOMING"
    return "COMPLETED" if today > datetime.fromisoformat(metadata["endDate"]) else "LIVE"


def promotion_out(request: Request, promotion: Json, extras: Mapping[str, Json]) -> Json:
    """A promotion as every call but the status one shows it.

    `extras` may hold `draftDetails`, `parentDetails`, `status`, `communicationApprovalStatus`.
    """
    zone = Rules.of(request.store).zone
    content = promotion["content"]
    return {
        **content,
        "id": promotion["id"],
        "metadata": _metadata_out(request, promotion, extras, zone),
        "limits": limits_out(content["limits"], zone),
        "liabilityOwnerSplitInfo": [
            {**owner, "componentId": promotion["promotionId"], "createdBy": promotion["by"]}
            for owner in content["liabilityOwnerSplitInfo"]
        ],
        "parentId": promotion["parentId"],
        "parentDetails": extras.get("parentDetails"),
        "version": promotion["version"],
        "communicationApprovalStatus": extras.get("communicationApprovalStatus"),
    }


def _metadata_out(
    request: Request, promotion: Json, extras: Mapping[str, Json], zone: tzinfo
) -> Json:
    return {
        **promotion["content"]["metadata"],
        "orgId": request.org_id,
        "status": extras.get("status") or shown_status(promotion, request.now),
        "promotionId": promotion["promotionId"],
        "createdOn": server_time(datetime.fromtimestamp(promotion["on"], UTC), zone),
        "lastModifiedOn": server_time(datetime.fromtimestamp(promotion["changedOn"], UTC), zone),
        "createdBy": promotion["by"],
        "lastModifiedBy": promotion["changedBy"],
        "version": None,
        "draftDetails": extras.get("draftDetails"),
        "commonStrategies": None,
        "promotionMode": "UNIFIED",
    }


def details_out(request: Request, promotion: Json) -> Json:
    """A promotion in short, as its draft or its published one names it."""
    metadata = _metadata_out(request, promotion, {}, Rules.of(request.store).zone)
    return {
        "id": promotion["id"],
        "version": promotion["version"],
        **{name: metadata[name] for name in ("status", "lastModifiedBy", "lastModifiedOn")},
    }


def status_reply_out(request: Request, promotion: Json) -> Json:
    """The abridged promotion of the status call, whose id has another name."""
    shown = promotion_out(request, promotion, {})
    kept = ("metadata", "customerEnrolment", "activities", "version", "limits")
    return {"unifiedPromotionId": shown["id"], **{name: shown[name] for name in kept}}
