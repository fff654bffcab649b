"""Custom fields of badges: never deleted, disabled for good."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from capsync.sandbox.badges_values import (
    Faults,
    audit,
    body_of,
    member,
    new_id,
    page_cut,
    refusal,
    saved,
    stamped,
    text,
    unknown,
)
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

FIELDS = "badge-fields"
_NAMES = "badge-field-names"
_PATH = "/api_gateway/v1/badges/customField"
_TYPES = ("INTEGER", "BOOLEAN", "DATE", "STRING")


def hold_field(store: Store, field: Json) -> None:
    """Store a field, and its name while it is active."""
    store.put(FIELDS, field["id"], field)
    if field["isActive"]:
        store.put(_NAMES, field["name"], field["id"])


def field_id(store: Store, name: str) -> str | None:
    """The active field of that name."""
    found = store.get(_NAMES, name)
    return None if found is None else str(found)


@routes("GET", _PATH)
def list_fields(request: Request) -> Reply:
    """Active fields, the newest change first; `isActive=false` finds none (guide)."""
    rows = [field for field in request.store.all(FIELDS) if field["isActive"]]
    if request.get("isActive") == "false":
        rows = []
    oldest_first = (request.get("order") or "DESC").upper() == "ASC"
    rows.sort(key=lambda field: float(field["lastUpdatedOn"]), reverse=not oldest_first)
    page, block = page_cut(rows, request)
    shown = [_shown(request, field) for field in page]
    return saved({"customFieldROList": shown, "pagination": block})


@routes("GET", _PATH + "/{customFieldId}")
def field_by_id(request: Request) -> Reply:
    """One active field."""
    return saved(_shown(request, _known(request)))


@routes("POST", _PATH)
def create_field(request: Request) -> Reply:
    """A new field; the name of a disabled one may be used again."""
    field = {
        "id": new_id(request, "field"),
        **_checked(request, None),
        "isActive": True,
        **stamped(request),
    }
    hold_field(request.store, field)
    return saved(_shown(request, field, fresh="create"), 201)


@routes("PUT", _PATH + "/{customFieldId}")
def update_field(request: Request) -> Reply:
    """The field as sent; `isActive` goes from true to false only."""
    known = _known(request)
    field = {
        **known,
        **_checked(request, known),
        "isActive": body_of(request).get("isActive") is not False,
        **stamped(request, known),
    }
    request.store.delete(_NAMES, known["name"])
    hold_field(request.store, field)
    return saved(_shown(request, field, fresh="update"))


def _known(request: Request) -> Json:
    field = request.store.get(FIELDS, request.params["customFieldId"])
    if field is None or not field["isActive"]:
        raise unknown("Custom field")
    return field


def _checked(request: Request, known: Json | None) -> dict[str, Json]:
    sent, faults = body_of(request), Faults()
    name, kind = sent.get("name"), sent.get("dataType")
    if name is None or name == "":
        faults.add(400, "Name is missing", "name")
    elif field_id(request.store, text(name)) not in (None, known and known["id"]):
        faults.add(740, "Duplicate custom field name")
    if kind is None:
        faults.add(741, "Data type is missing", "dataType")
    elif member(kind, _TYPES, "dataType") and known is not None and kind != known["dataType"]:
        faults.add(746, "Data type can not be changed")
    mandatory = sent.get("isMandatory") is True
    default = sent.get("defaultValue")
    default = None if default is None else text(default)
    _check_default(default, kind, mandatory=mandatory, faults=faults)
    faults.settle()
    return {
        "name": text(name),
        "isMandatory": mandatory,
        "defaultValue": _date(default) if kind == "DATE" else default,
        "dataType": kind,
    }


def _check_default(default: str | None, kind: Json, *, mandatory: bool, faults: Faults) -> None:
    if default is None:
        if mandatory:
            faults.add(742, "A mandatory custom field needs a default value")
        return
    if default == "" and not mandatory:
        return
    if kind == "INTEGER" and not re.fullmatch(r"[+-]?\d+", default):
        faults.add(744, "The default value is not a number")
    if kind == "BOOLEAN" and default not in ("true", "false"):
        faults.add(745, "The default value is not a Boolean")


def _date(default: str | None) -> str | None:
    """Dates are kept as ISO in UTC."""
    if not default:
        return default
    try:
        moment = datetime.fromisoformat(default)
    except ValueError:
        raise refusal(400, "The default value is not a date") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _shown(request: Request, field: Json, *, fresh: str = "") -> Json:
    return {
        "id": field["id"],
        "orgId": request.org_id,
        "name": field["name"],
        "isMandatory": field["isMandatory"],
        "defaultValue": field["defaultValue"],
        "isActive": field["isActive"],
        "dataType": field["dataType"],
        **audit(field, fresh=fresh),
    }
