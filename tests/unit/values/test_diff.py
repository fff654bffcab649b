"""Only what the manifest states is compared, and each difference has its own path."""

from capsync.fields import (
    boolean,
    grown,
    integer,
    list_by,
    list_of,
    map_of,
    obj,
    open_set,
    secret,
    set_of,
    shows,
    string,
    unread,
    whole,
)
from capsync.model import NOTHING, path_text
from capsync.values.diff import differences
from capsync.values.normalise import canonical

SCHEMA = obj(
    name=string(),
    size=integer(default=-1),
    active=boolean(default=True),
    tags=set_of(string()),
    rows=list_of(obj(a=integer(), b=string())),
    fields=map_of(string()),
    headers=secret(map_of(string())),
    password=unread(string()),
    shape=whole(obj(type=string(), days=integer(), at=string())),
    targets=list_by("name", obj(name=string(), value=integer()), children=True),
    rules=list_by("key", obj(key=string(), value=integer())),
    mapped=open_set(set_of(string())),
    method=shows(string(), "POST"),
    parts=list_by("name", obj(name=string(), flags=grown(obj(a=string(default="no"), b=string())))),
)


def changed(desired, live):
    found = differences(SCHEMA, canonical(SCHEMA, desired), canonical(SCHEMA, live))
    return {path_text(each.path): (each.before, each.after) for each in found}


def test_unnamed_fields_are_not_compared():
    assert changed({"name": "x"}, {"name": "x", "size": 5, "tags": ["a"]}) == {}


def test_one_change_is_one_field():
    assert changed({"name": "x", "size": 2}, {"name": "x", "size": "3"}) == {"size": (3, 2)}


def test_an_absent_value_equals_the_default_and_null():
    assert changed({"size": -1, "active": True, "tags": [], "name": None}, {}) == {}


def test_null_empties():
    assert changed({"name": None}, {"name": "x"}) == {"name": ("x", None)}
    assert changed({"size": None}, {"size": -1}) == {}


def test_lists_of_objects_show_the_item():
    desired = {"rows": [{"a": 1, "b": "x"}, {"a": 2}]}
    live = {"rows": [{"a": 1, "b": "y"}, {"a": 2, "b": "z"}]}
    assert changed(desired, live) == {"rows[0].b": ("y", "x"), "rows[1].b": ("z", NOTHING)}


def test_only_own_map_keys_are_compared():
    assert changed({"fields": {"a": "1"}}, {"fields": {"a": "1", "b": "2"}}) == {}
    assert changed({"fields": {"a.b": "1"}}, {"fields": {}}) == {'fields["a.b"]': (NOTHING, "1")}


def test_whole_objects_are_one_value():
    before, after = {"type": "AT", "at": "x"}, {"type": "DAYS", "days": 3}
    assert changed({"shape": after}, {"shape": before}) == {"shape": (before, after)}


def test_children_left_out_are_unmanaged():
    live = {"targets": [{"name": "Run 5", "value": 1}, {"name": "Run 9", "value": 9}]}
    assert changed({"targets": [{"name": "Run 5", "value": 2}]}, live) == {
        "targets[Run 5].value": (1, 2)
    }
    new = {"name": "Run 7", "value": 7}
    assert changed({"targets": [new]}, live) == {"targets[Run 7]": (NOTHING, new)}


def test_keyed_items_left_out_are_removed_and_moving_is_nothing():
    live = {"rules": [{"key": "a", "value": 1}, {"key": "b", "value": 2}]}
    assert changed({"rules": [{"key": "b", "value": 2}, {"key": "a", "value": 1}]}, live) == {}
    gone = {"key": "a", "value": 1}
    assert changed({"rules": [{"key": "b", "value": 2}]}, live) == {"rules[a]": (gone, NOTHING)}


def test_secrets_are_marked_and_write_only_fields_left_out():
    desired = canonical(SCHEMA, {"headers": {"k": "new"}, "password": "p"})
    found = list(differences(SCHEMA, desired, {"headers": {"k": "old"}}))
    assert [path_text(each.path) for each in found] == ["headers.k"]


def test_values_that_a_set_of_children_leaves_out_are_unmanaged():
    assert changed({"mapped": ["b", "a"]}, {"mapped": ["c", "a", "b"]}) == {}
    assert changed({"mapped": ["d"]}, {"mapped": ["a"]}) == {"mapped": (["a"], ["a", "d"])}
    assert changed({"tags": ["a"]}, {"tags": ["a", "b"]}) == {"tags": (["a", "b"], ["a"])}


def test_what_reads_show_whatever_was_sent_is_no_difference():
    assert changed({"method": "PUT"}, {"method": "POST"}) == {}
    assert changed({"method": "POST"}, {"method": "PUT"}) == {"method": ("PUT", "POST")}


def test_members_that_the_server_adds_inside_a_list_are_no_difference():
    live = {"parts": [{"name": "x", "flags": {"a": "no", "b": "added"}}]}
    assert changed({"parts": [{"name": "x"}]}, live) == {}
    assert changed({"parts": [{"name": "x", "flags": {"a": "no"}}]}, live) == {}
    assert changed({"parts": [{"name": "x", "flags": {"a": "yes"}}]}, live) == {
        "parts[x].flags.a": ("no", "yes")
    }
    assert (
        changed({"parts": [{"name": "x", "flags": {"a": "no"}}]}, {"parts": [{"name": "x"}]}) == {}
    )


def test_a_default_inside_a_grown_object_is_compared():
    live = {"parts": [{"name": "x", "flags": {"a": "yes"}}]}
    assert changed({"parts": [{"name": "x", "flags": {"a": "no"}}]}, live) == {
        "parts[x].flags.a": ("yes", "no")
    }
