from __future__ import annotations

from capsync.fields import (
    first_counts,
    integer,
    last_counts,
    list_by,
    map_of,
    media,
    obj,
    secret,
    server_set,
    string,
    unread,
)
from capsync.model import Key
from capsync.validate.watch import Found, look, watch_of
from capsync.values.diff import differences
from capsync.values.normalise import canonical
from capsync.values.paths import hidden_values
from capsync.values.references import resolved
from capsync.values.wire import settable

IMAGE = media(types=[], max_bytes=1)
SCHEMA = obj(
    id=server_set(integer()),
    name=string(),
    token=secret(unread(string())),
    values=map_of(string()),
    rows=list_by(
        "name",
        obj(name=string(), id=server_set(integer()), note=unread(string()), image=IMAGE),
    ),
)


def test_live_values_are_cut_down_to_what_can_be_written() -> None:
    live = {
        "id": 1,
        "name": "a",
        "token": "****",
        "values": {"x": "1"},
        "rows": [{"name": "r", "id": 2, "note": "hidden", "unknown": 3}],
        "brandId": 4,
    }
    cut = {"name": "a", "values": {"x": "1"}, "rows": [{"name": "r"}]}
    assert settable(SCHEMA, live) == cut
    assert settable(SCHEMA, None) is None


def test_hidden_values_inside_keyed_lists_are_found_by_key() -> None:
    spec = {"rows": [{"name": "r", "note": "n"}], "token": "t"}
    assert list(hidden_values(SCHEMA, spec)) == [
        (("rows", Key("r"), "note"), "n", False),
        (("token",), "t", True),
    ]


def test_files_get_their_handles() -> None:
    spec = {"rows": [{"name": {"file": "no media"}, "image": {"file": "a.png"}}]}
    put = resolved(
        SCHEMA,
        spec,
        lambda reference: reference,
        lambda path, file, note: [path, file, note["max_bytes"]],
    )
    image = [("rows", 0, "image"), "a.png", 1]
    assert put == {"rows": [{"name": {"file": "no media"}, "image": image}]}
    assert resolved(SCHEMA, spec, lambda reference: reference) == spec


FIRST = obj(rows=first_counts(list_by("name", obj(name=string(), size=integer()))))
TWICE = {"rows": [{"name": "a", "size": 1}, {"name": "b"}, {"name": "a", "size": 2}]}


def test_of_equal_items_the_first_counts() -> None:
    live = canonical(FIRST, {"rows": [{"name": "b"}, {"name": "a", "size": 1}]})
    assert list(differences(FIRST, canonical(FIRST, TWICE), live)) == []


LAST = obj(rows=last_counts(list_by("name", obj(name=string(), size=integer()))))


def test_of_equal_items_the_last_counts() -> None:
    live = canonical(LAST, {"rows": [{"name": "b"}, {"name": "a", "size": 2}]})
    assert list(differences(LAST, canonical(LAST, TWICE), live)) == []
    found, watch = Found(), watch_of(LAST)
    assert watch is not None
    look(watch, TWICE, (), found)
    assert (found.replaced, found.repeats, found.doubles) == ([(("rows", 0), "a")], [], [])


def test_an_item_that_does_not_count_is_told() -> None:
    found, watch = Found(), watch_of(FIRST)
    assert watch is not None
    look(watch, TWICE, (), found)
    assert (found.repeats, found.doubles) == ([(("rows", 2), "a")], [])
