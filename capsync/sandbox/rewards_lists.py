"""Lists of rewards: the paged one with filters, the short one, and what promotions can take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from capsync.sandbox.rewards_envelope import (
    PREFIX,
    answer,
    iso,
    paging,
    path_brand,
    plain_time,
    refusal,
    wanted_page,
)
from capsync.sandbox.rewards_fields import active_fields, shown_values
from capsync.sandbox.rewards_input import Json, instant_of
from capsync.sandbox.rewards_limits import REDEMPTION_TYPES
from capsync.sandbox.rewards_links import rewards_in
from capsync.sandbox.rewards_localised import name_in
from capsync.sandbox.rewards_promoted import promotion_of
from capsync.sandbox.rewards_redemptions import REDEMPTIONS
from capsync.sandbox.rewards_rules import reward_status
from capsync.sandbox.web import Reply, Request, Routes

routes = Routes()

_Test = Callable[[Json], bool]

# Larger pages are cut: no maximum is documented for this call, for its user twin this one is.
_MOST_ON_A_PAGE = 100


@routes("GET", f"{PREFIX}/reward/list/brand/{{brandId}}")
def list_rewards(request: Request) -> Reply:
    """One page of the brand's rewards in every state, changed last first."""
    brand = path_brand(request)
    bad_page = refusal(8000, "page or size invalid", http=200)
    number, size = wanted_page(request, 100, most=_MOST_ON_A_PAGE, refused=bad_page)
    tests = _tests(request)
    if tests:
        stored = reversed(request.store.all(rewards_in(brand)))
        found = [one for one in stored if all(test(one) for test in tests)]
        total, page = len(found), found[number * size : (number + 1) * size]
    else:
        total = request.store.count(rewards_in(brand))
        page = request.store.page(rewards_in(brand), number * size, size, newest_first=True)
    fields = active_fields(request.store, "REWARD")
    return answer(
        6101,
        "rewards found",
        rewardList=[_item(request, one, fields) for one in page],
        pagingDto=paging(total, number, size),
    )


def _tests(request: Request) -> list[_Test]:
    """What the filters of a call ask for."""
    tests = [*_state_tests(request), *_link_tests(request)]
    start, end = request.get("startDate"), request.get("endDate")
    if (start is None) != (end is None):
        raise refusal(11028, "both dates are required", http=200)
    if start is not None and end is not None:
        first, last = _epoch(start), _epoch(end)
        tests.append(lambda one: first <= one["end"] and one["start"] <= last)
    return tests


def _epoch(text: str) -> int:
    if not text.isdecimal():
        raise refusal(400, "dates are epoch milliseconds")
    return int(text)


def _state_tests(request: Request) -> Iterable[_Test]:
    status, enabled = request.get("rewardStatus"), request.get("enabled")
    if status is not None:
        if status not in {"LIVE", "UPCOMING", "ENDED"}:
            raise refusal(400, "rewardStatus unknown")
        yield lambda one: reward_status(one, request.now) == status
    if enabled is not None:
        wanted = enabled.lower() == "true"
        yield lambda one: bool(one["enabled"]) == wanted


def _link_tests(request: Request) -> Iterable[_Test]:
    kind = request.get("redemptionType") or request.get("rewardType")
    name, group = request.get("rewardName"), request.get("groupName")
    owner, owner_id = request.get("ownerType"), request.get("ownerId")
    vendors = request.get("vendorId") or request.get("vendorIds")
    if kind is not None:
        if kind not in REDEMPTION_TYPES:
            raise refusal(400, "redemptionType unknown")
        yield lambda one: bool(one["redemptionType"] == kind)
    if name is not None:
        part, language = name.casefold(), request.get("language")
        yield lambda one: part in name_in(one, language).casefold()
    if group is not None:
        yield lambda one: any(link["groupName"] == group for link in one["groups"])
    if owner is not None or owner_id is not None:
        yield lambda one: any(
            owner in {None, link["ownerType"]} and owner_id in {None, link["ownerId"]}
            for link in one["owners"] or ()
        )
    if vendors is not None:
        wanted = vendors.split(",")
        yield lambda one: str((_redemption(request, one) or {}).get("vendorId")) in wanted


def _redemption(request: Request, reward: Json) -> Json | None:
    id = reward["vendorRedemption"]
    return None if id is None else request.store.get(REDEMPTIONS, id)


def _item(request: Request, reward: Json, fields: list[Json]) -> Json:
    redemption = _redemption(request, reward)
    vendor = redemption and request.store.get("reward-vendors", redemption["vendorId"])
    changed = reward["lastUpdatedOn"] // 1000 * 1000
    external = reward["rewardExternalId"]
    return {
        **({} if external is None else {"rewardExternalId": external}),
        **short_form(request, reward),
        "customFields": shown_values(reward["values"], fields),
        "owners": reward["owners"] or None,
        "intouchSeriesId": reward["intouchSeriesId"],
        "vendorRedemptionId": reward["vendorRedemption"],
        "vendorRedemptionName": redemption and redemption["name"],
        "vendorId": redemption and redemption["vendorId"],
        "vendorName": vendor and vendor["name"],
        "lastUpdatedOn": changed,
        "lastUpdatedOnDateTime": iso(changed),
        "lastUpdatedBy": reward["lastUpdatedBy"],
        "createdBy": reward["createdBy"],
    }


def short_form(request: Request, reward: Json) -> Json:
    """What every list shows of a reward."""
    named = ("id", "type", "priority", "enabled", "intouchPoints", "redemptionType", "groups")
    return {
        **{name: reward[name] for name in named},
        "name": name_in(reward, request.get("language")),
        "status": reward_status(reward, request.now),
        "startTime": plain_time(reward["start"]),
        "startDateTime": iso(reward["start"]),
        "endTime": plain_time(reward["end"]),
        "endDateTime": iso(reward["end"]),
        "rewardRank": reward["rewardRank"],
        "paymentConfigs": reward["paymentConfigs"] or None,
    }


@routes("GET", f"{PREFIX}/reward/brand/{{brandId}}")
def list_rewards_short(request: Request) -> Reply:
    """Every reward of the brand in one answer, without groups and custom fields."""
    brand = path_brand(request, rewardList=None)
    stored = sorted(request.store.all(rewards_in(brand)), key=lambda one: int(one["id"]))
    if (request.get("includeExpired") or "true").lower() == "false":
        stored = [one for one in stored if reward_status(one, request.now) != "ENDED"]
    blank = {"groups": None, "customFields": None}
    return answer(
        6101, "rewards found", rewardList=[{**short_form(request, one), **blank} for one in stored]
    )


_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ")


@routes("GET", f"{PREFIX}/reward/brand/{{brandId}}/available")
def list_available_rewards(request: Request) -> Reply:
    """The rewards of a period that no active promotion holds, in every state."""
    brand = path_brand(request, rewardList=None)
    texts = [request.get("startDate") or "", request.get("endDate") or ""]
    if not all(map(_DATE.fullmatch, texts)):
        raise refusal(400, "dates must be YYYY-MM-DDTHH:MMZ")
    first, last = (instant_of(text, "date") for text in texts)
    fields = active_fields(request.store, "REWARD")
    found = [
        {**short_form(request, one), "customFields": shown_values(one["values"], fields)}
        for one in sorted(request.store.all(rewards_in(brand)), key=lambda one: int(one["id"]))
        if first <= one["end"]
        and one["start"] <= last
        and promotion_of(request.store, one["id"], request.now) is None
    ]
    return answer(6101, "rewards found", rewardList=found)
