from __future__ import annotations

from typing import Any

import pytest

from tests.unit.kinds.examples import wrong


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"isMandatory": True}, "742"),
        ({"dataType": "INTEGER", "defaultValue": "x"}, "744"),
        ({"dataType": "BOOLEAN", "defaultValue": "yes"}, "745"),
    ],
)
def test_defaults_that_the_api_refuses(more: dict[str, Any], code: str) -> None:
    (said,) = wrong("BadgeCustomField", {"name": "F", "dataType": "STRING"} | more)
    assert said.startswith("defaultValue ")
    assert said.endswith(f"(API error {code})")


def test_a_default_of_the_wrong_type_is_told_once() -> None:
    spec = {"name": "F", "dataType": "INTEGER", "isMandatory": True, "defaultValue": 7}
    assert wrong("BadgeCustomField", spec) == ["defaultValue 7 is not text"]


@pytest.mark.parametrize("rank", [7, "7", "-1", 214748364])
def test_a_rank_may_be_a_text_of_digits(rank: object) -> None:
    assert wrong("BadgeGroup", {"name": "G", "rank": rank}) == []


@pytest.mark.parametrize(
    "more",
    [
        {"isMandatory": True, "defaultValue": ""},
        {"isMandatory": True, "defaultValue": "null"},
        {"dataType": "INTEGER", "defaultValue": "-7"},
        {"dataType": "BOOLEAN", "defaultValue": "false"},
        {"dataType": "DATE", "defaultValue": "2026-01-18 09:09:09"},
        {"defaultValue": None},
    ],
)
def test_defaults_that_the_api_takes(more: dict[str, Any]) -> None:
    assert wrong("BadgeCustomField", {"name": "F", "dataType": "STRING"} | more) == []


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("BadgeGroup", {"name": "G", "rank": 1}),
        ("BadgeCustomField", {"name": "F", "dataType": "STRING"}),
    ],
)
def test_a_manifest_means_in_service(kind: str, spec: dict[str, Any]) -> None:
    assert wrong(kind, spec | {"isActive": True}) == []
    assert wrong(kind, spec | {"isActive": False}) == ["isActive a manifest means in service"]


def test_one_tag_is_defined_once() -> None:
    tag = {"key": "Kind", "dataType": "string"}
    assert wrong("BadgeOrgMeta", {"tags": [tag]}) == []
    assert wrong("BadgeOrgMeta", {"tags": [tag, tag]}) == [
        "tags.1 there is another item Kind in this list"
    ]
