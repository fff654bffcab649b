"""Loyalty promotions of the old UI: lists, one, and the create call for user challenges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from capsync.sandbox.promotions_legacy_build import (
    COLLECTION,
    create_promotion,
    program_of,
    refuse,
)
from capsync.sandbox.targets_answers import decoded
from capsync.sandbox.targets_dates import epoch_day, instant
from capsync.sandbox.web import Reply, Request, Routes

Json = Any
Wanted = Callable[[Json], bool]

routes = Routes()

_TYPES = frozenset({"simple", "range", "keyword"})
_SOURCES = frozenset(
    {"UI", "IMPORT", "GOODWILL", "CAMPAIGN", "POINTS_TRANSFER", "IMPORT_API", "PROMOTION_API"}
    | {"POINTS_CONTRIBUTION_TO_GROUP", "MANUAL_POINTS_ADJUSTMENT", "BADGES", "USER_CREATED"}
)
_LARGEST_PAGE = 100
_BRIEF = (
    *("id", "name", "description", "programName", "promotionType", "programId"),
    *("identifier", "isActive", "eventName", "pointsOfferType"),
)
# What the list of the org leaves out of the restrictions.
_LINKS = (
    *("targetGroupIds", "targetRuleIds", "linkedTargetGroupVsTargetRuleIdMap"),
    "skipEarnedDateCheckOnRedeem",
)


@routes("POST", "/api_gateway/loyalty/v1/programs/{programId}/createPromotion/{promotionType}")
def create(request: Request) -> Reply:
    """A new promotion; there is no call to change or remove it."""
    if request.params["promotionType"].casefold() not in _TYPES:
        refuse(400, "promotion type is SIMPLE, RANGE or KEYWORD")
    body = decoded(request)
    promotion = body.get("promotion") if isinstance(body, dict) else None
    if not isinstance(promotion, dict):
        refuse(400, "promotion is missing")
    shown = _whole(create_promotion(request, promotion), request.now)
    # The documented reply shows true for the false that was sent; later reads show it right.
    shown["promotionRestrictions"] = {
        **shown["promotionRestrictions"],
        "isConsideredForRanking": True,
    }
    return _answer([shown])


@routes("GET", "/api_gateway/loyalty/v1/programs/{programId}/promotions/{promotionId}/get")
def read(request: Request) -> Reply:
    """One promotion, in a list."""
    program = program_of(request)
    promotion = request.store.get(COLLECTION, request.params["promotionId"])
    if promotion is None or promotion["programId"] != program:
        refuse(4029, "Promotion id is invalid")
    return _answer([_whole(promotion, request.now)])


@routes("GET", "/api_gateway/loyalty/v1/programs/promotions/list")
def list_of_org(request: Request) -> Reply:
    """A page of the promotions of every program, inactive ones included; `offset` counts pages."""
    size, page = _paging(request)
    wanted = list(_wanted(request))
    found = [p for p in request.store.all(COLLECTION)[::-1] if all(want(p) for want in wanted)]
    rows = [_brief(each, request.now) for each in found[page * size : (page + 1) * size]]
    return _answer(rows, page=page, size=size, total=len(found))


@routes("GET", "/api_gateway/loyalty/v1/programs/{programId}/promotionsV2")
def list_of_program(request: Request) -> Reply:
    """The promotions of one program and source from the row `offset` on."""
    program = program_of(request)
    size, offset = _paging(request)
    source, id = request.get("sourceType"), request.get("promotionId")
    if source not in _SOURCES:
        refuse(4079, "sourceType is missing or not known")
    inactive = (request.get("includeInactivePromotions") or "").lower() == "true"
    found = [
        promotion
        for promotion in request.store.all(COLLECTION)[::-1]
        if promotion["programId"] == program
        and promotion.get("promotionSourceType") == source
        and (inactive or promotion["isActive"])
        and id in (None, str(promotion["id"]))
    ]
    rows = []
    for promotion in found[offset : offset + size]:
        shown = _whole(promotion, request.now)
        # The documented list names neither.
        del shown["promotionSourceType"], shown["promotionType"]
        rows.append(shown)
    return _answer(rows, page=offset // size, size=size, total=len(found))


def _paging(request: Request) -> tuple[int, int]:
    texts = [request.get("limit"), request.get("offset")]
    numbers = [int(text) for text in texts if text is not None and text.isdecimal()]
    if len(numbers) < len(texts):
        refuse(4054, "offset or limit is missing")
    limit, offset = numbers
    return max(1, min(limit, _LARGEST_PAGE)), offset


def _wanted(request: Request) -> Iterator[Wanted]:
    if (program := request.get("program")) is not None:
        if not program.isdecimal():
            refuse(2010, "Program id is invalid")
        yield lambda p: bool(p["programId"] == int(program))
    if (status := request.get("status")) is not None:
        yield lambda p: _status(p, request.now) == status
    activity = request.get("activity")
    if activity is not None and activity != "ALL":
        yield lambda p: bool(p["eventName"].casefold() == activity.casefold())
    if (name := request.get("promotionName")) is not None:
        yield lambda p: name.casefold() in p["name"].casefold()
    yield from _within(request)


def _within(request: Request) -> Iterator[Wanted]:
    dates = [request.get("startDate"), request.get("endDate")]
    if dates == [None, None]:
        return
    if None in dates:
        refuse(4053, "startDate or endDate is missing")
    start, end = (instant(text) for text in dates)
    if start is None or end is None:
        refuse(4057, "Date format is wrong")
    first, last = (moment.astimezone(UTC).date().isoformat() for moment in (start, end))
    yield lambda p: bool(p["startDate"] <= last and first <= p["endDate"])


def _status(promotion: Json, now: float) -> str:
    if not promotion["isActive"]:
        return "INACTIVE"
    today = epoch_day(now)
    if today < promotion["startDate"]:
        return "UPCOMING"
    return "COMPLETED" if today > promotion["endDate"] else "LIVE"


def _derived(promotion: Json, now: float) -> Json:
    changed = datetime.fromtimestamp(promotion["changedOn"], UTC)
    return {
        "promotionStatus": _status(promotion, now),
        "lastUpdateDate": f"{changed:%Y-%m-%dT%H:%M:%SZ}",
        "lastUpdatedBy": promotion["changedBy"],
        # Days of UTC; seconds that are zero are left out.
        "startDate": f"{date.fromisoformat(promotion['startDate'])}T00:00Z",
        "endDate": f"{date.fromisoformat(promotion['endDate'])}T23:59:59Z",
    }


def _whole(promotion: Json, now: float) -> Json:
    kept = {name: v for name, v in promotion.items() if name not in ("changedOn", "changedBy")}
    return {**kept, "useProportions": False, **_derived(promotion, now)}


def _brief(promotion: Json, now: float) -> Json:
    restrictions = {
        name: value
        for name, value in promotion["promotionRestrictions"].items()
        if name not in _LINKS
    }
    kept = {name: promotion[name] for name in _BRIEF}
    return {**kept, **_derived(promotion, now), "promotionRestrictions": restrictions}


def _answer(rows: list[Json], *, page: int = 0, size: int = 1, total: int = 1) -> Reply:
    return Reply(
        {
            "status": {"code": 200, "message": "success"},
            "validationErrors": None,
            "data": rows,
            "pageDetails": {
                "pageNumber": page,
                "pageSize": size,
                "totalEntries": total,
                "pageCount": -(-total // size),
            },
        }
    )
