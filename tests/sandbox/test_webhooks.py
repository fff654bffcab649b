"""Inbound and notification webhooks beyond the examples."""

from __future__ import annotations

from typing import Any

import pytest

from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Call, Clock

Json = Any

INBOUND = "/v2/events/webhook"


def inbound(call: Call) -> list[Json]:
    return list(call("GET", "/v2/events/webhooks")[1]["data"])


def test_an_inbound_webhook_tells_its_id_only_in_the_list(call: Call) -> None:
    sent = {"transformerType": "WebEngageTransformer", "tillCode": "till.1"}
    auth = {"authEnabled": True, "authMechanism": "Basic", "listenToChildEvents": True}
    status, answer = call("POST", INBOUND, body={**sent, **auth, "uniquenessCheckEnabled": True})
    assert status == 200
    uri = answer["webHookUri"]
    echoed = {**sent, "authEnabled": True, "uniquenessCheckEnabled": True}
    assert answer == {**echoed, "webHookUri": uri, "warnings": []}
    (shown,) = inbound(call)
    id = shown.pop("webHookId")
    assert shown == {**echoed, "transformerType": "webEngageTransformer", "webHookUri": uri}
    assert 21 <= len(id) <= 24


def test_one_inbound_webhook_a_transformer(call: Call) -> None:
    sent = {"transformerType": "DefaultTransformer", "tillCode": "till.1"}
    assert call("POST", INBOUND, body=sent)[0] == 200
    assert call("POST", INBOUND, body=sent)[0] == 400
    id = inbound(call)[0]["webHookId"]
    for _ in range(2):
        assert call("PUT", f"{INBOUND}/disable", body={"webHookId": id}) == (200, None)
        assert inbound(call) == []
    assert call("POST", INBOUND, body=sent)[0] == 200
    assert inbound(call)[0]["webHookId"] != id


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"transformerType": "kumulosTransformer"}, 1808),
        ({"transformerType": None}, 1808),
        ({"tillCode": None}, 400),
        ({"authEnabled": True}, 1839),
        ({"authEnabled": True, "authMechanism": "MAGIC"}, 1839),
    ],
)
def test_refused_inbound_webhooks(call: Call, change: Json, expected: int) -> None:
    sent = {"transformerType": "WebEngageTransformer", "tillCode": "till.1", **change}
    status, answer = call("POST", INBOUND, body=sent)
    assert (status, answer["errors"][0]["code"]) == (400, expected)


def test_the_uniqueness_check_goes_one_way(call: Call) -> None:
    sent = {"transformerType": "WebEngageTransformer", "tillCode": "till.1"}
    call("POST", INBOUND, body=sent)
    id = inbound(call)[0]["webHookId"]
    on = {"webHookId": id, "uniquenessCheckEnabled": True, "tillCode": "till.2"}
    assert call("PUT", INBOUND, body=on)[1]["uniquenessCheckEnabled"] is True
    assert inbound(call)[0]["tillCode"] == "till.2"
    off = {**sent, "uniquenessCheckEnabled": False}
    assert call("PUT", INBOUND, body=off)[1]["errors"][0]["code"] == 1802
    other = {"transformerType": "DefaultTransformer", "tillCode": "till.1"}
    assert call("PUT", INBOUND, body=other)[0] == 400


HOOKS = "/v3/webHooks"


def hook(**members: Json) -> Json:
    return {
        "name": "sink",
        "eventNames": ["customerAdded"],
        "maxAllowedConnections": 20,
        "methodType": "POST",
        "webHookType": "HTTP",
        "webHookUrl": "https://sink.example.com/",
        "webHookHeaders": {"Authorization": "Basic c2VjcmV0"},
        **members,
    }


def add(call: Call, **members: Json) -> Json:
    status, answer = call("POST", HOOKS, body=hook(**members))
    assert (status, answer["errors"], answer["warnings"]) == (200, None, None), answer
    return answer["data"]


def listed(call: Call) -> list[Json]:
    return list(call("GET", HOOKS)[1]["data"])


def test_numbers_are_cut_retries_are_not_kept_and_secrets_are_repeated(call: Call) -> None:
    made = add(call, maxAllowedConnections=10.99, slaInSeconds=30.5, noOfRetryAttempts=10)
    assert (made["maxAllowedConnections"], made["slaInSeconds"]) == (10, 30)
    assert made["noOfRetryAttempts"] == 0
    assert (made["active"], made["listenToChildEvents"]) == (True, False)
    (shown,) = listed(call)
    assert shown["webHookHeaders"] == {"Authorization": "Basic c2VjcmV0"}
    assert {**made, "possibleValues": []} == shown
    assert len(made["webHookId"]) == 24


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"eventNames": None}, 51003),
        ({"eventNames": []}, 51003),
        ({"maxAllowedConnections": None}, 300004),
        ({"maxAllowedConnections": 0}, 51007),
        ({"maxAllowedConnections": 0.9}, 51007),
        ({"maxAllowedConnections": "many"}, 51007),
        ({"name": None}, 400),
        ({"webHookType": "INTERNAL"}, 400),
        ({"methodType": "PATCH"}, 400),
        ({"webHookHeaders": ["a"]}, 400),
        ({"webHookUrl": None}, 400),
        ({"name": "taken"}, 400),
    ],
)
def test_refused_notification_webhooks(call: Call, change: Json, expected: int) -> None:
    add(call, name="taken")
    status, answer = call("POST", HOOKS, body=hook(**change))
    assert (status, answer["data"], answer["errors"][0]["code"]) == (400, None, expected)
    assert len(listed(call)) == 1


def test_a_deleted_webhook_stays_in_the_list_and_can_come_back(call: Call) -> None:
    made = add(call)
    path = f"{HOOKS}/{made['webHookId']}"
    gone = call("DELETE", path)[1]
    assert (gone["data"]["active"], gone["errors"]) == (False, None)
    assert [each["active"] for each in listed(call)] == [False]
    assert call("POST", HOOKS, body=hook())[0] == 400
    assert call("PUT", path, body=hook())[1]["data"]["active"] is True


def test_an_update_replaces_what_may_change(call: Call, clock: Clock) -> None:
    enriched = {"slaInSeconds": 9, "tillDetailsEnrichmentEnabled": True}
    made = add(call, **enriched, customerIdentifiersToBeEnriched=["wechat"])
    clock.now += 60.25
    short = {"eventNames": ["tierUpgraded"], "maxAllowedConnections": 3, "name": "other"}
    path = f"{HOOKS}/{made['webHookId']}"
    changed = call("PUT", path, body={**short, "methodType": "PUT"})[1]["data"]
    assert (changed["name"], changed["methodType"]) == ("sink", "POST")
    assert (changed["slaInSeconds"], changed["tillDetailsEnrichmentEnabled"]) == (0, False)
    assert changed["customerIdentifiersToBeEnriched"] == []
    assert changed["webHookUrl"] == made["webHookUrl"]
    assert changed["webHookHeaders"] == made["webHookHeaders"]
    assert changed["consumerGroupId"] == made["consumerGroupId"]
    assert changed["attribution"]["createdOn"] == "2027-01-05T09:12:44.000+0000"
    assert changed["attribution"]["lastUpdatedOn"] == "2027-01-05T09:13:44.250+0000"
    assert changed["attribution"]["lastUpdatedOnISO"] == "2027-01-05T09:13:44Z"


def test_only_updates_set_a_neo_dataflow(seeded_call: Call) -> None:
    dataflow = {"label": "Trial", "value": "http://neo.example.internal/trial"}
    made = add(seeded_call, neoEnrichment=dataflow)
    assert "neoEnrichment" not in made
    path = f"{HOOKS}/{made['webHookId']}"
    changed = seeded_call("PUT", path, body=hook(neoEnrichment=dataflow))[1]["data"]
    assert changed["neoEnrichment"] == dataflow
    assert "possibleValues" not in changed
    assert all(len(each["possibleValues"]) == 2 for each in listed(seeded_call))
    assert "neoEnrichment" not in seeded_call("PUT", path, body=hook())[1]["data"]


def test_queues_have_no_address(call: Call) -> None:
    made = add(call, webHookType="queue", webHookHeaders={"a": "b"})
    assert (made["webHookType"], made["webHookUrl"]) == ("QUEUE_INT", " ")
    assert made["webHookHeaders"] == {"": ""}
    assert listed(call)[0]["webHookHeaders"] == {}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_unknown_id_is_a_bad_request(call: Call, method: str) -> None:
    status, answer = call(method, f"{HOOKS}/000000000000000000000000", body=hook())
    assert (status, answer["errors"][0]["code"]) == (400, 400)


def test_the_platform_has_webhooks_of_its_own(seeded: Sandbox, seeded_call: Call) -> None:
    shown = listed(seeded_call)
    assert [each["webHookType"] for each in shown] == ["QUEUE_INT", "QUEUE_INT", "INTERNAL"]
    assert shown[2]["name"] == f"{seeded.org_id}_Internal"
    assert shown[0]["attribution"]["createdBy"]["id"] == -1


def test_notifications_on_offer_have_schemas(call: Call) -> None:
    offered = call("GET", f"{HOOKS}/eventMetaData")[1]
    names = [each["eventName"] for each in offered["data"]]
    assert {"CouponIssue", "tierUpgraded", "transaction"} <= set(names)
    assert len(names) == len(set(names)) == 81
    schema = call("GET", f"{HOOKS}/eventMetaData/CouponIssue")[1]["data"]["schema"]
    assert schema["required"] == ["ingestionTimestamp", "name", "description", "attributes"]
    assert call("GET", f"{HOOKS}/eventMetaData/nothing")[0] == 400
