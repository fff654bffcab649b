"""Custom fields: what registrations, transactions, stores and others carry beside their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from capsync.api.dialects import V2_DATA, V2_ENTITY
from capsync.fields import (
    Schema,
    blank,
    enum,
    folded,
    integer,
    json_text,
    map_of,
    obj_of,
    server_set,
    shows,
    string,
    unread,
)
from capsync.kind import Bulk, Cap, Finding, Kind, Listing, Route, Service, key_by
from capsync.model import Resource, Spec

Json = Any

_SCOPES = (
    "LOYALTY_REGISTRATION",
    "LOYALTY_TRANSACTION",
    "CUSTOMER_FEEDBACK",
    "POINTS_REDEMPTION",
    "VOUCHER_REDEMPTION",
    "ZONE_CUSTOM_FIELDS",
    "STORE_CUSTOM_FIELDS",
    "CUSTOM_FIELDS_DATA_LOG",
    "CHECK_IN_FEEDBACK",
    "CUSTOMER_PREFERENCES",
    "ADVANCE_FEEDBACK",
    "CONCEPT_CUSTOM_FIELDS",
    "CUSTOMER_CARD",
    "TILL_CUSTOM_FIELDS",
    "ORG_CUSTOM_FIELD",
    "LOYALTY_LINE_ITEMS",
    "NI_CUSTOM_FIELDS",
)
_UNUSED_SCOPES = ("LOYALTY_LINE_ITEMS", "NI_CUSTOM_FIELDS")
_TYPES = (
    "text",
    "textarea",
    "select",
    "checkbox",
    "radio",
    "file",
    "template_area",
    "datepicker",
    "separator",
    "button",
    "email_body",
    "feedback",
    "label",
)
_AUDITED = 5
_CHOICES = 250  # of a field, says the guide


def _flag(doc: str) -> Schema:
    """A flag that the API sends and answers as 0 or 1; its tables allow booleans too."""
    return {
        "type": ["integer", "boolean"],
        "description": doc,
        "enum": [0, 1, False, True],
        "default": 0,
        "x-wire": "flag",
    }


def _wrapped(field: Json) -> Json:
    return {"scope": _scope(field), "customFields": [{**field, "scope": _scope(field)}]}


def _scope(field: Mapping[str, Json]) -> str:
    return str(field.get("scope", "")).upper()


def _together(bodies: Sequence[Json]) -> Json:
    fields = [field for body in bodies for field in body["customFields"]]
    return {"scope": bodies[0]["scope"], "customFields": fields}


def _says_nothing(_body: Json, _status: int, _bodies: Sequence[Json]) -> None:
    """The answer echoes the fields without their ids."""


def _read(raw: Json) -> dict[str, Json]:
    """A field in the shape of a spec; the list that alone has disabled ones shows less of them."""
    return {"helptext": None, "attrs": None, **raw}


def _unwritable(raw: Json) -> bool:
    """A field without type, as lists hold some: no create call takes one."""
    return not raw.get("type") or not raw.get("dataType")


def _advice(spec: Spec) -> Iterable[Finding]:
    scope = str(spec.get("scope", "")).upper()
    if scope == "STORE_CUSTOM_FIELDS" and not spec.get("label"):
        message = "is needed to see and edit a field of stores in the console"
        yield Finding(("label",), message, severity="warning")
    options = spec.get("options")
    if isinstance(options, Mapping) and len(options) > _CHOICES:
        message = f"has {len(options)} choices: a field takes {_CHOICES} at most"
        yield Finding(("options",), message, severity="warning")
    if scope in _UNUSED_SCOPES:
        message = f"{scope} exists, but is not in use"
        yield Finding(("scope",), message, severity="warning")


def _same_but_for_case(resources: Sequence[Resource]) -> Iterable[tuple[Resource, Finding]]:
    """The API is not said to tell names apart by case, so they have to differ in more."""
    seen: dict[str, Resource] = {}
    for resource in resources:
        name = resource.spec.get("name")
        if not isinstance(name, str):
            continue
        first = seen.setdefault(name.casefold(), resource)
        if first is not resource and first.spec.get("name") != name:
            message = f"{name!r} differs from the name of {first.address} in case only"
            yield resource, Finding(("name",), message, code="1025")


# 1026: the fields were not saved, and the call is to be made again.
_CREATED = replace(V2_ENTITY, name="new custom fields", again=frozenset({"1026"}))

CUSTOM_FIELD = Kind(
    name="CustomField",
    family="fields",
    doc="A field of the brand's own on registrations, transactions, stores and other entities.",
    pages=("create-a-custom-field", "get-custom-fields", "get-org-custom-fields"),
    dialect=V2_ENTITY,
    lists=(
        Listing(Route("GET", "/v2/org/customFields", admin=True)),
        # The other list alone shows options, and disabled fields, which still hold their names.
        Listing(
            Route(
                "GET",
                "/v2/organization/customFields",
                params={"includeDisabled": True, "includeDisabledAtServer": True},
                dialect=V2_DATA,
            )
        ),
    ),
    id="name",
    keys=(key_by("name", caseless=True),),
    create=Route("POST", "/v2/customFields", wrap=_wrapped, dialect=_CREATED, admin=True),
    created_id="",
    duplicate_codes=frozenset({"1025"}),
    bulk=Bulk(50, _together, _says_nothing, together=("scope",)),
    read=_read,
    service=Service("isDisabled", on=0),
    foreign=_unwritable,
    schema=obj_of(
        {
            "name": string(
                "Name, unique in the org over all scopes. The server cuts longer names at 20"
                " characters.",
                minLength=1,
                maxLength=20,
                pattern=r"^[^!@#$%/?.>]*$",
            ),
            "label": string("Text beside the field in the console and in clients.", default=""),
            "scope": folded(enum(*_SCOPES, doc="What carries the field.")),
            "type": folded(enum(*_TYPES, doc="How it is entered.")),
            "dataType": folded(
                enum("Boolean", "Integer", "Double", "String", doc="Type of its values.")
            ),
            "defaultValue": string("Value that clients begin with.", default=""),
            "options": blank(
                json_text(
                    map_of(string()),
                    "Choices of a select, radio or checkbox: shown text to value.",
                ),
                "",
            ),
            "value": unread(string("A value, answered as empty and never listed.", default="")),
            "phase": {
                "type": ["string", "integer"],
                "description": "Not in use.",
                "default": "1",
                "x-wire": "text",
            },
            "position": integer("Place in clients.", default=0),
            "rule": string("Expression that clients check.", default=""),
            "serverRule": string(
                "Expression that the server checks, with {{custom_field_name}} and"
                " {{custom_field_value}} in it.",
                default="",
            ),
            "regex": string("Pattern of its values.", default=""),
            "error": string("Message where the input is wrong.", default=""),
            "helptext": shows(string("Help beside the field.", default=""), None),
            "attrs": shows(string("Further attributes, as Label:Value.", default=""), None),
            "isDisabled": _flag("1 hides the field in clients."),
            "isCompulsory": _flag("1 makes clients demand a value."),
            "disableAtServer": _flag("1 takes the field out of service on the server."),
            "isUpdatable": _flag("1 lets clients change its value."),
            "enableAuditTrail": _flag(
                "1 keeps a history of its values; an org may have few such fields."
            ),
            "isPiiData": _flag("1 marks personally identifiable data."),
            "isPsiData": _flag("1 marks sensitive personal data."),
            "id": server_set(integer(), "Id of the field."),
            "orgId": server_set(integer(), "Id of the org."),
        },
        required=["name", "scope", "type", "dataType"],
    ),
    rules=(_advice,),
    caps=(
        Cap(
            _AUDITED,
            f"one audited field more than the {_AUDITED} that an org may have, unless its limit was"
            " raised (PRODUCT_CONF_ORG_AUDITABLE_CUSTOM_FIELDS_LIMIT)",
            counts=lambda spec: spec.get("enableAuditTrail") == 1,
            code="1023",
            severity="warning",
        ),
    ),
    project_rules=(_same_but_for_case,),
    no_update=(
        "custom fields can not be changed through the API, and keep their names even when they are"
        " disabled: change it in the console (Organization setup), make a new field with another"
        " name, or ask Capillary support"
    ),
    after=("OrgConfig",),
    notes=(
        "Create only: no call changes, disables or deletes a field. Capsync blocks such changes"
        " and never replaces a field.",
        "Some orgs let only an admin user create and list custom fields (error 91032): set"
        " `admin_auth` of the environment.",
        "Creates go out together, one call a scope, 50 fields at most (no limit is documented),"
        " and answer without ids, so that fields are looked up by name.",
        "Names that differ in case alone count as one: whether they have a case is not documented.",
        "Clients alone check defaultValue, position, isDisabled, isCompulsory and isUpdatable.",
        "A name may repeat in a parent and a child org.",
        "helptext and attrs are listed by one of the two lists, options by the other: both are"
        " read.",
        "Setting the value of a field on the org itself has a call that reads nothing back; it is"
        " not managed.",
    ),
)
