"""The fields of a coupon series: types, defaults, and what the service makes of values."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

Json = Any

OWNERS = ("NONE", "LOYALTY", "OUTBOUND", "GOODWILL", "DVS", "TIMELINE", "REFERRAL", "JOURNEY")
HANDLING = ("DISC_CODE", "GENERIC", "DISC_CODE_PIN", "GENERIC_REDEEMABLE")
EXPIRY = ("SERIES_EXPIRY", "MONTHS_END", "DAYS")
ORG_ENTITIES = ("CONCEPT", "TILL", "ZONE", "STORE")
_EXACT = 2**53  # whole floats below it are exact
NO_DATE = "1970-01-01T00:00:00Z"
# Shown by reads alone.
READ_ONLY_PARTS = ("customPropertyMap", "productInfo", "redemptionOrgEntityDetails")

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?"
)
_SERIES_TYPES = {"LOYALTY": "LOYALTY", "OUTBOUND": "CAMPAIGN", "REFERRAL": "REFERRAL"}


def text(value: Json) -> str:
    """Any scalar as text; raises ValueError for others."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(value)
    return str(value)


def flag(value: Json) -> bool:
    """A boolean, also as the words true and false."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise ValueError(value)


def int32(value: Json) -> int:
    """A whole number modulo 2^32: the service wraps and does not complain (api notes: 1.4)."""
    return (int64(value) + 2**31) % 2**32 - 2**31


def int64(value: Json) -> int:
    """A whole number, also in digits."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(value)
    number = int(value)
    if abs(number) >= 2**63:
        raise ValueError(value)
    return number


def double(value: Json) -> float | int:
    """A number; whole ones stay whole."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(value)
    number = float(value)
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def float32(value: Json) -> float | int:
    """The nearest 32-bit float, in full: what answers of writes show."""
    try:
        return double(struct.unpack("<f", struct.pack("<f", float(double(value))))[0])
    except OverflowError as overflow:
        raise ValueError(value) from overflow


def printed_float32(value: float) -> float | int:
    """A 32-bit float with the nine digits that reads show."""
    return double(f"{value:.9g}")


def instant(value: Json) -> datetime:
    """A date with offset in UTC; raises ValueError where it has no date in it.

    Hours, minutes and seconds may run over (`23:50:79`), as the service lets them.
    """
    found = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(value)
    year, month, day, hours, minutes, seconds, offset = found.groups()
    start = datetime(int(year), int(month), int(day), tzinfo=_zone(offset))
    time = timedelta(hours=int(hours or 0), minutes=int(minutes or 0), seconds=int(seconds or 0))
    return (start + time).astimezone(UTC)


def _zone(offset: str | None) -> timezone:
    # Without an offset a value counts as server time.
    if offset in (None, "Z"):
        return UTC
    assert offset is not None
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def day(moment: datetime) -> str:
    """The UTC day of an instant, at midnight: what is left of every date that is sent."""
    return moment.strftime("%Y-%m-%dT00:00:00Z")


def second(now: float) -> str:
    """An instant as the service prints it."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Field(NamedTuple):
    """How one field is read from a body, and what stands there when it is left out."""

    read: Callable[[Json], Json]
    default: Json = None  # None: the field is absent unless sent


# In the order of the answers. Fields that the service computes are not here.
FIELDS: Mapping[str, Field] = {
    "description": Field(text),
    "discountCode": Field(text),
    "expiryStrategyValue": Field(int32, -1),
    "maxCreate": Field(int32, -1),
    "maxRedeem": Field(int32, -1),
    "isTransferrable": Field(flag, False),
    "anyUser": Field(flag),
    "sameUserMultipleRedeem": Field(flag, False),
    "isReferralExistingUsersAllowed": Field(flag, False),
    "isMultipleUseAllowed": Field(flag, False),
    "isValidationRequired": Field(flag, False),
    "isValidWithDiscountedItem": Field(flag, False),
    "smsTemplate": Field(text),
    "isSMSDisabled": Field(flag, False),
    "info": Field(text),
    "isMultipleVouchersPerUserAllowed": Field(flag, False),
    "doNotResendExistingVoucher": Field(flag, False),
    "mutualExclusiveSeriesIds": Field(text, "[-1]"),
    "storeIdsJson": Field(text, "[-1]"),
    "isDvsEnabled": Field(flag, False),
    "priority": Field(int32, 0),
    "shortSMSTemplate": Field(text, "Hello {{cust_name}}, your voucher code is {{voucher_code}}"),
    "maxVouchersPerUser": Field(int32, -1),
    "minDaysBetweenVouchers": Field(int32, -1),
    "discountUpto": Field(float32, 0),
    "discountValue": Field(float32),
    "dvsItems": Field(text, "items"),
    "redemptionRange": Field(text, '{"dom" : [-1], "dow": [-1], "hours": [-1]}'),
    "minBillAmount": Field(double, -1),
    "maxBillAmount": Field(double, -1),
    "redeemAtStore": Field(text, "[-1]"),
    "campaignId": Field(int64, -1),
    "tag": Field(text),
    "maxRedemptionsInSeriesPerUser": Field(int32, -1),
    "minDaysBetweenRedemption": Field(int32, -1),
    "sourceOrgId": Field(int64, -1),
    "issueToLoyalty": Field(flag, False),
    "offlineRedeemType": Field(flag, False),
    "isOldFlowEnabled": Field(flag, False),
    "isPreRedeemEventRequired": Field(flag, False),
    "termsAndConditions": Field(text, "T&C"),
    "signalRedemptionEvent": Field(flag, False),
    "syncToClient": Field(flag, False),
    "showPinCode": Field(flag, False),
    "redemptionValidAfterDays": Field(int32, 0),
    "ownedBy": Field(text, "NONE"),
    "ownerId": Field(int64, -1),
    "ownerValidity": Field(int64, 0),
    "alphaNumeric": Field(flag, False),
    "shortCodeLength": Field(int32, 0),
    "randomCodeLength": Field(int32, 0),
    "genericCode": Field(text),
    "resendMessageEnabled": Field(flag, True),
    "redemptionPerCouponMaxLimit": Field(int32, -1),
    "couponPrefix": Field(text),
    "couponSuffix": Field(text),
    "isPrefixEnabled": Field(flag),
    "isSuffixEnabled": Field(flag),
    "orgPrefixOverride": Field(flag),
    "orgSuffixOverride": Field(flag),
    "seriesType": Field(text),
    "clientHandlingType": Field(text),
    "expiryStrategyType": Field(text),
    "discountOn": Field(text, "BILL"),
    "discountType": Field(text),
    "externalIssual": Field(flag, False),
    "updateProductData": Field(flag, False),
    "metadata": Field(text),
    "additionalDescription": Field(text),
    "purpose": Field(text),
}


def with_defaults(sent: Mapping[str, Json]) -> dict[str, Json]:
    """The fields of a whole series; a null counts as left out. Raises ValueError with the name."""
    series: dict[str, Json] = {}
    for name, field in FIELDS.items():
        value = sent.get(name)
        if value is not None:
            try:
                series[name] = field.read(value)
            except ValueError:
                raise ValueError(name) from None
        elif field.default is not None:
            series[name] = field.default
    return series


def dated(sent: Mapping[str, Json], now: float) -> dict[str, Json]:
    """The dates of a series. Raises ValueError with the name of a malformed one."""
    today = day(datetime.fromtimestamp(now, UTC))
    end, start = sent.get("validTillDate"), sent.get("redemptionValidFrom")
    dates: dict[str, Json] = {
        "validTillDate": NO_DATE,
        "validTillDateTime": NO_DATE,
        "fixedExpiryDate": 0,
        "dvsExpiryDate": today,
        "redemptionValidFrom": today if start is None else _day_of("redemptionValidFrom", start),
    }
    if end is not None:
        last = _day_of("validTillDate", end)
        dates["validTillDate"] = last
        dates["validTillDateTime"] = last.replace("00:00:00", "23:59:59")
        dates["fixedExpiryDate"] = int(instant(last).timestamp()) * 1000
    return dates


def _day_of(name: str, value: Json) -> str:
    try:
        return day(instant(value))
    except ValueError:
        raise ValueError(name) from None


def computed(series: Mapping[str, Json]) -> dict[str, Json]:
    """What the service makes of what was sent, whatever it was."""
    owner = series["ownerId"]
    return {
        "validDaysFromCreation": 30,
        "maxReferralsPerReferee": -1,
        "redeemStoreType": "redeemable_stores",
        "ownerId": -1 if owner == 0 else owner,
        "info": series.get("info", series["description"]),
        "tag": series.get("tag", series["description"]),
        "seriesType": series.get("seriesType", _SERIES_TYPES.get(series["ownedBy"], "UNDEFINED")),
    }


COUNTERS: Mapping[str, int] = {
    "numIssued": 0,
    "numRedeemed": 0,
    "numUploadedNonIssued": 0,
    "numUploadedTotal": 0,
    "numTotal": 0,
    "latestIssualTime": 0,
    "latestRedemptionTime": 0,
}
