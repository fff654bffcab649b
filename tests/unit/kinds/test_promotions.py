"""Loyalty promotions: what is refused offline, where they stand, and what is sent back."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from capsync.kind import Pair, Task
from capsync.kinds.promotions import LOYALTY_PROMOTION
from capsync.kinds.promotions_rules import names_taken_twice
from capsync.kinds.promotions_shape import pairs_of
from capsync.kinds.promotions_stage import PENDING_DRAFT, life_of
from capsync.model import Action, Address, Meta, Resource
from capsync.requests import writes_for
from capsync.values.diff import differences
from capsync.values.normalise import canonical
from capsync.values.wire import merge, to_wire
from tests.unit.kinds.examples import warned, wrong

SINGLE = {"id": "a1", "type": "SINGLE", "event": "TransactionAdd"}
REWARD = {"cycle": "Cycle_1", "actions": [{"actionName": "AWARD_POINTS_ACTION"}]}
BASE: dict[str, Any] = {
    "metadata": {
        "name": "Pier Gold",
        "promoIdentifier": "pier-gold",
        "startDate": "2027-03-01T00:00:00+05:30",
        "endDate": "2027-03-31T23:59:00+05:30",
        "promotionType": "LOYALTY_EARNING",
    },
    "customerEnrolment": {"enrolmentMethod": "TRANSACTION"},
    "activities": [SINGLE],
}


def _spec(metadata: Any = None, **more: Any) -> dict[str, Any]:
    spec = copy.deepcopy(BASE)
    spec["metadata"] |= metadata or {}
    return {**spec, **more}


def _optin(**block: Any) -> dict[str, Any]:
    return _spec(workflowMetadata={"optin": block})


START, END = "2027-03-02T00:00:00Z", "2027-03-05T00:00:00Z"


@pytest.mark.parametrize(
    ("spec", "part"),
    [
        ({**BASE, "metadata": {"name": "x"}}, "metadata promoIdentifier is required"),
        (_spec({"endDate": "2027-02-01T00:00:00Z"}), "is not after the startDate"),
        (
            _spec({"loyaltyConfigMetaData": {"isAlwaysApply": True, "isStackable": True}}),
            "310184",
        ),
        (_spec({"loyaltyConfigMetaData": {"isExclusive": True, "isStackable": True}}), "310185"),
        (_spec(activities=[{**SINGLE, "milestones": [{"name": "a"}]}]), "targetType is needed"),
        (
            _spec(activities=[{**SINGLE, "milestones": [{"targetType": "EXTENDED_FIELD"}]}]),
            "targetRuleMetaData is needed",
        ),
        (_spec({"promotionMetadata": [{"key": "a", "value": "1"}] * 2}), "another item"),
        (_spec({"promotionMetadata": [{"key": "k" * 101, "value": "1"}]}), "100"),
        (
            _spec(activities=[{**SINGLE, "milestones": [{"name": "m"}, {"name": "n"}]}]),
            "milestones",
        ),
        (
            _spec(
                activities=[{**SINGLE, "milestones": [{}], "commonCycleActionMapping": [REWARD]}]
            ),
            "is for activities without milestones",
        ),
        (
            _spec(activities=[{**SINGLE, "milestones": [{"trackingType": "STREAKS"}]}]),
            "is needed with STREAKS",
        ),
        (_spec(activities=[{"type": "GROUP", "children": [SINGLE]}]), "combinationType"),
        (_spec(activities=[{"type": "GROUP", "combinationType": "ANY"}]), "children is needed"),
        (
            _spec(
                activities=[
                    {
                        "type": "GROUP",
                        "combinationType": "ANY",
                        "children": [{**SINGLE, "commonCycleActionMapping": [REWARD]}],
                    }
                ]
            ),
            "is not for activities of a GROUP",
        ),
        (_optin(optInStartDate=START), "310006|300006"),
        (_optin(optInStartDate=END, optInEndDate=START), "is not after the start"),
        (_optin(optInStartDate=START, optInEndDate="2028-01-01T00:00:00Z"), "after the end"),
        (
            _spec(
                {"promotionType": "LOYALTY"},
                workflowMetadata={"optin": {"optInStartDate": START, "optInEndDate": END}},
            ),
            "LOYALTY_EARNING only",
        ),
        (
            _spec(
                workflowMetadata={
                    "optin": {"optInStartDate": START, "optInEndDate": END},
                    "enrolment": {"basedOn": "EXTERNAL_TRIGGER"},
                }
            ),
            "310228",
        ),
        (_optin(restrictions={"enrolmentLimitPerPromotion": {"value": "100001"}}), "100000"),
        (_optin(restrictions={"optinExpiryBasedOn": {"type": "CUSTOM"}}), "needed with CUSTOM"),
        (_spec({"promotionCategory": "BROADCAST"}), "broadcastMetadata is needed"),
        (
            _spec(limits=[{"period": {"periodType": "MOVING_WINDOW", "periodStartDay": "MONDAY"}}]),
            "periodStartDay",
        ),
        (_spec(limits=[{"entityScope": "PROGRAM"}]), "entityId is needed"),
        (
            _spec(
                customerEnrolment={"customerEligibilityType": "NON_LOYAL"},
                activities=[{**SINGLE, "milestones": [{}]}],
            ),
            "NON_LOYAL",
        ),
        (_spec(comments="x" * 151), "150"),
        (_spec(activities=[{**SINGLE, "evnt": "x"}]), "evnt"),
    ],
)
def test_what_is_refused(spec, part):
    said = wrong("LoyaltyPromotion", spec)
    assert any(each in text for text in said for each in part.split("|")), said


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        (_spec({"name": "x" * 201}), "metadata.name"),
        (_spec({"status": "LIVE"}), "metadata.status"),
        (
            _spec(liabilityOwnerSplitInfo=[{"liabilityOwnerId": 1, "ratio": 60}]),
            "liabilityOwnerSplitInfo",
        ),
        (_spec(activities=[SINGLE] * 26), "activities"),
        (
            _spec({"promotionType": "LOYALTY", "loyaltyEarningType": "DIRECT_EARN"}),
            "metadata.loyaltyEarningType",
        ),
        (
            _spec(activities=[{**SINGLE, "frequencyType": "YEARLY", "cycles": [{}] * 11}]),
            "activities.0",
        ),
        (
            _spec(
                activities=[
                    {
                        **SINGLE,
                        "milestones": [
                            {
                                "targetType": "COUNT",
                                "sameActionsForEveryCycle": False,
                                "recurringCycles": 25,
                            }
                        ],
                    }
                ]
            ),
            "activities.0.milestones.0",
        ),
        (
            _spec(
                workflowMetadata={
                    "optin": {"restrictions": {"optinLimitPerCustomer": {"value": "1"}}},
                    "enrolment": {"restrictions": {"enrolmentLimitPerCustomer": {"value": 2}}},
                }
            ),
            "workflowMetadata.optin.restrictions.optinLimitPerCustomer.value",
        ),
    ],
)
def test_what_is_warned_of(spec, path):
    assert path in warned("LoyaltyPromotion", spec)


def test_groups_may_be_deeper_than_pages_show():
    group = {"type": "GROUP", "combinationType": "ANY"}
    inner = {**group, "children": [{**group, "children": [{**group, "children": [1, SINGLE]}]}]}
    assert wrong("LoyaltyPromotion", _spec(activities=[inner])) == []
    assert wrong("LoyaltyPromotion", _optin(activities=[{**group, "children": [SINGLE]}])) == []


def test_nulls_stand_for_empty_blocks():
    live = {
        "metadata": {"loyaltyConfigMetaData": {"isStackable": False}},
        "workflowMetadata": {"enrolment": {}, "optin": {}},
    }
    desired = {"metadata": {"loyaltyConfigMetaData": None, "name": "x"}, "workflowMetadata": None}
    assert LOYALTY_PROMOTION.shape is not None
    assert LOYALTY_PROMOTION.shape(Pair(desired, live, live)) == {"metadata": {"name": "x"}}
    used = {
        "metadata": {"loyaltyConfigMetaData": {"isStackable": True}},
        "workflowMetadata": {"optin": {"basedOn": "ACTIVITY"}},
    }
    assert LOYALTY_PROMOTION.shape(Pair(desired, used, used)) == desired


def test_the_base_is_right():
    assert wrong("LoyaltyPromotion", BASE) == []


def test_two_promotions_of_one_name():
    one = Resource(Address("LoyaltyPromotion", "one"), BASE)
    two = Resource(Address("LoyaltyPromotion", "two"), _spec({"promoIdentifier": "other"}))
    [(resource, finding)] = names_taken_twice([one, two])
    assert (resource, finding.code) == (two, "310187")


# Where a promotion stands


def _raw(status: str, draft: str = "", **more: Any) -> dict[str, Any]:
    raw = {"id": "p", **copy.deepcopy(BASE), **more}
    raw["metadata"] |= {"status": status}
    if draft:
        raw[PENDING_DRAFT] = {"id": "d", **copy.deepcopy(BASE)}
        raw[PENDING_DRAFT]["metadata"]["status"] = draft
    return raw


@pytest.mark.parametrize(
    ("status", "draft", "life"),
    [
        ("DRAFT", "", ("p", "DRAFT", "DRAFT", False)),
        ("PENDING_APPROVAL", "", ("p", "PENDING_APPROVAL", "PENDING_APPROVAL", False)),
        ("LIVE", "", ("p", "ACTIVE", "ACTIVE", True)),
        ("UPCOMING", "DRAFT", ("d", "ACTIVE", "DRAFT", True)),
        ("PAUSED", "PENDING_APPROVAL", ("d", "PAUSED", "PENDING_APPROVAL", True)),
        ("LIVE", "SNAPSHOT", ("p", "ACTIVE", "ACTIVE", True)),
    ],
)
def test_lives(status, draft, life):
    found = life_of(_raw(status, draft))
    assert (found.id, found.published, found.stage, found.is_published) == life


@pytest.mark.parametrize(
    ("status", "draft", "publish", "approve", "target"),
    [
        ("DRAFT", "", None, True, None),
        ("DRAFT", "", "draft", True, None),
        ("DRAFT", "", "submit", False, "PENDING_APPROVAL"),
        ("DRAFT", "", "submit", True, "ACTIVE"),
        ("PENDING_APPROVAL", "", "submit", False, None),
        ("PENDING_APPROVAL", "", "submit", True, "ACTIVE"),
        ("LIVE", "", "submit", True, None),
        ("LIVE", "DRAFT", "submit", False, "PENDING_APPROVAL"),
        ("LIVE", "DRAFT", "draft", False, None),
        ("PAUSED", "", "submit", False, "ACTIVE"),
        ("PAUSED", "", "draft", False, None),
        ("COMPLETED", "", "submit", True, None),
        ("STOPPED", "", None, False, "ACTIVE"),
    ],
)
def test_how_far_a_manifest_takes_it(status, draft, publish, approve, target):
    assert LOYALTY_PROMOTION.stage is not None
    pair = Pair(BASE, BASE, _raw(status, draft), Meta(publish=publish), approve)
    found = [change.after for change in LOYALTY_PROMOTION.stage(pair)]
    assert found == ([] if target is None else [target])


def test_drafts_and_snapshots_are_no_promotions_of_their_own():
    assert LOYALTY_PROMOTION.absent(_raw("DRAFT", parentId="p"))
    assert LOYALTY_PROMOTION.absent(_raw("SNAPSHOT"))
    assert not LOYALTY_PROMOTION.absent(_raw("ACTIVE", parentId="p"))
    assert not LOYALTY_PROMOTION.absent(_raw("DRAFT"))


def test_target_groups_of_milestones_are_told():
    group = {"type": "GROUP", "children": [{"milestones": [{"targetGroupId": 28}, {}]}]}
    assert LOYALTY_PROMOTION.makes is not None
    raw = _raw("ACTIVE", activities=[group, {"milestones": [{"targetGroupId": "29"}]}])
    assert list(LOYALTY_PROMOTION.makes(raw)) == [("TargetGroup", "28"), ("TargetGroup", "29")]


# Manifests beside live promotions


def _changes(desired: dict[str, Any], live: dict[str, Any]) -> list[str]:
    schema, read = LOYALTY_PROMOTION.schema, LOYALTY_PROMOTION.read(live)
    assert LOYALTY_PROMOTION.shape is not None
    shaped = LOYALTY_PROMOTION.shape(Pair(desired, read, live))
    found = differences(schema, canonical(schema, shaped), canonical(schema, read))
    return [".".join(map(str, each.path)) for each in found]


def _cycled(start: str, metadata: Any = None) -> dict[str, Any]:
    activity = {**SINGLE, "commonCycleActionMapping": [{"cycle": "C1", "startDate": start}]}
    return _spec(metadata, activities=[activity])


@pytest.mark.parametrize(
    ("written", "zone", "shown", "differs"),
    [
        ("2027-03-01T00:00:00+05:30", "Z", "2027-02-28", False),
        ("2027-03-01T00:00:00+05:30", "Z", "2027-03-01", False),
        ("2027-02-28T19:00:00Z", "+05:30", "2027-03-01", False),
        ("2027-03-01T00:00:00+05:30", "Z", "2027-03-02", True),
        ("2027-03-01T00:00:00+05:30", "Z", "2027-02-28T18:30:00Z", False),
    ],
)
def test_days_of_cycles(written, zone, shown, differs):
    live = _raw("ACTIVE", **_cycled(shown, {"startDate": f"2027-03-01T00:00:00{zone}"}))
    live["metadata"]["startDate"] = f"2027-03-01T00:00:00{zone}"
    desired = _cycled(written, {"startDate": f"2027-03-01T00:00:00{zone}"})
    assert bool(_changes(desired, live)) is differs


def test_days_of_cycles_are_read_with_the_clock_of_the_promotion():
    cycles = [{"cycle": "C1", "startDate": "2027-03-01", "endDate": "2027-03-09"}]
    ends = {"startDate": "2027-02-28T18:30:00Z", "endDate": "2027-03-31T18:29:59Z"}
    live = _raw("ACTIVE", activities=[{**SINGLE, "commonCycleActionMapping": cycles}])
    live["metadata"] |= ends
    [read] = LOYALTY_PROMOTION.read(live)["activities"]
    assert read["commonCycleActionMapping"] == [
        {"cycle": "C1", "startDate": "2027-03-01T18:30:00Z", "endDate": "2027-03-09T18:29:59Z"}
    ]


def test_blocks_of_nulls_are_empty_blocks():
    nulls = {"basedOn": None, "activities": None, "audienceMapping": None, "restrictions": None}
    live = _raw("DRAFT", workflowMetadata={"optin": nulls, "enrolment": None})
    assert _changes(_spec(workflowMetadata={"optin": {}, "enrolment": {}}), live) == []
    assert _changes(_spec(workflowMetadata={"optin": None}), live) == []
    given = _spec(workflowMetadata={"optin": {"basedOn": "AUDIENCE"}})
    assert _changes(given, live) == ["workflowMetadata.optin.basedOn"]


def test_pairs_follow_cycles_ids_and_places():
    live = [{"id": "a"}, {"id": "b"}, {"cycle": "C1", "n": 1}]
    assert pairs_of([{"id": "b"}, {}, {"cycle": "C1"}, {"id": "new"}], live) == [
        ({"id": "b"}, {"id": "b"}),
        ({}, {"id": "b"}),
        ({"cycle": "C1"}, {"cycle": "C1", "n": 1}),
        ({"id": "new"}, None),
    ]


# Writes


def _writes(desired: dict[str, Any], live: dict[str, Any], *changed: Any, **more: Any) -> Any:
    schema, read = LOYALTY_PROMOTION.schema, LOYALTY_PROMOTION.read(live)
    wire = to_wire(schema, desired)
    body = merge(schema, read, wire)
    task = Task(Action.UPDATE, wire, body, live, read, changed, "p", {"org": 100737}, 0.0, **more)
    return writes_for(LOYALTY_PROMOTION, task)


def test_limits_take_the_ids_of_the_live_ones():
    points = {"granularity": "USER", "actionType": "AWARD_CURRENCY", "limitType": "SUM"}
    live = _raw(
        "DRAFT",
        limits=[
            {**points, "id": 1, "limitValue": 5, "period": {"id": 8, "periodType": "FIXED_WINDOW"}},
            {**points, "id": 2, "limitValue": 9, "createdOn": "x"},
        ],
    )
    desired = _spec(
        limits=[
            {**points, "limitValue": 7},
            {**points, "limitValue": 6, "period": {"periodType": "FIXED_WINDOW"}},
            {**points, "granularity": "OVERALL", "limitValue": 1},
        ]
    )
    [write] = _writes(desired, live, ("limits",))
    assert [each.get("id") for each in write.body["limits"]] == [2, 1, None]
    assert write.body["limits"][1]["period"] == {"id": 8, "periodType": "FIXED_WINDOW"}
    assert "createdOn" not in write.body["limits"][0]


def test_costs_are_borne_in_this_org_unless_told():
    split = [
        {"liabilityOwnerId": 1, "ratio": 50, "isActive": True},
        {"liabilityOwnerId": 2, "ratio": 50, "orgId": 7},
    ]
    [write] = _writes(_spec(liabilityOwnerSplitInfo=split), _raw("DRAFT"), ("x",))
    sent = write.body["liabilityOwnerSplitInfo"]
    assert [each["orgId"] for each in sent] == [100737, 7]
    assert sent[0]["active"] is True


def test_status_calls_are_sent_once():
    writes = _writes(BASE, _raw("DRAFT"), ("metadata", "status"), meta=Meta(publish="submit"))
    assert [(each.summary, each.repeatable) for each in writes] == [("submit for approval", False)]


def test_drafts_may_be_saved_twice_edits_of_live_ones_not():
    [write] = _writes(BASE, _raw("DRAFT"), ("metadata", "name"))
    assert (write.summary, write.path, write.repeatable) == ("update", "/v3/promotions/p", True)
    [write] = _writes(BASE, _raw("LIVE"), ("metadata", "name"))
    assert (write.summary, write.repeatable, write.settle) == ("save a draft", False, False)
    [write] = _writes(BASE, _raw("LIVE", "DRAFT"), ("metadata", "name"))
    assert (write.summary, write.path, write.repeatable) == ("update", "/v3/promotions/d", True)
    assert write.body["id"] == "d"


def test_undocumented_members_survive_an_update():
    [write] = _writes(BASE, _raw("DRAFT", somethingNew=[1]), ("metadata", "name"))
    assert write.body["somethingNew"] == [1]
