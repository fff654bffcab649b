"""The way of a redeemed reward to the customer, and reminders before a reward ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from capsync.api.dialects import BARE
from capsync.api.dialects import REWARDS as DIALECT
from capsync.fields import Schema, boolean, integer, server_set, string
from capsync.kind import (
    Bulk,
    Check,
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
from capsync.kinds.rewards_parts import REWARDS, as_number, fields, pages, reading
from capsync.model import Action, Resource, Spec

Json = Any

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
    create=Route("POST", _REMINDER, omit=frozenset({"isActive"})),
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
