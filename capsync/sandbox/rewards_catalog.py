"""Rewards: create, update, and the get by id."""

from __future__ import annotations

import re

from capsync.sandbox.rewards_audience import ON_CREATE, ON_UPDATE, Codes, audience
from capsync.sandbox.rewards_envelope import (
    PREFIX,
    answer,
    brand_of,
    created,
    iso,
    path_brand,
    path_number,
    plain_time,
    refusal,
    updated,
)
from capsync.sandbox.rewards_fields import shown_values
from capsync.sandbox.rewards_input import Body, Json, body_of
from capsync.sandbox.rewards_limits import REDEMPTION_TYPES
from capsync.sandbox.rewards_links import note_links, rewards_in
from capsync.sandbox.rewards_localised import Vocabulary, languages, shown_languages
from capsync.sandbox.rewards_parts import (
    payments,
    restrictions,
    revenue,
    shown_restrictions,
    shown_revenue,
)
from capsync.sandbox.rewards_redemptions import REDEMPTIONS
from capsync.sandbox.rewards_rules import TYPES, faults_of, reward_status
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

routes = Routes()

_EXTERNAL_ID = re.compile("[A-Za-z0-9]{1,255}")
_OWNERS = frozenset({"LOYALTY_PROGRAM", "MILESTONES", "CAMPAIGNS", "JOURNEYS", "GOODWILL"})

_BLANK: Json = {
    "rewardExternalId": None,
    "enabled": True,
    "priority": None,  # "default 0" says the table, null says the documented answer
    "intouchPoints": 0,
    "intouchSeriesId": None,
    "tier": None,
    "group": None,
    "label": None,
    "vendorRedemption": None,
    "categories": [],
    "groups": [],
    "rewardRank": None,
    "owners": None,
    "supplementaryCriteriaRO": [],
    "segment": [],
    "cardSeries": [],
    "labels": [],
    "restrictions": None,
    "rewardRevenueMeta": [],
    "rewardRevenueDefaults": [],
    "paymentConfigs": None,
}


@routes("POST", f"{PREFIX}/reward/create")
def create_reward(request: Request) -> Reply:
    """A new reward; the answer is its id."""
    body = body_of(request)
    body.need("startTime", "endTime", "type", "brandId", "redemptionType")
    body.need("languageSpecificInfo")
    brand = brand_of(request, body.raw("brandId"), reward=None)
    read = _read(request, body, ON_CREATE, None)
    reward = {**_BLANK, **read, "brandId": brand, **created(request)}
    _refuse_faults(faults_of(reward, request.now, before=None))
    reward["id"] = request.store.next("reward", 540101)
    _keep(request.store, None, reward)
    return answer(6002, "reward created", reward={"id": reward["id"]})


@routes("PUT", f"{PREFIX}/reward/{{rewardId}}/brand/{{brandId}}")
def update_reward(request: Request) -> Reply:
    """Change a reward: null and what is left out is kept, but for the custom fields."""
    brand = path_brand(request, reward=None)
    before = _known(request, brand)
    body = body_of(request)
    body.need("endTime", "type", "brandId", "redemptionType")
    reward = {**before, **_read(request, body, ON_UPDATE, before), **updated(request)}
    _refuse_faults(faults_of(reward, request.now, before=before))
    _keep(request.store, before, reward)
    request.store.touch(rewards_in(brand), reward["id"])
    return answer(6006, "reward updated", reward={"id": reward["id"]})


@routes("GET", f"{PREFIX}/reward/{{rewardId}}/brand/{{brandId}}")
def get_reward(request: Request) -> Reply:
    """The whole of a reward that is enabled; disabled ones are only in the lists.

    Code 6004 is documented as "unknown or disabled", and no documented answer of this call shows
    a disabled reward.
    """
    reward = _known(request, path_brand(request, reward=None))
    if not reward["enabled"]:
        raise refusal(6004, "reward unknown or disabled", reward=None)
    return answer(6001, "reward found", reward=_shown(request, reward))


def _known(request: Request, brand: int) -> Json:
    reward = request.store.get(rewards_in(brand), path_number(request, "rewardId"))
    if reward is None:
        raise refusal(6004, "reward unknown or disabled", reward=None)
    return reward


def _refuse_faults(faults: list[str]) -> None:
    if faults:
        raise refusal(400, "; ".join(faults))


def _keep(store: Store, before: Json, reward: Json) -> None:
    """Store a reward, what it links to, and its external id, which is unique in the brand."""
    ids, external = f"reward-external-ids/{reward['brandId']}", reward["rewardExternalId"]
    old = before and before["rewardExternalId"]
    if external != old:
        if store.get(ids, external) is not None:
            raise refusal(6081, "rewardExternalId already used", reward=None)
        if old is not None:
            store.delete(ids, old)
        store.put(ids, external, reward["id"])
    store.put(rewards_in(reward["brandId"]), reward["id"], reward)
    note_links(store, reward["brandId"], reward)


def _read(request: Request, body: Body, codes: Codes, before: Json) -> Json:
    """What a body says; members that are absent or null are not in it."""
    words = Vocabulary.of(request.store)
    read: Json = {
        **_dates(body),
        "type": body.choice("type", TYPES),
        "redemptionType": body.choice("redemptionType", REDEMPTION_TYPES),
        "rewardExternalId": _external_id(body),
        "languages": languages(request.store, body, words, codes),
        "enabled": body.flag("enabled"),
        "priority": body.number("priority", 0),
        "intouchPoints": body.number("intouchPoints", 0),
        "intouchSeriesId": body.text("intouchSeriesId"),
        "vendorRedemption": body.number("vendorRedemption"),
        "rewardRank": body.number("rewardRank"),
        "categories": _categories(request.store, body),
        "groups": _groups(body),
        "owners": _owners(body),
        "paymentConfigs": payments(request, body),
        "restrictions": restrictions(request, body, before and before["restrictions"]),
    }
    read = {name: value for name, value in read.items() if value is not None}
    read |= audience(request.store, body, codes)
    read |= revenue(request, body)
    read |= {
        tag: body.text(tag) or None
        for tag in ("tier", "group", "label")
        if body.raw(tag) is not None
    }
    # Unlike everything else these are replaced, also by nothing.
    read["values"] = words.values(body, codes)
    return read


def _dates(body: Body) -> Json:
    """The period, to the second: answers show no more."""
    period = {"start": body.instant("startTime"), "end": body.instant("endTime")}
    return {name: None if ms is None else ms // 1000 * 1000 for name, ms in period.items()}


def _external_id(body: Body) -> str | None:
    external = body.text("rewardExternalId")
    if external is not None and not _EXTERNAL_ID.fullmatch(external):
        raise refusal(400, "rewardExternalId must be alphanumeric")
    return external


def _categories(store: Store, body: Body) -> list[int] | None:
    """Category ids; a disabled category does not take rewards, unknown ids are not checked."""
    ids = body.numbers("categories")
    if ids is None:
        return None
    found = {id: store.get("reward-categories", id) for id in ids}
    return sorted(id for id, category in found.items() if category is None or category["enabled"])


def _groups(body: Body) -> list[Json] | None:
    """Links to groups by name, which is not checked."""
    sent = body.objects("groups")
    if sent is None:
        return None
    links: dict[str, Json] = {}
    for one in sent:
        one.need("groupName")
        name = str(one.text("groupName"))
        links.setdefault(name, {"groupName": name, "groupRank": one.number("groupRank")})
    return list(links.values())


def _owners(body: Body) -> list[Json] | None:
    sent = body.objects("owners")
    if sent is None:
        return None
    owners = []
    for one in sent:
        one.need("ownerType")
        owner = {"ownerType": one.choice("ownerType", _OWNERS), "ownerId": one.text("ownerId")}
        owners.append(owner)
    return owners


_AS_KEPT = (
    *("id", "type", "enabled", "priority", "intouchPoints", "intouchSeriesId", "tier", "group"),
    *("label", "redemptionType", "vendorRedemption", "categories", "supplementaryCriteriaRO"),
    *("groups", "rewardRank", "rewardRevenueDefaults", "segment", "createdBy", "lastUpdatedBy"),
)


def _shown(request: Request, reward: Json) -> Json:
    words = Vocabulary.of(request.store)
    redemption = request.store.get(REDEMPTIONS, reward["vendorRedemption"] or 0)
    return {
        **{name: reward[name] for name in _AS_KEPT},
        "startDate": plain_time(reward["start"]),
        "startDateTime": iso(reward["start"]),
        "endDate": plain_time(reward["end"]),
        "endDateTime": iso(reward["end"]),
        "status": reward_status(reward, request.now),
        "tillId": None,
        "programId": None,
        "vendorId": redemption and redemption["vendorId"],
        "communications": None,  # in every documented answer, whatever was sent
        "geography": None,
        "languageSpecificInfo": shown_languages(request, reward, words),
        "customFields": shown_values(reward["values"], words.fields),
        "owners": reward["owners"] or None,
        "restrictions": shown_restrictions(reward["restrictions"]),
        "rewardRevenueMeta": shown_revenue(reward["rewardRevenueMeta"]),
        "paymentConfigs": reward["paymentConfigs"] or None,
        "cardSeries": reward["cardSeries"] or None,
        "labels": reward["labels"] or None,
    }
