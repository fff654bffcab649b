"""One canonical form: both sides of every documented re-typing meet."""

import pytest

from capsync.fields import (
    alias,
    blank,
    boolean,
    cut,
    dated,
    enum,
    folded,
    instant,
    integer,
    json_text,
    list_by,
    list_of,
    map_of,
    number,
    obj,
    places,
    server_set,
    set_of,
    string,
    unread,
    whole,
)
from capsync.values.normalise import Pending, canonical


@pytest.mark.parametrize(
    ("schema", "one", "other"),
    [
        (cut(number()), 10.99, 10),
        (places(number(), 4), 10.55555, 10.5556),
        (places(number(), 4), "7.00001", 7),
        (integer(), "12", 12),
        (number(), "500.000", 500),
        (number(), 7.0, 7),
        (string(), 7, "7"),
        (string(), True, "true"),
        (boolean(), "TRUE", True),
        (boolean(), 1, True),
        (boolean(), "0", False),
        (number(**{"x-single": True}), 150000000000000, 150000004759552),
        (number(**{"x-single": True}), 150000000000000, 150000005000000),
        (instant(wire="seconds"), "2027-01-01T00:00:00+05:30", 1798741800),
        (instant(wire="seconds"), "2027-01-01T00:00:00+05:30", "1798741800.000000000"),
        (instant(precision="day"), "2027-06-12T00:00:00+05:30", "2027-06-11T00:00:00Z"),
        (instant(), "2027-06-12T00:00:00.529Z", "2027-06-12 00:00:00"),
        (instant(wire="millis"), 1798741800000, "2026-12-31T18:30:00Z"),
        (instant(wire="seconds"), 1896926400000, 1896926400000.0),  # the year 62081
        (number(), 9007199254740992, 9007199254740992.0),
        (set_of(string()), ["b", "a", "b"], ["a", "b"]),
        (dated(string()), "2026-01-18", "2026-01-18T00:00:00Z"),
        (json_text(), '{"dom" : [-1], "dow": [-1]}', {"dow": [-1], "dom": [-1]}),
        (set_of(string()), ["b", "a"], ["a", "b"]),
        (folded(string()), "Home & Garden", "HOME & garden"),
        (folded(enum("String", "Integer")), "STRING", "String"),
        (blank(json_text(), [], [-1]), "[]", "[-1]"),
        (blank(json_text(), [], [-1]), "[-1]", None),
        (list_of(obj(a=integer(default=1), b=string())), [{"a": 1}], [{"a": "1", "b": None}]),
        (list_of(obj(a=integer(), n=unread(integer()))), [{"a": 1, "n": 2}], [{"a": 1}]),
        (list_by("k", obj(k=string(), id=server_set())), [{"k": "x", "id": 9}], [{"k": "x"}]),
        (whole(obj(t=string(), v=integer())), {"t": "x", "v": None}, {"t": "x"}),
        (obj(a=server_set(integer()), b=string()), {"a": 1, "b": "x"}, {"b": "x", "zz": 3}),
        (map_of(string()), {"k": 7}, {"k": "7"}),
    ],
)
def test_both_sides_meet(schema, one, other):
    assert canonical(schema, one) == canonical(schema, other)


@pytest.mark.parametrize(
    ("schema", "one", "other"),
    [
        (boolean(), True, False),
        (string(), "1", "01"),
        (instant(), "2027-01-01T00:00:00Z", "2027-01-01T00:00:01Z"),
        (list_of(integer()), [1, 2], [2, 1]),
        (list_of(obj(a=integer(), b=string())), [{"a": 1}], [{"a": 1, "b": "x"}]),
        (number(**{"x-single": True}), 900, 901),
    ],
)
def test_what_differs_stays_different(schema, one, other):
    assert canonical(schema, one) != canonical(schema, other)


def test_true_is_not_one():
    assert type(canonical(integer(), True)) is int
    assert canonical(boolean(), "yes") == "yes"


def test_another_spelling_counts_as_the_field():
    schema = obj(startOn=alias(instant(wire="seconds"), startOnISO="iso"))
    assert canonical(schema, {"startOnISO": "2027-01-01T00:00:00Z"}) == {
        "startOn": "2027-01-01T00:00:00Z"
    }
    both = {"startOn": 1798761600, "startOnISO": "2027-01-01T05:30:00+05:30"}
    assert canonical(schema, both) == {"startOn": "2027-01-01T00:00:00Z"}


def test_a_null_spelling_does_not_hide_the_field():
    schema = obj(startOn=alias(instant(wire="seconds"), startOnISO="iso"))
    live = {"startOnISO": None, "startOn": 1798761600}
    assert canonical(schema, live) == {"startOn": "2027-01-01T00:00:00Z"}


def test_pending_passes_through():
    pending = Pending("Badge/x")
    assert canonical(set_of(integer()), [pending, 3])[0] in (pending, 3)
    assert canonical(integer(), pending) is pending


def test_empty_members_of_a_whole_value_say_no_more_than_absent_ones() -> None:
    schema = set_of(obj(type=string(), ids=set_of(integer()), days=list_of(integer(), default=[7])))
    assert canonical(schema, [{"type": "A", "ids": []}]) == canonical(schema, [{"type": "A"}])
    assert canonical(schema, [{"type": "A", "days": []}]) != canonical(schema, [{"type": "A"}])
