"""Custom fields: bulk create, the three lists, and values tagged to entities."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.fields_answers import (
    body_object,
    org_number,
    refusal,
    text,
    whole_number,
)
from capsync.sandbox.store import Store
from capsync.sandbox.web import Refusal, Reply, Request, Routes

Json = Any

routes = Routes()

FIELDS = "custom-fields"  # id -> field
NAMES = "custom-field-names"  # name without case -> {"id"}
VALUES = "custom-field-values"

SCOPES = frozenset(
    {"LOYALTY_REGISTRATION", "LOYALTY_TRANSACTION", "CUSTOMER_FEEDBACK", "POINTS_REDEMPTION"}
    | {"VOUCHER_REDEMPTION", "ZONE_CUSTOM_FIELDS", "STORE_CUSTOM_FIELDS", "CHECK_IN_FEEDBACK"}
    | {"CUSTOM_FIELDS_DATA_LOG", "CUSTOMER_PREFERENCES", "ADVANCE_FEEDBACK", "CUSTOMER_CARD"}
    | {"CONCEPT_CUSTOM_FIELDS", "LOYALTY_LINE_ITEMS", "NI_CUSTOM_FIELDS", "TILL_CUSTOM_FIELDS"}
    | {"ORG_CUSTOM_FIELD"}
)
# The only scopes that the second list filters by; it holds fields of the others too.
_FILTERED = frozenset(
    {"loyalty_registration", "loyalty_transaction", "customer_feedback", "customer_preferences"}
    | {"store_custom_fields", "points_redemption", "voucher_redemption", "check_in_feedback"}
    | {"customer_card"}
)
_TEXTS = ("defaultValue", "rule", "serverRule", "regex", "error", "helptext", "attrs", "options")
_MARKS = ("enableAuditTrail", "isPiiData", "isPsiData")
_FLAGS = ("isDisabled", "isCompulsory", "disableAtServer", "isUpdatable", *_MARKS)
_NAME_LENGTH = 20
_AUDITED = "PRODUCT_CONF_ORG_AUDITABLE_CUSTOM_FIELDS_LIMIT"
_AUDITED_DEFAULT = 5


@routes("POST", "/v2/customFields")
def create_custom_fields(request: Request) -> Reply:
    """All fields of one scope, or none; the answer echoes them without their ids."""
    _demand_admin(request)
    asked = body_object(request)
    items = asked.get("customFields")
    if not isinstance(items, list) or not items:
        raise _refused(1028, "CUSTOM_FIELD_LIST_NULL_OR_EMPTY")
    scope = _scope(asked.get("scope"))
    fields = [_field(item, scope) for item in items]
    _check_audited(request.store, fields)
    for field in fields:
        add_custom_field(request.store, field)
    answers = [_created(field, item) for field, item in zip(fields, items, strict=True)]
    entity = [{"orgId": request.org_id, **answer} for answer in answers]
    return Reply({"entity": entity, "warnings": [], "errors": [], "success": True})


def add_custom_field(store: Store, field: dict[str, Json]) -> int:
    """Store a complete field under the next id; a name that the org knows is error 1025."""
    # Case rules of names are not documented; like the tables behind it, the sandbox ignores case.
    key = field["name"].casefold()
    if store.get(NAMES, key) is not None:
        raise _refused(1025, f"DUPLICATE_ORG_CUSTOM_FIELD: {field['name']}")
    id = store.next("custom-field", 3201)
    store.put(NAMES, key, {"id": id})
    store.put(FIELDS, id, {"id": id, **field})
    return id


@routes("GET", "/v2/org/customFields")
@routes("GET", "/v2/customFields")  # listed without a page: taken for the same list
def list_custom_fields(request: Request) -> Reply:
    """The list with ids, by name ignoring case.

    Not said whether disabled fields are in it: they are not, while they go on holding their name.
    """
    _demand_admin(request)
    scope = request.get("scope")
    entity = [
        {"orgId": request.org_id, **_without_empty_options(field)}
        for field in _by_name(request.store.all(FIELDS))
        if not field["isDisabled"] and scope in (None, field["scope"].lower())
    ]
    return Reply({"entity": entity, "warnings": [], "errors": [], "success": True})


@routes("GET", "/v2/organization/customFields")
def list_organization_custom_fields(request: Request) -> Reply:
    """The list without ids, oldest first; disabled fields only where asked for."""
    scope = request.get("scope")
    data = [
        {**{k: v for k, v in field.items() if k not in _NOT_IN_SECOND}, "scope": lower}
        for field in request.store.all(FIELDS)
        if (lower := field["scope"].lower()) == scope or scope not in _FILTERED
        if not field["isDisabled"] or request.get("includeDisabled") == "true"
        if not field["disableAtServer"] or request.get("includeDisabledAtServer") == "true"
    ]
    return Reply({"data": data, "warnings": [], "errors": []})


@routes("GET", "/v1.1/organization/customfields")
def list_legacy_custom_fields(request: Request) -> Reply:
    """The v1.1 list: every scalar is text, a single field is an object."""
    scope = request.get("Scope")
    fields = [
        _legacy(field)
        for field in request.store.all(FIELDS)
        if scope in (None, field["scope"].lower())
    ]
    if not fields:
        code, what = ("3203", "") if scope is None else ("3204", " for this scope")
        message = f"Custom fields not found{what}"
        return Reply({"response": {"status": _status("false", code, message)}})
    found = fields[0] if len(fields) == 1 else fields
    status = _status("true", "200", "SUCCESS")
    return Reply(
        {"response": {"status": status, "organization": {"custom_fields": {"field": found}}}}
    )


@routes("POST", "/v2/customField/tag")
def tag_custom_field(request: Request) -> Reply:
    """Keep the value of a field on an entity; there is no call that reads it back."""
    _demand_admin(request)
    asked = body_object(request)
    scope = _scope(asked.get("scope"))
    field = asked.get("customField")
    field = field if isinstance(field, dict) else {}
    entity = asked.get("entityId")
    _demand_given({"entityId": entity, "name": field.get("name"), "value": field.get("value")})
    request.store.put(VALUES, f"{scope}:{text(entity)}:{text(field['name'])}", asked)
    return Reply({"entity": request.org_id, "warnings": [], "errors": [], "success": True})


def custom_field(name: str, scope: str, **members: Json) -> dict[str, Json]:
    """A complete field: the given members over the defaults of the service."""
    blank = {"name": name, "type": "text", "dataType": "String", "label": name, "scope": scope}
    texts = dict.fromkeys(_TEXTS, "")
    return {**blank, **texts, "phase": "1", "position": 0, **dict.fromkeys(_FLAGS, 0), **members}


def _field(item: Json, scope: str) -> dict[str, Json]:
    item = item if isinstance(item, dict) else {}
    _demand_given({name: item.get(name) for name in ("name", "type", "dataType", "scope")})
    if item["scope"] != scope:
        raise _refused(1018, "INVALID_CUSTOM_FIELD_SCOPE")
    return custom_field(
        # Longer names are cut without a word (api notes: fields, "Custom field").
        text(item["name"])[:_NAME_LENGTH],
        scope,
        type=text(item["type"]),
        dataType=text(item["dataType"]),
        label=text(item.get("label")),
        phase=text(item.get("phase"), "1"),
        position=whole_number(item.get("position")) or 0,
        **{name: text(item.get(name)) for name in _TEXTS},
        **{name: _flag(item.get(name)) for name in _FLAGS},
    )


def _created(field: dict[str, Json], item: dict[str, Json]) -> dict[str, Json]:
    kept = {k: v for k, v in field.items() if k != "options" or k in item}
    return {**kept, "value": ""}


def _check_audited(store: Store, fields: list[dict[str, Json]]) -> None:
    added = sum(field["enableAuditTrail"] for field in fields)
    if not added:
        return
    limit = org_number(store, _AUDITED)
    limit = _AUDITED_DEFAULT if limit is None else limit
    count = added + sum(field["enableAuditTrail"] for field in store.all(FIELDS))
    if count > limit:
        raise _refused(
            1023, f"AUDITABLE_CUSTOM_FIELDS_COUNT_BREACHED: limit {limit}, count {count}"
        )


def _demand_admin(request: Request) -> None:
    if request.options.admin_required and not request.admin:
        raise _refused(91032, "NOT_AN_ADMIN_USER")


def _scope(value: Json) -> str:
    if not isinstance(value, str) or value not in SCOPES:
        raise _refused(1018, "INVALID_CUSTOM_FIELD_SCOPE")
    return value


def _flag(value: Json) -> int:
    return int(value in (1, True, "1", "true"))


def _demand_given(parameters: dict[str, Json]) -> None:
    for name, value in parameters.items():
        if value in (None, ""):
            raise _refused(1024, f"CUSTOM_FIELD_PARAM_NULL_OR_EMPTY: {name}")


def _refused(code: int, message: str) -> Refusal:
    return refusal(code, message, entity=None, success=False)


_NOT_IN_SECOND = frozenset({"id", "helptext", "attrs"})


def _without_empty_options(field: dict[str, Json]) -> dict[str, Json]:
    return {k: v for k, v in field.items() if k != "options" or v}


def _by_name(fields: list[dict[str, Json]]) -> list[dict[str, Json]]:
    return sorted(fields, key=lambda field: field["name"].casefold())


_LEGACY = {
    "datatype": "dataType",
    "default": "defaultValue",
    "is_mandatory": "isCompulsory",
    "is_disabled": "isDisabled",
}
_SAME = ("name", "label", "type", "phase", "position", "rule", "regex", "error", "options")


def _legacy(field: dict[str, Json]) -> dict[str, str]:
    same = {name: str(field[name]) for name in _SAME}
    renamed = {name: str(field[modern]) for name, modern in _LEGACY.items()}
    return {**same, **renamed, "scope": field["scope"].lower()}


def _status(success: str, code: str, message: str) -> dict[str, str]:
    return {"success": success, "code": code, "message": message}


def seed_console(store: Store, org_id: int, now: float) -> None:  # noqa: ARG001
    """Fields as a console leaves them: one disabled, one without type and label."""
    yes_no = '{"Yes":"Yes","No":"No"}'
    updatable = {"isUpdatable": 1}
    for field in (
        custom_field("preferred_language", "LOYALTY_REGISTRATION", label="Language", **updatable),
        custom_field("newsletter", "LOYALTY_REGISTRATION", type="select", options=yes_no),
        custom_field("gift_wrapped", "LOYALTY_TRANSACTION", dataType="Boolean", **updatable),
        custom_field("Parking", "STORE_CUSTOM_FIELDS", type="select", options=yes_no),
        custom_field("Till Layout", "TILL_CUSTOM_FIELDS", type="", dataType="", label=""),
        custom_field("old_fax_number", "LOYALTY_REGISTRATION", isDisabled=1),
        custom_field("Header Colour", "ORG_CUSTOM_FIELD", dataType="STRING"),
    ):
        add_custom_field(store, field)
