"""Target groups, also called milestones: list, read, create, edit, delete."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from capsync.sandbox import targets_names as names
from capsync.sandbox.targets_answers import (
    INVALID,
    Rules,
    answer,
    body_object,
    check_flag,
    check_text,
    check_whole,
    flag,
    is_one_of,
    number,
    objects,
    refuse,
    unknown,
    with_id,
)
from capsync.sandbox.targets_build import (
    COLLECTION,
    USER_CREATED,
    create_group,
    find_group,
    follow,
    last_day,
    set_rule,
)
from capsync.sandbox.targets_checks import TYPES, check_name, check_rule
from capsync.sandbox.targets_dates import day, epoch_day, required_instant
from capsync.sandbox.targets_views import (
    View,
    bare_actor,
    created_out,
    group_out,
    listed_out,
    period_status,
)
from capsync.sandbox.web import Reply, Request, Routes

Json = Any
Wanted = Callable[[Json], bool]

routes = Routes()

_PAGE = 10
_LARGEST_PAGE = 100
_CHANNELS = [
    {"id": 1, "name": "SMS"},
    {"id": 2, "name": "EMAIL"},
    {"id": 3, "name": "MOBILE PUSH"},
]
CHANNEL_IDS = frozenset({1, 2, 3})


def group_of(request: Request, parameter: str = "groupId") -> Json:
    """The group that the path names; an unknown one is refused with HTTP 404."""
    group = find_group(request.store, request.params[parameter])
    if group is None:
        raise unknown("target group")
    return group


@routes("GET", "/v3/targetGroups")
def list_groups(request: Request) -> Reply:
    """Every group in one answer, user-created ones only on request."""
    view = replace(View.of(request), periods=flag(request, "includePeriods"), twins=True)
    hidden = not flag(request, "includeUserCreatedTargetGroups")
    only_active = flag(request, "includeOnlyActive")
    shown = [
        listed_out(group, view, request.org_id)
        for group in request.store.all(COLLECTION)
        if not (hidden and group["userCreated"]) and (group["active"] or not only_active)
    ]
    # Newest first: no order is documented, so none may be counted on.
    return answer(shown[::-1])


@routes("GET", "/v3/targetGroups/channels")
def list_channels(_request: Request) -> Reply:
    """The channels of target communications."""
    return answer(_CHANNELS)


@routes("POST", "/v3/targetGroups")
def create(request: Request) -> Reply:
    """A new group with its periods, targets and streaks."""
    body = body_object(request)
    group = create_group(request, body)
    return answer(created_out(group, body, View.of(request)))


@routes("GET", "/v3/targetGroups/{targetGroupId}")
def read(request: Request) -> Reply:
    """One group, user-created or not."""
    group = group_of(request, "targetGroupId")
    # No example shows the shadow targets here or denies them: a client has to cope.
    view = replace(
        View.of(request), periods=flag(request, "includePeriods"), shadows=True, twins=True
    )
    return answer(group_out(group, view))


@routes("PUT", "/v3/targetGroups/editTargetGroup/{targetGroupId}")
def edit(request: Request) -> Reply:
    """Name, description, till, active and the rules of targets change; the rest is ignored."""
    group, body = group_of(request, "targetGroupId"), body_object(request)
    if body.get("id") != group["id"]:
        refuse(INVALID, "Invalid input, id is missing or not the one of the path")
    check_name(body)
    check_text(body, "description", 255)
    check_whole(body, "preferredTillId")
    check_flag(body, "active")
    _rename(request, group, body["name"])
    for name in ("description", "preferredTillId"):
        if body.get(name) is not None:
            group[name] = body[name]
    if body.get("active") is not None:
        _activate(group, body["active"], request.now)
    _edit_rules(request, group, objects(body, "targets"))
    if group["periods"]:
        group["toDate"] = last_day(group)
    group["made"] |= {"changedOn": request.now, "changedBy": request.user_id}
    request.store.put(COLLECTION, group["id"], group)
    shown = group_out(group, View.of(request).wide())
    for name, who in (("createdBy", "by"), ("lastUpdatedBy", "changedBy")):
        shown["attribution"][name] = bare_actor(group["made"][who])
    return answer(shown)


def _rename(request: Request, group: Json, name: str) -> None:
    if names.holder(request.store, names.GROUPS, name) not in (None, group["id"]):
        refuse(310069)
    names.release(request.store, names.GROUPS, group["name"], group["id"])
    names.take(request.store, names.GROUPS, name, group["id"])
    group["name"] = name


def _activate(group: Json, active: bool, now: float) -> None:
    over = group["periods"] and epoch_day(now) > last_day(group)
    if active and not group["active"] and over:
        refuse(INVALID, "Invalid input, the target group is over")
    group["active"] = active


def _edit_rules(request: Request, group: Json, given: list[dict[str, Json]]) -> None:
    for body in given:
        target = with_id(group["targets"], body.get("id"))
        if target is None:
            refuse(INVALID, "Invalid input, a target is not of the group")
        check_rule(body)
        rule = {name: body.get(name) for name in ("expression", "expressionJson")}
        set_rule(request.store, group, target, rule)
        follow(request.store, group, target)


@routes("DELETE", "/v3/targetGroups/{targetGroupId}")
def delete(request: Request) -> Reply:
    """The group stays inactive with its name taken, unless the org's rules let it vanish."""
    group = group_of(request, "targetGroupId")
    if Rules.of(request.store).deletes_groups:
        names.release_all(request.store, group)
        request.store.delete(COLLECTION, group["id"])
        request.store.delete(USER_CREATED, group["id"])
    else:
        group["active"] = False
        request.store.put(COLLECTION, group["id"], group)
    return answer(True)


@routes("POST", "/v3/targetGroups/isValidName")
def is_valid_name(request: Request) -> Reply:
    """Whether a name is free; the object that holds it is no exception."""
    body = body_object(request)
    kind, value = body.get("type"), body.get("value")
    if not is_one_of(kind, names.BY_TYPE):
        refuse(310145)
    if not isinstance(value, str) or not value:
        refuse(INVALID, "Invalid input, value is missing")
    return answer(names.holder(request.store, names.BY_TYPE[kind], value) is None)


@routes("GET", "/v3/milestones")
def list_milestones(request: Request) -> Reply:
    """A page of groups, newest first; `offset` counts pages."""
    limit, offset = number(request, "limit", _PAGE), number(request, "offset", 0)
    if limit < 1 or offset < 0:
        refuse(INVALID, "Invalid input, limit or offset is out of bounds")
    limit = min(limit, _LARGEST_PAGE)
    view = replace(View.of(request), periods=flag(request, "require-periods"), twins=True)
    groups, total = _page(request, limit, offset)
    return Reply(
        {
            "pagination": {"limit": limit, "offset": offset, "total": total},
            "data": [listed_out(group, view, request.org_id) for group in groups],
            "errors": None,
            "warnings": None,
        }
    )


def _page(request: Request, limit: int, offset: int) -> tuple[list[Json], int]:
    wanted = list(_filters(request))
    store = request.store
    if not wanted:
        page = store.page(COLLECTION, offset * limit, limit, newest_first=True)
        return page, store.count(COLLECTION)
    found = [group for group in store.all(COLLECTION) if all(want(group) for want in wanted)]
    found.reverse()
    return found[offset * limit : (offset + 1) * limit], len(found)


def _filters(request: Request) -> Iterator[Wanted]:
    if not flag(request, "includeUserCreatedTargetGroups") and request.store.count(USER_CREATED):
        yield lambda group: not group["userCreated"]
    if text := request.get("name"):
        yield lambda group: text.casefold() in group["name"].casefold()
    if (tracking := request.get("type")) is not None:
        # The documented values leave NON_CONTINUOUS_STREAKS out.
        _known("type", tracking, {"DEFAULT", "CAPPING", "UNIFIED", "STREAKS"})
        yield lambda group: bool(group["trackingType"] == tracking)
    if (kind := request.get("target-on")) is not None:
        _known("target-on", kind, TYPES)
        yield lambda group: any(target["targetType"] == kind for target in group["targets"])
    if (status := request.get("status")) is not None:
        _known("status", status, {"LIVE", "UPCOMING", "ENDED", "STOPPED"})
        yield lambda group: _status(group, request.now) == status
    yield from _date_filters(request)


def _date_filters(request: Request) -> Iterator[Wanted]:
    bounds = {name: request.get(name) for name in ("start-date", "end-date")}
    for name, text in bounds.items():
        if text is not None:
            required_instant(bounds, name)
    start, end = bounds["start-date"], bounds["end-date"]
    if start is not None:
        first = day(start)
        yield lambda group: group.get("targetCycleEndDate", "")[:10] >= first
    if end is not None:
        last = day(end)
        yield lambda group: group.get("targetCycleStartDate", "9")[:10] <= last


def _known(name: str, value: str, allowed: set[str] | frozenset[str]) -> None:
    if value not in allowed:
        refuse(INVALID, f"Invalid input, {name} {value!r} is not known")


def _status(group: Json, now: float) -> str:
    if not group["active"]:
        return "STOPPED"
    span = {
        "startDate": group.get("targetCycleStartDate", "")[:10],
        "endDate": group.get("targetCycleEndDate", "9")[:10],
    }
    return {"NOT_STARTED": "UPCOMING", "RUNNING": "LIVE", "ENDED": "ENDED"}[
        period_status(span, now)
    ]
