"""The documented calls of fields, labels, leads and tasks, answered by the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from capsync.sandbox import fields_extended, fields_verticals
from capsync.sandbox.app import Sandbox
from tests.sandbox.acceptance import differences, load
from tests.sandbox.conftest import Call, Clock, calls_to

Json = Any

EXAMPLES = {example.name: example for example in load("fields")}
# Both notes on this list say that it is sorted by name; the one on paper is not.
UNORDERED = {"18-get-org-labels": ("data",), "36-get-labels": ("labels",)}
# Shown without an answer: the call is only made.
REQUEST_ONLY = {"38-get-labels"}


@pytest.fixture
def org(clock: Clock) -> Iterator[Sandbox]:
    """The empty org of the examples: some answers are its id."""
    made = Sandbox(clock=clock, auth=False, seed=False, org_id=70214)
    yield made
    made.close()


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def sent(call: Call, method: str, path: str, body: Json) -> Json:
    """The answer to a write that has to succeed."""
    status, answer = call(method, path, body=body)
    assert status in (200, 201), answer
    assert answer.get("errors", []) == [], answer
    return answer


def custom_fields(org: Sandbox, clock: Clock, answer: Json) -> None:
    for field in answer.get("entity") or answer["data"]:
        scope = field["scope"].upper()
        item = {k: v for k, v in field.items() if k not in ("id", "orgId")} | {"scope": scope}
        sent(calls_to(org), "POST", "/v2/customFields", {"scope": scope, "customFields": [item]})


def extended_fields(org: Sandbox, clock: Clock, answer: Json) -> None:
    for field in (field for fields in answer["entity"].values() for field in fields):
        org.store.put(fields_extended.DEFINITIONS, field["name"], field)


def extended_configs(org: Sandbox, clock: Clock, answer: Json) -> None:
    for config in answer:
        id = config["extendedFieldId"]
        field = fields_extended.definition(id, "customer", f"field{id}", f"Field {id}", "STRING")
        org.store.put(fields_extended.DEFINITIONS, id, field)
        if config["modifiedBy"] != -1:
            names = ("extendedFieldId", "hideDisplay", "isPiiData", "isPsiData")
            body = {name: config[name] for name in names}
            sent(calls_to(org), "POST", "/v2/organization/entity/extended_field_config", body)


def verticals(org: Sandbox, clock: Clock, answer: Json) -> None:
    for vertical in answer["data"]:
        org.store.put(fields_verticals.CATALOGUE, vertical["id"], vertical)


def label_limit(org: Sandbox, clock: Clock, answer: Json) -> None:
    body = {"keyName": "ORG_MAX_LABEL_COUNT", "value": "4", "scope": "ORG"}
    sent(calls_to(org), "POST", "/v2/organization/configs", body)


def customer_labels(org: Sandbox, clock: Clock, answer: Json) -> None:
    label_limit(org, clock, answer)
    labels = [{k: label[k] for k in ("name", "description")} for label in answer["data"]]
    sent(calls_to(org), "POST", "/v2/organization/labels", {"orgLabels": labels})


CREATED = ("name", "externalId", "description", "entityType", "expiryConfig")


def label(org: Sandbox, clock: Clock, shown: Json) -> None:
    """A label made and last changed when the documented one was."""
    call = calls_to(org)
    clock.now = at(shown["createdOn"])
    body = {k: shown[k] for k in CREATED if k in shown}
    id = sent(call, "POST", "/v2/labels", {"labels": [body]})["data"][0]["id"]
    if shown["lastUpdatedOn"] != shown["createdOn"]:
        clock.now = at(shown["lastUpdatedOn"])
        again = {"labelId": id, "expiryConfig": shown["expiryConfig"]}
        sent(call, "PUT", "/v2/labels", {"labels": [again]})


def label_to_update(org: Sandbox, clock: Clock, answer: Json) -> None:
    shown = answer["data"][0]
    never = {"expiryConfig": {"type": "NONE"}, "lastUpdatedOn": shown["createdOn"]}
    label(org, clock, {**shown, **never})


def taken_name(org: Sandbox, clock: Clock, answer: Json) -> None:
    sent(calls_to(org), "POST", "/v2/labels", {"labels": [plain_label("Leftover", "older")]})


def many_labels(org: Sandbox, clock: Clock, answer: Json) -> None:
    clock.now = at("2026-07-01T00:00:00Z")
    for number in range(answer["totalCount"] - len(answer["labels"])):
        body = {"labels": [plain_label(f"Older {number}", f"older-{number}")]}
        sent(calls_to(org), "POST", "/v2/labels", body)
    for shown in answer["labels"]:
        label(org, clock, shown)


def plain_label(name: str, external_id: str, entity: str = "PRODUCT") -> Json:
    return {"name": name, "externalId": external_id, "entityType": entity}


# The state that each documented answer implies.
BEFORE: dict[str, Callable[[Sandbox, Clock, Json], None]] = {
    "02-get-custom-fields": custom_fields,
    "04-get-org-custom-fields": custom_fields,
    "08-get-org-extended-fields": extended_fields,
    "14-get-verticals-meta": verticals,
    "16-add-labels": label_limit,
    "18-get-org-labels": customer_labels,
    "28-retrieve-extended-field-config-details": extended_configs,
    "32-create-labels": taken_name,
    "34-update-labels": label_to_update,
    "36-get-labels": many_labels,
}
# What a documented answer without a request was an answer to, and our id for a documented one.
BODIES = {
    "32-create-labels": {
        "labels": [
            plain_label("Orchard Sale", "orchard-sale-2026"),
            plain_label("Leftover", "leftover-2026"),
        ]
    },
    "34-update-labels": {
        "labels": [{**EXAMPLES["34-update-labels"].body["labels"][0], "labelId": "101"}]
    },
}


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - REQUEST_ONLY))
def test_example(name: str, org: Sandbox, clock: Clock) -> None:
    example = EXAMPLES[name]
    if name in BEFORE:
        BEFORE[name](org, clock, example.answer)
    status, answer = calls_to(org)(
        example.method, example.path, query=example.query, body=BODIES.get(name, example.body)
    )
    assert status == example.status
    assert differences(answer, example.answer, unordered=UNORDERED.get(name, ())) == []


def test_one_example_shows_no_answer() -> None:
    assert {name for name, example in EXAMPLES.items() if example.status is None} == REQUEST_ONLY


def test_labels_of_customers_are_listed_alone(org: Sandbox) -> None:
    call = calls_to(org)
    labels = [plain_label("Fragile", "fragile"), plain_label("Regular", "regular", "CUSTOMER")]
    sent(call, "POST", "/v2/labels", {"labels": labels})
    example = EXAMPLES["38-get-labels"]
    status, answer = call(example.method, example.path, query=example.query)
    assert status == 200
    assert (answer["totalCount"], answer["limit"], answer["offset"]) == (1, 10, 0)
    assert [each["name"] for each in answer["labels"]] == ["Regular"]


def test_documented_labels_come_newest_change_first(org: Sandbox, clock: Clock) -> None:
    example = EXAMPLES["36-get-labels"]
    many_labels(org, clock, example.answer)
    answer = calls_to(org)("GET", example.path, query=example.query)[1]
    times = [each["lastUpdatedOn"] for each in answer["labels"]]
    assert times == [each["lastUpdatedOn"] for each in example.answer["labels"]]
