"""How a stored coupon series is shown: by writes, by reads, and by the legacy list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from capsync.sandbox.coupons_fields import READ_ONLY_PARTS, printed_float32

Json = Any

# v1.1 name -> name here; what is a flag there is "0" or "1".
_LEGACY = {
    "id": "id",
    "description": "description",
    "series_type": "seriesType",
    "client_handling_type": "clientHandlingType",
    "discount_code": "discountCode",
    "valid_till_date": "validTillDate",
    "valid_days_from_create": "validDaysFromCreation",
    "expiry_strategy_type": "expiryStrategyType",
    "expiry_strategy_value": "expiryStrategyValue",
    "max_create": "maxCreate",
    "max_redeem": "maxRedeem",
    "transferrable": "isTransferrable",
    "any_user": "anyUser",
    "same_user_multiple_redeem": "sameUserMultipleRedeem",
    "allow_referral_existing_users": "isReferralExistingUsersAllowed",
    "multiple_use": "isMultipleUseAllowed",
    "is_validation_required": "isValidationRequired",
    "valid_with_discounted_item": "isValidWithDiscountedItem",
    "created_by": "createdBy",
    "created": "createdOn",
    "last_used": "lastUsed",
    "series_code": "seriesCode",
    "disable_sms": "isSMSDisabled",
    "info": "info",
    "allow_multiple_vouchers_per_user": "isMultipleVouchersPerUserAllowed",
    "do_not_resend_existing_voucher": "doNotResendExistingVoucher",
    "mutual_exclusive_series_ids": "mutualExclusiveSeriesIds",
    "store_ids_json": "storeIdsJson",
    "dvs_enabled": "isDvsEnabled",
    "dvs_expiry_date": "dvsExpiryDate",
    "priority": "priority",
    "short_sms_template": "shortSMSTemplate",
    "max_vouchers_per_user": "maxVouchersPerUser",
    "min_days_between_vouchers": "minDaysBetweenVouchers",
    "max_referrals_per_referee": "maxReferralsPerReferee",
    "discount_on": "discountOn",
    "discount_type": "discountType",
    "discount_value": "discountValue",
    "redemption_range": "redemptionRange",
    "min_bill_amount": "minBillAmount",
    "max_bill_amount": "maxBillAmount",
    "redeem_at_store": "redeemAtStore",
    "campaign_id": "campaignId",
    "max_redemptions_in_series_per_user": "maxRedemptionsInSeriesPerUser",
    "min_days_between_redemption": "minDaysBetweenRedemption",
    "redemption_valid_from": "redemptionValidFrom",
    "source_org_id": "sourceOrgId",
    "issue_to_loyalty": "issueToLoyalty",
    "redeem_store_type": "redeemStoreType",
    "old_flow_enabled": "isOldFlowEnabled",
    "pre_redeem_event_required": "isPreRedeemEventRequired",
    "offline_redemption_enabled": "offlineRedeemType",
}
_LEGACY_EXTENDED = {"sms_template": "smsTemplate", "dvs_items": "dvsItems", "tag": "tag"}
_DAYS = frozenset({"valid_till_date", "dvs_expiry_date", "redemption_valid_from"})
_MOMENTS = frozenset({"created", "last_used"})
_WORDS = frozenset({"valid_with_discounted_item", "offline_redemption_enabled"})


def written(series: Mapping[str, Json]) -> Json:
    """The answer of create and update: flat, without three parts that only reads show."""
    shown = {name: value for name, value in series.items() if name not in READ_ONLY_PARTS}
    return {**shown, "numTotal": 0, "warnings": []}


def listed(series: Mapping[str, Json]) -> Json:
    """A row of the list."""
    shown = dict(series)
    for name in READ_ONLY_PARTS:
        if not shown.get(name):
            shown.pop(name, None)
    for name in ("discountValue", "discountUpto"):
        shown[name] = printed_float32(shown[name])
    return shown


def legacy(series: Mapping[str, Json], *, extended: bool) -> Json:
    """An item of the v1.1 list: every scalar is text."""
    names = {**_LEGACY, **(_LEGACY_EXTENDED if extended else {})}
    shown: Json = {old: _as_text(old, series[new]) for old, new in names.items()}
    offline = shown.pop("offline_redemption_enabled")
    issued = {"issued": str(series["numIssued"]), "redeemed": str(series["numRedeemed"])}
    return {
        **shown,
        "coupons": issued,
        "offline_redemption_enabled": offline,
        "item_status": {
            "success": "true",
            "code": "700",
            "message": "Coupon series fetched successfully",
        },
        "valid_redemption_org_entities": _entities(series),
        "products": _products(series, "SKU"),
        "brands": _products(series, "BRAND"),
        "categories": _products(series, "CATEGORY"),
    }


def _as_text(name: str, value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower() if name in _WORDS else str(int(value))
    if name in _DAYS:
        return str(value)[:10]
    if name in _MOMENTS:
        return str(value)[:19].replace("T", " ")
    return str(value)


def _entities(series: Mapping[str, Json]) -> Json:
    kinds = {"concepts": "CONCEPT", "zones": "ZONE", "stores": "STORE", "tills": "TILL"}
    found: dict[str, list[int]] = {kind: [] for kind in kinds.values()}
    for item in series.get("redemptionOrgEntityDetails", ()):
        found[item["redemptionOrgEntityType"]].append(item["orgEntityId"])
    return {
        name: orjson.dumps(found[kind]).decode() if found[kind] else None
        for name, kind in kinds.items()
    }


def _products(series: Mapping[str, Json], kind: str) -> str:
    ids = [
        one
        for item in series.get("productInfo", ())
        if item["productType"] == kind
        for one in item["productIds"]
    ]
    return orjson.dumps(ids).decode() if ids else ""
