"""Custom fields, extended fields, verticals, leads and task statuses beyond the examples."""

from __future__ import annotations

from typing import Any

import pytest

from capsync.sandbox import fields_custom
from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Call, Clock, calls_to

Json = Any


def field(name: str, scope: str = "LOYALTY_REGISTRATION", **members: Json) -> Json:
    return {"name": name, "type": "text", "dataType": "String", "scope": scope, **members}


def create(call: Call, *fields: Json, scope: str | None = None) -> Json:
    body = {"scope": scope or fields[0]["scope"], "customFields": list(fields)}
    status, answer = call("POST", "/v2/customFields", body=body)
    assert status == 200
    return answer


def code(answer: Json) -> int:
    return int(answer["errors"][0]["code"])


def listed(call: Call, **query: Json) -> list[str]:
    answer = call("GET", "/v2/org/customFields", query=query)[1]
    return [each["name"] for each in answer["entity"]]


def test_create_fills_defaults_and_tells_no_id(call: Call) -> None:
    answer = create(call, field("shoe size", dataType="STRING", isPiiData=True, position="3"))
    made = answer["entity"][0]
    assert answer["success"] is True
    assert "id" not in made
    assert made["orgId"] == 100737
    assert (made["dataType"], made["phase"], made["value"]) == ("STRING", "1", "")
    assert (made["isPiiData"], made["isPsiData"], made["position"]) == (1, 0, 3)


def test_names_are_cut_at_20_characters_and_taken_as_cut(call: Call) -> None:
    create(call, field("a name of more than twenty"))
    assert listed(call) == ["a name of more than "]
    assert code(create(call, field("A name of more than fifty", "TILL_CUSTOM_FIELDS"))) == 1025


def test_a_refused_create_keeps_nothing_of_it(call: Call) -> None:
    create(call, field("one"))
    answer = create(call, field("two"), field("one"))
    assert (code(answer), answer["success"], answer["entity"]) == (1025, False, None)
    assert listed(call) == ["one"]


@pytest.mark.parametrize(
    ("scope", "items", "expected"),
    [
        ("LOYALTY_REGISTRATION", [], 1028),
        ("LOYALTY_REGISTRATION", None, 1028),
        ("loyalty_registration", [field("x")], 1018),
        ("NOWHERE", [field("x", "NOWHERE")], 1018),
        ("CUSTOMER_CARD", [field("x")], 1018),
        ("LOYALTY_REGISTRATION", [field("")], 1024),
        ("LOYALTY_REGISTRATION", [{**field("x"), "dataType": None}], 1024),
        ("LOYALTY_REGISTRATION", [{"name": "x", "type": "text", "dataType": "String"}], 1024),
        ("LOYALTY_REGISTRATION", [None], 1024),
        ("LOYALTY_REGISTRATION", [field("x"), field("X")], 1025),
    ],
)
def test_refused_creates(call: Call, scope: str, items: Json, expected: int) -> None:
    body = {"scope": scope, "customFields": items}
    status, answer = call("POST", "/v2/customFields", body=body)
    assert (status, code(answer)) == (200, expected)


def test_audited_fields_are_limited_to_five_or_what_the_org_says(call: Call) -> None:
    audited = [field(f"audited {n}", enableAuditTrail=1) for n in range(6)]
    assert code(create(call, *audited)) == 1023
    assert create(call, *audited[:5])["errors"] == []
    assert code(create(call, audited[5])) == 1023
    assert create(call, field("plain"))["errors"] == []
    key = "PRODUCT_CONF_ORG_AUDITABLE_CUSTOM_FIELDS_LIMIT"
    limit = {"keyName": key, "value": "6", "scope": "ORG"}
    call("POST", "/v2/organization/configs", body=limit)
    assert create(call, audited[5])["errors"] == []


def test_disabled_fields_leave_the_lists_but_hold_their_name(call: Call) -> None:
    create(call, field("gone", isDisabled=1), field("off", disableAtServer=1), field("on"))
    path = "/v2/organization/customFields"

    def names(**query: str) -> list[str]:
        return [each["name"] for each in call("GET", path, query=query)[1]["data"]]

    assert listed(call) == ["off", "on"]
    assert names() == ["on"]
    assert names(includeDisabled="true") == ["gone", "on"]
    assert names(includeDisabled="true", includeDisabledAtServer="true") == ["gone", "off", "on"]
    assert code(create(call, field("gone"))) == 1025


def test_scope_filters_are_in_lower_case(call: Call) -> None:
    create(call, field("till", "TILL_CUSTOM_FIELDS"))
    create(call, field("person"))
    assert listed(call, scope="till_custom_fields") == ["till"]
    assert listed(call, scope="TILL_CUSTOM_FIELDS") == []
    second = call("GET", "/v2/organization/customFields", query={"scope": "till_custom_fields"})[1]
    assert [each["scope"] for each in second["data"]] == [
        "till_custom_fields",
        "loyalty_registration",
    ]


def test_options_are_text_and_shown_where_there_are_any(call: Call) -> None:
    choices = '{"Yes":"Yes","No":"No"}'
    create(call, field("pick", type="select", options=choices), field("free", options=""))
    entity = {each["name"]: each for each in call("GET", "/v2/org/customFields")[1]["entity"]}
    assert entity["pick"]["options"] == choices
    assert "options" not in entity["free"]
    assert call("POST", "/v2/customFields", body={"scope": "x", "customFields": 1})[0] == 200
    body = {"scope": "CUSTOMER_CARD", "customFields": [field("o", "CUSTOMER_CARD", options={})]}
    assert call("POST", "/v2/customFields", body=body) == (400, {})


def legacy(call: Call, **query: str) -> Json:
    query = {"format": "json", **query}
    return call("GET", "/v1.1/organization/customfields", query=query)[1]["response"]


def test_the_v11_list_is_all_text_and_a_single_field_is_an_object(call: Call) -> None:
    assert legacy(call)["status"]["code"] == "3203"
    create(call, field("one", isCompulsory=1, defaultValue="x"))
    single = legacy(call)["organization"]["custom_fields"]["field"]
    assert (single["datatype"], single["default"], single["is_mandatory"]) == ("String", "x", "1")
    assert all(isinstance(value, str) for value in single.values())
    create(call, field("two", "CUSTOMER_FEEDBACK"))
    assert len(legacy(call)["organization"]["custom_fields"]["field"]) == 2
    assert legacy(call, Scope="customer_feedback")["status"]["success"] == "true"
    status = legacy(call, Scope="loyalty_transaction")["status"]
    assert (status["success"], status["code"]) == ("false", "3204")


def test_an_org_may_demand_an_admin_user(clock: Clock) -> None:
    made = Sandbox(clock=clock, auth=False, seed=False, admin_required=True)
    call = calls_to(made)
    assert code(create(call, field("x"))) == 91032
    assert code(call("GET", "/v2/org/customFields")[1]) == 91032
    assert call("GET", "/v2/organization/customFields")[1]["data"] == []
    headers = {"X-CAP-API-AUTH-KEY": made.options.admin_key}
    body = {"scope": "LOYALTY_REGISTRATION", "customFields": [field("x")]}
    assert call("POST", "/v2/customFields", body=body, headers=headers)[1]["errors"] == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"scope": "ORG", "entityId": 1, "customField": {"name": "a", "value": "b"}}, 1018),
        ({"scope": "ORG_CUSTOM_FIELD", "customField": {"name": "a", "value": "b"}}, 1024),
        ({"scope": "ORG_CUSTOM_FIELD", "entityId": 1, "customField": {"name": "a"}}, 1024),
        ({"scope": "ORG_CUSTOM_FIELD", "entityId": 1}, 1024),
    ],
)
def test_refused_tags(call: Call, body: Json, expected: int) -> None:
    assert code(call("POST", "/v2/customField/tag", body=body)[1]) == expected


def test_a_tag_is_kept_and_replaced(sandbox: Sandbox, call: Call) -> None:
    for value in ("a", "b"):
        field = {"name": "Hue", "value": value}
        tag = {"scope": "ORG_CUSTOM_FIELD", "entityId": 9, "customField": field}
        assert call("POST", "/v2/customField/tag", body=tag)[1]["entity"] == 100737
    kept = sandbox.store.all(fields_custom.VALUES)
    assert [each["customField"]["value"] for each in kept] == ["b"]


CONFIG = "/v2/entity/extendedFieldConfig"
CONFIGURE = "/v2/organization/entity/extended_field_config"


def config_of(call: Call, id: int) -> Json:
    return next(each for each in call("GET", CONFIG)[1] if each["extendedFieldId"] == id)


def test_every_extended_field_has_a_config_from_the_start(seeded_call: Call) -> None:
    answer = seeded_call("GET", "/v2/extendedFields")[1]
    ids = [each["id"] for fields in answer["entity"].values() for each in fields]
    configs = seeded_call("GET", CONFIG)[1]
    assert sorted(each["extendedFieldId"] for each in configs) == sorted(ids)
    assert config_of(seeded_call, 229) == {
        "extendedFieldId": 229,
        **{"createdBy": -1, "modifiedBy": -1, "position": -1},
        **{"hideDisplay": True, "updatable": True, "mandatory": False, "computeEnabled": False},
        **{"isPiiData": False, "isPsiData": False, "fieldUpdatable": False},
        **{"rejectTxnOnInvalidValue": False, "auditTrailEnabled": False, "warnings": []},
    }


def test_configuring_replaces_the_whole_config(seeded_call: Call) -> None:
    body = {"extendedFieldId": 229, "hideDisplay": False, "mandatory": True, "isPiiData": True}
    answer = seeded_call("POST", CONFIGURE, body={**body, "position": 7})[1]
    assert (answer["position"], answer["isPiiData"]) == (7, True)
    again = {"extendedFieldId": 229, "hideDisplay": False}
    assert "position" not in seeded_call("POST", CONFIGURE, body=again)[1]
    config = config_of(seeded_call, 229)
    assert (config["mandatory"], config["isPiiData"], config["position"]) == (False, False, 0)
    assert config["modifiedBy"] == 75000222


def test_the_older_config_path_leaves_the_privacy_flags_alone(seeded_call: Call) -> None:
    body = {"extendedFieldId": 229, "hideDisplay": False, "isPiiData": True}
    seeded_call("POST", "/v2/org/extendedFields", body=body)
    older = {"extendedFieldId": 229, "hideDisplay": True, "position": 2}
    answer = seeded_call("POST", "/v2/entity/extended_field_config", body=older)[1]
    assert (answer["position"], answer["createdOn"]) == (2, "2027-01-05 09:12:44")
    assert config_of(seeded_call, 229)["isPiiData"] is True


@pytest.mark.parametrize(
    "body",
    [{}, {"extendedFieldId": 229}, {"extendedFieldId": 229, "hideDisplay": "yes"}, [1]],
)
def test_refused_configs_say_nothing(seeded_call: Call, body: Json) -> None:
    assert seeded_call("POST", CONFIGURE, body=body) == (400, {})


def test_config_reads_may_be_a_day_old(seeded: Sandbox, clock: Clock) -> None:
    call = calls_to(seeded)
    seeded.store.put("settings", "extended-field-config", {"stale_seconds": 86400})
    assert config_of(call, 229)["hideDisplay"] is True
    call("POST", CONFIGURE, body={"extendedFieldId": 229, "hideDisplay": False})
    clock.now += 86399
    assert config_of(call, 229)["hideDisplay"] is True
    clock.now += 2
    assert config_of(call, 229)["hideDisplay"] is False


def test_labels_of_extended_fields_follow_the_language_header(seeded_call: Call) -> None:
    def label(**headers: str) -> str:
        answer = seeded_call("GET", "/v2/extendedFields", headers=headers)[1]
        return str(answer["entity"]["customer"][0]["label"])

    assert (label(), label(language="ja"), label(language="xx")) == ("Gender", "性別", "Gender")


def test_possible_values_may_be_left_out_of_the_org_list(seeded_call: Call) -> None:
    def has_values(**query: str) -> bool:
        answer = seeded_call("GET", "/v2/org/extendedFields", query=query)[1]
        return "possibleValues" in answer["entity"]["customer"][0]

    assert has_values()
    assert not has_values(includePossibleValues="false")


def test_a_vertical_brings_its_extended_fields(seeded_call: Call) -> None:
    def shown() -> bool:
        answer = seeded_call("GET", "/v2/extendedFields")[1]
        return "checkin_date" in [each["name"] for each in answer["entity"]["transaction"]]

    assert not shown()
    assert seeded_call("POST", "/v2/verticals", body={"verticalId": 4})[1]["entity"] is True
    assert shown()
    gone = seeded_call("DELETE", "/v2/verticals/4")[1]
    assert (gone["verticalName"], gone["isActive"]) == ("Hospitality", True)
    assert not shown()
    assert code(seeded_call("DELETE", "/v2/verticals/4")[1]) == 91031


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, 91028),
        ({"verticalId": 4711}, 91027),
        ({"verticalId": 1, "verticalName": "Fuel"}, 91029),
        ({"verticalId": "17", "verticalName": "Grocery"}, 91032),
    ],
)
def test_refused_verticals(call: Call, body: Json, expected: int) -> None:
    call("POST", "/v2/verticals", body={"verticalId": 17})
    assert code(call("POST", "/v2/verticals", body=body)[1]) == expected


def test_verticals_come_in_pages_of_ten(call: Call) -> None:
    first = call("GET", "/v2/verticals/meta")[1]
    total = first["pagination"]["total"]
    assert (len(first["data"]), first["pagination"]["limit"]) == (10, 10)
    rest = call("GET", "/v2/verticals/meta", query={"offset": 10})[1]["data"]
    assert len(rest) == total - 10
    assert call("GET", "/v2/verticals")[1]["pagination"]["total"] == 0


def test_a_repeated_lead_reason_is_added_again(call: Call) -> None:
    path = "/v2/leads/reasons"
    one = call("POST", path, body=[{"reason": "Price"}])[1]["data"]
    two = call("POST", path, body=[{"reason": "Price"}])[1]["data"]
    assert one[0]["id"] != two[0]["id"]
    assert call("GET", path)[1]["data"] == one + two
    wrong: list[Json] = [[], {}, [{"reason": ""}], [1]]
    for body in wrong:
        assert call("POST", path, body=body)[0] == 400


@pytest.mark.parametrize(
    ("status", "substatus", "expected"),
    [
        ("", "Later", 92022),
        (None, "Later", 92022),
        ("PENDING", "Later", 92003),
        ("open", "Later", 92003),
        ("OPEN", "", 92023),
        ("OPEN", "Called", 92021),
    ],
)
def test_refused_substatuses(call: Call, status: Json, substatus: str, expected: int) -> None:
    path = "/v2/leads/substatus"
    call("POST", path, body={"status": "OPEN", "subStatus": "Called"})
    answer = call("POST", path, body={"status": status, "subStatus": substatus})[1]
    assert code(answer) == expected
    pairs = call("GET", "/v2/leads/substatuses")[1]["data"]
    assert pairs == [{"status": "OPEN", "subStatus": "Called"}]


TASKS = "/v1.1/task/statusmapping"


def mappings(call: Call) -> Json:
    return call("GET", TASKS, query={"format": "json"})[1]["response"]["tasks"]["task_statuses"]


def save(call: Call, *items: Json) -> Json:
    status, answer = call("POST", TASKS, body={"root": {"status": list(items)}})
    assert status == 200
    assert answer["response"]["status"]["success"] == "true"
    return answer["response"]["tasks"]["task_statuses"]["status"]


def test_task_statuses_come_as_nothing_an_object_or_a_list(call: Call) -> None:
    assert mappings(call) == ""
    save(call, {"value": "OPEN", "label": "To do"})
    assert mappings(call) == {"status": {"id": "1", "value": "OPEN", "label": "To do"}}
    save(call, {"value": "NONE", "label": "Packing"})
    assert [each["id"] for each in mappings(call)["status"]] == ["1", "2"]


def test_an_item_with_an_id_changes_that_mapping(call: Call) -> None:
    save(call, {"value": "OPEN", "label": "To do"})
    save(call, {"id": 1, "value": "CLOSED", "label": "Done"})
    assert mappings(call)["status"] == {"id": "1", "value": "CLOSED", "label": "Done"}


def test_items_fail_one_by_one_under_an_outer_success(call: Call) -> None:
    items = save(
        call,
        {"value": "OPEN", "label": "To do"},
        {"value": "LOST", "label": "Lost"},
        {"value": "OPEN"},
        {"id": "x", "value": "OPEN", "label": "X"},
    )
    assert [each["item_status"]["code"] for each in items] == ["200", "5208", "5207", "5206"]
    assert mappings(call)["status"]["label"] == "To do"


def test_seeded_fields_look_like_a_console_made_them(seeded_call: Call) -> None:
    assert "old_fax_number" not in listed(seeded_call)
    bare = seeded_call("GET", "/v2/organization/customFields")[1]["data"]
    till = next(each for each in bare if each["scope"] == "till_custom_fields")
    assert (till["type"], till["dataType"], till["label"]) == ("", "", "")
