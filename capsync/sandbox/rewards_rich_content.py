"""Rich content metadata of the rewards catalogue."""

from __future__ import annotations

from capsync.sandbox.rewards_envelope import (
    PREFIX,
    audit,
    created,
    paging,
    path_number,
    refusal,
    updated,
    wanted_page,
)
from capsync.sandbox.rewards_fields import refuse_taken
from capsync.sandbox.rewards_input import Body, Json, body_of
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

routes = Routes()

_MOST_RICH_CONTENT = 20


@routes("POST", f"{PREFIX}/brand/richContentMeta")
def create_rich_content(request: Request) -> Reply:
    """New metadata, active; the answer repeats `isActive` as it was sent."""
    written = _rich_content(body_of(request))
    others = active_rich_content(request.store)
    if len(others) >= _MOST_RICH_CONTENT:
        raise refusal(400, f"more than {_MOST_RICH_CONTENT} rich contents")
    refuse_taken(written, others)
    stored = {
        "id": request.store.next("reward-rich-content", 41),
        **written,
        "isActive": True,
        **created(request),
    }
    _keep(request.store, stored)
    return Reply({**_shown_rich(stored, exact=True), "isActive": written["isActive"]})


@routes("PUT", f"{PREFIX}/brand/richContentMeta/{{id}}")
def update_rich_content(request: Request) -> Reply:
    """Replace metadata: what the body leaves out is cleared."""
    stored = request.store.get("reward-rich-content", path_number(request, "id"))
    if stored is None:
        raise refusal(400, "rich content unknown")
    written = _rich_content(body_of(request))
    others = [one for one in active_rich_content(request.store) if one["id"] != stored["id"]]
    if written["isActive"]:
        refuse_taken(written, others)
        if len(others) >= _MOST_RICH_CONTENT:
            raise refusal(400, f"more than {_MOST_RICH_CONTENT} rich contents")
    stored = {**stored, **written, **updated(request)}
    _keep(request.store, stored)
    return Reply(_shown_rich(stored, exact=True))


@routes("GET", f"{PREFIX}/brand/richContentMeta")
def list_rich_content(request: Request) -> Reply:
    """One page of one state; which one without a filter is not documented: ACTIVE."""
    wanted = request.get("status", "ACTIVE")
    if wanted not in {"ACTIVE", "INACTIVE"}:
        raise refusal(400, "status must be ACTIVE or INACTIVE")
    number, size = wanted_page(request, 10, most=50)
    stored = request.store.all("reward-rich-content")
    found = [one for one in stored if one["isActive"] == (wanted == "ACTIVE")]
    page = found[number * size : (number + 1) * size]
    shown = [_shown_rich(one, exact=False) for one in page]
    return Reply({"richContentMetaROS": shown, "pagingDto": paging(len(found), number, size)})


def active_rich_content(store: Store) -> list[Json]:
    """The metadata that rewards can use, oldest first; kept like the custom fields."""
    return list(store.get("reward-vocabulary", "rich") or [])


def _keep(store: Store, stored: Json) -> None:
    store.put("reward-rich-content", stored["id"], stored)
    active = [one for one in store.all("reward-rich-content") if one["isActive"]]
    store.put("reward-vocabulary", "rich", active)


def _rich_content(body: Body) -> Json:
    body.need("name", "isMandatory", "scope")
    written = {
        "name": body.text("name", 256),
        "description": body.text("description", 256),
        "isMandatory": body.flag("isMandatory"),
        "isActive": body.flag("isActive") is not False,
        "scope": body.choice("scope", {"REWARD"}),
        "defaultValue": body.text("defaultValue", 50_000),
    }
    if written["isMandatory"] and not written["defaultValue"]:
        raise refusal(400, "mandatory rich content needs defaultValue")
    return written


def _shown_rich(stored: Json, *, exact: bool) -> Json:
    names = ("id", "name", "description", "isMandatory", "isActive", "scope", "defaultValue")
    stamps = audit(stored, exact=exact)
    stamps = {name: stamps[name] for name in stamps if not name.endswith("DateTime")}
    return {**{name: stored[name] for name in names}, **stamps}
