"""Rewards in the sandbox: what is kept, injected, locked, hidden and renamed."""

from __future__ import annotations

from typing import Any

import pytest

from capsync.sandbox import organization
from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Clock, reply_of
from tests.sandbox.rewards_world import BRAND, PREFIX, REWARD, World, seconds

Json = Any

LIVE = {"startTime": "2026-01-10T00:00:00Z"}
ENDED = {"startTime": "2025-01-10T00:00:00Z", "endTime": "2025-02-10T00:00:00Z"}
FIXED = {
    "kpi": "QUANTITY",
    "windowType": "FIXED",
    "repeatFrequencyType": "DAYS",
    "startOfCycle": "2026-02-15T00:00:00Z",
    "interval": 2,
    "limit": 3,
}
LIMITS = {"kpi": "QUANTITY", "repeatFrequencyType": "DAYS", "interval": "14", "limit": 4}


@pytest.fixture
def world(sandbox: Sandbox, clock: Clock) -> World:
    return World.on(sandbox, clock)


def put(world: World, id: int, **members: Json) -> None:
    world.send("PUT", f"/reward/{id}/brand/{BRAND}", update(**members))


def refused(world: World, id: int, **members: Json) -> tuple[int, int]:
    return world.fail("PUT", f"/reward/{id}/brand/{BRAND}", update(**members))


def update(**members: Json) -> Json:
    """The members that every update needs, and the given ones."""
    needed = {name: REWARD[name] for name in ("endTime", "type", "brandId", "redemptionType")}
    return {**needed, **members}


def create_refused(world: World, **members: Json) -> tuple[int, int]:
    body = {name: v for name, v in {**REWARD, **members}.items() if v is not None}
    return world.fail("POST", "/reward/create", body)


def listed(world: World, **query: Json) -> list[Json]:
    return world.send("GET", f"/reward/list/brand/{BRAND}", **query)["rewardList"]


def test_an_update_keeps_what_it_leaves_out_but_custom_fields(world: World) -> None:
    world.field("Lounge access")
    world.field("Dress code")
    values = {"Lounge access": "Pier", "Dress code": "none"}
    id = world.reward(customFields=values, priority="3", tier="GOLD")
    put(world, id, customFields={"Dress code": "smart"})
    assert world.shown(id)["customFields"] == {"Dress code": "smart"}
    put(world, id, priority=4)
    shown = world.shown(id)
    assert shown["customFields"] == {}
    assert (shown["priority"], shown["tier"]) == (4, "GOLD")
    assert shown["languageSpecificInfo"][0]["name"] == "Seaside breakfast"


SEGMENT = [{"segmentId": "7301", "partitionId": ["3302"]}]
PROGRAM = [{"loyaltyProgramId": "512", "tierIds": ["41"], "partnerProgramIds": None}]


@pytest.mark.parametrize(
    ("name", "sent", "shown", "empty"),
    [
        ("segment", SEGMENT, SEGMENT, []),
        (
            "supplementaryCriteriaRO",
            PROGRAM,
            [{"loyaltyProgramId": 512, "tierIds": [41], "partnerProgramIds": None}],
            [],
        ),
        ("labels", [17205, "17204"], [17204, 17205], None),
        (
            "cardSeries",
            ["CORAL2026B", "CORAL2026A"],
            [{"id": 201, "code": "CORAL2026A"}, {"id": 202, "code": "CORAL2026B"}],
            None,
        ),
    ],
)
def test_null_keeps_and_an_empty_list_clears(
    world: World, name: str, sent: Json, shown: Json, empty: Json
) -> None:
    id = world.reward(**{name: sent})
    put(world, id, **{name: None})
    assert world.shown(id)[name] == shown
    put(world, id, **{name: []})
    assert world.shown(id)[name] == empty


def test_audiences_that_other_services_list(world: World) -> None:
    with world.sandbox.store.transaction():
        organization.seed(world.sandbox.store, world.sandbox.org_id, world.clock.now)
    member = {"loyaltyProgramId": 626, "tierIds": ["3"], "partnerProgramIds": [6]}
    id = world.reward(supplementaryCriteriaRO=[member])
    assert world.shown(id)["supplementaryCriteriaRO"] == [{**member, "tierIds": [3]}]
    stranger = {"loyaltyProgramId": 626, "partnerProgramIds": [61]}
    assert create_refused(world, supplementaryCriteriaRO=[stranger]) == (400, 400)
    id = world.reward(cardSeries=["SILVER01"])
    assert world.shown(id)["cardSeries"] == [{"id": 41, "code": "SILVER01"}]
    assert create_refused(world, cardSeries=["OLD01"]) == (400, 6003)


def test_a_customer_label_is_a_label_of_a_reward(world: World) -> None:
    world.sandbox.store.put("customer-labels", 11, {"id": 11, "name": "Frequent flyer"})
    assert world.shown(world.reward(labels=[11]))["labels"] == [11]


def test_a_blank_tag_is_cleared(world: World) -> None:
    id = world.reward(tier="GOLD", label="new", group="g")
    put(world, id, tier="", label="", group="")
    shown = world.shown(id)
    assert (shown["tier"], shown["label"], shown["group"]) == (None, None, None)


def test_a_language_that_is_left_out_is_dropped(world: World) -> None:
    block = {"enabled": True, "name": "Petit dejeuner"}
    languages = [{**block, "languageCode": "fr"}, {**block, "languageCode": "en"}]
    id = world.reward(languageSpecificInfo=languages)
    put(world, id, languageSpecificInfo=languages[:1])
    assert [one["languageCode"] for one in world.shown(id)["languageSpecificInfo"]] == ["fr"]


def test_defaults_of_mandatory_fields_show_at_both_levels_of_every_reward(world: World) -> None:
    id = world.reward()
    day = {"dataType": "DATE", "defaultValue": "2026-02-01T12:30:00+05:30", "isMandatory": True}
    field = world.field("Event day", **day)
    world.field("Plan", defaultValue="PAID")
    shown = world.shown(id)
    expected = {"Event day": "2026-02-01 07:00:00"}
    assert shown["customFields"] == expected
    assert shown["languageSpecificInfo"][0]["customFields"] == expected
    assert listed(world)[0]["customFields"] == expected
    gone = {"name": "Event day", "description": "", "scope": "REWARD", **day, "isActive": False}
    world.send("PUT", f"/brand/customfield/{field}", gone)
    assert world.shown(id)["customFields"] == {}


def test_a_reward_shows_its_fields_while_lists_lag(world: World) -> None:
    world.sandbox.faults.list_lag = 3
    world.field("Lounge access")
    world.rich("how-to-use", defaultValue="ask")
    id = world.reward(customFields={"Lounge access": True})
    shown = world.shown(id)
    assert shown["customFields"] == {"Lounge access": "true"}
    assert list(shown["languageSpecificInfo"][0]["richContentRO"]) == ["how-to-use"]
    assert listed(world) == world.send("GET", "/brand/customfield") == []
    world.later(4)
    assert len(listed(world)) == len(world.send("GET", "/brand/customfield")) == 1


def test_values_of_a_disabled_field_are_lost_to_its_successor(world: World) -> None:
    field = world.field("Lounge access")
    id = world.reward(customFields={"Lounge access": "Pier"})
    body = {"name": "Lounge access", "description": "", "scope": "REWARD", "dataType": "STRING"}
    world.send("PUT", f"/brand/customfield/{field}", {**body, "isActive": False})
    assert world.field("Lounge access") != field
    assert world.shown(id)["customFields"] == {}


def test_defaults_of_rich_content_show_in_every_language(world: World) -> None:
    world.rich("how-to-use")
    world.rich("delivery", defaultValue="by mail")
    text = {"content": "<p>Ask</p>", "isEnabled": False}
    block = {"name": "n", "enabled": True}
    english = {**block, "languageCode": "en", "richContentRO": {"how-to-use": text}}
    id = world.reward(languageSpecificInfo=[english, {**block, "languageCode": "fr"}])
    default = {"content": "by mail", "isEnabled": True}
    rich = [one["richContentRO"] for one in world.shown(id)["languageSpecificInfo"]]
    assert rich == [{"how-to-use": text, "delivery": default}, {"delivery": default}]


def test_a_disabled_reward_is_found_in_lists_only(world: World) -> None:
    id = world.reward()
    put(world, id, enabled=False)
    assert world.fail("GET", f"/reward/{id}/brand/{BRAND}") == (400, 6004)
    assert [(one["id"], one["enabled"]) for one in listed(world)] == [(id, False)]
    assert world.send("GET", f"/reward/brand/{BRAND}")["rewardList"][0]["enabled"] is False
    put(world, id, enabled=True)
    assert world.shown(id)["enabled"] is True


def test_disabling_a_category_strips_it_and_enabling_does_not_restore_it(world: World) -> None:
    spa, food = world.category("spa"), world.category("food")
    id = world.reward(categories=[str(food), spa])
    assert world.shown(id)["categories"] == [spa, food]
    world.send("PUT", f"/metadata/category/{spa}/status/disable/brand/{BRAND}")
    assert world.shown(id)["categories"] == [food]
    put(world, id, categories=[spa, food])
    assert world.shown(id)["categories"] == [food]
    world.send("PUT", f"/metadata/category/{spa}/status/enable/brand/{BRAND}")
    assert world.shown(id)["categories"] == [food]
    put(world, id, categories=[spa, food])
    assert world.shown(id)["categories"] == [spa, food]


def test_renaming_a_group_unlinks_its_rewards(world: World) -> None:
    group = world.group("Summer")
    world.group("Family")
    links = [{"groupName": "Summer", "groupRank": "4"}, {"groupName": "Family"}]
    id = world.reward(groups=links)
    assert world.shown(id)["groups"][0] == {"groupName": "Summer", "groupRank": 4}
    world.send("PUT", f"/group/{group}", {"name": "Summer picks"})
    assert world.shown(id)["groups"] == [{"groupName": "Family", "groupRank": None}]
    world.send("PUT", f"/group/{group}", {"name": "Summer"})
    assert len(world.shown(id)["groups"]) == 1


def test_the_external_id_is_unique_and_only_in_the_list(world: World) -> None:
    id = world.reward(rewardExternalId="LAGOON01")
    other = world.reward()
    assert "rewardExternalId" not in world.shown(id)
    found = {one["id"]: one.get("rewardExternalId", "absent") for one in listed(world)}
    assert found == {id: "LAGOON01", other: "absent"}
    assert create_refused(world, rewardExternalId="LAGOON01") == (400, 6081)
    assert create_refused(world, rewardExternalId="no-dashes") == (400, 400)
    assert refused(world, other, rewardExternalId="LAGOON01") == (400, 6081)
    put(world, id, rewardExternalId="LAGOON02")
    put(world, other, rewardExternalId="LAGOON01")
    assert [one["rewardExternalId"] for one in listed(world)] == ["LAGOON01", "LAGOON02"]


def test_text_becomes_numbers_and_times_two_forms(world: World) -> None:
    id = world.reward(
        brandId=str(BRAND),
        startTime="2026-02-06T13:13:30.75+05:30",
        endTime=1798759189,
        priority="1",
        rewardRank="2",
        communications=["3"],
        geography=[{"countryId": 3}],
        restrictions={"customerLevel": [LIMITS]},
    )
    shown = world.shown(id)
    assert (shown["startDate"], shown["startDateTime"]) == (
        "2026-02-06 07:43:30",
        "2026-02-06T07:43:30Z",
    )
    assert shown["endDateTime"] == "2026-12-31T23:19:49Z"
    assert (shown["priority"], shown["rewardRank"]) == (1, 2)
    assert (shown["communications"], shown["geography"]) == (None, None)
    assert shown["restrictions"]["customerLevel"][0]["interval"] == 14
    assert shown["status"] == "UPCOMING"


@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({"startTime": "2026-01-11T00:00:00Z"}, False),
        ({"startTime": "2026-01-10T05:30:00+05:30"}, True),
        ({"redemptionType": "PHYSICAL_REWARD"}, False),
        ({"type": "POINTS"}, False),
        ({"owners": [{"ownerType": "GOODWILL"}]}, False),
        ({"endTime": "2027-02-01T00:00:00Z"}, True),
        ({"enabled": False}, True),
        ({"restrictions": {"rewardLevel": [LIMITS]}}, True),
    ],
)
def test_what_a_live_reward_locks(world: World, change: Json, allowed: bool) -> None:
    id = world.reward(**LIVE)
    status = world.call("PUT", f"{PREFIX}/reward/{id}/brand/{BRAND}", body=update(**change))[0]
    assert status == (200 if allowed else 400)
    upcoming = world.reward()
    put(world, upcoming, **change)


LIFETIME = {"kpi": "QUANTITY", "repeatFrequencyType": "NO_LIMIT", "limit": 9}


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        (LIMITS, {**LIMITS, "limit": 5}, True),
        (LIMITS, {**LIMITS, "windowType": "ROLLING"}, False),
        (LIFETIME, LIMITS, False),
        (LIFETIME, {**LIFETIME, "limit": 10}, True),
    ],
)
def test_what_an_ended_reward_locks(world: World, before: Json, after: Json, allowed: bool) -> None:
    id = world.reward(**ENDED, restrictions={"customerLevel": [before]})
    body = update(endTime=ENDED["endTime"], restrictions={"customerLevel": [after]})
    status = world.call("PUT", f"{PREFIX}/reward/{id}/brand/{BRAND}", body=body)[0]
    assert status == (200 if allowed else 400)


def test_limits_keep_their_ids_by_kpi_and_period(world: World) -> None:
    id = world.reward(restrictions={"customerLevel": [LIMITS], "rewardLevel": [LIFETIME]})
    before = world.shown(id)["restrictions"]
    weekly = {"kpi": "QUANTITY", "windowType": "FIXED", "repeatFrequencyType": "WEEKS", "limit": 1}
    changed = [{**LIMITS, "limit": 7}, {**LIMITS, "limit": 8}, weekly]
    put(world, id, restrictions={"customerLevel": changed})
    after = world.shown(id)["restrictions"]
    assert after["rewardLevel"] == before["rewardLevel"]
    assert [one["limit"] for one in after["customerLevel"]] == [8, 1]
    assert after["customerLevel"][0]["id"] == before["customerLevel"][0]["id"]
    assert after["customerLevel"][1]["weekStartDay"] == "MONDAY"
    put(world, id, restrictions={"customerLevel": [], "rewardLevel": []})
    assert world.shown(id)["restrictions"] is None


def test_payments_get_new_ids_with_every_write(world: World) -> None:
    points = {"paymentMode": "POINTS", "points": 90}
    both = {"paymentMode": "POINTS_CASH", "points": 10, "cash": 5.12345}
    sent = [points, {**points, "points": 7}, both, {**both, "points": 20}]
    id = world.reward(paymentConfigs=sent)
    first = world.shown(id)["paymentConfigs"]
    assert [one["points"] for one in first] == [90, 10, 20]
    assert first[1]["cash"] == 5.1235
    put(world, id, paymentConfigs=sent)
    second = world.shown(id)["paymentConfigs"]
    assert {one["id"] for one in first}.isdisjoint(one["id"] for one in second)
    put(world, id, paymentConfigs=[])
    assert world.shown(id)["paymentConfigs"] is None


SHARE = {
    "commissionParticipant": "BRAND",
    "commissionRate": "2.5",
    "cycleStartDate": "2026-04-07T17:04:30.000Z",
    "cycleEndDate": "2026-10-06T07:43:30.000Z",
}


def test_revenue_shares_come_back_as_numbers(world: World) -> None:
    default = {"commissionParticipant": "END_CUSTOMER", "defaultValue": "1.6"}
    defaults = [default, {**default, "defaultValue": "2"}]
    id = world.reward(rewardRevenueMeta=[SHARE], rewardRevenueDefaults=defaults)
    shown = world.shown(id)
    share = shown["rewardRevenueMeta"][0]
    assert (share["commissionRate"], share["cycleEndDate"]) == (2.5, "2026-10-06T07:43:30Z")
    assert shown["rewardRevenueDefaults"] == [{**default, "defaultValue": 1.6}]
    # A cycle that has begun since stays as it is.
    world.clock.now = seconds("2026-05-01T00:00:00Z")
    put(world, id, rewardRevenueMeta=[{**SHARE, "commissionRate": 3}])
    assert world.shown(id)["rewardRevenueMeta"][0]["commissionRate"] == 3


def block(**members: Json) -> list[Json]:
    return [{"languageCode": "en", "name": "n", "enabled": True, **members}]


EXTERNAL = {"name": "clip", "url": "https://media.example.com/c.mp4", "isExternal": True}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"startTime": None}, 400),
        ({"endTime": "soon"}, 400),
        ({"endTime": "2026-01-01T00:00:00Z"}, 400),
        ({"startTime": "2015-01-01T00:00:00Z"}, 400),
        ({"type": "GIFT"}, 400),
        ({"redemptionType": "NONE"}, 400),
        ({"redemptionType": None}, 400),
        ({"brandId": 99999}, 3004),
        ({"languageSpecificInfo": []}, 400),
        ({"languageSpecificInfo": block(languageCode="de")}, 400),
        ({"languageSpecificInfo": block() + block()}, 400),
        ({"languageSpecificInfo": block(name="")}, 400),
        ({"languageSpecificInfo": block(customFields={"Ghost": "x"})}, 6003),
        ({"languageSpecificInfo": block(richContentRO={"ghost": {"content": "x"}})}, 6003),
        ({"languageSpecificInfo": block(images=[{"name": "front"}])}, 400),
        ({"languageSpecificInfo": block(videos=[{"name": "v", "isExternal": True}])}, 400),
        ({"customFields": {"Ghost": "x"}}, 6003),
        ({"customFields": {"Plan": "GOLD"}}, 6003),
        ({"customFields": {"Note": "x" * 256}}, 6003),
        ({"customFields": "x"}, 400),
        ({"segment": [{"segmentId": "7301", "partitionId": ["1"]}]}, 6003),
        ({"labels": [1]}, 6003),
        ({"cardSeries": ["NOPE"]}, 6003),
        ({"supplementaryCriteriaRO": [{"loyaltyProgramId": 1}]}, 400),
        ({"supplementaryCriteriaRO": [{"loyaltyProgramId": 512, "tierIds": [1]}]}, 400),
        ({"segment": SEGMENT, "labels": [17204]}, 400),
        ({"intouchPoints": 0}, 400),
        ({"intouchSeriesId": None}, 400),
        ({"redemptionType": "MILES"}, 400),
        ({"redemptionType": "GIFT_CARD"}, 400),
        ({"redemptionType": "PHYSICAL_REWARD"}, 400),
        ({"paymentConfigs": [{"paymentMode": "CONV_RATIO", "conversionRatio": 0.4}]}, 400),
        ({"paymentConfigs": [{"paymentMode": "FREE"}, {"paymentMode": "CASH", "cash": 1}]}, 400),
        ({"paymentConfigs": [{"paymentMode": "POINTS"}]}, 400),
        ({"paymentConfigs": [{"paymentMode": "CASH", "cash": 0}]}, 400),
        ({"restrictions": {"rewardLevel": [{"kpi": "QUANTITY", "limit": 1}]}}, 400),
        ({"restrictions": {"customerLevel": [{**LIMITS, "windowType": "FIXED"}]}}, 400),
        ({"owners": [{"ownerType": "NOBODY"}]}, 400),
        ({"rewardRevenueMeta": [SHARE, SHARE]}, 400),
        ({"rewardRevenueMeta": [{**SHARE, "cycleStartDate": "2026-01-15T00:00:00Z"}], **LIVE}, 400),
        ({"paymentConfigs": [{"paymentMode": "POINTS_CASH", "points": 1, "cash": 1}] * 6}, 400),
        ({"restrictions": {"customerLevel": [{**FIXED, "interval": None}]}}, 400),
        ({"restrictions": {"customerLevel": [{**FIXED, "startOfCycle": None}]}}, 400),
        ({"restrictions": {"customerLevel": [{**FIXED, "weekStartDay": "MONDAY"}]}}, 400),
        ({"restrictions": {"customerLevel": [{**FIXED, "repeatFrequencyType": "WEEKS"}]}}, 400),
        ({"enabled": "perhaps"}, 400),
        ({"tier": ["GOLD"]}, 400),
        ({"tier": "x" * 256}, 400),
        ({"labels": "x"}, 400),
        ({"rewardRank": 1.5}, 400),
        ({"languageSpecificInfo": ["en"]}, 400),
        ({"paymentConfigs": [{"paymentMode": "POINTS", "points": "many"}]}, 400),
        ({"rewardRevenueMeta": [{**SHARE, "cycleEndDate": "2027-10-06T07:43:30Z"}]}, 400),
    ],
)
def test_what_a_create_refuses(world: World, change: Json, code: int) -> None:
    world.field("Plan", dataType="ENUM", enumValues=["FREE"], defaultValue="FREE")
    world.field("Note")
    http, found = create_refused(world, **change)
    assert (http, found) == (200 if code == 3004 else 400, code)
    assert listed(world) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"endTime": None}, 400),
        ({"type": None}, 400),
        ({"customFields": {"Ghost": "x"}}, 3014),
        ({"labels": [1]}, 12048),
        ({"cardSeries": ["NOPE"]}, 12045),
        ({"segment": [{"segmentId": "1"}]}, 400),
    ],
)
def test_an_update_has_codes_of_its_own(world: World, change: Json, code: int) -> None:
    id = world.reward()
    assert refused(world, id, **change) == (400, code)


def test_of_media_with_one_name_the_first_counts(world: World) -> None:
    videos = [EXTERNAL, {**EXTERNAL, "url": None}]
    id = world.reward(languageSpecificInfo=block(videos=videos))
    shown = world.shown(id)["languageSpecificInfo"][0]["videos"]
    assert shown == [{**EXTERNAL, "id": None, "altText": None}]


def upload(world: World, name: str, content: bytes) -> Json:
    path = f"/api_gateway/file-service/rewards/{name}"
    status, answer = world.call("POST", path, content=content)
    assert (status, answer["status"]) == (200, "true")
    return answer["file"]


def download(world: World, url: str) -> tuple[int, Any]:
    path, _, query = url.removeprefix("http://sandbox").partition("?")
    pairs = dict(pair.split("=") for pair in query.split("&"))
    reply = reply_of(world.sandbox, "GET", path, query=pairs)
    return reply.status, reply.body


def test_uploads_are_versions_under_handles_of_their_own(world: World) -> None:
    first, second = upload(world, "mug.png", b"old"), upload(world, "mug.png", b"new!")
    assert (second["version"], second["fileSize"], second["content_type"]) == (2, "4", "image/png")
    assert first["file_handle"] != second["file_handle"]
    images = [{"name": "front", "id": second["file_handle"]}]
    id = world.reward(languageSpecificInfo=block(imageId=first["file_handle"], images=images))
    shown = world.shown(id)["languageSpecificInfo"][0]
    assert download(world, shown["imageUrl"]) == (200, b"old")
    assert download(world, shown["images"][0]["url"]) == (200, b"new!")


def test_signed_links_expire_and_change(world: World) -> None:
    handle = upload(world, "mug.png", b"mug")["file_handle"]
    id = world.reward(languageSpecificInfo=block(imageId=handle, thumbnailId="HLB55021T"))
    before = world.shown(id)["languageSpecificInfo"][0]
    world.later(7200)
    after = world.shown(id)["languageSpecificInfo"][0]
    assert download(world, before["imageUrl"])[0] == 403
    assert download(world, after["imageUrl"]) == (200, b"mug")
    assert download(world, after["thumbnailUrl"])[0] == 404
    assert download(world, after["imageUrl"] + "0")[0] == 403


def test_a_file_needs_an_extension_and_may_be_a_placeholder(world: World) -> None:
    path = "/api_gateway/file-service/rewards/mug"
    status, answer = world.call("POST", path, content=b"mug")
    assert (status, answer["status"]) == (400, "false")
    assert upload(world, "later.png", b"")["fileSize"] == "0"
    status, answer = world.call("POST", f"{path}.png", content=bytes(100_000_001))
    assert (status, answer["code"]) == (413, 413)


def test_the_list_is_paged_cut_and_ordered_by_change(world: World) -> None:
    ids = [world.named_reward(f"Reward {number}") for number in range(130)]
    path = f"/reward/list/brand/{BRAND}"
    page = world.send("GET", path, size=500)
    assert len(page["rewardList"]) == page["pagingDto"]["size"] == 100
    assert page["pagingDto"]["last"] is False
    rest = world.send("GET", path, page=1)
    assert rest["pagingDto"] == {
        "last": True,
        "first": False,
        "totalElements": 130,
        "totalPages": 2,
        "numberOfElements": 30,
        "size": 100,
        "number": 1,
    }
    seen = [one["id"] for one in page["rewardList"] + rest["rewardList"]]
    assert seen == ids[::-1]
    put(world, ids[0], priority=1)
    assert listed(world)[0]["id"] == ids[0]
    assert world.fail("GET", path, page=-1) == (200, 8000)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"rewardStatus": "ENDED"}, ["Old towel"]),
        ({"rewardStatus": "LIVE"}, ["Mug"]),
        ({"enabled": True}, ["Ticket", "Mug"]),
        ({"enabled": False}, ["Old towel"]),
        ({"redemptionType": "MILES"}, ["Ticket"]),
        ({"rewardName": "TOW"}, ["Old towel"]),
        ({"groupName": "Family"}, ["Mug"]),
        ({"ownerType": "GOODWILL"}, ["Mug"]),
        ({"ownerId": "512"}, []),
        ({"vendorId": "731,732"}, ["Ticket"]),
        ({"vendorIds": "9"}, []),
        ({"startDate": 1735689600000, "endDate": 1738368000000}, ["Old towel"]),
        ({"rewardStatus": "LIVE", "enabled": False}, []),
    ],
)
def test_filters_of_the_list(world: World, query: Json, found: list[str]) -> None:
    vendor = world.vendor("Quayside", 731)
    redemption = world.redemption(vendor, "Two tickets")
    world.named_reward("Old towel", enabled=False, **ENDED)
    owners = [{"ownerType": "GOODWILL"}]
    world.named_reward("Mug", groups=[{"groupName": "Family"}], owners=owners, **LIVE)
    ratio = [{"paymentMode": "CONV_RATIO", "conversionRatio": 0.4}]
    miles = {"redemptionType": "MILES", "paymentConfigs": ratio}
    world.named_reward("Ticket", vendorRedemption=str(redemption), **miles)
    assert [one["name"] for one in listed(world, **query)] == found


@pytest.mark.parametrize(
    "query",
    [{"rewardStatus": "OVER"}, {"redemptionType": "NONE"}, {"startDate": "x", "endDate": "1"}],
)
def test_filters_that_make_no_sense(world: World, query: Json) -> None:
    assert world.fail("GET", f"/reward/list/brand/{BRAND}", **query) == (400, 400)


def test_malformed_requests(world: World) -> None:
    assert world.fail("GET", f"/reward/x1/brand/{BRAND}") == (400, 400)
    assert world.fail("POST", "/reward/create", []) == (400, 400)
    headers = {"Content-Type": "application/json"}
    path = f"{PREFIX}/reward/create"
    status, answer = world.call("POST", path, content=b"{", headers=headers)
    assert (status, answer["status"]["code"]) == (400, 400)


def test_the_name_falls_back_to_the_first_language(world: World) -> None:
    world.reward(languageSpecificInfo=block(languageCode="fr", name="Billet"))
    assert listed(world)[0]["name"] == "Billet"


def test_a_date_that_is_none_stays_as_it_is(world: World) -> None:
    world.field("Event day", dataType="DATE")
    id = world.reward(customFields={"Event day": "spring"})
    assert world.shown(id)["customFields"] == {"Event day": "spring"}


def test_lists_name_the_vendor_and_the_language(world: World) -> None:
    redemption = world.redemption(world.vendor("Quayside", 731), "Two tickets")
    names = [*block(name="Ticket"), {"languageCode": "fr", "name": "Billet", "enabled": True}]
    id = world.reward(vendorRedemption=redemption, languageSpecificInfo=names)
    item = listed(world, language="fr")[0]
    assert (item["name"], item["vendorName"], item["vendorId"]) == ("Billet", "Quayside", 731)
    assert item["vendorRedemptionName"] == "Two tickets"
    assert world.shown(id)["vendorId"] == 731
    short = world.send("GET", f"/reward/brand/{BRAND}")["rewardList"][0]
    assert (short["name"], short["groups"], short["customFields"]) == ("Ticket", None, None)


def test_the_short_list_holds_ended_rewards_unless_told(world: World) -> None:
    world.reward(**ENDED)
    path = f"/reward/brand/{BRAND}"
    assert len(world.send("GET", path)["rewardList"]) == 1
    assert world.send("GET", path, includeExpired=False)["rewardList"] == []


def test_rewards_of_another_brand_are_unknown(world: World) -> None:
    other = {"id": 205, "brand": "Acme Kids", "enabled": True, "orgId": world.sandbox.org_id}
    world.sandbox.store.put("reward-brands", 205, other)
    id = world.reward()
    assert world.fail("GET", f"/reward/{id}/brand/205") == (400, 6004)
    assert world.send("GET", "/reward/list/brand/205")["rewardList"] == []
    assert world.fail("GET", f"/reward/{id}/brand/206") == (200, 3004)
