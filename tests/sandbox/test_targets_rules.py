"""How target groups behave beyond the documented pairs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Call, Clock
from tests.sandbox.targets_support import ANY_JSON, at, paths_in, replaced

GROUPS = "/v3/targetGroups"
Json = Any


@pytest.fixture(autouse=True)
def _in_march(clock: Clock) -> None:
    clock.now = at("2026-03-10T09:00:00Z")


def target(name: str = "run-5", **fields: Json) -> dict[str, Json]:
    return {
        "name": name,
        "targetEntity": "TRANSACTION",
        "targetType": "COUNT",
        "defaultValues": [{"defaultValue": "5"}, {"defaultValue": 7.12345}],
        **fields,
    }


def group(name: str = "spring-run", **fields: Json) -> dict[str, Json]:
    return {
        "name": name,
        "trackingType": "DEFAULT",
        "periods": [
            {"refCode": 1, "startDate": "2026-03-01T10:00:00.000+05:30", "endDate": "2026-03-31"},
            {"refCode": "Cycle_2", "startDate": "2026-04-01", "endDate": "2026-04-30T23:59:59Z"},
        ],
        "targets": [target(f"{name}-5")],
        **fields,
    }


def create(call: Call, **fields: Json) -> dict[str, Json]:
    status, body = call("POST", GROUPS, body=group(**fields))
    assert (status, body["errors"]) == (200, None)
    return dict(body["data"])


def read(call: Call, id: int, **query: Json) -> dict[str, Json]:
    status, body = call("GET", f"{GROUPS}/{id}", query=query)
    assert status == 200
    return dict(body["data"])


def code(answer: tuple[int, Json]) -> int:
    assert answer[1]["data"] is None
    return int(answer[1]["errors"][0]["code"])


def listed(call: Call, **query: Json) -> list[str]:
    return [each["name"] for each in call("GET", GROUPS, query=query)[1]["data"]]


REFUSED: list[tuple[int, dict[str, Json]]] = [
    (300004, {"name": ""}),
    (300004, {"name": " spaced"}),
    (300004, {"name": "x" * 201}),
    (300004, {"description": "x" * 256}),
    (300004, {"trackingType": "STREAK"}),
    (300004, {"recurringCycles": 101}),
    (300004, {"targetEvaluationType": "ALWAYS"}),
    (300004, {"trackingType": "STREAKS"}),
    (300004, {"trackingType": "UNIFIED", "combinationType": "ALL"}),
    (300004, {"trackingType": "UNIFIED", "targets": [target("a"), target("b")]}),
    (300004, {"targets": [target("twice"), target("Twice")]}),
    (300004, {"userCreated": True, "targets": [target("a"), target("b")]}),
    (300004, {"userCreated": True, "targets": [target(enrolmentMethod="TRANSACTION")]}),
    (300004, {"periods": [{"refCode": "a", "startDate": "2026-04-02", "endDate": "2026-04-01"}]}),
    (300004, {"periods": [{"refCode": "a", "startDate": "soon", "endDate": "2026-04-01"}]}),
    (300004, {"periods": [{"startDate": "2026-04-02", "endDate": "2026-04-03"}]}),
    (300004, {"targetCycleStartDate": "2026-04-01", "targetCycleStartDateISO": "2026-04-01"}),
    (310132, {"leaderboardEnabled": True, "targetEvaluationType": "CYCLIC_WINDOW"}),
    (310008, {"targets": [target("x" * 201)]}),
    (310033, {"targets": [target(targetType="ALL_POINTS")]}),
    (310033, {"targets": [target(targetType="ALL")]}),
    (
        310033,
        {
            "targets": [
                target(targetEntity="EVENT", targetType="EVENT_ATTRIBUTE", eventName="ReturnBill")
            ]
        },
    ),
    (310094, {"targets": [target(targetType="EXTENDED_FIELD")]}),
    (
        310092,
        {"targets": [target(targetType="EXTENDED_FIELD", extendedFieldInfo={"name": "levy"})]},
    ),
    (
        310147,
        {
            "targets": [
                target(targetEntity="ALTERNATE_CURRENCIES", targetType="ALL", extendedFieldInfo={})
            ]
        },
    ),
    (
        310146,
        {
            "targets": [
                target(
                    targetEntity="ALTERNATE_CURRENCIES",
                    targetType="REGULAR",
                    extendedFieldInfo={"alternateCurrencyIdentifier": "7mqWt2"},
                )
            ]
        },
    ),
    (300004, {"targets": [target(targetType="")]}),
    (300004, {"targets": [target(defaultValues=[{"defaultValue": "many"}])]}),
    (300004, {"targets": [target(defaultValues=[{"defaultValue": 1}] * 3)]}),
    (300004, {"targets": [target(filters=[{"entityType": "TILL", "entityIds": [1]}])]}),
]


@pytest.mark.parametrize(("wanted", "fields"), REFUSED)
def test_a_create_is_refused(wanted: int, fields: dict[str, Json], call: Call) -> None:
    assert code(call("POST", GROUPS, body={**group(), **fields})) == wanted
    assert listed(call, includeUserCreatedTargetGroups=True) == []


def test_orgs_differ_in_what_they_may_create(sandbox: Sandbox, call: Call) -> None:
    sandbox.store.put("settings", "targets", {"leaderboards": False, "user_created": False})
    assert code(call("POST", GROUPS, body=group(leaderboardEnabled=True))) == 310133
    assert code(call("POST", GROUPS, body=group(userCreated=True))) == 300004


def test_names_are_unique_whatever_the_case_and_the_state(call: Call) -> None:
    hidden = create(call, name="Challenge", userCreated=True)
    gone = create(call, name="Gone")
    assert call("DELETE", f"{GROUPS}/{gone['id']}")[1]["data"] is True
    assert listed(call) == ["Gone"]
    assert listed(call, includeOnlyActive=True) == []
    assert listed(call, includeUserCreatedTargetGroups=True) == ["Gone", "Challenge"]
    for name in ("challenge", "GONE"):
        assert code(call("POST", GROUPS, body=group(name))) == 310069
    assert read(call, hidden["id"])["userCreated"] is True


def test_what_a_create_echoes_reads_differently_later(call: Call) -> None:
    made = create(
        call, totalPeriods=9, targetCycleStartDate="2026-03-01T08:42:00.529Z", fromDate="2026-03-01"
    )
    assert made["totalPeriods"] == 9
    assert made["targetCycleStartDate"] == "2026-03-01T08:42:00.529Z"
    assert not {"frequency", "frequencyType", "recurringCycles", "attribution"} & made.keys()
    shown = read(call, made["id"])
    assert shown["totalPeriods"] == 2
    assert shown["targetCycleStartDate"] == "2026-03-01T08:42:01.000Z"
    assert shown["targetCycleEndDate"] == "2026-04-30T23:59:59.000Z"
    assert (shown["frequency"], shown["frequencyType"]) == (0, "CUSTOM")
    assert shown["recurringCycles"] == -1
    assert "periods" not in shown
    assert "description" not in shown
    assert shown["activePeriod"]["refCode"] == "1"


def test_periods_lose_their_time_and_move_with_the_clock(call: Call, clock: Clock) -> None:
    made = create(call)
    first, second = made["periods"]
    assert (first["refCode"], first["startDate"], first["endDate"]) == (
        "1",
        "2026-03-01",
        "2026-03-31",
    )
    assert (first["periodStatus"], second["periodStatus"]) == ("RUNNING", "NOT_STARTED")
    clock.now = at("2026-04-01T00:00:00Z")
    shown = read(call, made["id"], includePeriods=True)["periods"]
    assert [period["periodStatus"] for period in shown] == ["ENDED", "RUNNING"]


def test_sales_of_transactions_get_a_shadow(call: Call) -> None:
    made = create(call, targets=[target("spend", targetType="SALES")])
    plain, shadow = made["targets"]
    assert (shadow["name"], shadow["eventName"]) == ("spend_ReturnBill", "ReturnBill")
    path = f"{GROUPS}/{made['id']}/targets"
    assert [each["name"] for each in call("GET", path)[1]["data"]] == ["spend"]
    (item,) = call("GET", GROUPS)[1]["data"]
    assert [each["name"] for each in item["targets"]] == ["spend"]
    changed = {"expression": "currentTxn.value>1", "expressionJson": "{}", "filters": []}
    values = [{"periodId": made["periods"][1]["id"], "defaultValue": 3}]
    body = {**changed, "defaultValues": values}
    assert call("PUT", f"{path}/{plain['id']}", body=body)[1]["errors"] is None
    _, shadow = read(call, made["id"])["targets"]
    assert shadow["expression"] == "currentTxn.value>1"
    assert [value["defaultValue"] for value in shadow["defaultValues"]] == [3]
    assert call("DELETE", f"{path}/{plain['id']}")[1]["data"] is True
    assert [each["active"] for each in read(call, made["id"])["targets"]] == [False, False]


def test_targets_get_defaults(call: Call) -> None:
    made = create(
        call,
        targets=[
            target(
                targetEntity="EVENT",
                expression=False,
                extendedFieldInfo={"name": "points", "aggregateFunction": "SUM"},
            )
        ],
    )
    (shown,) = made["targets"]
    assert (shown["enrolmentMethod"], shown["eventName"]) == ("IMPORT", "TransactionAdd")
    assert (shown["active"], shown["expression"]) == (True, "false")
    assert "filters" not in shown
    assert "extendedFieldInfo" not in shown  # accepted and ignored for COUNT of events
    values = shown["defaultValues"]
    assert [value["defaultValue"] for value in values] == [5.0, 7.123]
    assert [value["periodId"] for value in values] == [each["id"] for each in made["periods"]]
    assert shown["targetPeriodDefaultValuesMap"][str(values[0]["periodId"])] == values[0]


def test_an_edit_changes_little_and_ignores_the_rest(call: Call) -> None:
    made = create(call, description="old", fromDate="2026-03-01")
    create(call, name="other")
    path = f"{GROUPS}/editTargetGroup/{made['id']}"
    body = {
        "id": made["id"],
        "name": "renamed",
        "preferredTillId": 12,
        "trackingType": "UNIFIED",
        "periods": [],
        "targets": [{"id": made["targets"][0]["id"], "expression": "x>1", "name": "no"}],
    }
    status, answer = call("PUT", path, body=body)
    shown = answer["data"]
    assert status == 200
    assert (shown["name"], shown["preferredTillId"], shown["description"]) == ("renamed", 12, "old")
    assert (shown["trackingType"], shown["totalPeriods"]) == ("DEFAULT", 2)
    assert shown["toDate"] == "2026-04-30"
    assert (shown["targets"][0]["name"], shown["targets"][0]["expression"]) == (
        "spring-run-5",
        "x>1",
    )
    assert shown["attribution"]["lastUpdatedBy"]["code"] is None
    assert code(call("PUT", path, body={**body, "name": "OTHER"})) == 310069
    assert code(call("PUT", path, body={**body, "id": 1})) == 300004
    assert create(call, name="Spring-Run", targets=[])["name"] == "Spring-Run"


def test_a_deleted_group_can_be_activated_until_it_is_over(call: Call, clock: Clock) -> None:
    made = create(call)
    edit, body = f"{GROUPS}/editTargetGroup/{made['id']}", {"id": made["id"], "name": "spring-run"}
    call("DELETE", f"{GROUPS}/{made['id']}")
    assert read(call, made["id"])["active"] is False
    assert call("PUT", edit, body={**body, "active": True})[1]["data"]["active"] is True
    call("DELETE", f"{GROUPS}/{made['id']}")
    clock.now = at("2026-05-01T00:00:00Z")
    assert code(call("PUT", edit, body={**body, "active": True})) == 300004


def test_orgs_may_delete_for_good(sandbox: Sandbox, call: Call) -> None:
    sandbox.store.put("settings", "targets", {"deletes_groups": True})
    made = create(call)
    call("DELETE", f"{GROUPS}/{made['id']}")
    assert call("GET", f"{GROUPS}/{made['id']}")[0] == 404
    assert create(call)["id"] != made["id"]


def test_new_periods_are_answered_with_all_of_the_group(call: Call) -> None:
    made = create(call)
    path = f"{GROUPS}/{made['id']}/targetPeriods"
    new = [{"refCode": "Cycle_2", "startDate": "2026-05-01", "endDate": "2026-05-31"}]
    _, answer = call("POST", path, body=new)
    assert [each["refCode"] for each in answer["data"]] == ["1", "Cycle_2", "Cycle_2"]
    assert len(call("GET", path)[1]["data"]) == 3


def test_only_a_period_to_come_changes_its_dates(call: Call) -> None:
    running, coming = create(call)["periods"]
    path = f"{GROUPS}/{running['targetGroupId']}/targetPeriods"
    change = {"startDate": "2026-06-01", "endDate": "2026-06-30", "refCode": 9, "active": False}
    bodies = [{"id": each["id"], "description": "new", **change} for each in (running, coming)]
    _, answer = call("PUT", path, body=bodies)
    first, second = answer["data"]
    assert (first["description"], first["startDate"], first["refCode"]) == (
        "new",
        "2026-03-01",
        "1",
    )
    assert (second["startDate"], second["endDate"], second["refCode"]) == (
        "2026-06-01",
        "2026-06-30",
        "9",
    )
    assert (first["active"], second["active"]) == (False, False)
    assert code(call("PUT", path, body=[{"id": running["id"], **change}])) == 300004
    assert code(call("PUT", path, body=[{**bodies[0], "id": 1}])) == 300004


def test_a_target_keeps_all_but_its_rule(call: Call) -> None:
    made = create(call)
    (old,) = made["targets"]
    path = f"{GROUPS}/{made['id']}/targets/{old['id']}"
    body = {
        "name": "other",
        "targetType": "VISIT",
        "expression": True,
        "expressionJson": '{"value": "true"}',
        "filters": [{"entityType": "STORE", "entityIds": [3]}],
        "defaultValues": [{"periodId": made["periods"][1]["id"], "defaultValue": "9"}],
    }
    shown = call("PUT", path, body=body)[1]["data"]
    assert (shown["name"], shown["targetType"]) == ("spring-run-5", "COUNT")
    assert (shown["expression"], shown["filters"]) == ("true", body["filters"])
    # The values are replaced as a whole; one that stays keeps its id.
    assert [(v["id"], v["defaultValue"]) for v in shown["defaultValues"]] == [
        (old["defaultValues"][1]["id"], 9.0)
    ]
    assert code(call("PUT", path, body={"expression": "true"})) == 300004
    assert call("PUT", path[:-1] + "x", body=body)[0] == 404


def test_a_streak_takes_no_new_parts(call: Call) -> None:
    made = create(
        call, trackingType="STREAKS", streaks=[{"name": "twice", "targetCountOfSequence": 2}]
    )
    assert made["streaks"][0]["targetCountOfSequence"] == 2
    path = f"{GROUPS}/{made['id']}"
    period = {"refCode": "x", "startDate": "2026-05-01", "endDate": "2026-05-31"}
    assert code(call("POST", f"{path}/targetPeriods", body=[period])) == 300004
    assert code(call("POST", f"{path}/targets", body=target("more"))) == 300004


def test_a_unified_rule_follows_its_targets(call: Call) -> None:
    three = [target(name) for name in ("a", "b", "c")]
    rule = {"aggregation": "SUM", "thresholdValue": 10}
    made = create(
        call,
        trackingType="UNIFIED",
        combinationType="ANY",
        targets=three,
        unifiedTargetExpression=rule,
    )
    ids = [each["id"] for each in made["targets"]]
    path = f"{GROUPS}/{made['id']}/unifiedTargets"
    body = {"unifiedTargetExpression": {"thresholdValue": 20}, "deactivateTargetIds": [ids[1]]}
    shown = call("POST", path, body=body)[1]["data"]
    assert shown["targets"] == []
    assert shown["unifiedTargetExpression"] == {
        "aggregation": "SUM",
        "thresholdValue": 20,
        "ruleExpression": f"({ids[0]} | {ids[2]})",
    }
    assert code(call("POST", path, body={"deactivateTargetIds": [1]})) == 300004
    plain = create(call, name="plain")
    assert code(call("POST", f"{GROUPS}/{plain['id']}/unifiedTargets", body=body)) == 300004


def test_communications_are_replaced_by_type_and_channel(call: Call) -> None:
    made = create(call)
    path = f"{GROUPS}/{made['id']}/targets/{made['targets'][0]['id']}/communications"
    sms = {"communicationType": "START", "channelId": 1, "sender": "pier", "offsetDays": 2}
    (first,) = call("POST", f"{path}/upsert", body=[sms])[1]["data"]
    again = {"communicationType": "START", "channelId": 1, "active": False}
    call("POST", f"{path}/upsert", body=[{**sms, "channelId": 2}, again])
    shown = call("GET", path)[1]["data"]
    assert [(each["channelId"], each["active"]) for each in shown] == [(1, False), (2, True)]
    assert (shown[0]["id"], shown[0]["configs"]) == (first["id"], [])
    assert "sender" not in shown[0]
    unknown = [{**sms, "channelId": 9}]
    assert code(call("POST", f"{path}/upsert", body=unknown)) == 300004
    names = [each["name"] for each in call("GET", f"{GROUPS}/channels")[1]["data"]]
    assert names == ["SMS", "EMAIL", "MOBILE PUSH"]


def test_names_are_checked_by_type(call: Call) -> None:
    create(
        call,
        trackingType="NON_CONTINUOUS_STREAKS",
        streaks=[{"name": "level", "targetCountOfSequence": 1}],
    )

    def free(kind: str, value: str) -> bool:
        body = {"type": kind, "value": value}
        return bool(call("POST", f"{GROUPS}/isValidName", body=body)[1]["data"])

    assert not free("targetGroupName", "SPRING-RUN")
    assert not free("streakName", "spring-run")
    assert not free("targetName", "Spring-run-5")
    assert not free("streakLevelName", "LEVEL")
    assert not free("periodName", "cycle_2")
    assert free("targetName", "spring-run")
    assert code(call("POST", f"{GROUPS}/isValidName", body={"type": "targetName"})) == 300004


def test_milestones_come_in_pages(call: Call) -> None:
    for place in range(25):
        create(call, name=f"g{place:02d}", targets=[])
    create(call, name="mine", targets=[], userCreated=True)

    def page(**query: Json) -> Json:
        status, body = call("GET", "/v3/milestones", query=query)
        assert status == 200
        return body

    first, last = page(), page(offset=2)
    assert first["pagination"] == {"limit": 10, "offset": 0, "total": 25}
    assert [each["name"] for each in first["data"]][:2] == ["g24", "g23"]
    assert len(last["data"]) == 5
    assert page(offset=3)["data"] == []
    assert page(limit=1000)["pagination"]["limit"] == 100
    everything = page(limit=100, includeUserCreatedTargetGroups=True)
    assert (everything["pagination"]["total"], everything["data"][0]["name"]) == (26, "mine")
    assert code(call("GET", "/v3/milestones", query={"limit": 0})) == 300004


def test_milestones_are_filtered(call: Call, clock: Clock) -> None:
    create(call, name="plain")
    stopped = create(call, name="stopped", targets=[])
    call("DELETE", f"{GROUPS}/{stopped['id']}")

    def names(**query: Json) -> list[str]:
        query = {key.replace("_", "-"): value for key, value in query.items()}
        return [e["name"] for e in call("GET", "/v3/milestones", query=query)[1]["data"]]

    assert names() == ["stopped", "plain"]
    assert (names(status="LIVE"), names(status="STOPPED")) == (["plain"], ["stopped"])
    assert (names(target_on="COUNT"), names(target_on="VISIT")) == (["plain"], [])
    assert (names(name="PLA"), names(type="STREAKS")) == (["plain"], [])
    assert (names(end_date="2026-02-01"), names(start_date="2026-04-02")) == (
        [],
        ["stopped", "plain"],
    )
    clock.now = at("2026-05-02T00:00:00Z")
    assert names(status="ENDED") == ["plain"]
    for query in ({"status": "ACTIVE"}, {"type": "NON_CONTINUOUS_STREAKS"}, {"start-date": "x"}):
        assert code(call("GET", "/v3/milestones", query=query)) == 300004


@pytest.mark.parametrize("path", [GROUPS + "/77", GROUPS + "/x", GROUPS + "/77/targets"])
def test_an_unknown_group_is_404(path: str, call: Call) -> None:
    assert call("GET", path)[0] == 404


WHOLE = group(
    trackingType="UNIFIED",
    combinationType="ALL",
    unifiedTargetExpression={"aggregation": "SUM", "thresholdValue": 3},
    activePeriod={"refCode": "x", "startDate": "2026-05-01", "endDate": "2026-05-31"},
    targets=[
        target("a", filters=[{"entityType": "STORE", "entityIds": [1]}], expression="true"),
        target(
            "b",
            targetType="EXTENDED_FIELD",
            extendedFieldInfo={"name": "levy", "aggregateFunction": "SUM"},
        ),
    ],
)


UNIFIED = [target("one"), target("two")]
TARGET = target("a", filters=[{"entityType": "STORE", "entityIds": [1]}], expressionJson="{}")


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from([*paths_in(WHOLE), *paths_in(TARGET)]), ANY_JSON)
def test_no_body_breaks_the_calls(
    sandbox: Sandbox, call: Call, path: tuple[Any, ...], value: Json
) -> None:
    sandbox.reset(seed=False)
    made = create(call, trackingType="UNIFIED", combinationType="ALL", targets=UNIFIED)
    group_path, id = f"{GROUPS}/{made['id']}", made["targets"][0]["id"]
    part = replaced(TARGET, path, value) if path in paths_in(TARGET) else value
    period = {"description": "", "startDate": "2026-05-01", "endDate": "2026-05-02", "refCode": 1}
    calls = [
        ("POST", GROUPS, replaced(WHOLE, path, value) if path in paths_in(WHOLE) else value),
        ("PUT", f"{GROUPS}/editTargetGroup/{made['id']}", {**WHOLE, "targets": part}),
        ("PUT", f"{GROUPS}/editTargetGroup/{made['id']}", part),
        ("POST", f"{group_path}/targets", part),
        ("PUT", f"{group_path}/targets/{id}", part),
        ("POST", f"{group_path}/unifiedTargets", {"targets": part, "deactivateTargetIds": value}),
        ("POST", f"{group_path}/targetPeriods", [{**period, "refCode": value}]),
        ("PUT", f"{group_path}/targetPeriods", [{**period, "id": value}, part]),
        ("POST", f"{group_path}/targets/{id}/communications/upsert", [{"channelId": value}]),
        ("POST", f"{GROUPS}/isValidName", {"type": value, "value": value}),
    ]
    for method, target_path, body in calls:
        assert call(method, target_path, body=body)[0] in (200, 400)
