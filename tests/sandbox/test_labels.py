"""Labels and customer labels beyond the examples."""

from __future__ import annotations

from typing import Any

import pytest

from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Call, Clock

Json = Any

LABELS = "/v2/labels"


def item(name: str = "Sale", external_id: str | None = None, **members: Json) -> Json:
    wanted = {"name": name, "externalId": external_id or name.lower(), "entityType": "PRODUCT"}
    return {**wanted, **members}


def create(call: Call, *items: Json) -> tuple[int, Json]:
    return call("POST", LABELS, body={"labels": list(items)})


def made(call: Call, *items: Json) -> list[int]:
    status, answer = create(call, *items)
    assert status == 201, answer
    return [each["id"] for each in answer["data"]]


def update(call: Call, *items: Json) -> tuple[int, Json]:
    return call("PUT", LABELS, body={"labels": list(items)})


def codes(answer: Json) -> list[int]:
    return [error["code"] for error in answer["errors"]]


def read(call: Call, **query: Json) -> Json:
    status, answer = call("GET", LABELS, query=query)
    assert status == 200, answer
    return answer


FIXED = {"type": "FIXED_DATE"}
RELATIVE = {"type": "RELATIVE"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": None}, [23001]),
        ({"name": ""}, [23001]),
        ({"name": "n" * 256}, [23007]),
        ({"externalId": None}, [23030]),
        ({"externalId": "e" * 256}, [23008]),
        ({"description": "d" * 1025}, [23009]),
        ({"entityType": None}, [23006]),
        ({"entityType": "product"}, [23006]),
        ({"expiryConfig": {"type": "fixed_date"}}, [23013]),
        ({"expiryConfig": {}}, [23013]),
        ({"expiryConfig": FIXED}, [23012]),
        ({"expiryConfig": {**FIXED, "expiryDate": "31.12.2030"}}, [23014]),
        ({"expiryConfig": {**FIXED, "expiryDate": "2030-12-31T00:00:00"}}, [23014]),
        ({"expiryConfig": {**FIXED, "expiryDate": "2027-01-05T14:42:44+05:30"}}, [23004]),
        ({"expiryConfig": {**RELATIVE, "value": 1}}, [23010]),
        ({"expiryConfig": {**RELATIVE, "value": 1, "unit": "WEEKS"}}, [23005]),
        ({"expiryConfig": {**RELATIVE, "unit": "DAYS"}}, [23011]),
        ({"expiryConfig": {**RELATIVE, "unit": "DAYS", "value": -1}}, [23011]),
        ({"name": "", "entityType": "X", "expiryConfig": RELATIVE}, [23001, 23006, 23010, 23011]),
    ],
)
def test_refused_items(call: Call, change: Json, expected: list[int]) -> None:
    status, answer = create(call, {**item(), **change})
    assert (status, answer["data"], codes(answer)) == (400, [], expected)
    assert read(call)["totalCount"] == 0


def test_what_is_kept_of_an_expiry(call: Call) -> None:
    span = {"type": "RELATIVE", "unit": "DAYS", "value": 0, "roundingUnit": "MONTH"}
    date = {"type": "FIXED_DATE", "expiryDate": "2031-01-01T00:00:00+05:30"}
    made(call, item("a"), item("b", expiryConfig={**span, "expiryDate": "x"}))
    made(call, item("c", expiryConfig={**date, "unit": "DAYS"}))
    shown = {each["name"]: each["expiryConfig"] for each in read(call)["labels"]}
    assert shown == {"a": {"type": "NONE"}, "b": span, "c": date}


def test_items_succeed_and_fail_one_by_one(call: Call) -> None:
    made(call, item("Sale"))
    status, answer = create(call, item("SALE", "other"), item("New", "SALE"), item("Free"), None)
    assert (status, codes(answer)) == (207, [23019, 23020, 23023])
    assert [each["externalId"] for each in answer["data"]] == ["free"]
    assert [error.get("labelExternalId") for error in answer["errors"]] == ["other", "SALE", None]
    assert create(call, item("Sale", entityType="STORE"))[0] == 201


@pytest.mark.parametrize(("count", "expected"), [(0, 23022), (11, 23021)])
def test_a_call_takes_one_to_ten_labels(call: Call, count: int, expected: int) -> None:
    items = [item(f"l{number}") for number in range(count)]
    for method in ("POST", "PUT"):
        status, answer = call(method, LABELS, body={"labels": items})
        assert (status, codes(answer)) == (400, [expected])


def test_updates_are_partial_and_answer_whole_labels(call: Call, clock: Clock) -> None:
    (id,) = made(call, item("Sale", description="old"))
    clock.now += 60
    changes = {"labelId": str(id), "name": "Sales", "entityType": "STORE"}
    status, answer = update(call, changes)
    assert status == 200
    assert answer["data"] == [
        {
            **{"id": id, "externalId": "sale", "name": "Sales", "description": "old"},
            **{"entityType": "PRODUCT", "expiryConfig": {"type": "NONE"}, "status": "ACTIVE"},
            **{"createdOn": "2027-01-05T09:12:44Z", "createdBy": 75000222},
            **{"lastUpdatedOn": "2027-01-05T09:13:44Z", "lastUpdatedBy": 75000222},
        }
    ]
    assert create(call, item("Sale", "free again"))[0] == 201


def test_an_archived_label_takes_nothing_but_reactivation(call: Call) -> None:
    (id,) = made(call, item("Sale"))
    assert update(call, {"labelId": id, "status": "ARCHIVED"})[0] == 200
    refused: list[Json] = [{"name": "x"}, {"status": "ARCHIVED"}, {}]
    refused.append({"status": "ACTIVE", "name": "x"})
    for change in refused:
        status, answer = update(call, {"labelId": id, **change})
        assert (status, codes(answer), answer["errors"][0]["labelId"]) == (400, [23026], id)
    assert codes(create(call, item("Sale", "free"))[1]) == [23019]
    assert update(call, {"labelId": id, "status": "ACTIVE"})[0] == 200


def test_updates_mind_active_labels_only(call: Call) -> None:
    old, new = made(call, item("Sale"), item("Deal"))
    assert codes(update(call, {"labelId": new, "name": "sale"})[1]) == [23027]
    assert codes(update(call, {"labelId": new, "externalId": "sale"})[1]) == [23028]
    update(call, {"labelId": old, "status": "ARCHIVED"})
    assert update(call, {"labelId": new, "name": "Sale"})[0] == 200
    assert codes(update(call, {"labelId": old, "status": "ACTIVE"})[1]) == [23027]


def test_refused_updates(call: Call) -> None:
    (id,) = made(call, item("Sale"))
    past = {"type": "FIXED_DATE", "expiryDate": "2020-01-01T00:00:00Z"}
    assert codes(update(call, {"labelId": 4711, "name": "x"})[1]) == [23025]
    assert codes(update(call, {"labelId": id, "expiryConfig": past})[1]) == [23004]
    assert codes(update(call, {"labelId": id, "status": "GONE"})[1]) == [23016]
    status, answer = update(call, {"labelId": id, "name": "x"}, None)
    assert (status, codes(answer)) == (207, [23025])


def test_a_past_expiry_must_not_be_sent_again(call: Call, clock: Clock) -> None:
    expiry = {"type": "FIXED_DATE", "expiryDate": "2027-01-06T00:00:00Z"}
    (id,) = made(call, item("Sale", expiryConfig=expiry))
    clock.now += 2 * 86400
    assert codes(update(call, {"labelId": id, "expiryConfig": expiry})[1]) == [23004]
    assert update(call, {"labelId": id, "description": "over"})[0] == 200


def test_lists_are_of_one_entity_type_and_status(call: Call, clock: Clock) -> None:
    first, second, _ = made(call, item("One"), item("Two"), item("Vip", entityType="CUSTOMER"))
    clock.now += 1
    update(call, {"labelId": first, "status": "ARCHIVED"})
    assert [each["id"] for each in read(call)["labels"]] == [second]
    assert [each["id"] for each in read(call, status="ARCHIVED")["labels"]] == [first]
    assert read(call, entityType="CUSTOMER", q="VI")["totalCount"] == 1
    assert read(call, entityType="STORE")["labels"] == []


def test_pages_cover_the_list_newest_change_first(call: Call, clock: Clock) -> None:
    for number in range(12):
        clock.now += 1
        made(call, item(f"l{number}"))
    pages = [read(call, limit=5, offset=offset) for offset in (0, 5, 10)]
    names = [each["name"] for page in pages for each in page["labels"]]
    assert names == [f"l{number}" for number in reversed(range(12))]
    assert {page["totalCount"] for page in pages} == {12}


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "offset=-1", "entityType=TILL", "status=GONE"],
)
def test_list_errors_are_a_bare_message(call: Call, query: str) -> None:
    name, _, value = query.partition("=")
    status, answer = call("GET", LABELS, query={name: value})
    assert (status, list(answer)) == (400, ["message"])


def test_a_lock_refuses_writes_until_it_is_gone(sandbox: Sandbox, call: Call) -> None:
    sandbox.store.put("settings", "labels", {"locked": True})
    assert (create(call, item())[0], codes(create(call, item())[1])) == (409, [23015])
    assert codes(update(call, {"labelId": 1})[1]) == [23029]
    sandbox.store.delete("settings", "labels")
    assert create(call, item())[0] == 201


CUSTOMER = "/v2/organization/labels"


def customer_code(answer: Json) -> int:
    return int(answer["errors"][0]["code"])


def add(call: Call, *names: str) -> tuple[int, Json]:
    return call("POST", CUSTOMER, body={"orgLabels": [{"name": name} for name in names]})


def allow(call: Call, count: int) -> None:
    key = {"keyName": "ORG_MAX_LABEL_COUNT", "value": str(count), "scope": "ORG"}
    assert call("POST", "/v2/organization/configs", body=key)[0] == 200


def test_customer_labels_need_a_limit_and_keep_to_it(call: Call) -> None:
    assert customer_code(add(call, "a")[1]) == 33004
    allow(call, 2)
    assert customer_code(add(call, "a", "b", "c")[1]) == 33005
    assert add(call, "b", "A") == (200, {"entity": 100737, "warnings": []})
    assert customer_code(add(call, "c")[1]) == 33005
    labels = call("GET", CUSTOMER)[1]["data"]
    assert [(each["name"], each["active"]) for each in labels] == [("A", True), ("b", True)]
    assert all("description" not in each for each in labels)


def test_an_org_without_customer_labels_answers_an_error(seeded_call: Call) -> None:
    status, answer = seeded_call("GET", CUSTOMER)
    assert (status, customer_code(answer)) == (200, 33002)
    assert add(seeded_call, "first")[0] == 200


def test_refused_customer_labels(call: Call) -> None:
    allow(call, 9)
    assert customer_code(call("POST", CUSTOMER, body={"orgLabels": []})[1]) == 33006
    status, answer = add(call, "a", "A")
    assert (status, customer_code(answer)) == (409, 33003)
    assert customer_code(call("GET", CUSTOMER)[1]) == 33002
    assert add(call, "n" * 101) == (400, {})
    long = {"orgLabels": [{"name": "a", "description": "d" * 256}]}
    assert call("POST", CUSTOMER, body=long) == (400, {})
    assert call("POST", CUSTOMER, body={"orgLabels": [{}]}) == (400, {})
    assert add(call, "")[0] == 200
