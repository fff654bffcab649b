"""Vendors, their redemptions, and catalog promotions in the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Clock
from tests.sandbox.rewards_world import ACTION, BRAND, PREFIX, World, seconds

Json = Any

IMAGE = {"name": "front", "id": "5b0e7f3a", "isExternal": False}


@pytest.fixture
def world(sandbox: Sandbox, clock: Clock) -> World:
    return World.on(sandbox, clock)


def vendor_put(world: World, id: int, **members: Json) -> Json:
    body = {"name": "Quayside", "enabled": True, "type": "REWARDS", **members}
    return world.send("PUT", f"/vendor/{id}", body)


def vendor_fail(world: World, id: int, **members: Json) -> tuple[int, int]:
    body = {"name": "Quayside", "enabled": True, "type": "REWARDS", **members}
    return world.fail("PUT", f"/vendor/{id}", body)


def details(world: World, id: int) -> Json:
    return world.send("GET", f"/vendor/{id}/details")["vendor"]


def test_secrets_are_masked_everywhere(world: World) -> None:
    id = world.vendor("Quayside", vendorDetails={"clientSecret": "s3cret", "account": "a" * 20})
    masks = {"clientSecret": "*" * 24, "account": "*" * 44}
    assert details(world, id)["vendorDetails"] == masks
    listed = world.send("GET", f"/vendor/brand/{BRAND}")["vendorList"]
    assert listed[0]["vendorDetails"] == masks
    changed = vendor_put(world, id, vendorDetails={"clientSecret": "other"})
    assert changed == {
        "status": {"success": True, "code": "VENDOR_UPDATED", "message": "vendor updated"},
        "vendor": {"id": id, "name": "Quayside", "vendorDetails": {"clientSecret": "*" * 24}},
    }


def test_an_update_merges(world: World) -> None:
    about = {"code": "QUAY", "rank": 4, "description": "d", "images": [IMAGE]}
    id = world.vendor("Quayside", **about, vendorDetails={"clientSecret": "s3cret"})
    answer = vendor_put(world, id)
    assert answer["status"]["code"] == 5010
    kept = details(world, id)
    assert (kept["code"], kept["rank"], kept["description"]) == ("QUAY", 4, "d")
    assert len(kept["vendorDetails"]) == len(kept["images"]) == 1
    blank = dict.fromkeys(("code", "rank", "description", "images", "vendorDetails"))
    vendor_put(world, id, **blank)
    cleared = details(world, id)
    assert (cleared["code"], cleared["rank"], cleared["description"]) == (str(id), None, None)
    assert (cleared["vendorDetails"], cleared["images"]) == ({}, [])


def test_uploaded_media_come_back_with_a_link(world: World) -> None:
    external = {"name": "sign", "url": "https://media.example.com/s.png", "isExternal": True}
    id = world.vendor("Quayside", images=[IMAGE, external])
    shown = details(world, id)["images"]
    assert shown[0]["url"].startswith("http://sandbox/sandbox-files/5b0e7f3a?X-Amz-")
    assert shown[1] == {**external, "id": None, "altText": None}


def test_names_and_codes_are_unique(world: World) -> None:
    id = world.vendor("Quayside", code="QUAY")
    other = world.vendor("Orchard", code="ORCH")
    body = {"name": "QUAYSIDE", "brandId": BRAND, "type": "REWARDS"}
    assert world.fail("POST", "/vendor/create", body) == (200, 5007)
    body = {"name": "Pine", "brandId": BRAND, "type": "REWARDS", "code": "quay"}
    assert world.fail("POST", "/vendor/create", body) == (409, 409)
    assert vendor_fail(world, other) == (200, 5007)
    assert vendor_fail(world, other, name="Orchard", code="QUAY") == (409, 409)
    vendor_put(world, id, name="Pier", code="PIER")
    vendor_put(world, other, code="QUAY")


def test_a_brand_has_one_points_vendor_and_its_own_list(world: World) -> None:
    bank = world.vendor("Bank", type="POINTS")
    world.vendor("Quayside")
    body = {"name": "Bank 2", "brandId": BRAND, "type": "POINTS"}
    assert world.fail("POST", "/vendor/create", body) == (409, 409)
    assert vendor_fail(world, bank, name="Bank") == (400, 400)
    pier = world.vendor("Pier")
    assert vendor_fail(world, pier, name="Pier", type="POINTS") == (409, 409)
    world.send("PUT", f"/vendor/{pier}", {"name": "Pier", "enabled": True, "type": "REWARDS"})
    path = f"/vendor/brand/{BRAND}"
    names = {
        kind: [one["name"] for one in world.send("GET", path, **query)["vendorList"]]
        for kind, query in (("default", {}), ("points", {"type": "POINTS"}))
    }
    assert names == {"default": ["Quayside", "Pier"], "points": ["Bank"]}
    assert world.fail("GET", path, type="BOTH") == (400, 400)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": ""}, (400, 400)),
        ({"type": "OTHER"}, (400, 400)),
        ({"brandId": 99999}, (200, 3004)),
        ({"rank": 0}, (400, 400)),
        ({"description": "x" * 1035}, (400, 400)),
        ({"isEncryptionRequired": True}, (400, 400)),
        ({"isEncryptionRequired": None}, (400, 400)),
        ({"images": [{**IMAGE, "name": f"i{n}"} for n in range(6)]}, (400, 400)),
        ({"videos": [{"name": "clip"}]}, (400, 400)),
    ],
)
def test_what_a_vendor_create_refuses(
    world: World, change: Json, expected: tuple[int, int]
) -> None:
    body = {"name": "Pine", "brandId": BRAND, "type": "REWARDS", **change}
    assert world.fail("POST", "/vendor/create", body) == expected


def test_vendor_status_and_filters(world: World) -> None:
    id = world.vendor("Quayside", code="QUAY", vendorDetails={"key": "x"})
    world.later()
    world.vendor("Orchard")
    path = f"/vendor/{id}/status/disable/brand/{BRAND}"
    answer = world.send("PUT", path)
    assert (answer["vendorRo"]["enabled"], answer["vendorRo"]["vendorDetails"]) == (False, None)
    assert list(details(world, id)["vendorDetails"]) == ["key"]
    listing = f"/vendor/brand/{BRAND}"
    for query, names in (
        ({"enabled": True}, ["Orchard"]),
        ({"enabled": False}, ["Quayside"]),
        ({"code": "QUAY"}, ["Quayside"]),
        ({"sortBy": "lastUpdatedOn", "orderBy": "ASC"}, ["Quayside", "Orchard"]),
    ):
        found = world.send("GET", listing, **query)["vendorList"]
        assert sorted(one["name"] for one in found) == sorted(names)
    assert world.fail("PUT", f"/vendor/1/status/enable/brand/{BRAND}") == (200, 5004)
    assert world.fail("PUT", f"/vendor/{id}/status/stop/brand/{BRAND}") == (400, 400)


def redemption_put(world: World, id: int, vendor: int, *actions: Json, **members: Json) -> Json:
    body = {"redemptionType": "MILES", "actions": actions, "vendorId": str(vendor), **members}
    answer = world.send("PUT", f"/vendor/redemption/{id}/brand/{BRAND}", body)
    return answer["redemption"]


def redemption(world: World, vendor: int, id: int) -> Json:
    path = f"/vendor/{vendor}/redemption/{id}/brand/{BRAND}"
    return world.send("GET", path)["redemption"]


def test_actions_without_an_id_are_added_by_an_update(world: World) -> None:
    vendor = world.vendor("Quayside")
    id = world.redemption(vendor, "Two tickets", actions=[ACTION])
    assert redemption_put(world, id, vendor, ACTION)["actionCount"] == 2
    shown = redemption(world, vendor, id)
    first = shown["redemptionActionList"][0]
    changed = {**ACTION, "name": "renamed", "enabled": False, "actionId": str(first["id"])}
    assert redemption_put(world, id, vendor, changed)["actionCount"] == 2
    after = redemption(world, vendor, id)["redemptionActionList"]
    assert [one["name"] for one in after] == ["renamed", "issue ticket"]
    assert after[0]["apiHeaders"]["Authorization"] == "Basic <vendor credentials>"
    assert (shown["vendorId"], shown["vendorName"], shown["name"]) == (vendor, None, "Two tickets")


def test_a_redemption_keeps_what_an_update_leaves_out(world: World) -> None:
    vendor = world.vendor("Quayside")
    id = world.redemption(vendor, "Two tickets", responseKeys=["voucher"])
    assert redemption(world, vendor, id)["redemptionActionList"] is None
    redemption_put(world, id, vendor, redemptionType="GAMES", enabled=False)
    shown = redemption(world, vendor, id)
    assert (shown["responseKeys"], shown["redemptionType"]) == (["voucher"], "GAMES")
    redemption_put(world, id, vendor)
    assert redemption(world, vendor, id)["enabled"] is False


def test_names_of_redemptions_repeat_and_summaries_count(world: World) -> None:
    vendor = world.vendor("Quayside")
    first = world.redemption(vendor, "Two tickets")
    world.later()
    second = world.redemption(vendor, "Two tickets", actions=[ACTION])
    path = f"/vendor/{vendor}/redemption/brand/{BRAND}"
    found = world.send("GET", path)["redemptionList"]
    assert [(one["id"], one["actionCount"]) for one in found] == [(second, 1), (first, 0)]
    paged = world.send("GET", path, page=1, size=1)["redemptionList"]
    assert [one["id"] for one in paged] == [first]
    assert details(world, vendor)["redemptionsConfigured"] == 2
    moved = world.vendor("Orchard")
    redemption_put(world, first, moved)
    assert [one["id"] for one in world.send("GET", path)["redemptionList"]] == [second]


def test_the_org_wide_list_of_redemptions(world: World) -> None:
    vendor = world.vendor("Quayside")
    for number in range(51):
        world.redemption(vendor, f"Ticket {number}")
    page = world.send("GET", "/vendor/redemptions")
    assert len(page["redemptionList"]) == 50
    assert page["redemptionList"][0]["vendorName"] == "Quayside"
    assert page["pagingDetails"]["totalElements"] == 51
    for query in ({"vendorId": 1}, {"vendorIds": 1}, {"redemptionType": "GAMES"}):
        assert world.send("GET", "/vendor/redemptions", **query)["redemptionList"] == []
    assert world.fail("GET", "/vendor/redemptions", redemptionType="NONE") == (200, 2110)


def test_what_redemptions_refuse(world: World) -> None:
    vendor = world.vendor("Quayside")
    id = world.redemption(vendor, "Two tickets")
    create = {"brandId": BRAND, "vendorId": vendor, "name": "n", "redemptionType": "MILES"}
    for change, code in (
        ({"vendorId": 1}, 5013),
        ({"name": None}, 400),
        ({"redemptionType": "NONE"}, 400),
        ({"actions": [{"name": "n"}]}, 400),
    ):
        answer = world.fail("POST", "/vendor/redemption/create", {**create, **change})
        assert answer == (400, code)
    path = f"/vendor/redemption/{id}/brand/{BRAND}"
    whole = {"redemptionType": "MILES", "actions": [], "vendorId": vendor}
    for change in ({"vendorId": 1}, {"actions": None}, {"actions": [{**ACTION, "actionId": 1}]}):
        assert world.fail("PUT", path, {**whole, **change}) == (400, 400)
    assert world.fail("PUT", f"/vendor/redemption/1/brand/{BRAND}", whole) == (400, 400)
    assert world.fail("GET", f"/vendor/{vendor}/redemption/1/brand/{BRAND}") == (404, 404)
    assert world.fail("GET", f"/vendor/1/redemption/brand/{BRAND}") == (404, 404)


def promotion(world: World, id: int) -> Json:
    return world.send("GET", f"/promotion/{id}/brand/{BRAND}")["catalogPromotion"]


def promotion_body(rewards: list[int], **members: Json) -> Json:
    return {"discountType": "PERCENTAGE", "discountValue": 15, "rewardIds": rewards, **members}


def promotion_put(world: World, id: int, rewards: list[int], **members: Json) -> Json:
    return world.send("PUT", f"/promotion/{id}/brand/{BRAND}", promotion_body(rewards, **members))


def promotion_fail(world: World, id: int, rewards: list[int], **members: Json) -> tuple[int, int]:
    path = f"/promotion/{id}/brand/{BRAND}"
    return world.fail("PUT", path, promotion_body(rewards, **members))


def test_a_promotion_is_renamed_on_its_way_back(world: World) -> None:
    reward = world.reward()
    world.field("Partner code", scope="CATALOGUE_PROMOTION")
    id = world.promotion([reward], customFields={"Partner code": "A7"})
    shown = promotion(world, id)
    assert (shown["isEnabled"], shown["name"]) == (True, "Spring sale")
    assert (shown["startTime"], shown["startDateTime"]) == (
        "2026-03-01 08:00:00",
        "2026-03-01T08:00:00Z",
    )
    assert shown["languageSpecificInfo"][0]["lastUpdateOn"] == "2026-01-20 12:00:00"
    assert shown["customFields"] == {"Partner code": "A7"}
    assert not {"enabled", "rewardIds", "brandId"} & shown.keys()
    assert [one["rewardId"] for one in shown["rewards"]] == [reward]
    listed = world.send("GET", f"/promotion/brand/{BRAND}")["catalogPromotions"]
    assert [(one["id"], one["languageSpecificInfo"]) for one in listed] == [(id, None)]
    assert "rewards" not in listed[0]


@pytest.mark.parametrize(
    ("kind", "value", "points", "ratio"),
    [
        ("PERCENTAGE", 15, [77, 8], 0.106),
        ("ABSOLUTE", 2, [88, 7], 0.0),
        ("FIXED", 3, [3, 3], 3.0),
    ],
)
def test_prices_in_a_promotion(
    world: World, kind: str, value: int, points: list[int], ratio: float
) -> None:
    both = {"paymentMode": "POINTS_CASH", "points": 9, "cash": 2}
    pays = [{"paymentMode": "POINTS", "points": 90}, {"paymentMode": "CASH", "cash": 3}, both]
    ratios = [{"paymentMode": "CONV_RATIO", "conversionRatio": 0.125}]
    mug = world.reward(paymentConfigs=pays)
    miles = world.reward(redemptionType="MILES", paymentConfigs=ratios)
    id = world.promotion([miles, mug], discountType=kind, discountValue=value)
    links = promotion(world, id)["rewards"]
    assert [one["rewardId"] for one in links] == [mug, mug, miles]
    assert [one["intouchPointsPostDiscount"] for one in links[:2]] == points
    assert links[2]["intouchPointsPostDiscountInDecimal"] == ratio
    configs = [one["id"] for one in world.shown(mug)["paymentConfigs"]]
    assert [one["configId"] for one in links[:2]] == [configs[0], configs[2]]


def test_reward_ids_are_the_whole_set(world: World) -> None:
    first, second = world.reward(), world.reward()
    id = world.promotion([first])
    promotion_put(world, id, [second])
    assert [one["rewardId"] for one in promotion(world, id)["rewards"]] == [second]
    other = world.promotion([first])
    assert promotion_fail(world, other, [first, second]) == (400, 11004)


@pytest.mark.parametrize(
    ("reward", "code"),
    [
        ({"enabled": False}, 11015),
        ({"type": "FREE_VOUCHER"}, 11015),
        ({"paymentConfigs": [{"paymentMode": "FREE"}]}, 11015),
        ({"startTime": "2025-01-01T00:00:00Z", "endTime": "2025-02-01T00:00:00Z"}, 11015),
    ],
)
def test_rewards_that_promotions_do_not_take(world: World, reward: Json, code: int) -> None:
    good = world.reward()
    id = world.promotion([good])
    bad = world.reward(**reward)
    assert promotion_fail(world, id, [good, bad]) == (400, code)
    assert promotion_fail(world, id, [good, 1]) == (400, 6004)


def test_what_a_running_and_an_expired_promotion_lock(world: World) -> None:
    reward = world.reward()
    id = world.promotion([reward])
    promotion_put(world, id, [reward], discountValue=20)
    world.clock.now = seconds("2026-03-02T00:00:00Z")
    assert promotion_fail(world, id, [reward], discountValue=15) == (400, 11022)
    later = {"startTime": "2026-03-03T00:00:00Z"}
    assert promotion_fail(world, id, [reward], discountValue=20, **later) == (400, 11022)
    promotion_put(world, id, [reward], discountValue=20, endTime="2026-03-16T00:00:00Z")
    world.clock.now = seconds("2026-03-20T00:00:00Z")
    assert promotion_fail(world, id, [reward], discountValue=20) == (400, 11024)
    world.promotion([reward], startTime="2026-04-01T00:00Z", endTime="2026-04-02T00:00Z")


def test_a_disabled_promotion_is_final_and_frees_its_rewards(world: World) -> None:
    reward = world.reward()
    id = world.promotion([reward])
    path = f"/promotion/{id}/status/false/brand/{BRAND}"
    assert world.send("PUT", path)["status"]["code"] == 11011
    assert world.send("PUT", path)["status"]["code"] == 11013
    assert promotion_fail(world, id, [reward], enabled=True) == (400, 11013)
    assert promotion(world, id)["isEnabled"] is False
    world.promotion([reward])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"discountType": "HALF"}, 400),
        ({"discountValue": 0}, 11025),
        ({"endTime": "2026-02-01T00:00:00Z"}, 11020),
        ({"startTime": "2026-01-01T00:00:00Z"}, 400),
        ({"languageSpecificInfo": None}, 400),
        ({"languageSpecificInfo": [{"languageCode": "en", "name": "n", "enabled": True}]}, 400),
        ({"rewardIds": None}, 400),
        ({"customFields": {"Ghost": "x"}}, 3014),
        ({"brandId": 99999}, 3004),
    ],
)
def test_what_a_promotion_create_refuses(world: World, change: Json, code: int) -> None:
    text = {"languageCode": "en", "name": "Sale", "description": "d", "enabled": True}
    body = {
        **{"startTime": "2026-03-01T08:00Z", "endTime": "2026-03-15T06:10Z"},
        **promotion_body([world.reward()], languageSpecificInfo=[text], brandId=BRAND),
        **change,
    }
    expected = (200 if code == 3004 else 400, code)
    assert world.fail("POST", "/promotion/create", body) == expected
    assert world.send("GET", f"/promotion/brand/{BRAND}")["catalogPromotions"] == []


def test_what_a_promotion_update_refuses(world: World) -> None:
    reward = world.reward()
    id = world.promotion([reward])
    assert promotion_fail(world, id, [reward], discountValue=None) == (400, 11025)
    assert promotion_fail(world, id, [reward], discountType=None) == (400, 11025)
    assert promotion_fail(world, id, [reward], endTime="2026-02-01T00:00:00Z") == (400, 11020)
    assert promotion_fail(world, 1, [reward]) == (400, 11007)
    path = f"{PREFIX}/promotion/{id}/brand/{BRAND}"
    assert world.call("PUT", path, body={"discountType": "FIXED"})[0] == 500


def test_promotions_can_be_switched_off(world: World) -> None:
    world.config("CONF_ENABLE_FEATURE_CATALOG_PROMOTION", "false")
    text = {"languageCode": "en", "name": "Sale", "description": "d", "enabled": True}
    body = {
        **{"startTime": "2026-03-01T08:00Z", "endTime": "2026-03-15T06:10Z"},
        **promotion_body([world.reward()], languageSpecificInfo=[text], brandId=BRAND),
    }
    assert world.fail("POST", "/promotion/create", body) == (400, 400)


def test_available_rewards_are_in_the_period_and_not_promoted(world: World) -> None:
    first, second = world.reward(), world.reward()
    world.promotion([first])
    path = f"/reward/brand/{BRAND}/available"
    period = {"startDate": "2026-02-01T00:00Z", "endDate": "2026-04-01T00:00Z"}
    found = world.send("GET", path, **period)["rewardList"]
    assert [one["id"] for one in found] == [second]
    early = {"startDate": "2025-02-01T00:00Z", "endDate": "2025-04-01T00:00Z"}
    assert world.send("GET", path, **early)["rewardList"] == []
    assert world.fail("GET", path, startDate="2026-02-01", endDate="x") == (400, 400)
