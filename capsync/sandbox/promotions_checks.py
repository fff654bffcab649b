"""What creating or replacing a loyalty promotion refuses, whatever its state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from capsync.sandbox.promotions_limits import check_liability, check_limits
from capsync.sandbox.targets_answers import (
    INVALID,
    SERVICE,
    Rules,
    check_choice,
    check_flag,
    check_text,
    is_one_of,
    member,
    objects,
    refuse,
)
from capsync.sandbox.targets_dates import required_instant

Json = Any

PROMOTION_TYPES = frozenset({"GENERIC", "LOYALTY", "LOYALTY_EARNING"})
_ENROLMENT = frozenset({"TRANSACTION", "IMPORT", "AUDIENCE_FILTER"})
_ELIGIBILITY = frozenset({"LOYAL", "NON_LOYAL", "ALL"})
_BASED_ON = frozenset({"ACTIVITY", "AUDIENCE", "EXTERNAL_TRIGGER"})
_TRACKING = frozenset(
    {"DEFAULT", "UNIFIED", "STREAKS", "NON_CONTINUOUS_STREAKS", "CAPPING", "INDIVIDUAL"}
)
_TARGET_TYPES = frozenset(
    {"QUANTITY", "SALES", "COUNT", "VISIT", "GROSS_SALES", "REGULAR_POINTS", "PROMOTIONAL_POINTS"}
    | {"ALL_POINTS", "EXTENDED_FIELD", "EVENT_ATTRIBUTE", "REGULAR", "PROMOTIONAL", "ALL"}
)
_TARGET_ENTITIES = frozenset({"TRANSACTION", "LINEITEM", "POINTS", "EVENT", "ALTERNATE_CURRENCIES"})
_EVALUATION = frozenset(
    {"FIXED_CALENDAR_WINDOW", "CYCLIC_WINDOW", "PERIOD_AGNOSTIC_WINDOW", "CALENDAR_CYCLIC_WINDOW"}
)
_FREQUENCY = frozenset(
    {"DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "HALF_YEARLY", "YEARLY", "CUSTOM"}
)
_MOST_SINGLE, _MOST_GROUPS, _MOST_CHILDREN, _MOST_ACTIONS = 25, 10, 10, 10
_MOST_ENROLMENTS = 100_000


def check_promotion(body: Json, rules: Rules) -> None:
    """Refuse what no state of a promotion allows."""
    metadata = body.get("metadata")
    for name, value in (("metadata", metadata), *_required(body, metadata)):
        if value is None or value == "":
            refuse(400, f"{name} is required", status=400)
    _check_metadata(member(body, "metadata"), rules)
    check_text(body, "comments", 150)
    _check_enrolment(member(body, "customerEnrolment"))
    _check_broadcast(body)
    activities = objects(body, "activities")
    _check_counts(activities)
    for activity in activities:
        check_activity(activity)
    _check_workflows(body, rules)
    check_limits(objects(body, "limits"))
    check_liability(objects(body, "liabilityOwnerSplitInfo"))


def _required(body: Json, metadata: Json) -> Iterator[tuple[str, Json]]:
    given = metadata if isinstance(metadata, dict) else {}
    for name in ("name", "startDate", "endDate", "promotionType"):
        yield f"metadata.{name}", given.get(name)
    for name in ("customerEnrolment", "activities"):
        yield name, body.get(name)


def _check_metadata(metadata: Json, rules: Rules) -> None:
    check_text(metadata, "name", 200)  # one page says 255: the stricter limit holds
    check_text(metadata, "description", 1000)
    check_text(metadata, "promoIdentifier", 255)
    check_choice(metadata, "promotionType", PROMOTION_TYPES)
    check_choice(metadata, "promotionCategory", {"BROADCAST"})
    check_choice(metadata, "loyaltyEarningType", {"DIRECT_EARN", "ISSUE_AND_EARN"})
    program = metadata.get("programId")
    if program is not None and not str(program).isdecimal():
        refuse(INVALID, "Invalid input, programId is no number")
    start = required_instant(metadata, "startDate", rules.zone)
    end = required_instant(metadata, "endDate", rules.zone)
    if end <= start:
        refuse(INVALID, "Invalid input, endDate is not after startDate")
    flags = member(metadata, "loyaltyConfigMetaData")
    for name in ("isStackable", "isExclusive", "isAlwaysApply", "isConsideredForRanking"):
        check_flag(flags, name)
    if flags.get("isAlwaysApply") and (flags.get("isStackable") or flags.get("isExclusive")):
        refuse(310184, "isAlwaysApply goes with neither isStackable nor isExclusive")
    if flags.get("isStackable") and flags.get("isExclusive"):
        refuse(310185, "A promotion is not both stackable and exclusive")
    _check_entries(objects(metadata, "promotionMetadata"))


def _check_entries(entries: list[dict[str, Json]]) -> None:
    for entry in entries:
        key, value = entry.get("key"), entry.get("value")
        if not isinstance(key, str) or not key:
            refuse(310177, "Promotion metadata key is required")
        if not isinstance(value, str) or not value:
            refuse(310178, "Promotion metadata value is required")
        if len(key) > 100:
            refuse(310180, "Promotion metadata key is longer than 100 characters")
        if len(value) > 1000:
            refuse(310181, "Promotion metadata value is longer than 1000 characters")
        if entry.get("isBrandDefined") not in (None, "true", "false"):
            refuse(310182, "isBrandDefined is the text true or false")
    if len({entry["key"] for entry in entries}) < len(entries):
        refuse(310179, "Promotion metadata key is given twice")


def _check_enrolment(enrolment: Json) -> None:
    check_choice(enrolment, "enrolmentMethod", _ENROLMENT)
    check_choice(enrolment, "customerEligibilityType", _ELIGIBILITY)
    for audience in objects(enrolment, "audienceGroups"):
        if audience.get("audienceGroupId") is None:
            refuse(400, "audienceGroupId is required", status=400)


def _check_broadcast(body: Json) -> None:
    if body["metadata"].get("promotionCategory") != "BROADCAST":
        return
    if body["metadata"]["promotionType"] != "LOYALTY":
        refuse(INVALID, "Invalid input, a broadcast has promotionType LOYALTY")
    if any(member(member(body, "workflowMetadata"), name) for name in ("optin", "enrolment")):
        refuse(INVALID, "Invalid input, a broadcast has no workflowMetadata")
    target, schedule = member(body, "broadcastMetadata"), member(body, "promotionSchedule")
    audiences = member(target, "audienceFilter").get("audienceListIds")
    if target.get("source") != "AUDIENCE_FILTER" or not audiences or not target.get("tillId"):
        refuse(400, "broadcastMetadata is missing or not whole", status=400)
    timing = member(schedule, "schedule")
    if not is_one_of(timing.get("startType"), {"IMMEDIATE", "PARTICULAR_DATE"}):
        refuse(400, "promotionSchedule is missing or not whole", status=400)
    if timing["startType"] == "PARTICULAR_DATE":
        required_instant(timing, "scheduleDate")
    check_choice(timing, "frequency", {"ONCE", "DAILY"})


def _check_counts(activities: list[dict[str, Json]]) -> None:
    kinds = Counter(str(activity.get("type")) for activity in activities)
    if kinds["SINGLE"] > _MOST_SINGLE or kinds["GROUP"] > _MOST_GROUPS:
        refuse(INVALID, "Invalid input, too many activities")


def check_activity(activity: Json, *, child: bool = False) -> None:
    """Refuse one activity, with its children where it is a group."""
    if not is_one_of(activity.get("type"), {"SINGLE", "GROUP"}):
        refuse(INVALID, "Invalid input, activity type is SINGLE or GROUP")
    check_text(activity, "id", 255)
    check_text(activity, "name", 100)
    check_choice(activity, "frequencyType", _FREQUENCY)
    check_choice(activity, "targetEvaluationType", _EVALUATION)
    mappings = objects(activity, "commonCycleActionMapping")
    if child and mappings:
        refuse(INVALID, "Invalid input, children have no commonCycleActionMapping")
    _check_mappings(mappings)
    milestones = objects(activity, "milestones")
    for milestone in milestones:
        _check_milestone(milestone, child=child)
    children = objects(activity, "children")
    for each in children:
        check_activity(each, child=True)
    if activity["type"] == "GROUP":
        _check_group(activity, children)
    elif len(milestones) > 1 or (milestones and mappings):
        refuse(INVALID, "Invalid input, one milestone or a commonCycleActionMapping")


def _check_group(activity: Json, children: list[dict[str, Json]]) -> None:
    if activity.get("combinationType") not in ("ANY", "ALL") or not children:
        refuse(INVALID, "Invalid input, a group has combinationType and children")
    if len(children) > _MOST_CHILDREN:
        refuse(INVALID, "Invalid input, too many children")


def _check_milestone(milestone: Json, *, child: bool) -> None:
    check_choice(milestone, "trackingType", _TRACKING)
    check_choice(milestone, "targetType", _TARGET_TYPES)
    check_choice(milestone, "targetEntity", _TARGET_ENTITIES)
    check_choice(milestone, "frequencyType", _FREQUENCY)
    check_choice(milestone, "targetEvaluationType", _EVALUATION)
    check_choice(milestone, "aggregateFunction", {"SUM", "COUNT", "MAX", "MIN"})
    if not child and milestone.get("targetType") is None:
        refuse(INVALID, "Invalid input, targetType is required")
    info = member(milestone, "targetRuleMetaData")
    if milestone.get("targetType") == "EXTENDED_FIELD" and not (
        info.get("name") and info.get("aggregateFunction")
    ):
        refuse(INVALID, "Invalid input, targetRuleMetaData is required")
    levels = objects(milestone, "streaks")
    if milestone.get("trackingType") in ("STREAKS", "NON_CONTINUOUS_STREAKS") and not levels:
        refuse(INVALID, "Invalid input, streaks are required")
    _check_mappings(objects(milestone, "cycleActionMapping"))


def _check_mappings(mappings: list[dict[str, Json]]) -> None:
    for mapping in mappings:
        for name in ("startDate", "endDate"):
            if mapping.get(name) is not None:
                required_instant(mapping, name)
        actions = objects(mapping, "actions")
        if len(actions) > _MOST_ACTIONS:
            refuse(INVALID, "Invalid input, too many actions")
        for action in actions:
            _check_action(action)


def _check_action(action: Json) -> None:
    check_text(action, "actionName", 255)
    check_text(action, "actionClass", 1000)
    member(action, "mandatoryPropertiesValues")
    member(action, "mandatoryComplexPropertiesValues")
    kinds = [strategy.get("strategyTypeId") for strategy in objects(action, "embeddedStrategies")]
    if any(kind not in (1, 3) for kind in kinds) or len(set(kinds)) < len(kinds):
        refuse(INVALID, "Invalid input, at most one strategy of type 1 and one of type 3")


def _check_workflows(body: Json, rules: Rules) -> None:
    workflows = member(body, "workflowMetadata")
    for name in ("enrolment", "optin"):
        block = member(workflows, name)
        check_choice(block, "basedOn", _BASED_ON)
        for activity in objects(block, "activities"):
            check_activity(activity)
        _check_restrictions(member(block, "restrictions"))
    eligible = member(body, "customerEnrolment").get("customerEligibilityType")
    has_milestones = any(activity.get("milestones") for activity in body["activities"])
    if eligible == "NON_LOYAL" and (member(workflows, "optin") or has_milestones):
        refuse(INVALID, "Invalid input, NON_LOYAL takes neither opt-in nor milestones")
    check_window(body, rules)


def _check_restrictions(restrictions: Json) -> None:
    for name in ("optinExpiryBasedOn", "enrolmentExpiryBasedOn"):
        expiry = member(restrictions, name)
        check_choice(expiry, "type", {"PROMOTION", "CUSTOM", "FIXED_DATE"})
        needs = {"CUSTOM": "value", "FIXED_DATE": "expiryDate"}.get(expiry.get("type", ""))
        if needs and expiry.get(needs) in (None, ""):
            refuse(INVALID, f"Invalid input, {name} needs {needs}")
    most = member(restrictions, "enrolmentLimitPerPromotion").get("value")
    if isinstance(most, int | str) and str(most).isdigit() and int(most) > _MOST_ENROLMENTS:
        refuse(400, "enrolmentLimitPerPromotion is above 100000", status=400)


def check_window(body: Json, rules: Rules) -> None:
    """Refuse an opt-in window where it does not go with the rest of the promotion."""
    workflows, metadata = member(body, "workflowMetadata"), body["metadata"]
    optin = member(workflows, "optin")
    dates = [optin.get("optInStartDate"), optin.get("optInEndDate")]
    if dates == [None, None]:
        return
    if member(workflows, "enrolment").get("basedOn") in ("ACTIVITY", "EXTERNAL_TRIGGER"):
        refuse(310228, "Opt-in window is not supported for this enrolment", status=400)
    if not rules.optin_window or metadata["promotionType"] != "LOYALTY_EARNING" or None in dates:
        refuse(SERVICE, "Opt-in window is not enabled, not whole, or not for this promotionType")
    start = required_instant(optin, "optInStartDate", rules.zone)
    end = required_instant(optin, "optInEndDate", rules.zone)
    if not start < end <= required_instant(metadata, "endDate", rules.zone):
        refuse(SERVICE, "Opt-in window starts before it ends, and ends with the promotion at last")
