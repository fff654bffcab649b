"""Groups of rewards."""

from __future__ import annotations

from collections.abc import Sequence

from capsync.sandbox.rewards_envelope import (
    PREFIX,
    answer,
    audit,
    by_update,
    created,
    paging,
    path_number,
    refusal,
    updated,
    wanted_page,
)
from capsync.sandbox.rewards_input import Body, Json, body_of
from capsync.sandbox.rewards_links import unlink_group
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

routes = Routes()


@routes("POST", f"{PREFIX}/group/create")
def create_group(request: Request) -> Reply:
    """A new group, active."""
    written = {**_group(body_of(request)), "isActive": True}
    _take_name(request.store, written["name"])
    stored = {
        "id": request.store.next("reward-group", 15290),
        "orgId": request.org_id,
        **written,
        **created(request),
    }
    request.store.put("reward-group-names", written["name"].casefold(), stored["id"])
    request.store.put("reward-groups", stored["id"], stored)
    return Reply(_shown(stored, exact=True))


@routes("PUT", f"{PREFIX}/group/{{id}}")
def update_group(request: Request) -> Reply:
    """Replace a group; a new name takes it off every reward."""
    stored = _known(request)
    written = _group(body_of(request))
    if written["name"] != stored["name"]:
        _rename(request.store, stored, written["name"])
    stored = {**stored, **written, **updated(request)}
    request.store.put("reward-groups", stored["id"], stored)
    return Reply(_shown(stored, exact=True))


def _rename(store: Store, stored: Json, name: str) -> None:
    if name.casefold() != stored["name"].casefold():
        _take_name(store, name)
        store.delete("reward-group-names", stored["name"].casefold())
        store.put("reward-group-names", name.casefold(), stored["id"])
    unlink_group(store, stored["name"])


def _take_name(store: Store, name: str) -> None:
    if store.get("reward-group-names", name.casefold()) is not None:
        raise refusal(12012, "group name taken")


@routes("GET", f"{PREFIX}/group/{{id}}")
def get_group(request: Request) -> Reply:
    """One group, in whichever state."""
    return Reply(_shown(_known(request)))


def _known(request: Request) -> Json:
    stored = request.store.get("reward-groups", path_number(request, "id"))
    if stored is None:
        raise refusal(400, "group unknown")
    return stored


@routes("GET", f"{PREFIX}/group")
def list_groups(request: Request) -> Reply:
    """One page of the active groups, or of those that are not (`active=false`).

    What comes without the filter is not documented; every documented row is active.
    """
    number, size = wanted_page(request, 10)
    active = (request.get("active") or "true").lower() == "true"
    part = (request.get("name") or "").casefold()
    found = [
        one
        for one in request.store.all("reward-groups")
        if one["isActive"] == active and part in one["name"].casefold()
    ]
    page = _ordered(request, found)[number * size : (number + 1) * size]
    return answer(
        12013,
        "groups found",
        groupRoList=[_shown(one) for one in page],
        pagingDto=paging(len(found), number, size),
    )


def _ordered(request: Request, groups: Sequence[Json]) -> list[Json]:
    order = (request.get("orderBy") or "ASC").upper()
    if (request.get("sortOn") or request.get("sortBy") or "RANK").upper() == "LAST_UPDATED_ON":
        return by_update(groups, order)
    # As SQL sorts: groups without a rank come first.
    ranked = sorted(groups, key=lambda one: (one["rank"] is not None, one["rank"] or 0))
    return ranked[::-1] if order == "DESC" else ranked


def _group(body: Body) -> Json:
    body.need("name")
    return {
        "name": body.text("name"),
        "rank": body.number("rank"),
        "isActive": body.flag("isActive") is not False,
    }


def _shown(stored: Json, *, exact: bool = False) -> Json:
    names = ("id", "orgId", "name", "rank", "isActive")
    return {**{name: stored[name] for name in names}, **audit(stored, exact=exact)}
