"""Task status mappings: the org's own words for the predefined statuses, in v1.1 clothes."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.fields_answers import body_object, text
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

MAPPINGS = "task-status-mappings"

_PREDEFINED = frozenset({"OPEN", "CLOSED", "NONE"})
_ADDED = ("true", "200", "status added successfully")


@routes("POST", "/v1.1/task/statusmapping")
@routes("POST", "/v1/task/statusmapping")
@routes("POST", "/v2/task/statusmapping")
def save_status_mappings(request: Request) -> Reply:
    """Add mappings, change those sent with an id; each item has a status of its own.

    The outer status says success whatever became of the items.
    """
    root = body_object(request).get("root")
    asked = root.get("status") if isinstance(root, dict) else None
    items = asked if isinstance(asked, list) else [asked]
    return _answer([_save(request.store, item if isinstance(item, dict) else {}) for item in items])


@routes("GET", "/v1.1/task/statusmapping")
@routes("GET", "/v1/task/statusmapping")
@routes("GET", "/v2/task/statusmapping")
def list_status_mappings(request: Request) -> Reply:
    """Every mapping; one alone comes as an object."""
    return _answer(request.store.all(MAPPINGS))


def _save(store: Store, item: dict[str, Json]) -> dict[str, Json]:
    sent = {name: text(item[name]) for name in ("id", "value", "label") if item.get(name)}
    outcome = _outcome(sent)
    if outcome == _ADDED:
        # An id that is not there yet is taken as it is: the documented pair starts that way.
        sent = {"id": sent.get("id") or _next_id(store), **sent}
        store.put(MAPPINGS, sent["id"], sent)
    success, code, message = outcome
    return {**sent, "item_status": {"success": success, "code": code, "message": message}}


def _outcome(sent: dict[str, str]) -> tuple[str, str, str]:
    if sent.get("value") not in _PREDEFINED:
        return "false", "5208", "Invalid internal status"
    if "label" not in sent:
        return "false", "5207", "Invalid status"
    if not sent.get("id", "1").isdecimal():
        return "false", "5206", "Unable to add status mapping"
    return _ADDED


def _next_id(store: Store) -> str:
    return str(max((int(mapping["id"]) for mapping in store.all(MAPPINGS)), default=0) + 1)


def _answer(items: list[Json]) -> Reply:
    status = {"success": "true", "code": "200", "message": "SUCCESS"}
    # As XML turned into JSON: a list of one is the item itself, a list of none is empty text.
    found: Json = {"status": items[0] if len(items) == 1 else items} if items else ""
    return Reply({"response": {"status": status, "tasks": {"task_statuses": found}}})
