"""Who uses a badge, and the cycles of its fixed windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from capsync.sandbox.badges_store import BADGES, known_badge
from capsync.sandbox.badges_values import (
    OWNERS,
    Faults,
    body_of,
    instant,
    member,
    page_cut,
    refusal,
    saved,
    text,
    twin,
    whole,
)
from capsync.sandbox.badges_views import window_end
from capsync.sandbox.badges_windows import bounds, cycles, reference
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

_PATH = "/api_gateway/v1/badges/badgeMeta"


@routes("POST", _PATH + "/{badgeId}/claim")
def claim(request: Request) -> Reply:
    """Claims a badge for one thing of a module; a second time it is refused."""
    badge = known_badge(request.store, request.params["badgeId"])
    owner, referred = _asked(request)
    if owner not in badge["owners"]:
        raise refusal(714, "This owner type is not permitted")
    if not badge["active"]:
        raise refusal(400, "A deactivated badge can not be claimed")
    held = _find(badge, owner, referred)
    if held is not None and held["isActive"]:
        raise refusal(900, "The badge is claimed already")
    if held is None:
        held = {"ownerType": owner, "referenceId": referred, "isActive": True}
        badge["claims"].append(held)
    held["isActive"] = True
    return _kept(request, badge, held)


@routes("POST", _PATH + "/{badgeId}/unclaim")
def unclaim(request: Request) -> Reply:
    """Takes a claim back; it stays listed as inactive."""
    badge = known_badge(request.store, request.params["badgeId"])
    held = _find(badge, *_asked(request))
    if held is None or not held["isActive"]:
        raise refusal(737, "No such claim")
    held["isActive"] = False
    return _kept(request, badge, held)


def _asked(request: Request) -> tuple[str, str]:
    sent, faults = body_of(request), Faults()
    owner, referred = sent.get("ownerType"), sent.get("referenceId")
    if owner is not None:
        member(owner, OWNERS, "ownerType")
    else:
        faults.add(716, "Owner type is missing", "ownerType")
    if referred is None or referred == "":
        faults.add(717, "Owner id is missing", "referenceId")
    faults.settle()
    return text(owner), text(referred)


def _find(badge: Json, owner: str, referred: str) -> Json | None:
    wanted = (owner, referred)
    return next((c for c in badge["claims"] if (c["ownerType"], c["referenceId"]) == wanted), None)


def _kept(request: Request, badge: Json, held: Json) -> Reply:
    request.store.put(BADGES, badge["id"], badge)
    return Reply({"data": held, "errors": None, "warnings": []})


@routes("GET", _PATH + "/getFixedWindowDetails")
def fixed_window_details(request: Request) -> Reply:
    """The cycles of a badge's fixed windows, the past ones included."""
    badge = known_badge(request.store, request.get("badgeMetaId") or "")
    kind = member(request.get("constraintType") or "ALL", ("BADGE", "CUSTOMER", "ALL"), "type")
    counted, customer = request.get("includeEarnCount") == "true", request.get("customerId")
    if counted and kind != "BADGE" and customer is None:
        raise refusal(400, "customerId is required with includeEarnCount")
    rows = [
        {
            "fixedWindowCycleReferenceId": reference(one),
            **twin("startDate", begin),
            **twin("endDate", end),
            **({"earnCount": 0} if counted else {}),
            "constraintType": one["constraintType"],
        }
        for one in _asked_windows(request, badge, kind)
        for begin, end in _between(request, badge, one)
    ]
    page, block = page_cut(rows, request)
    return saved(
        {
            "badgeMetaId": badge["id"],
            "orgId": request.org_id,
            **twin("startDate", badge["startOn"]),
            **twin("endDate", badge["expiresOn"]),
            **({} if customer is None else {"customerId": whole(customer, "customerId")}),
            "fixedWindowCycles": page,
            "pagination": block,
        }
    )


def _asked_windows(request: Request, badge: Json, kind: str) -> Iterator[Json]:
    wanted = request.get("fixedWindowCycleReferenceId")
    for side, name in (("customer", "CUSTOMER"), ("badge", "BADGE")):
        if kind in (name, "ALL"):
            for one in badge[side]["windows"]:
                if wanted is None or reference(one) == wanted:
                    yield one


def _between(request: Request, badge: Json, one: Json) -> list[tuple[float, float]]:
    first, last = bounds(one, badge["startOn"], window_end(badge))
    after = instant(request.get("startDate"), "startDate")
    before = instant(request.get("endDate"), "endDate")
    return [
        (begin, end)
        for begin, end in cycles(one, first, last)
        if (after is None or end >= after) and (before is None or begin <= before)
    ]
