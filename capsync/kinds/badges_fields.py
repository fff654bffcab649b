"""The fields of a badge: dates, expiry shapes, owners, limits, benefits and images."""

from __future__ import annotations

from capsync.fields import (
    Schema,
    alias,
    blank,
    boolean,
    dated,
    enum,
    fixed,
    instant,
    integer,
    list_by,
    map_of,
    obj,
    obj_of,
    only_if,
    ordinal,
    ref,
    server_set,
    set_of,
    string,
    unread,
    when,
    whole,
)
from capsync.kinds.badges_parts import AUDIT

OWNERS = (
    "Loyalty",
    "Loyalty_Promotion",
    "Referral_Campaigns",
    "Journeys",
    "Audience_Campaigns",
    "Rewards_Catalog",
    "Goodwill_Module",
    "Milestones",
    "Historical_Import",
    "Membercare",
)
UNITS = ("DAYS", "WEEKS", "MONTHS")
WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")

CUSTOMER_WINDOW = "CUSTOMER_BADGE_FIXED_WINDOW"
BADGE_WINDOW = "BADGE_FIXED_WINDOW"
CUSTOMER_OTHER = ("CUSTOMER_BADGE_FIXED_VALUE", "CUSTOMER_BADGE_ROLLING_WINDOW")
CUSTOMER_LIMITS = (*CUSTOMER_OTHER, CUSTOMER_WINDOW)
BADGE_OTHER = ("BADGE_FIXED_VALUE", "BADGE_ROLLING_WINDOW")
NO_LIMITS = ("CUSTOMER_BADGE_NO_LIMIT", "BADGE_NO_LIMIT")

# What the server adds to a fixed window, and moves with its clock.
WINDOW_ADDITIONS = (
    "referenceId",
    "cycleStatus",
    "startDate",
    "startDateISO",
    "endDate",
    "endDateISO",
    "currentCycle",
)


def _moment(doc: str) -> Schema:
    return instant(doc, wire="seconds", precision="milli")


def _expiry(doc: str) -> Schema:
    """An expiry: one value in four shapes, told apart by `expiryType` and `type`."""
    fields = obj(
        required=["expiryType"],
        doc=doc,
        expiryType=enum(
            "ABSOLUTE",
            "RELATIVE",
            "NEVER",
            doc="At a moment (ABSOLUTE), a time after issue (RELATIVE), or never.",
        ),
        type=only_if(
            enum(
                "FIXED_DATE",
                "WITH_BADGE_META",
                doc="With ABSOLUTE: at expiresOn (FIXED_DATE) or at the end of the badge.",
            ),
            "expiryType",
            "ABSOLUTE",
        ),
        expiresOn=alias(
            only_if(
                only_if(_moment("With FIXED_DATE: the moment."), "type", "FIXED_DATE"),
                "expiryType",
                "ABSOLUTE",
            ),
            expiresOnISO="iso",
        ),
        expireWithBadgeMeta=server_set(
            boolean(), "Follows from `type`; capsync sends what belongs to it."
        ),
        relativeExpirytype=only_if(
            enum(*UNITS, doc="With RELATIVE: the unit of value (spelt with a small t)."),
            "expiryType",
            "RELATIVE",
        ),
        value=only_if(integer("With RELATIVE: how many units."), "expiryType", "RELATIVE"),
    )
    arms = [
        when("expiryType", "ABSOLUTE", required=["type"]),
        when("type", "FIXED_DATE", required=["expiresOn"]),
        when(
            "expiryType",
            "RELATIVE",
            required=["relativeExpirytype", "value"],
            properties={"value": {"minimum": 1}},
        ),
    ]
    return whole(fields | {"allOf": arms})


def _window_fields(limited: tuple[str, ...], *windows: str) -> dict[str, Schema]:
    """Members that limits of a customer and of a badge share."""

    def within(schema: Schema, unit: str) -> Schema:
        return only_if(only_if(schema, "durationType", unit), "constraintType", *windows)

    return {
        "maxEarnLimit": only_if(
            integer("How often it may be earned.", minimum=0),
            "constraintType",
            *limited,
            *windows,
        ),
        "durationType": only_if(
            enum(*UNITS, doc="With a fixed window: its unit."), "constraintType", *windows
        ),
        "refreshRate": within(
            integer("With DAYS: the length of a window. Dropped for WEEKS and MONTHS.", minimum=1),
            "DAYS",
        ),
        "startDayOfTheWeek": within(
            ordinal(
                *WEEKDAYS,
                doc="With WEEKS: first day of a window; a number counts from 0, which is MONDAY.",
                default="MONDAY",
            ),
            "WEEKS",
        ),
        **{name: server_set() for name in WINDOW_ADDITIONS},
    }


def _arms(window: str) -> list[Schema]:
    return [
        when("constraintType", window, required=["durationType", "maxEarnLimit"]),
        when(
            "constraintType",
            window,
            allOf=[when("durationType", "DAYS", required=["refreshRate"])],
        ),
    ]


def _constraint(fields: dict[str, Schema], arms: list[Schema]) -> Schema:
    """One limit; NO_LIMIT says the same as no limit at all."""
    item = obj_of(fields, required=["constraintType"]) | {"allOf": arms}
    return blank(item, *({"constraintType": name} for name in NO_LIMITS))


_CUSTOMER_VALUE, _ROLLING = CUSTOMER_OTHER
_CUSTOMER_PAIRS = {
    f"{name}For{unit.capitalize()}": only_if(
        integer(f"With a rolling window: {what} {unit.lower()}."), "constraintType", _ROLLING
    )
    for unit in UNITS
    for name, what in (
        ("maxEarn", "how often it may be earned in that many"),
        ("roll", "length of the window in"),
    )
}
_ROLL = {
    "rollType": only_if(
        enum(*UNITS, doc="With a rolling window: its unit."),
        "constraintType",
        "BADGE_ROLLING_WINDOW",
    ),
    "rollValue": only_if(
        integer("With a rolling window: its length."), "constraintType", "BADGE_ROLLING_WINDOW"
    ),
}

_CUSTOMER_ARMS = [
    when("constraintType", _CUSTOMER_VALUE, required=["maxEarnLimit"]),
    *_arms(CUSTOMER_WINDOW),
]
_CUSTOMER_CONSTRAINT = _constraint(
    {
        "constraintType": enum(
            *CUSTOMER_OTHER, CUSTOMER_WINDOW, *NO_LIMITS, doc="What kind of limit it is."
        ),
        **_window_fields((_CUSTOMER_VALUE,), CUSTOMER_WINDOW),
        **_CUSTOMER_PAIRS,
        # The historical example writes these beside BADGE_NO_LIMIT, where they say nothing.
        **_ROLL,
    },
    _CUSTOMER_ARMS,
)
_BADGE_CONSTRAINT = _constraint(
    {
        "constraintType": enum(
            *(*BADGE_OTHER, BADGE_WINDOW, *NO_LIMITS),
            # Moved to where they belong by the service, as one example of create shows.
            *CUSTOMER_LIMITS,
            doc="What kind of limit it is; those of a customer belong into customerConstraints.",
        ),
        **_window_fields((*BADGE_OTHER, _CUSTOMER_VALUE), BADGE_WINDOW, CUSTOMER_WINDOW),
        **_ROLL,
        **_CUSTOMER_PAIRS,
    },
    [
        when("constraintType", "BADGE_FIXED_VALUE", required=["maxEarnLimit"]),
        when(
            "constraintType",
            "BADGE_ROLLING_WINDOW",
            required=["rollType", "rollValue", "maxEarnLimit"],
            properties={"rollValue": {"minimum": 1}},
        ),
        *_arms(BADGE_WINDOW),
        *_CUSTOMER_ARMS,
    ],
)

_BENEFIT = obj(
    required=["benefitType"],
    benefitType=enum("COUPON", "LOYALTY_POINTS", doc="A coupon or points."),
    seriesId=ref(
        "CouponSeries", doc="With COUPON: the series. The server does not check that it is there."
    ),
    points=unread(integer("With LOYALTY_POINTS: how many. Never read back.")),
    programId=ref("LoyaltyProgram", doc="With LOYALTY_POINTS: the program, not checked."),
    promotionId=integer("With LOYALTY_POINTS: the promotion that gives them, not checked."),
    allocationStrategyId=integer("With LOYALTY_POINTS: how they are allocated, not checked."),
    expirationStrategyId=integer("With LOYALTY_POINTS: how they expire, not checked."),
    defaultTillId=unread(ref("Till", doc="With LOYALTY_POINTS: the till. Comes back empty.")),
) | {
    "allOf": [
        when("benefitType", "COUPON", required=["seriesId"]),
        when(
            "benefitType",
            "LOYALTY_POINTS",
            required=["programId", "promotionId", "allocationStrategyId", "expirationStrategyId"],
        ),
    ]
}

_IMAGE = obj(
    required=["tag"],
    tag=enum("UN_EARNED", "IN_PROGRESS", "EARNED", doc="When it is shown; one image each."),
    name=blank(string("Free text."), ""),
    fileSvcHandle=string("Handle of the file in the file service."),
    url=string("Public address, stored as sent."),
)

_CLAIM = obj(
    required=["ownerType", "referenceId"],
    ownerType=enum(*OWNERS, doc="Module that claims; one of restrictedToOwners."),
    referenceId=string(
        "What claims it inside the module, for instance a program id, or program id and event"
        " joined by _.",
        minLength=1,
    ),
    isActive=server_set(boolean(), "True while the claim holds."),
    badgeMetaId=server_set(string(), "Id of the badge."),
)

_OWNERSHIP = obj(
    required=["restrictedToOwners"],
    doc="Who may use the badge, and who does.",
    restrictedToOwners=set_of(
        enum(*OWNERS),
        "Modules that may use the badge. One with an active claim can not be removed (738).",
        minItems=1,
    ),
    claims=list_by(
        ["ownerType", "referenceId"],
        _CLAIM,
        "Uses of the badge by modules. Modules claim by themselves, so that claims which are not"
        " written here are left alone.",
        children=True,
        **{"x-others": "other modules claim badges by themselves"},
    ),
)

SCHEMA = obj_of(
    {
        "name": string(
            "Name, unique in the org, upper and lower case and blanks at the ends apart.",
            minLength=1,
        ),
        "description": string("What it is for."),
        "startOn": alias(
            _moment(
                "When it begins, at most 100 years back. Fixed once the badge is LIVE or EXPIRED"
                " (723)."
            ),
            startOnISO="iso",
        ),
        "expiresOn": alias(
            _moment("When it ends. It can not be moved into the past (724)."), expiresOnISO="iso"
        ),
        "earnType": fixed(
            enum(
                "EARN",
                "ISSUE_EARN",
                doc="Issued directly (EARN), or enrolled first and issued then (ISSUE_EARN).",
            ),
            "make a new badge under another name, and deactivate this one (1020)",
        ),
        "earnedBadgeExpiry": _expiry("How long an issued badge is valid."),
        "issuedBadgeExpiry": _expiry("How long an enrolment is valid; needed with ISSUE_EARN."),
        "ownership": _OWNERSHIP,
        "images": list_by("tag", _IMAGE, "Pictures, put into the file service beforehand."),
        "customerConstraints": set_of(
            _CUSTOMER_CONSTRAINT, "Limits for each customer (CUSTOMER_BADGE_...)."
        ),
        "badgeConstraints": set_of(_BADGE_CONSTRAINT, "Limits over all customers (BADGE_...)."),
        "benefits": set_of(_BENEFIT, "What a customer gets with the badge.", maxItems=10),
        "tags": set_of(
            obj(
                required=["name", "value"],
                name=string("Key, as the org's tag definitions have it."),
                value=string("Its value."),
            ),
            "Tags; custom fields are the newer way.",
        ),
        "badgeGroupId": ref(
            "BadgeGroup",
            base={"type": ["string", "integer"]},
            doc="Group of the badge, null for none.",
        ),
        "badgeRank": integer("Rank in the group; allowed without one."),
        "customFields": map_of(
            dated(string()),
            "Values of custom fields by their names, always texts. The server fills in mandatory"
            " ones; names that are not written here are left alone.",
            **{"x-ref-keys": {"kind": "BadgeCustomField"}},
        ),
        "defaultTillId": unread(ref("Till", doc="Till used for points. Never read back.")),
        "active": alias(
            boolean("Whether it may be issued and claimed, whatever its dates say.", default=True),
            isActive="flag",
        ),
        "id": server_set(string(), "Id of the badge."),
        "badgeNumericId": server_set(integer(), "Number of the badge; promotions name it so."),
        "badgeGroupName": server_set(string(), "Name of the group."),
        "status": server_set(string(), "UPCOMING, LIVE or EXPIRED, by the clock."),
        "issuedCount": server_set(integer(), "Enrolments."),
        "earnedCount": server_set(integer(), "Issued badges."),
        **AUDIT,
    },
    required=["name", "startOn", "expiresOn", "earnType", "earnedBadgeExpiry", "ownership"],
)
