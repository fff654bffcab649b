"""What is known of webhooks without asking the org."""

from __future__ import annotations

from typing import Any

import pytest

from capsync.kinds import KINDS
from capsync.values.diff import differences, holds_secret
from capsync.values.normalise import canonical
from tests.unit.kinds.examples import warned, wrong

HOOK = {
    "name": "sink",
    "eventNames": ["customerAdded"],
    "webHookUrl": "https://sink.example.com",
    "webHookType": "HTTP",
    "methodType": "POST",
    "webHookHeaders": {},
    "maxAllowedConnections": 10,
}
SCHEMA = KINDS["NotificationWebhook"].schema


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ({"eventNames": []}, "eventNames"),
        ({"maxAllowedConnections": 0}, "maxAllowedConnections"),
        ({"maxAllowedConnections": None}, "maxAllowedConnections"),
        ({"webHookHeaders": ["Authorization"]}, "webHookHeaders"),
        ({"webHookHeaders": {"": "x"}}, "webHookHeaders"),
        ({"webHookType": "http"}, "webHookType"),
        ({"methodType": "PATCH"}, "methodType"),
    ],
)
def test_webhooks_that_the_api_refuses(more: dict[str, Any], part: str) -> None:
    (said,) = wrong("NotificationWebhook", HOOK | more)
    assert part in said


def test_a_webhook_over_http_needs_a_url() -> None:
    bare = {name: value for name, value in HOOK.items() if name != "webHookUrl"}
    assert len(wrong("NotificationWebhook", bare)) == 1
    assert len(wrong("NotificationWebhook", bare | {"webHookUrl": ""})) == 1
    assert wrong("NotificationWebhook", bare | {"webHookType": "QUEUE_INT"}) == []


def test_names_of_notifications_have_a_case() -> None:
    assert warned("NotificationWebhook", HOOK | {"eventNames": ["couponIssue"]}) == ["eventNames.0"]
    assert warned("NotificationWebhook", HOOK | {"eventNames": ["CouponIssue", "brandNew"]}) == []


def test_methods_that_may_be_overridden_are_warned_of() -> None:
    assert warned("NotificationWebhook", HOOK | {"methodType": "PUT"}) == ["methodType"]


@pytest.mark.parametrize(
    ("desired", "live"),
    [
        ({"maxAllowedConnections": 10.99}, {"maxAllowedConnections": 10}),
        ({"webHookHeaders": {}}, {"webHookHeaders": {"": ""}}),
        ({"webHookHeaders": None}, {"webHookHeaders": {"": ""}}),
        ({"webHookUrl": " "}, {"webHookUrl": ""}),
        ({"eventNames": ["b", "a"]}, {"eventNames": ["a", "b"]}),
        ({"noOfRetryAttempts": 10}, {"noOfRetryAttempts": 0}),
        ({"customerIdentifiersToBeEnriched": []}, {}),
        ({"active": True, "listenToChildEvents": False}, {}),
    ],
)
def test_what_the_service_makes_of_values_is_no_drift(
    desired: dict[str, Any], live: dict[str, Any]
) -> None:
    read = canonical(SCHEMA, KINDS["NotificationWebhook"].read(live))
    assert list(differences(SCHEMA, canonical(SCHEMA, desired), read)) == []


def test_headers_and_urls_with_tokens_are_secrets() -> None:
    assert holds_secret(SCHEMA["properties"]["webHookHeaders"])
    assert holds_secret(KINDS["EventWebhook"].schema["properties"]["webHookUri"])


def test_transformers_of_webhooks_have_no_case() -> None:
    schema = KINDS["EventWebhook"].schema
    names = ["WebEngageTransformer", "webEngageTransformer"]
    assert (
        len({canonical(schema, {"transformerType": name})["transformerType"] for name in names})
        == 1
    )


def test_only_one_transformer_is_documented_for_creates() -> None:
    spec = {"transformerType": "WebEngageTransformer", "tillCode": "t"}
    assert warned("EventWebhook", spec) == []
    assert warned("EventWebhook", spec | {"transformerType": "DefaultTransformer"}) == [
        "transformerType"
    ]
    assert warned("EventWebhook", spec | {"authEnabled": True}) == ["authMechanism"]
