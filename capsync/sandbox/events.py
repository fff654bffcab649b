"""Behavioral events: custom definitions, standard ones, their lists and history."""

from __future__ import annotations

import re
from hashlib import md5
from typing import Any
from uuid import UUID

import orjson

from capsync.sandbox.events_adapters import saved_mappings, shown_mappings
from capsync.sandbox.events_catalogue import STANDARD
from capsync.sandbox.events_fields import (
    complete_fields,
    event_refusal,
    loses_unique_key,
    same_fields,
)
from capsync.sandbox.fields_answers import body_object, iso_seconds
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

Json = Any
Event = dict[str, Json]

routes = Routes()

EVENTS = "events"  # by eventName; a disabled one stays, so that its name stays taken
_HISTORY = "event-history"

_ACTIONS = frozenset({"EMFConsumer", "EIConsumer"})
# Spaces are against the naming rule, yet the API stores them (api notes: events, "Custom event").
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ ]*")
_MOST_PUBLISHED = 10


@routes("POST", "/v2/events")
def create_event(request: Request) -> Reply:
    """Create an unpublished event; the answer says nothing about it.

    The name of a disabled event counts as taken: whether it can be used again is not said.
    """
    asked = body_object(request)
    name, actions = _name(asked), _actions(asked)
    if request.store.get(EVENTS, name) is not None:
        raise event_refusal(1806, f"Event {name} exists already")
    fields = complete_fields(asked.get("fields"))
    event = {
        **_new(request.store, request.org_id, name),
        "eventType": _event_type(fields),
        "actions": actions,
        "fields": fields,
        **_described(asked),
    }
    _keep(request, event, "CREATE")
    return _DONE


@routes("PUT", "/v2/events")
def replace_event(request: Request) -> Reply:
    """Replace description, actions and fields of the event that the body names.

    What the API answers for a published event is not said: here changed fields are error 1823.
    """
    asked = body_object(request)
    event = _known(request.store, _name(asked))
    actions = _actions(asked)
    fields = _replaced(event, asked.get("fields"))
    if event["status"] == "PUBLISHED":
        if not same_fields(fields, event["fields"]):
            raise event_refusal(1823, "Fields of a published event can not be changed")
        fields = event["fields"]
    # The derived type and the console's label are gone after a PUT, as documented lists show.
    left = {k: v for k, v in event.items() if k not in ("eventType", "label", "description")}
    _keep(request, {**left, "actions": actions, "fields": fields, **_described(asked)}, "UPDATE")
    return _DONE


@routes("GET", "/v2/events")
def list_events(request: Request) -> Reply:
    """Every event that was not disabled, by id; `date` is the time of this call."""
    wanted = {"eventName": request.get("eventName"), "eventId": request.get("id")}
    mappings = saved_mappings(request.store)
    found = [
        _shown(request, event, mappings)
        for event in sorted(request.store.all(EVENTS), key=lambda event: str(event["eventId"]))
        if not event["disabled"]
        if all(value in (None, event[key]) for key, value in wanted.items())
    ]
    return Reply({"data": found, "warnings": [], "errors": []})


@routes("GET", "/v2/events/meta")
def read_event(request: Request) -> Reply:
    """One event by name, without an envelope."""
    event = _known(request.store, request.get("event_name") or "")
    shown = _shown(request, event, saved_mappings(request.store))
    return Reply({**shown, "warnings": []})


@routes("PUT", "/v2/events/disable")
def disable_event(request: Request) -> Reply:
    """Disable an event for good: it leaves the lists."""
    event = _known(request.store, request.get("event_name") or "")
    _keep(request, {**event, "disabled": True}, "DISABLE")
    return _DONE


@routes("GET", "/v2/events/standard_events_meta")
def list_standard_events(request: Request) -> Reply:  # noqa: ARG001
    """The catalogue of standard events, in the shape of 2019."""
    return Reply({"data": list(STANDARD.values()), "warnings": [], "errors": []})


@routes("POST", "/v2/events/standard_events/enable")
def enable_standard_event(request: Request) -> Reply:
    """Enable a standard event, unpublished."""
    name = request.get("event_name") or ""
    if name not in STANDARD:
        raise event_refusal(1811, f"Invalid event name {name}")
    if request.store.get(EVENTS, name) is not None:
        raise event_refusal(1806, f"Event {name} exists already")
    _keep(request, _standard(request.store, request.org_id, name), "CREATE")
    return _DONE


@routes("GET", "/v2/events/audit_logs")
def list_history(request: Request) -> Reply:
    """What happened to one definition, oldest first."""
    name = request.get("eventName")
    if not name:
        raise event_refusal(1811, "Invalid event name")
    kept = request.store.get(_HISTORY, name) or []
    return Reply({"data": kept, "warnings": [], "errors": []})


@routes("GET", "/v2/events/running_status")
def read_running_status(request: Request) -> Reply:
    """The state of a posted event; nothing is ever posted here."""
    state = {"id": request.get("eventId"), "orgId": request.org_id, "eventName": ""}
    return Reply({**state, "stateList": [], "warnings": []})


def publish_event(store: Store, name: str) -> None:
    """Do what only the console can: verify and publish an event, which freezes its fields.

    Raises ValueError where ten events are published already.
    """
    event = _known(store, name)
    published = [e for e in store.all(EVENTS) if e["status"] == "PUBLISHED" and not e["disabled"]]
    if len(published) >= _MOST_PUBLISHED:
        raise ValueError(f"{_MOST_PUBLISHED} events are published already")
    store.put(EVENTS, name, {**event, "status": "PUBLISHED", "testStatus": "VERIFIED"})


_DONE = Reply({"warnings": [], "errors": []})


def _name(asked: dict[str, Json]) -> str:
    name = asked.get("eventName")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise event_refusal(1811, "Invalid event name")
    return name


def _actions(asked: dict[str, Json]) -> list[str]:
    actions = asked.get("actions")
    if not isinstance(actions, list) or not actions or not _ACTIONS.issuperset(map(str, actions)):
        raise event_refusal(1810, "Invalid actions")
    return actions


def _described(asked: dict[str, Json]) -> dict[str, Json]:
    # A label in the request is not kept: only the console sets it.
    description = asked.get("description")
    return {} if description is None else {"description": description}


def _known(store: Store, name: str) -> Event:
    # What the API says to an unknown name is not shown; 1811 is its code for a wrong one.
    event: Event | None = store.get(EVENTS, name)
    if event is None or event["disabled"]:
        raise event_refusal(1811, f"Invalid event name {name}")
    return event


def _replaced(event: Event, sent: Json) -> list[dict[str, Json]]:
    """The new fields; those that a standard event came with stay as they are."""
    fields = complete_fields(sent)
    fixed = {field["name"]: field for field in event["fields"] if field.get("standardField")}
    own = [field for field in fields if field["name"] not in fixed]
    resent = [field for field in fields if field["name"] in fixed]
    if not same_fields(resent, [fixed[field["name"]] for field in resent]):
        raise event_refusal(1823, "Fields of a standard event can not be changed")
    if loses_unique_key(event["fields"], fields):
        raise event_refusal(1802, "Invalid attribute isUniqueKeyField: it can not be taken back")
    return [*fixed.values(), *own]


def _event_type(fields: list[dict[str, Json]]) -> str:
    types = {field["type"] for field in fields}
    if "COUPONCODE" in types:
        return "COUPONEVENT"
    return "PRODUCTEVENT" if any(kind.startswith("PRODUCT") for kind in types) else "USEREVENT"


def _new(store: Store, org_id: int, name: str) -> Event:
    number = store.next("event")
    digest = md5(f"{org_id}:{number}:{name}".encode(), usedforsecurity=False)
    return {
        "eventId": digest.hexdigest(),
        "eventName": name,
        "status": "UNPUBLISHED",
        "testStatus": "NOT_VERIFIED",
        "standardEvent": False,
        "disabled": False,
    }


def _standard(store: Store, org_id: int, name: str) -> Event:
    meta = STANDARD[name]["standardClickEventsMeta"]
    fields = [{**field, "standardField": True} for field in complete_fields(meta["fields"])]
    shown = {key: meta[key] for key in ("label", "description", "actions")}
    new = {**_new(store, org_id, name), "standardEvent": True, "fields": fields}
    return {**new, **shown, "eventType": _event_type(fields)}


def _shown(request: Request, event: Event, saved: dict[str, dict[str, Json]]) -> dict[str, Json]:
    meta = {key: value for key, value in event.items() if key != "disabled"}
    meta |= {
        "orgId": request.org_id,
        "connectedOrgContext": {"orgType": "STANDARD_ORG"},
        # Documented lists carry one time on every event: that of the call.
        "date": int(request.now * 1000),
    }
    mappings = shown_mappings(saved, event["eventName"], event["fields"])
    return {"clickEventsMeta": meta, "transformerMappings": mappings}


def _keep(request: Request, event: Event, what: str) -> None:
    name = event["eventName"]
    request.store.put(EVENTS, name, event)
    history = request.store.get(_HISTORY, name) or []
    entry = request.store.next("event-history")
    now = {"value": orjson.dumps(event).decode(), "changedOn": iso_seconds(request.now)}
    before = [] if not history else history[-1]["valueHistory"][-1:]
    logged = {
        "id": f"{entry:024x}",
        "orgId": request.org_id,
        "valueHistory": [*before, now],
        "updatedType": what,
        "requestId": str(UUID(int=entry)),
        "eventName": name,
    }
    request.store.put(_HISTORY, name, [*history, logged])


def seed(store: Store, org_id: int, now: float) -> None:  # noqa: ARG001
    """A standard event in use."""
    _put_published(store, _standard(store, org_id, "CustomerLoggedIn"))


def seed_console(store: Store, org_id: int, now: float) -> None:  # noqa: ARG001
    """An event that a console made and published."""
    optional = {"isRequired": {"value": "false", "valueType": "BOOLEAN"}}
    sent = [
        {"name": "customer", "type": "customer"},
        {"name": "till", "type": "tillCode", "attributes": optional},
        {"name": "score", "type": "double", "attributes": optional},
    ]
    survey = {
        **_new(store, org_id, "survey_answered"),
        "eventType": "USEREVENT",
        "actions": ["EMFConsumer", "EIConsumer"],
        "fields": complete_fields(sent),
        **{"label": "Survey answered", "description": "A customer answered a survey"},
    }
    _put_published(store, survey)


def _put_published(store: Store, event: Json) -> None:
    store.put(EVENTS, event["eventName"], event)
    publish_event(store, event["eventName"])
