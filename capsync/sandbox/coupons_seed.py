"""Coupon series as people make them in the console: odd values included."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from capsync.sandbox.coupons_fields import (
    COUNTERS,
    NO_DATE,
    computed,
    dated,
    second,
    with_defaults,
)

Json = Any

_DAY = 86400.0
LOYALTY_PROGRAM = 626


def console_series(org_id: int, now: float) -> Iterator[Json]:
    """Series without id: plain, two of one name, claimed, common code, uploaded, redeemable."""
    made = [
        _made("Diwali 20% off", "NO_VALUE", 20, discountType="PERC", maxCreate=5000),
        _made("Free coffee", "FREECOFFEE", 120),
        _made("Free coffee", "FREECOFFEE", 120, anyUser=True),
        _made(
            "Tier upgrade gift",
            "NO_VALUE",
            15,
            discountType="PERC",
            ownedBy="LOYALTY",
            ownerId=LOYALTY_PROGRAM,
            seriesType="LOYALTY",
            ownerValidity=4705554197000,
        ),
        _made("Trial shared", "TRIAL", 50, clientHandlingType="GENERIC", genericCode="TRIAL50"),
        _made("Vendor April", "VENDOR", 99, clientHandlingType="DISC_CODE_PIN"),
        _made("Walk in 50", "WALKIN", 50, clientHandlingType="GENERIC_REDEEMABLE"),
    ]
    for number, sent in enumerate(made):
        yield _stored(sent, org_id, now, number)


def _made(name: str, code: str, value: int, **members: Json) -> Json:
    return {
        "description": name,
        "discountCode": code,
        "discountType": "ABS",
        "discountValue": value,
        "anyUser": False,
        "smsTemplate": "Hi {{first_name}}, {{voucher}} is yours",
        "clientHandlingType": "DISC_CODE",
        "expiryStrategyType": "SERIES_EXPIRY",
        "expiryStrategyValue": 1,
        "maxBillAmount": 9007199254740991,
        "minBillAmount": 0,
        "mutualExclusiveSeriesIds": "[]",
        "redemptionRange": '{"dom":["-1"],"dow":["-1"],"hours":["-1"]}',
        "termsAndConditions": "T&C apply",
        "dvsItems": "false",
        "alphaNumeric": True,
        "randomCodeLength": 8,
        "doNotResendExistingVoucher": True,
        **members,
    }


def _stored(sent: Json, org_id: int, now: float, number: int) -> Json:
    fields = with_defaults(sent)
    made = now - (40 - number) * _DAY
    code = hashlib.sha256(f"console/{number}".encode()).hexdigest()[:8].upper()
    return {
        "orgId": org_id,
        **fields,
        **computed(fields),
        **dated({"validTillDate": second(now + 400 * _DAY)}, now),
        "redemptionValidFrom": NO_DATE,
        "dvsExpiryDate": dated({}, made + 30 * _DAY)["dvsExpiryDate"],
        **COUNTERS,
        "numTotal": -1,
        "numIssued": 7 * number,
        "createdBy": 75000611,
        "createdOn": second(made),
        "lastUsed": second(made),
        "seriesCode": code,
    }
