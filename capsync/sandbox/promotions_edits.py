"""What a replacement may not change, by the state of the promotion."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Any

from capsync.sandbox.promotions_shape import milestones_by_name, shown_status
from capsync.sandbox.targets_answers import INVALID, OTHER, Rules, member, objects, refuse
from capsync.sandbox.targets_dates import instant
from capsync.sandbox.web import Request

Json = Any

PUBLISHED = frozenset({"ACTIVE", "PAUSED"})
_NOW_TOLERANCE = 300  # seconds: "cut to now" is decided on two clocks


def check_state(promotion: Json, draft: Json | None, body: Json) -> None:
    """Refuse edits of a stopped, pending or stale promotion, and of what the server sets."""
    metadata = body["metadata"]
    if promotion["status"] == "STOPPED":
        renamed = metadata.get("name") != promotion["content"]["metadata"]["name"]
        refuse(310152 if renamed else 310183, "A stopped promotion can not be edited")
    edited = draft or promotion
    if edited["status"] == "PENDING_APPROVAL":
        refuse(310174, "The promotion is pending approval")
    if draft is not None and is_stale(promotion, draft):
        refuse(OTHER, "The live promotion has changed since the draft was made")
    # Only the promotion's own version is known to a client that edits it.
    versions = [None, promotion["version"], edited["version"]]
    if body.get("version") not in versions or metadata.get("version") not in (None, ""):
        refuse(310186, "version is managed by the system")


def check_status(request: Request, promotion: Json, draft: Json | None, body: Json) -> None:
    """Refuse a status other than the current one, as stored or as shown today."""
    known: list[Json] = [None]
    for each in (promotion, draft):
        if each is not None:
            known += [each["status"], shown_status(each, request.now)]
    if body["metadata"].get("status") not in known:
        refuse(310175, "The status can not be changed here")


def is_stale(promotion: Json, draft: Json) -> bool:
    """Whether the published promotion changed after the draft was made."""
    return bool(draft["parentChanges"] != promotion["changes"])


def check_locks(request: Request, promotion: Json, before: Json, body: Json) -> None:
    """Refuse changes of what is locked; `before` is the content that the body replaces."""
    _check_program(before, body["metadata"])
    _check_events(before["activities"], objects(body, "activities"))
    if promotion["status"] in PUBLISHED:
        _check_published(request, promotion, body)


def _check_program(before: Json, metadata: Json) -> None:
    program, old = metadata.get("programId"), before["metadata"]["programId"]
    if old is not None and str(program) != old:
        refuse(310158, "programId can not be changed")


def _check_events(before: list[Json], after: list[Json]) -> None:
    events = {a["id"]: a.get("event") for a in before if a["type"] == "SINGLE" and a.get("id")}
    for activity in after:
        if activity["type"] != "SINGLE" or not isinstance(activity.get("id"), str):
            continue
        if activity.get("event") != events.get(activity["id"], activity.get("event")):
            refuse(310161, "The event of an activity can not be changed")


def _check_published(request: Request, promotion: Json, body: Json) -> None:
    rules = Rules.of(request.store)
    live, metadata = promotion["content"], body["metadata"]
    _check_dates(request.now, live["metadata"], metadata, rules.zone)
    _check_targets(live, body)
    if metadata["promotionType"] != live["metadata"]["promotionType"]:
        refuse(INVALID, "Invalid input, promotionType is locked")
    enrolment, old = member(body, "customerEnrolment"), live["customerEnrolment"]
    if enrolment.get("enrolmentMethod") != old["enrolmentMethod"]:
        refuse(INVALID, "Invalid input, enrolment criteria are locked")
    eligible = enrolment.get("customerEligibilityType") or "ALL"
    begun = request.now >= _seconds(live["metadata"]["startDate"])
    if begun and eligible != old["customerEligibilityType"]:
        refuse(310190, "customerEligibilityType is locked")
    if "workflowMetadata" in live:
        _check_workflows(request.now, live, body, rules.zone)


def _seconds(text: str, zone: tzinfo = UTC) -> int:
    moment = instant(text, zone)
    assert moment is not None, text
    return int(moment.timestamp())  # kept dates have no fractions


def _check_dates(now: float, live: Json, metadata: Json, zone: tzinfo) -> None:
    if _seconds(metadata["startDate"], zone) != _seconds(live["startDate"]):
        refuse(310153, "startDate is locked")
    end, old = _seconds(metadata["endDate"], zone), _seconds(live["endDate"])
    if now < _seconds(live["startDate"]) or end == old:
        return
    cut_to_now = abs(end - now) <= _NOW_TOLERANCE
    if now > old or (end < old and not cut_to_now):
        refuse(310155, "endDate can only be extended or cut to now")


def _check_targets(live: Json, body: Json) -> None:
    before = milestones_by_name(live["activities"])
    for key, milestone in milestones_by_name(objects(body, "activities")).items():
        if key in before and milestone.get("targetType") != before[key].get("targetType"):
            refuse(310162, "targetType of a published milestone can not be changed")


def _check_workflows(now: float, live: Json, body: Json, zone: tzinfo) -> None:
    blocks = member(body, "workflowMetadata")
    for name in ("enrolment", "optin"):
        if member(blocks, name).get("basedOn") != live["workflowMetadata"][name]["basedOn"]:
            refuse(INVALID, f"Invalid input, {name} criteria are locked")
    _check_window(now, live, member(blocks, "optin"), zone)


def _check_window(now: float, live: Json, optin: Json, zone: tzinfo) -> None:
    """Free but for past dates until the window opens; then its end may only move later."""
    old = live["workflowMetadata"]["optin"]
    old_start, old_end = old.get("optInStartDate"), old.get("optInEndDate")
    start, end = optin.get("optInStartDate"), optin.get("optInEndDate")
    begun = now >= _seconds(live["metadata"]["startDate"])
    if old_start is not None and (begun or now >= _seconds(old_start)):
        if start is None or _seconds(start, zone) != _seconds(old_start):
            refuse(310224, "The start of the opt-in window is locked", status=400)
        if end is None or _seconds(end, zone) < _seconds(old_end):
            refuse(310225, "The end of the opt-in window can only be extended", status=400)
    elif start is not None:
        if _seconds(end, zone) < now:
            refuse(310227, "The opt-in window ends in the past", status=400)
        if _seconds(start, zone) < now:
            refuse(310226, "The opt-in window starts in the past", status=400)
