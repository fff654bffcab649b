"""Points restrictions: how many points customers may redeem in a day, week or month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from capsync.api.dialect import Fault
from capsync.api.dialects import BARE
from capsync.fields import (
    Schema,
    boolean,
    enum,
    fixed,
    integer,
    only_if,
    ref,
    server_set,
    shows,
    string,
)
from capsync.kind import (
    Bulk,
    Cap,
    Check,
    Finding,
    Kind,
    Listing,
    NaturalKey,
    Outcome,
    Retire,
    Route,
    Service,
    Verdict,
)
from capsync.kinds.rewards_parts import REDEMPTION_TYPES, REWARDS, TEXT_ID, as_number, fields
from capsync.model import Action, Spec
from capsync.values.normalise import Pending, canonical
from capsync.values.wire import settable

Json = Any

_CONSTRAINTS = f"{REWARDS}/brand/constraints"
_SELECTORS: Mapping[str, tuple[str, ...]] = {
    "CUSTOMER": (),
    "CUSTOMER_REDEMPTION_TYPE": ("redemptionType",),
    "CUSTOMER_LOYALTY_PROGRAM": ("programId",),
    "CUSTOMER_TIER": ("tierId",),
    "CUSTOMER_SEGMENT": ("segmentId", "partitionId"),
    "CUSTOMER_SUPPL_PROGRAM": ("supplementaryProgramId",),
    "CUSTOMER_LABEL": ("label",),
    # In the table of updates only; nothing says how they are selected.
    "REWARD": (),
    "TRANSACTION": (),
}
_UPDATE_ONLY = ("REWARD", "TRANSACTION")
_ADVICE = "it is part of what tells restrictions apart: make another one"
_NUMBER: Schema = {"type": ["integer", "string"], "pattern": "^[0-9]+$"}


def _selects(level: str, schema: Schema) -> Schema:
    return only_if(fixed(schema, _ADVICE), "constraintLevel", level)


SCHEMA = fields(
    {
        "kpi": fixed(enum("POINTS", doc="What is counted."), _ADVICE),
        "constraintLevel": fixed(
            enum(*_SELECTORS, doc="Which customers or redemptions the limit is for."), _ADVICE
        ),
        "frequencyType": fixed(
            enum("DAILY", "WEEKLY", "MONTHLY", doc="The period that points are counted in."),
            _ADVICE,
        ),
        "intervalValue": shows(
            integer("How many periods count together; kept with DAILY only.", minimum=1, default=1),
            None,
        ),
        "constraintLimitValue": integer("Points that may be redeemed; 0 lets nobody.", minimum=0),
        "isActive": boolean("Whether it is in force.", default=True),
        "redemptionType": _selects(
            "CUSTOMER_REDEMPTION_TYPE",
            enum(
                *REDEMPTION_TYPES,
                "POINTS",
                "CASH",
                "NULL",
                doc='Type of reward; the text "NULL" (in quotes) is every type.',
            ),
        ),
        "programId": _selects(
            "CUSTOMER_LOYALTY_PROGRAM", ref("LoyaltyProgram", base=_NUMBER, doc="Loyalty program.")
        ),
        "tierId": _selects("CUSTOMER_TIER", _NUMBER | {"description": "Id of the tier."}),
        "supplementaryProgramId": _selects(
            "CUSTOMER_SUPPL_PROGRAM", TEXT_ID | {"description": "Id of the partner program."}
        ),
        "segmentId": _selects("CUSTOMER_SEGMENT", TEXT_ID | {"description": "Id of the segment."}),
        "partitionId": _selects(
            "CUSTOMER_SEGMENT", TEXT_ID | {"description": "Id of its partition."}
        ),
        "label": _selects(
            "CUSTOMER_LABEL",
            ref(
                "Label",
                "CustomerLabel",
                by="name",
                base=string(),
                doc="Name of the customer label.",
            ),
        ),
        "startDayOfTheWeek": server_set(
            string(), "With WEEKLY: the day on which weeks begin, of RewardsConfig."
        ),
        "rewardConstraintId": server_set(integer(), "Id of the restriction."),
        "id": server_set(integer(), "Not in use: the id is rewardConstraintId."),
        "status": server_set(doc="What the last call said of this item."),
    },
    required=[
        "kpi",
        "constraintLevel",
        "frequencyType",
        "constraintLimitValue",
    ],
)


def _read(raw: Json) -> dict[str, Json]:
    spec: dict[str, Json] = settable(SCHEMA, raw)
    if spec.get("frequencyType") != "DAILY":
        spec.setdefault("intervalValue", None)  # not kept, so that nothing is to be compared
    return spec


def _key(spec: Spec) -> tuple[str, ...] | None:
    """Level, kpi, frequency and what the level selects by."""
    names = ["constraintLevel", "kpi", "frequencyType"]
    names += _SELECTORS.get(str(spec.get("constraintLevel")), ())
    parts = [spec.get(name) for name in names]
    if any(part is None or isinstance(part, (Pending, Mapping)) for part in parts):
        return None
    return tuple(str(part) for part in parts)


def _one_new(body: Json) -> Json:
    return [{"intervalValue": 1, **_written(body), "isActive": True}]


def _one_changed(body: Json) -> Json:
    whole = {"intervalValue": 1, "isActive": True, **_written(body)}
    return [{**whole, "rewardConstraintId": as_number(body["rewardConstraintId"])}]


def _written(body: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in body.items() if value is not None}


def _all(bodies: Sequence[Json]) -> Json:
    return [each for body in bodies for each in body]


def _faults(body: Json, status: int) -> list[Fault]:
    """Faults of the call as a whole: those of items are told one by one."""
    return [] if isinstance(body, list) and status < 400 else BARE.faults(body, status)


_ITEMS = replace(BARE, name="points restrictions", faults=_faults)


def _outcomes(body: Json, _status: int, sent: Sequence[Json]) -> Sequence[Outcome] | None:
    """One outcome per item sent; the answer has them in another order, so that keys pair them."""
    if not isinstance(body, list):
        return None
    told = {_key(canonical(SCHEMA, settable(SCHEMA, each))): each for each in body}
    return [_outcome(told.get(_key(canonical(SCHEMA, each[0])))) for each in sent]


def _outcome(item: Json) -> Outcome:
    if item is None:
        return Outcome(ok=False, message="the answer says nothing of it")
    status = item.get("status") or {}
    id_ = item.get("rewardConstraintId")
    shown = None if id_ is None else str(id_)
    if status.get("success") is False:
        codes = (str(status.get("code")),)
        return Outcome(ok=False, id=shown, codes=codes, message=str(status.get("message", "")))
    return Outcome(ok=True, id=shown)


def _selector(spec: Spec) -> Iterable[Finding]:
    level = str(spec.get("constraintLevel"))
    for name in _SELECTORS.get(level, ()):
        if spec.get(name) is None:
            hint = 'write "NULL", in quotes, for every type' if name == "redemptionType" else ""
            yield Finding((name,), f"is needed with constraintLevel {level}", hint=hint)
    for other, names in _SELECTORS.items():
        for name in names:
            if other != level and spec.get(name) is not None:
                # Documented bodies hold some of them, and the API drops or echoes them.
                message = f"is for constraintLevel {other} only: neither sent nor compared"
                yield Finding((name,), message, severity="warning", hint="remove it")


def _guard(check: Check) -> Iterable[Verdict]:
    level = check.desired.get("constraintLevel")
    if check.action is Action.CREATE and level in _UPDATE_ONLY:
        yield Verdict("blocked", f"no documented call creates a restriction of level {level}")


def _is_active(spec: Spec) -> bool:
    return spec.get("isActive") is not False


POINTS_RESTRICTION = Kind(
    name="PointsRestriction",
    family="rewards",
    doc="How many points may be redeemed in a period: the console's redemption limits.",
    pages=(
        "create-points-restriction",
        "update-points-restriction",
        "get-points-constraints",
    ),
    dialect=BARE,
    lists=(Listing(Route("GET", _CONSTRAINTS)),),
    id="rewardConstraintId",
    keys=(NaturalKey("level + kpi + frequency + selector", _key),),
    read=_read,
    create=Route("POST", _CONSTRAINTS, wrap=_one_new, omit=frozenset({"isActive"})),
    created_id="0.rewardConstraintId",
    duplicate_codes=frozenset({"12014"}),
    update=Route(
        "PUT", _CONSTRAINTS, wrap=_one_changed, whole=True, id_member="rewardConstraintId"
    ),
    bulk=Bulk(50, _all, _outcomes, dialect=_ITEMS, alone=True),
    retire=Retire("disable", sets={"isActive": False}),
    service=Service("isActive", hidden=True),
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=SCHEMA,
    rules=(_selector,),
    caps=(
        Cap(50, "at most 50 points restrictions are allowed in an org", code="12019"),
        Cap(
            15,
            "at most 15 active points restrictions of one kpi are allowed",
            per=("kpi",),
            counts=_is_active,
            code="12020",
        ),
    ),
    guard=_guard,
    after=("RewardsConfig",),
    notes=(
        "Restrictions are created together; where the API refuses one of them the others are made.",
        "intervalValue is sent in every body, but kept with DAILY alone.",
        "redemptionType sent with level CUSTOMER is echoed in one example and dropped in another:"
        " members that a level does not select by are neither sent nor compared.",
        "Weeks begin on the day that RewardsConfig says.",
        "Whether the list shows disabled restrictions is not documented. A create that is refused"
        " since there is one (12014) becomes an update of it; one that is to be disabled and is not"
        " in the list counts as disabled.",
    ),
)
