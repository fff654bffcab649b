"""What is known of behavioral events without asking the org, and the forms that fields take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from capsync.kinds import KINDS
from capsync.kinds.events_fields import restated, sent_fields
from tests.unit.kinds.examples import warned, wrong
from tests.unit.kinds.test_fields import told

CUSTOMER = {"name": "customer", "type": "customer"}


def event(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An event of a customer with these further fields."""
    return {
        "eventName": "locker_opened",
        "actions": ["EMFConsumer"],
        "fields": [CUSTOMER, *fields],
    } | more


def field(type_: str, **attributes: Any) -> dict[str, Any]:
    """A field with attributes given by their values."""
    values = {name: {"valueType": "Boolean", "value": each} for name, each in attributes.items()}
    return {"name": "x", "type": type_, "attributes": values}


@pytest.mark.parametrize(
    ("spec", "part"),
    [
        (event(actions=[]), "actions"),
        (event(actions=["Loyalty"]), "actions"),
        (event(fields=[{"name": "x", "type": "string"}]), "needs one field of type customer"),
        (
            event({"name": "other", "type": "customer"}),
            "needs one field of type customer, and has 2",
        ),
        (event({"name": "x" * 51, "type": "string"}), "50"),
        (event({"name": "storeUnitID", "type": "string"}), "is on every event"),
        (event({"name": "eventDateTime", "type": "date"}), "is on every event"),
        (event({"name": "x", "type": "text"}), "type"),
        (event(field("string", isUniqueKeyField="true", isRequired="false")), "isRequired true"),
        (event(field("tillCode", isPsiData=True)), "enum, string, double"),
        (event(field("string", isRequired="yes")), "isRequired"),
    ],
)
def test_events_that_the_api_refuses(spec: dict[str, Any], part: str) -> None:
    (said,) = wrong("BehavioralEvent", spec)
    assert part in said


@pytest.mark.parametrize(
    "spec",
    [
        event(),
        event({"name": "till", "type": "TILLCODE"}),
        event(field("string", isUniqueKeyField="true", isRequired=True)),
        event(field("double", isPsiData="true")),
        event({"name": "x" * 50, "type": "enum"}),
    ],
)
def test_events_that_the_api_takes(spec: dict[str, Any]) -> None:
    assert wrong("BehavioralEvent", spec) == []


def test_twenty_fields_are_the_most() -> None:
    fields = [{"name": f"f{place}", "type": "string"} for place in range(20)]
    assert wrong("BehavioralEvent", event(*fields[:19])) == []
    (said,) = wrong("BehavioralEvent", event(*fields))
    assert "20" in said


def test_one_name_is_one_field() -> None:
    spec = event({"name": "x", "type": "string"}, {"name": "x", "type": "double"})
    assert wrong("BehavioralEvent", spec) == ["fields.2 there is another item x in this list"]


@pytest.mark.parametrize("name", ["Locker opened", "locker__opened", "locker-opened"])
def test_odd_names_are_warned_of(name: str) -> None:
    assert warned("BehavioralEvent", event(eventName=name)) == ["eventName"]


def test_unknown_identifiers_are_warned_of() -> None:
    known = {"identifierType": {"value": "CUID"}, "source": {"value": "instore"}}
    spec = event(fields=[{**CUSTOMER, "attributes": known}])
    assert warned("BehavioralEvent", spec) == []
    spec = event(fields=[{**CUSTOMER, "attributes": {"identifierType": {"value": "passport"}}}])
    assert warned("BehavioralEvent", spec) == ["fields.0.attributes.identifierType"]


def test_the_eleventh_event_is_warned_of(tmp_path: Path) -> None:
    events = [event(eventName=f"e{place}") for place in range(11)]
    assert told(tmp_path / "ten", "BehavioralEvent", events[:10]) == []
    ((severity, said),) = told(tmp_path / "eleven", "BehavioralEvent", events)
    assert severity == "warning"
    assert "10 active" in said


def test_standard_events_are_a_catalogue() -> None:
    assert warned("StandardEvent", {"eventName": "ProductViewed"}) == []
    assert warned("StandardEvent", {"eventName": "ProductSeen"}) == ["eventName"]


LIVE = [
    {
        "name": "customer",
        "type": "CUSTOMER",
        "attributes": {
            "accountId": {"valueType": "ENUM"},
            "addCustomerIfNotExists": {"value": "true", "valueType": "BOOLEAN"},
            "identifierType": {"value": "MOBILE", "valueType": "ENUM"},
            "isRequired": {"value": "true", "valueType": "BOOLEAN"},
            "source": {"value": "INSTORE", "valueType": "ENUM"},
        },
    },
    {
        "name": "team",
        "type": "GROUPID",
        "attributes": {"identifierType": {"value": "mobile", "valueType": "ENUM"}},
    },
    {
        "name": "kind",
        "type": "ENUM",
        "attributes": {"possibleValues": {"valueType": "LIST", "values": ["a", "b"]}},
    },
]


def test_live_fields_are_restated_without_what_the_server_adds() -> None:
    added = {"addCustomerIfNotExists": {"value": "true", "valueType": "BOOLEAN"}}
    assert restated(LIVE) == [
        {"name": "customer", "type": "customer", "attributes": added},
        {
            "name": "team",
            "type": "groupId",
            "attributes": {"identifierType": {"value": "mobile", "valueType": "ENUM"}},
        },
        {
            "name": "kind",
            "type": "enum",
            "attributes": {"possibleValues": {"valueType": "LIST", "values": ["a", "b"]}},
        },
    ]


def test_attributes_that_a_manifest_leaves_out_are_sent_back() -> None:
    wanted = [
        {"name": "customer", "type": "customer", "attributes": {"isRequired": {"value": "true"}}}
    ]
    assert sent_fields(wanted, LIVE) == [
        {
            "name": "customer",
            "type": "customer",
            "attributes": {
                "addCustomerIfNotExists": {"value": "true", "valueType": "BOOLEAN"},
                "isRequired": {"valueType": "Boolean", "value": "true"},
            },
        }
    ]


def test_a_field_of_another_type_keeps_nothing() -> None:
    assert sent_fields([{"name": "kind", "type": "string"}], LIVE) == [
        {"name": "kind", "type": "string"}
    ]


def test_mappings_need_what_their_transformer_wants() -> None:
    default = {"transformerType": "defaultTransformer"}
    engage = {"transformerType": "WebEngageTransformer"}
    data = {"webEngageTransformerData": {"eventMapper": {}}}
    assert wrong("EventMapping", default | {"eventsMapped": ["a"]}) == []
    assert wrong("EventMapping", engage | data) == []
    assert len(wrong("EventMapping", default)) == 1
    assert len(wrong("EventMapping", default | {"eventsMapped": None})) == 1
    assert len(wrong("EventMapping", engage)) == 1
    assert len(wrong("EventMapping", default | {"eventsMapped": ["a"]} | data)) == 1
    assert len(wrong("EventMapping", engage | data | {"eventsMapped": ["a"]})) == 1


def test_mappings_are_found_in_events_of_all_shapes() -> None:
    payload = KINDS["EventMapping"].lists[0].route.dialect
    assert payload is not None
    body = {
        "data": [
            {
                "clickEventsMeta": {"eventName": "a"},
                "transformerMappings": {"defaultTransformerMappping": True},
            },
            {"clickEventsMeta": {"eventName": "b"}, "defaultTransformerMapping": {}},
        ]
    }
    assert payload.payload(body) == [
        {"transformerType": "defaultTransformer", "eventsMapped": ["a"]}
    ]


@pytest.mark.parametrize(
    ("type_", "attribute", "is_warned"),
    [
        ("string", "possibleValues", True),
        ("enum", "possibleValues", False),
        ("couponCode", "regex", False),
        ("date", "regex", True),
        ("tillCode", "identifierType", True),
        ("GROUPID", "identifierType", False),
        ("string", "isUniqueKeyField", False),
        ("string", "nonsense", True),
    ],
)
def test_attributes_that_a_type_does_not_have(type_: str, attribute: str, is_warned: bool) -> None:
    value = {"possibleValues": {"values": ["a"]}, "identifierType": {"value": "email"}}
    spec = event({"name": "x", "type": type_, "attributes": {attribute: value.get(attribute, {})}})
    assert wrong("BehavioralEvent", spec) == []
    expected = [f"fields.1.attributes.{attribute}"] if is_warned else []
    assert warned("BehavioralEvent", spec) == expected
