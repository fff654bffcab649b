"""Every documented create body of the families of fields and events is a legal spec."""

from __future__ import annotations

from typing import Any

import pytest

from capsync.kinds import KINDS
from capsync.values.normalise import canonical
from tests.sandbox.acceptance import load
from tests.unit.kinds.examples import wrong

Specs = list[dict[str, Any]]

BODIES = [
    ("fields", "26-configure-org-extended-field", "ExtendedFieldConfig", lambda body: [body]),
    ("fields", "10-configure-org-extended-field", "ExtendedFieldConfig", lambda body: [body]),
    ("fields", "16-add-labels", "CustomerLabel", lambda body: body["orgLabels"]),
    ("fields", "20-set-lead-reasons", "LeadReason", lambda body: body),
    ("fields", "22-create-lead-substatus", "LeadSubstatus", lambda body: [body]),
    (
        "fields",
        "24-update-status-mappings",
        "TaskStatusMapping",
        lambda body: body["root"]["status"],
    ),
    ("fields", "30-create-labels", "Label", lambda body: body["labels"]),
    ("events", "02-create-event-custom", "BehavioralEvent", lambda body: [body]),
    ("events", "04-update-event-custom", "BehavioralEvent", lambda body: [body]),
    ("events", "18-map-event", "EventMapping", lambda body: [body]),
    ("events", "20-add-webhook-legacy", "EventWebhook", lambda body: [body]),
    ("events", "24-add-v3-webhooks-legacy", "NotificationWebhook", lambda body: [body]),
    ("events", "26-update-v3-webhook", "NotificationWebhook", lambda body: [body]),
    ("events", "28-update-v3-webhook-neo", "NotificationWebhook", lambda body: [body]),
]
# Updates that name an object by its id: parts of a body, no specs.
FRAGMENTS = {
    "34-update-labels": "a partial update: labelId and what changes",
    "22-disable-webhook": "the id of a webhook to disable",
    "12-add-vertical": "verticals are no kind",
    "06-tag-custom-field-to-an-entity": "values of fields are no kind",
}


def _body(family: str, name: str) -> Any:
    return next(each.body for each in load(family) if each.name == name)


@pytest.mark.parametrize(
    ("family", "name", "kind", "specs"),
    BODIES,
    ids=lambda each: "" if callable(each) else str(each),
)
def test_documented_bodies_are_specs(family: str, name: str, kind: str, specs: Any) -> None:
    found: Specs = specs(_body(family, name))
    assert found
    assert [wrong(kind, spec) for spec in found] == [[] for _ in found]


def test_every_documented_body_is_one_of_these() -> None:
    named = {name for _family, name, _kind, _specs in BODIES} | FRAGMENTS.keys()
    written = {
        each.name
        for family in ("fields", "events")
        for each in load(family)
        if each.method in ("POST", "PUT") and each.body is not None
    }
    assert written == named
    assert len(BODIES) == 14


# Lists: what they show has the shape of a spec, and equals what was written.


def _listed(kind: str, rows: Any) -> Specs:
    return [KINDS[kind].read(row) for row in rows if not KINDS[kind].absent(row)]


def _answer(family: str, name: str) -> Any:
    return next(each.answer for each in load(family) if each.name == name)


@pytest.mark.parametrize(
    ("kind", "family", "name", "member", "count"),
    [
        ("CustomField", "fields", "02-get-custom-fields", "entity", 9),
        ("CustomField", "fields", "04-get-org-custom-fields", "data", 6),
        ("CustomerLabel", "fields", "18-get-org-labels", "data", 4),
        ("Label", "fields", "36-get-labels", "labels", 7),
        ("BehavioralEvent", "events", "06-get-org-all-events", "data", None),
        ("BehavioralEvent", "events", "36-get-org-all-events", "data", 1),
        ("BehavioralEvent", "events", "08-get-org-all-events-legacy", "data", 3),
        ("StandardEvent", "events", "06-get-org-all-events", "data", 1),
        ("EventWebhook", "events", "34-get-webhook-details", "data", 3),
        ("NotificationWebhook", "events", "30-get-v3-webhooks", "data", None),
    ],
)
def test_listed_objects_are_specs(
    kind: str, family: str, name: str, member: str, count: int | None
) -> None:
    rows = [each for each in _answer(family, name)[member] if not KINDS[kind].foreign(each)]
    specs = _listed(kind, rows)
    assert specs
    assert count is None or len(specs) == count
    schema = KINDS[kind].schema
    told = {}
    for spec in specs:
        canon = {name: each for name, each in canonical(schema, spec).items() if each is not None}
        if errors := wrong(kind, canon):
            told[str(canon.get("name", canon.get("eventName")))] = errors
    assert told == {}


def test_a_listed_webhook_of_the_platform_is_foreign() -> None:
    kind = KINDS["NotificationWebhook"]
    rows = _answer("events", "30-get-v3-webhooks")["data"]
    foreign = [row["webHookType"] for row in rows if kind.foreign(row)]
    assert foreign
    assert set(foreign) <= {"QUEUE_INT", "INTERNAL"}


def test_untouched_extended_fields_are_foreign() -> None:
    kind = KINDS["ExtendedFieldConfig"]
    rows = _answer("fields", "28-retrieve-extended-field-config-details")
    assert [row["extendedFieldId"] for row in rows if not kind.foreign(row)] == [207, 226]
