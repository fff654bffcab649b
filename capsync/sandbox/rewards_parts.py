"""Prices, limits and revenue shares of a reward: from the request to what is kept and shown."""

from __future__ import annotations

from capsync.sandbox.rewards_envelope import iso, millis, refusal
from capsync.sandbox.rewards_input import Body, Json
from capsync.sandbox.web import Request

_MOST_PAYMENTS = 5
_AMOUNTS = {
    "POINTS": ("points",),
    "CASH": ("cash",),
    "POINTS_CASH": ("points", "cash"),
    "FREE": (),
    "CONV_RATIO": ("conversionRatio",),
}


def payments(request: Request, body: Body) -> list[Json] | None:
    """The ways to pay, each with a new id; of two for POINTS or CASH the first counts."""
    sent = body.objects("paymentConfigs")
    if sent is None:
        return None
    if len(sent) > _MOST_PAYMENTS:
        raise refusal(400, f"more than {_MOST_PAYMENTS} paymentConfigs")
    kept: list[Json] = []
    for one in sent:
        payment = _payment(one)
        mode = payment["paymentMode"]
        if mode == "POINTS_CASH" or mode not in {other["paymentMode"] for other in kept}:
            payment["id"] = request.store.next("reward-payment", 2119)
            kept.append(payment)
    return kept


def _payment(body: Body) -> Json:
    mode = body.choice("paymentMode", _AMOUNTS)
    body.need("paymentMode", *_AMOUNTS[str(mode)])
    payment: Json = {"paymentMode": mode, "id": None}
    for name in ("points", "cash", "conversionRatio"):
        amount = body.decimal(name)
        if amount is not None and amount <= 0:
            raise refusal(400, f"{name} must be above zero")
        if amount is not None:
            payment[name] = round(amount, 4)
    return payment


LEVELS = ("rewardLevel", "customerLevel")
_PERIODS = frozenset({"DAYS", "WEEKS", "MONTHS", "NO_LIMIT"})
_WEEKDAYS = frozenset(
    {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"}
)


def restrictions(request: Request, body: Body, before: Json) -> Json | None:
    """The limits by level; one that is left out is kept, an empty list clears it.

    Of two limits of a level with the same KPI and period the last counts. Limits that stay keep
    their ids.
    """
    sent = body.part("restrictions")
    if sent is None:
        return None
    levels = {}
    for level in LEVELS:
        items = sent.objects(level)
        old = (before or {}).get(level) or []
        levels[level] = old if items is None else _level(request, level, items, old)
    return levels if any(levels.values()) else {}


def _level(request: Request, level: str, items: list[Body], old: list[Json]) -> list[Json]:
    known = {limit_key(one): one for one in old}
    kept: dict[tuple[str, str], Json] = {}
    for body in items:
        limit = _limit(body, level)
        key = limit_key(limit)
        stamps = known.get(key) or {
            "id": request.store.next("reward-restriction", 51200),
            "createdOn": millis(request.now),
            "createdBy": request.user_id,
        }
        kept[key] = {
            **limit,
            **{name: stamps[name] for name in ("id", "createdOn", "createdBy")},
            "updatedOn": millis(request.now),
            "updatedBy": request.user_id,
        }
    return list(kept.values())


def limit_key(limit: Json) -> tuple[str, str]:
    """What is unique in a level."""
    return limit["kpi"], limit["repeatFrequencyType"]


def _limit(body: Body, level: str) -> Json:
    body.need("kpi", "repeatFrequencyType", "limit")
    start = body.instant("startOfCycle")
    read: Json = {
        "kpi": body.choice("kpi", {"QUANTITY", "REDEMPTION_VALUE"}),
        "windowType": body.choice("windowType", {"ROLLING", "FIXED"}),
        "repeatFrequencyType": body.choice("repeatFrequencyType", _PERIODS),
        "limit": body.number("limit", 0),
        "interval": body.number("interval", 1),
        "startOfCycle": None if start is None else iso(start),
        "weekStartDay": body.choice("weekStartDay", _WEEKDAYS),
    }
    if read["windowType"] == "FIXED":
        _check_fixed(read, level)
    return {name: value for name, value in read.items() if value is not None}


def _check_fixed(limit: Json, level: str) -> None:
    period = limit["repeatFrequencyType"]
    if period == "DAYS":
        if limit["interval"] is None:
            raise refusal(400, "a fixed window of days needs interval")
        if level == "customerLevel" and limit["startOfCycle"] is None:
            raise refusal(400, "a fixed window of days needs startOfCycle")
    elif limit["interval"] is not None or limit["startOfCycle"] is not None:
        raise refusal(400, "only a fixed window of days takes interval and startOfCycle")
    if period == "WEEKS":
        limit["weekStartDay"] = limit["weekStartDay"] or "MONDAY"
    elif limit["weekStartDay"] is not None:
        raise refusal(400, "only a fixed window of weeks takes weekStartDay")


def shown_restrictions(kept: Json) -> Json | None:
    """The limits as they are answered: times in two forms, null where there are none."""
    if not kept or not any(kept.values()):
        return None
    return {level: [_shown_limit(one) for one in kept[level]] for level in LEVELS}


def _shown_limit(limit: Json) -> Json:
    made, changed = (limit[name] // 1000 * 1000 for name in ("createdOn", "updatedOn"))
    times = {"createdOn": made, "updatedOn": changed}
    return {**limit, **times, "createdOnDateTime": iso(made), "updatedOnDateTime": iso(changed)}


_PARTICIPANTS = frozenset({"BRAND", "CAPILLARY", "AFFILIATE", "END_CUSTOMER"})


def revenue(request: Request, body: Body) -> Json:
    """The shares and default shares that a body holds."""
    read: Json = {}
    shares = body.objects("rewardRevenueMeta")
    if shares is not None:
        read["rewardRevenueMeta"] = [_share(request, one) for one in shares]
    defaults = body.objects("rewardRevenueDefaults")
    if defaults is not None:
        first: dict[str, Json] = {}
        for one in defaults:
            one.need("commissionParticipant")
            who = str(one.choice("commissionParticipant", _PARTICIPANTS))
            share = one.decimal("defaultValue") or 0.0
            first.setdefault(who, {"commissionParticipant": who, "defaultValue": share})
        read["rewardRevenueDefaults"] = list(first.values())
    return read


def _share(request: Request, body: Body) -> Json:
    body.need("commissionParticipant", "commissionRate", "cycleStartDate", "cycleEndDate")
    return {
        "id": request.store.next("reward-revenue", 9001),
        "commissionParticipant": body.choice("commissionParticipant", _PARTICIPANTS),
        "commissionRate": body.decimal("commissionRate"),
        "cycleStartDate": body.instant("cycleStartDate"),
        "cycleEndDate": body.instant("cycleEndDate"),
    }


def shown_revenue(shares: list[Json]) -> list[Json]:
    """The shares as they are answered; no example shows one, so: as sent, with ids."""
    cycle = ("cycleStartDate", "cycleEndDate")
    return [{**one, **{name: iso(one[name]) for name in cycle}} for one in shares]
