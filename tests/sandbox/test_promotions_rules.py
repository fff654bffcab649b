"""How loyalty promotions behave beyond the documented pairs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Call, Clock
from tests.sandbox.targets_support import ANY_JSON, at, paths_in, replaced

Json = Any
PATH = "/v3/promotions"
APPROVE = {"approvalStatus": "APPROVE"}


@pytest.fixture(autouse=True)
def _in_october(clock: Clock) -> None:
    clock.now = at("2026-10-01T09:00:00Z")


def action(**fields: Json) -> dict[str, Json]:
    return {
        "id": "temp_1",
        "actionName": "AWARD_POINTS_ACTION",
        "mandatoryPropertiesValues": {"AwardStrategy": "209010", "PointType": "Main"},
        **fields,
    }


def activity(id: str = "a1", **fields: Json) -> dict[str, Json]:
    mapping = {"cycle": "Cycle_1", "startDate": "2026-11-01T00:00:00+05:30", "actions": [action()]}
    return {
        "id": id,
        "type": "SINGLE",
        "event": "TransactionAdd",
        "commonCycleActionMapping": [mapping],
        **fields,
    }


def milestone(**fields: Json) -> dict[str, Json]:
    return {
        "name": "Nine swims",
        "trackingType": "DEFAULT",
        "targetType": "VISIT",
        "targetEntity": "EVENT",
        "cycleActionMapping": [
            {"cycle": "Cycle_1", "startDate": "2026-11-01", "endDate": "2026-11-30"},
            {"cycle": "Cycle_2", "startDate": "2026-12-01", "endDate": "2026-12-31"},
        ],
        "defaultValue": 9,
        **fields,
    }


def metadata(**fields: Json) -> dict[str, Json]:
    return {
        "name": "Deck perks",
        "programId": 1188,
        "startDate": "2026-11-01T00:00:00+05:30",
        "endDate": "2026-12-31T23:59:59+05:30",
        "promotionType": "LOYALTY_EARNING",
        "promoIdentifier": "deck-perks",
        **fields,
    }


def promotion(meta: dict[str, Json] | None = None, **fields: Json) -> dict[str, Json]:
    return {
        "metadata": metadata(**(meta or {})),
        "customerEnrolment": {"enrolmentMethod": "TRANSACTION", "audienceGroups": []},
        "activities": [activity()],
        "workflowMetadata": {"optin": {}, "enrolment": {}},
        **fields,
    }


def create(call: Call, meta: dict[str, Json] | None = None, **fields: Json) -> dict[str, Json]:
    status, body = call("POST", PATH, body=promotion(meta, **fields))
    assert (status, body["errors"]) == (201, None)
    return dict(body["data"])


def read(call: Call, id: str, **query: Json) -> dict[str, Json]:
    body = call("GET", f"{PATH}/{id}", query=query)[1]
    assert body["errors"] is None
    return dict(body["data"])


def put(call: Call, id: str, meta: dict[str, Json] | None = None, **fields: Json) -> Any:
    return call("PUT", f"{PATH}/{id}", body=promotion(meta, **fields))


def step(call: Call, id: str, existing: str, action: str) -> Any:
    path, query = f"/v3/requests/PROMOTION/{id}/status", {"existingStatus": existing}
    return call("PUT", path, query=query, body={"promotionStatus": action})


def done(answer: tuple[int, Json]) -> Any:
    assert (answer[0], answer[1]["errors"]) == (200, None)
    return answer[1]["data"]


def refused(answer: tuple[int, Json]) -> tuple[int, int]:
    assert answer[1]["data"] is None
    return answer[0], answer[1]["errors"][0]["code"]


def approve(call: Call, id: str) -> Any:
    done(step(call, id, "DRAFT", "PENDING_APPROVAL"))
    return done(call("POST", f"{PATH}/{id}/review", body=APPROVE))


def published(call: Call, meta: dict[str, Json] | None = None, **fields: Json) -> str:
    id = create(call, meta, **fields)["id"]
    approve(call, id)
    return str(id)


def listed(call: Call, **query: Json) -> list[str]:
    data = done(call("GET", PATH, query=query))
    return [each["metadata"]["name"] for each in data["content"]]


def entry(**fields: Json) -> dict[str, Json]:
    return {"promotionMetadata": [{"key": "tier", "value": "gold", **fields}]}


def flags(*names: str) -> dict[str, Json]:
    return {"loyaltyConfigMetaData": dict.fromkeys(names, True)}


BAD_METADATA: list[tuple[int, int, dict[str, Json]]] = [
    (400, 400, {"name": None}),
    (400, 400, {"startDate": ""}),
    (200, 300004, {"name": "x" * 201}),
    (200, 300004, {"promotionType": "OTHER"}),
    (200, 300004, {"endDate": "2026-10-31"}),
    (200, 300004, {"endDate": "soon"}),
    (200, 300004, {"status": "PENDING_APPROVAL"}),
    (200, 300004, {"programId": "main"}),
    (200, 310177, entry(key=None)),
    (200, 310178, entry(value="")),
    (200, 310179, {"promotionMetadata": entry()["promotionMetadata"] * 2}),
    (200, 310180, entry(key="x" * 101)),
    (200, 310181, entry(value="x" * 1001)),
    (200, 310182, entry(isBrandDefined=True)),
    (200, 310184, flags("isAlwaysApply", "isExclusive")),
    (200, 310185, flags("isStackable", "isExclusive")),
    (400, 400, {"promotionCategory": "BROADCAST", "promotionType": "LOYALTY"}),
]


@pytest.mark.parametrize(("status", "code", "meta"), BAD_METADATA)
def test_metadata_is_refused(status: int, code: int, meta: dict[str, Json], call: Call) -> None:
    body = promotion(meta)
    del body["workflowMetadata"]
    assert refused(call("POST", PATH, body=body)) == (status, code)
    assert listed(call) == []


WEEK = {"periodType": "MOVING_WINDOW", "periodUnit": "WEEKS", "periodStartDay": "MONDAY"}
MANY = {"enrolmentLimitPerPromotion": {"value": "100001"}}
BAD_PARTS: list[tuple[int, int, dict[str, Json]]] = [
    (400, 400, {"customerEnrolment": None}),
    (400, 400, {"activities": None}),
    (200, 300004, {"comments": "x" * 151}),
    (200, 300004, {"activities": [activity(type="TRIPLE")]}),
    (200, 300004, {"activities": [activity(type="GROUP")]}),
    (200, 300004, {"activities": [activity(milestones=[milestone()])]}),
    (200, 300004, {"activities": [activity(f"a{n}") for n in range(26)]}),
    (200, 300004, {"activities": [activity(type="GROUP", combinationType="ANY", children=[])]}),
    (
        200,
        300004,
        {"activities": [activity(type="GROUP", combinationType="ANY", children=[activity()])]},
    ),
    (200, 300004, {"limits": [{"granularity": "USER", "period": WEEK}]}),
    (200, 300004, {"limits": [{"entityScope": "PROGRAM"}]}),
    (200, 300004, {"liabilityOwnerSplitInfo": [{"ratio": 101}]}),
    (400, 400, {"workflowMetadata": {"enrolment": {"restrictions": MANY}}}),
    (200, 300004, {"workflowMetadata": {"optin": {"basedOn": "LUCK"}}}),
]


@pytest.mark.parametrize(("status", "code", "parts"), BAD_PARTS)
def test_parts_are_refused(status: int, code: int, parts: dict[str, Json], call: Call) -> None:
    body = promotion(**parts)
    assert refused(call("POST", PATH, body=body)) == (status, code)


def window(start: str | None, end: str | None, **enrolment: Json) -> dict[str, Json]:
    optin = {"basedOn": "AUDIENCE", "optInStartDate": start, "optInEndDate": end}
    return {"workflowMetadata": {"optin": optin, "enrolment": enrolment}}


def test_opt_in_windows(sandbox: Sandbox, call: Call) -> None:
    good = window("2026-10-15", "2026-12-31")
    for meta, parts, wanted in (
        ({}, window("2026-10-15", None), (200, 300006)),
        ({}, window("2026-12-01", "2026-11-01"), (200, 300006)),
        ({}, window("2026-12-01", "2027-01-02"), (200, 300006)),
        ({"promotionType": "GENERIC"}, good, (200, 300006)),
        ({}, window("2026-10-15", "2026-12-31", basedOn="EXTERNAL_TRIGGER"), (400, 310228)),
    ):
        assert refused(call("POST", PATH, body=promotion(meta, **parts))) == wanted
    sandbox.store.put("settings", "targets", {"optin_window": False})
    assert refused(call("POST", PATH, body=promotion(**good))) == (200, 300006)
    sandbox.store.put("settings", "targets", {})
    optin = create(call, **good)["workflowMetadata"]["optin"]
    assert optin["optInStartDate"] == "2026-10-15T00:00:00Z"


def test_what_is_sent_comes_back_in_another_form(call: Call) -> None:
    made = create(
        call,
        activities=[activity(), *with_milestone()["activities"]],
        limits=[{"granularity": "USER", "limitValue": 1}],
        liabilityOwnerSplitInfo=[{"ratio": 100, "isActive": False}],
    )
    meta = made["metadata"]
    assert (meta["startDate"], meta["programId"], meta["orgId"]) == (
        "2026-10-31T18:30:00Z",
        "1188",
        100737,
    )
    assert (meta["promotionId"], meta["promotionMetadata"], meta["timezoneName"]) == (0, None, None)
    assert made["customerEnrolment"] == {
        "enrolmentMethod": "TRANSACTION",
        "customerEligibilityType": "ALL",
    }
    nulls = dict.fromkeys(("basedOn", "activities", "audienceMapping", "restrictions"))
    assert made["workflowMetadata"] == {"enrolment": nulls, "optin": nulls}
    first, second = made["activities"]
    # Midnight in India is the day before on the server's clock.
    assert first["commonCycleActionMapping"][0]["startDate"] == "2026-10-31"
    assert (first["allCycles"], second["milestones"][0]["defaultValue"]) == ([], "9")
    assert made["limits"][0]["entityScope"] == "PROMOTION"
    assert made["liabilityOwnerSplitInfo"][0]["active"] is False
    assert made["comments"] is None


def test_a_replacement_clears_what_it_leaves_out(call: Call) -> None:
    made = create(call, {"description": "old"}, comments="old", limits=[{"limitValue": 1}])
    shown = done(put(call, made["id"]))
    assert (shown["id"], shown["version"]) == (made["id"], 1)
    assert (shown["comments"], shown["limits"]) == (None, [])
    assert shown["metadata"]["description"] is None
    assert read(call, made["id"]) == shown


def test_the_former_path_is_the_same(call: Call) -> None:
    made = create(call)
    former = "/v3/unifiedPromotions"
    assert done(call("GET", f"{former}/{made['id']}")) == made
    assert done(call("GET", former))["content"] == [made]
    assert refused(call("POST", former, body=promotion())) == (200, 310187)


def test_names_and_identifiers_are_unique(call: Call) -> None:
    id = published(call)
    assert refused(call("POST", PATH, body=promotion({"promoIdentifier": "x"}))) == (200, 310187)
    assert refused(call("POST", PATH, body=promotion({"name": "x"}))) == (200, 310159)
    done(step(call, id, "ACTIVE", "STOP"))
    assert listed(call) == []
    assert refused(call("POST", PATH, body=promotion({"name": "x"}))) == (200, 310159)
    assert read(call, id)["metadata"]["status"] == "STOPPED"
    assert refused(call("GET", f"{PATH}/unknown")) == (200, 9013)


def test_a_free_identifier_can_be_taken_over(call: Call) -> None:
    first, second = create(call)["id"], create(call, {"name": "b", "promoIdentifier": "b"})["id"]
    taken = {"name": "b", "promoIdentifier": "deck-perks"}
    assert refused(put(call, second, taken)) == (200, 310159)
    done(put(call, first, {"promoIdentifier": "free"}))
    assert done(put(call, second, taken))["metadata"]["promoIdentifier"] == "deck-perks"


def test_the_list_comes_in_pages(call: Call) -> None:
    for place in range(12):
        create(call, {"name": f"p{place:02d}", "promoIdentifier": str(place)})
    first = done(call("GET", PATH))
    assert [each["metadata"]["name"] for each in first["content"]][:2] == ["p11", "p10"]
    assert (first["totalElements"], first["totalPages"], first["last"]) == (12, 2, False)
    last = done(call("GET", PATH, query={"page": 1}))
    assert (last["numberOfElements"], last["last"], last["first"]) == (2, True, False)
    for query in ({"size": 101}, {"size": 0}, {"page": -1}, {"page": "x"}):
        assert refused(call("GET", PATH, query=query)) == (200, 300004)


def test_the_list_is_filtered(call: Call, clock: Clock) -> None:
    create(call, {"name": "draft", "description": "Deep SEA", "promoIdentifier": "d"})
    live = published(call, {"name": "live"})
    assert listed(call) == ["live", "draft"]
    assert (listed(call, searchText="sea"), listed(call, searchText="x")) == (["draft"], [])
    assert (listed(call, status="UPCOMING"), listed(call, status="LIVE")) == (["live"], [])
    clock.now = at("2026-11-15T00:00:00Z")
    assert (listed(call, status="ACTIVE"), listed(call, status="LIVE,PAUSED")) == (
        ["live"],
        ["live"],
    )
    put(call, live, {"name": "edited"})
    # The edit of a published promotion is a row of its own to the filter only.
    assert listed(call) == ["live", "draft"]
    assert listed(call, status="DRAFT") == ["edited", "draft"]
    for status in ("STOPPED", "COMPLETED", "LIVE,x"):
        assert refused(call("GET", PATH, query={"status": status})) == (200, 310151)


def test_the_way_of_a_promotion(call: Call, clock: Clock) -> None:
    id = create(call)["id"]
    assert done(step(call, id, "DRAFT", "PENDING_APPROVAL"))["metadata"]["status"] == (
        "PENDING_APPROVAL"
    )
    assert refused(put(call, id)) == (200, 310174)
    assert done(step(call, id, "PENDING_APPROVAL", "REVOKE"))["metadata"]["status"] == "DRAFT"
    assert approve(call, id)["metadata"]["status"] == "ACTIVE"
    assert read(call, id)["metadata"]["status"] == "UPCOMING"
    clock.now = at("2026-11-15T00:00:00Z")
    assert read(call, id)["metadata"]["status"] == "LIVE"
    assert done(step(call, id, "ACTIVE", "PAUSE"))["metadata"]["status"] == "PAUSED"
    assert done(step(call, id, "PAUSED", "RESUME"))["metadata"]["status"] == "LIVE"
    clock.now = at("2027-01-15T00:00:00Z")
    assert read(call, id)["metadata"]["status"] == "COMPLETED"
    assert done(step(call, id, "ACTIVE", "STOP"))["unifiedPromotionId"] == id
    assert refused(put(call, id)) == (200, 310183)
    assert refused(put(call, id, {"name": "other"})) == (200, 310152)


def test_a_status_call_is_refused(call: Call) -> None:
    id = create(call)["id"]
    assert refused(step(call, id, "ACTIVE", "PAUSE")) == (200, 310191)
    assert refused(step(call, "unknown", "DRAFT", "PENDING_APPROVAL")) == (200, 310191)
    assert refused(step(call, id, "LIVE", "PAUSE")) == (400, 400)
    assert refused(step(call, id, "DRAFT", "")) == (400, 300009)
    assert refused(step(call, id, "DRAFT", "ACTIVE")) == (400, 300008)
    assert refused(step(call, id, "DRAFT", "STOP")) == (400, 300008)


def test_a_review_is_refused(sandbox: Sandbox, call: Call) -> None:
    id = create(call)["id"]
    path = f"{PATH}/{id}/review"
    assert refused(call("POST", path, body=APPROVE)) == (200, 999999)
    done(step(call, id, "DRAFT", "PENDING_APPROVAL"))
    assert refused(call("POST", path, body={"approvalStatus": "approve"})) == (200, 310151)
    long = {"approvalStatus": "REJECT", "comment": "x" * 151}
    assert refused(call("POST", path, body=long)) == (200, 999999)
    rejected = done(call("POST", path, body={"approvalStatus": "REJECT", "comment": "no"}))
    assert (rejected["metadata"]["status"], rejected["comments"]) == ("DRAFT", "no")
    sandbox.store.put("settings", "targets", {"same_reviewer": False})
    done(step(call, id, "DRAFT", "PENDING_APPROVAL"))
    assert refused(call("POST", path, body=APPROVE)) == (403, 300005)
    sandbox.user_id += 1
    assert done(call("POST", path, body=APPROVE))["metadata"]["status"] == "ACTIVE"


def test_some_orgs_let_only_admins_stop(sandbox: Sandbox, call: Call) -> None:
    sandbox.store.put("settings", "targets", {"stop_needs_admin": True})
    id = published(call)
    assert refused(step(call, id, "ACTIVE", "STOP")) == (403, 300005)
    status, _ = call(
        "PUT",
        f"/v3/requests/PROMOTION/{id}/status",
        query={"existingStatus": "ACTIVE"},
        body={"promotionStatus": "STOP"},
        headers={"X-CAP-API-AUTH-KEY": sandbox.options.admin_key},
    )
    assert status == 200


def test_editing_a_published_promotion_makes_a_draft(call: Call) -> None:
    id = published(call)
    live = read(call, id)
    draft = done(put(call, id, {"description": "new", "promoIdentifier": "later"}))
    assert draft["id"] != id
    assert (draft["parentId"], draft["version"]) == (id, 2)
    assert draft["metadata"]["status"] == "DRAFT"
    assert read(call, id) == live
    details = read(call, id, includeDraftDetails=True)["metadata"]["draftDetails"]
    assert (details["id"], details["status"], details["version"]) == (draft["id"], "DRAFT", 2)
    parent = read(call, draft["id"], includeParentDetails=True)["parentDetails"]
    assert (parent["id"], parent["status"]) == (id, "UPCOMING")
    # Both identifiers are held until the draft is decided.
    assert refused(call("POST", PATH, body=promotion({"name": "x"}))) == (200, 310159)
    again = done(put(call, id, {"description": "newer", "promoIdentifier": "later"}))
    assert (again["id"], again["metadata"]["description"]) == (draft["id"], "newer")
    shown = approve(call, draft["id"])
    assert (shown["id"], shown["version"], shown["metadata"]["description"]) == (id, 2, "newer")
    assert shown["metadata"]["promotionId"] == live["metadata"]["promotionId"]
    assert read(call, draft["id"])["metadata"]["status"] == "SNAPSHOT"
    assert create(call, {"name": "x"})["metadata"]["promoIdentifier"] == "deck-perks"


def test_a_draft_is_stale_once_the_live_promotion_changes(call: Call) -> None:
    id = published(call)
    draft = done(put(call, id, {"description": "new"}))["id"]
    done(step(call, id, "ACTIVE", "PAUSE"))
    assert refused(put(call, id, {"description": "newer"})) == (200, 999999)
    assert refused(put(call, draft, {"description": "newer"})) == (200, 999999)
    assert refused(step(call, draft, "DRAFT", "PENDING_APPROVAL")) == (200, 999999)
    assert refused(call("DELETE", f"{PATH}/{id}")) == (200, 999999)
    assert done(call("DELETE", f"{PATH}/{draft}")) is True
    assert read(call, id, includeDraftDetails=True)["metadata"]["draftDetails"] is None
    assert done(put(call, id, {"description": "newer"}))["id"] != draft


def test_an_edit_pending_approval_is_not_edited(call: Call) -> None:
    id = published(call)
    draft = done(put(call, id))["id"]
    done(step(call, draft, "DRAFT", "PENDING_APPROVAL"))
    assert refused(put(call, id)) == (200, 310174)
    assert refused(put(call, draft)) == (200, 310174)
    done(step(call, draft, "PENDING_APPROVAL", "REVOKE"))
    assert done(put(call, id))["id"] == draft


LOCKED: list[tuple[str, int, dict[str, Json], dict[str, Json]]] = [
    ("DRAFT", 310158, {"programId": 1189}, {}),
    ("DRAFT", 310158, {"programId": None}, {}),
    ("DRAFT", 310175, {"status": "ACTIVE"}, {}),
    ("DRAFT", 310186, {}, {"version": 2}),
    ("DRAFT", 310161, {}, {"activities": [activity(event="NewBill")]}),
    ("UPCOMING", 310153, {"startDate": "2026-11-02T00:00:00+05:30"}, {}),
    ("UPCOMING", 300004, {"promotionType": "GENERIC"}, {}),
    ("UPCOMING", 300004, {}, {"customerEnrolment": {"enrolmentMethod": "IMPORT"}}),
    ("LIVE", 310153, {"startDate": "2026-10-02T00:00:00+05:30"}, {}),
    ("LIVE", 310155, {"endDate": "2026-12-30T23:59:59+05:30"}, {}),
    ("COMPLETED", 310155, {"endDate": "2027-12-30T23:59:59+05:30"}, {}),
    (
        "LIVE",
        310190,
        {},
        {
            "customerEnrolment": {
                "enrolmentMethod": "TRANSACTION",
                "customerEligibilityType": "LOYAL",
            }
        },
    ),
]
DAYS = {
    "UPCOMING": "2026-10-02T00:00:00Z",
    "LIVE": "2026-11-15T00:00:00Z",
    "COMPLETED": "2027-01-15T00:00:00Z",
}


@pytest.mark.parametrize(("state", "code", "meta", "parts"), LOCKED)
def test_a_change_is_locked(
    state: str,
    code: int,
    meta: dict[str, Json],
    parts: dict[str, Json],
    call: Call,
    clock: Clock,
) -> None:
    id = create(call)["id"] if state == "DRAFT" else published(call)
    clock.now = at(DAYS[state]) if state in DAYS else clock.now
    assert refused(put(call, id, meta, **parts)) == (200, code)
    assert done(put(call, id))["metadata"]["status"] == "DRAFT"


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("2026-11-15T00:00:00Z", "2027-02-01T00:00:00Z"),
        ("2026-11-15T00:00:00Z", "2026-11-15T00:00:30Z"),
        ("2026-10-15T00:00:00Z", "2026-11-20T00:00:00Z"),
    ],
)
def test_an_end_is_extended_or_cut(day: str, end: str, call: Call, clock: Clock) -> None:
    id = published(call)
    clock.now = at(day)
    assert done(put(call, id, {"endDate": end}))["metadata"]["endDate"] == end


WINDOW_EDITS: list[tuple[str, int, str | None, str | None]] = [
    ("2026-10-20T00:00:00Z", 310224, "2026-10-16", "2026-12-01"),
    ("2026-10-20T00:00:00Z", 310225, "2026-10-15", "2026-11-30"),
    ("2026-10-20T00:00:00Z", 310224, None, None),
    ("2026-10-10T00:00:00Z", 310226, "2026-10-09", "2026-12-01"),
    ("2026-10-10T00:00:00Z", 310227, "2026-09-01", "2026-10-09"),
]


@pytest.mark.parametrize(("day", "code", "start", "end"), WINDOW_EDITS)
def test_an_opt_in_window_is_locked(
    day: str, code: int, start: str | None, end: str | None, call: Call, clock: Clock
) -> None:
    id = published(call, **window("2026-10-15", "2026-12-01"))
    clock.now = at(day)
    assert refused(put(call, id, **window(start, end))) == (400, code)
    extended = window("2026-10-15", "2026-12-10")
    optin = done(put(call, id, **extended))["workflowMetadata"]["optin"]
    assert optin["optInEndDate"] == "2026-12-10T00:00:00Z"


def with_milestone(**fields: Json) -> dict[str, Json]:
    parts = activity(commonCycleActionMapping=[], milestones=[milestone(**fields)])
    return {"activities": [parts]}


def test_publishing_makes_the_target_groups(call: Call) -> None:
    id = published(call, **with_milestone())
    live = read(call, id)
    (shown,) = live["activities"][0]["milestones"]
    group = done(call("GET", f"/v3/targetGroups/{shown['targetGroupId']}"))
    assert group["name"].startswith("Nine swims_")
    assert (group["totalPeriods"], len(group["targets"])) == (2, 1)
    assert shown["targetRuleIds"] == [group["targets"][0]["id"]]
    assert refused(put(call, id, **with_milestone(targetType="COUNT"))) == (200, 310162)
    # The ids are the server's: they stay whether a client repeats them or not.
    draft = done(put(call, id, **with_milestone(description="new")))
    (kept,) = approve(call, draft["id"])["activities"][0]["milestones"]
    assert kept["targetGroupId"] == shown["targetGroupId"]
    assert len(done(call("GET", "/v3/targetGroups"))) == 1


def test_publishing_fails_where_no_group_can_be_made(call: Call) -> None:
    id = create(call, **with_milestone(targetEntity="EVENT", targetType="SALES"))["id"]
    done(step(call, id, "DRAFT", "PENDING_APPROVAL"))
    assert refused(call("POST", f"{PATH}/{id}/review", body=APPROVE)) == (200, 300006)
    assert read(call, id)["metadata"]["status"] == "PENDING_APPROVAL"


def test_rule_sets_and_limits_keep_the_ids_that_are_passed_back(call: Call) -> None:
    id = published(call, limits=[{"limitValue": 1, "period": {"periodValue": 3}}])
    live = read(call, id)
    mapping = live["activities"][0]["commonCycleActionMapping"][0]
    assert mapping["actions"][0]["id"] != "temp_1"
    back = {"activities": live["activities"], "limits": live["limits"]}
    draft = done(put(call, id, **back))
    kept = approve(call, draft["id"])
    (ruled,) = kept["activities"][0]["commonCycleActionMapping"]
    assert ruled["rulesetId"] == mapping["rulesetId"]
    assert kept["limits"][0]["id"] == live["limits"][0]["id"]
    assert kept["limits"][0]["period"]["id"] == live["limits"][0]["period"]["id"]
    fresh = approve(call, done(put(call, id, limits=[{"limitValue": 1}]))["id"])
    (ruled,) = fresh["activities"][0]["commonCycleActionMapping"]
    assert ruled["rulesetId"] != mapping["rulesetId"]
    assert fresh["limits"][0]["id"] != live["limits"][0]["id"]


WHOLE = promotion(
    {**entry(isBrandDefined="true"), **flags("isStackable"), "status": "DRAFT"},
    activities=[
        activity(cycles=[{"id": "c", "startDate": "2026-11-01", "endDate": "2026-11-02"}]),
        activity(
            "g",
            type="GROUP",
            combinationType="ALL",
            children=[
                activity("c", commonCycleActionMapping=[], milestones=[milestone()]),
            ],
        ),
    ],
    limits=[{"granularity": "USER", "limitValue": 1, "period": {"periodValue": 1}}],
    liabilityOwnerSplitInfo=[{"ratio": 100, "active": True}],
    **window(
        "2026-10-15", "2026-12-01", restrictions={"enrolmentLimitPerPromotion": {"value": "500"}}
    ),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from(paths_in(WHOLE)), ANY_JSON)
def test_no_body_breaks_a_promotion(
    sandbox: Sandbox, call: Call, path: tuple[Any, ...], value: Json
) -> None:
    sandbox.reset(seed=False)
    body = replaced(WHOLE, path, value)
    status, answer = call("POST", PATH, body=body)
    assert status in (200, 201, 400)
    if status == 201:
        id = answer["data"]["id"]
        assert call("PUT", f"{PATH}/{id}", body=body)[0] == 200
        step(call, id, "DRAFT", "PENDING_APPROVAL")
        call("POST", f"{PATH}/{id}/review", body=APPROVE)
        assert call("PUT", f"{PATH}/{id}", body=WHOLE)[0] in (200, 400)
        assert call("PUT", f"{PATH}/{id}", body=body)[0] in (200, 400)
    id = published(call, {"name": "other", "promoIdentifier": "other"})
    assert call("PUT", f"{PATH}/{id}", body=body)[0] in (200, 400)


def test_rule_trees_are_for_the_console(call: Call) -> None:
    path = "/loyalty/api/v1/workflows/expJSON/626/TransactionAdd"
    assert call("POST", path, body={"exp": "true"}) == (401, None)
