"""Behavioral events, standard events and mappings beyond the examples."""

from __future__ import annotations

from typing import Any

import pytest

from capsync.sandbox import events
from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Call, Clock

Json = Any

EVENTS = "/v2/events"
CUSTOMER = {"name": "customer", "type": "customer"}


def flag(value: Json, value_type: str = "Boolean") -> Json:
    return {"value": value, "valueType": value_type}


def attribute(name: str, kind: str, **attributes: Json) -> Json:
    return {"name": name, "type": kind, "attributes": attributes}


def body(name: str = "Visited", *fields: Json, **members: Json) -> Json:
    wanted = {"eventName": name, "actions": ["EMFConsumer"], "fields": [CUSTOMER, *fields]}
    return {**wanted, **members}


def create(call: Call, sent: Json) -> None:
    assert call("POST", EVENTS, body=sent) == (200, {"warnings": [], "errors": []})


def replace(call: Call, sent: Json) -> None:
    assert call("PUT", EVENTS, body=sent) == (200, {"warnings": [], "errors": []})


def refused(reply: tuple[int, Json]) -> int:
    status, answer = reply
    assert (status, answer["warnings"]) == (400, [])
    return int(answer["errors"][0]["code"])


def meta(call: Call, name: str = "Visited") -> Json:
    status, answer = call("GET", f"{EVENTS}/meta", query={"event_name": name})
    assert status == 200, answer
    return answer["clickEventsMeta"]


def attributes(call: Call, number: int = 1) -> Json:
    return meta(call)["fields"][number]["attributes"]


NO = {"value": "false", "valueType": "BOOLEAN"}
YES = {"value": "true", "valueType": "BOOLEAN"}
PLAIN = {"isRequired": YES, "isUniqueKeyField": NO}
REGEX = {"regex": {"valueType": "STRING"}}


@pytest.mark.parametrize(
    ("kind", "added"),
    [
        ("tillCode", PLAIN),
        ("date", PLAIN),
        ("productSku", PLAIN),
        ("currencyCode", PLAIN),
        ("boolean", PLAIN),
        ("integer", PLAIN),
        ("couponCode", PLAIN | REGEX),
        ("string", PLAIN | REGEX | {"isPsiData": NO}),
        ("double", PLAIN | {"isPsiData": NO}),
        ("enum", PLAIN | {"isPsiData": NO, "possibleValues": {"valueType": "LIST", "values": []}}),
    ],
)
def test_what_the_service_adds_to_a_bare_field(call: Call, kind: str, added: Json) -> None:
    create(call, body("Visited", {"name": "x", "type": kind}))
    shown = meta(call)["fields"][1]
    assert shown == {"name": "x", "type": kind.upper(), "attributes": added}


def test_value_types_stay_as_sent_and_values_become_text(call: Call) -> None:
    sent = attribute("x", "string", isRequired=flag(True), nonsense=flag("1"))
    create(call, body("Visited", sent))
    assert attributes(call)["isRequired"] == {"value": "true", "valueType": "Boolean"}
    assert "nonsense" not in attributes(call)


def test_attributes_of_other_types_stay_as_sent(call: Call) -> None:
    values = {"valueType": "LIST", "values": ["a"]}
    create(call, body("Visited", attribute("x", "string", possibleValues=values)))
    assert attributes(call)["possibleValues"] == values
    assert list(attributes(call)) == sorted(attributes(call))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"eventName": ""}, 1811),
        ({"eventName": None}, 1811),
        ({"eventName": "visited-twice"}, 1811),
        ({"actions": []}, 1810),
        ({"actions": None}, 1810),
        ({"actions": ["EMFConsumer", "Nobody"]}, 1810),
        ({"fields": None}, 1823),
        ({"fields": []}, 1823),
        ({"fields": [CUSTOMER, CUSTOMER]}, 1823),
        ({"fields": [CUSTOMER, attribute("x", "text")]}, 1823),
        ({"fields": [CUSTOMER, {"name": "x"}]}, 1823),
        ({"fields": [CUSTOMER, attribute("x" * 51, "string")]}, 1823),
        ({"fields": [CUSTOMER, *(attribute(f"x{n}", "string") for n in range(20))]}, 1823),
        ({"fields": [CUSTOMER, attribute("x", "string", isRequired=flag("yes"))]}, 1802),
        ({"fields": [CUSTOMER, attribute("x", "integer", isPsiData=flag("true"))]}, 1802),
        ({"fields": [attribute("c", "customer", isPsiData=flag("true"))]}, 1802),
        ({"fields": [attribute("c", "customer", identifierType=flag("shoe", "ENUM"))]}, 1802),
        ({"fields": [attribute("c", "customer", source=flag("MARS", "ENUM"))]}, 1802),
        (
            {
                "fields": [
                    CUSTOMER,
                    attribute("x", "string", isUniqueKeyField=flag("true"), isRequired=NO),
                ]
            },
            1802,
        ),
    ],
)
def test_refused_definitions(call: Call, change: Json, expected: int) -> None:
    assert refused(call("POST", EVENTS, body={**body(), **change})) == expected
    assert call("GET", EVENTS)[1]["data"] == []


def test_a_name_is_taken_even_by_a_disabled_event(call: Call) -> None:
    create(call, body())
    assert refused(call("POST", EVENTS, body=body())) == 1806
    disable = {"event_name": "Visited"}
    assert call("PUT", f"{EVENTS}/disable", query=disable)[0] == 200
    assert refused(call("PUT", f"{EVENTS}/disable", query=disable)) == 1811
    assert call("GET", EVENTS)[1]["data"] == []
    assert refused(call("GET", f"{EVENTS}/meta", query=disable)) == 1811
    assert refused(call("PUT", EVENTS, body=body())) == 1811
    assert refused(call("POST", EVENTS, body=body())) == 1806
    create(call, body("visited"))


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["string"], "USEREVENT"),
        (["productBrand"], "PRODUCTEVENT"),
        (["productSku", "couponCode"], "COUPONEVENT"),
    ],
)
def test_the_event_type_is_derived_once(call: Call, kinds: list[str], expected: str) -> None:
    sent = body("Visited", *(attribute(kind, kind) for kind in kinds), label="ignored")
    create(call, sent)
    assert meta(call)["eventType"] == expected
    assert "label" not in meta(call)
    replace(call, sent)
    assert "eventType" not in meta(call)


def test_put_replaces_everything(call: Call) -> None:
    sent = body("Visited", attribute("x", "string"), attribute("y", "double"), description="old")
    create(call, sent)
    id = meta(call)["eventId"]
    replace(call, body("Visited", attribute("y", "string"), actions=["EIConsumer", "EMFConsumer"]))
    shown = meta(call)
    assert (shown["eventId"], shown["actions"]) == (id, ["EIConsumer", "EMFConsumer"])
    assert [(each["name"], each["type"]) for each in shown["fields"]] == [
        ("customer", "CUSTOMER"),
        ("y", "STRING"),
    ]
    assert "description" not in shown
    assert refused(call("PUT", EVENTS, body=body("Nowhere"))) == 1811


def test_a_unique_key_field_stays_one(call: Call) -> None:
    key = attribute("x", "string", isUniqueKeyField=flag("true"))
    create(call, body("Visited", key))
    assert refused(call("PUT", EVENTS, body=body("Visited", attribute("x", "string")))) == 1802
    replace(call, body("Visited", key, attribute("z", "string")))


def test_publishing_freezes_the_fields(sandbox: Sandbox, call: Call) -> None:
    field = attribute("x", "string", isRequired=flag("false"))
    create(call, body("Visited", field))
    events.publish_event(sandbox.store, "Visited")
    assert (meta(call)["status"], meta(call)["testStatus"]) == ("PUBLISHED", "VERIFIED")
    for changed in ([], [attribute("x", "string")], [field, attribute("y", "double")]):
        assert refused(call("PUT", EVENTS, body=body("Visited", *changed))) == 1823
    resent = attribute("x", "STRING", isRequired=flag("false", "BOOLEAN"))
    replace(call, body("Visited", resent, description="new", actions=["EIConsumer"]))
    shown = meta(call)
    assert (shown["description"], shown["actions"]) == ("new", ["EIConsumer"])
    assert attributes(call)["isRequired"]["valueType"] == "Boolean"
    assert call("PUT", f"{EVENTS}/disable", query={"event_name": "Visited"})[0] == 200


def test_ten_events_may_be_published(sandbox: Sandbox, call: Call) -> None:
    for number in range(11):
        create(call, body(f"event{number}"))
    for number in range(10):
        events.publish_event(sandbox.store, f"event{number}")
    with pytest.raises(ValueError, match="10 events are published"):
        events.publish_event(sandbox.store, "event10")


def test_lists_carry_the_time_of_the_call(call: Call, clock: Clock) -> None:
    create(call, body("one"))
    create(call, body("two"))

    def dates() -> list[int]:
        shown = call("GET", EVENTS)[1]["data"]
        return [each["clickEventsMeta"]["date"] for each in shown]

    assert dates() == [1799140364000] * 2
    clock.now += 1.5
    assert dates() == [1799140365500] * 2


def test_lists_can_be_narrowed_to_one_event(call: Call) -> None:
    create(call, body("one"))
    create(call, body("two"))
    id = meta(call, "two")["eventId"]
    for query in ({"eventName": "two"}, {"id": id}):
        shown = call("GET", EVENTS, query=query)[1]["data"]
        assert [each["clickEventsMeta"]["eventName"] for each in shown] == ["two"]
    assert call("GET", EVENTS, query={"eventName": "three"})[1]["data"] == []
    ids = [each["clickEventsMeta"]["eventId"] for each in call("GET", EVENTS)[1]["data"]]
    assert ids == sorted(ids)
    assert all(len(each) == 32 for each in ids)


def test_every_change_is_in_the_history(call: Call, clock: Clock) -> None:
    create(call, body(description="first"))
    clock.now += 60
    replace(call, body(description="second"))
    answer = call("GET", f"{EVENTS}/audit_logs", query={"eventName": "Visited"})[1]
    assert [each["updatedType"] for each in answer["data"]] == ["CREATE", "UPDATE"]
    update = answer["data"][1]
    assert [each["changedOn"] for each in update["valueHistory"]] == [
        "2027-01-05T09:12:44Z",
        "2027-01-05T09:13:44Z",
    ]
    assert '"second"' in update["valueHistory"][1]["value"]
    unknown = call("GET", f"{EVENTS}/audit_logs", query={"eventName": "Other"})[1]
    assert unknown["data"] == []
    assert refused(call("GET", f"{EVENTS}/audit_logs")) == 1811


ENABLE = f"{EVENTS}/standard_events/enable"


def test_a_standard_event_is_enabled_once(call: Call) -> None:
    query = {"event_name": "CouponApplied"}
    assert call("POST", ENABLE, query=query)[0] == 200
    assert refused(call("POST", ENABLE, query=query)) == 1806
    assert refused(call("POST", ENABLE, query={"event_name": "Visited"})) == 1811
    shown = meta(call, "CouponApplied")
    assert (shown["standardEvent"], shown["eventType"]) == (True, "COUPONEVENT")
    assert all(each["standardField"] for each in shown["fields"])
    assert shown["fields"][0]["attributes"]["identifierType"]["value"] == "MOBILE"


def test_a_standard_event_takes_fields_of_its_own(call: Call) -> None:
    call("POST", ENABLE, query={"event_name": "CouponApplied"})
    own = attribute("basket", "string")
    moved = attribute("cartValue", "string")
    assert refused(call("PUT", EVENTS, body=body("CouponApplied", own, moved))) == 1823
    standard = meta(call, "CouponApplied")["fields"]
    sent = {**body("CouponApplied"), "fields": [*standard, own]}
    replace(call, sent)
    shown = meta(call, "CouponApplied")["fields"]
    assert [each["name"] for each in shown] == ["customer", "couponCode", "cartValue", "basket"]
    assert "standardField" not in shown[3]


MAP = f"{EVENTS}/adapter_mapping"


def mappings(call: Call, name: str) -> Json:
    return call("GET", f"{EVENTS}/meta", query={"event_name": name})[1]["transformerMappings"]


def test_a_mapping_covers_what_its_last_call_named(call: Call) -> None:
    create(call, body("one", attribute("x", "string")))
    create(call, body("two"))
    for names in (["one", "two"], ["one"]):
        sent = {"transformerType": "DefaultTransformer", "eventsMapped": names}
        assert call("POST", MAP, body=sent)[0] == 200
    assert mappings(call, "one")["defaultTransformerMapping"] == {
        "eventNameMapping": {"valueMap": {"one": "one"}},
        "eventFieldMappings": [{"eventFieldName": "customer"}, {"eventFieldName": "x"}],
    }
    assert mappings(call, "two")["defaultTransformerMapping"] is None


def test_mappings_are_read_in_another_shape_than_sent(call: Call) -> None:
    create(call, body("one", attribute("x", "string")))
    mapper = {"eventFieldName": "event_name", "eventDataType": "", "fieldName": "event_name"}
    source = {"eventFieldName": "customer", "eventDataType": "", "fieldName": "Member Mobile"}
    data = {
        "eventMapper": {**mapper, "valueMap": {"First": "one", "Other": "two"}},
        "eventFieldMapper": {"one": [source]},
    }
    sent = {"transformerType": "webEngageTransformer", "webEngageTransformerData": data}
    assert call("POST", MAP, body=sent) == (200, {"warnings": [], "errors": []})
    assert mappings(call, "one") == {
        "defaultTransformerMapping": None,
        "webEngageTransformerMapping": {
            "eventNameMapping": {"valueMap": {"First": "one"}},
            "eventFieldMappings": [
                {"eventFieldName": "customer", "fieldName": "Member Mobile"},
                {"eventFieldName": "x"},
            ],
        },
    }


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"transformerType": "kumulosTransformer"}, 1808),
        ({}, 1808),
        ({"transformerType": "defaultTransformer"}, 400),
        ({"transformerType": "webEngageTransformer", "webEngageTransformerData": {}}, 400),
    ],
)
def test_refused_mappings(call: Call, sent: Json, expected: int) -> None:
    assert refused(call("POST", MAP, body=sent)) == expected


def test_meta_fields_tell_types_and_their_attributes(call: Call) -> None:
    fields = {each["type"]: each for each in call("GET", f"{EVENTS}/meta_fields")[1]["data"]}
    customer = {each["name"]: each for each in fields["CUSTOMER"]["attributes"]}
    assert customer["source"]["defaultValue"] == "INSTORE"
    assert "martjackId" in customer["identifierType"]["possibleValues"]
    assert {"TILLCODE", "GROUPID", "ENUM"} <= fields.keys()


def test_a_posted_event_has_no_state_here(call: Call) -> None:
    answer = call("GET", f"{EVENTS}/running_status", query={"eventId": "a1"})[1]
    assert (answer["id"], answer["stateList"]) == ("a1", [])


def test_seeded_events_are_published(seeded_call: Call) -> None:
    shown = seeded_call("GET", EVENTS)[1]["data"]
    found = {each["clickEventsMeta"]["eventName"]: each["clickEventsMeta"] for each in shown}
    assert {name: each["standardEvent"] for name, each in found.items()} == {
        "survey_answered": False,
        "CustomerLoggedIn": True,
    }
    assert {each["status"] for each in found.values()} == {"PUBLISHED"}
