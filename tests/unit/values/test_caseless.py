"""Keyed lists whose keys have no case."""

from __future__ import annotations

from capsync.fields import caseless, integer, list_by, obj, server_set, string
from capsync.model import NOTHING, path_text
from capsync.validate.watch import Found, look, watch_of
from capsync.values.diff import differences
from capsync.values.normalise import canonical
from capsync.values.paths import parse_path, without
from capsync.values.references import find_child
from capsync.values.wire import merge

ITEM = obj(name=string(), value=integer(), id=server_set(integer()))
SCHEMA = obj(runs=caseless(list_by("name", ITEM, children=True)))
LIVE = {"runs": [{"name": "run 5", "value": 1, "id": 7}, {"name": "Other", "value": 2, "id": 8}]}


def _changes(desired):
    found = differences(SCHEMA, canonical(SCHEMA, desired), canonical(SCHEMA, LIVE))
    return {path_text(each.path): (each.before, each.after) for each in found}


def test_items_pair_without_case_and_the_name_is_no_change():
    assert _changes({"runs": [{"name": "Run 5", "value": 1}]}) == {}
    assert _changes({"runs": [{"name": "Run 5", "value": 3}]}) == {"runs[Run 5].value": (1, 3)}


def test_another_name_is_another_item():
    added = {"name": "Run 6", "value": 1}
    assert _changes({"runs": [added]}) == {"runs[Run 6]": (NOTHING, added)}


def test_bodies_hold_each_item_once():
    body = merge(SCHEMA, LIVE, {"runs": [{"name": "RUN 5", "value": 9}]})
    assert [each["value"] for each in body["runs"]] == [9, 2]


def test_two_items_of_one_name():
    watch, found = watch_of(SCHEMA), Found()
    assert watch is not None
    look(watch, {"runs": [{"name": "Run"}, {"name": "RUN"}]}, (), found)
    assert found.doubles == [(("runs", 1), "RUN")]


def test_paths_and_children_pick_without_case():
    picked = without(SCHEMA, LIVE, parse_path("runs[Run 5].value"))
    assert picked["runs"][0] == {"name": "run 5", "id": 7}
    assert find_child(LIVE, "runs[RUN 5]", SCHEMA)["id"] == 7
