"""What rewards are described with, in the sandbox: fields, groups, languages, limits and more."""

from __future__ import annotations

from typing import Any

import pytest

from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Call, Clock
from tests.sandbox.rewards_world import BRAND, PREFIX, World

Json = Any


@pytest.fixture
def world(sandbox: Sandbox, clock: Clock) -> World:
    return World.on(sandbox, clock)


def test_the_seeded_org_has_one_brand(seeded_call: Call, seeded: Sandbox) -> None:
    path = f"{PREFIX}/brand/getAll"
    status, answer = seeded_call("POST", path, body={"orgIds": [seeded.org_id]})
    brand = {"id": BRAND, "brand": "Acme", "enabled": True, "orgId": seeded.org_id}
    assert (status, answer["status"]["code"], answer["brandList"]) == (200, 3001, [brand])
    assert seeded_call("POST", path, body={"orgIds": [1]})[1]["brandList"] == []
    assert seeded_call("POST", path, body={})[0] == 400


def test_categories_are_unique_without_case_and_found_by_brand_name(world: World) -> None:
    world.category("Spa")
    taken = {"brandId": str(BRAND), "name": "SPA"}
    assert world.fail("POST", "/metadata/category/create", taken) == (400, 400)
    assert world.fail("POST", "/metadata/category/create", {"brandId": BRAND}) == (400, 400)
    found = world.send("GET", "/metadata/categories/brand/acme")["categoryList"]
    assert [one["name"] for one in found] == ["Spa"]
    assert "brandId" not in found[0]


def test_reads_are_cut_to_the_second(world: World) -> None:
    world.clock.now += 0.517
    made = world.send("POST", "/metadata/category/create", {"brandId": BRAND, "name": "Spa"})
    read = world.send("GET", f"/metadata/categories/brand/{BRAND}")["categoryList"][0]
    assert made["category"]["createdOn"] % 1000 == 517
    assert read["createdOn"] % 1000 == 0


def config(world: World) -> dict[str, tuple[str, int | None]]:
    found = world.send("GET", f"/brand/{BRAND}/getConfig")["configList"]
    return {one["configKeyName"]: (one["configKeyValue"], one["brandId"]) for one in found}


def test_config_values_come_back_in_another_case(world: World) -> None:
    world.config("CONF_EXT_POINTS_VENDOR", "False")
    assert config(world)["CONF_EXT_POINTS_VENDOR"] == ("FALSE", BRAND)
    world.config("CONF_EXT_POINTS_VENDOR", "TRUE")
    assert config(world)["CONF_EXT_POINTS_VENDOR"] == ("true", BRAND)


def test_org_wide_keys_have_no_brand(world: World) -> None:
    world.config("CONF_ENABLE_ORG_TIMEZONE", "true")
    assert config(world)["CONF_ENABLE_ORG_TIMEZONE"] == ("true", None)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("CONF_NOPE", "true", (400, 3011)),
        ("CONF_EXT_POINTS_VENDOR", "yes", (400, 400)),
        ("CONF_START_OF_THE_WEEK_FOR_ORG_RESTRICTION", "monday", (400, 400)),
        ("CONF_SEND_EXPIRY_NOTIFICATION_FOR_REWARD_TIME", "24:00", (400, 400)),
        ("CONF_CATALOG_PROMOTION_BUFFER_END_TIME_MINUTES", "31", (400, 400)),
        ("CONF_EXT_POINTS_VENDOR", "", (400, 400)),
    ],
)
def test_what_config_refuses(
    world: World, name: str, value: str, expected: tuple[int, int]
) -> None:
    body = {"configKeyName": name, "configKeyValue": value, "brandId": BRAND}
    assert world.fail("POST", "/brand/config", body) == expected


def test_an_unknown_brand_is_refused_under_http_200(world: World) -> None:
    for path in ("/brand/9/getConfig", "/metadata/categories/brand/9", "/vendor/brand/9"):
        assert world.fail("GET", path) == (200, 3004)


def test_languages(world: World) -> None:
    world.language("pt-BR", "Portuguese")
    world.language("pt-PT", "Portuguese")
    taken = {"code": "PT-br", "name": "Portuguese"}
    assert world.fail("POST", "/metadata/language/create", taken) == (200, 2107)
    assert world.fail("PUT", "/metadata/language/xx/status/enable") == (200, 2104)
    assert world.fail("PUT", "/metadata/language/en/status/disable") == (400, 400)
    assert world.fail("PUT", "/metadata/language/fr/status/remove") == (400, 400)
    codes = [one["code"] for one in world.send("GET", "/metadata/languages")["languageList"]]
    assert codes == ["de", "en", "fr", "pt-BR", "pt-PT"]


FIELD = {"name": "Size", "description": "", "scope": "REWARD", "dataType": "STRING"}
ENUM = {"dataType": "ENUM", "enumValues": ["S", "M"], "defaultValue": "S"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": None}, 400),
        ({"description": None}, 400),
        ({"dataType": None}, 400),
        ({"dataType": "FLOAT"}, 400),
        ({"scope": "BADGE"}, 400),
        ({"isMandatory": True}, 400),
        ({"name": "taken"}, 400),
        ({**ENUM, "enumValues": []}, 400),
        ({**ENUM, "enumValues": [f"v{n}" for n in range(31)]}, 400),
        ({**ENUM, "enumValues": ["S", " "]}, 3030),
        ({**ENUM, "enumValues": ["S", "x" * 81]}, 3028),
        ({**ENUM, "enumValues": ["S", "M/L"]}, 3024),
        ({**ENUM, "enumValues": ["S", "S"]}, 3029),
        ({**ENUM, "defaultValue": "L"}, 3025),
        ({**ENUM, "defaultValue": None}, 3025),
    ],
)
def test_what_a_custom_field_create_refuses(world: World, change: Json, code: int) -> None:
    world.field("Taken")
    body = {**FIELD, **change}
    assert world.fail("POST", "/brand/customfield", body) == (400, code)


def test_ten_fields_of_the_issue_scope_are_the_most(world: World) -> None:
    for number in range(10):
        world.field(f"Field {number}", scope="ISSUE_REWARD")
    body = {**FIELD, "scope": "ISSUE_REWARD"}
    assert world.fail("POST", "/brand/customfield", body) == (400, 3022)


def test_a_field_is_made_active_and_loses_values_that_its_type_has_not(world: World) -> None:
    made = world.send("POST", "/brand/customfield", {**FIELD, **ENUM, "isActive": False})
    assert (made["isActive"], made["enumValues"]) == (True, ["S", "M"])
    made = world.send(
        "POST", "/brand/customfield", {**FIELD, **ENUM, "name": "Colour", "dataType": "STRING"}
    )
    assert (made["defaultValue"], made["enumValues"]) == (None, None)


def test_a_disabled_field_is_gone_for_good(world: World) -> None:
    id = world.field("Size")
    assert world.send("PUT", f"/brand/customfield/{id}", {**FIELD, "isActive": False}) is not None
    assert world.send("GET", "/brand/customfield") == []
    assert world.fail("PUT", f"/brand/customfield/{id}", FIELD) == (400, 400)
    assert world.field("Size") != id


def test_a_field_may_change_its_name_but_not_its_type(world: World) -> None:
    id = world.field("Size")
    world.field("Size", scope="ISSUE_REWARD")
    world.field("Colour")
    put = f"/brand/customfield/{id}"
    assert world.send("PUT", put, {**FIELD, "name": "Shirt size"})["name"] == "Shirt size"
    assert world.fail("PUT", put, {**FIELD, "name": "Colour"}) == (400, 400)
    assert world.fail("PUT", put, {**FIELD, "dataType": "INTEGER"}) == (400, 400)
    assert world.fail("PUT", put, {**FIELD, "scope": "ISSUE_REWARD"}) == (400, 400)
    assert world.fail("GET", "/brand/customfield", scope="BADGE") == (400, 400)
    newest = world.send("GET", "/brand/customfield", sortBy="lastUpdatedOn")
    assert len(newest) == 3


def rich_names(world: World, **query: Json) -> list[str]:
    page = world.send("GET", "/brand/richContentMeta", **query)
    return [one["name"] for one in page["richContentMetaROS"]]


def test_rich_content_is_replaced_and_listed_by_state(world: World) -> None:
    id = world.rich("delivery", description="d", defaultValue="x")
    body = {"name": "delivery", "isMandatory": False, "scope": "REWARD", "isActive": False}
    changed = world.send("PUT", f"/brand/richContentMeta/{id}", body)
    assert (changed["description"], changed["defaultValue"]) == (None, None)
    assert rich_names(world) == rich_names(world, status="ACTIVE") == []
    assert rich_names(world, status="INACTIVE") == ["delivery"]
    del body["isActive"]
    assert world.send("PUT", f"/brand/richContentMeta/{id}", body)["isActive"] is True


def test_rich_content_repeats_a_state_that_it_ignores(world: World) -> None:
    body = {"name": "delivery", "isMandatory": False, "scope": "REWARD", "isActive": False}
    assert world.send("POST", "/brand/richContentMeta", body)["isActive"] is False
    assert rich_names(world) == ["delivery"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"name": "x" * 257},
        {"description": "x" * 257},
        {"isMandatory": None},
        {"isMandatory": True},
        {"scope": "ISSUE_REWARD"},
        {"scope": None},
        {"defaultValue": "x" * 50001},
        {"name": "Taken"},
    ],
)
def test_what_rich_content_refuses(world: World, change: Json) -> None:
    world.rich("taken")
    body = {"name": "delivery", "isMandatory": False, "scope": "REWARD", **change}
    assert world.fail("POST", "/brand/richContentMeta", body) == (400, 400)


def test_twenty_active_rich_contents_are_the_most(world: World) -> None:
    for number in range(20):
        world.rich(f"text-{number}")
    body = {"name": "text-20", "isMandatory": False, "scope": "REWARD"}
    assert world.fail("POST", "/brand/richContentMeta", body) == (400, 400)
    off = world.send("GET", "/brand/richContentMeta")["richContentMetaROS"][0]["id"]
    put = f"/brand/richContentMeta/{off}"
    world.send("PUT", put, {**body, "isActive": False})
    world.rich("text-21")
    assert world.fail("PUT", put, body) == (400, 400)
    assert world.fail("PUT", "/brand/richContentMeta/1", body) == (400, 400)
    assert world.fail("GET", "/brand/richContentMeta", status="ANY") == (400, 400)
    page = world.send("GET", "/brand/richContentMeta", size=60, page=0)["pagingDto"]
    assert (page["size"], page["numberOfElements"]) == (50, 20)
    assert len(rich_names(world)) == 10


def group_names(world: World, **query: Json) -> list[str]:
    return [one["name"] for one in world.send("GET", "/group", **query)["groupRoList"]]


def test_groups_are_replaced_and_listed_by_state(world: World) -> None:
    family = world.group("Family", rank=2)
    world.group("Summer", rank=1)
    world.group("Winter")
    world.send("PUT", f"/group/{family}", {"name": "Family", "isActive": False})
    assert group_names(world) == ["Winter", "Summer"]
    assert group_names(world, active=False) == ["Family"]
    assert group_names(world, orderBy="DESC") == ["Summer", "Winter"]
    assert group_names(world, name="UMM") == ["Summer"]
    again = world.send("PUT", f"/group/{family}", {"name": "Family"})
    assert (again["rank"], again["isActive"]) == (None, True)


def test_group_names_are_unique_without_case(world: World) -> None:
    family, summer = world.group("Family"), world.group("Summer")
    assert world.fail("POST", "/group/create", {"name": "FAMILY"}) == (400, 12012)
    assert world.fail("PUT", f"/group/{summer}", {"name": "family"}) == (400, 12012)
    assert world.fail("POST", "/group/create", {"name": None}) == (400, 400)
    assert world.send("PUT", f"/group/{family}", {"name": "FAMILY"})["name"] == "FAMILY"
    world.send("PUT", f"/group/{family}", {"name": "Kids"})
    world.group("Family")
    assert world.fail("GET", "/group/1") == (400, 400)


def test_groups_come_ten_a_page(world: World) -> None:
    for number in range(11):
        world.group(f"Group {number}", rank=number)
    assert len(group_names(world)) == 10
    assert group_names(world, page=1) == ["Group 10"]
    assert len(group_names(world, size=10000)) == 11


def test_fulfilment_statuses_hide_their_ids_and_may_be_twins(world: World) -> None:
    made = world.send("POST", "/fulfillmentStatus", [{"name": "Packed"}, {"name": "Packed"}])
    assert all("id" not in one and one["isEnabled"] for one in made)
    listed = world.send("GET", "/fulfillmentStatus")
    assert [one["name"] for one in listed] == ["Packed", "Packed"]
    change = {"id": listed[0]["id"], "name": "Sent", "isEnabled": False}
    changed = world.send("PUT", "/fulfillmentStatus", [change])
    assert set(changed[0]) == {*change, "orgId", "lastUpdatedBy", "lastUpdatedOn"}
    assert world.send("GET", "/fulfillmentStatus")[0]["isEnabled"] is False


def test_a_bulk_write_with_a_fault_keeps_nothing(world: World) -> None:
    assert world.fail("POST", "/fulfillmentStatus", [{"name": "Packed"}, {}]) == (400, 400)
    assert world.fail("POST", "/fulfillmentStatus", []) == (400, 400)
    assert world.send("GET", "/fulfillmentStatus") == []
    unknown = {"id": 1, "name": "x", "isEnabled": True}
    assert world.fail("PUT", "/fulfillmentStatus", [unknown]) == (400, 400)


def test_reminders_fall_back_to_the_default_time(world: World) -> None:
    made = world.reminder(duration="12", timing="10:00")
    assert (made["duration"], made["durationType"]) == (12, "DAYS")
    path = f"/reward/expiryReminder/{made['id']}"
    changed = world.send("PUT", path, {"duration": 13})["rewardExpiryReminder"]
    assert (changed["timing"], changed["isActive"]) == ("16:00", True)
    world.send("PUT", path, {"duration": 13, "isActive": False})
    listed = world.send("GET", "/reward/expiryReminder")
    assert (listed["rewardExpiryReminder"], "status" in listed) == ([], False)
    listed = world.send("GET", "/reward/expiryReminder", filter="INACTIVE")
    assert listed["pagingDto"]["totalElements"] == 1


@pytest.mark.parametrize(
    "body", [{}, {"duration": -1}, {"duration": 1, "timing": "25:00"}, {"duration": "soon"}]
)
def test_what_reminders_refuse(world: World, body: Json) -> None:
    assert world.fail("POST", "/reward/expiryReminder", body) == (400, 400)


def test_reminder_pages(world: World) -> None:
    world.reminder(duration=0)
    path = "/reward/expiryReminder"
    assert world.fail("GET", path, size=0) == (400, 400)
    assert world.fail("GET", path, page="x") == (400, 400)
    assert world.fail("GET", path, filter="true") == (400, 400)
    assert world.fail("PUT", f"{path}/1", {"duration": 1}) == (400, 400)


BY_TYPE = {"constraintLevel": "CUSTOMER_REDEMPTION_TYPE", "redemptionType": "MILES"}


def constraints(world: World, method: str, *items: Json) -> list[tuple[int, int | None]]:
    """Codes and ids of the items of a bulk call, in the order of the answer."""
    whole = {"kpi": "POINTS", "constraintLevel": "CUSTOMER", "frequencyType": "DAILY"}
    whole |= {"intervalValue": 1, "constraintLimitValue": 6, "isActive": True}
    answer = world.send(method, "/brand/constraints", [{**whole, **one} for one in items])
    return [(one["status"]["code"], one.get("rewardConstraintId")) for one in answer]


def test_every_item_of_a_bulk_call_has_its_own_outcome(world: World) -> None:
    made = constraints(
        world,
        "POST",
        {},
        {"constraintLimitValue": 7},
        {**BY_TYPE, "isActive": False},
        {**BY_TYPE, "rewardConstraintId": 1},
        {**BY_TYPE, "frequencyType": "WEEKLY"},
    )
    assert [code for code, _ in made] == [12018, 12016, 0, 0, 12022]
    assert len(world.send("GET", "/brand/constraints")) == 2


def test_a_limit_that_is_off_is_not_listed_and_holds_its_place(world: World) -> None:
    id = world.limit()["rewardConstraintId"]
    off = {"rewardConstraintId": id, "isActive": False}
    assert constraints(world, "PUT", off) == [(0, id)]
    assert world.send("GET", "/brand/constraints") == []
    assert constraints(world, "POST", {}) == [(12014, id)]
    assert constraints(world, "PUT", {"rewardConstraintId": id}) == [(0, id)]
    assert len(world.send("GET", "/brand/constraints")) == 1


def test_updates_of_limits_need_ids_and_free_places(world: World) -> None:
    first = world.limit()["rewardConstraintId"]
    second = world.limit(**BY_TYPE)["rewardConstraintId"]
    assert constraints(world, "PUT", {}, BY_TYPE) == [(12017, None), (12017, None)]
    assert constraints(world, "PUT", {"rewardConstraintId": 1}) == [(12015, 1)]
    assert constraints(world, "PUT", {"rewardConstraintId": second}) == [(12014, second)]
    moved = {"rewardConstraintId": first, "frequencyType": "MONTHLY"}
    assert constraints(world, "PUT", moved) == [(0, first)]
    assert constraints(world, "PUT", {"rewardConstraintId": second}) == [(0, second)]


def test_an_update_holds_to_the_caps_and_to_one_item_per_limit(world: World) -> None:
    off = world.limit()["rewardConstraintId"]
    constraints(world, "PUT", {"rewardConstraintId": off, "isActive": False})
    for label in range(15):
        id = world.limit(constraintLevel="CUSTOMER_LABEL", label=f"label {label}")
    assert constraints(world, "PUT", {"rewardConstraintId": off}) == [(12020, off)]
    labelled = {"constraintLevel": "CUSTOMER_LABEL", "label": "label 14"}
    twice = {**labelled, "rewardConstraintId": id["rewardConstraintId"]}
    assert [code for code, _ in constraints(world, "PUT", twice, twice)] == [0, 12022]
    assert len(world.send("GET", "/brand/constraints", sortBy="lastUpdatedOn")) == 15


def test_limits_are_retyped_and_follow_the_week(world: World) -> None:
    program = {"constraintLevel": "CUSTOMER_LOYALTY_PROGRAM", "programId": 512}
    made = world.limit(**program, frequencyType="WEEKLY", redemptionType="MILES")
    assert (made["programId"], made["startDayOfTheWeek"]) == ("512", "MONDAY")
    assert not {"intervalValue", "redemptionType"} & made.keys()
    world.config("CONF_START_OF_THE_WEEK_FOR_ORG_RESTRICTION", "FRIDAY")
    assert world.send("GET", "/brand/constraints")[0]["startDayOfTheWeek"] == "FRIDAY"


def test_fifteen_active_limits_and_fifty_in_all(world: World) -> None:
    for label in range(15):
        world.limit(constraintLevel="CUSTOMER_LABEL", label=f"label {label}")
    assert constraints(world, "POST", {}) == [(12020, None)]
    off = {"constraintLevel": "CUSTOMER_LABEL", "isActive": False}
    for number in range(35):
        row = world.send("GET", "/brand/constraints")[0]
        id = row["rewardConstraintId"]
        constraints(world, "PUT", {**off, "rewardConstraintId": id, "label": row["label"]})
        world.limit(constraintLevel="CUSTOMER_LABEL", label=f"more {number}")
    row = world.send("GET", "/brand/constraints")[0]
    id = row["rewardConstraintId"]
    constraints(world, "PUT", {**off, "rewardConstraintId": id, "label": row["label"]})
    assert constraints(world, "POST", {}) == [(12019, None)]


@pytest.mark.parametrize(
    "change",
    [
        {"kpi": "VALUE"},
        {"constraintLevel": "NOBODY"},
        {"frequencyType": "YEARLY"},
        {"intervalValue": None},
        {"constraintLimitValue": None},
        {"isActive": None},
        {"constraintLevel": "CUSTOMER_TIER"},
        {"constraintLevel": "CUSTOMER_SEGMENT", "segmentId": "7301"},
        {"redemptionType": "GIFT"},
    ],
)
def test_a_malformed_item_refuses_the_whole_call(world: World, change: Json) -> None:
    item = {"kpi": "POINTS", "constraintLevel": "CUSTOMER", "frequencyType": "DAILY"}
    item |= {"intervalValue": 1, "constraintLimitValue": 6, "isActive": True}
    body = [{**item, **BY_TYPE}, {**item, **change}]
    assert world.fail("POST", "/brand/constraints", body) == (400, 400)
    assert world.send("GET", "/brand/constraints") == []
