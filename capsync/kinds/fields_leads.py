"""Why leads are lost, what their statuses are called, and statuses of tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from capsync.api.dialect import at
from capsync.api.dialects import V1_1, V2_DATA, V2_OBJECT
from capsync.fields import enum, obj, obj_of, server_set, string
from capsync.kind import Bulk, Kind, Listing, Outcome, Route, key_by

Json = Any

_REASONS = "/v2/leads/reasons"
_MANY = 50  # no page states a limit


def _reasons_together(bodies: Sequence[Json]) -> Json:
    return [reason for body in bodies for reason in body]


def _reason_outcomes(body: Json, _status: int, bodies: Sequence[Json]) -> Sequence[Outcome]:
    """The ids of the reasons by their texts: the answer may hold what was there before too, and
    where it holds a text twice its id is not to be told."""
    found: dict[str, list[str]] = {}
    for each in body.get("data") or ():
        found.setdefault(str(each.get("reason")), []).append(str(each.get("id")))
    ids = [found.get(str(each[0]["reason"]), []) for each in bodies]
    return [Outcome(ok=True, id=each[0] if len(each) == 1 else None) for each in ids]


LEAD_REASON = Kind(
    name="LeadReason",
    family="fields",
    doc="A reason for which a lead ends or waits.",
    pages=("set-lead-reasons", "get-lead-reasons"),
    dialect=V2_DATA,
    lists=(Listing(Route("GET", _REASONS)),),
    # Whether the API refuses a reason that is there already, or doubles it, is not documented.
    keys=(key_by("reason", enforced=False),),
    create=Route("POST", _REASONS, wrap=lambda reason: [reason]),
    created_id="",
    bulk=Bulk(_MANY, _reasons_together, _reason_outcomes),
    schema=obj(
        required=["reason"],
        reason=string("The reason as people read it.", minLength=1),
        id=server_set({"type": "integer"}, "Id of the reason."),
    ),
    no_update=(
        "lead reasons can not be changed or removed through the API: declare the new text in a"
        " manifest of its own, or ask Capillary support"
    ),
    notes=(
        "Create only. Whether a repeated reason makes a second one is not documented: capsync"
        " sends only those that the org lacks, and never repeats a create without looking.",
        f"Reasons go out together, {_MANY} a call at most; no limit is documented.",
    ),
)

LEAD_SUBSTATUS = Kind(
    name="LeadSubstatus",
    family="fields",
    doc="A finer status of the org's own below one of the fixed statuses of leads.",
    pages=("create-lead-substatus", "get-lead-substatus"),
    dialect=V2_OBJECT,
    lists=(Listing(Route("GET", "/v2/leads/substatuses", dialect=V2_DATA)),),
    id="",
    keys=(key_by("status", "subStatus"),),
    create=Route("POST", "/v2/leads/substatus"),
    created_id="",
    duplicate_codes=frozenset({"92021"}),
    schema=obj(
        required=["status", "subStatus"],
        status=enum(
            "OPEN", "WON", "LOST", "ON_HOLD", "DELETED", doc="The status; no others can be made."
        ),
        subStatus=string("Name of the finer status.", minLength=1),
    ),
    no_update=(
        "lead sub-statuses can not be changed or removed through the API: declare the new one in a"
        " manifest of its own, or ask Capillary support"
    ),
    notes=("Create only, one a call. They have no ids: status and subStatus name one.",),
)


_MAPPINGS = "/v1.1/task/statusmapping"
_ROWS = "tasks.task_statuses.status"


def _rows(body: Json) -> Iterator[Mapping[str, Json]]:
    """The mappings of an answer: XML once, so that one alone is an object and none may be ""."""
    found = at(V1_1.payload(body), _ROWS)
    for each in found if isinstance(found, list) else [found]:
        if isinstance(each, Mapping):
            yield each


def _read_mapping(raw: Json) -> dict[str, Json]:
    """One documented row has value and label together in a list, and no label."""
    value, label = raw.get("value"), raw.get("label")
    if isinstance(value, list):
        parts = [str(each) for each in value]
        value = parts[0] if parts else ""
        label = label if label is not None else next(iter(parts[1:]), "")
    return {"value": value, "label": label}


def _mapping_body(mapping: Json) -> Json:
    return {"root": {"status": [mapping]}}


def _mappings_together(bodies: Sequence[Json]) -> Json:
    return {"root": {"status": [each for body in bodies for each in body["root"]["status"]]}}


def _mapping_outcomes(body: Json, _status: int, bodies: Sequence[Json]) -> Sequence[Outcome] | None:
    """What each item's own status says; the outer one may be success all the same."""
    rows = list(_rows(body))
    if len(rows) != len(bodies):
        return None
    return [_mapping_outcome(row) for row in rows]


def _mapping_outcome(row: Mapping[str, Json]) -> Outcome:
    told = row.get("item_status") or {}
    ok = str(told.get("success", "true")).lower() == "true"
    codes = () if ok else (str(told.get("code", "")),)
    message = "" if ok else str(told.get("message", ""))
    id_ = row.get("id")
    return Outcome(ok, str(id_) if ok and id_ else None, codes, message)


TASK_STATUS_MAPPING = Kind(
    name="TaskStatusMapping",
    family="fields",
    doc="What the org calls a status of tasks, and which predefined status it stands for.",
    pages=("update-status-mappings", "get-status-mappings"),
    dialect=V1_1,
    lists=(
        Listing(
            Route(
                "GET",
                _MAPPINGS,
                params={"format": "json"},
                dialect=replace(V1_1, name="task statuses", payload=lambda body: list(_rows(body))),
            )
        ),
    ),
    read=_read_mapping,
    keys=(key_by("label", enforced=False),),
    create=Route("POST", _MAPPINGS, wrap=_mapping_body, params={"format": "json"}),
    created_id="",
    update=Route(
        "POST",
        _MAPPINGS,
        wrap=_mapping_body,
        params={"format": "json"},
        whole=True,
        id_member="id",
        repeatable=True,
    ),
    bulk=Bulk(_MANY, _mappings_together, _mapping_outcomes),
    schema=obj_of(
        {
            "value": string(
                "The predefined status, such as OPEN, CLOSED or NONE; several labels may share"
                " one.",
                minLength=1,
            ),
            "label": string("The org's own name of the status.", minLength=1),
            "id": server_set(string(), "Id of the mapping."),
        },
        required=["value", "label"],
    ),
    notes=(
        "One call adds and changes mappings; nothing removes one.",
        "Every item of an answer has a status of its own, which capsync reads: 5206 not added,"
        " 5207 status not valid, 5208 internal status not valid.",
        "Which predefined statuses there are is not documented.",
    ),
)
