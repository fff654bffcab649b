"""Promotions of the old UI and reward currency limits beyond the documented pairs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Call, Clock
from tests.sandbox.targets_support import ANY_JSON, EXAMPLES, at, paths_in, replaced

Json = Any
PROGRAM = "/api_gateway/loyalty/v1/programs/3032"
CREATE = f"{PROGRAM}/createPromotion/simple"
LIST = "/api_gateway/loyalty/v1/programs/promotions/list"
CAPPINGS = f"{PROGRAM}/cappings"


@pytest.fixture(autouse=True)
def _in_june(clock: Clock) -> None:
    clock.now = at("2026-06-24T09:25:04.532Z")


def ruleset(**fields: Json) -> dict[str, Json]:
    action = {"actionName": "AWARD_TARGET_POINTS_ACTION"}
    rule = {"exp": "true", "expJSON": "{}", "isActive": True, "caseToActions": {"true": [action]}}
    return {
        "id": -1,
        "contextID": 3032,
        "orgID": 100737,
        "contextType": "program",
        "endpointName": "POINTSENGINE_ENDPOINT",
        "name": "ruleset_1",
        "type": "USER_CREATED",
        "startDate": 1782707200000,
        "endDate": 1787199999000,
        "active": True,
        "rules": [{"id": -1, **rule}],
        "filterInfo": [{"id": -1, "name": "LoyaltyType", "isInclude": True}],
        **fields,
    }


def promotion(**fields: Json) -> dict[str, Json]:
    return {
        "id": -1,
        "name": "tide",
        "identifier": "tide_1",
        "startDate": "2026-06-23T10:15:00+05:30",
        "endDate": "2026-08-25T10:15:00+05:30",
        "eventName": "TARGETCOMPLETED",
        "promotionSourceType": "USER_CREATED",
        "promotionRestrictions": {"targetGroupIds": [7], "targetRuleIds": [8]},
        "rulesetInfos": [ruleset()],
        **fields,
    }


def create(call: Call, **fields: Json) -> dict[str, Json]:
    status, body = call("POST", CREATE, body={"promotion": promotion(**fields)})
    assert (status, body["status"]["code"], len(body["data"])) == (200, 200, 1)
    return dict(body["data"][0])


def code(answer: tuple[int, Json]) -> int:
    assert answer[1]["data"] is None
    return int(answer[1]["status"]["code"])


NO_FILTER = ruleset(filterInfo=[{"name": "Other"}])
EMPTY = {"actionName": "X", "mandatoryPropertiesValues": {"TargetRuleId": ""}}
RULE = {"exp": "true", "expJSON": "{}", "isActive": True, "caseToActions": {"true": [EMPTY]}}


@pytest.mark.parametrize(
    ("wanted", "fields"),
    [
        (4011, {"startDate": None}),
        (4012, {"endDate": ""}),
        (4057, {"endDate": "soon"}),
        (4079, {"promotionSourceType": None}),
        (4074, {"promotionRestrictions": {"targetGroupIds": [7]}}),
        (4075, {"rulesetInfos": []}),
        (4075, {"rulesetInfos": [ruleset(), ruleset()]}),
        (4076, {"rulesetInfos": [ruleset(contextID=None)]}),
        (4076, {"rulesetInfos": [ruleset(rules=[{"exp": "true"}])]}),
        (4078, {"rulesetInfos": [NO_FILTER]}),
        (4080, {"rulesetInfos": [ruleset(rules=[RULE])]}),
        (400, {"id": 5}),
        (400, {"name": "x" * 256}),
        (400, {"eventName": "OTHER"}),
    ],
)
def test_a_legacy_create_is_refused(wanted: int, fields: dict[str, Json], call: Call) -> None:
    assert code(call("POST", CREATE, body={"promotion": promotion(**fields)})) == wanted


def test_a_legacy_promotion_is_snapped_and_completed(call: Call) -> None:
    made = create(call, limits={"pointsPerCustomer": 3})
    assert (made["startDate"], made["endDate"]) == ("2026-06-23T00:00Z", "2026-08-25T23:59:59Z")
    assert made["promotionStatus"] == "LIVE"
    assert made["promotionRestrictions"]["isConsideredForRanking"] is True
    (shown,) = call("GET", f"{PROGRAM}/promotions/{made['id']}/get")[1]["data"]
    rules = shown["promotionRestrictions"]
    assert rules["isConsideredForRanking"] is False
    assert rules["linkedTargetGroupVsTargetRuleIdMap"] == {"7": [8]}
    (added,) = rules["restrictions"]["redemptionRestrictions"]
    assert (added["name"], added["value"]) == ("MAX_REDEMPTIONS_PER_EARN_PER_CUSTOMER", 100)
    assert (shown["limits"]["pointsPerCustomer"], shown["limits"]["totalPointsPerEventLimit"]) == (
        3,
        -1,
    )
    (rules_of,) = shown["rulesetInfos"]
    assert not {"endpointName", "type", "active"} & rules_of.keys()
    assert rules_of["filterInfo"][0]["className"].endswith("LoyaltyTypeFilterImpl")


def test_legacy_names_are_unique_in_the_program(call: Call) -> None:
    create(call)
    again = promotion(name="other")
    assert code(call("POST", CREATE, body={"promotion": again})) == 4007
    again = promotion(identifier="other")
    assert code(call("POST", CREATE, body={"promotion": again})) == 4003
    elsewhere = CREATE.replace("3032", "3033")
    assert call("POST", elsewhere, body={"promotion": promotion()})[1]["status"]["code"] == 200
    assert code(call("POST", CREATE.replace("simple", "odd"), body={"promotion": again})) == 400


def test_legacy_reads_are_refused(call: Call) -> None:
    id = create(call)["id"]
    assert code(call("GET", f"{PROGRAM}/promotions/1/get")) == 4029
    assert code(call("GET", f"/api_gateway/loyalty/v1/programs/0/promotions/{id}/get")) == 2010
    assert code(call("GET", LIST, query={"limit": 5})) == 4054
    paging = {"limit": 5, "offset": 0}
    assert code(call("GET", LIST, query={**paging, "startDate": "2026-06-01"})) == 4053
    dates = {"startDate": "2026-06-01", "endDate": "x"}
    assert code(call("GET", LIST, query={**paging, **dates})) == 4057
    assert code(call("GET", f"{PROGRAM}/promotionsV2", query=paging)) == 4079


def test_legacy_lists_are_filtered(call: Call) -> None:
    for place in range(3):
        create(call, name=f"n{place}", identifier=str(place))

    def names(path: str, **query: Json) -> list[str]:
        body = call("GET", path, query={"limit": 2, "offset": 0, **query})[1]
        return [each["name"] for each in body["data"]]

    assert names(LIST) == ["n2", "n1"]
    assert names(LIST, offset=1) == ["n0"]
    assert names(LIST, promotionName="N1", status="LIVE", activity="TargetCompleted") == ["n1"]
    assert names(LIST, program=3033) == []
    assert names(LIST, startDate="2026-09-01", endDate="2026-09-02") == []
    assert names(LIST, status="COMPLETED") == []
    v2 = f"{PROGRAM}/promotionsV2"
    assert names(v2, sourceType="USER_CREATED", offset=1) == ["n1", "n0"]
    assert names(v2, sourceType="UI") == []


def capping(name: str = "cap", **fields: Json) -> dict[str, Json]:
    group = {
        "name": name,
        "trackingType": "CAPPING",
        "periods": [{"refCode": "Cycle_1", "startDate": "2026-06-01", "endDate": "2026-07-01"}],
        "targets": [
            {
                "name": name,
                "targetEntity": "POINTS",
                "targetType": "REGULAR_POINTS",
                "defaultValues": [{"defaultValue": "120"}],
            }
        ],
    }
    return {
        "scope": "INDIVIDUAL_CUSTOMER",
        "name": name,
        "entity": "POINTS",
        "targetGroups": json.dumps(group),
        "eventName": "TRANSACTION_ADD",
        "isActive": True,
        "cappingEntityType": "TRANSACTION_ADD",
        "propertyValues": '{"limit": "9004", "additionalFilters": null}',
        **fields,
    }


EVENT = {"scope": "INDIVIDUAL_EVENT", "targetGroups": None}


def rows(call: Call, **query: Json) -> list[tuple[str, Json]]:
    status, body = call("GET", CAPPINGS, query=query)
    assert status == 200
    listed = body["cappingConfigResponses"]["content"]
    return [(each["cappingName"], each["limitValue"]) for each in listed]


def test_limits_are_listed_and_filtered(call: Call) -> None:
    assert call("POST", CAPPINGS, body=capping("a"))[0] == 200
    assert call("POST", CAPPINGS, body=capping("b", **EVENT))[0] == 200
    assert call("POST", CAPPINGS, body=capping("b", isActive=False, **EVENT))[0] == 200
    assert rows(call) == [("b", 9004), ("b", 9004), ("a", 120)]
    assert rows(call, skip=1, limit=2) == [("a", 120)]
    assert rows(call, scope="INDIVIDUAL_CUSTOMER") == [("a", 120)]
    assert rows(call, status=False) == [("b", 9004)]
    assert rows(call, eventName="TransactionAdd", cappingName="a") == [("a", 120)]
    assert rows(call, eventName="ReturnBill") == []
    assert rows(call, cappingEntity="PROMOTION") == []
    _, body = call("GET", CAPPINGS)
    assert (body["activeIndividualEvents"], body["activeIndividualCustomers"]) == (1, 1)
    groups = call("GET", "/v3/targetGroups")[1]["data"]
    assert [(each["name"], each["trackingType"]) for each in groups] == [("a", "CAPPING")]


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"entity": "X"}, {"scope": "X"}])
def test_a_bad_list_of_limits_is_400(query: dict[str, Json], call: Call) -> None:
    status, body = call("GET", CAPPINGS, query=query)
    assert (status, list(body)) == (400, ["error"])


@pytest.mark.parametrize(
    ("status", "part", "fields"),
    [
        (400, "scope not known", {"scope": "ALL"}),
        (400, "name is required", {"name": ""}),
        (400, "entityIdentifier", {"entity": "ALTERNATE_CURRENCIES"}),
        (400, "propertyValues", {"propertyValues": "{"}),
        (500, "code=300004", {"targetGroups": "{}"}),
    ],
)
def test_a_limit_is_refused(status: int, part: str, fields: dict[str, Json], call: Call) -> None:
    found, body = call("POST", CAPPINGS, body=capping(**fields))
    assert (found, body["code"]) == (status, None)
    assert part in body["message"]
    assert rows(call) == []


BODIES: dict[str, Json] = {
    CREATE: {"promotion": promotion(limits={"pointsPerCustomer": 1})},
    CAPPINGS: EXAMPLES["88-create-reward-currency-limits-event-points"].body,
}


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from([(where, path) for where, body in BODIES.items() for path in paths_in(body)]),
    ANY_JSON,
)
def test_no_body_breaks_a_create(
    sandbox: Sandbox, call: Call, place: tuple[str, tuple[Any, ...]], value: Json
) -> None:
    sandbox.reset(seed=False)
    where, path = place
    assert call("POST", where, body=replaced(BODIES[where], path, value))[0] in (200, 400, 500)
    assert call("GET", LIST, query={"limit": 5, "offset": 0})[0] == 200
    assert call("GET", CAPPINGS)[0] == 200
