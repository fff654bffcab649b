"""What a loyalty promotion must hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from capsync.kind import Finding
from capsync.kinds.promotions_activities import DEPTH, STREAK_TYPES
from capsync.model import Path, Resource, Spec
from capsync.values.instants import parse_instant

Json = Any
Part = Mapping[str, Json]

_MOST_ENROLMENTS = 100_000
_NAME = 200  # the field reference says 255, the table of the create page 200
_MOST_SINGLE, _MOST_GROUPS, _MOST_CHILDREN = 25, 10, 10
_BROADCAST_EVENT = "BulkEMFEvent"
# Cycles that the guide allows, by the length of one, and where each has actions of its own.
_MOST_CYCLES = {"DAILY": 730, "WEEKLY": 104, "CUSTOM": 104, "MONTHLY": 60, "YEARLY": 10}
_MOST_APART = 24


def activities(spec: Spec, path: Path = ()) -> Iterator[tuple[Path, Part]]:
    """Every activity of a promotion, those inside groups too, as deep as pages show them, with its
    path."""
    if len(path) == 2 * DEPTH:
        return
    for name in ("activities", "children"):
        for place, each in enumerate(spec.get(name) or ()):
            if isinstance(each, Mapping):
                here = (*path, name, place)
                yield here, each
                yield from activities(each, here)


def _metadata(spec: Spec) -> Iterable[Finding]:
    metadata = spec["metadata"]
    name = metadata.get("name")
    if isinstance(name, str) and len(name) > _NAME:
        message = f"has {len(name)} characters; the create page allows {_NAME}"
        yield Finding(("metadata", "name"), message, severity="warning")
    start, end = (parse_instant(metadata.get(each)) for each in ("startDate", "endDate"))
    if start is not None and end is not None and end <= start:
        yield Finding(("metadata", "endDate"), "is not after the startDate", code="300004")
    if metadata.get("loyaltyEarningType") and metadata["promotionType"] != "LOYALTY_EARNING":
        message = "is for promotionType LOYALTY_EARNING"
        yield Finding(("metadata", "loyaltyEarningType"), message, severity="warning")
    flags = metadata.get("loyaltyConfigMetaData") or {}
    path = ("metadata", "loyaltyConfigMetaData", "isAlwaysApply")
    if flags.get("isAlwaysApply") is True and (
        flags.get("isStackable") is True or flags.get("isExclusive") is True
    ):
        yield Finding(path, "excludes isStackable and isExclusive", code="310184")
    if flags.get("isStackable") is True and flags.get("isExclusive") is True:
        yield Finding((*path[:2], "isExclusive"), "excludes isStackable", code="310185")


def _of_activities(spec: Spec) -> Iterable[Finding]:
    for path, each in activities(spec):
        if each.get("type") == "GROUP":
            yield from _group(path, each)
        elif each.get("milestones") and _rewards(each):
            message = "is for activities without milestones: write one of them"
            yield Finding((*path, "commonCycleActionMapping"), message)
        yield from _cycles(path, each)
        for place, milestone in enumerate(each.get("milestones") or ()):
            where = (*path, "milestones", place)
            yield from _milestone(where, milestone, in_group="children" in path)
            yield from _cycles(where, milestone)
    top = spec.get("activities") or ()
    for type_, most in (("SINGLE", _MOST_SINGLE), ("GROUP", _MOST_GROUPS)):
        count = sum(each.get("type") == type_ for each in top)
        if count > most:
            message = f"has {count} {type_} activities; the guide allows {most}"
            yield Finding(("activities",), message, severity="warning")


def _milestone(path: Path, milestone: Part, *, in_group: bool) -> Iterator[Finding]:
    measure, tracking = milestone.get("targetType"), milestone.get("trackingType")
    if tracking in STREAK_TYPES and not milestone.get("streaks"):
        yield Finding((*path, "streaks"), f"is needed with {tracking}")
    if measure is None and not in_group:
        yield Finding((*path, "targetType"), "is needed, but in activities of a GROUP")
    if measure == "EXTENDED_FIELD" and not milestone.get("targetRuleMetaData"):
        yield Finding((*path, "targetRuleMetaData"), "is needed with EXTENDED_FIELD")


def _cycles(path: Path, part: Part) -> Iterator[Finding]:
    lists = ("cycles", "periods", "activityCycles", "cycleActionMapping")
    counts = [len(part.get(name) or ()) for name in lists]
    count = max(*counts, part.get("recurringCycles") or 0)
    most = _MOST_CYCLES.get(str(part.get("frequencyType")), count)
    if part.get("sameActionsForEveryCycle") is False:
        most = min(most, _MOST_APART)
    if count > most:
        message = f"has {count} cycles; the guide allows {most}"
        yield Finding(path, message, severity="warning")


def _rewards(activity: Part) -> bool:
    mappings = activity.get("commonCycleActionMapping") or ()
    return any(each.get("actions") for each in mappings)


def _group(path: Path, group: Part) -> Iterator[Finding]:
    for name in ("combinationType", "children"):
        if not group.get(name):
            yield Finding((*path, name), "is needed in a GROUP")
    children = group.get("children") or ()
    if len(children) > _MOST_CHILDREN:
        message = f"has {len(children)} activities; the guide allows {_MOST_CHILDREN}"
        yield Finding((*path, "children"), message, severity="warning")
    for place, child in enumerate(children):
        if isinstance(child, Mapping) and child.get("commonCycleActionMapping"):
            where = (*path, "children", place, "commonCycleActionMapping")
            yield Finding(where, "is not for activities of a GROUP: rewards stand at the group")


def _workflows(spec: Spec) -> Iterable[Finding]:
    workflow = spec.get("workflowMetadata") or {}
    for name in ("enrolment", "optin"):
        block = workflow.get(name) or {}
        limits = block.get("restrictions") or {}
        most = (limits.get("enrolmentLimitPerPromotion") or {}).get("value")
        if most is not None and str(most).isdigit() and int(most) > _MOST_ENROLMENTS:
            where = ("workflowMetadata", name, "restrictions", "enrolmentLimitPerPromotion")
            yield Finding((*where, "value"), f"is at most {_MOST_ENROLMENTS}", code="400")
        for expiry in ("optinExpiryBasedOn", "enrolmentExpiryBasedOn"):
            yield from _expiry(
                ("workflowMetadata", name, "restrictions", expiry), limits.get(expiry) or {}
            )
    yield from _window(spec, workflow)
    yield from _limits_of_both(workflow)


def _limits_of_both(workflow: Part) -> Iterator[Finding]:
    """Who may enrol more often than opt in would enrol for nothing."""
    names = {"optin": "optinLimitPerCustomer", "enrolment": "enrolmentLimitPerCustomer"}
    optin, enrolment = (
        str((((workflow.get(block) or {}).get("restrictions") or {}).get(name) or {}).get("value"))
        for block, name in names.items()
    )
    if optin.isdigit() and enrolment.isdigit() and int(optin) < int(enrolment):
        where = ("workflowMetadata", "optin", "restrictions", "optinLimitPerCustomer", "value")
        message = f"is below the enrolmentLimitPerCustomer of {enrolment}"
        yield Finding(where, message, severity="warning")


def _expiry(path: Path, expiry: Part) -> Iterator[Finding]:
    needed = {"CUSTOM": "value", "FIXED_DATE": "expiryDate"}.get(str(expiry.get("type")))
    if needed and expiry.get(needed) in (None, ""):
        yield Finding((*path, needed), f"is needed with {expiry['type']}")


def _window(spec: Spec, workflow: Part) -> Iterator[Finding]:
    """The days in which customers may opt in."""
    optin = workflow.get("optin") or {}
    names = ("optInStartDate", "optInEndDate")
    path = ("workflowMetadata", "optin")
    given = [name for name in names if optin.get(name) is not None]
    if not given:
        return
    if len(given) == 1:
        other = names[1 - names.index(given[0])]
        yield Finding((*path, other), "is needed beside the other date", code="300006")
        return
    start, end = (parse_instant(optin[name]) for name in names)
    last = parse_instant(spec["metadata"].get("endDate"))
    if start is not None and end is not None and end <= start:
        yield Finding((*path, names[1]), "is not after the start", code="300006")
    if end is not None and last is not None and end > last:
        yield Finding((*path, names[1]), "is after the end of the promotion", code="300006")
    if spec["metadata"].get("promotionType") != "LOYALTY_EARNING":
        message = "is for promotionType LOYALTY_EARNING only"
        yield Finding((*path, names[0]), message, code="300006")
    if (workflow.get("enrolment") or {}).get("basedOn") in ("ACTIVITY", "EXTERNAL_TRIGGER"):
        message = "does not go with enrolment by activity or external trigger"
        yield Finding((*path, names[0]), message, code="310228")


def _broadcast(spec: Spec) -> Iterable[Finding]:
    if spec["metadata"].get("promotionCategory") != "BROADCAST":
        return
    for name in ("broadcastMetadata", "promotionSchedule"):
        if spec.get(name) is None:
            yield Finding((name,), "is needed for a BROADCAST")
    if spec["metadata"].get("promotionType") != "LOYALTY":
        yield Finding(("metadata", "promotionType"), "is LOYALTY for a BROADCAST")
    if spec.get("workflowMetadata"):
        yield Finding(("workflowMetadata",), "is not for a BROADCAST")
    for path, each in activities(spec):
        if each.get("type") == "SINGLE" and each.get("event") not in (None, _BROADCAST_EVENT):
            yield Finding((*path, "event"), f"is {_BROADCAST_EVENT} for a BROADCAST")
    schedule = (spec.get("promotionSchedule") or {}).get("schedule") or {}
    if schedule.get("startType") == "PARTICULAR_DATE" and not schedule.get("scheduleDate"):
        where = ("promotionSchedule", "schedule", "scheduleDate")
        yield Finding(where, "is needed with PARTICULAR_DATE")


def _limits(spec: Spec) -> Iterable[Finding]:
    for place, limit in enumerate(spec.get("limits") or ()):
        path: Path = ("limits", place)
        period = limit.get("period") or {}
        if limit.get("entityScope") == "PROGRAM" and limit.get("entityId") is None:
            yield Finding((*path, "entityId"), "is needed with scope PROGRAM")
        kind = (period.get("periodType"), period.get("periodUnit"))
        is_week = kind == ("FIXED_CALENDAR_WINDOW", "WEEKS")
        if period.get("periodStartDay") and not (is_week and period.get("periodValue") == 1):
            message = "is for FIXED_CALENDAR_WINDOW of one week"
            yield Finding((*path, "period", "periodStartDay"), message)


def _split(spec: Spec) -> Iterable[Finding]:
    parts = [
        each.get("ratio")
        for each in spec.get("liabilityOwnerSplitInfo") or ()
        if each.get("active", each.get("isActive", True)) is not False
    ]
    if parts and all(isinstance(each, int | float) for each in parts) and sum(parts) != 100:
        message = f"bears {sum(parts)} % together; ratios should total 100"
        yield Finding(("liabilityOwnerSplitInfo",), message, severity="warning")


def _not_loyal(spec: Spec) -> Iterable[Finding]:
    if spec["customerEnrolment"].get("customerEligibilityType") != "NON_LOYAL":
        return
    if ((spec.get("workflowMetadata") or {}).get("optin") or {}).get("basedOn"):
        yield Finding(("workflowMetadata", "optin"), "is not for NON_LOYAL customers")
    for path, each in activities(spec):
        if each.get("milestones"):
            yield Finding((*path, "milestones"), "are not for NON_LOYAL customers")


RULES = (_metadata, _of_activities, _workflows, _broadcast, _limits, _split, _not_loyal)


def names_taken_twice(resources: Sequence[Resource]) -> Iterable[tuple[Resource, Finding]]:
    """Promotions under one name."""
    seen: dict[str, Resource] = {}
    for resource in resources:
        name = (resource.spec.get("metadata") or {}).get("name")
        if isinstance(name, str) and seen.setdefault(name, resource) is not resource:
            message = f"{name!r} is the name of {seen[name].address} already"
            yield resource, Finding(("metadata", "name"), message, code="310187")
