"""What is known of fields, labels and leads without asking the org."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from capsync.kinds import KINDS
from capsync.manifests import load_project
from capsync.validate import validate
from capsync.values.normalise import canonical
from capsync.values.wire import to_wire
from tests.projects import write_project
from tests.unit.kinds.examples import warned, wrong

FIELD = {"name": "pet_name", "type": "text", "dataType": "String", "scope": "CUSTOMER_CARD"}


def told(root: Path, kind: str, specs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What `validate` says of a project of these resources: (severity, message)."""
    manifests = [
        {"kind": kind, "name": f"r{place}", "spec": spec} for place, spec in enumerate(specs)
    ]
    problems = validate(load_project(write_project(root, manifests)), KINDS)
    return [(each.severity, each.message) for each in problems]


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ({"name": "x" * 21}, "at most 20"),
        ({"name": "what?"}, "name"),
        ({"scope": "REGISTRATION"}, "scope"),
        ({"dataType": "Float"}, "dataType"),
        ({"isDisabled": 2}, "isDisabled"),
        ({"options": "not json"}, "is not JSON"),
    ],
)
def test_fields_that_the_api_would_not_keep(more: dict[str, Any], part: str) -> None:
    (said,) = wrong("CustomField", FIELD | more)
    assert part in said


@pytest.mark.parametrize(
    "more",
    [
        {"name": "x" * 20},
        {"name": "with space_and-more"},
        {"scope": "store_custom_fields", "label": "L"},
        {"dataType": "INTEGER"},
        {"isDisabled": False, "isUpdatable": 1},
        {"options": ""},
        {"options": '{"Yes":"Yes"}'},
        {"options": {"Yes": "Yes"}},
        {"phase": 1, "position": 4},
    ],
)
def test_fields_that_the_api_takes(more: dict[str, Any]) -> None:
    assert wrong("CustomField", FIELD | more) == []


def test_flags_of_both_forms_are_sent_as_numbers() -> None:
    schema = KINDS["CustomField"].schema
    spec = FIELD | {"isPiiData": True, "isPsiData": 0, "options": {"Yes": "Y"}}
    sent = to_wire(schema, spec)
    assert (sent["isPiiData"], sent["isPsiData"], sent["options"]) == (1, 0, '{"Yes":"Y"}')
    assert type(sent["isPiiData"]) is int
    same = canonical(schema, FIELD | {"isPiiData": 1, "isPsiData": False})
    assert {name: same[name] for name in ("isPiiData", "isPsiData")} == {
        "isPiiData": 1,
        "isPsiData": 0,
    }


def test_a_store_field_without_label_is_warned_of() -> None:
    spec = FIELD | {"scope": "STORE_CUSTOM_FIELDS"}
    assert warned("CustomField", spec) == ["label"]
    assert warned("CustomField", spec | {"label": "Pet"}) == []


def test_names_are_unique_over_all_scopes(tmp_path: Path) -> None:
    other = FIELD | {"scope": "LOYALTY_REGISTRATION"}
    assert [severity for severity, _ in told(tmp_path, "CustomField", [FIELD, other])] == ["error"]


def test_names_that_differ_in_case_alone_are_refused(tmp_path: Path) -> None:
    found = told(tmp_path, "CustomField", [FIELD, FIELD | {"name": "Pet_Name"}])
    assert any(severity == "error" and "pet_name" in said for severity, said in found)


def test_the_sixth_audited_field_is_warned_of(tmp_path: Path) -> None:
    audited = [FIELD | {"name": f"f{place}", "enableAuditTrail": True} for place in range(6)]
    assert told(tmp_path / "five", "CustomField", audited[:5]) == []
    ((severity, said),) = told(tmp_path / "six", "CustomField", audited)
    assert severity == "warning"
    assert "1023" in said
    more = [*audited[:5], FIELD | {"enableAuditTrail": 0}]
    assert told(tmp_path / "more", "CustomField", more) == []


LABEL = {"name": "VIP", "externalId": "vip", "entityType": "CUSTOMER"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"expiryConfig": {"type": "FIXED_DATE"}}, "23012"),
        ({"expiryConfig": {"type": "RELATIVE", "value": 3}}, "23010"),
        ({"expiryConfig": {"type": "RELATIVE", "unit": "DAYS"}}, "23011"),
    ],
)
def test_expiries_that_the_api_refuses(more: dict[str, Any], code: str) -> None:
    (said,) = wrong("Label", LABEL | more)
    assert said.startswith("expiryConfig ")
    assert code in said


@pytest.mark.parametrize(
    "more",
    [
        {"name": "x" * 256},
        {"externalId": "x" * 256},
        {"externalId": None},
        {"description": "x" * 1025},
        {"entityType": "customer"},
        {"expiryConfig": {"type": "FIXED"}},
    ],
)
def test_labels_that_the_api_refuses(more: dict[str, Any]) -> None:
    assert len(wrong("Label", LABEL | more)) == 1


@pytest.mark.parametrize(
    ("expiry", "part"),
    [
        ({"type": "RELATIVE", "unit": "DAYS", "value": -1}, "expiryConfig.value"),
        ({"type": "FIXED_DATE", "expiryDate": "2031-10-31"}, "expiryConfig.expiryDate"),
    ],
)
def test_values_of_expiries(expiry: dict[str, Any], part: str) -> None:
    assert wrong("Label", LABEL | {"expiryConfig": expiry})[0].startswith(part)


def test_an_expiry_is_compared_as_a_whole() -> None:
    schema = KINDS["Label"].schema
    one = {"type": "FIXED_DATE", "expiryDate": "2031-10-31T23:59:59+05:30", "unit": "DAYS"}
    other = {"type": "FIXED_DATE", "expiryDate": "2031-10-31T18:29:59Z"}
    assert canonical(schema, {"expiryConfig": one}) == canonical(schema, {"expiryConfig": other})


def test_customer_labels_have_limits() -> None:
    assert wrong("CustomerLabel", {"name": "園芸 & more!"}) == []
    assert len(wrong("CustomerLabel", {"name": ""})) == 1
    assert len(wrong("CustomerLabel", {"name": "x" * 101})) == 1
    assert len(wrong("CustomerLabel", {"name": "x", "description": "x" * 256})) == 1


def test_statuses_of_leads_are_fixed() -> None:
    assert wrong("LeadSubstatus", {"status": "ON_HOLD", "subStatus": "Away"}) == []
    assert len(wrong("LeadSubstatus", {"status": "AWAY", "subStatus": "Away"})) == 1


def test_a_position_is_a_number_or_empty() -> None:
    config = {"extendedFieldId": 229, "hideDisplay": False}
    assert wrong("ExtendedFieldConfig", config | {"position": ""}) == []
    assert len(wrong("ExtendedFieldConfig", config | {"position": "x"})) == 1
    schema = KINDS["ExtendedFieldConfig"].schema
    assert canonical(schema, {"position": ""}) == {"position": None}


def test_extended_fields_of_all_answers_are_flat() -> None:
    payload = KINDS["ExtendedField"].dialect.payload
    rows = payload({"entity": {"CUSTOMER": [{"id": 1, "name": "a"}], "lineitem": None}})
    assert rows == [{"id": 1, "name": "a", "entityType": "customer"}]


def test_a_select_has_250_choices_at_most() -> None:
    options = {f"c{place}": "x" for place in range(250)}
    assert warned("CustomField", FIELD | {"options": options}) == []
    assert warned("CustomField", FIELD | {"options": options | {"one more": "x"}}) == ["options"]
