"""Fulfilment statuses and expiry reminders."""

from __future__ import annotations

import re

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
from capsync.sandbox.rewards_input import Body, Json, bodies_of, body_of
from capsync.sandbox.web import Reply, Request, Routes

routes = Routes()


@routes("POST", f"{PREFIX}/fulfillmentStatus")
def create_statuses(request: Request) -> Reply:
    """New statuses, enabled; the answer has no ids, and equal names are not refused."""
    made = []
    for body in bodies_of(request):
        body.need("name")
        stored = {
            "id": request.store.next("reward-status", 311),
            "orgId": request.org_id,
            "name": body.text("name"),
            "isEnabled": True,
            **created(request),
        }
        request.store.put("reward-statuses", stored["id"], stored)
        made.append(_status(stored, exact=True))
        del made[-1]["id"]
    return Reply(made)


@routes("PUT", f"{PREFIX}/fulfillmentStatus")
def update_statuses(request: Request) -> Reply:
    """Replace statuses; the answer does not say when they were made."""
    changed = []
    for body in bodies_of(request):
        body.need("id", "name", "isEnabled")
        stored = request.store.get("reward-statuses", body.number("id") or 0)
        if stored is None:
            raise refusal(400, "fulfilment status unknown")
        written = {"name": body.text("name"), "isEnabled": body.flag("isEnabled")}
        stored = {**stored, **written, **updated(request)}
        request.store.put("reward-statuses", stored["id"], stored)
        named = ("id", "orgId", "name", "isEnabled", "lastUpdatedBy", "lastUpdatedOn")
        changed.append({name: stored[name] for name in named})
    return Reply(changed)


@routes("GET", f"{PREFIX}/fulfillmentStatus")
def list_statuses(request: Request) -> Reply:
    """Every status, disabled ones too."""
    stored = request.store.all("reward-statuses")
    if request.get("sortBy") is not None:
        stored = by_update(stored, request.get("orderBy", "ASC"))
    return Reply([_status(one) for one in stored])


def _status(stored: Json, *, exact: bool = False) -> Json:
    names = ("id", "orgId", "name", "isEnabled")
    return {**{name: stored[name] for name in names}, **audit(stored, exact=exact)}


_TIMING = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DEFAULT_TIMING = "16:00"  # server time


@routes("POST", f"{PREFIX}/reward/expiryReminder")
def create_reminder(request: Request) -> Reply:
    """A new reminder, active; a second one for the same time is not refused."""
    id = request.store.next("reward-reminder", 47)
    stored = {
        "id": id,
        "orgId": request.org_id,
        **_reminder(body_of(request)),
        "durationType": "DAYS",
        "cronTaskId": 610_000 + id,
        "isActive": True,
        **created(request),
    }
    request.store.put("reward-reminders", id, stored)
    return answer(12038, "reminder created", rewardExpiryReminder=_shown_reminder(stored))


@routes("PUT", f"{PREFIX}/reward/expiryReminder/{{rewardExpiryReminderId}}")
def update_reminder(request: Request) -> Reply:
    """Change a reminder; a timing that is left out falls back to the default."""
    body = body_of(request)
    written = _reminder(body)
    id = path_number(request, "rewardExpiryReminderId")
    stored = request.store.get("reward-reminders", id)
    if stored is None:
        raise refusal(400, "reminder unknown")
    active = body.flag("isActive")
    stored = {**stored, **written, **updated(request)}
    stored["isActive"] = stored["isActive"] if active is None else active
    request.store.put("reward-reminders", id, stored)
    return answer(12040, "reminder updated", rewardExpiryReminder=_shown_reminder(stored))


@routes("GET", f"{PREFIX}/reward/expiryReminder")
def list_reminders(request: Request) -> Reply:
    """One page of one state, ACTIVE by default, changed last first; no status block."""
    wanted = request.get("filter", "ACTIVE")
    if wanted not in {"ACTIVE", "INACTIVE"}:
        raise refusal(400, "filter must be ACTIVE or INACTIVE")
    number, size = wanted_page(request, 10)
    found = [
        one
        for one in by_update(request.store.all("reward-reminders"), "DESC")
        if one["isActive"] == (wanted == "ACTIVE")
    ]
    page = found[number * size : (number + 1) * size]
    return Reply(
        {
            "rewardExpiryReminder": [_shown_reminder(one) for one in page],
            "pagingDto": paging(len(found), number, size),
        }
    )


def _reminder(body: Body) -> Json:
    body.need("duration")
    timing = body.text("timing") or _DEFAULT_TIMING
    if not _TIMING.fullmatch(timing):
        raise refusal(400, "timing must be HH:MM")
    return {"duration": body.number("duration", 0), "timing": timing}


def _shown_reminder(stored: Json) -> Json:
    names = ("id", "orgId", "duration", "durationType", "cronTaskId", "timing", "isActive")
    stamps = audit(stored)
    stamps = {name: stamps[name] for name in stamps if not name.endswith("DateTime")}
    return {**{name: stored[name] for name in names}, **stamps}
