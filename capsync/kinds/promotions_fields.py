"""The fields of a loyalty promotion: its life, who takes part, limits, and who bears the cost."""

from __future__ import annotations

from capsync.fields import (
    Schema,
    alias,
    boolean,
    enum,
    fixed,
    grown,
    instant,
    integer,
    list_by,
    list_of,
    number,
    obj,
    obj_of,
    only_if,
    ref,
    server_set,
    set_of,
    string,
    unread,
    whole,
)
from capsync.kinds.promotions_activities import ACTIVITY, activity, moment, number_as_text


def _count(doc: str) -> Schema:
    return number(doc, type=["number", "string"], pattern=r"^\d+$")


# Taking part

_LIMIT_OF_WORKFLOW = obj(
    value=_count("How many."),
    type=enum("NON_PERIOD_BASED", "PERIOD_BASED", doc="Over all, or in a window."),
    periodType=enum("MOVING_WINDOW"),
    periodUnit=enum("DAILY", "WEEKLY", "MONTHLY", doc="Length of the window."),
)

_EXPIRY = whole(
    obj(
        type=enum(
            "PROMOTION", "CUSTOM", "FIXED_DATE", doc="With the promotion, after days, or then."
        ),
        value=only_if(
            string("Days.", type=["integer", "string"], pattern=r"^\d*$"), "type", "CUSTOM"
        ),
        expiryDate=only_if(moment("The day."), "type", "FIXED_DATE"),
    )
)

_WORKFLOW = obj(
    basedOn=enum("ACTIVITY", "AUDIENCE", "EXTERNAL_TRIGGER", doc="What makes customers take part."),
    activities=list_of(activity(1), "Activities by which they do."),
    audienceMapping=list_by(
        "groupId",
        obj(groupId=integer("Id of the audience group."), groupName=grown(string(maxLength=255))),
        "Audiences that do.",
    ),
    optInStartDate=moment("From when on they may opt in. For opt-in of LOYALTY_EARNING only."),
    optInEndDate=moment("Until when they may opt in."),
    restrictions=obj(
        optinExpiryBasedOn=_EXPIRY,
        enrolmentExpiryBasedOn=_EXPIRY,
        optinLimitPerCustomer=_LIMIT_OF_WORKFLOW,
        maxRedemptionsPerEarnPerCustomer=_LIMIT_OF_WORKFLOW,
        enrolmentLimitPerPromotion=_LIMIT_OF_WORKFLOW,
        enrolmentLimitPerCustomer=_LIMIT_OF_WORKFLOW,
        maxPointsPerEarnPerCustomer=_LIMIT_OF_WORKFLOW,
        doc="How long and how often.",
    ),
    doc="{} where it is not used.",
)

_ENROLMENT = obj(
    enrolmentMethod=enum("TRANSACTION", "IMPORT", "AUDIENCE_FILTER", doc="How customers get in."),
    audienceGroups=list_by(
        "audienceGroupId",
        obj(
            required=["audienceGroupId"],
            audienceGroupId=integer("Id of the audience group."),
            audienceGroupName=grown(string("Its name.")),
            description=grown(string("What it is.")),
        ),
        "Audiences that the promotion is for.",
    ),
    customerEligibilityType=enum(
        "LOYAL", "NON_LOYAL", "ALL", doc="Fixed once it is live (310190).", default="ALL"
    ),
    doc="Who takes part.",
)

# The promotion

_META_ENTRY = obj(
    required=["key", "value"],
    key=string("Key.", minLength=1, maxLength=100),
    value=string("Value.", minLength=1, maxLength=1000),
    isBrandDefined=grown(
        string(
            "Whether the brand defined the key.",
            type=["string", "boolean"],
            enum=["true", "false", True, False],
            **{"x-wire": "text"},
        )
    ),
)

_METADATA = obj(
    required=["name", "promoIdentifier", "startDate", "endDate", "promotionType"],
    name=string("Name, unique in the org (310187).", minLength=1, maxLength=255),
    description=string("What it is.", maxLength=1000),
    promoIdentifier=string(
        "Key of the promotion, chosen by the caller and unique in the org (310159). The API can do"
        " without, but nothing else finds the promotion again.",
        minLength=1,
        maxLength=255,
    ),
    programId=fixed(
        ref("LoyaltyProgram", base={"type": ["string", "integer"]}, doc="Its loyalty program."),
        "a promotion stays in its program (310158): make a new one",
    ),
    startDate=moment("First moment. Fixed from its approval on (310153)."),
    endDate=moment("Last moment. Once published it may only be extended (310155)."),
    promotionType=enum(
        "GENERIC", "LOYALTY", "LOYALTY_EARNING", doc="For all, for enrolled, for those opted in."
    ),
    promotionCategory=enum("BROADCAST", doc="For broadcasts; left out else."),
    timezoneName=string("IANA name, a label only; the zone of the org counts."),
    loyaltyEarningType=enum(
        "DIRECT_EARN", "ISSUE_AND_EARN", doc="Opt-in only, or enrolment and opt-in."
    ),
    loyaltyConfigMetaData=obj(
        isStackable=boolean("May be combined with others.", default=False),
        isExclusive=boolean("Excludes others.", default=False),
        isAlwaysApply=boolean("Applies whatever else does.", default=False),
        isConsideredForRanking=boolean("Takes part in ranking.", default=False),
        skipEarnedDateCheckOnRedeem=server_set(boolean(), "Set by the service."),
        doc="How it goes with other promotions.",
    ),
    promotionMetadata=list_by("key", _META_ENTRY, "Keys and values of your own."),
    status=server_set(
        string(),
        "Where it is in its life. No update changes it: metadata.publish of the manifest says how"
        " far apply takes it.",
    ),
    orgId=server_set(integer(), "Id of the org; capsync sends its own."),
    **{
        name: server_set({}, "Set by the service.")
        for name in (
            "lastModifiedBy",
            "lastModifiedOn",
            "createdBy",
            "createdOn",
            "promotionId",
            "version",
            "draftDetails",
            "commonStrategies",
            "promotionMode",
        )
    },
    doc="What the promotion is called, when it runs, and of which type it is.",
)

_LIMIT = obj(
    doc="A limit on what the promotion gives.",
    entityScope=enum("PROMOTION", "PROGRAM", doc="What is counted.", default="PROMOTION"),
    entityId=only_if(
        ref("LoyaltyProgram", doc="The program, for scope PROGRAM."), "entityScope", "PROGRAM"
    ),
    granularity=enum("OVERALL", "USER", "PER_ACTIVITY", doc="For whom."),
    actionType=enum(
        "AWARD_CURRENCY",
        "AWARD_BADGE",
        "ISSUE_COUPON",
        "ISSUE_REWARD",
        "UPGRADE_TIER",
        "RENEW_TIER",
        "DOWNGRADE_TIER",
        doc="What is limited.",
    ),
    actionSubTypeId=ref("CouponSeries", base=number_as_text(), doc="Currency, or coupon series."),
    limitType=enum("SUM", "COUNT", doc="How much, or how often."),
    limitValue=number("The limit."),
    period=obj(
        periodType=enum(
            "NON_PERIOD_BASED", "MOVING_WINDOW", "FIXED_CALENDAR_WINDOW", "FIXED_WINDOW"
        ),
        periodUnit=enum("DAYS", "WEEKS", "MONTHS"),
        periodValue=integer("How many units.", minimum=1),
        periodStartDay=enum(
            "SUNDAY",
            "MONDAY",
            "TUESDAY",
            "WEDNESDAY",
            "THURSDAY",
            "FRIDAY",
            "SATURDAY",
            doc="Of FIXED_CALENDAR_WINDOW with WEEKS and periodValue 1.",
        ),
        referenceDate=instant(
            "Anchor of a calendar window.", wire="given", precision="written day"
        ),
        startDate=moment("Start of a fixed window."),
        endDate=moment("End of a fixed window."),
        id=server_set(integer(), "Id of the window."),
        doc="The window in which it counts.",
    ),
    active=boolean("Whether it holds.", default=True),
    **{
        name: server_set({}, "Set by the service; capsync passes ids back.")
        for name in ("id", "createdOn", "createdBy", "lastUpdatedOn", "lastUpdatedBy")
    },
)

_SPLIT = obj(
    required=["liabilityOwnerId"],
    liabilityOwnerId=integer("Id of the owner."),
    liabilityOwnerName=grown(string("Its name.")),
    liabilityOwnerType=grown(enum("PROGRAM", "PARTNER", doc="What it is.")),
    componentType=enum("PROMOTION", "PROGRAM", doc="What it bears.", default="PROMOTION"),
    ratio=number("Its part in percent; together they make 100.", minimum=0, maximum=100),
    orgId=grown(integer("Id of its org; left out: this one.")),
    active=alias(boolean("Whether it holds.", default=True), isActive="flag"),
    componentId=server_set(integer(), "Set by the service."),
    createdBy=server_set(integer(), "Set by the service."),
)

SCHEMA = obj_of(
    {
        "metadata": _METADATA,
        "customerEnrolment": _ENROLMENT,
        "activities": list_of(ACTIVITY, "What customers do, and what they get for it."),
        "workflowMetadata": obj(
            enrolment=_WORKFLOW,
            optin=_WORKFLOW,
            doc="How customers enrol and opt in. Not for broadcasts.",
        ),
        "limits": set_of(_LIMIT, "How much and how often at most."),
        "liabilityOwnerSplitInfo": list_by("liabilityOwnerId", _SPLIT, "Who bears the cost."),
        "comments": unread(string("Note for the reviewer, who may write over it.", maxLength=150)),
        "broadcastMetadata": obj(
            required=["source", "audienceFilter", "tillId"],
            source=enum("AUDIENCE_FILTER", doc="Where customers come from."),
            audienceFilter=obj(
                required=["audienceListIds"],
                audienceListIds=set_of(integer(), "Ids of audience lists.", minItems=1),
            ),
            tillId=ref("Till", base={"type": ["string", "integer"]}, doc="Till that issues."),
            doc="Whom a BROADCAST is for.",
        ),
        "promotionSchedule": obj(
            required=["schedule"],
            schedule=obj(
                required=["startType"],
                startType=enum("IMMEDIATE", "PARTICULAR_DATE", doc="When it goes out."),
                scheduleDate=moment("The day of PARTICULAR_DATE."),
                frequency=enum("ONCE", "DAILY", doc="How often."),
            ),
            doc="When a BROADCAST goes out.",
        ),
        **{
            name: server_set({}, "Set by the service.")
            for name in (
                "id",
                "parentId",
                "parentDetails",
                "version",
                "communicationApprovalStatus",
            )
        },
    },
    required=("metadata", "customerEnrolment", "activities"),
)
