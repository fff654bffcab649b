"""What is sent: wire forms, and nothing lost in a replacing PUT."""

import json

from capsync.fields import (
    alias,
    boolean,
    enum,
    instant,
    integer,
    json_text,
    list_by,
    map_of,
    number,
    obj,
    open_set,
    ref,
    server_set,
    set_of,
    string,
    whole,
    worded,
)
from capsync.values.wire import merge, to_wire

SCHEMA = obj(
    startOn=alias(instant(wire="seconds"), startOnISO="iso"),
    at=instant(wire="iso"),
    range=json_text(obj(dow=map_of(), at=integer(), extra=True)),
    flag=boolean(**{"x-wire": "flag"}),
    rank=integer(**{"x-wire": "text"}),
    program=ref("LoyaltyProgram", base=string()),
    made=server_set(integer()),
    name=string(),
    description=string(**{"x-clear": ""}),
    fields=map_of(string()),
    shape=whole(obj(type=string(), days=integer())),
    targets=list_by("name", obj(name=string(), value=integer(), extra=True), children=True),
    rules=list_by("key", obj(key=string(), value=integer()), carry=["id"]),
    mapped=open_set(set_of(string())),
)


def test_wire_forms():
    sent = to_wire(
        SCHEMA,
        {
            "startOnISO": "2027-01-01T00:00:00+05:30",
            "at": "2027-01-01T00:00:00+05:30",
            "range": {"dow": {"a": 1}, "at": 3},
            "flag": True,
            "rank": 3,
            "program": 973,
            "made": 4,
            "description": None,
            "name": None,
        },
    )
    assert json.loads(sent.pop("range")) == {"dow": {"a": 1}, "at": 3}
    assert sent == {
        "startOn": 1798741800,
        "at": "2026-12-31T18:30:00Z",
        "flag": 1,
        "rank": "3",
        "program": "973",
        "description": "",
        "name": None,
    }


def test_json_written_as_text_is_sent_byte_for_byte():
    assert to_wire(SCHEMA, {"range": '{"at" : 3}'}) == {"range": '{"at" : 3}'}


def test_merge_keeps_what_the_manifest_does_not_name():
    live = {
        "name": "x",
        "unknown": {"deep": 1},
        "made": 7,
        "fields": {"a": "1", "b": "2"},
        "shape": {"type": "AT", "at": "x"},
        "startOnISO": "2027-01-01T00:00:00Z",
    }
    desired = {"fields": {"b": "3"}, "shape": {"type": "DAYS", "days": 3}, "startOn": 5}
    assert merge(SCHEMA, live, desired) == {
        "name": "x",
        "unknown": {"deep": 1},
        "fields": {"a": "1", "b": "3"},
        "shape": {"type": "DAYS", "days": 3},
        "startOn": 5,
    }


def test_merge_pairs_children_and_carries_ids():
    live = {
        "targets": [{"name": "a", "value": 1, "id": 5}, {"name": "b", "value": 2}],
        "rules": [{"key": "k", "value": 1, "id": 9}, {"key": "z", "value": 1, "id": 10}],
    }
    desired = {
        "targets": [{"name": "a", "value": 3}, {"name": "c", "value": 4}],
        "rules": [{"key": "k", "value": 2}],
    }
    assert merge(SCHEMA, live, desired) == {
        "targets": [
            {"name": "a", "value": 3, "id": 5},
            {"name": "b", "value": 2},
            {"name": "c", "value": 4},
        ],
        "rules": [{"id": 9, "key": "k", "value": 2}],
    }


def test_children_carry_what_the_server_sets():
    schema = list_by(
        "name",
        obj(name=string(), value=integer(), id=server_set(integer())),
        children=True,
        carry=["id"],
    )
    live = [{"name": "a", "value": 1, "id": 7}, {"name": "b", "value": 2, "id": 8}]
    assert merge(schema, live, [{"name": "a", "value": 3}]) == [
        {"id": 7, "name": "a", "value": 3},
        {"id": 8, "name": "b", "value": 2},
    ]


def test_values_of_a_set_of_children_survive():
    live = {"mapped": ["c", "a"]}
    assert merge(SCHEMA, live, {"mapped": ["a", "b"]}) == {"mapped": ["c", "a", "b"]}


def test_other_words_are_sent_as_what_they_stand_for():
    schema = obj(type=worded(enum("HTTP", "QUEUE_INT"), queue="QUEUE_INT"))
    assert to_wire(schema, {"type": "queue"}) == {"type": "QUEUE_INT"}
    assert to_wire(schema, {"type": "HTTP"}) == {"type": "HTTP"}


def test_whole_numbers_are_sent_without_a_fraction():
    sent = to_wire(obj(count=integer(), rate=number()), {"count": 6.0, "rate": 6.5})
    assert sent == {"count": 6, "rate": 6.5}
    assert isinstance(sent["count"], int)
