"""The calls that every family shares, against their documented examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from capsync.sandbox.app import Sandbox
from capsync.sandbox.organization_locations import put_location
from capsync.sandbox.platform import AUDITS, ORGS
from capsync.sandbox.store import Store
from tests.sandbox.acceptance import Example, differences, load
from tests.sandbox.conftest import Call, Clock

# The answer that the docs show can not be had, and why.
NOT_REPRODUCED = {
    "08-get-org-entities": "empty elements of the XML example as text; the JSON one has [] and {}",
}


def hold_orgs(store: Store, org_id: int, answer: Any) -> None:
    base = {**answer["baseOrganization"], "id": org_id}
    store.put(ORGS, org_id, base)
    old = answer["baseOrganization"]["id"]
    for org in answer["connectedOrganizations"]:
        parent = org_id if org["parentId"] == old else org["parentId"]
        store.put(ORGS, org["id"], {**org, "parentId": parent})


def hold_till(store: Store, answer: Any) -> None:
    ids = {name: answer[name] for name in ("timeZoneId", "currencyId", "languageId")}
    put_location(
        store,
        "TILL",
        answer["code"],
        id=answer["id"],
        name=answer["name"],
        description=answer["description"],
        localeIds=ids,
    )


def hold_audits(store: Store, example: Example) -> None:
    rows = example.answer["data"]
    latest = max(row["autoUpdateTime"] for row in rows)
    earlier = example.answer["pagination"]["totalElements"] - len(rows)
    fill = [{**rows[0], "autoUpdateTime": latest + place} for place in range(1, earlier + 1)]
    for number, row in enumerate([*rows, *fill]):
        store.put(AUDITS, number, row)


def hold_config(call: Call, example: Example) -> None:
    answer = example.answer
    if "scope" in answer:
        sent = {"keyName": answer["keyName"], "value": answer["value"], "scope": "ORG"}
        call("POST", "/v2/organization/configs", body=sent)


PREPARE: dict[str, Callable[[Sandbox, Call, Example], None]] = {
    "retrieve-org-hierarchy-details": lambda s, _, e: hold_orgs(s.store, s.org_id, e.answer),
    "get-org-hierarchy": lambda s, _, e: hold_orgs(s.store, s.org_id, e.answer),
    "get-tills": lambda s, _, e: hold_till(s.store, e.answer),
    "get-till-by-code": lambda s, _, e: hold_till(s.store, e.answer),
    "get-till-by-id": lambda s, _, e: hold_till(s.store, e.answer),
    "get-entity-audit-logs": lambda s, _, e: hold_audits(s.store, e),
    "get-org-config-key-values": lambda _, c, e: hold_config(c, e),
    "get-config-key-value": lambda _, c, e: hold_config(c, e),
}
BY_POST = {"limit-active-cards-per-customer", "set-org-config"}
OF_ORGANIZATION = {
    *("get-org-hierarchy", "get-till-by-code", "get-till-by-id", "get-config-key-value"),
    "set-org-config",
}
EXAMPLES = [
    *load("platform"),
    *(e for e in load("organization") if e.operation in OF_ORGANIZATION and e.status == 200),
]


REPRODUCED = [example for example in EXAMPLES if example.name not in NOT_REPRODUCED]


@pytest.mark.parametrize("example", REPRODUCED, ids=str)
def test_example(sandbox: Sandbox, call: Call, example: Example) -> None:
    if example.operation not in BY_POST:
        PREPARE[example.operation](sandbox, call, example)
    status, body = call(example.method, example.path, query=example.query, body=example.body)
    assert status == example.status
    assert differences(body, example.answer, volatile={"parentId"}) == []


def test_the_number_of_examples_that_are_not_reproduced() -> None:
    assert len(NOT_REPRODUCED) == 1
    assert NOT_REPRODUCED.keys() <= {example.name for example in EXAMPLES}


def example_named(family: str, name: str) -> Example:
    return next(e for e in load(family) if e.name == name)


def test_the_documented_list_of_configs(call: Call) -> None:
    example = example_named("organization", "28-list-org-configs")
    for row in example.answer["response"]["organization"]["configs"]["config"]:
        sent = {"keyName": row["key"], "value": row["value"], "scope": "ORG"}
        assert call("POST", "/v2/organization/configs", body=sent)[0] == 200
    status, body = call(example.method, example.path, query=example.query)
    assert status == 200
    assert differences(body, example.answer, volatile={"entity_id"}) == []


def test_the_documented_stores_of_a_concept(sandbox: Sandbox, call: Call) -> None:
    example = example_named("organization", "26-get-org-entities-stores-of-concept")
    put_location(sandbox.store, "CONCEPT", "cafe")
    put_location(sandbox.store, "STORE", "elsewhere")
    for row in example.answer["response"]["organization"]["entities"]["entity"]:
        put_location(
            sandbox.store,
            "STORE",
            row["code"],
            name=row["name"],
            description=row["description"],
            externalIds=[row["external_id"]],
            customFields={f["name"]: f["value"] for f in row["custom_fields"]["field"]},
            timezone=row["timezones"]["base_timezone"],
            currency=row["currencies"]["base_currency"],
            locale=row["language_locale"],
            parents={"CONCEPT": "cafe"},
        )
    status, body = call(example.method, example.path, query=example.query)
    assert status == 200
    assert differences(body, example.answer, volatile={"last_updated_by"}) == []


ENTITIES = "/v1.1/organization/entities"


def codes(answer: Any) -> list[str]:
    return [row["code"] for row in answer["response"]["organization"]["entities"]["entity"]]


def test_entities_are_paged_by_the_last_id(sandbox: Sandbox, call: Call) -> None:
    for number in range(5):
        put_location(sandbox.store, "TILL", f"till.{number}")
    put_location(sandbox.store, "ZONE", "north")
    seen: list[str] = []
    start = 0
    while True:
        query = {"type": "till", "limit": 2, "start_id": start}
        _, body = call("GET", ENTITIES, query=query)
        rows = body["response"]["organization"]["entities"]["entity"]
        if not rows:
            break
        assert body["response"]["pagination"] == {"limit": "2", "offset": "0", "total": "5"}
        seen += codes(body)
        start = int(rows[-1]["id"])
    assert seen == [f"till.{number}" for number in range(5)]


def test_the_entity_limit_is_clipped_to_500(sandbox: Sandbox, call: Call) -> None:
    for number in range(501):
        put_location(sandbox.store, "TILL", f"t{number}")
    _, body = call("GET", ENTITIES, query={"type": "TILL", "limit": 1000})
    assert len(codes(body)) == 500
    assert body["response"]["pagination"]["total"] == "501"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["store_01", "store_02", "store_03", "store_04", "store-05"]),
        ({"active_only": "true"}, ["store_01", "store_02", "store_03", "store_04"]),
        (
            {"parent_identifier_type": "CONCEPT_CODE", "parent_identifier_value": "outlet"},
            ["store_02", "store_04"],
        ),
        ({"parent_identifier_type": "CONCEPT_CODE", "parent_identifier_value": "none"}, []),
        ({"modified_since": "2099-01-01"}, []),
    ],
)
def test_seeded_stores(seeded_call: Call, query: dict[str, str], expected: list[str]) -> None:
    _, body = seeded_call("GET", ENTITIES, query={"type": "STORE", **query})
    assert codes(body) == expected


def test_inactive_entities_say_so(seeded_call: Call) -> None:
    _, body = seeded_call("GET", ENTITIES, query={"type": "STORE"})
    rows = body["response"]["organization"]["entities"]["entity"]
    assert [row["is_active"] for row in rows] == ["1", "1", "1", "1", "0"]


def test_entities_by_id_and_with_parent(seeded_call: Call) -> None:
    _, body = seeded_call("GET", ENTITIES, query={"type": "ZONE", "include_parent": "true"})
    zones = body["response"]["organization"]["entities"]["entity"]
    assert [zone["parent"].get("code") for zone in zones] == [None, "root", "root"]
    query = {"type": "ZONE", "id": f"{zones[1]['id']},{zones[2]['id']}", "exclude_locale": 1}
    _, body = seeded_call("GET", ENTITIES, query=query)
    assert codes(body) == ["north", "south"]
    assert "timezones" not in body["response"]["organization"]["entities"]["entity"][0]


def test_tills_of_a_store_by_its_external_id(seeded_call: Call) -> None:
    query = {
        "type": "TILL",
        "parent_identifier_type": "STORE_EXTERNAL_ID",
        "parent_identifier_value": "erp-store_02",
    }
    assert codes(seeded_call("GET", ENTITIES, query=query)[1]) == ["store.02.till"]


@pytest.mark.parametrize("query", [{}, {"type": "SHOP"}])
def test_entities_need_a_type(call: Call, query: dict[str, str]) -> None:
    status, body = call("GET", ENTITIES, query=query)
    assert (status, body["response"]["status"]["success"]) == (400, "false")


def test_a_till_is_found_by_code_id_and_name(seeded_call: Call) -> None:
    path = "/v2/organization/till"
    by_code = seeded_call("GET", path, query={"code": "till1"})[1]
    assert seeded_call("GET", path, query={"tillId": by_code["id"]})[1] == by_code
    assert seeded_call("GET", path, query={"name": by_code["name"]})[1] == by_code
    assert "customField" not in by_code
    active = seeded_call("GET", "/v2/organization/activeTill", query={"code": "till1"})[1]
    assert active == {"id": by_code["id"], "code": "till1", "warnings": []}


@pytest.mark.parametrize("query", [{}, {"code": "none"}, {"tillId": "7"}, {"code": "store_01"}])
def test_unknown_tills_are_refused(seeded_call: Call, query: dict[str, str]) -> None:
    assert seeded_call("GET", "/v2/organization/till", query=query)[0] == 400


def test_the_org_names_itself(seeded: Sandbox, seeded_call: Call) -> None:
    _, body = seeded_call("GET", "/v2/organization/hierarchy")
    base = body["baseOrganization"]
    assert (base["id"], base["orgType"], base["parentId"]) == (100737, "STANDARD_ORG", -1)
    assert body["connectedOrganizations"] == []
    assert "relationshipType" not in base


def test_custom_fields_of_orgs_only_on_request(sandbox: Sandbox, call: Call) -> None:
    answer = example_named("organization", "118-get-org-hierarchy-custom-fields").answer
    hold_orgs(sandbox.store, sandbox.org_id, answer)
    _, body = call("GET", "/v2/organization/hierarchy")
    assert "customFields" not in body["baseOrganization"]


@pytest.mark.parametrize("path", ["/v1.1/organization/get", "/v1.1/organization/get.json"])
def test_the_legacy_profile_is_all_text(seeded_call: Call, path: str) -> None:
    _, body = seeded_call("GET", path, query={"format": "json"})
    org = body["response"]["organization"]
    assert (org["id"], org["timezone"], org["min_sms_hour"]) == ("100737", "Asia/Kolkata", "9")
    assert {"label": "USD", "symbol": "$"} in org["currencies"]["supported_currencies"]["currency"]


CONFIGS = "/v2/organization/configs"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"keyName": "CONF_NOT_KNOWN", "value": "1", "scope": "ORG"}, 3206),
        ({"value": "1", "scope": "ORG"}, 3206),
        ({"keyName": "ORG_MAX_LABEL_COUNT", "value": "1", "scope": "TILL"}, 3211),
        ({"keyName": "ORG_MAX_LABEL_COUNT", "value": "1"}, 3211),
        ({"keyName": "ORG_MAX_LABEL_COUNT", "scope": "ORG"}, 3212),
        ({"keyName": "ORG_MAX_LABEL_COUNT", "value": "many", "scope": "ORG"}, 3229),
    ],
)
def test_config_refusals(call: Call, body: dict[str, str], code: int) -> None:
    status, answer = call("POST", CONFIGS, body=body)
    assert (status, answer["errors"][0]["code"]) == (400, code)


def test_a_config_is_an_upsert_and_its_value_text(call: Call) -> None:
    sent = {"keyName": "ORG_MAX_LABEL_COUNT", "value": 6, "scope": "org"}
    first = call("POST", CONFIGS, body=sent)[1]
    second = call("POST", CONFIGS, body={**sent, "value": "7"})[1]
    assert (first["value"], second["value"], first["id"]) == ("6", "7", second["id"])
    read = call("GET", f"{CONFIGS}/ORG_MAX_LABEL_COUNT")[1]
    assert (read["value"], read["scope"]) == ("7", "ORG")


def test_unset_configs(call: Call) -> None:
    assert call("GET", f"{CONFIGS}/ORG_MAX_LABEL_COUNT")[1]["entityId"] == 0
    assert call("GET", f"{CONFIGS}/NONE")[1]["errors"][0]["code"] == 3206
    _, body = call("GET", "/v1.1/organization/configs", query={"format": "json"})
    assert body["response"]["status"]["code"] == "3209"


@pytest.mark.parametrize(
    "query", [{}, {"entityType": "COUPON", "entityId": 1}, {"entityType": "CARD"}]
)
def test_audits_know_customers_and_cards_only(call: Call, query: dict[str, Any]) -> None:
    assert call("GET", "/api_gateway/v2/audits", query=query)[0] == 400


def test_the_clock_of_tests_is_what_it_says(clock: Clock) -> None:
    assert clock() == 1799140364.0
