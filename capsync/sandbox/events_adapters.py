"""Transformers: the adapters on offer, and which source events and fields are mapped to which."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.events_fields import CHOICES, TYPES, event_refusal
from capsync.sandbox.fields_answers import bad_request, text
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

MAPPINGS = "event-mappings"  # by transformer in lower case: {"events": {name: mapping}}

_ADAPTERS = {
    "DefaultTransformer": "Default Transformer Mapping",
    "WebEngageTransformer": "WebEngage Transformer",
}
# Requests and answers spell them differently; here in lower case, with the key of the answer.
_TRANSFORMERS = {
    "defaulttransformer": "defaultTransformerMapping",
    "webengagetransformer": "webEngageTransformerMapping",
}


@routes("GET", "/v2/events/adapters_meta")
def list_adapters(request: Request) -> Reply:  # noqa: ARG001
    """The transformers on offer."""
    data = [{"name": name, "label": label} for name, label in _ADAPTERS.items()]
    return Reply({"data": data, "warnings": [], "errors": []})


@routes("GET", "/v2/events/meta_fields")
def list_meta_fields(request: Request) -> Reply:  # noqa: ARG001
    """Field types with their attributes."""
    data = [_meta_field(kind) for kind in TYPES]
    return Reply({"data": data, "warnings": [], "errors": []})


@routes("POST", "/v2/events/adapter_mapping")
def map_events(request: Request) -> Reply:
    """Save the mapping of one transformer.

    What happens to events that a call leaves out is not said: here they lose their mapping.
    Event names are not checked.
    """
    asked = request.json()
    asked = asked if isinstance(asked, dict) else {}
    transformer = str(asked.get("transformerType")).lower()
    if transformer not in _TRANSFORMERS:
        raise event_refusal(1808, "Transformer not present")
    mapped = _default(asked) if transformer == "defaulttransformer" else _web_engage(asked)
    request.store.put(MAPPINGS, transformer, {"events": mapped})
    return Reply({"warnings": [], "errors": []})


def saved_mappings(store: Store) -> dict[str, dict[str, Json]]:
    """What every transformer maps: its key in answers -> event name -> mapping."""
    return {
        key: (store.get(MAPPINGS, transformer) or {"events": {}})["events"]
        for transformer, key in _TRANSFORMERS.items()
    }


def shown_mappings(
    saved: dict[str, dict[str, Json]], event: str, fields: list[dict[str, Json]]
) -> dict[str, Json]:
    """The mappings of one event as its answers show them, null where there is none."""
    names = [str(field["name"]) for field in fields]
    return {
        key: _shown(events[event], names) if event in events else None
        for key, events in saved.items()
    }


def _shown(saved: dict[str, Json], names: list[str]) -> dict[str, Json]:
    sources = saved["fields"]
    listed = [*names, *(name for name in sources if name not in names)]
    return {
        "eventNameMapping": {"valueMap": saved["valueMap"]},
        "eventFieldMappings": [
            {"eventFieldName": name, **({"fieldName": sources[name]} if name in sources else {})}
            for name in listed
        ],
    }


def _default(asked: dict[str, Json]) -> dict[str, Json]:
    names = asked.get("eventsMapped")
    if not isinstance(names, list) or not names:
        raise event_refusal(400, "eventsMapped is missing")
    return {text(name): {"valueMap": {text(name): text(name)}, "fields": {}} for name in names}


def _web_engage(asked: dict[str, Json]) -> dict[str, Json]:
    data = asked.get("webEngageTransformerData")
    mapper = data.get("eventMapper") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(mapper, dict):
        raise event_refusal(400, "webEngageTransformerData.eventMapper is missing")
    value_map = {source: text(name) for source, name in _object(mapper.get("valueMap")).items()}
    fields = _object(data.get("eventFieldMapper"))
    return {
        event: {
            "valueMap": {source: name for source, name in value_map.items() if name == event},
            "fields": _sources(fields.get(event)),
        }
        for event in {**fields, **dict.fromkeys(value_map.values())}
    }


def _object(value: Json) -> dict[str, Json]:
    if isinstance(value, dict | None):
        return value or {}
    raise bad_request()


def _sources(fields: Json) -> dict[str, str]:
    """Which source field fills each field of the event."""
    listed = [_object(one) for one in (fields if isinstance(fields, list) else [])]
    return {text(one.get("eventFieldName")): text(one.get("fieldName")) for one in listed}


def _meta_field(kind: str) -> dict[str, Json]:
    attributes: list[Json] = []
    for name, attribute in TYPES[kind].items():
        shown: dict[str, Json] = {
            "name": name,
            "label": name,
            "valueType": attribute.value_type,
        }
        if attribute.default is not None:
            shown["defaultValue"] = attribute.default
        if name in CHOICES:
            shown["possibleValues"] = sorted(CHOICES[name])
        attributes.append(shown)
    value_type = kind if kind in ("DOUBLE", "DATE", "BOOLEAN", "INTEGER") else "STRING"
    return {"type": kind, "label": kind, "valueType": value_type, "attributes": attributes}
