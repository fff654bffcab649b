"""The activities of a loyalty promotion: what customers do, milestones, and what they get."""

from __future__ import annotations

from capsync.fields import (
    Schema,
    anything,
    boolean,
    enum,
    grown,
    instant,
    integer,
    json_text,
    list_by,
    list_of,
    map_of,
    number,
    obj,
    ref,
    server_set,
    string,
    whole,
)

STREAK_TYPES = ("STREAKS", "NON_CONTINUOUS_STREAKS")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "HALF_YEARLY", "YEARLY", "CUSTOM")
_WINDOWS = (
    "FIXED_CALENDAR_WINDOW",
    "CYCLIC_WINDOW",
    "PERIOD_AGNOSTIC_WINDOW",
    "CALENDAR_CYCLIC_WINDOW",
)
_AGGREGATES = ("SUM", "COUNT", "MAX", "MIN")
DEPTH = 3  # groups of activities may hold groups; pages show no deeper nesting


def moment(doc: str) -> Schema:
    """Sent as written, with its offset; answers use the zone of the server."""
    return instant(doc, wire="given")


def number_as_text(doc: str = "") -> Schema:
    """An id or a number that the API takes as text."""
    return string(doc, type=["string", "integer"], **{"x-wire": "text"})


def _numeric_text(doc: str) -> Schema:
    return number(doc, type=["number", "string"], pattern=r"^-?\d+(\.\d+)?$", **{"x-wire": "text"})


# Actions

_LINE_ITEMS = whole(
    obj(
        operator=string("IN."),
        values=string("Comma list; attributes as key:value, at most 200 keys."),
    )
)

_PROPERTIES = grown(
    obj(
        extra=string(type=["string", "number", "boolean"], **{"x-wire": "text"}),
        doc="Properties of the action, all of them text. Which ones there are depends on"
        " actionName; the service fills in defaults for those that are left out.",
        delegateActionClass=string("Java class of the action behind CommunicationDecorator."),
        AwardStrategy=number_as_text("Id of an allocation strategy, sent as text."),
        ExpiryStrategy=number_as_text("Id of an expiry strategy, sent as text."),
        PointType=string("Name of the points, Main by default."),
        Currency=string("POINTS, or an alternate currency."),
        EvaluatedEntity=string("USER."),
        VoucherSeriesId=ref(
            "CouponSeries", base=number_as_text(), doc="Series that the coupon is issued from."
        ),
        badgeMetaId=ref("Badge", base=string(), doc="Badge that is earned."),
        ToSlabSerialNumber=number_as_text(
            "Serial number of the tier to go to, sent as text. No call lists tiers: write the"
            " number, by a variable where environments differ."
        ),
        promotionIdentifier=string("Identifier of the promotion to join."),
        activityName=string("Name of the activity to join by."),
    )
)

_STRATEGY = obj(
    required=["strategyTypeId"],
    strategyTypeId=integer("1 allocation, 3 expiry; one of each at most.", enum=[1, 3]),
    propertyValues=json_text(
        map_of(anything()),
        "Properties as JSON in a text: allocation_type, allocation_values, expiry_type ...",
    ),
    owner=enum("LOYALTY", "CAMPAIGN", doc="Whose strategy it is."),
    updatedViaNewUI=boolean("Whether the console made it."),
    strategySubType=server_set(string(), "Set by the service."),
    useCommonExpiryStrategy=server_set(boolean(), "Set by the service."),
    strategyRef=server_set(string(), "Set by the service."),
)

_ACTION = obj(
    required=["actionName"],
    id=server_set(string(), "A temporary id, which is not kept; capsync sends one of its own."),
    actionName=string("Name of the action: AWARD_POINTS_ACTION, PE_ISSUE_VOUCHER_ACTION ..."),
    actionClass=string("Java class that carries it out."),
    description=string("What it does."),
    mandatoryPropertiesValues=_PROPERTIES,
    mandatoryComplexPropertiesValues=obj(
        skus=_LINE_ITEMS,
        brands=_LINE_ITEMS,
        categories=_LINE_ITEMS,
        attributes=_LINE_ITEMS,
        tendermode=_LINE_ITEMS,
        doc="Line items that count, the conditions joined by AND.",
    ),
    embeddedStrategies=list_by(
        "strategyTypeId", _STRATEGY, "Strategies made with the action instead of named by id."
    ),
)

_MAPPING = obj(
    cycle=string("Cycle_1, Cycle_2 ..., or the id of one of the cycles."),
    defaultValue=_numeric_text("What has to be reached in this cycle."),
    startDate=moment("Start of the cycle; reads may show its day only."),
    endDate=moment("End of the cycle; reads may show its day only."),
    rulesetId=server_set(string(), "Set when it is published; capsync passes it back."),
    actions=list_of(_ACTION, "What is done in this cycle.", maxItems=10),
)

_CYCLE = obj(
    id=string("Id, chosen by the caller."),
    name=string("Name."),
    startDate=moment("Start."),
    endDate=moment("End."),
    refCode=string("Code.", type=["string", "integer"]),
    isActive=boolean("Whether it counts.", default=True),
)

# Milestones and activities

_FILE = obj(
    doc="A file of customers and their targets.",
    fileHandle=string("Handle of the file in the file service: upload it there first."),
    fileName=string("Its name."),
    columnsMapping=whole(
        obj(
            userIdentifier=enum("EMAIL", "USER_ID", "MOBILE", "EXTERNAL_ID"),
            userIdentifierColumn=string("Column with the customer."),
            targetColumns=map_of(string(), "Columns with the targets."),
        )
    ),
    **{
        name: server_set({}, "Shown by reads.")
        for name in (
            "uploadFileName",
            "fileUrl",
            "status",
            "totalRecords",
            "successRecords",
            "failureCount",
        )
    },
)

_STREAK = obj(
    required=["name", "targetCountOfSequence"],
    name=string("Name of the level."),
    targetCountOfSequence=integer("Cycles in which the target has to be reached.", minimum=1),
    consecutive=boolean("Whether they have to follow each other."),
)

_MILESTONE = obj(
    name=string("Name."),
    description=string("What it is."),
    trackingType=enum(
        "DEFAULT",
        "UNIFIED",
        "STREAKS",
        "NON_CONTINUOUS_STREAKS",
        "CAPPING",
        "INDIVIDUAL",
        doc="How it is tracked; INDIVIDUAL needs a file of customers.",
    ),
    targetType=enum(
        "QUANTITY",
        "SALES",
        "COUNT",
        "VISIT",
        "GROSS_SALES",
        "REGULAR_POINTS",
        "PROMOTIONAL_POINTS",
        "ALL_POINTS",
        "EXTENDED_FIELD",
        "EVENT_ATTRIBUTE",
        "REGULAR",
        "PROMOTIONAL",
        "ALL",
        doc="What is measured. Fixed once published (310162).",
    ),
    targetEntity=enum(
        "TRANSACTION",
        "LINEITEM",
        "POINTS",
        "EVENT",
        "ALTERNATE_CURRENCIES",
        doc="What it is measured of.",
    ),
    targetRuleMetaData=whole(
        obj(
            required=["name", "aggregateFunction"],
            name=ref(
                "ExtendedField", by="name", base=string(), doc="Extended field that is measured."
            ),
            aggregateFunction=enum(*_AGGREGATES, doc="What is made of its values."),
        )
    ),
    defaultValue=_numeric_text("What has to be reached."),
    targetValue=_numeric_text("What has to be reached, on some pages."),
    preferredTillId=ref("Till", doc="Till that rewards are credited to."),
    frequencyType=enum(*_FREQUENCIES, doc="Length of a cycle."),
    targetEvaluationType=enum(*_WINDOWS, doc="How cycles run."),
    recurringCycles=integer("How many cycles there are."),
    targetGroupId=server_set(integer(), "Target group that publishing made for it."),
    targetRuleIds=server_set({}, "Targets that publishing made for it."),
    leaderboardEnabled=boolean("Whether there is a leaderboard.", default=False),
    sameActionsForEveryCycle=boolean("Whether all cycles have the same actions."),
    differentTargetsForEveryCycle=boolean("Whether each cycle has a target of its own."),
    cycleActionMapping=list_by("cycle", _MAPPING, "Target and actions of each cycle."),
    streaks=list_of(_STREAK, "Levels, for STREAKS and NON_CONTINUOUS_STREAKS."),
    aggregateFunction=enum(*_AGGREGATES, doc="What is made of the values."),
    cycles=list_of(_CYCLE, "The cycles."),
    periods=list_of(_CYCLE, "The cycles, on some pages."),
    individualMilestoneFileDetails=list_of(_FILE, "Customers and targets of INDIVIDUAL ones."),
)


def activity(depth: int) -> Schema:
    doc = "Activities of a GROUP; they have no commonCycleActionMapping of their own."
    below = activity(depth - 1) if depth > 1 else anything()
    return obj(
        required=["type"],
        id=grown(
            string("Chosen by the caller and kept; the live one stays where none is written.")
        ),
        type=enum("SINGLE", "GROUP", doc="One activity, or several that count together."),
        name=string("Name.", maxLength=100),
        parentId=string("Id of the group that it is in."),
        rulesetId=server_set(string(), "Set when it is published; capsync passes it back."),
        event=grown(
            ref(
                "BehavioralEvent",
                by="eventName",
                base=string(),
                doc="Event that is followed: TransactionAdd ..., or a behavioral event. Fixed for a"
                " SINGLE activity (310161). The service fills in BulkEMFEvent for a BROADCAST.",
            )
        ),
        ruleExpression=grown(string("The rule as text.")),
        expJSON=json_text(None, "The rule as a tree."),
        cycles=list_of(_CYCLE, "Cycles of its own."),
        commonCycleActionMapping=list_by(
            "cycle", _MAPPING, "Rewards of every qualifying event; [] beside milestones."
        ),
        frequencyType=enum(*_FREQUENCIES, doc="Length of a cycle."),
        targetEvaluationType=enum(*_WINDOWS, doc="How cycles run."),
        targetCycleStartDate=moment("Start of the first cycle."),
        targetCycleEndDate=moment("End of the last cycle."),
        activityCycles=list_of(_CYCLE, "The cycles of the activity."),
        milestones=list_of(_MILESTONE, "What has to be reached; one at most.", maxItems=1),
        combinationType=enum("ANY", "ALL", doc="Whether one or all of a GROUP have to happen."),
        allCycles=server_set({}, "Shown by reads."),
        children=list_of(below, doc),
    )


ACTIVITY = activity(DEPTH)
