"""What rewards are described with: custom fields and rich content."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from capsync.api.dialects import BARE
from capsync.fields import blank, boolean, dated, enum, fixed, oneway, only_if, set_of, string
from capsync.kind import Cap, Check, Finding, Kind, Listing, Retire, Route, Service, Verdict, key_by
from capsync.kinds.rewards_parts import REWARDS, fields, pages, reading, renamed
from capsync.model import Spec

Json = Any

_IS_ACTIVE = frozenset({"isActive"})


def _is_on(name: str) -> Any:
    return lambda spec: spec.get(name) is not False


# Custom fields

SCOPES = ("REWARD", "ISSUE_REWARD", "CATALOGUE_PROMOTION")
_FIELD = f"{REWARDS}/brand/customfield"
_ENUM_CHARACTERS = re.compile(r"[A-Za-z0-9\[\]()\-_ ]+")
_MOST_ENUM_VALUES, _LONGEST_ENUM_VALUE = 30, 80
_NEW_FIELD = "disable this field for good and make a new one"

_CUSTOM_FIELD_FIELDS = fields(
    {
        "name": string("Name, unique among the active fields of its scope.", maxLength=255)
        | {"minLength": 1},
        "description": blank(string("What it is for; an empty text where it is left out."), ""),
        "isMandatory": boolean(
            "Whether every object has it: those that leave it out get its default.", default=False
        ),
        "isActive": oneway(
            boolean("Whether it is in use; a disabled field never comes back.", default=True), False
        ),
        "scope": fixed(enum(*SCOPES, doc="What carries the field."), _NEW_FIELD),
        "defaultValue": dated(
            string("Default, a text for every type; needed for ENUM and for mandatory fields.")
        ),
        "dataType": fixed(
            enum("BOOLEAN", "ENUM", "DATE", "STRING", "INTEGER", doc="Type of its values."),
            _NEW_FIELD,
        ),
        "enumValues": only_if(
            set_of(string(), "With ENUM: the values it may have, 1 to 30."), "dataType", "ENUM"
        ),
    },
    required=["name", "scope", "dataType"],
)


def _enum_values(spec: Spec) -> Iterable[Finding]:
    if spec.get("dataType") != "ENUM":
        if spec.get("enumValues"):
            message = "are for dataType ENUM only: neither sent nor compared"
            yield Finding(("enumValues",), message, severity="warning", hint="remove them")
        return
    values, path = spec.get("enumValues") or [], ("enumValues",)
    if not 1 <= len(values) <= _MOST_ENUM_VALUES:
        yield Finding(path, f"needs 1 to {_MOST_ENUM_VALUES} values", code="400")
    if len(set(values)) < len(values):
        yield Finding(path, "holds a value twice", code="3029")
    for place, value in enumerate(values):
        yield from _enum_value((*path, place), value)
    default = spec.get("defaultValue")
    if default is None:
        yield Finding(("defaultValue",), "is needed with dataType ENUM", code="400")
    elif default not in values:
        yield Finding(("defaultValue",), "is not one of enumValues", code="3025")


def _enum_value(path: tuple[str | int, ...], value: str) -> Iterable[Finding]:
    if not value:
        yield Finding(path, "is empty", code="3030")
    elif len(value) > _LONGEST_ENUM_VALUE:
        message = f"has {len(value)} characters, {_LONGEST_ENUM_VALUE} are allowed"
        yield Finding(path, message, code="3028")
    elif not _ENUM_CHARACTERS.fullmatch(value):
        hint = "letters, digits, spaces and []()-_ are allowed"
        yield Finding(path, "holds a character that is not allowed", code="3024", hint=hint)


def _mandatory_default(spec: Spec) -> Iterable[Finding]:
    if spec.get("isMandatory") is True and spec.get("defaultValue") is None:
        yield Finding(("defaultValue",), "is needed with isMandatory true", code="400")


def _described(body: Json) -> Json:
    """The body with a description, which the API wants even if it is empty."""
    return {**body, "description": body.get("description") or ""}


def _field_guard(check: Check) -> Iterable[Verdict]:
    return renamed(check, "rewards, promotions and redemptions")


REWARD_CUSTOM_FIELD = Kind(
    name="RewardCustomField",
    family="rewards",
    doc="A field of one's own that rewards, issued rewards or catalog promotions carry.",
    pages=("post-create-custom-field", "update-custom-field", "get-custom-field"),
    dialect=BARE,
    lists=(Listing(Route("GET", _FIELD), passes=tuple({"scope": scope} for scope in SCOPES)),),
    keys=(key_by("scope", "name"),),
    title="name",
    read=reading(_CUSTOM_FIELD_FIELDS),
    create=Route("POST", _FIELD, wrap=_described, omit=_IS_ACTIVE),
    update=Route("PUT", f"{_FIELD}/{{id}}", wrap=_described, whole=True),
    retire=Retire("disable", sets={"isActive": False}, reversible=False),
    frees_key=True,
    service=Service("isActive", final=True),
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=_CUSTOM_FIELD_FIELDS,
    rules=(_enum_values, _mandatory_default),
    caps=(
        Cap(
            10,
            "at most 10 custom fields of scope ISSUE_REWARD are allowed",
            counts=lambda spec: spec.get("scope") == "ISSUE_REWARD" and _is_on("isActive")(spec),
            code="3022",
        ),
    ),
    guard=_field_guard,
    notes=(
        "A disabled field can not be enabled again, its values are lost and reads do not show it:"
        " it counts as absent, and its name may be given to a new field.",
        "Rewards without a value of a mandatory field show its default: that is no drift.",
        "That scope and dataType can not be changed is not documented; no example changes them.",
    ),
)


# Rich content

_RICH = f"{REWARDS}/brand/richContentMeta"
_RICH_FIELDS = fields(
    {
        "name": string("Name, which rewards know it by.", minLength=1, maxLength=256),
        "description": blank(string("What it is for.", maxLength=256), ""),
        "isMandatory": boolean("Whether rewards have to have it."),
        "isActive": boolean("Whether it is in use.", default=True),
        "scope": enum("REWARD", doc="What carries it."),
        "defaultValue": blank(
            string("What rewards show that write nothing; needed if it is mandatory."), ""
        )
        | {"maxLength": 50_000},
    },
    required=["name", "isMandatory", "scope"],
)


def _rich_guard(check: Check) -> Iterable[Verdict]:
    return renamed(check, "rewards")


RICH_CONTENT = Kind(
    name="RichContent",
    family="rewards",
    doc="A block of rich text that rewards have in every language, such as `how-to-use`.",
    pages=(
        "create-rich-content-meta",
        "update-rich-content",
        "get-all-rich-text-content-metadata-for-brand",
    ),
    dialect=BARE,
    lists=(
        Listing(
            Route("GET", _RICH),
            rows="richContentMetaROS",
            paging=pages(50),
            passes=({"status": "ACTIVE"}, {"status": "INACTIVE"}),
        ),
    ),
    keys=(key_by("name", enforced=False),),
    read=reading(_RICH_FIELDS),
    create=Route("POST", _RICH, omit=_IS_ACTIVE),
    update=Route("PUT", f"{_RICH}/{{id}}", whole=True),
    retire=Retire("disable", sets={"isActive": False}),
    service=Service("isActive"),
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=_RICH_FIELDS,
    rules=(_mandatory_default,),
    caps=(Cap(20, "at most 20 rich contents are allowed in an org", counts=_is_on("isActive")),),
    guard=_rich_guard,
    notes=(
        "The limit is 20 an org; whether disabled ones count is not documented, so that only active"
        " ones are counted.",
        "Rewards show the defaults of all rich contents in every language: capsync compares the"
        " ones that a manifest writes.",
        "What an equal name means is not documented: several live ones of one name are an error.",
    ),
)
