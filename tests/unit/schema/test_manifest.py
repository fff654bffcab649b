"""What editors get."""

from __future__ import annotations

import json
from typing import Any

import pytest

from capsync.fields import enum, instant, integer, obj, ref, string
from capsync.schema import Checker, combined_schema, config_schema, manifest_schema
from capsync.schema.expand import Expander
from capsync.schema.files import schema_files
from tests.unit.samplekinds import KINDS

MEDAL = manifest_schema(KINDS["Medal"])
FIELDS = MEDAL["properties"]["spec"]["properties"]
SPEC = {"name": "a", "startOn": 1, "rewards": []}


def manifest(kind: str, spec: Any, **metadata: Any) -> dict[str, Any]:
    return {
        "apiVersion": "capsync/v1",
        "kind": kind,
        "metadata": {"name": "a", **metadata},
        "spec": spec,
    }


def test_fields_carry_descriptions_enums_and_defaults() -> None:
    assert FIELDS["rank"]["default"] == 0
    assert FIELDS["name"]["description"] == "Unique."
    assert FIELDS["startOn"]["description"] == (
        "When it begins. ISO 8601 with an offset, or the raw number."
    )
    assert FIELDS["startOnISO"]["description"].startswith("Another spelling of startOn.")
    assert FIELDS["color"]["else"]["enum"] == ["RED", "GREEN", "BLUE", None]
    assert FIELDS["group"]["description"] == "The id of a MedalGroup, {ref: NAME} or {lookup: KEY}."
    assert FIELDS["dataType"]["description"] == "Immutable after creation: make a new medal"
    assert FIELDS["token"]["description"] == "Secret: never shown. Never read back."
    assert FIELDS["status"] == {
        "description": "Computed. Set by the server: ignored here.",
        "readOnly": True,
    }


def test_no_note_is_left() -> None:
    assert '"x-' not in json.dumps([MEDAL, combined_schema(KINDS), config_schema()])


@pytest.mark.parametrize(
    "field",
    ["rank", "name", "active", "color", "friend", "rewards", "limits", "image", "tags", "startOn"],
)
def test_any_value_may_be_a_variable_in_an_editor(field: str) -> None:
    checker = Checker(MEDAL)
    assert checker.is_valid(manifest("Medal", {**SPEC, field: "${var.x}"}))
    assert checker.is_valid(manifest("Medal", {**SPEC, "rewards": [{"type": "${env.X}"}]}))
    assert not checker.is_valid(manifest("Medal", {**SPEC, "rank": "${other.x}"}))


def test_a_manifest_has_its_kind_and_known_metadata() -> None:
    checker = Checker(MEDAL)
    assert checker.is_valid(manifest("Medal", SPEC, protect=True, ignore=["rank"], id=5))
    assert not checker.is_valid(manifest("Badge", SPEC))
    assert not checker.is_valid(manifest("Medal", SPEC, remove=True))
    assert not checker.is_valid(manifest("Medal", {**SPEC, "colour": "RED"}))


def test_the_combined_schema_follows_the_kind() -> None:
    checker = Checker(combined_schema(KINDS))
    assert checker.is_valid(manifest("Medal", SPEC))
    assert checker.is_valid(manifest("Settings", {"mode": None}))
    assert not checker.is_valid(manifest("Settings", SPEC))
    assert not checker.is_valid(manifest("Shop", {"name": "x"}))  # look-ups only
    assert not checker.is_valid({"kind": "Medal"})


def test_the_files_and_their_text() -> None:
    files = schema_files(KINDS)
    assert sorted(files) == [
        "Medal.schema.json",
        "MedalGroup.schema.json",
        "Season.schema.json",
        "Series.schema.json",
        "Settings.schema.json",
        "capsync.schema.json",
        "manifest.schema.json",
    ]
    assert json.loads(files["Medal.schema.json"]) == MEDAL
    assert all(text.endswith("}\n") for text in files.values())


def test_the_config_schema_takes_the_process_environment_anywhere() -> None:
    checker = Checker(config_schema())
    environment = {
        "endpoint": "${env.URL}",
        "org_id": "${env.ORG}",
        "limits": {"max_changes": "${env.M}"},
    }
    assert checker.is_valid({"version": 1, "environments": {"e": environment}})
    assert not checker.is_valid({"version": 1, "environments": {"e": {"endpoint": "x", "org": 1}}})


def expanded(**fields: Any) -> dict[str, Any]:
    properties: dict[str, Any] = Expander().structure(obj(**fields))["properties"]
    return properties


def test_null_is_allowed_where_nothing_forbids_it() -> None:
    fields = expanded(
        a=integer(), b=enum("X"), c=ref("K"), d=instant(), e={}, f=string() | {"not": {"const": ""}}
    )
    assert fields["a"] == {"type": ["integer", "null"]}
    assert fields["b"] == {"type": ["string", "null"], "enum": ["X", None]}
    for name in "acdef":
        assert Checker(Expander().structure(obj(**{name: integer()}))).is_valid({name: None})
    assert not Checker(Expander().structure(obj(required=["a"], a=integer()))).is_valid({"a": None})


def test_raw_wire_forms_of_times_are_taken() -> None:
    fields = obj(iso=instant(), text=instant(wire="text"), day=instant(wire="date"))
    checker = Checker(Expander().structure(fields))
    assert checker.is_valid({"iso": 1798761600, "text": 1.5, "day": "2027-01-01"})
    assert checker.is_valid({"text": "2027-01-01 10:00:00", "day": "2027-01-01T10:00+05:30"})
    assert not checker.is_valid({"iso": "2027-01-01 10:00:00"})
    assert not checker.is_valid({"iso": "2027-01-01T10:00:00"})
    assert not checker.is_valid({"day": "2027-02-29"})
