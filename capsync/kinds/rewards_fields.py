"""The fields of a reward: price, audience, limits, languages, revenue."""

from __future__ import annotations

from capsync.fields import (
    Schema,
    blank,
    boolean,
    dated,
    enum,
    first_counts,
    instant,
    integer,
    last_counts,
    list_by,
    map_of,
    number,
    obj,
    only_if,
    places,
    ref,
    server_set,
    set_of,
    string,
    unread,
    when,
)
from capsync.kinds.rewards_parts import (
    BRAND_ID,
    GROUP_NAME_LENGTH,
    REDEMPTION_TYPES,
    TEXT_ID,
    WEEKDAYS,
    fields,
    image,
    media_list,
    terms,
    video,
)

TYPES = ("POINTS", "PHYSICAL_VOUCHER", "FREE_VOUCHER", "VOUCHER")
PAYMENT_MODES = ("POINTS", "FREE", "CASH", "POINTS_CASH", "CONV_RATIO")
KPIS = ("QUANTITY", "REDEMPTION_VALUE")
FREQUENCIES = ("DAYS", "WEEKS", "MONTHS", "NO_LIMIT")
PARTICIPANTS = ("BRAND", "CAPILLARY", "AFFILIATE", "END_CUSTOMER")
OWNER_TYPES = ("LOYALTY_PROGRAM", "MILESTONES", "CAMPAIGNS", "JOURNEYS", "GOODWILL")
# The kinds of audience, of which a reward has one.
AUDIENCES = ("supplementaryCriteriaRO", "segment", "labels", "cardSeries")

_NUMBER: Schema = {"type": ["integer", "string"], "pattern": "^[0-9]+$"}
_DECIMAL: Schema = {"type": ["number", "string"], "pattern": r"^[0-9]+(\.[0-9]+)?$"}


def _emptied(schema: Schema) -> Schema:
    """Null means an empty list, since null keeps what is there (api notes: rewards, update)."""
    return schema | {"x-clear": []}


def _tag(doc: str, **notes: object) -> Schema:
    """A legacy text; a blank one clears it."""
    return blank(string(f"{doc} A tag that selects no customers.", **notes), "") | {"x-clear": ""}


def _amount(doc: str) -> Schema:
    return places(number(doc, exclusiveMinimum=0), 4)


def _payment() -> Schema:
    points, cash = ("POINTS", "POINTS_CASH"), ("CASH", "POINTS_CASH")
    item = obj(
        required=["paymentMode"],
        paymentMode=enum(*PAYMENT_MODES, doc="How it is paid for."),
        points=only_if(_amount("Points."), "paymentMode", *points),
        cash=only_if(_amount("Money."), "paymentMode", *cash),
        conversionRatio=only_if(
            _amount("Points for a unit of the reward."),
            "paymentMode",
            "CONV_RATIO",
        ),
        id=server_set(integer(), "Id of the entry."),
    )
    item["allOf"] = [
        when("paymentMode", points, required=["points"]),
        when("paymentMode", cash, required=["cash"]),
        when("paymentMode", "CONV_RATIO", required=["conversionRatio"]),
    ]
    return set_of(
        item, "Ways to pay, at most 5; new brands use this, not intouchPoints.", maxItems=5
    )


_RESTRICTION_AUDIT = {
    name: server_set({}, "Set by the server.")
    for name in (
        "id",
        "createdOn",
        "createdBy",
        "createdOnDateTime",
        "updatedOn",
        "updatedBy",
        "updatedOnDateTime",
    )
}


def _restrictions(doc: str) -> Schema:
    item = obj(
        required=["kpi", "repeatFrequencyType", "limit"],
        kpi=enum(*KPIS, doc="What is counted; MILES rewards should use REDEMPTION_VALUE."),
        repeatFrequencyType=enum(*FREQUENCIES, doc="Unit of the period; NO_LIMIT is for ever."),
        windowType=enum("ROLLING", "FIXED", doc="How periods follow.", default="ROLLING"),
        limit=integer("How much is allowed.", minimum=0),
        interval=_NUMBER | {"description": "Length of a period; not with FIXED weeks or months."},
        startOfCycle=only_if(
            instant("With FIXED days: when the first period begins."), "repeatFrequencyType", "DAYS"
        ),
        weekStartDay=only_if(
            enum(*WEEKDAYS, doc="With FIXED weeks: their first day.", default="MONDAY"),
            "repeatFrequencyType",
            "WEEKS",
        ),
    )
    item["properties"] |= _RESTRICTION_AUDIT
    return last_counts(list_by(("kpi", "repeatFrequencyType"), item, doc))


RICH_CONTENT = obj(
    required=["content", "isEnabled"],
    content=string("The text, as HTML.", maxLength=50_000),
    isEnabled=boolean("Whether it is shown."),
)


def custom_fields(doc: str) -> Schema:
    """Values of custom fields, by the field's name."""
    return map_of(
        dated(string(maxLength=255)),
        f"{doc} Only those that are written are managed.",
        **{"x-ref-keys": {"kind": "RewardCustomField", "by": "name", "lasting": "isMandatory"}},
    )


def _language() -> Schema:
    item = obj(
        required=["languageCode", "name", "enabled"],
        languageCode=ref(
            "RewardLanguage", by="code", base=string(maxLength=255), doc="Code of the language."
        ),
        name=string("Name of the reward.", minLength=1, maxLength=255),
        description=blank(string("What it is; the console takes 4000 characters."), ""),
        enabled=boolean("Whether it is shown in this language."),
        imageId=image("The main image.", "imageUrl"),
        thumbnailId=image("The small image.", "thumbnailUrl"),
        termNConditionsId=terms("The terms.", "termNConditionsUrl"),
        termNConditions=unread(string("The terms as text or address; never read back.")),
        images=_emptied(media_list(image, "Further images, at most 10.", 10)),
        videos=_emptied(media_list(video, "Videos, at most 10; the console takes 2.", 10)),
        customFields=custom_fields("Values in this language, by the field's name."),
        richContentRO=map_of(
            RICH_CONTENT,
            "Rich content by its name. Only those that are written are managed.",
            **{"x-ref-keys": {"kind": "RichContent", "by": "name"}},
        ),
        rewardId=server_set(integer(), "Id of the reward."),
        imageUrl=server_set(string(), "Signed link, which expires."),
        thumbnailUrl=server_set(string(), "Signed link, which expires."),
        termNConditionsUrl=server_set(string(), "Signed link, which expires."),
    )
    return list_by(
        "languageCode",
        item,
        "What customers read, by language. Languages that are left out are unmanaged.",
        children=True,
        minItems=1,
    )


def _revenue() -> dict[str, Schema]:
    cycle = obj(
        required=["commissionParticipant", "commissionRate", "cycleStartDate", "cycleEndDate"],
        commissionParticipant=enum(*PARTICIPANTS, doc="Who gets it."),
        commissionRate=_DECIMAL | {"description": "The rate."},
        cycleStartDate=instant("From when."),
        cycleEndDate=instant("Until when."),
    )
    default = obj(
        required=["commissionParticipant"],
        commissionParticipant=enum(*PARTICIPANTS, doc="Who gets it."),
        defaultValue=_DECIMAL | {"description": "Rate outside of cycles.", "default": 0},
    )
    return {
        "rewardRevenueMeta": _emptied(
            set_of(
                cycle,
                "Commission rates by time, inside the period of the reward and in the future.",
            )
        ),
        "rewardRevenueDefaults": _emptied(
            first_counts(
                list_by(
                    "commissionParticipant", default, "Commission rates outside of those times."
                )
            )
        ),
    }


def _audience() -> dict[str, Schema]:
    criteria = obj(
        required=["loyaltyProgramId"],
        loyaltyProgramId=ref("LoyaltyProgram", doc="The loyalty program."),
        tierIds=set_of(_NUMBER, "Ids of its tiers."),
        partnerProgramIds=set_of(_NUMBER, "Ids of its partner programs."),
    )
    segment = obj(
        required=["segmentId"],
        segmentId=TEXT_ID | {"description": "Id of the segment."},
        partitionId=set_of(TEXT_ID, "Ids of its partitions."),
    )
    return {
        "supplementaryCriteriaRO": _emptied(
            set_of(criteria, "Customers of loyalty programs, tiers or partner programs.")
        ),
        "segment": _emptied(set_of(segment, "Customers of active segments.")),
        "labels": _emptied(
            set_of(
                ref("Label", "CustomerLabel"),
                "Customers with one of these labels, by id.",
                uniqueItems=True,
            )
        ),
        "cardSeries": _emptied(
            set_of(
                ref("CardSeries", by="code", base=string()),
                "Customers with a card of one of these series, by code.",
                uniqueItems=True,
            )
        ),
    }


def _legacy() -> dict[str, Schema]:
    place = obj(
        countryId=_NUMBER | {"description": "Id of the country."},
        cityId=integer("Id of the city."),
        areaId=integer("Id of the area."),
        longitude=number("Longitude."),
        latitude=number("Latitude."),
    )
    return {
        "tier": _tag("Legacy tier.", maxLength=255),
        "group": _tag("Legacy group.", maxLength=255),
        "label": _tag("Legacy label.", maxLength=255),
        "geography": unread(set_of(place, "Places; never read back.")),
        "communications": unread(set_of(_NUMBER, "Ids of communications; never read back.")),
        "name": unread(string("Legacy name; never read back. See languageSpecificInfo.")),
        "description": unread(string("Legacy description; never read back.")),
        "isactive": server_set(boolean(), "Legacy twin of enabled, which capsync sends."),
        "isActive": server_set(boolean(), "Legacy twin of enabled, which capsync sends."),
    }


def _status() -> dict[str, Schema]:
    return {
        "status": server_set(string(), "UPCOMING, LIVE or ENDED, by the clock."),
        "tillId": server_set(string(), "Till that made it."),
        "programId": server_set(integer(), "Loyalty program."),
        "vendorId": server_set(integer(), "Vendor of the vendor redemption."),
    }


def _owner() -> Schema:
    return obj(
        required=["ownerType"],
        ownerType=enum(*OWNER_TYPES, doc="What owns it."),
        ownerId=ref("LoyaltyProgram", base=TEXT_ID, doc="Its id, a text."),
    )


def _group() -> Schema:
    name = ref(
        "RewardGroup",
        by="name",
        base=string(minLength=1, maxLength=GROUP_NAME_LENGTH),
        doc="Name of the group.",
    )
    rank = integer("Place of the reward in the group.")
    return obj(required=["groupName"], groupName=name, groupRank=rank)


SCHEMA = fields(
    {
        "startTime": instant("When it begins, at most 10 years back; fixed once it is LIVE."),
        "endTime": instant("When it ends."),
        "type": enum(*TYPES, doc="What kind of voucher it is; fixed once it is LIVE."),
        "redemptionType": enum(
            *REDEMPTION_TYPES, doc="What the customer gets; fixed once it is LIVE."
        ),
        "rewardExternalId": string(
            "Id of one's own, letters and digits, unique in the brand (6081). Reads show it in"
            " lists only.",
            pattern="^[A-Za-z0-9]+$",
        ),
        "languageSpecificInfo": _language(),
        "enabled": boolean("Whether it is in use.", default=True),
        "priority": _NUMBER | {"description": "Place; lower ones come first.", "default": 0},
        "intouchPoints": integer("Legacy price in points.", minimum=0, default=0),
        "paymentConfigs": _emptied(_payment()),
        "intouchSeriesId": ref(
            "CouponSeries",
            "CartPromotion",
            base=TEXT_ID,
            doc="Coupon series (INTOUCH_REWARD) or cart promotion (CART_PROMOTION), as text.",
        ),
        "vendorRedemption": ref("VendorRedemption", base=_NUMBER, doc="How the vendor is called."),
        "categories": _emptied(
            set_of(
                ref("RewardCategory", base=_NUMBER, serving=True),
                "Categories, by id; the console takes one.",
                uniqueItems=True,
            )
        ),
        "groups": _emptied(list_by("groupName", _group(), "Groups that it is shown in, by name.")),
        "rewardRank": _NUMBER | {"description": "Place among rewards."},
        **_audience(),
        "owners": _emptied(
            set_of(_owner(), "Modules that own it; changeable before it is LIVE only.")
        ),
        "restrictions": obj(
            rewardLevel=_emptied(_restrictions("Limits of the reward as a whole.")),
            customerLevel=_emptied(_restrictions("Limits of each customer.")),
            doc="How often it may be redeemed.",
        )
        | {"x-clear": {"rewardLevel": [], "customerLevel": []}},
        "customFields": custom_fields("Values of custom fields of scope REWARD, by name."),
        **_revenue(),
        **_legacy(),
        **_status(),
        **BRAND_ID,
    },
    required=["startTime", "endTime", "type", "redemptionType", "languageSpecificInfo"],
)
