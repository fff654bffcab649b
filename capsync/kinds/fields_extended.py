"""Extended fields, which Capillary defines, and how an org shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from capsync.api.dialects import V2_ENTITY, V2_OBJECT
from capsync.fields import blank, boolean, folded, obj_of, ref, server_set, string
from capsync.kind import Check, Kind, Listing, Route, Verdict, key_by

Json = Any

_DAY = 24 * 3600.0


def _flat(body: Json) -> Json:
    """The fields of all entity types as one list; older answers spell the types in upper case."""
    types = V2_ENTITY.payload(body)
    if not isinstance(types, Mapping):
        return types
    return [
        {**field, "entityType": str(type_).lower()}
        for type_, fields in types.items()
        for field in fields or ()
    ]


EXTENDED_FIELD = Kind(
    name="ExtendedField",
    family="fields",
    doc="A field that Capillary defined for the org's vertical.",
    pages=("get-org-extended-fields",),
    dialect=replace(V2_ENTITY, name="extended fields", payload=_flat),
    lists=(Listing(Route("GET", "/v2/extendedFields")),),
    # Older answers show no ids; nothing can refer to those.
    absent=lambda raw: raw.get("id") is None,
    keys=(
        key_by("entityType", "name", caseless=True),
        key_by("name", enforced=False, caseless=True),
    ),
    reference_only=True,
    schema=obj_of(
        {
            "entityType": folded(
                string("What carries it, such as customer, transaction or lineitem.")
            ),
            "name": folded(string("Name, unique in its entity type; case does not count.")),
            "label": string("What people see, in English."),
            "dataType": string("Type of its values."),
        }
    ),
    notes=(
        "Extended fields are defined by Capillary after a support ticket; the API makes none.",
        "The header `language` would translate labels, so that capsync never sends it.",
    ),
)

_DEFAULTS: Mapping[str, Json] = {
    "hideDisplay": True,
    "mandatory": False,
    "updatable": True,
    "position": -1,
    "isPiiData": False,
    "isPsiData": False,
}


def _untouched(raw: Json) -> bool:
    """A field that nobody configured: the list shows the defaults of every extended field."""
    return raw.get("modifiedBy") in (None, -1) and all(
        raw.get(name, default) == default for name, default in _DEFAULTS.items()
    )


_PATH, _OLDER_PATH = "extended_field_config", "/v2/entity/extended_field_config"
_MARKS = ("isPiiData", "isPsiData")


def _older_path(check: Check) -> Iterable[Verdict]:
    """What the call at the older path leaves as it is, whatever it is sent."""
    if check.paths.get(_PATH) != _OLDER_PATH:
        return
    if changed := [name for name in _MARKS if check.changes(name)]:
        reason = f"{', '.join(changed)}: POST {_OLDER_PATH} does not take it: set it in the console"
        yield Verdict("warning", reason)


EXTENDED_FIELD_CONFIG = Kind(
    name="ExtendedFieldConfig",
    family="fields",
    doc="How an org shows and classifies an extended field.",
    pages=("configure-org-extended-field", "retrieve-extended-field-config-details"),
    dialect=V2_OBJECT,
    lists=(
        Listing(
            Route("GET", "/v2/entity/extendedFieldConfig", setting="extended_field_config_list")
        ),
    ),
    id="extendedFieldId",
    keys=(key_by("extendedFieldId"),),
    update=Route(
        "POST",
        "/v2/organization/entity/extended_field_config",
        whole=True,
        setting=_PATH,
        repeatable=True,
    ),
    no_create=(
        "the org shows no configuration of this extended field: extended fields are made by"
        " Capillary (a support ticket), and one made lately may take 24 hours to show up"
    ),
    foreign=_untouched,
    guard=_older_path,
    lag=_DAY,
    changed_by="modifiedBy",
    schema=obj_of(
        {
            "extendedFieldId": ref("ExtendedField", doc="The extended field."),
            "hideDisplay": boolean("Whether clients hide it; not in use so far.", default=True),
            "mandatory": boolean("Whether client apps demand a value.", default=False),
            "updatable": boolean("Whether Instore lets people change it.", default=True),
            "position": blank(
                {
                    "type": ["integer", "string"],
                    "description": "Place in client apps; an empty text, which is stored as 0, or"
                    " -1 for none.",
                    "maxLength": 0,
                    "default": -1,
                    "x-clear": "",
                },
                "",
                0,
            ),
            "isPiiData": boolean("Personally identifiable data.", default=False),
            "isPsiData": boolean("Sensitive personal data.", default=False),
            "fieldUpdatable": server_set(boolean(), "Set in the console only."),
            "computeEnabled": server_set(boolean(), "Set in the console only."),
            "rejectTxnOnInvalidValue": server_set(boolean(), "Set in the console only."),
            "auditTrailEnabled": server_set(boolean(), "Set in the console only."),
            "createdBy": server_set(
                {"type": ["integer", "string"]}, "Id of the user who created it."
            ),
            "createdOn": server_set(string(), "When it was created."),
            "modifiedBy": server_set(
                {"type": ["integer", "string"]}, "Id of the user who changed it last, -1 for none."
            ),
            "modifiedOn": server_set(string(), "When it was last changed."),
            "warnings": server_set({"type": "array"}, "Warnings of the read."),
        },
        required=["extendedFieldId", "hideDisplay"],
    ),
    notes=(
        "A configuration is never absent: the list shows the defaults of every extended field, and"
        " the one call changes them. It can not be removed, only set back.",
        "Reads are cached for up to 24 hours: for a day after capsync wrote a field, the value that"
        " was there before counts as not shown yet, and plans say so.",
        "Whether the call keeps what a body leaves out is not documented, so that the full set"
        " goes out each time.",
        "Older deployments take the call as POST /v2/entity/extended_field_config or POST"
        " /v2/org/extendedFields, without isPiiData and isPsiData: set"
        " `paths: {extended_field_config: ...}` of the environment;"
        " `extended_field_config_list` is the path of the list.",
        "Only client apps act on mandatory, updatable, position and hideDisplay.",
    ),
)
