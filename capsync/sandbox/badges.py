"""Badges: create, replace, read, list, switch on and off; none is ever deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from capsync.sandbox.badges_build import badge_of, check
from capsync.sandbox.badges_fields import field_id
from capsync.sandbox.badges_seed import console_objects
from capsync.sandbox.badges_store import BADGES, hold, known_badge, name_holder
from capsync.sandbox.badges_values import (
    OWNERS_OF_UPDATE,
    Faults,
    body_of,
    found,
    instant,
    member,
    new_id,
    page_of,
    pagination,
    refusal,
    saved,
    stamped,
    text,
)
from capsync.sandbox.badges_views import Shown, status_of
from capsync.sandbox.badges_windows import replanned
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

PATH = "/api_gateway/v1/badges/badgeMeta"
_STATUSES = ("LIVE", "UPCOMING", "EXPIRED")
_MILLISECOND = 0.001


def seed_console(store: Store, org_id: int, now: float) -> None:  # noqa: ARG001
    """What users of the console have made."""
    console_objects(store, now)


@routes("POST", PATH)
def create_badge(request: Request) -> Reply:
    """A new badge. Claims that are sent are ignored, a start or an end in the past is taken."""
    made, faults = badge_of(body_of(request), update=False), Faults()
    check(made, faults, request.now)
    if name_holder(request.store, made["name"]) is not None:
        faults.add(725, "Duplicate badge name")
    historical = request.headers.get("x-cap-badges-migration") == "migration"
    if request.options.badges_start_ahead and not historical and made["startOn"] < request.now:
        faults.add(722, "Start lies in the past")
    faults.settle()
    badge = {
        "id": new_id(request, "badge"),
        "badgeNumericId": request.store.next("badge-number", 130),
        **made,
        "customFields": _by_field(request.store, made["customFields"]),
        "claims": [],
        "issuedCount": 0,
        "earnedCount": 0,
        **stamped(request),
    }
    hold(request.store, badge)
    return saved(_shown(request).full(badge, fresh="create"), 201)


@routes("PUT", PATH)
def update_badge(request: Request) -> Reply:
    """The whole badge as sent; claims, counts and what the service sets survive."""
    sent = body_of(request)
    if not sent.get("id"):
        raise refusal(715, "Badge id is missing")
    known = known_badge(request.store, text(sent["id"]))
    made, faults = badge_of(sent, update=True), Faults()
    check(made, faults, request.now)
    _check_update(request, known, made, faults)
    faults.settle()
    badge = {
        **known,
        **made,
        "customFields": _by_field(request.store, made["customFields"]),
        "badgeNumericId": known["badgeNumericId"] or request.store.next("badge-number", 130),
        **_windows(known, made, request.now),
        **stamped(request, known),
    }
    hold(request.store, badge, renamed_from=known["name"])
    return saved(_shown(request).full(badge, fresh="update"))


def _check_update(request: Request, known: Json, made: Json, faults: Faults) -> None:
    now, status = request.now, status_of(known, request.now)
    if made["earnType"] != known["earnType"]:
        faults.add(1020, "earnType can not be changed")
    if name_holder(request.store, made["name"]) not in (None, known["id"]):
        faults.add(725, "Duplicate badge name")
    if status != "UPCOMING" and _moved(made["startOn"], known["startOn"]):
        faults.add(723, "Start can not be changed once the badge is live")
    end = made["expiresOn"]
    if end is not None and _moved(end, known["expiresOn"]) and end <= now:
        faults.add(724, "End lies in the past")
    claimed = {claim["ownerType"] for claim in known["claims"] if claim["isActive"]}
    if made["owners"] and claimed - set(made["owners"]):
        faults.add(738, "An owner with a claim can not be removed")
    if status != "UPCOMING" and _swapped(known, made):
        faults.add(826, "Fixed window can not be swapped for rolling window or fixed value")
    elif status == "EXPIRED" and made["earnType"] == "EARN" and _rewindowed(known, made, now):
        # Refused, says a guide; under which code is not said.
        faults.add(826, "Fixed windows of an ended badge can not be edited")


def _moved(one: float, other: float) -> bool:
    return abs(one - other) > _MILLISECOND


def _swapped(known: Json, made: Json) -> bool:
    old_window, old_value = _restrictions(known)
    window, value = _restrictions(made)
    to_value = old_window and not old_value and value and not window
    to_window = old_value and not old_window and window and not value
    return to_value or to_window


def _restrictions(badge: Json) -> tuple[bool, bool]:
    """Whether a badge has fixed windows, and whether rolling windows or fixed values."""
    sides = (badge["customer"], badge["badge"])
    kinds = [c["constraintType"] for side in sides for c in side["plain"]]
    windows = any(one["until"] is None for side in sides for one in side["windows"])
    return windows, any(not kind.endswith("NO_LIMIT") for kind in kinds)


def _rewindowed(known: Json, made: Json, now: float) -> bool:
    def plain(badge: Json) -> Json:
        return [
            [{**one, "since": None, "moved": False} for one in badge[side]["windows"]]
            for side in ("customer", "badge")
        ]

    return bool(plain({**known, **_windows(known, made, now)}) != plain(known))


def _windows(known: Json, made: Json, now: float) -> dict[str, Json]:
    started = status_of(known, now) != "UPCOMING"
    return {
        side: {
            "plain": made[side]["plain"],
            "windows": replanned(
                known[side]["windows"],
                made[side]["windows"],
                started=started,
                now=now,
                start=known["startOn"],
            ),
        }
        for side in ("customer", "badge")
    }


def _by_field(store: Store, values: dict[str, str]) -> dict[str, str]:
    """Values under the ids of their fields, so that a renamed field renames them."""
    return {field_id(store, name) or f"={name}": value for name, value in values.items()}


def _shown(request: Request) -> Shown:
    return Shown(request.store, request.org_id, request.now)


@routes("GET", PATH + "/{badgeId}")
def badge_by_id(request: Request) -> Reply:
    """One badge in full; counts only with includeStatistics."""
    badge = known_badge(request.store, request.params["badgeId"])
    counts = request.get("includeStatistics") == "true"
    return found(_shown(request).full(badge, counts=counts))


@routes("PUT", PATH + "/{badgeId}/activate")
def activate(request: Request) -> Reply:
    """Switches a badge on, whatever the body says."""
    return _switched(request, active=True)


@routes("PUT", PATH + "/{badgeId}/deactivate")
def deactivate(request: Request) -> Reply:
    """Switches a badge off, whatever the body says."""
    return _switched(request, active=False)


def _switched(request: Request, *, active: bool) -> Reply:
    badge = known_badge(request.store, request.params["badgeId"])
    request.store.put(BADGES, badge["id"], {**badge, "active": active, **stamped(request, badge)})
    return saved({"id": badge["id"], "isActive": active})


@routes("GET", PATH)
def list_badges(request: Request) -> Reply:
    """A page of summaries, by id unless asked otherwise; deactivated and ended ones included."""
    filters = list(_filters(request))
    order = member(request.get("sortOn") or "ID", ("ID", "NAME", "START_DATE"), "sortOn")
    page, size = page_of(request)
    if request.query.keys() <= _BY_STATE_ALONE and "action" in request.query:
        active = request.get("action") == "ACTIVATED"
        rows, total = request.store.matching(BADGES, "active", active, page * size, size)
    elif filters or order != "ID" or request.get("order"):
        rows = [b for b in request.store.all(BADGES) if all(keep(b) for keep in filters)]
        rows.sort(key=_ORDERS[order], reverse=(request.get("order") or "").upper() == "DESC")
        total, rows = len(rows), rows[page * size : (page + 1) * size]
    else:
        # Ids grow with time, so the order of ids is that of places.
        rows, total = request.store.page(BADGES, page * size, size), request.store.count(BADGES)
    shown = _shown(request)
    block = pagination(page, size, total)
    return saved({"metaBasicDetails": [shown.summary(b) for b in rows], "pagination": block})


# The query of a complete read in two passes, which has to be quick for large orgs too.
_BY_STATE_ALONE = {"action", "page", "size", "limit"}

_ORDERS: dict[str, Callable[[Json], Any]] = {
    "ID": lambda badge: badge["id"],
    "NAME": lambda badge: badge["name"],
    "START_DATE": lambda badge: badge["startOn"],
}


def _filters(request: Request) -> Iterator[Callable[[Json], bool]]:
    statuses = _asked_statuses(request)
    if statuses:
        yield lambda badge: status_of(badge, request.now) in statuses
    for name in ("earnType", "badgeType"):
        kind = request.get(name)
        if kind is not None:
            member(kind, ("EARN", "ISSUE_EARN"), name)
            yield lambda badge, kind=kind: bool(badge["earnType"] == kind)  # type: ignore[misc]
    action = request.get("action")
    if action is not None:
        active = member(action, ("ACTIVATED", "DE_ACTIVATED"), "action") == "ACTIVATED"
        yield lambda badge: bool(badge["active"] == active)
    yield from _claim_filters(request)
    part = request.get("name")
    if part is not None:
        # Whether the match is exact is not documented: here it is not.
        yield lambda badge: part.lower() in badge["name"].lower()
    start = instant(request.get("startOn"), "startOn")
    if start is not None:
        yield lambda badge: bool(badge["startOn"] >= start)
    end = instant(request.get("expiresOn"), "expiresOn")
    if end is not None:
        yield lambda badge: bool(badge["expiresOn"] <= end)


def _asked_statuses(request: Request) -> set[str]:
    asked = [part for text in request.all("status") for part in text.split(",") if part]
    return {
        member("EXPIRED" if status == "ENDED" else status, _STATUSES, "status") for status in asked
    }


def _claim_filters(request: Request) -> Iterator[Callable[[Json], bool]]:
    owner = request.get("owner")
    if owner is not None:
        member(owner, OWNERS_OF_UPDATE, "owner")
        yield lambda badge: owner in badge["owners"]
    claimed_by = request.get("claimedBy")
    if claimed_by is not None:
        member(claimed_by, OWNERS_OF_UPDATE, "claimedBy")
        yield lambda badge: any(
            c["isActive"] and c["ownerType"] == claimed_by for c in badge["claims"]
        )
    if request.get("unclaimed") == "true":
        yield lambda badge: not any(claim["isActive"] for claim in badge["claims"])
