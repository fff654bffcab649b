"""Behavioral events: what customers do elsewhere, posted to the org as events of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from capsync.api.dialects import V2_DATA
from capsync.fields import boolean, enum, integer, obj, obj_of, server_set, set_of, string
from capsync.kind import (
    Cap,
    Check,
    Finding,
    Kind,
    Listing,
    Retire,
    Route,
    Task,
    Trail,
    Verdict,
    Write,
    key_by,
)
from capsync.kinds.events_fields import (
    FIELDS,
    IDENTIFIERS,
    OF_TYPES,
    SENSITIVE,
    SOURCES,
    attribute,
    restated,
    sent_fields,
    spelled,
)
from capsync.model import Action, Path, Spec

Json = Any

EVENTS = "/v2/events"
_META = "clickEventsMeta"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]+")
_ON_EVERY_EVENT = ("eventDateTime", "storeUnitID")
_ACTIVE = 10
_DISABLE = f"{EVENTS}/disable"
_RETIRE = Retire(
    "disable",
    Route("PUT", _DISABLE, params={"event_name": "{eventName}"}),
    reversible=False,
)
_FOR_GOOD = (
    "Disabling is for good: an event can not be enabled again. Whether its name is free afterwards,"
    " and whether lists still show it, is not documented."
)


def _history(rows: Json) -> Iterable[tuple[Json, str]]:
    """Each change of a definition. The log names no user, only requests."""
    for row in rows if isinstance(rows, list) else ():
        # The value before comes along; a row's own change is its last one.
        for value in (row.get("valueHistory") or [])[-1:]:
            yield value.get("changedOn"), f"request {row.get('requestId') or '?'}"


_TRAIL = Trail(Route("GET", f"{EVENTS}/audit_logs", params={"eventName": "{eventName}"}), _history)


def _meta(raw: Json) -> Mapping[str, Json]:
    meta: Mapping[str, Json] = raw.get(_META) or {}
    return meta


def _is_standard(raw: Json) -> bool:
    return bool(_meta(raw).get("standardEvent"))


def _read(raw: Json) -> dict[str, Json]:
    """An event in the shape of a spec; `date` is the time of the read and says nothing."""
    meta = _meta(raw)
    return {
        name: meta[name]
        for name in ("eventName", "description", "actions", "fields")
        if meta.get(name) is not None
    }


def _writes(task: Task) -> Sequence[Write]:
    """The calls of a change. Create and update take the same body, whole."""
    if task.action is Action.RETIRE:
        name = (task.spec or {}).get("eventName")
        return (Write("disable", "PUT", _DISABLE, params={"event_name": name}),)
    if task.action is Action.CREATE:
        return (Write("create", "POST", EVENTS, body=_body(task), creates=True),)
    body = _body(task)
    # The console's display name: requests do not document it, and a replaced event loses it else.
    if label := _meta(task.live).get("label"):
        body["label"] = label
    return (Write("update", "PUT", EVENTS, body=body),)


def _body(task: Task) -> dict[str, Json]:
    body = dict(task.body)
    live = (task.spec or {}).get("fields") or []
    if isinstance(fields := body.get("fields"), list):
        is_managed = "fields" in task.desired
        body["fields"] = sent_fields(fields, live) if is_managed else restated(live)
    return body


# Rules


def _names(spec: Spec) -> Iterable[Finding]:
    name = spec.get("eventName")
    if isinstance(name, str) and not _PLAIN_NAME.fullmatch(name):
        message = "has more than letters, digits and underscores: no such event can be created"
        yield Finding(("eventName",), message, code="1811", severity="warning")
    elif isinstance(name, str) and "__" in name:
        message = "has two underscores in a row, which is how the console writes a space"
        yield Finding(("eventName",), message, severity="warning")


def _fields(spec: Spec) -> Iterable[Finding]:
    fields = [each for each in spec.get("fields") or () if isinstance(each, Mapping)]
    if "fields" in spec and spec["fields"] is not None:
        customers = sum(spelled(each.get("type")) == "customer" for each in fields)
        if customers != 1:
            message = f"needs one field of type customer, and has {customers or 'none'}"
            yield Finding(("fields",), message, code="1823")
    for place, field in enumerate(spec.get("fields") or ()):
        if isinstance(field, Mapping):
            yield from _field(field, ("fields", place))


def _field(field: Mapping[str, Json], path: Path) -> Iterable[Finding]:
    if field.get("name") in _ON_EVERY_EVENT:
        yield Finding((*path, "name"), "is on every event: leave it out")
    unique = attribute(field, "isUniqueKeyField") == "true"
    if unique and attribute(field, "isRequired") == "false":
        at = (*path, "attributes", "isUniqueKeyField")
        yield Finding(at, "true needs isRequired true", code="1802")
    if attribute(field, "isPsiData") == "true" and spelled(field.get("type")) not in SENSITIVE:
        at = (*path, "attributes", "isPsiData")
        yield Finding(at, f"is for {', '.join(SENSITIVE)} only", code="1802")
    yield from _strange_attributes(field, path)
    for name, known in (("identifierType", IDENTIFIERS), ("source", SOURCES)):
        value = attribute(field, name)
        if value is not None and value not in {each.lower() for each in known}:
            at = (*path, "attributes", name)
            yield Finding(at, "is none of the documented values", code="1802", severity="warning")


def _strange_attributes(field: Mapping[str, Json], path: Path) -> Iterable[Finding]:
    """Attributes that fields of the type do not have in any documented answer."""
    type_ = spelled(field.get("type"))
    for name in field.get("attributes") or {}:
        if name in ("isRequired", "isPsiData") or type_ in OF_TYPES.get(name, ()):
            continue
        message = f"is no documented attribute of fields of type {type_}: the service may drop it"
        yield Finding((*path, "attributes", name), message, severity="warning")


# Guards


def _guard(check: Check) -> Iterable[Verdict]:
    if check.action is Action.CREATE:
        yield from _on_create(check)
        return
    yield from _unique_keys(check)
    if _meta(check.raw).get("status") != "PUBLISHED":
        return
    if check.changes("fields"):
        reason = (
            "fields: the event is published, which freezes its fields: make a new event with"
            " another name"
        )
        yield Verdict("blocked", reason)
    elif check.fields:
        reason = "the event is published: whether the API still takes an update is not documented"
        yield Verdict("warning", reason)


def _on_create(check: Check) -> Iterable[Verdict]:
    name = str(check.desired.get("eventName"))
    if not _PLAIN_NAME.fullmatch(name):
        reason = (
            f"eventName {name!r}: names have letters, digits and underscores only (API error 1811)"
        )
        yield Verdict("blocked", reason)
    if not check.desired.get("fields"):
        yield Verdict("blocked", "fields: an event needs one field of type customer")


def _unique_keys(check: Check) -> Iterable[Verdict]:
    """Unique keys are for good, be it of a field that is there or of one that is added."""
    for change in check.changes("fields"):
        at = f"fields[{change.path[1]}].attributes.isUniqueKeyField"
        if change.path[-2:] == ("isUniqueKeyField", "value") and _text(change.before) == "true":
            reason = f"{at} can not be set back from true: make a new event with another name"
            yield Verdict("blocked", reason)
        added = change.after if len(change.path) == 2 else None
        if isinstance(added, Mapping) and attribute(added, "isUniqueKeyField") == "true":
            yield Verdict("irreversible", f"{at} can not be set back from 'true'")


def _text(value: Json) -> str:
    return str(value).lower()


_SERVER_SET = {
    "eventId": server_set(string(), "Id of the event."),
    "eventType": server_set(string(), "Derived from the types of the fields."),
    "label": server_set(string(), "Display name, set in the console; updates send it back."),
    "orgId": server_set(integer(), "Id of the org."),
    "status": server_set(string(), "PUBLISHED or UNPUBLISHED; publishing is for the console."),
    "testStatus": server_set(string(), "Whether a test event was seen."),
    "standardEvent": server_set(boolean(), "Whether the platform defines it."),
    "connectedOrgContext": server_set({"type": "object"}, "Context of connected orgs."),
    "date": server_set(integer(), "The time of the read."),
}

BEHAVIORAL_EVENT = Kind(
    name="BehavioralEvent",
    family="events",
    doc="An event of the brand's own: what it is called, what it carries, who consumes it.",
    pages=("create-event-custom-be", "update-event-custom", "get-org-all-events", "disable-event"),
    dialect=V2_DATA,
    lists=(Listing(Route("GET", EVENTS)),),
    trail=_TRAIL,
    id=f"{_META}.eventId",
    absent=_is_standard,
    read=_read,
    keys=(key_by("eventName"),),
    create=Route("POST", EVENTS),
    created_id="",
    duplicate_codes=frozenset({"1806"}),
    update=Route("PUT", EVENTS, whole=True),
    writer=_writes,
    retire=_RETIRE,
    schema=obj_of(
        {
            "eventName": string(
                "Name: letters, digits and underscores, never changed.", minLength=1
            )
            | {"x-fixed": "make a new event; disabling the old one is for good"},
            "description": string("What the event says.", default="", **{"x-clear": ""}),
            "actions": set_of(
                enum(
                    "EMFConsumer",
                    "EIConsumer",
                    doc="EMFConsumer: loyalty, vouchers, messages. EIConsumer: insights.",
                ),
                "Who consumes the event.",
                minItems=1,
            ),
            "fields": FIELDS,
            **_SERVER_SET,
        },
        required=["eventName", "actions"],
    ),
    rules=(_names, _fields),
    caps=(
        Cap(
            _ACTIVE,
            f"one event more than the {_ACTIVE} active (published) ones that an org may have",
            severity="warning",
        ),
    ),
    guard=_guard,
    notes=(
        "Events are made unpublished, and tested and published in the console: no call does it.",
        "Publishing freezes the fields: a change of them is blocked from then on.",
        _FOR_GOOD,
        "An update replaces the event: fields left out are removed, but attributes that a manifest"
        " leaves out keep what the org has.",
        "isUniqueKeyField can not be set back; setting it counts as irreversible.",
        "How soon a created event can be read is not documented: it is looked up a few times.",
        "How requests spell enum, date, boolean, integer and currencyCode is not documented.",
    ),
)


# Standard events

_CATALOGUE = (
    "ProductRemovedFromCart",
    "CustomerLoggedOut",
    "ProductAddedToCart",
    "CustomerRegistered",
    "CategoryViewed",
    "ProductViewed",
    "CustomerLoggedIn",
    "CouponApplied",
    "ProductSearched",
    "CouponDenied",
    "AppInstalled",
    "AppUninstalled",
)


def _no_body(_spec: Json) -> Json:
    return None


def _known(spec: Spec) -> Iterable[Finding]:
    if spec.get("eventName") not in _CATALOGUE:
        message = f"is none of the standard events: {', '.join(_CATALOGUE)}"
        yield Finding(("eventName",), message, severity="warning")


STANDARD_EVENT = Kind(
    name="StandardEvent",
    family="events",
    doc="An event that the platform defines, enabled for the org.",
    pages=("events (legacy)", "disable-event"),
    dialect=V2_DATA,
    lists=(Listing(Route("GET", EVENTS)),),
    trail=_TRAIL,
    id=f"{_META}.eventId",
    absent=lambda raw: not _is_standard(raw),
    read=lambda raw: {"eventName": _meta(raw).get("eventName")},
    keys=(key_by("eventName"),),
    create=Route(
        "POST",
        f"{EVENTS}/standard_events/enable",
        params={"event_name": "{eventName}"},
        wrap=_no_body,
    ),
    created_id="",
    retire=_RETIRE,
    schema=obj(
        required=["eventName"],
        eventName=string("Name of the standard event.", minLength=1),
    ),
    rules=(_known,),
    no_update=(
        "a standard event is enabled or not: declare the other one in a manifest of its own"
    ),
    notes=(
        "Standard fields can not be edited. Custom ones may be added in the console before the"
        " event is published; how the API does that is not documented, so that fields are not"
        " managed.",
        _FOR_GOOD,
    ),
)
