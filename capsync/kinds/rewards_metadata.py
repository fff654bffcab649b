"""What rewards are described with: custom fields, rich content, groups, statuses, reminders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from capsync.api.dialects import BARE
from capsync.api.dialects import REWARDS as DIALECT
from capsync.fields import (
    Schema,
    blank,
    boolean,
    dated,
    enum,
    fixed,
    integer,
    oneway,
    only_if,
    server_set,
    set_of,
    string,
)
from capsync.kind import (
    Bulk,
    Cap,
    Check,
    Extra,
    Finding,
    Kind,
    Listing,
    NaturalKey,
    Retire,
    Route,
    Service,
    Verdict,
    key_by,
)
from capsync.kinds.rewards_parts import (
    GROUP_NAME_LENGTH,
    REWARDS,
    as_number,
    fields,
    pages,
    reading,
    renamed,
)
from capsync.model import Action, Resource, Spec

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
            yield Finding(("enumValues",), "are for dataType ENUM only")
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


# Groups

_GROUP = f"{REWARDS}/group"
_GROUP_FIELDS = fields(
    {
        "name": string(
            "Name, unique in the org; rewards know the group by it.",
            minLength=1,
            maxLength=GROUP_NAME_LENGTH,
        ),
        "rank": integer("Place among groups."),
        "isActive": boolean("Whether the group is in use.", default=True),
    },
    required=["name"],
)


def _rewards_of_group(check: Check) -> Sequence[Extra]:
    """The rewards in a group that is about to be renamed."""
    if not check.changes("name"):
        return ()
    route = Route(
        "GET",
        f"{REWARDS}/reward/list/brand/{{brand}}",
        params={"groupName": "{name}"},
        dialect=DIALECT,
    )
    return (Extra("rewards", route, rows="rewardList", paging=pages(100)),)


def _renamed_group(check: Check) -> Iterable[Verdict]:
    """A rename unlinks every reward: all have to be in the project, to be linked again."""
    linked: Sequence[Json] = check.probed.get("rewards") or ()
    if not check.changes("name") or not linked:
        return
    managed = check.managed_ids.get("Reward", frozenset())
    strange = [each for each in linked if str(each["id"]) not in managed]
    if strange:
        names = ", ".join(f"{each.get('name')} (id {each['id']})" for each in strange)
        reason = f"a rename takes every reward out of the group, and no manifest has {names}"
        yield Verdict("blocked", reason)
        return
    rewrite = tuple(("Reward", str(each["id"]), "groups") for each in linked)
    reason = f"the rename takes {len(linked)} rewards out of the group, which are put in again"
    yield Verdict("warning", reason, rewrite)


REWARD_GROUP = Kind(
    name="RewardGroup",
    family="rewards",
    doc="A group that rewards are shown in.",
    pages=(
        "create-group-reward",
        "update-group-reward",
        "get-group-rewards",
        "get-rewards-group-by-id",
    ),
    dialect=BARE,
    lists=(
        Listing(
            Route("GET", _GROUP, dialect=DIALECT),
            rows="groupRoList",
            paging=pages(100),
            # What the list shows without this filter is not documented.
            passes=({"active": True}, {"active": False}),
        ),
    ),
    keys=(key_by("name"),),
    read=reading(_GROUP_FIELDS),
    create=Route("POST", f"{_GROUP}/create", omit=_IS_ACTIVE),
    duplicate_codes=frozenset({"12012"}),
    update=Route("PUT", f"{_GROUP}/{{id}}", whole=True),
    retire=Retire("disable", sets={"isActive": False}),
    service=Service("isActive"),
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=_GROUP_FIELDS,
    probe=_rewards_of_group,
    guard=_renamed_group,
    notes=(
        "A rename (metadata.formerly) takes all rewards out of the group, since they know it by its"
        " name: it is planned only if the project has all of them, and links them again.",
        "isActive is taken by updates only.",
    ),
)


# Fulfillment statuses

_STATUS = f"{REWARDS}/fulfillmentStatus"
_STATUS_FIELDS = fields(
    {
        "name": string("Name of the status.", minLength=1, maxLength=255),
        "isEnabled": boolean("Whether it is in use.", default=True),
    },
    required=["name"],
)
_CLEARS = "disabling a status, which is the console's delete, clears it from old redemptions"


def _one(body: Json) -> Json:
    return [body]


def _all(bodies: Sequence[Json]) -> Json:
    return [each for body in bodies for each in body]


def _no_outcomes(_body: Json, _status: int, _sent: Sequence[Json]) -> None:
    """The answer has no ids and no word on each item: the list tells which are there."""


def _one_status(body: Json) -> Json:
    return [{**body, "id": as_number(body["id"]), "isEnabled": body.get("isEnabled", True)}]


def _clears_redemptions(check: Check) -> Iterable[Verdict]:
    if check.action is Action.UPDATE and any(
        each.after is False for each in check.changes("isEnabled")
    ):
        yield Verdict("irreversible", _CLEARS)


FULFILLMENT_STATUS = Kind(
    name="FulfillmentStatus",
    family="rewards",
    doc="A step on the way of a redeemed reward to the customer.",
    pages=(
        "create-fulfillment-status",
        "update-fulfillment-status",
        "get-fulfillment-status",
    ),
    dialect=BARE,
    lists=(Listing(Route("GET", _STATUS)),),
    keys=(key_by("name", enforced=False),),
    read=reading(_STATUS_FIELDS),
    create=Route("POST", _STATUS, wrap=_one, omit=frozenset({"isEnabled"})),
    created_id="",
    update=Route("PUT", _STATUS, wrap=_one_status, whole=True, id_member="id"),
    bulk=Bulk(50, _all, _no_outcomes),
    retire=Retire("disable", sets={"isEnabled": False}, reversible=False),
    service=Service("isEnabled"),
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=_STATUS_FIELDS,
    guard=_clears_redemptions,
    notes=(
        f"There is no delete: {_CLEARS}, so that it counts as irreversible.",
        "Whether names are unique is not documented: several live ones of one name are an error.",
    ),
)


# Reminders of expiry

_REMINDER = f"{REWARDS}/reward/expiryReminder"
_REMINDER_TIME = "16:00"
_MOST_REMINDERS = 20
_REMINDER_FIELDS: Schema = fields(
    {
        "duration": integer("Days before the end of a reward; 0 is the day of the end.", minimum=0),
        "timing": string(
            "Time of the day on the server, HH:MM.",
            pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
            default=_REMINDER_TIME,
            **{"x-clear": _REMINDER_TIME},
        ),
        "isActive": boolean("Whether it is sent.", default=True),
        "durationType": server_set(string(), "Unit of duration, always DAYS."),
        "cronTaskId": server_set(integer(), "Internal id."),
    },
    required=["duration"],
)


def _reminder_key(spec: Spec) -> tuple[str, ...] | None:
    duration = spec.get("duration")
    return None if duration is None else (str(duration), spec.get("timing") or _REMINDER_TIME)


def _many_reminders(resources: Sequence[Resource]) -> Iterable[tuple[Resource, Finding]]:
    active = [each for each in resources if each.spec.get("isActive") is not False]
    for resource in active[_MOST_REMINDERS:]:
        message = f"the console takes {_MOST_REMINDERS} active reminders; the API may refuse more"
        yield resource, Finding((), message, severity="warning")


EXPIRY_REMINDER = Kind(
    name="ExpiryReminder",
    family="rewards",
    doc="A notice that is sent some days before a reward ends.",
    pages=(
        "create-reward-expiry-reminder",
        "update-reward-expiry-reminder",
        "get-reward-expiry-reminder",
    ),
    dialect=DIALECT,
    lists=(
        Listing(
            Route("GET", _REMINDER),
            rows="rewardExpiryReminder",
            paging=pages(100),
            passes=({"filter": "ACTIVE"}, {"filter": "INACTIVE"}),
        ),
    ),
    keys=(NaturalKey("duration + timing", _reminder_key, enforced=False),),
    read=reading(_REMINDER_FIELDS),
    create=Route("POST", _REMINDER, omit=_IS_ACTIVE),
    created_id="rewardExpiryReminder.id",
    update=Route("PUT", f"{_REMINDER}/{{id}}", whole=True),
    retire=Retire("disable", sets={"isActive": False}),
    service=Service("isActive"),
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=_REMINDER_FIELDS,
    project_rules=(_many_reminders,),
    after=("RewardsConfig",),
    notes=(
        "Two reminders of one duration and time are possible: several live ones are an error.",
        "An update without timing would set it back to 16:00: capsync always sends it.",
        "Notices are sent only while CONF_SEND_REWARD_EXPIRY_NOTIFICATION_ENABLED is on"
        " (RewardsConfig).",
    ),
)
