"""Which events of other systems become which events of the org."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from capsync.api.dialects import V2_DATA
from capsync.fields import (
    enum,
    fixed,
    folded,
    list_by,
    map_of,
    needed,
    obj,
    obj_of,
    open_set,
    ref,
    set_of,
    string,
    unread,
    when,
)
from capsync.kind import Check, Finding, Kind, Listing, Route, Verdict, key_by
from capsync.kinds.events import EVENTS
from capsync.model import Spec

Json = Any

_DEFAULT, _WEB_ENGAGE = "defaultTransformer", "webEngageTransformer"
_DATA = "webEngageTransformerData"
_EVENT_KINDS = ("BehavioralEvent", "StandardEvent")


# Reading: every event shows how it is mapped; a manifest says it for all events of a transformer.


def _mappings(body: Json) -> list[dict[str, Json]]:
    """The mappings of all events, as one object a transformer."""
    events = list(V2_DATA.payload(body) or ())
    mapped = [_name(each) for each in events if _is_default(each)]
    found: list[dict[str, Json]] = []
    if mapped:
        found.append({"transformerType": _DEFAULT, "eventsMapped": mapped})
    if engaged := [(_name(each), how) for each in events if (how := _web_engage(each))]:
        found.append({"transformerType": _WEB_ENGAGE, _DATA: _merged(engaged)})
    return found


def _name(event: Mapping[str, Json]) -> str:
    return str((event.get("clickEventsMeta") or {}).get("eventName"))


def _holders(event: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """Where mappings stand: in answers of 2019 beside the event, later in a member of their own."""
    yield event.get("transformerMappings") or {}
    yield event


def _is_default(event: Mapping[str, Json]) -> bool:
    # "Mappping": the answers of 2019 spell a flag so.
    return any(
        holder.get("defaultTransformerMapping") or holder.get("defaultTransformerMappping")
        for holder in _holders(event)
    )


def _web_engage(event: Mapping[str, Json]) -> Mapping[str, Json] | None:
    return next(
        (each for each in map(_engaged, _holders(event)) if each is not None),
        None,
    )


def _engaged(holder: Mapping[str, Json]) -> Mapping[str, Json] | None:
    found = holder.get("webEngageTransformerMapping")
    return found if isinstance(found, Mapping) else None


def _merged(engaged: Iterable[tuple[str, Mapping[str, Json]]]) -> dict[str, Json]:
    names: dict[str, Json] = {}
    fields: dict[str, Json] = {}
    for event, mapping in engaged:
        names |= (mapping.get("eventNameMapping") or {}).get("valueMap") or {}
        if pairs := list(_pairs(mapping.get("eventFieldMappings") or ())):
            fields[event] = pairs
    return {"eventMapper": {"valueMap": names}, "eventFieldMapper": fields}


def _pairs(rows: Iterable[Mapping[str, Json]]) -> Iterator[dict[str, Json]]:
    """Mapped fields; those that are not mapped are listed without a name at the source."""
    for row in rows:
        source = row.get("fieldName", row.get("webEngageFieldName"))
        if source is not None:
            yield {"eventFieldName": row.get("eventFieldName"), "fieldName": source}


# Rules


def _of_the_other(spec: Spec) -> Iterable[Finding]:
    is_default = str(spec.get("transformerType")).casefold() == _DEFAULT.casefold()
    other, owner = (_DATA, _WEB_ENGAGE) if is_default else ("eventsMapped", _DEFAULT)
    if spec.get(other) is not None:
        yield Finding((other,), f"is for {owner} only")


def _guard(check: Check) -> Iterable[Verdict]:
    if check.desired.get("transformerType") != _WEB_ENGAGE:
        return
    mapper = (check.written.get(_DATA) or {}).get("eventMapper") or {}
    missing = [name for name in ("eventFieldName", "fieldName") if not mapper.get(name)]
    if missing:
        reason = (
            f"{_DATA}.eventMapper: every call needs {' and '.join(missing)}, and the API does not"
            " show what was sent last: write it"
        )
        yield Verdict("blocked", reason)


def _event(doc: str) -> dict[str, Json]:
    return ref(*_EVENT_KINDS, by="eventName", base={"type": "string", "minLength": 1}, doc=doc)


def _hidden(doc: str) -> dict[str, Json]:
    return unread(string(doc))


_MAPPER = obj(
    doc="How the source names the event.",
    eventFieldName=needed(
        _hidden("Field of the org that holds the event's name, such as event_name.")
    ),
    eventDataType=_hidden('Type of that field, "" in the examples.'),
    fieldName=needed(
        _hidden("Field of the source that holds the event's name, such as event_name.")
    ),
    valueMap=map_of(
        _event("Event of the org."), "Name of an event at the source to the event of the org."
    ),
)
_FIELD = obj(
    required=["eventFieldName", "fieldName"],
    eventFieldName=string("Field of the event.", minLength=1),
    eventDataType=_hidden('Type of the field, "" in the examples.'),
    fieldName=string("Field of the source.", minLength=1),
)

EVENT_MAPPING = Kind(
    name="EventMapping",
    family="events",
    doc="The events of the org that one transformer of posted events makes, and out of what.",
    pages=("events (legacy)", "get-org-all-events"),
    dialect=V2_DATA,
    lists=(
        Listing(
            Route("GET", EVENTS, dialect=replace(V2_DATA, name="event mappings", payload=_mappings))
        ),
    ),
    id="transformerType",
    keys=(key_by("transformerType"),),
    create=Route("POST", f"{EVENTS}/adapter_mapping"),
    created_id="",
    update=Route("POST", f"{EVENTS}/adapter_mapping", whole=True, repeatable=True),
    schema=obj_of(
        {
            "transformerType": fixed(
                folded(enum(_DEFAULT, _WEB_ENGAGE, doc="What takes the events apart.")),
                "the transformer of a saved mapping can not be changed: declare a mapping of the"
                " other one",
            ),
            "eventsMapped": open_set(
                set_of(
                    _event("Event of the org."),
                    "Events of defaultTransformer. Those left out are not managed: nothing removes"
                    " a mapping.",
                    minItems=1,
                )
            ),
            _DATA: obj_of(
                {
                    "eventMapper": _MAPPER,
                    "eventFieldMapper": map_of(
                        list_by("eventFieldName", _FIELD, "Fields of one event."),
                        "Event of the org to its fields. Events left out are not managed.",
                        **{"x-ref-keys": {"kind": "BehavioralEvent", "by": "eventName"}},
                    ),
                },
                required=["eventMapper"],
            )
            | {"description": "Names and fields of webEngageTransformer."},
        },
        required=["transformerType"],
    )
    | {
        "allOf": [
            when(
                "transformerType",
                _DEFAULT,
                required=["eventsMapped"],
                properties={"eventsMapped": {"type": "array"}},
            ),
            when("transformerType", [_WEB_ENGAGE, "WebEngageTransformer"], required=[_DATA]),
        ]
    },
    rules=(_of_the_other,),
    guard=_guard,
    after=("BehavioralEvent", "StandardEvent"),
    notes=(
        "One call saves the mappings of a transformer. What it does to events that it leaves out is"
        " not documented, so that everything the org shows goes out with it.",
        "Nothing removes a mapping: events that the manifest leaves out are unmanaged.",
        "Mappings are shown with their events: one that names only events that the org does not"
        " have is sent, but can not be seen. Refer to events ({ref: ...}), so that they are made"
        " first.",
        "Requests and answers have different shapes: eventFieldName and fieldName of eventMapper,"
        " and eventDataType, are never shown.",
    ),
)
