from __future__ import annotations

from typing import Any

import pytest

from capsync.schema import Checker, Complaint, spec_schema
from capsync.schema.explain import nearest
from tests.unit.samplekinds import KINDS

MEDAL = Checker(spec_schema(KINDS["Medal"]))
GOOD = {"name": "a", "startOn": 1, "rewards": []}


def complaints(**changes: Any) -> list[tuple[Any, ...]]:
    found = MEDAL.complaints({**GOOD, **changes})
    return [(each.path, each.message, each.hint, each.rule) for each in found]


def test_what_fits_has_no_complaints() -> None:
    assert MEDAL.complaints(GOOD) == []


TIME_HINT = "(for example 2027-01-31T09:30:00+05:30)"
COLORS = "allowed: RED, GREEN, BLUE"


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("rank", "five", 'type: "five" is not a whole number'),
        (
            "rank",
            "05",
            'type: "05" is not a whole number (write it without quotes or leading zeros)',
        ),
        ("rank", 1.5, "type: 1.5 is not a whole number"),
        ("rank", True, "type: true is not a whole number"),
        ("rank", 10, "maximum: 10 is above 9"),
        ("rank", -1, "minimum: -1 is below 0"),
        ("share", 0, "exclusiveMinimum: 0 is not above 0"),
        (
            "active",
            "True",
            'type: "True" is not true or false (only true and false are booleans)',
        ),
        ("active", "yes", 'type: "yes" is not true or false (only true and false are booleans)'),
        ("name", 5, "type: 5 is not text (put it in quotes)"),
        ("name", "", 'minLength: "" has 0 characters, at least 1 are needed'),
        ("name", None, "type: null is not allowed here (write text)"),
        (
            "name",
            {"ref": "x"},
            "type: a mapping is not text (this field is no reference: write the raw value)",
        ),
        (
            "color",
            "red",
            f'value: "red" is not one of the allowed values (did you mean RED? {COLORS})',
        ),
        ("color", "x", f'value: "x" is not one of the allowed values ({COLORS})'),
        ("scope", "shop", 'value: "shop" is not one of the allowed values (allowed: STORE, TILL)'),
        ("tags", ["a", "a"], "uniqueItems: an item is there twice"),
        ("group", 5, "type: 5 is not text (put it in quotes)"),
        ("image", 5, "type: 5 is not text (put it in quotes)"),
        (
            "limits",
            "x",
            'format: "x" is not JSON (write the structure as plain YAML, or JSON in quotes)',
        ),
        ("limits", 5, "type: 5 is not a mapping"),
        (
            "expiresOn",
            "2027-01-01",
            f'format: "2027-01-01" is not a time with an offset {TIME_HINT}',
        ),
        (
            "startOn",
            "2027-02-30T00:00:00Z",
            f'format: "2027-02-30T00:00:00Z" is not a time with an offset {TIME_HINT}',
        ),
    ],
)
def test_a_wrong_value(field: str, value: Any, complaint: str) -> None:
    ((path, message, hint, rule),) = complaints(**{field: value})
    assert path == (field,)
    assert f"{rule}: {message}{f' ({hint})' if hint else ''}" == complaint


def test_items_are_named_by_their_place() -> None:
    assert complaints(tags=["a", "B"]) == [
        (("tags", 1), '"B" does not have the form ^[a-z]+$', "", "value")
    ]


def test_unknown_fields_stand_at_their_key_with_the_nearest_name() -> None:
    rewards = [{"type": "POINTS", "pionts": 1}]
    rule = "unknown-field"
    assert MEDAL.complaints({**GOOD, "colour": 1, "rewards": rewards}) == [
        Complaint(("rewards", 0), "points is required", "", "required"),
        Complaint(("rewards", 0, "pionts"), "unknown field", "did you mean points?", rule, True),
        Complaint(("colour",), "unknown field", "did you mean color?", rule, True),
    ]


def test_an_unknown_field_with_no_near_name_lists_what_there_is() -> None:
    (found,) = complaints(rewards=[{"type": "COUPON", "seriesId": 1, "zzz": 1}])
    assert found[2] == "known here: points, seriesId, type"


def test_many_known_fields_are_cut() -> None:
    (found,) = complaints(zzzzzz=1)
    assert found[2].startswith("known here: active, body, color, ")
    assert found[2].endswith(" ...")


@pytest.mark.parametrize(
    "value", [{}, {"child": "x"}, {"ref": "x", "lookup": "y"}, {"lookup": "x", "child": "y"}]
)
def test_half_references(value: Any) -> None:
    assert complaints(friend=value)[0] == (
        ("friend",),
        "not a reference",
        "write {ref: NAME}, {ref: Kind/NAME}, {ref: Kind/NAME, child: PATH} or {lookup: KEY}",
        "reference",
    )


@pytest.mark.parametrize(
    "value",
    [
        {"ref": "x"},
        {"ref": "Medal/x"},
        {"ref": "x", "child": "targets[Run 5]"},
        {"lookup": "Key"},
        {"lookup": 5},
        {"lookup": {"kind": "Medal", "name": "x"}},
        7,
        None,
    ],
)
def test_whole_references(value: Any) -> None:
    assert complaints(friend=value) == []


def test_the_arm_of_a_union_names_the_bad_field() -> None:
    rewards = [{"type": "COUPON"}, {"type": "POINTS", "points": "x"}, {"type": "X"}]
    assert [each[:2] for each in complaints(rewards=rewards)] == [
        (("rewards", 0), "seriesId is required"),
        (("rewards", 1, "points"), '"x" is not a whole number'),
        (("rewards", 2, "type"), '"X" is not one of the allowed values'),
    ]


def test_a_field_may_be_there_in_any_spelling() -> None:
    assert MEDAL.is_valid({"name": "a", "rewards": [], "startOnISO": "2027-01-01T00:00:00Z"})
    (complaint,) = MEDAL.complaints({"name": "a", "rewards": []})
    assert (complaint.message, complaint.hint) == (
        "startOn is required",
        "or in another spelling: startOnISO",
    )


def test_complaints_come_in_document_order() -> None:
    found = MEDAL.complaints({"rank": "x", "rewards": [5, {"type": 1}], "name": 1, "startOn": []})
    assert [each.path for each in found] == [
        ("rank",),
        ("rewards", 0),
        ("rewards", 1, "type"),
        ("rewards", 1, "type"),
        ("name",),
        ("startOn",),
    ]


def test_hidden_values_are_not_shown() -> None:
    found = MEDAL.complaints({**GOOD, "token": "hunter2", "color": "s3cret"}, hidden=lambda _: True)
    assert all("hunter2" not in str(each) and "s3cret" not in str(each) for each in found)
    assert found[0].message.startswith("(sensitive) ")


def test_long_values_are_cut() -> None:
    (found,) = complaints(rank="x" * 500)
    assert len(found[1]) < 100


def test_where_only_the_fast_validator_says_no_it_explains() -> None:
    checker = Checker({"type": "object", "properties": {"a": {"pattern": "^a$"}}})
    (complaint,) = checker.complaints({"a": "a\n"})
    assert complaint.path == ("a",)
    assert complaint.rule == "schema"
    (hidden,) = checker.complaints({"a": "a\n"}, hidden=lambda _: True)
    assert hidden.message == "does not fit its schema"


@pytest.mark.parametrize(
    ("name", "near"),
    [("bennefits", "benefits"), ("STARTON", "startOn"), ("startsOn", "startOn"), ("zzz", "")],
)
def test_nearest_names(name: str, near: str) -> None:
    assert nearest(name, ["benefits", "startOn", "expiresOn"]) == near


def test_a_text_that_has_to_be_empty() -> None:
    [complaint] = Checker({"type": ["integer", "string"], "maxLength": 0}).complaints("first")
    assert complaint.message == '"first" is not allowed: a text has to be empty here'
