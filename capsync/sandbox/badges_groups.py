"""Badge groups: an order for badges; disabled ones give their name free."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.badges_values import (
    Faults,
    audit,
    body_of,
    found,
    new_id,
    page_of,
    pagination,
    saved,
    stamped,
    text,
    unknown,
    whole,
)
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

GROUPS = "badge-groups"
_NAMES = "badge-group-names"
_PATH = "/api_gateway/v1/badges/group"


def hold_group(store: Store, group: Json) -> None:
    """Store a group, and its name while it is active."""
    store.put(GROUPS, group["id"], group)
    if group["isActive"]:
        store.put(_NAMES, group["name"], group["id"])


def group_name(store: Store, group_id: str) -> str | None:
    """The name behind the id of a badge's group; ids are not checked when they are stored."""
    group = store.get(GROUPS, group_id)
    return None if group is None else str(group["name"])


@routes("GET", _PATH)
def list_groups(request: Request) -> Reply:
    """Active groups, oldest first whatever their rank (inactive ones: not documented)."""
    rows = [group for group in request.store.all(GROUPS) if group["isActive"]]
    if (request.get("order") or "ASC").upper() == "DESC":
        rows.reverse()
    page, size = page_of(request)
    shown = [_shown(request, group) for group in rows[page * size : (page + 1) * size]]
    return saved({"badgeGroups": shown, "pagination": pagination(page, size, len(rows))})


@routes("GET", _PATH + "/{groupId}")
def group_by_id(request: Request) -> Reply:
    """One group, also a disabled one."""
    return found(_shown(request, _known(request)))


@routes("POST", _PATH)
def create_group(request: Request) -> Reply:
    """A new group."""
    name, rank = _checked(request, None)
    group = {
        "id": new_id(request, "group"),
        "name": name,
        "rank": rank,
        "isActive": True,
        **stamped(request),
    }
    hold_group(request.store, group)
    return saved(_shown(request, group, fresh="create"))


@routes("PUT", _PATH + "/{groupId}")
def update_group(request: Request) -> Reply:
    """Name and rank, both needed; `isActive`, which a guide names, disables and enables."""
    known = _known(request)
    name, rank = _checked(request, known)
    active = body_of(request).get("isActive")
    group = {
        **known,
        "name": name,
        "rank": rank,
        "isActive": known["isActive"] if active is None else active is True,
        **stamped(request, known),
    }
    if known["isActive"]:
        request.store.delete(_NAMES, known["name"])
    hold_group(request.store, group)
    return saved(_shown(request, group, fresh="update"))


def _known(request: Request) -> Json:
    group = request.store.get(GROUPS, request.params["groupId"])
    if group is None:
        raise unknown("Badge group")
    return group


def _checked(request: Request, known: Json | None) -> tuple[str, int]:
    sent, faults = body_of(request), Faults()
    name, rank = sent.get("name"), sent.get("rank")
    if rank is None:
        faults.add(732, "Rank is missing", "rank")
    if name is None or name == "":
        faults.add(735, "Name is missing", "name")
    elif not _free(request, text(name), known):
        faults.add(733, "Duplicate group name")
    faults.settle()
    return text(name), whole(rank, "rank")


def _free(request: Request, name: str, known: Json | None) -> bool:
    holder = request.store.get(_NAMES, name)
    return holder is None or (known is not None and holder == known["id"])


def _shown(request: Request, group: Json, *, fresh: str = "") -> Json:
    return {
        "id": group["id"],
        "orgId": request.org_id,
        "name": group["name"],
        "rank": group["rank"],
        **audit(group, fresh=fresh),
        "isActive": group["isActive"],
    }
