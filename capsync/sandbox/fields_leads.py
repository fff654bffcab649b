"""Lead reasons and lead sub-statuses: both can only be added."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.fields_answers import bad_request, body_object, refusal, text
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

REASONS = "lead-reasons"
SUBSTATUSES = "lead-substatuses"

_STATUSES = frozenset({"OPEN", "WON", "LOST", "ON_HOLD", "DELETED"})


@routes("POST", "/v2/leads/reasons")
def add_reasons(request: Request) -> Reply:
    """Add reasons from a bare array; the answer holds those sent, with ids.

    What a repeated reason does is not said: here it is added once more, under an id of its own.
    """
    asked = request.json()
    if not isinstance(asked, list) or not asked:
        raise bad_request()
    data = [_add_reason(request, item) for item in asked]
    return Reply({"data": data, "warnings": [], "errors": []})


@routes("GET", "/v2/leads/reasons")
def list_reasons(request: Request) -> Reply:
    """Every reason, not paged."""
    return Reply({"data": request.store.all(REASONS), "warnings": [], "errors": []})


@routes("POST", "/v2/leads/substatus")
def add_substatus(request: Request) -> Reply:
    """Add one sub-status to one of the five fixed statuses."""
    asked = body_object(request)
    status, substatus = text(asked.get("status")), text(asked.get("subStatus"))
    for wrong, code, message in (
        (not status, 92022, "Lead status is empty"),
        (status not in _STATUSES, 92003, "Lead status is invalid"),
        (not substatus, 92023, "Lead sub-status is empty"),
    ):
        if wrong:
            raise refusal(code, message)
    key = f"{status}:{substatus.casefold()}"
    if request.store.get(SUBSTATUSES, key) is not None:
        raise refusal(92021, "Lead sub-status exists already for this status")
    pair = {"status": status, "subStatus": substatus}
    request.store.put(SUBSTATUSES, key, pair)
    return Reply({**pair, "warnings": []})


@routes("GET", "/v2/leads/substatuses")
def list_substatuses(request: Request) -> Reply:
    """Every pair of status and sub-status; there are no ids."""
    return Reply({"data": request.store.all(SUBSTATUSES), "warnings": [], "errors": []})


def _add_reason(request: Request, item: Json) -> dict[str, Json]:
    if not isinstance(item, dict) or not text(item.get("reason")):
        raise bad_request()
    id = request.store.next("lead-reason")
    reason = {"id": id, "reason": text(item["reason"])}
    request.store.put(REASONS, id, reason)
    return reason
