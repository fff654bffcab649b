"""The fields of a coupon series: types, server defaults, limits and references."""

from __future__ import annotations

from typing import Any

from capsync.fields import (
    Schema,
    blank,
    boolean,
    enum,
    fixed,
    instant,
    integer,
    json_text,
    list_by,
    map_of,
    number,
    obj_of,
    ref,
    server_set,
    set_of,
    string,
    unread,
)
from capsync.kinds.coupons_parts import (
    AUDIENCE,
    INT32,
    ORG_ENTITY,
    PRODUCTS,
    REDEMPTION_RANGE,
    TARGET_USERS,
)

# What series made in the console hold where no highest bill amount was given.
NO_LIMIT = 9007199254740991

OWNERS = (
    "NONE",
    "LOYALTY",
    "OUTBOUND",
    "GOODWILL",
    "DVS",
    "TIMELINE",
    "REFERRAL",
    "JOURNEY",
)
_ANY = "[-1]"
_ANY_TIME = '{"dom" : [-1], "dow": [-1], "hours": [-1]}'
_NEW_SERIES = "make a new series, and let this one end by its validTillDate"


def _defaulted(schema: Schema, value: Any) -> Schema:
    """A field whose server default is also what empties it, since null is not documented."""
    return schema | {"default": value, "x-clear": value}


def _count(doc: str, default: int = -1, **notes: Any) -> Schema:
    """A whole number of 32 bits: larger ones wrap silently on the server, so they are refused."""
    return _defaulted(integer(doc, **{**INT32, **notes}), default)


def _flag(doc: str, *, default: bool = False, **notes: Any) -> Schema:
    return _defaulted(boolean(doc, **notes), default)


def _text(doc: str, default: str) -> Schema:
    return _defaulted(string(doc), default)


def _ids_text(kind: str, doc: str, *, deferred: bool = False) -> Schema:
    """A JSON list of ids in a text, in which [] and [-1] both mean no restriction."""
    number = {"type": ["integer", "string"], "pattern": "^-?[0-9]+$"}
    ids = set_of(ref(kind, base=number, deferred=deferred))
    return _defaulted(blank(json_text(ids, doc), [], [-1]), _ANY)


_IDENTITY = {
    "description": string(
        "Name of the series as the console shows it. Names may repeat.", minLength=1
    ),
    "discountCode": string(
        "What the POS calls the discount. It may repeat; series made in the console without one"
        " show NO_VALUE.",
        minLength=1,
    ),
    "seriesCode": string(
        "Code of the series, unique in the org. The server invents one on create and takes another"
        " by update only, so a series with a code of its own is made in two writes.",
        minLength=1,
        maxLength=50,
    ),
    "info": string("Long description; the server fills in the description when it is left out."),
    "tag": string("Label; the server fills in the description when it is left out."),
    "termsAndConditions": _text("Terms as plain text.", "T&C"),
    "metadata": string("Free text, shown only when it was set."),
    "customPropertyMap": map_of(
        string(),
        "Values of the org's custom properties (at most 20, defined in the console), by name;"
        " standard_terms_and_conditions is a well-known one. Names that are not written here are"
        " left alone.",
    ),
    "additionalDescription": string("Named by older pages only."),
    "purpose": string("Named by older pages only."),
}

_DISCOUNT = {
    "discountType": enum("ABS", "PERC", doc="A fixed amount (ABS) or a percentage (PERC)."),
    "discountValue": number(
        "Amount or percentage. The server keeps a 32-bit float, about 7 significant digits.",
        **{"x-single": True},
        minimum=-3.4e38,
        maximum=3.4e38,
    ),
    "discountUpto": _defaulted(
        number("Highest amount of a percentage discount, 0 for none.", **{"x-single": True}), 0
    ),
    "discountOn": _text("What the discount is taken from; only BILL is documented.", "BILL"),
    "minBillAmount": _defaulted(number("Lowest bill amount, -1 for none."), -1),
    "maxBillAmount": _defaulted(
        blank(
            number(
                "Highest bill amount, -1 for none; the console writes 9007199254740991 for none."
            ),
            -1,
            NO_LIMIT,
        ),
        -1,
    ),
    "productInfo": list_by(
        "productType",
        PRODUCTS,
        "Products that the coupon is good for, one block a type. An update without it would"
        " presumably clear it, so updates always send it.",
        carry=("productIds",),
    ),
    "updateProductData": _flag("Whether product data are brought up to date."),
}

_DATES = {
    "validTillDate": instant(
        "Last day of the series. The server turns it into UTC and cuts the time of day; an update"
        " without it would end the series in 1970, so updates always send it.",
        precision="day",
    ),
    "expiryStrategyType": fixed(
        enum(
            "SERIES_EXPIRY",
            "MONTHS_END",
            "DAYS",
            doc="How issued coupons expire: with the series, at the end of a month, or after days.",
        ),
        _NEW_SERIES,
    ),
    "expiryStrategyValue": _count(
        "Months (MONTHS_END, 0 is the end of this month) or days (DAYS, 0 is the end of the day"
        " of issue). Without meaning for SERIES_EXPIRY."
    ),
    "redemptionValidFrom": instant(
        "First day of redemption, cut to the UTC day. The server puts the day of the call where it"
        " is left out.",
        precision="day",
    ),
    "redemptionValidAfterDays": _count("Days between issue and first redemption.", 0),
    "redemptionRange": _defaulted(
        json_text(REDEMPTION_RANGE, "When it may be redeemed, as JSON in a text."), _ANY_TIME
    ),
}

_LIMITS = {
    "anyUser": boolean("Whether anybody may redeem a code (true) or only who received it."),
    "maxCreate": _count(
        "How many coupons may be issued, -1 for no limit. It must stay above what is issued."
    ),
    "maxRedeem": _count("How many may be redeemed, -1 for no limit."),
    "redemptionPerCouponMaxLimit": _defaulted(
        blank(
            integer(
                "How often one code may be redeemed over all customers, null or -1 for no limit."
                " Only with anyUser true and codes that Capillary issues.",
                **INT32,
            ),
            -1,
            0,
        ),
        -1,
    ),
    "sameUserMultipleRedeem": _flag("Whether the same customer may redeem more than once."),
    "isMultipleUseAllowed": _flag("Whether one coupon may be used more than once."),
    "isTransferrable": _flag("Whether the receiver may pass the coupon on."),
    "isMultipleVouchersPerUserAllowed": _flag("Whether a customer may hold several coupons."),
    "doNotResendExistingVoucher": _flag("Whether a coupon issued already is not sent again."),
    "maxVouchersPerUser": _count("Coupons a customer may get, -1 for no limit."),
    "minDaysBetweenVouchers": _count("Days between two coupons of a customer, -1 for none."),
    "maxRedemptionsInSeriesPerUser": _count("Redemptions of a customer, -1 for no limit."),
    "minDaysBetweenRedemption": _count("Days between two redemptions, -1 for none."),
    "mutualExclusiveSeriesIds": _ids_text(
        "CouponSeries",
        "Series whose coupons exclude this one, as a JSON list in a text. Series may name each"
        " other: they are created first and joined afterwards.",
        deferred=True,
    ),
    "targetUserDetails": TARGET_USERS,
    # Sent as written; a deployment that shows it gets it back with every update.
    "couponSeriesAudience": unread(
        set_of(AUDIENCE, "Audiences. Named by older pages only.", deprecated=True)
    ),
}

_PLACES = {
    "redemptionOrgEntityDetails": set_of(
        ORG_ENTITY,
        "Places where the coupon may be redeemed. Deployments that do not show it in this API show"
        " it in the legacy one, which is then read too.",
    ),
    "storeIdsJson": _ids_text("Store", "Stores of the series as a JSON list in a text."),
    "redeemAtStore": _ids_text("Store", "Stores for redemption as a JSON list in a text."),
    "offlineRedeemType": _flag("Whether it may be redeemed offline."),
}

_CODES = {
    "clientHandlingType": fixed(
        enum(
            "DISC_CODE",
            "GENERIC",
            "DISC_CODE_PIN",
            "GENERIC_REDEEMABLE",
            doc="How codes come to be: generated (DISC_CODE), one common code (GENERIC), uploaded"
            " (DISC_CODE_PIN). GENERIC_REDEEMABLE can be read, but no call creates one.",
        ),
        _NEW_SERIES,
    ),
    "genericCode": string("The common code of a GENERIC series, taken by no other series."),
    "alphaNumeric": _flag("Whether generated codes mix letters and digits."),
    "randomCodeLength": _count("Length of generated codes.", 0),
    "shortCodeLength": _count("Length of short codes.", 0),
    "couponPrefix": string(
        "Put before generated codes when isPrefixEnabled is true and orgPrefixOverride is not.",
        maxLength=10,
        pattern="^[A-Za-z0-9_-]*$",
    ),
    "couponSuffix": string(
        "Put after generated codes when isSuffixEnabled is true and orgSuffixOverride is not.",
        maxLength=10,
        pattern="^[A-Za-z0-9_-]*$",
    ),
    "isPrefixEnabled": _flag("Whether codes get a prefix; false wins over orgPrefixOverride."),
    "isSuffixEnabled": _flag("Whether codes get a suffix; false wins over orgSuffixOverride."),
    "orgPrefixOverride": _flag("Whether the prefix of the org is used, which must then exist."),
    "orgSuffixOverride": _flag("Whether the suffix of the org is used, which must then exist."),
    "externalIssual": _flag("Whether a third party issues the coupons."),
    "showPinCode": _flag("Whether the PIN is shown."),
}

_MESSAGES = {
    "smsTemplate": string("Text message with {{tags}} such as first_name or voucher."),
    "shortSMSTemplate": _text(
        "Short text message; {{voucher_code}} is the code.",
        "Hello {{cust_name}}, your voucher code is {{voucher_code}}",
    ),
    "isSMSDisabled": _flag("Whether no text message is sent."),
    "resendMessageEnabled": _flag("Whether messages may be sent again.", default=True),
    "syncToClient": _flag("Whether the series is synchronised to the InStore client."),
}

_OWNERSHIP = {
    "ownedBy": _defaulted(
        enum(
            *OWNERS,
            doc="Module that has claimed the series, which no other can use then. Claiming is done"
            " in the console; what sending a claim does is not documented.",
        ),
        "NONE",
    ),
    "ownerId": _defaulted(
        blank(
            integer("Id of the loyalty program or campaign that claimed it, -1 for none."), 0, -1
        ),
        -1,
    ),
    "ownerValidity": _defaulted(
        instant("Until when the claim holds; 0 for none.", wire="millis", precision="milli"), 0
    ),
    "campaignId": _defaulted(integer("Campaign of the series, -1 for none."), -1),
    "seriesType": _text("UNDEFINED while unclaimed, else the kind of its owner.", "UNDEFINED"),
    "sourceOrgId": _defaulted(integer("Org that it came from, -1 for none."), -1),
    "issueToLoyalty": _flag("Whether it is issued to loyalty."),
}

_OTHER = {
    "priority": _count("Priority.", 0),
    "isDvsEnabled": _flag("Whether it is a dynamic voucher."),
    "dvsItems": _text("Items of dynamic vouchers.", "items"),
    "isOldFlowEnabled": _flag("Whether the old flow is used."),
    "isPreRedeemEventRequired": _flag("Whether an event precedes redemption."),
    "signalRedemptionEvent": _flag("Whether redemption raises an event."),
    "isReferralExistingUsersAllowed": _flag("Deprecated by one page.", deprecated=True),
    "isValidationRequired": _flag("Deprecated by one page.", deprecated=True),
    "isValidWithDiscountedItem": _flag("Deprecated by one page.", deprecated=True),
}

_SERVER_SET = {
    "id": server_set(integer(), "Id of the series."),
    "orgId": server_set(integer(), "Id of the org; another one sent is ignored."),
    "createdBy": server_set(integer(), "Who created it."),
    "createdOn": server_set(string(), "When it was created."),
    "lastUsed": server_set(string(), "When it was last written."),
    "numIssued": server_set(integer(), "Coupons issued."),
    "numRedeemed": server_set(integer(), "Coupons redeemed."),
    "numTotal": server_set(integer(), "A counter without a visible rule."),
    "numUploadedNonIssued": server_set(integer(), "Uploaded codes not issued yet."),
    "numUploadedTotal": server_set(integer(), "Uploaded codes."),
    "latestIssualTime": server_set(integer(), "Last issue in epoch milliseconds."),
    "latestRedemptionTime": server_set(integer(), "Last redemption in epoch milliseconds."),
    "fixedExpiryDate": server_set(integer(), "validTillDate in epoch milliseconds."),
    "validTillDateTime": server_set(
        string(),
        "Last second of the validTillDate. Listed as an input too, but what it does beside"
        " validTillDate is not documented, so it is never sent.",
    ),
    "dvsExpiryDate": server_set(string(), "The day of the last write, whatever is sent."),
    "validDaysFromCreation": server_set(integer(), "30, whatever is sent; a legacy field."),
    "maxReferralsPerReferee": server_set(integer(), "-1, whatever is sent; deprecated."),
    "redeemStoreType": server_set(string(), "redeemable_stores, whatever is sent."),
    "campaignName": server_set(string(), "Accepted by updates and dropped."),
}

REQUIRED = (
    "description",
    "discountCode",
    "discountType",
    "discountValue",
    "anyUser",
    "smsTemplate",
    "clientHandlingType",
    "expiryStrategyType",
    "validTillDate",
)

SCHEMA = obj_of(
    {
        **_IDENTITY,
        **_DISCOUNT,
        **_DATES,
        **_LIMITS,
        **_PLACES,
        **_CODES,
        **_MESSAGES,
        **_OWNERSHIP,
        **_OTHER,
        **_SERVER_SET,
    },
    required=REQUIRED,
)
