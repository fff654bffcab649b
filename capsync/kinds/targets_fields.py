"""The fields of a target group: its cycles, milestones, their messages, and streak levels."""

from __future__ import annotations

from capsync.fields import (
    Schema,
    anything,
    boolean,
    caseless,
    enum,
    fixed,
    instant,
    integer,
    json_text,
    list_by,
    list_of,
    map_of,
    number,
    obj,
    obj_of,
    only_if,
    ref,
    server_set,
    service,
    set_of,
    string,
    unread,
    whole,
)

TRACKING = ("DEFAULT", "UNIFIED", "STREAKS", "NON_CONTINUOUS_STREAKS", "CAPPING")
STREAK_TYPES = ("STREAKS", "NON_CONTINUOUS_STREAKS")
WINDOWS = ("FIXED_CALENDAR_WINDOW", "CYCLIC_WINDOW", "PERIOD_AGNOSTIC_WINDOW")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "HALF_YEARLY", "YEARLY", "CUSTOM")
ENTITIES = ("TRANSACTION", "LINEITEM", "EVENT", "REWARDS", "POINTS", "ALTERNATE_CURRENCIES")
MEASURES = (
    "QUANTITY",
    "SALES",
    "GROSS_SALES",
    "COUNT",
    "VISIT",
    "REGULAR_POINTS",
    "PROMOTIONAL_POINTS",
    "ALL_POINTS",
    "EXTENDED_FIELD",
    "EVENT_ATTRIBUTE",
    "ALL",
    "REGULAR",
    "PROMOTION",
)
# The measures with which the service keeps `extendedFieldInfo`; with others it drops it.
_WITH_INFO = ("EXTENDED_FIELD", "EVENT_ATTRIBUTE", "ALL", "REGULAR", "PROMOTION")

_NEW_GROUP = "only a new group takes it: make one under another name, and drop this one"
_NEW_TARGET = "add a target under another name, and drop this one (--prune deactivates it)"
_NEW_STREAK = "streak levels are made with their group: make a group under another name"


def _on_create(schema: Schema) -> Schema:
    """Sent when the group is made; reads show it cut, derived, or not at all."""
    return fixed(unread(schema), _NEW_GROUP)


def _day(doc: str) -> Schema:
    return instant(doc, wire="given", precision="written day")


_PERIOD = obj(
    required=["refCode", "startDate", "endDate"],
    refCode=string(
        "Code of the cycle, the key within its group: a text or a number.",
        minLength=1,
        type=["string", "integer"],
    ),
    description=string("What the cycle is.", maxLength=255, default="", **{"x-clear": ""}),
    startDate=_day(
        "First day of the cycle; a time of day is taken but not kept. Fixed once it has begun."
    ),
    endDate=_day("Last day of the cycle, likewise fixed once it has begun."),
    active=service(
        boolean("Whether the cycle counts. There is no delete: false retires it.", default=True)
    ),
    periodStatus=server_set(string(), "Follows from the dates, whatever is sent."),
    id=server_set(integer(), "Id of the cycle."),
    targetGroupId=server_set(integer(), "Id of its group; another one sent is ignored."),
    attribution=server_set({}, "Who made and changed it."),
)

_FILTER = obj(
    required=["entityType", "entityIds"],
    entityType=enum("STORE", "ZONE", "CONCEPT", doc="What the ids stand for."),
    entityIds=set_of(
        ref("Store", "Zone", "Concept"),
        "Ids, never codes; `{lookup: {kind: Store, code: CODE}}` finds one.",
    ),
)

_DEFAULT_VALUE = obj(
    required=["defaultValue"],
    defaultValue=number(
        "What has to be reached, as a number or a numeric text.",
        type=["number", "string"],
        pattern=r"^-?\d+(\.\d+)?$",
    ),
    periodId=ref(
        "TargetGroup",
        base=string(type=["string", "integer"]),
        doc="The cycle that it is for: its refCode or id, or a reference to that child. Values"
        " without it stand in the order of `periods`.",
        deferred=True,
    ),
    targetName=server_set(string(), "Accepted and ignored."),
    id=server_set(integer(), "Id of the value."),
)

_FIELD_INFO = whole(
    obj(
        name=ref(
            "ExtendedField",
            by="name",
            base=string(),
            doc="Extended field (EXTENDED_FIELD) or attribute of the event (EVENT_ATTRIBUTE).",
        ),
        aggregateFunction=enum(
            "SUM", "COUNT", doc="What is made of the values; COUNT with EXTENDED_FIELD only."
        ),
        aggregateWindow=whole(
            obj(
                windowType=enum("MIN", "MAX"),
                windowTimeUnit=enum("DAY"),
                windowValue=string("Only 1 is supported."),
                doc="Of the values within a window, the smallest or largest counts.",
            )
        ),
        alternateCurrencyIdentifier=string(
            "Identifier of the alternate currency, as the service made it."
        ),
        programId=ref("LoyaltyProgram", doc="Program that the alternate currency belongs to."),
    )
)

_COMMUNICATION = obj(
    required=["communicationType", "channelId"],
    communicationType=enum(
        "START", "FINISH", "CHANGE", "REMINDER", doc="The moment that the message is for."
    ),
    channelId=integer(
        "Id of the channel as GET /v3/targetGroups/channels lists it: 1 SMS, 2 email, 3 push."
    ),
    messageTemplate=string("Text of the message."),
    subjectTemplate=string("Its subject."),
    offsetDays=integer("Days before or after the moment."),
    sender=string("Who it is from."),
    active=service(
        boolean("Whether it is sent. There is no delete: false retires it.", default=True)
    ),
    id=server_set(integer(), "Id of the template."),
    targetId=server_set(integer(), "Id of its target."),
    targetGroupId=server_set(integer(), "Id of its group."),
    configs=server_set({}, "Shown by reads."),
    attribution=server_set({}, "Who made and changed it."),
)

_TARGET = obj(
    required=["name", "targetEntity", "targetType"],
    name=string(
        "Name of the target, unique in the org, upper and lower case apart.",
        minLength=1,
        maxLength=200,
    ),
    description=fixed(
        string("What it is.", maxLength=255, default=""),
        "the API changes the rule, the filters and the values of a target only; leave it as it is,"
        " or out of the manifest",
    ),
    active=service(
        boolean("Whether it counts. false deactivates it; there is no delete.", default=True)
    ),
    targetEntity=fixed(enum(*ENTITIES, doc="What is tracked."), _NEW_TARGET),
    targetType=fixed(
        enum(
            *MEASURES,
            doc="What is measured of it: QUANTITY, SALES, GROSS_SALES, COUNT, VISIT,"
            " EXTENDED_FIELD of TRANSACTION and LINEITEM; REGULAR_POINTS, PROMOTIONAL_POINTS,"
            " ALL_POINTS of REWARDS (POINTS on older pages); COUNT, VISIT, EVENT_ATTRIBUTE of"
            " EVENT; ALL, REGULAR, PROMOTION of ALTERNATE_CURRENCIES.",
        ),
        _NEW_TARGET,
    ),
    eventName=fixed(
        ref(
            "BehavioralEvent",
            by="eventName",
            base=string(),
            doc="Behavioral event, or CustomerRegistration, PointsRedemption, ReturnBill,"
            " PointsTransfer.",
            default="TransactionAdd",
        ),
        _NEW_TARGET,
    ),
    enrolmentMethod=fixed(
        enum(
            "TRANSACTION",
            "IMPORT",
            doc="How customers get in. User-created groups take IMPORT only.",
            default="IMPORT",
        ),
        _NEW_TARGET,
    ),
    expression=string(
        "The rule as text, `currentTxn.value>500`; true for all.",
        type=["string", "boolean"],
        default="true",
    ),
    expressionJson=json_text(
        None, "The same rule as a tree. Both have to say the same: the service derives neither."
    ),
    filters=set_of(_FILTER, "Limits the rule to places of the org."),
    defaultValues=set_of(
        _DEFAULT_VALUE,
        "What has to be reached, one value a cycle.",
        **{"x-set": "values stand in the order of `periods`, or each names its periodId"},
    ),
    extendedFieldInfo=fixed(only_if(_FIELD_INFO, "targetType", *_WITH_INFO), _NEW_TARGET),
    targetMilestoneTriggers=fixed(
        list_of(anything(), "Empty wherever it is documented."), _NEW_TARGET
    ),
    communications=list_by(
        ["communicationType", "channelId"],
        _COMMUNICATION,
        "Messages of the target. Read only where the manifest lists them.",
        children=True,
    ),
    id=server_set(integer(), "Id of the target, elsewhere called targetRuleId."),
    targetGroupId=server_set(integer(), "Id of its group; another one sent is ignored."),
    emfRuleSetId=server_set(integer(), "Set by the service, whatever is sent."),
    emfUnrolledRulesetId=server_set(integer(), "Set by the service."),
    targetPeriodDefaultValuesMap=server_set(map_of(), "The default values by id of the cycle."),
    attribution=server_set({}, "Who made and changed it."),
)

_STREAK = obj(
    required=["name", "targetCountOfSequence"],
    name=string("Name of the level.", minLength=1),
    targetCountOfSequence=integer("Cycles in which the target has to be reached.", minimum=1),
    id=server_set(integer(), "Id of the level."),
    targetGroupId=server_set(integer(), "Id of its group."),
    attribution=server_set({}, "Who made and changed it."),
)

_IDENTITY: dict[str, Schema] = {
    "name": string(
        "Name, unique in the org over active, inactive and user-created groups, upper and lower"
        " case apart.",
        minLength=1,
        maxLength=200,
    ),
    "description": string("What it is for.", maxLength=255, default="", **{"x-clear": ""}),
    "active": boolean(
        "Whether it is in service. A deactivated group may come back until it is over.",
        default=True,
    ),
    "preferredTillId": ref("Till", doc="Till that rewards are credited to, 0 for none.", default=0)
    | {"x-clear": 0},
}

_NATURE: dict[str, Schema] = {
    "trackingType": fixed(
        enum(
            *TRACKING,
            doc="DEFAULT, several targets as one (UNIFIED), or cycles in a row (STREAKS,"
            " NON_CONTINUOUS_STREAKS). CAPPING groups are made by reward currency limits.",
            default="DEFAULT",
        ),
        _NEW_GROUP,
    ),
    "targetEvaluationType": fixed(
        enum(
            *WINDOWS,
            doc="How cycles run: on the calendar, or from the customer's enrolment on.",
            default="FIXED_CALENDAR_WINDOW",
        ),
        _NEW_GROUP,
    ),
    "frequencyType": fixed(
        enum(*FREQUENCIES, doc="Length of a cycle.", default="CUSTOM"), _NEW_GROUP
    ),
    "frequency": fixed(
        integer("Units of frequencyType a cycle, 0 where cycles are listed.", default=0),
        _NEW_GROUP,
    ),
    "recurringCycles": fixed(
        integer(
            "How many cycles CYCLIC_WINDOW and PERIOD_AGNOSTIC_WINDOW have; reads show -1 where"
            " none was given.",
            maximum=100,
            default=-1,
        ),
        _NEW_GROUP,
    ),
    "userCreated": fixed(
        boolean(
            "Whether it is a challenge that customers make. The org has to be enabled; one target"
            " with enrolmentMethod IMPORT.",
            default=False,
        ),
        _NEW_GROUP,
    ),
    "leaderboardEnabled": fixed(
        boolean(
            "Whether there is a leaderboard: for DEFAULT groups with FIXED_CALENDAR_WINDOW, where"
            " the org has them.",
            default=False,
        ),
        _NEW_GROUP,
    ),
    "timeZoneName": _on_create(
        string("IANA zone that the dates of the cycles are meant in: Asia/Kolkata.")
    ),
    "fromDate": _on_create(_day("First day, on older pages.")),
    "toDate": _on_create(
        _day("Last day, on older pages; updates move it to the end of the last cycle.")
    ),
    "targetCycleStartDate": _on_create(_day("Start of the first cycle, derived when left out.")),
    "targetCycleEndDate": _on_create(_day("End of the last cycle, derived when left out.")),
}


def _of_unified(schema: Schema) -> Schema:
    """What only UNIFIED groups have."""
    return only_if(schema, "trackingType", "UNIFIED")


_CHILDREN: dict[str, Schema] = {
    "periods": list_by(
        "refCode",
        _PERIOD,
        "The cycles, in the order in which `defaultValues` count them.",
        children=True,
    ),
    "targets": caseless(
        list_by("name", _TARGET, "The targets (milestones) of the group.", children=True)
    ),
    "combinationType": _of_unified(
        fixed(
            enum("ANY", "ALL", doc="Whether one or all targets have to be reached."),
            _NEW_GROUP,
        )
    ),
    "unifiedTargetExpression": _of_unified(
        obj(
            aggregation=fixed(
                enum("SUM", "COUNT", doc="What is made of the targets of the group."), _NEW_GROUP
            ),
            thresholdValue=integer("What the aggregation has to reach; needed where there is one."),
            ruleExpression=server_set(string(), "Ids of the targets, joined by the service."),
        )
    ),
    "streaks": only_if(
        fixed(list_by("name", _STREAK, "Levels of a streak group.", children=True), _NEW_STREAK),
        "trackingType",
        *STREAK_TYPES,
    ),
}

_SERVER_SET: dict[str, Schema] = {
    "totalPeriods": server_set(
        integer(), "Number of cycles: counted, whatever is sent. capsync sends the right one."
    ),
    "activePeriod": server_set({}, "The cycle that is running."),
    "targetAudienceFilter": server_set({}, "Audience chosen in the console."),
    "targetCycleStartDateISO": server_set(string(), "targetCycleStartDate, on newer servers."),
    "targetCycleEndDateISO": server_set(string(), "targetCycleEndDate, on newer servers."),
    "id": server_set(integer(), "Id of the group."),
    "orgId": server_set(integer(), "Id of the org."),
    "createdOn": server_set(integer(), "When it was made, in epoch milliseconds."),
    "createdOnISO": server_set(string(), "When it was made."),
    "attribution": server_set({}, "Who made and changed it."),
}

SCHEMA = obj_of({**_IDENTITY, **_NATURE, **_CHILDREN, **_SERVER_SET}, required=("name",)) | {
    "allOf": [
        {
            "if": {
                "properties": {"trackingType": {"const": "UNIFIED"}},
                "required": ["trackingType"],
            },
            "then": {"required": ["combinationType"]},
        },
        {
            "if": {
                "properties": {"trackingType": {"enum": list(STREAK_TYPES)}},
                "required": ["trackingType"],
            },
            "then": {"required": ["streaks"]},
        },
    ]
}
