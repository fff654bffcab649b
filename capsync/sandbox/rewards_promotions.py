"""Catalog promotions: rewards at a lower price for a while."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from capsync.sandbox.rewards import CATALOG_PROMOTIONS, config_value
from capsync.sandbox.rewards_envelope import (
    PREFIX,
    answer,
    brand_of,
    created,
    iso,
    millis,
    path_brand,
    path_number,
    plain_time,
    refusal,
    status,
    updated,
)
from capsync.sandbox.rewards_fields import FieldError, active_fields, field_values, shown_values
from capsync.sandbox.rewards_input import Body, Json, body_of
from capsync.sandbox.rewards_links import rewards_in
from capsync.sandbox.rewards_localised import name_in
from capsync.sandbox.rewards_promoted import PROMOTIONS, hold, links, promotion_of, unfit
from capsync.sandbox.web import Reply, Request, Routes

routes = Routes()

_DISCOUNTS = frozenset({"ABSOLUTE", "PERCENTAGE", "FIXED"})
_SCOPE = "CATALOGUE_PROMOTION"


@routes("POST", f"{PREFIX}/promotion/create")
def create_promotion(request: Request) -> Reply:
    """A new promotion over rewards that can be discounted and that no other one holds."""
    body = body_of(request)
    body.need("startTime", "endTime", "discountType", "discountValue", "brandId")
    body.need("languageSpecificInfo", "rewardIds")
    brand = brand_of(request, body.raw("brandId"), catalogPromotion=None, failedRewards=[])
    if (config_value(request.store, CATALOG_PROMOTIONS, brand) or "").lower() != "true":
        raise refusal(400, "catalog promotions are switched off")
    promotion = {
        "isEnabled": True,
        "customFields": {},
        **_read(request, body, []),
        "orgId": request.org_id,
        "brandId": brand,
        **created(request),
    }
    if promotion["start"] < millis(request.now):
        raise refusal(400, "startTime must not be past")
    _check_end(request, promotion)
    _check_rewards(request, promotion, promotion["rewardIds"])
    promotion["id"] = request.store.next("reward-promotion", 16420)
    return _kept(request, promotion, 11002, "promotion created")


@routes("PUT", f"{PREFIX}/promotion/{{promotionId}}/brand/{{brandId}}")
def update_promotion(request: Request) -> Reply:
    """Change a promotion; `rewardIds` is the whole set."""
    before = _known(request)
    body = body_of(request)
    if not before["isEnabled"]:
        raise refusal(11013, "promotion is disabled")
    if before["end"] < millis(request.now):
        raise refusal(11024, "expired promotion is locked")
    if body.raw("rewardIds") is None:
        # As documented: this mistake is answered as a fault of the server.
        raise refusal(500, "internal error", http=500)
    if body.raw("discountType") is None:
        raise refusal(11025, "discount missing or invalid")
    read = _read(request, body, before["languageSpecificInfo"])
    promotion = {**before, **read, **updated(request)}
    _check_locks(request, promotion, before)
    _check_end(request, promotion)
    added = [id for id in promotion["rewardIds"] if id not in before["rewardIds"]]
    _check_rewards(request, promotion, added)
    return _kept(request, promotion, 11021, "promotion updated")


def _check_locks(request: Request, promotion: Json, before: Json) -> None:
    locked = ("start", "discountType", "discountValue")
    running = before["start"] <= millis(request.now)
    if running and any(promotion[name] != before[name] for name in locked):
        raise refusal(11022, "start and discount of a running promotion are locked")


def _check_end(request: Request, promotion: Json) -> None:
    if promotion["end"] < max(promotion["start"], millis(request.now)):
        raise refusal(11020, "end before start, or past")


def _check_rewards(request: Request, promotion: Json, ids: Iterable[int]) -> None:
    """Refuse rewards that are unknown, unfit, or held by another promotion."""
    rewards = []
    for id in ids:
        reward = request.store.get(rewards_in(promotion["brandId"]), id)
        if reward is None:
            raise refusal(6004, "reward unknown or disabled", catalogPromotion=None)
        rewards.append(reward)
    wrong = [one for one in rewards if unfit(one, request.now)]
    if wrong:
        _fail(request, 11015, "reward expired, disabled or free", wrong)
    held = [one for one in rewards if promotion_of(request.store, one["id"], request.now)]
    if held:
        _fail(request, 11004, "reward already in an active promotion", held)


def _fail(request: Request, code: int, message: str, rewards: Iterable[Json]) -> NoReturn:
    fields = active_fields(request.store, "REWARD")
    named = ("id", "type", "priority", "enabled", "intouchPoints", "redemptionType")
    failed = [
        {
            **{name: one[name] for name in named},
            "name": name_in(one, None),
            "startTime": plain_time(one["start"]),
            "endTime": plain_time(one["end"]),
            "customFields": shown_values(one["values"], fields),
        }
        for one in rewards
    ]
    raise refusal(code, message, catalogPromotion=None, failedRewards=failed)


def _kept(request: Request, promotion: Json, code: int, message: str) -> Reply:
    request.store.put(PROMOTIONS, promotion["id"], promotion)
    hold(request.store, promotion)
    return answer(code, message, catalogPromotion={"id": promotion["id"]}, failedRewards=[])


def _read(request: Request, body: Body, before: list[Json]) -> Json:
    """What a body says; members that are absent or null are not in it."""
    start, end = body.instant("startTime"), body.instant("endTime")
    read: Json = {
        "start": start and start // 1000 * 1000,
        "end": end and end // 1000 * 1000,
        "discountType": body.choice("discountType", _DISCOUNTS),
        "discountValue": body.raw("discountValue"),
        "isEnabled": body.flag("enabled"),
        "languageSpecificInfo": _languages(request, body, before),
        "rewardIds": body.numbers("rewardIds"),
        "customFields": _custom_values(request, body),
    }
    if (body.decimal("discountValue") or 0) <= 0:
        raise refusal(11025, "discount missing or invalid")
    if read["rewardIds"] is not None:
        read["rewardIds"] = sorted(set(read["rewardIds"]))
    return {name: value for name, value in read.items() if value is not None}


def _custom_values(request: Request, body: Body) -> Json | None:
    if body.raw("customFields") is None:
        return None
    try:
        return field_values(body.mapping("customFields"), active_fields(request.store, _SCOPE))
    except FieldError as error:
        raise refusal(3014, str(error)) from None


def _languages(request: Request, body: Body, before: list[Json]) -> list[Json] | None:
    sent = body.objects("languageSpecificInfo")
    if sent is None:
        return None
    known = {one["languageCode"]: one for one in before}
    blocks = []
    for one in sent:
        one.need("languageCode", "name", "enabled")
        if one.raw("description") is None:
            raise refusal(400, "description is required")
        code = str(one.text("languageCode"))
        made = (
            {name: known[code][name] for name in ("createdOn", "createdBy")}
            if code in known
            else {}
        )
        texts = {name: one.text(name, None) for name in ("name", "description")}
        block = {"languageCode": code, **texts, "enabled": one.flag("enabled")}
        blocks.append({**block, **created(request), **made})
    return blocks


@routes("GET", f"{PREFIX}/promotion/{{promotionId}}/brand/{{brandId}}")
def get_promotion(request: Request) -> Reply:
    """One promotion with its languages and rewards."""
    promotion = _known(request)
    rewards = [
        request.store.get(rewards_in(promotion["brandId"]), id) for id in promotion["rewardIds"]
    ]
    shown = {
        **_summary(request, promotion),
        "languageSpecificInfo": [_shown_language(one) for one in promotion["languageSpecificInfo"]],
        "rewards": links(promotion, filter(None, rewards), request.now),
    }
    return answer(11008, "promotion found", catalogPromotion=shown)


def _known(request: Request) -> Json:
    brand = path_brand(request, catalogPromotion=None)
    promotion = request.store.get(PROMOTIONS, path_number(request, "promotionId"))
    if promotion is None or promotion["brandId"] != brand:
        raise refusal(11007, "promotion unknown", catalogPromotion=None)
    return promotion


@routes("GET", f"{PREFIX}/promotion/brand/{{brandId}}")
def list_promotions(request: Request) -> Reply:
    """Every promotion of the brand, disabled and expired ones too, without its rewards."""
    brand = path_brand(request, catalogPromotions=None)
    found = [one for one in request.store.all(PROMOTIONS) if one["brandId"] == brand]
    shown = [{**_summary(request, one), "languageSpecificInfo": None} for one in reversed(found)]
    return answer(11008, "promotions found", catalogPromotions=shown)


@routes("PUT", f"{PREFIX}/promotion/{{promotionId}}/status/false/brand/{{brandId}}")
def disable_promotion(request: Request) -> Reply:
    """Disable for good; a second time is answered as a success with another code."""
    promotion = _known(request)
    if not promotion["isEnabled"]:
        return Reply({"status": status(11013, "promotion is disabled")})
    promotion |= {"isEnabled": False, **updated(request)}
    request.store.put(PROMOTIONS, promotion["id"], promotion)
    return answer(11011, "promotion status changed")


def _summary(request: Request, promotion: Json) -> Json:
    named = ("id", "orgId", "isEnabled", "discountType", "discountValue", "createdBy")
    made, changed = promotion["createdOn"], promotion["lastUpdatedOn"]
    names = {"languages": promotion["languageSpecificInfo"]}
    return {
        **{name: promotion[name] for name in named},
        "name": name_in(names, None) if names["languages"] else None,
        "startTime": plain_time(promotion["start"]),
        "startDateTime": iso(promotion["start"]),
        "endTime": plain_time(promotion["end"]),
        "endDateTime": iso(promotion["end"]),
        "createdOn": plain_time(made),
        "createdOnDateTime": iso(made),
        "lastUpdatedOn": plain_time(changed),
        "lastUpdatedOnDateTime": iso(changed),
        "lastUpdatedBy": promotion["lastUpdatedBy"],
        "customFields": shown_values(
            promotion["customFields"], active_fields(request.store, _SCOPE)
        ),
    }


def _shown_language(block: Json) -> Json:
    return {
        **{name: block[name] for name in ("languageCode", "name", "description", "enabled")},
        "createdBy": block["createdBy"],
        "createdOn": plain_time(block["createdOn"]),
        "createdOnDateTime": iso(block["createdOn"]),
        "lastUpdatedBy": block["lastUpdatedBy"],
        # Spelled like that, without the d.
        "lastUpdateOn": plain_time(block["lastUpdatedOn"]),
        "lastUpdateOnDateTime": iso(block["lastUpdatedOn"]),
    }
