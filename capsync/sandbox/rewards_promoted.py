"""Which promotion holds a reward, and what the reward costs in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from capsync.sandbox.rewards_envelope import iso, millis, plain_time
from capsync.sandbox.rewards_input import Json
from capsync.sandbox.rewards_rules import reward_status
from capsync.sandbox.store import Store

PROMOTIONS = "reward-promotions"
_HOLDERS = "reward-promotion-of"


def promotion_of(store: Store, reward: int, now: float) -> Json | None:
    """The promotion that is enabled, not over, and holds the reward."""
    id = store.get(_HOLDERS, reward)
    promotion = None if id is None else store.get(PROMOTIONS, id)
    if promotion is None or not promotion["isEnabled"] or promotion["end"] < millis(now):
        return None
    return promotion if reward in promotion["rewardIds"] else None


def hold(store: Store, promotion: Json) -> None:
    """Note that a promotion holds its rewards."""
    for reward in promotion["rewardIds"]:
        store.put(_HOLDERS, reward, promotion["id"])


def unfit(reward: Json, now: float) -> bool:
    """Whether a reward is over, disabled or free: promotions do not take it."""
    modes = {one["paymentMode"] for one in reward["paymentConfigs"] or ()}
    free = reward["type"] == "FREE_VOUCHER" or "FREE" in modes
    return free or not reward["enabled"] or reward_status(reward, now) == "ENDED"


def links(promotion: Json, rewards: Iterable[Json], now: float) -> list[Json]:
    """What the details show of the rewards: one entry for each price in points of each."""
    period = {
        "promotionId": promotion["id"],
        "startTime": plain_time(promotion["start"]),
        "startDateTime": iso(promotion["start"]),
        "endTime": plain_time(promotion["end"]),
        "endDateTime": iso(promotion["end"]),
        "expired": promotion["end"] < millis(now),
        "started": promotion["start"] <= millis(now),
    }
    entries = [
        {"rewardId": reward["id"], **period, **price}
        for reward in rewards
        for price in _prices(promotion, reward)
    ]
    return [{"id": promotion["id"] * 1000 + n, **one} for n, one in enumerate(entries)]


def _prices(promotion: Json, reward: Json) -> Iterator[Json]:
    payments = [
        one
        for one in reward["paymentConfigs"] or ()
        if one["paymentMode"] in {"POINTS", "POINTS_CASH", "CONV_RATIO"}
    ]
    if not payments:
        yield _price(promotion, reward["intouchPoints"], None)
    for one in payments:
        ratio = one["conversionRatio"] if one["paymentMode"] == "CONV_RATIO" else None
        yield {**_price(promotion, one.get("points"), ratio), "configId": one["id"]}


def _price(promotion: Json, points: Json, ratio: Json) -> Json:
    if ratio is None:
        price = int(_reduced(promotion, points).to_integral_value(ROUND_HALF_UP))
        return {"intouchPointsPostDiscount": price, "intouchPointsPostDiscountInDecimal": None}
    reduced = _reduced(promotion, ratio)
    return {
        "intouchPointsPostDiscount": int(reduced),
        "intouchPointsPostDiscountInDecimal": float(
            reduced.quantize(Decimal("0.001"), ROUND_HALF_UP)
        ),
    }


def _reduced(promotion: Json, price: float) -> Decimal:
    full, value = Decimal(str(price)), Decimal(str(promotion["discountValue"]))
    if promotion["discountType"] == "FIXED":
        return value
    off = full * value / 100 if promotion["discountType"] == "PERCENTAGE" else value
    return max(Decimal(0), full - off)
