"""Badge groups, badge custom fields and the org meta of badges."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import Call, Clock
from tests.sandbox.test_badges import BADGE, create, read, refused

GROUP = "/api_gateway/v1/badges/group"
FIELD = "/api_gateway/v1/badges/customField"
META = "/api_gateway/v1/badges/orgMeta"


def made(call: Call, path: str, **body: Any) -> Any:
    status, answer = call("POST", path, body=body)
    assert status in (200, 201), answer
    return answer["data"]


def test_no_two_kinds_share_an_id(call: Call) -> None:
    group = call("POST", GROUP, body={"name": "G", "rank": 1})[1]["data"]["id"]
    field = call("POST", FIELD, body={"name": "F", "dataType": "STRING"})[1]["data"]["id"]
    assert group != field
    assert len(group) == len(field) == 24


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, [732, 735]),
        ({"name": "G"}, [732]),
        ({"rank": 1}, [735]),
        ({"name": "taken", "rank": 1}, [733]),
        ({"name": "G", "rank": "first"}, [400]),
    ],
)
def test_refusals_of_groups(call: Call, body: Any, codes: list[int]) -> None:
    made(call, GROUP, name="taken", rank=1)
    other = made(call, GROUP, name="other", rank=1)
    assert refused(call("POST", GROUP, body=body)) == (400, codes)
    assert refused(call("PUT", f"{GROUP}/{other['id']}", body=body)) == (400, codes)


def groups(call: Call, **query: Any) -> list[str]:
    return [g["name"] for g in call("GET", GROUP, query=query)[1]["data"]["badgeGroups"]]


def test_groups_are_listed_oldest_first_ten_a_page(call: Call) -> None:
    for number in range(12):
        made(call, GROUP, name=f"g{number:02}", rank=99 - number)
    assert groups(call) == [f"g{number:02}" for number in range(10)]
    assert groups(call, page=1) == ["g10", "g11"]
    assert groups(call, size=2, order="DESC") == ["g11", "g10"]
    block = call("GET", GROUP, query={"size": 100})[1]["data"]["pagination"]
    assert block == {"page": 0, "size": 100, "total": 12, "totalPages": 1}


def test_a_group_is_renamed_and_ranks_may_be_text(call: Call) -> None:
    group = made(call, GROUP, name="a", rank="3")
    assert group["rank"] == 3
    call("PUT", f"{GROUP}/{group['id']}", body={"name": "A", "rank": 214748364})
    assert made(call, GROUP, name="a", rank=1)["name"] == "a"
    assert refused(call("POST", GROUP, body={"name": "A", "rank": 1})) == (400, [733])


def test_a_disabled_group_gives_its_name_free(call: Call) -> None:
    group = made(call, GROUP, name="G", rank=1)
    path = f"{GROUP}/{group['id']}"
    off = call("PUT", path, body={"name": "G", "rank": 1, "isActive": False})[1]["data"]
    assert (off["isActive"], groups(call)) == (False, [])
    assert call("GET", path)[1]["data"]["isActive"] is False
    made(call, GROUP, name="G", rank=2)
    assert refused(call("PUT", path, body={"name": "G", "rank": 1})) == (400, [733])


@pytest.mark.parametrize("path", [f"{GROUP}/x", f"{FIELD}/x"])
def test_unknown_ids(call: Call, path: str) -> None:
    assert refused(call("GET", path)) == (404, [404])
    assert refused(call("PUT", path, body={"name": "n"})) == (404, [404])


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({"dataType": "STRING"}, [400]),
        ({"name": "f"}, [741]),
        ({"name": "f", "dataType": "string"}, [400]),
        ({"name": "taken", "dataType": "STRING"}, [740]),
        ({"name": "f", "dataType": "STRING", "isMandatory": True}, [742]),
        ({"name": "f", "dataType": "INTEGER", "defaultValue": "many"}, [744]),
        ({"name": "f", "dataType": "BOOLEAN", "defaultValue": "yes"}, [745]),
        ({"name": "f", "dataType": "DATE", "defaultValue": "soon"}, [400]),
        ({"name": "taken", "isMandatory": True}, [740, 741, 742]),
    ],
)
def test_refusals_of_fields(call: Call, body: Any, codes: list[int]) -> None:
    made(call, FIELD, name="taken", dataType="STRING")
    assert refused(call("POST", FIELD, body=body)) == (400, codes)


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("STRING", "null", "null"),
        ("STRING", "", ""),
        ("STRING", None, None),
        ("INTEGER", 5, "5"),
        ("INTEGER", "", ""),
        ("BOOLEAN", True, "true"),
        ("DATE", "2026-01-18 09:09:09", "2026-01-18T09:09:09Z"),
        ("DATE", "2026-01-18T09:09:09+05:30", "2026-01-18T03:39:09Z"),
    ],
)
def test_default_values_are_text(call: Call, kind: str, sent: Any, kept: Any) -> None:
    field = made(call, FIELD, name="f", dataType=kind, defaultValue=sent)
    assert (field["defaultValue"], field["isMandatory"]) == (kept, False)


def test_the_type_of_a_field_stays(call: Call) -> None:
    field = made(call, FIELD, name="f", dataType="STRING", defaultValue="x")
    path = f"{FIELD}/{field['id']}"
    assert refused(call("PUT", path, body={"name": "f", "dataType": "DATE"})) == (400, [746])
    assert refused(call("PUT", path, body={"name": "f"})) == (400, [741])
    changed = call("PUT", path, body={"name": "g", "dataType": "STRING"})[1]["data"]
    assert (changed["name"], changed["defaultValue"]) == ("g", None)
    assert made(call, FIELD, name="f", dataType="DATE")["id"] != field["id"]


def fields(call: Call, **query: Any) -> list[str]:
    data = call("GET", FIELD, query=query)[1]["data"]
    return [field["name"] for field in data["customFieldROList"]]


def test_fields_are_listed_newest_change_first(call: Call, clock: Clock) -> None:
    first = made(call, FIELD, name="a", dataType="STRING")
    for name in "bc":
        clock.now += 1
        made(call, FIELD, name=name, dataType="STRING")
    assert fields(call) == ["c", "b", "a"]
    clock.now += 1
    call("PUT", f"{FIELD}/{first['id']}", body={"name": "a", "dataType": "STRING"})
    assert fields(call, sortOn="LAST_UPDATED_DATE") == ["a", "c", "b"]
    assert fields(call, order="ASC", size=2) == ["b", "c"]
    assert fields(call, isActive="false") == []
    for number in range(9):
        made(call, FIELD, name=f"x{number}", dataType="STRING")
    assert len(fields(call)) == 10


def test_a_disabled_field_is_gone_for_good(call: Call) -> None:
    field = made(call, FIELD, name="f", dataType="STRING", isMandatory=True, defaultValue="d")
    badge = create(call, customFields={"f": "mine"})
    path, body = f"{FIELD}/{field['id']}", {"name": "f", "dataType": "STRING"}
    off = call("PUT", path, body={**body, "isActive": False})
    assert off[1]["data"]["isActive"] is False
    assert fields(call) == []
    assert refused(call("GET", path)) == (404, [404])
    assert refused(call("PUT", path, body={**body, "isActive": True})) == (404, [404])
    assert read(call, badge)["customFields"] == {}
    assert made(call, FIELD, name="f", dataType="INTEGER")["id"] != field["id"]


def test_mandatory_fields_show_up_in_every_badge(call: Call) -> None:
    badge = create(call, customFields={"Own": 7, "Flag": True, "Nothing": None})
    assert badge["customFields"] == {"Own": "7", "Flag": "true", "Nothing": "null"}
    body = {"name": "Must", "dataType": "STRING", "isMandatory": True, "defaultValue": "d"}
    field = made(call, FIELD, **body)
    assert read(call, badge)["customFields"]["Must"] == "d"
    assert call("GET", BADGE)[1]["data"]["metaBasicDetails"][0]["customFields"]["Must"] == "d"
    path = f"{FIELD}/{field['id']}"
    call("PUT", path, body={**body, "isMandatory": False})
    assert "Must" not in read(call, badge)["customFields"]


def test_a_renamed_field_renames_values(call: Call) -> None:
    field = made(call, FIELD, name="old", dataType="STRING")
    badge = create(call, customFields={"old": "v"})
    call("PUT", f"{FIELD}/{field['id']}", body={"name": "new", "dataType": "STRING"})
    assert read(call, badge)["customFields"] == {"new": "v"}


def test_org_meta_life_cycle(call: Call) -> None:
    tags = [{"key": "Kind", "dataType": "string"}]
    assert refused(call("GET", META)) == (404, [404])
    assert refused(call("PUT", META, body={"tags": tags})) == (404, [404])
    assert refused(call("POST", META, body={})) == (400, [400])
    assert refused(call("POST", META, body={"tags": [{"key": "Kind"}]})) == (400, [400])
    meta = made(call, META, orgId=1, tags=tags)
    assert meta["tags"] == [
        {"key": "Kind", "dataType": "string", "description": None, "mandatory": False}
    ]
    assert meta["orgId"] == 100737
    changed = call("PUT", META, body={"orgId": 1, "tags": []})[1]["data"]
    assert (changed["id"], changed["tags"]) == (meta["id"], [])
    assert call("GET", META)[1]["errors"] is None
