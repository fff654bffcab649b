from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from capsync.api.dialect import Dialect, Fault, MissingMember, at
from capsync.api.dialects import (
    BARE,
    CAPPINGS,
    COUPON_LIST,
    GATEWAY,
    LEGACY_LOYALTY,
    REWARDS,
    V1_1,
    V2_BULK,
    V2_DATA,
    V2_ENTITY,
    V2_OBJECT,
    V3,
    rewards,
)

EXAMPLES = Path(__file__).parents[2] / "examples"
Json = Any


REFUSED_WITH_200 = {
    "rewards/004-create-reward-category-bad-brand",
    "rewards/008-get-reward-category-bad-brand",
    "rewards/012-enable-or-disable-reward-categories-bad-category",
    "rewards/102-createvendor-exists",
    "rewards/108-get-vendor-explode-info-not-found",
    "rewards/120-get-vendor-redemptions-details-bad-page",
    "rewards/202-get-reward-list-one-date",
}


def documented() -> list[Any]:
    found = []
    for path in sorted(EXAMPLES.glob("*/*.json")):
        answer = json.loads(path.read_bytes()).get("response") or {}
        if isinstance(answer, dict) and answer.get("status") and answer.get("body") is not None:
            name = f"{path.parent.name}/{path.stem}"
            refused = answer["status"] >= 400 or name in REFUSED_WITH_200
            found.append(pytest.param(answer["status"], answer["body"], refused, id=name))
    return found


def dialect_of(body: Json) -> Dialect:
    """The dialect that a kind would name for such a body."""
    if isinstance(body, list):
        return BARE
    if "response" in body:
        return V1_1 if isinstance(body["response"], dict) else V2_BULK
    if "summary" in body:
        return V2_BULK
    if isinstance(body.get("status"), dict):
        return LEGACY_LOYALTY if "validationErrors" in body else REWARDS
    if "cappingConfigResponses" in body or {"code", "message"} >= body.keys():
        return CAPPINGS
    for member, dialect in (("entity", V2_ENTITY), ("data", V3)):
        if member in body:
            return dialect
    return V2_OBJECT


@pytest.mark.parametrize(("status", "body", "refused"), documented())
def test_documented_answers_are_told_apart(status: int, body: Json, refused: bool) -> None:
    dialect = dialect_of(body)
    faults = dialect.faults(body, status)
    if refused:
        assert faults
        assert all(fault.message for fault in faults)
    else:
        assert faults == []
        assert dialect.payload(body) is not None


@pytest.mark.parametrize(
    ("dialect", "body"),
    [
        (V1_1, {"response": {"status": {"success": "true"}, "series": []}}),
        (V2_OBJECT, {"id": 1, "code": "a", "message": "hello", "warnings": []}),
        (V2_OBJECT, {"status": "ON_HOLD", "subStatus": "x", "warnings": []}),
        (V2_OBJECT, {"warnings": [], "errors": []}),
        (V2_ENTITY, {"entity": True, "success": True, "errors": None}),
        (V2_ENTITY, {"entity": [{"code": "X", "name": "y", "message": "z"}]}),
        (V2_DATA, {"data": [], "errors": [], "warnings": []}),
        (V3, {"data": True, "errors": [{"code": 0, "message": "SUCCESS"}]}),
        (GATEWAY, {"data": {}, "errors": None, "warnings": None}),
        (REWARDS, {"status": {"success": True, "code": 3001, "message": "ok"}, "brandList": []}),
        (REWARDS, {"rewardExpiryReminder": [], "pagingDto": {}}),
        (REWARDS, {"code": 200, "status": "true", "file": {}}),
        (BARE, [{"status": {"success": True}}, {"status": {"success": False, "code": 12014}}]),
        (BARE, {"id": 1, "status": "ACTIVE", "code": "DEL"}),
        (LEGACY_LOYALTY, {"status": {"code": 200}, "validationErrors": [], "data": [{}]}),
        (CAPPINGS, {"code": None, "message": "Limit created"}),
    ],
)
def test_good_bodies_tell_no_faults(dialect: Dialect, body: Json) -> None:
    assert dialect.faults(body, 200) == []
    assert dialect.faults(body, 201) == []


NO = {"success": False, "code": 3011, "message": "no"}


@pytest.mark.parametrize(
    ("dialect", "body", "expected"),
    [
        (V1_1, {"response": {"status": {"success": "false", "code": "500", "message": "m"}}},
         [Fault("500", "m")]),
        (V1_1, {"response": {"status": {"success": "true"}, "tasks": {"status": [
            {"item_status": {"success": "false", "code": "5207", "message": "invalid"}}]}}},
         [Fault("5207", "invalid")]),
        (V1_1, {"response": {"status": {"success": False, "code": 500, "message": "m"}, "t": [
            {"item_status": {"success": False, "code": 5206, "message": "i"}},
            {"item_status": {"success": True, "code": 200, "message": "fine"}}]}},
         [Fault("500", "m"), Fault("5206", "i")]),
        (V2_OBJECT, {"errors": [{"status": False, "code": 641, "message": "date"}]},
         [Fault("641", "date")]),
        (V2_OBJECT, {"code": 1026, "message": "not saved"}, [Fault("1026", "not saved")]),
        (V2_OBJECT, {"errors": ["plain text"]}, [Fault("", "plain text")]),
        (V2_ENTITY, {"entity": None, "success": False, "message": "x"}, [Fault("", "x")]),
        (V2_ENTITY, {"entity": None, "success": False}, [Fault("", "success false")]),
        (V2_ENTITY, {"entity": [{"code": 1025, "message": "taken"}], "success": True},
         [Fault("1025", "taken")]),
        (GATEWAY, {"data": None, "errors": [
            {"code": 728, "message": "owner", "reference": "ownership.restrictedToOwners"},
            {"code": 725, "message": "name", "reference": None}]},
         [Fault("728", "owner", "ownership.restrictedToOwners"), Fault("725", "name")]),
        (REWARDS, {"status": NO, "configList": []}, [Fault("3011", "no")]),
        (REWARDS, {"code": 500, "status": "false", "message": "no file"},
         [Fault("500", "no file")]),
        (BARE, [{"status": NO}, {"status": {**NO, "code": 3012}}],
         [Fault("3011", "no"), Fault("3012", "no")]),
        (BARE, {"errors": [{"code": 7, "message": "x"}]}, [Fault("7", "x")]),
        (LEGACY_LOYALTY, {"status": {"code": 4003, "message": "name"}, "data": []},
         [Fault("4003", "name")]),
        (LEGACY_LOYALTY, {"status": {"code": 200}, "data": [], "validationErrors": [
            {"code": 4074, "message": "targets"}]}, [Fault("4074", "targets")]),
        (V2_BULK, {"created": [], "summary": {"totalRequested": 1, "failureCount": 1},
                   "errors": [{"code": 10070, "message": "parent", "entityCode": "HOT"}]},
         [Fault("10070", "parent", "HOT")]),
        (V2_BULK, {"response": [{"errors": [{"code": 1234, "message": "code missing"}]}],
                   "totalCount": 1, "failureCount": 1}, [Fault("1234", "code missing")]),
    ],
)  # fmt: skip
def test_bad_bodies_tell_every_fault_whatever_the_status(
    dialect: Dialect, body: Json, expected: list[Fault]
) -> None:
    assert dialect.faults(body, 200) == expected
    assert dialect.faults(body, 400) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"errorCode": 4000, "errorMessage": "Not authorized. Access is denied!"},
         Fault("4000", "Not authorized. Access is denied!")),
        ({"message": "the name is taken"}, Fault("", "the name is taken")),
        ({"error": "offset is below 0"}, Fault("", "offset is below 0")),
        ({"response": {"status": {"code": 404, "message": "no"}}}, Fault("404", "no")),
        ({"status": {"code": 404, "message": "no"}}, Fault("404", "no")),
        ({}, Fault("", "no reason given")),
        (None, Fault("", "no reason given")),
    ],
)  # fmt: skip
def test_a_failing_status_is_a_fault_in_any_envelope(body: Json, expected: Fault) -> None:
    for dialect in (V2_OBJECT, V2_ENTITY, GATEWAY, BARE, LEGACY_LOYALTY):
        assert dialect.faults(body, 400) == [expected]


def test_bodies_of_another_shape_are_not_misread() -> None:
    assert V1_1.faults({"errors": [{"code": 9, "message": "x"}]}, 200) == [Fault("9", "x")]
    for dialect in (V1_1, V2_BULK, CAPPINGS, LEGACY_LOYALTY, REWARDS, BARE):
        assert dialect.faults("text", 200) == []
        assert dialect.faults([], 200) == []


def test_a_value_is_found_by_its_dotted_path() -> None:
    body = {"data": [{"id": 1}, {"id": 2}]}
    assert at(body, "data.1.id") == 2
    assert at(body, "data.7.id") is None
    assert at(body, "data.id") is None
    assert at(body, "") is body


def test_partly_done_is_left_to_whoever_sent_the_items() -> None:
    body = {"data": [{"id": 1}], "errors": [{"code": 23019, "message": "name taken"}]}
    assert V2_DATA.faults(body, 207) == []
    assert V2_DATA.faults(body, 200) == [Fault("23019", "name taken")]
    counts = {"totalRequested": 2, "failureCount": 1}
    assert V2_BULK.faults({"created": [], "summary": counts, "errors": [{"code": 1}]}, 200) == []


def test_a_fault_quoted_by_the_capping_service_is_settled() -> None:
    text = "No group was made [IntouchApiError{code=310069, message='name taken', status=false}]"
    faults = CAPPINGS.faults({"code": None, "message": text}, 500)
    assert faults == [Fault("310069", "name taken")]
    assert faults[0].code in CAPPINGS.settled


@pytest.mark.parametrize("dialect", [V1_1, V2_ENTITY, V2_DATA, V3, GATEWAY, rewards("vendor")])
@pytest.mark.parametrize("body", [{"other": 1}, [], "text", None])
def test_a_missing_member_is_said(dialect: Dialect, body: Json) -> None:
    with pytest.raises(MissingMember, match="`"):
        dialect.payload(body)


def test_rewards_finds_the_first_member_that_is_there() -> None:
    vendor = rewards("vendor", "vendorRo")
    assert vendor.payload({"status": {"success": True}, "vendorRo": {"id": 1}}) == {"id": 1}
    assert vendor.faults({"status": NO}, 200)


def test_warnings_become_text() -> None:
    body = {"warnings": [{"code": 3059, "message": "exists", "duplicates": []}, "plain"]}
    assert V2_DATA.warnings(body) == ["3059 exists", "plain"]
    assert V2_DATA.warnings({"warnings": None}) == []
    assert V2_DATA.warnings([]) == []


def test_the_coupon_list_knows_the_code_of_an_org_without_series() -> None:
    assert COUPON_LIST.empty == {"502"}
    assert replace(V2_DATA, empty=frozenset({"33002"})).empty == {"33002"}
