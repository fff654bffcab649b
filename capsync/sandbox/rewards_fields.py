"""Custom fields of the rewards catalogue: definitions, and the values that objects hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from capsync.sandbox.rewards_envelope import (
    PREFIX,
    audit,
    by_update,
    created,
    iso,
    path_number,
    plain_time,
    refusal,
    updated,
)
from capsync.sandbox.rewards_input import Body, Json, body_of, instant_of
from capsync.sandbox.store import Store
from capsync.sandbox.web import Refusal, Reply, Request, Routes

routes = Routes()

SCOPES = frozenset({"REWARD", "ISSUE_REWARD", "CATALOGUE_PROMOTION"})
_TYPES = frozenset({"BOOLEAN", "ENUM", "DATE", "STRING", "INTEGER"})
_MOST_ISSUE_FIELDS = 10
_MOST_ENUM_VALUES = 30
_ENUM_VALUE = re.compile(r"[A-Za-z0-9\[\]()\-_ ]+")
_ENUM_LENGTH = 80


@routes("POST", f"{PREFIX}/brand/customfield")
def create_field(request: Request) -> Reply:
    """A new field; it is active, whatever the body says."""
    written = {**_field(request, body_of(request)), "isActive": True}
    same_scope = active_fields(request.store, written["scope"])
    if written["scope"] == "ISSUE_REWARD" and len(same_scope) >= _MOST_ISSUE_FIELDS:
        raise refusal(3022, "too many fields of scope ISSUE_REWARD")
    refuse_taken(written, same_scope)
    stored = {"id": request.store.next("reward-field", 44101), **written, **created(request)}
    _keep(request.store, stored)
    return Reply(_written_field(stored))


@routes("PUT", f"{PREFIX}/brand/customfield/{{id}}")
def update_field(request: Request) -> Reply:
    """Replace a field; a disabled one is gone for good."""
    stored = request.store.get("reward-fields", path_number(request, "id"))
    if stored is None or not stored["isActive"]:
        raise refusal(400, "custom field unknown")
    written = _field(request, body_of(request))
    # Nothing says that these can change; kept values of another type would make no sense.
    if any(written[name] != stored[name] for name in ("scope", "dataType")):
        raise refusal(400, "scope and dataType can not change")
    others = active_fields(request.store, written["scope"])
    refuse_taken(written, [one for one in others if one["id"] != stored["id"]])
    stored = {**stored, **written, **updated(request)}
    _keep(request.store, stored)
    return Reply(_written_field(stored))


@routes("GET", f"{PREFIX}/brand/customfield")
def list_fields(request: Request) -> Reply:
    """The active fields, of one scope or of all."""
    scope = request.get("scope")
    if scope is not None and scope not in SCOPES:
        raise refusal(400, "scope unknown")
    fields = _active(request.store.all("reward-fields"), scope)
    if request.get("sortBy") is not None:
        fields = by_update(fields, request.get("orderBy", "DESC"))
    return Reply([_shown_field(one, exact=False) for one in fields])


def _keep(store: Store, stored: Json) -> None:
    store.put("reward-fields", stored["id"], stored)
    store.put("reward-vocabulary", "fields", _active(store.all("reward-fields"), None))


def _active(fields: Sequence[Json], scope: str | None) -> list[Json]:
    return [one for one in fields if one["isActive"] and scope in {one["scope"], None}]


def active_fields(store: Store, scope: str) -> list[Json]:
    """The fields of a scope that can be used, oldest first.

    Kept as one document: rewards show a new field at once, also where lists lag behind.
    """
    return _active(store.get("reward-vocabulary", "fields") or [], scope)


def refuse_taken(written: Json, others: Sequence[Json]) -> None:
    """Refuse a name that one of the other active objects has, in any case."""
    if any(one["name"].casefold() == written["name"].casefold() for one in others):
        raise refusal(400, "an active one has that name")


def _field(request: Request, body: Body) -> Json:
    body.need("name", "scope", "dataType")
    if body.text("description") is None:
        raise refusal(400, "description is required")
    kind = body.choice("dataType", _TYPES)
    written: Json = {
        "orgId": request.org_id,
        "name": body.text("name"),
        "description": body.text("description"),
        "isMandatory": body.flag("isMandatory") or False,
        "isActive": body.flag("isActive") is not False,
        "scope": body.choice("scope", SCOPES),
        "defaultValue": body.text("defaultValue"),
        "dataType": kind,
        "enumValues": None,
    }
    if kind == "ENUM":
        written["enumValues"] = _enum_values(body)
    elif body.raw("enumValues") and not written["isMandatory"]:
        # A STRING field with both came back with neither.
        written["defaultValue"] = None
    if written["isMandatory"] and written["defaultValue"] is None:
        raise refusal(400, "a mandatory field needs defaultValue")
    if kind == "DATE" and written["defaultValue"]:
        written["defaultValue"] = iso(instant_of(written["defaultValue"], "defaultValue"))
    return written


def _enum_values(body: Body) -> list[str]:
    values = body.texts("enumValues") or []
    if not 1 <= len(values) <= _MOST_ENUM_VALUES:
        raise refusal(400, f"enumValues must hold 1 to {_MOST_ENUM_VALUES} values")
    for value in values:
        if not value.strip():
            raise refusal(3030, "empty enum value")
        if len(value) > _ENUM_LENGTH:
            raise refusal(3028, f"enum value above {_ENUM_LENGTH} characters")
        if not _ENUM_VALUE.fullmatch(value):
            raise refusal(3024, "character not allowed in enum value")
    if len(set(values)) < len(values):
        raise refusal(3029, "duplicate enum values")
    if body.text("defaultValue") not in values:
        raise refusal(3025, "default not in list")
    return values


_FIELD = ("id", "orgId", "name", "description", "isMandatory", "isActive", "scope")


def _shown_field(stored: Json, *, exact: bool) -> Json:
    names = (*_FIELD, "defaultValue", "dataType", "enumValues")
    return {**{name: stored[name] for name in names}, **audit(stored, exact=exact)}


def _written_field(stored: Json) -> Json:
    """The answer to a write, which has its times for the scope REWARD only."""
    shown = _shown_field(stored, exact=True)
    if stored["scope"] == "REWARD":
        return shown
    shown.update(dict.fromkeys(("createdOn", "createdOnDateTime"), None))
    shown.update(dict.fromkeys(("lastUpdatedOn", "lastUpdatedOnDateTime"), None))
    if stored["scope"] == "ISSUE_REWARD":
        del shown["createdOnDateTime"], shown["lastUpdatedOnDateTime"]
        if shown["enumValues"] is None:
            del shown["enumValues"]
    return shown


class FieldError(Exception):
    """Custom fields that can not be set; the caller knows the code of its call."""


def field_values(sent: Json, fields: Sequence[Json]) -> Json:
    """Values by field id, from values by name; raises FieldError."""
    ids = {one["name"]: one for one in fields}
    values = {}
    for name, value in (sent or {}).items():
        field = ids.get(name)
        if field is None:
            raise FieldError(f"custom field not defined in the org: {name}")
        if value is not None:
            values[str(field["id"])] = _checked(field, name, _text(value))
    return values


def _text(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _checked(field: Json, name: str, value: str) -> str:
    if len(value) > 255:
        raise FieldError(f"custom field value too long: {name}")
    if field["dataType"] == "ENUM" and value not in field["enumValues"]:
        raise FieldError(f"custom field value not in list: {name}")
    return value


def shown_values(values: Json, fields: Sequence[Json]) -> Json:
    """Values by name, with the defaults of the mandatory fields that have none.

    Values of fields that were disabled since are lost, and dates come back in another form.
    """
    shown = {}
    for field in fields:
        value = values.get(str(field["id"]))
        if value is None and field["isMandatory"]:
            value = field["defaultValue"]
        if value is not None:
            shown[field["name"]] = _shown_value(field, value)
    return shown


def _shown_value(field: Json, value: str) -> str:
    if field["dataType"] != "DATE":
        return value
    try:
        return plain_time(instant_of(value, field["name"]))
    except Refusal:
        return value
