"""What other families look up in the org: products, programs, card series."""

from __future__ import annotations

from typing import Any

import pytest

from capsync.sandbox.app import Sandbox
from capsync.sandbox.organization import CARD_SERIES, PROGRAMS
from capsync.sandbox.organization_products import put_product
from tests.sandbox.acceptance import Example, differences, load
from tests.sandbox.conftest import Call

EXAMPLES = {example.name.split("-")[0]: example for example in load("organization")}
BRANDS, ATTRIBUTES = "/v2/product/brands", "/v2/product/attributes"


def answered(call: Call, example: Example, **query: Any) -> Any:
    status, body = call(example.method, example.path, query={**example.query, **query})
    assert status == 200
    return body


def put_rows(sandbox: Sandbox, kind: str, example: Example) -> None:
    """The documented rows, then others until the documented total is reached."""
    rows = example.answer["data"]
    for row in rows:
        parent = row.get("parent", {}).get("code")
        more = {name: row[name] for name in ("id", "ouId")}
        put_product(sandbox.store, kind, row["code"], row["name"], parent=parent, **more)
    for place in range(example.answer["pagination"]["total"] - len(rows)):
        later = {"id": 99_000_000 + place}
        put_product(sandbox.store, kind, f"fill{place}", "Fill", **later)


@pytest.mark.parametrize(("number", "kind"), [("90", "BRAND"), ("92", "CATEGORY")])
def test_product_lists(sandbox: Sandbox, call: Call, number: str, kind: str) -> None:
    example = EXAMPLES[number]
    put_rows(sandbox, kind, example)
    body = answered(call, example)
    assert len(body["data"]) == 10
    # The documented page is shortened.
    body["data"] = body["data"][: len(example.answer["data"])]
    assert differences(body, example.answer, volatile={"ouId"}) == []


def test_attribute_values(sandbox: Sandbox, call: Call) -> None:
    example = EXAMPLES["96"]
    row = example.answer["data"][0]
    values = row["possibleValues"]["data"]
    more = {"type": row["type"], "values": values, "modifiedDate": None}
    put_product(sandbox.store, "ATTRIBUTE", row["code"], row["name"], **more)
    # The documented request is built from its title; its page size shows in the answer only.
    body = answered(call, example, limit=example.answer["pagination"]["limit"])
    assert differences(body, example.answer) == []


def test_programs(sandbox: Sandbox, call: Call) -> None:
    example = EXAMPLES["34"]
    for program in example.answer["data"]:
        sandbox.store.put(PROGRAMS, program["programId"], program)
    assert differences(answered(call, example), example.answer) == []


def test_a_card_series(sandbox: Sandbox, call: Call) -> None:
    example = EXAMPLES["46"]
    row = {k: v for k, v in example.answer.items() if k != "warnings"}
    sandbox.store.put(CARD_SERIES, row["id"], {**row, "trigger": "OU_ID"})
    assert differences(answered(call, example), example.answer) == []


def test_card_series_lists_hold_active_ones(seeded_call: Call) -> None:
    _, body = seeded_call("GET", "/v2/card/series/get/all")
    assert [row["code"] for row in body["data"]] == ["SILVER01", "GOLD01"]
    assert body["data"][0]["trigger"] == "SERIES_ID"
    assert seeded_call("GET", "/v2/card/series/43")[1]["isActive"] is False
    status, body = seeded_call("GET", "/v2/card/series/99")
    assert (status, body["errors"][0]["code"]) == (400, 3004)


def codes(body: Any) -> list[str]:
    return [row["code"] for row in body["data"]]


@pytest.mark.parametrize(
    ("query", "expected", "warnings"),
    [
        ({}, ["NORD", "SUD", "NORD-kids"], []),
        ({"q": "nord"}, ["NORD", "NORD-kids"], []),
        ({"q": "sud", "entityCodes": "NORD"}, ["SUD"], [10009]),
        ({"entityCodes": "nord, sud,"}, ["NORD", "SUD"], [10011]),
        ({"entityCodes": "NORD", "entityIds": "1", "root": "true"}, ["NORD"], [10010, 10017]),
        ({"entityIds": "300102,x"}, ["SUD"], [10012]),
        ({"entityIds": "x"}, ["NORD", "SUD", "NORD-kids"], [10012, 10013]),
        ({"root": "true"}, ["NORD", "SUD"], []),
        ({"sortBy": "code", "sortOrder": "desc"}, ["SUD", "NORD-kids", "NORD"], []),
        ({"sortBy": "name"}, ["NORD", "SUD", "NORD-kids"], [10014]),
        ({"includeChildren": "true"}, ["NORD", "SUD", "NORD-kids"], [10016]),
        ({"limit": 1, "offset": 1}, ["SUD"], []),
        ({"fetchType": "SCOPE"}, [], []),
        ({"fetchType": "ORG", "entityCodes": "SUD"}, ["SUD"], []),
        ({"isActive": "false"}, [], []),
    ],
)
def test_brand_filters(
    seeded_call: Call, query: Any, expected: list[str], warnings: list[int]
) -> None:
    status, body = seeded_call("GET", BRANDS, query=query)
    assert status == 200
    assert codes(body) == expected
    assert [warning["code"] for warning in body.get("warnings", [])] == warnings


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": 101}, 10004),
        ({"limit": 0}, 10005),
        ({"offset": -1}, 10006),
        ({"entityCodes": ",".join("abcdefghijklmnopqrstuvwxyz12345")}, 10007),
        ({"entityIds": ",".join(map(str, range(31)))}, 10008),
        ({"ouCode": "cafe"}, 10002),
    ],
)
def test_refusals_of_product_lists(seeded_call: Call, query: Any, code: int) -> None:
    status, body = seeded_call("GET", BRANDS, query=query)
    assert (status, body["errors"][0]["code"]) == (400, code)


def test_products_of_org_units(seeded: Sandbox, seeded_call: Call) -> None:
    config = {"keyName": "CONF_OU_LEVEL_PRODUCTS_ENABLED", "value": "1", "scope": "ORG"}
    seeded_call("POST", "/v2/organization/configs", body=config)
    cafe = seeded.store.get("location-codes", "CONCEPT:cafe")
    put_product(seeded.store, "BRAND", "cafe-only", "Cafe only", ouId=cafe)
    scoped = {"ouCode": "cafe", "fetchType": "SCOPE"}
    assert codes(seeded_call("GET", BRANDS, query=scoped)[1]) == ["cafe-only"]
    other = {"ouCode": "outlet"}
    assert "cafe-only" not in codes(seeded_call("GET", BRANDS, query=other)[1])
    unknown = seeded_call("GET", BRANDS, query={"ouCode": "none"})[1]
    assert unknown["errors"][0]["code"] == 10001


def test_inactive_products_are_hidden(seeded: Sandbox, seeded_call: Call) -> None:
    put_product(seeded.store, "BRAND", "OLD", "Old", isActive=False)
    assert "OLD" not in codes(seeded_call("GET", BRANDS)[1])
    hidden = seeded_call("GET", BRANDS, query={"isActive": "false"})[1]["data"]
    assert [(row["code"], row["isActive"]) for row in hidden] == [("OLD", False)]


def test_children_and_values_of_one_entity(seeded_call: Call) -> None:
    query: dict[str, Any] = {"entityCodes": "NORD", "includeChildren": "true"}
    (row,) = seeded_call("GET", BRANDS, query=query)[1]["data"]
    assert [child["code"] for child in row["children"]["data"]] == ["NORD-kids"]
    query = {"includeValues": "true", "valuesLimit": 1, "valuesOffset": 1}
    (row,) = seeded_call("GET", ATTRIBUTES, query=query)[1]["data"]
    assert [value["code"] for value in row["possibleValues"]["data"]] == ["dark"]
    assert row["possibleValues"]["pagination"] == {"limit": 1, "offset": 1, "total": 2}


def test_values_of_an_attribute(seeded_call: Call) -> None:
    attribute = seeded_call("GET", ATTRIBUTES)[1]["data"][0]["id"]
    path = f"{ATTRIBUTES}/{attribute}/values"
    assert codes(seeded_call("GET", path)[1]) == ["dark", "light"]
    assert codes(seeded_call("GET", path, query={"q": "L"})[1]) == ["light"]
    unknown = seeded_call("GET", f"{ATTRIBUTES}/1/values")
    assert unknown[1]["errors"][0]["code"] == 10212


def test_attributes_come_newest_first(seeded: Sandbox, seeded_call: Call) -> None:
    default = {"id": 1, "code": "x", "name": "x"}
    put_product(seeded.store, "ATTRIBUTE", "size", "Size", type="Int", defaultValue=default)
    _, body = seeded_call("GET", ATTRIBUTES)
    assert codes(body) == ["size", "roast_level"]
    assert body["data"][0]["defaultValue"] == default
    assert codes(seeded_call("GET", ATTRIBUTES, query={"sortOrder": "ASC"})[1])[0] == "roast_level"
