"""What must hold for a whole reward, and what may no longer change once it runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from capsync.sandbox.rewards_audience import audience_kinds
from capsync.sandbox.rewards_envelope import millis
from capsync.sandbox.rewards_input import Json
from capsync.sandbox.rewards_parts import LEVELS, limit_key

TYPES = frozenset({"POINTS", "PHYSICAL_VOUCHER", "FREE_VOUCHER", "VOUCHER"})

# A vendor delivers these. MILES, AUCTION, PHYSICAL_REWARD and VOUCHER are shown without a vendor
# redemption in documented requests, so they are not held to it.
_BY_VENDOR = frozenset(
    {"GAMES", "CASH_WALLET", "CASH_BACK", "CHARITY", "GIFT_CARD", "CARD_DISC"}
    | {"VENDOR_ONLY_REWARD", "VENDOR_INTOUCH_REWARD"}
)
_NEEDS_SERIES = frozenset({"INTOUCH_REWARD", "CART_PROMOTION", "VENDOR_INTOUCH_REWARD"})
_CONVERTIBLE = frozenset(
    {"CHARITY", "MILES", "CASH_WALLET", "SWEEPSTAKES", "AUCTION", "GIFT_CARD", "PHYSICAL_REWARD"}
)
_TEN_YEARS = 10 * 365.25 * 86_400_000


def reward_status(reward: Json, now: float) -> str:
    """UPCOMING, LIVE or ENDED."""
    if millis(now) < reward["start"]:
        return "UPCOMING"
    return "ENDED" if millis(now) > reward["end"] else "LIVE"


def faults_of(reward: Json, now: float, *, before: Json | None) -> list[str]:
    """Everything that is wrong with a reward as it would be; `before` is None for a new one."""
    faults = [*_date_faults(reward, now, before), *_payment_faults(reward)]
    faults += _delivery_faults(reward, before)
    faults += _revenue_faults(reward, now, before)
    if audience_kinds(reward) > 1:
        faults.append("a reward has one kind of audience")
    if before is not None:
        faults += _lock_faults(reward, before, now)
    return faults


def _date_faults(reward: Json, now: float, before: Json | None) -> Iterator[str]:
    if reward["end"] < reward["start"]:
        yield "endTime must not be before startTime"
    changed = before is None or reward["start"] != before["start"]
    if changed and reward["start"] < millis(now) - _TEN_YEARS:
        yield "startTime is more than ten years back"


def _payment_faults(reward: Json) -> Iterator[str]:
    modes = [one["paymentMode"] for one in reward["paymentConfigs"] or ()]
    if len(modes) > 1 and {"FREE", "CONV_RATIO"} & {*modes}:
        yield "FREE and CONV_RATIO stand alone"
    if "CONV_RATIO" in modes and reward["redemptionType"] not in _CONVERTIBLE:
        yield "conversion ratio not possible for this type"
    if not modes and reward["redemptionType"] == "MILES":
        yield "MILES needs paymentConfigs"
    if not modes and reward["type"] != "FREE_VOUCHER" and reward["intouchPoints"] <= 0:
        yield "intouchPoints must be above zero"


def _delivery_faults(reward: Json, before: Json | None) -> Iterator[str]:
    kind = reward["redemptionType"]
    if kind in _BY_VENDOR and reward["vendorRedemption"] is None:
        yield "vendorRedemption is required for this type"
    if kind in _NEEDS_SERIES and not reward["intouchSeriesId"]:
        yield "intouchSeriesId is required for this type"
    # When terms are required is not documented; the one refusal shown is of such a reward.
    if (
        before is None
        and kind == "PHYSICAL_REWARD"
        and not all(map(_has_terms, reward["languages"]))
    ):
        yield "terms are required"


def _has_terms(block: Json) -> bool:
    return bool(block["termNConditionsId"] or block["terms"])


_CYCLE = ("commissionParticipant", "cycleStartDate", "cycleEndDate")


def _revenue_faults(reward: Json, now: float, before: Json | None) -> Iterator[str]:
    known = {_cycle(one) for one in (before or {}).get("rewardRevenueMeta") or ()}
    cycles = sorted(_cycle(one) for one in reward["rewardRevenueMeta"])
    for cycle in cycles:
        if not reward["start"] < cycle[1] < cycle[2] < reward["end"]:
            yield "a revenue cycle must be inside the reward period"
        elif cycle not in known and cycle[1] <= millis(now):
            yield "a revenue cycle must be in the future"
    for one, other in pairwise(cycles):
        if one[0] == other[0] and other[1] < one[2]:
            yield "revenue cycles of a participant overlap"


def _cycle(share: Json) -> tuple[str, int, int]:
    who, start, end = (share[name] for name in _CYCLE)
    return who, start, end


def _lock_faults(reward: Json, before: Json, now: float) -> Iterator[str]:
    state = reward_status(before, now)
    if state == "UPCOMING":
        return
    for name, label in (
        ("start", "startTime"),
        ("redemptionType", "redemptionType"),
        ("type", "type"),
        ("owners", "owners"),
    ):
        if (reward[name] or None) != (before[name] or None):
            yield f"{label} can not change after the start"
    if state == "ENDED" and _limits_reshaped(reward["restrictions"], before["restrictions"]):
        yield "limits of an ended reward keep their windows"


def _limits_reshaped(now: Json, before: Json) -> bool:
    """Whether a limit changed its window type, or got a period that it did not have."""
    for level in LEVELS:
        old, new = (
            {limit_key(one): one for one in (limits or {}).get(level) or ()}
            for limits in (before, now)
        )
        if any(
            old[key].get("windowType") != new[key].get("windowType")
            for key in old.keys() & new.keys()
        ):
            return True
        for kpi, period in old:
            if period == "NO_LIMIT" and (kpi, period) not in new and any(k == kpi for k, _ in new):
                return True
    return False
