"""What a coupon series may not be: the refusals of create and update."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from capsync.sandbox.coupons_fields import EXPIRY, HANDLING, ORG_ENTITIES, OWNERS
from capsync.sandbox.organization_products import product_id
from capsync.sandbox.store import Store
from capsync.sandbox.web import Refusal, Reply

Json = Any

SETTINGS = "coupon-settings"  # one document, "org": the default prefix and suffix

_REQUIRED = (
    "description",
    "discountCode",
    "discountType",
    "discountValue",
    "anyUser",
    "smsTemplate",
    "clientHandlingType",
    "expiryStrategyType",
)
_AFFIX = re.compile(r"[A-Za-z0-9_-]*")
_AFFIX_LONGEST = 10
_CODE_LONGEST = 30
_MOST_PRODUCTS = {"BRAND": 250, "ATTRIBUTE": 250, "CATEGORY": 1000, "SKU": 10000}
_BY_CODE = ("BRAND", "CATEGORY", "SKU")


def refusal(status: int, code: int, *messages: str) -> Refusal:
    """A refusal in the v2 envelope, one error for each message."""
    errors = [{"status": False, "code": code, "message": message} for message in messages]
    return Refusal(Reply({"errors": errors, "warnings": []}, status))


def check_required(sent: Mapping[str, Json], *, also: str) -> None:
    """Every mandatory field has a value."""
    absent = [
        name
        for name in (*_REQUIRED, also)
        if sent.get(name) is None or (sent[name] == "" and name != "seriesCode")
    ]
    if absent:
        raise refusal(400, 400, *(f"{name} is required" for name in absent))


def check_enums(sent: Mapping[str, Json], *, handling: Iterable[str] = HANDLING[:3]) -> None:
    """Enumerated fields have a documented value."""
    allowed = {
        "discountType": ("ABS", "PERC"),
        "clientHandlingType": tuple(handling),
        "expiryStrategyType": EXPIRY,
        "ownedBy": OWNERS,
    }
    for name, values in allowed.items():
        value = sent.get(name)
        if value is not None and value not in values:
            raise refusal(400, 400, f"{name} must be one of {', '.join(values)}")


def check_rules(series: Mapping[str, Json], store: Store) -> None:
    """Rules between fields of a whole series."""
    _check_limit(series)
    _check_json(series)
    for side in ("Prefix", "Suffix"):
        _check_affix(series, side, store)
    length = sum(len(series.get(f"coupon{side}", "")) for side in ("Prefix", "Suffix"))
    if length and length + series["randomCodeLength"] > _CODE_LONGEST:
        raise refusal(400, 629, f"Prefix, code and suffix exceed {_CODE_LONGEST} characters")
    if series["clientHandlingType"] == "GENERIC" and not series.get("genericCode"):
        raise refusal(400, 754, "Generic code is empty")


def _check_limit(series: Mapping[str, Json]) -> None:
    limit = series["redemptionPerCouponMaxLimit"]
    if limit == -1:
        return
    fits = series["anyUser"] and series["clientHandlingType"] in ("DISC_CODE", "DISC_CODE_PIN")
    if limit <= 0 or not fits or series["externalIssual"]:
        raise refusal(400, 629, "Invalid input: redemptionPerCouponMaxLimit")


def _check_json(series: Mapping[str, Json]) -> None:
    if not _is_id_list(series["mutualExclusiveSeriesIds"]):
        raise refusal(400, 756, "Invalid mutualExclusiveSeriesIds")
    for name in ("storeIdsJson", "redeemAtStore"):
        if not _is_id_list(series[name]):
            raise refusal(400, 629, f"Invalid input: {name}")
    try:
        ranges = orjson.loads(series["redemptionRange"])
    except orjson.JSONDecodeError:
        ranges = None
    if not isinstance(ranges, dict):
        raise refusal(400, 629, "Invalid input: redemptionRange")


def _is_id_list(text: str) -> bool:
    try:
        ids = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return isinstance(ids, list) and all(re.fullmatch(r"-?\d+", str(one)) for one in ids)


def _check_affix(series: Mapping[str, Json], side: str, store: Store) -> None:
    value = series.get(f"coupon{side}", "")
    if len(value) > _AFFIX_LONGEST or not _AFFIX.fullmatch(value):
        raise refusal(400, 629, f"Invalid input: coupon{side}")
    enabled = series.get(f"is{side}Enabled", False)
    if (value or enabled) and series["clientHandlingType"] != "DISC_CODE":
        raise refusal(400, 629, f"coupon{side} needs clientHandlingType DISC_CODE")
    if not enabled:
        return
    of_org = (store.get(SETTINGS, "org") or {}).get(side.lower())
    if series.get(f"org{side}Override", False):
        if not of_org:
            raise refusal(400, 629, f"The org has no default {side.lower()}")
    elif not value and not of_org:
        raise refusal(400, 629, f"is{side}Enabled without a {side.lower()}")


def products(store: Store, sent: Json, *, codes: bool) -> list[Json]:
    """productInfo with ids in place of codes; `codes` says whether the call takes codes."""
    return [_product(store, item, codes=codes) for item in _items(sent, "productInfo")]


def _product(store: Store, item: Json, *, codes: bool) -> Json:
    kind = item.get("productType")
    if kind not in _MOST_PRODUCTS:
        raise refusal(400, 400, f"productType must be one of {', '.join(_MOST_PRODUCTS)}")
    ids, named = item.get("productIds") or [], item.get("productCodes") or []
    if ids and named:
        raise refusal(400, 400, "Both IDs and Codes cannot be passed")
    if named and codes:
        ids = _resolved(store, kind, named)
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in ids):
        raise refusal(400, 400, "productIds must be numbers")
    if len(ids) > _MOST_PRODUCTS[kind]:
        raise refusal(400, 400, f"At most {_MOST_PRODUCTS[kind]} products of type {kind}")
    return {"productType": kind, "productIds": ids}


def _resolved(store: Store, kind: str, codes: list[Json]) -> list[int]:
    if kind not in _BY_CODE:
        raise refusal(400, 400, f"Codes can not be passed for {kind}")
    found = {code: product_id(store, kind, str(code)) for code in codes}
    unknown = [str(code) for code, one in found.items() if one is None]
    if unknown:
        raise refusal(400, 400, f"invalid {kind.lower()} ids passed : {', '.join(unknown)}")
    return [one for one in found.values() if one is not None]


def org_entities(sent: Json) -> list[Json]:
    """redemptionOrgEntityDetails; whether the ids exist is not asked."""
    found = []
    for item in _items(sent, "redemptionOrgEntityDetails"):
        kind, one = item.get("redemptionOrgEntityType"), item.get("orgEntityId")
        if kind not in ORG_ENTITIES or isinstance(one, bool) or not isinstance(one, int):
            raise refusal(400, 400, "Invalid redemptionOrgEntityDetails")
        found.append({"redemptionOrgEntityType": kind, "orgEntityId": one})
    return found


def properties(sent: Json) -> dict[str, str]:
    """customPropertyMap; names are taken as they come."""
    if not isinstance(sent, dict):
        raise refusal(400, 400, "Invalid customPropertyMap")
    return {name: value if isinstance(value, str) else str(value) for name, value in sent.items()}


def target_users(sent: Json) -> dict[str, Json]:
    """targetUserDetails."""
    names = (
        "validMaxUserTransactionLimit",
        "validUserRegistrationStartTime",
        "validUserRegistrationEndTime",
    )
    if not isinstance(sent, dict):
        raise refusal(400, 400, "Invalid targetUserDetails")
    return {name: sent[name] for name in names if sent.get(name) is not None}


def _items(sent: Json, name: str) -> list[Json]:
    if not isinstance(sent, list) or not all(isinstance(item, dict) for item in sent):
        raise refusal(400, 400, f"Invalid {name}")
    return sent
