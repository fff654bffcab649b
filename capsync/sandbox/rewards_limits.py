"""Points restrictions: limits on what customers may redeem, written in bulk."""

from __future__ import annotations

from typing import NamedTuple

from capsync.sandbox.rewards import WEEK_START, config_value
from capsync.sandbox.rewards_envelope import PREFIX, audit, by_update, created, updated
from capsync.sandbox.rewards_input import Body, Json, bodies_of
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

routes = Routes()

_MOST = 50  # of an org, switched off ones too: else the cap below would always come first
_MOST_ACTIVE = 15  # of a KPI

# What picks the customers or redemptions that a limit is about, by level.
_SELECTORS: dict[str, tuple[str, ...]] = {
    "CUSTOMER": (),
    "CUSTOMER_REDEMPTION_TYPE": ("redemptionType",),
    "CUSTOMER_LOYALTY_PROGRAM": ("programId",),
    "CUSTOMER_TIER": ("tierId",),
    "CUSTOMER_SEGMENT": ("segmentId", "partitionId"),
    "CUSTOMER_SUPPL_PROGRAM": ("supplementaryProgramId",),
    "CUSTOMER_LABEL": ("label",),
    "REWARD": (),  # the table of the update has these two more
    "TRANSACTION": (),
}
REDEMPTION_TYPES = frozenset(
    {"GAMES", "AUCTION", "CART_PROMOTION", "CASH_WALLET", "VOUCHER", "CASH_BACK"}
    | {"PHYSICAL_REWARD", "CHARITY", "MILES", "GIFT_CARD", "SWEEPSTAKES", "INTOUCH_REWARD"}
    | {"CARD_DISC", "VENDOR_ONLY_REWARD", "VENDOR_INTOUCH_REWARD"}
)
_LEGACY_TYPES = frozenset({"POINTS", "CASH", "NULL"})  # the text NULL stands for all types


class _Fault(NamedTuple):
    code: int
    message: str


_EXISTS = _Fault(12014, "constraint exists, use update")


@routes("POST", f"{PREFIX}/brand/constraints")
def create_constraints(request: Request) -> Reply:
    """Make what can be made: every item has a status of its own."""
    items = [(body, _constraint(request, body)) for body in bodies_of(request)]
    seen: set[str] = set()
    answers = []
    for body, written in items:
        # Documented: kept with updates only, although creates may send it.
        if written["constraintLevel"] == "CUSTOMER":
            written.pop("redemptionType", None)
        fault = _refused(request.store, body, written, seen)
        seen.add(_key(written))
        if fault is None:
            written = _keep(request, {"rewardConstraintId": _next(request.store), **written})
        elif fault is _EXISTS:
            written = {"rewardConstraintId": _holder(request.store, written), **written}
        answers.append(_answered(request.store, written, fault))
    return Reply(_reordered(answers))


def _refused(store: Store, body: Body, written: Json, seen: set[str]) -> _Fault | None:
    if "rewardConstraintId" in body:
        return _Fault(12016, "rewardConstraintId not allowed on create")
    if not written["isActive"]:
        return _Fault(12018, "isActive must be true on create")
    if _key(written) in seen:
        return _Fault(12022, "same level and KPI given twice")
    # A limit that was switched off still holds its place, and lists do not show it.
    if _holder(store, written) is not None:
        return _EXISTS
    return _over_caps(store)


def _over_caps(store: Store) -> _Fault | None:
    stored = store.all("reward-constraints")
    if len(stored) >= _MOST:
        return _Fault(12019, f"org constraint limit ({_MOST}) reached")
    if sum(one["isActive"] for one in stored) >= _MOST_ACTIVE:
        return _Fault(12020, f"KPI constraint limit ({_MOST_ACTIVE}) reached")
    return None


@routes("PUT", f"{PREFIX}/brand/constraints")
def update_constraints(request: Request) -> Reply:
    """Replace what can be replaced: every item has a status of its own."""
    items = [(body, _constraint(request, body)) for body in bodies_of(request)]
    seen: set[str] = set()
    answers = []
    for body, written in items:
        id = body.number("rewardConstraintId")
        if id is not None:
            written = {"rewardConstraintId": id, **written}
        stored: Json = None if id is None else request.store.get("reward-constraints", id)
        fault = _unchanged(request.store, written, id, stored, seen)
        seen.add(_key(written))
        if fault is None:
            request.store.delete("reward-constraint-keys", _key(stored))
            kept = ("createdOn", "createdBy")
            written = _keep(request, written, **{name: stored[name] for name in kept})
        answers.append(_answered(request.store, written, fault))
    return Reply(_reordered(answers))


def _unchanged(
    store: Store, written: Json, id: int | None, stored: Json, seen: set[str]
) -> _Fault | None:
    if id is None:
        return _Fault(12017, "rewardConstraintId missing on update")
    if stored is None:
        return _Fault(12015, "no constraint with that id")
    if _key(written) in seen:
        return _Fault(12022, "same level and KPI given twice")
    if _holder(store, written) not in {None, id}:
        return _EXISTS
    if written["isActive"] and not stored["isActive"]:
        others = [one for one in store.all("reward-constraints") if one["isActive"]]
        if len(others) >= _MOST_ACTIVE:
            return _Fault(12020, f"KPI constraint limit ({_MOST_ACTIVE}) reached")
    return None


@routes("GET", f"{PREFIX}/brand/constraints")
def list_constraints(request: Request) -> Reply:
    """The active limits; no documented list shows another one."""
    stored = [one for one in request.store.all("reward-constraints") if one["isActive"]]
    if request.get("sortBy") is not None:
        stored = by_update(stored, request.get("orderBy", "ASC"))
    return Reply([{**_answered(request.store, one, None), **_stamps(one)} for one in stored])


def _constraint(request: Request, body: Body) -> Json:
    body.need("kpi", "constraintLevel", "frequencyType", "intervalValue")
    body.need("constraintLimitValue", "isActive")
    level = str(body.choice("constraintLevel", _SELECTORS))
    body.number("intervalValue", 1)
    written = {
        "orgId": request.org_id,
        "kpi": body.choice("kpi", {"POINTS"}),
        "constraintLevel": level,
        "frequencyType": body.choice("frequencyType", {"DAILY", "WEEKLY", "MONTHLY"}),
        "constraintLimitValue": body.number("constraintLimitValue", 0),
        "isActive": body.flag("isActive"),
    }
    if written["frequencyType"] == "DAILY":
        written["intervalValue"] = body.number("intervalValue")
    body.choice("redemptionType", REDEMPTION_TYPES | _LEGACY_TYPES)
    body.need(*_SELECTORS[level])
    named = ("redemptionType",) if level == "CUSTOMER" else _SELECTORS[level]
    for name in named:
        if body.text(name) is not None:
            written[name] = body.text(name)
    return written


def _key(written: Json) -> str:
    """What is unique: level, KPI, frequency and who it is about."""
    level = written["constraintLevel"]
    selector = [written.get(name) for name in _SELECTORS[level]]
    return "|".join(map(str, (level, written["kpi"], written["frequencyType"], *selector)))


def _holder(store: Store, written: Json) -> int | None:
    found = store.get("reward-constraint-keys", _key(written))
    return None if found is None else int(found)


def _next(store: Store) -> int:
    return store.next("reward-constraint", 61001)


def _keep(request: Request, written: Json, **kept: Json) -> Json:
    stamps = {**created(request), **kept, **updated(request)}
    id = written["rewardConstraintId"]
    request.store.put("reward-constraints", id, {**written, **stamps})
    request.store.put("reward-constraint-keys", _key(written), id)
    return written


_STAMPS = ("createdOn", "createdBy", "lastUpdatedOn", "lastUpdatedBy")


def _answered(store: Store, written: Json, fault: _Fault | None) -> Json:
    shown = {name: value for name, value in written.items() if name not in _STAMPS}
    if shown["frequencyType"] == "WEEKLY":
        shown["startDayOfTheWeek"] = config_value(store, WEEK_START) or "MONDAY"
    shown["status"] = {"success": fault is None, "code": fault.code if fault else 0}
    if fault is not None:
        shown["status"]["message"] = fault.message
    return shown


def _stamps(stored: Json) -> Json:
    return audit(stored) if "createdOn" in stored else {}


def _reordered(answers: list[Json]) -> list[Json]:
    """Answers in an order that is not that of the request: the level CUSTOMER comes last."""
    return sorted(answers, key=lambda one: one["constraintLevel"], reverse=True)
