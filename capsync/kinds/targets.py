"""Target groups: milestones and streaks with their cycles, targets and messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from capsync.api.dialects import V3
from capsync.kind import Extra, Kind, Listing, Retire, Route, Service, key_by
from capsync.kinds.targets_fields import SCHEMA
from capsync.kinds.targets_rules import RULES, guard, names_taken_twice, probe
from capsync.kinds.targets_shape import find_by_name, messages_name, own_targets, read, shape
from capsync.kinds.targets_writes import GROUPS, writes
from capsync.model import Spec

Json = Any

_GROUP = f"{GROUPS}/{{id}}"


def _more(raw: Json, wanted: Spec | None) -> Sequence[Extra]:
    """Cycles and targets, where list and detail show none; messages of the targets of which a
    manifest lists them, of all targets where there is no manifest."""
    extras = [
        Extra("periods", Route("GET", f"{_GROUP}/targetPeriods")),
        Extra("targets", Route("GET", f"{_GROUP}/targets")),
    ]
    for target in own_targets(raw.get("targets") or []):
        if _has_messages(target, wanted):
            path = f"{_GROUP}/targets/{target['id']}/communications"
            extras.append(Extra(messages_name(target["id"]), Route("GET", path)))
    return extras


def _has_messages(target: Json, wanted: Spec | None) -> bool:
    if wanted is None:
        return True
    named = find_by_name(wanted.get("targets"), target.get("name"))
    return named is not None and named.get("communications") is not None


def _is_capping(raw: Json) -> bool:
    """Groups of reward currency limits are made with these, not as groups."""
    return bool(raw.get("trackingType") == "CAPPING")


def _is_off(child: Json, _now: float) -> bool:
    return child.get("active") is False


TARGET_GROUP = Kind(
    name="TargetGroup",
    family="targets",
    doc="A group of targets (milestones) or a streak: cycles, what to reach in them, messages.",
    pages=(
        "create-target-groups",
        "create-unified-target-group",
        "create-streak",
        "create-target-group-based-on-behavioural-event",
        "create-target-based-on-emf-eventss",
        "create-target-based-on-alternate-currencies",
        "get-target-groups-all",
        "get-target-groups-id",
        "update-target-group",
        "update-target-period",
        "create-targets",
        "edit-streaks",
        "update-unified-target",
        "upsert-target-communication",
        "check-validity-of-milestone-name",
    ),
    dialect=V3,
    lists=(
        Listing(
            # Without the flag user-created groups look absent, and a create fails with 310069.
            Route(
                "GET",
                GROUPS,
                params={"includePeriods": "true", "includeUserCreatedTargetGroups": "true"},
            ),
            whole=False,
        ),
    ),
    detail=Route("GET", _GROUP, params={"includePeriods": "true"}),
    extras=_more,
    read=read,
    shape=shape,
    keys=(key_by("name", caseless=True),),
    title="name",
    create=Route("POST", GROUPS),
    settles=True,
    duplicate_codes=frozenset({"310069"}),
    update=Route("PUT", f"{GROUPS}/editTargetGroup/{{id}}", id_member="id"),
    writer=writes,
    # Whether anything brings a deleted group back is not documented (api notes: targets, holes).
    retire=Retire("delete", Route("DELETE", _GROUP), reversible=False),
    retire_child={
        "periods": Retire("deactivate", gone=_is_off),
        "targets": Retire("deactivate", gone=_is_off),
        "targets.communications": Retire("deactivate", gone=_is_off),
    },
    service=Service("active"),
    foreign=_is_capping,
    made_by=("LoyaltyPromotion",),
    stamp="attribution.lastUpdatedOn",
    cached=False,  # whether it moves when a target or a cycle changes is not documented
    changed_by="attribution.lastUpdatedBy",
    schema=SCHEMA,
    rules=RULES,
    project_rules=(names_taken_twice,),
    probe=probe,
    guard=guard,
    notes=(
        "The API is being phased out for new milestones in favour of loyalty promotions; no end"
        " date is given.",
        "Names of groups and targets have no case. isValidName is asked for every new one while"
        " planning, since groups that no list shows hold theirs too.",
        "Default values stand in the order of periods, or name their periodId; plans and exports"
        " name them by the refCode of the cycle. Values of cycles that a manifest leaves out stay.",
        "Dates of cycles count by day. Which day a time near midnight falls on depends on the"
        " server's zone, so the written day and the UTC day both count as equal.",
        "The service adds a shadow <name>_ReturnBill to targets of SALES on TRANSACTION: it is"
        " never shown, compared or exported.",
        "fromDate, toDate and the dates of the whole run are sent when a group is made; the service"
        " cuts or derives them, so they are never compared.",
        "Dates of cycles that have begun do not change: the service answers well and keeps the old"
        " ones. Of a streak group only its target's rule, filters and values can change.",
        "Updates of the group send it as read. Of targets, rule, filters and values are documented"
        " as changeable; description and activation go the same way.",
        "Whether the delete of a group is final is not documented, so pruning one counts as"
        " irreversible: active: false in a manifest takes it out of service, and can come back."
        " Targets are retired by their DELETE (which deactivates), cycles and messages by active:"
        " false.",
        "Messages are paired by type and channel, and all of a target are written together, since"
        " no page says what an upsert pairs them by.",
        "Groups that published loyalty promotions made are left out of export and pruning.",
    ),
)
