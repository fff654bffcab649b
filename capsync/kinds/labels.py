"""Labels of customers, products and stores, and the customer labels that they replace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from capsync.api.dialect import Fault, Paging
from capsync.api.dialects import V2_DATA, V2_ENTITY, V2_OBJECT
from capsync.fields import (
    boolean,
    enum,
    fixed,
    instant,
    integer,
    obj_of,
    only_if,
    server_set,
    string,
    whole,
)
from capsync.kind import (
    Bulk,
    Check,
    Finding,
    Kind,
    Listing,
    Outcome,
    Retire,
    Route,
    Service,
    Task,
    Verdict,
    Write,
    key_by,
)
from capsync.model import Action, Spec
from capsync.values.instants import parse_instant

Json = Any

_LABELS = "/v2/labels"
_TYPES = ("CUSTOMER", "PRODUCT", "STORE")
_STATUSES = ("ACTIVE", "ARCHIVED")
_NO_EXPIRY = {"type": "NONE"}
_NEEDED = {
    "FIXED_DATE": {"expiryDate": "23012"},
    "RELATIVE": {"unit": "23010", "value": "23011"},
}


def _faults(body: Json, status: int) -> list[Fault]:
    """The faults of a call for one label, for which "some succeeded" (207) can not be true."""
    return V2_DATA.faults(body, 200 if status == 207 else status)


# 23015 and 23029: another call holds the lock of the labels, with HTTP 409.
LABELS = replace(V2_DATA, name="labels", faults=_faults, again=frozenset({"23015", "23029"}))


def _item_faults(body: Json, status: int) -> list[Fault]:
    """No faults where each of them names its label: then they are of these items alone, even where
    none succeeded (HTTP 400)."""
    told = body.get("errors") if isinstance(body, Mapping) else None
    if isinstance(told, list) and told and all(_names_a_label(each) for each in told):
        return []
    return LABELS.faults(body, status)


def _names_a_label(error: Json) -> bool:
    return isinstance(error, Mapping) and error.get("labelExternalId") is not None


_ITEMS = replace(LABELS, name="labels, one by one", faults=_item_faults)


# Writing


def _wrapped(body: Json) -> Json:
    return {"labels": [body]}


def _together(bodies: Sequence[Json]) -> Json:
    return {"labels": [label for body in bodies for label in body["labels"]]}


def _outcomes(body: Json, _status: int, bodies: Sequence[Json]) -> Sequence[Outcome]:
    """What became of each label, told by its external id."""
    made = {str(each.get("externalId")): each.get("id") for each in body.get("data") or ()}
    refused = {str(each.get("labelExternalId")): each for each in body.get("errors") or ()}
    return [_outcome(str(each["labels"][0]["externalId"]), made, refused) for each in bodies]


def _outcome(id_: str, made: Mapping[str, Json], refused: Mapping[str, Json]) -> Outcome:
    if id_ in refused:
        error = refused[id_]
        return Outcome(
            ok=False, codes=(str(error.get("code")),), message=str(error.get("message") or "")
        )
    found = made.get(id_)
    return Outcome(ok=True, id=None if found is None else str(found))


def _writes(task: Task) -> Sequence[Write]:
    """The calls of a change. An archived label takes nothing but its way back, so that it goes
    first, and archiving goes last; fields that did not change stay out, since an expiry date that
    has passed is refused when it is sent again."""
    if task.action is Action.RETIRE:
        return (_update(task, "archive", {"status": "ARCHIVED"}),)
    if task.action is Action.CREATE:
        body = {name: value for name, value in task.desired.items() if name != "status"}
        is_archived = task.desired.get("status") == "ARCHIVED"
        create = Write("create", "POST", _LABELS, body=_wrapped(body), creates=True)
        return (replace(create, settle=is_archived),)
    return tuple(_updates(task))


def _updates(task: Task) -> Iterable[Write]:
    fields = {
        name: value
        for name, value in task.desired.items()
        if name != "status" and task.touches(name)
    }
    status = task.desired.get("status") if task.touches("status") else None
    if status == "ACTIVE":
        yield _update(task, "reactivate", {"status": "ACTIVE"})
    if fields:
        yield _update(task, "update", fields)
    if status == "ARCHIVED":
        yield _update(task, "archive", {"status": "ARCHIVED"})


def _update(task: Task, summary: str, fields: Mapping[str, Json]) -> Write:
    label = {"labelId": int(task.id) if task.id and task.id.isdigit() else task.id, **fields}
    return Write(summary, "PUT", _LABELS, body={"labels": [label]})


# Rules


def _expiry(spec: Spec) -> Iterable[Finding]:
    expiry = spec.get("expiryConfig")
    if not isinstance(expiry, Mapping):
        return
    type_ = str(expiry.get("type", "NONE"))
    for name, code in _NEEDED.get(type_, {}).items():
        if expiry.get(name) is None:
            message = f"needs {name} with type {type_}"
            yield Finding(("expiryConfig",), message, code=code)


def _guard(check: Check) -> Iterable[Verdict]:
    creates = check.action is Action.CREATE
    if creates or check.changes("expiryConfig"):
        yield from _past_expiry(check)
    if creates or check.live.get("status") != "ARCHIVED":
        return
    others = [str(each.path[0]) for each in check.fields if each.path[0] != "status"]
    if others and check.desired.get("status") == "ARCHIVED":
        fields = ", ".join(dict.fromkeys(others))
        reason = f"{fields}: an archived label takes no change (23026): write status ACTIVE first"
        yield Verdict("blocked", reason)


def _past_expiry(check: Check) -> Iterable[Verdict]:
    date = (check.desired.get("expiryConfig") or {}).get("expiryDate")
    moment = parse_instant(date)
    if moment is not None and moment.timestamp() <= check.now:
        reason = f"expiryConfig.expiryDate {date} must be in the future (API error 23004)"
        yield Verdict("blocked", reason)


_EXPIRY = whole(
    obj_of(
        {
            "type": enum("NONE", "FIXED_DATE", "RELATIVE", doc="How the label expires."),
            "expiryDate": only_if(
                instant("When it expires; has to be in the future when it is set."),
                "type",
                "FIXED_DATE",
            ),
            "unit": only_if(
                enum("DAYS", "MONTHS", "YEARS", doc="Unit of value."), "type", "RELATIVE"
            ),
            "value": only_if(
                integer("How long it lasts after it was assigned.", minimum=0), "type", "RELATIVE"
            ),
            "roundingUnit": only_if(
                string("What the end is rounded to; the values are not documented."),
                "type",
                "RELATIVE",
            ),
        },
        required=["type"],
    )
    | {
        "description": "When assignments of the label end; a change counts for future ones only.",
        "default": _NO_EXPIRY,
    }
)

LABEL = Kind(
    name="Label",
    family="fields",
    doc="A label that customers, products or stores can carry.",
    pages=("create-labels", "update-labels", "get-labels"),
    dialect=LABELS,
    lists=(
        Listing(
            # Without parameters the list holds active labels of products only.
            Route("GET", _LABELS, dialect=V2_OBJECT),
            rows="labels",
            paging=Paging(
                size=100,
                position="offset",
                size_names=("limit",),
                counts="rows",
                total="totalCount",
            ),
            passes=tuple(
                {"entityType": type_, "status": status} for type_ in _TYPES for status in _STATUSES
            ),
        ),
    ),
    keys=(key_by("entityType", "name"), key_by("entityType", "externalId")),
    create=Route("POST", _LABELS, wrap=_wrapped, omit=frozenset({"status"})),
    created_id="0.id",
    duplicate_codes=frozenset({"23019", "23020"}),
    update=Route("PUT", _LABELS),
    writer=_writes,
    bulk=Bulk(10, _together, _outcomes, dialect=_ITEMS),
    retire=Retire("archive", sets={"status": "ARCHIVED"}),
    service=Service("status", on="ACTIVE"),
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=obj_of(
        {
            "name": string(
                "Name, unique among the labels of its entity type.", minLength=1, maxLength=255
            ),
            "externalId": string(
                "Id of your own, unique among the labels of its entity type.",
                minLength=1,
                maxLength=255,
            ),
            "description": string(
                "What the label says.", maxLength=1024, default="", **{"x-clear": ""}
            ),
            "entityType": fixed(
                enum(*_TYPES, doc="What can carry the label."),
                "make a new label, and archive this one (take its manifest out and prune)",
            ),
            "expiryConfig": _EXPIRY,
            "status": enum(
                *_STATUSES,
                doc="Whether the label is in service; creates make it active.",
                default="ACTIVE",
            ),
            "id": server_set(integer(), "Id of the label."),
            "createdOn": server_set(string(), "When it was created."),
            "createdBy": server_set(integer(), "Id of the user who created it."),
            "lastUpdatedOn": server_set(string(), "When it was last changed."),
            "lastUpdatedBy": server_set(integer(), "Id of the user who changed it last."),
        },
        required=["name", "externalId", "entityType"],
    ),
    rules=(_expiry,),
    guard=_guard,
    notes=(
        "Nothing deletes a label: pruning archives it, and a manifest of an archived label brings"
        " it back. Whether an archived label still holds its name is not documented, so that one"
        " is always reactivated instead of made anew.",
        "externalId is optional in the documented schema, but error 23030 asks for it.",
        "Assigning an unknown label name creates a label, so that labels appear that no manifest"
        " declares.",
        "Up to 10 labels go out in one create, each with an outcome of its own.",
        "Whether an empty description clears it is not documented.",
    ),
)


# Customer labels


def _labels_together(bodies: Sequence[Json]) -> Json:
    return {"orgLabels": [label for body in bodies for label in body["orgLabels"]]}


def _says_nothing(_body: Json, _status: int, _bodies: Sequence[Json]) -> None:
    """The answer names the org, not the labels."""


_CUSTOMER_LABELS = "/v2/organization/labels"

CUSTOMER_LABEL = Kind(
    name="CustomerLabel",
    family="fields",
    doc="A label of customers, as it was before July 2026; the API deprecates it for Label.",
    pages=("add-labels", "get-org-labels"),
    dialect=V2_ENTITY,
    lists=(
        Listing(
            # 33002: an org without labels, which is an error and not an empty list.
            Route(
                "GET",
                _CUSTOMER_LABELS,
                dialect=replace(V2_DATA, name="customer labels", empty=frozenset({"33002"})),
            ),
        ),
    ),
    # Lists hold even an empty name, which no manifest can have.
    absent=lambda raw: not raw.get("name"),
    keys=(key_by("name"),),
    create=Route("POST", _CUSTOMER_LABELS, wrap=lambda label: {"orgLabels": [label]}),
    created_id="",
    duplicate_codes=frozenset({"33003"}),
    bulk=Bulk(20, _labels_together, _says_nothing),
    changed_by="lastUpdatedBy",
    schema=obj_of(
        {
            "name": string("Name of the label.", minLength=1, maxLength=100),
            "description": string("What the label says.", maxLength=255, default=""),
            "active": server_set(boolean(), "Whether it is in service; no call sets it."),
            "id": server_set(integer(), "Id of the label."),
            "orgId": server_set(integer(), "Id of the org."),
            "lastUpdatedBy": server_set(integer(), "Id of the user who changed it last."),
        },
        required=["name"],
    ),
    no_update=(
        "customer labels can not be changed or removed through the API: give the new text a label"
        " (and manifest) of its own, or manage it as a Label, whose description can change"
    ),
    after=("OrgConfig",),
    notes=(
        "Deprecated by the API since July 2026: declare a Label with entityType CUSTOMER instead.",
        "ORG_MAX_LABEL_COUNT (an org configuration key) limits how many there are, and has to be"
        " set before the first one: 33004 says that it is not, 33005 that it is reached.",
        "The answer to a create holds the id of the org, so that labels are looked up by name.",
        "No page says how many labels one call may carry: capsync sends 20 at most. 200 requests a"
        " minute per API key are allowed.",
    ),
)
