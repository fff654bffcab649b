"""Where coupon series are kept, and the codes that no two of them share."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.coupons_checks import refusal
from capsync.sandbox.store import Store

Json = Any

SERIES = "coupon-series"
CODES = "coupon-series-codes"  # seriesCode -> id
_GENERIC = "coupon-generic-codes"  # genericCode -> id


def hold(store: Store, series: Json) -> None:
    """Store a whole series as it is: one that the console made."""
    store.put(SERIES, series["id"], series)
    store.put(CODES, series["seriesCode"], series["id"])
    if series["clientHandlingType"] == "GENERIC":
        store.put(_GENERIC, series["genericCode"], series["id"])


def move_code(store: Store, known: Json, series: Json) -> None:
    """Give an updated series its seriesCode; refuses an empty one and that of another."""
    code = series["seriesCode"]
    if code == "":
        raise refusal(400, 753, "Series code is empty")
    if code == known["seriesCode"]:
        return
    if store.get(CODES, code) is not None:
        raise refusal(400, 751, "A series with the same series code exists")
    store.delete(CODES, known["seriesCode"])


def claim_generic_code(store: Store, series: Json) -> None:
    """Reserve a common code before its series is held; refuses one that is taken."""
    known = store.get(SERIES, series["id"])
    old = known.get("genericCode") if known else None
    code = series.get("genericCode")
    if series["clientHandlingType"] != "GENERIC" or code == old:
        return
    if store.get(_GENERIC, code) is not None:
        raise refusal(400, 631, "Duplicate generic coupon code")
    if old is not None:
        store.delete(_GENERIC, old)
