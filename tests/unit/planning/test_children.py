"""Children that a written list leaves out: retired one by one, and only when pruning."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from capsync.api.dialects import V3
from capsync.fields import boolean, caseless, integer, list_by, obj, server_set, string
from capsync.kind import Kind, Listing, Retire, Route, Task, Write, key_by
from capsync.memory.state import Remembered, State
from capsync.model import NOTHING, Action, Address, FieldChange, Key, Resource, path_text
from capsync.planning.changes import Comparer
from capsync.planning.children import Pruning, child_at, retired_in, still_there, unlisted
from capsync.planning.match import Wanted
from capsync.planning.options import PlanOptions, Setting
from capsync.planning.tasks import planned_writes
from capsync.snapshot import LiveObject
from capsync.values.normalise import canonical

NOTE = obj(kind=string(), text=string(), active=boolean(default=True))
RUN = obj(
    name=string(),
    active=boolean(default=True),
    id=server_set(integer()),
    notes=list_by("kind", NOTE, children=True),
)
STEP = obj(name=string(), count=integer())


def _is_off(item: Any, _now: float) -> bool:
    return item.get("active") is False


def _writes(task: Task) -> list[Write]:
    return [Write(path_text(path), "DELETE", "/x") for path in task.changed]


CUP = Kind(
    name="Cup",
    family="samples",
    doc="A cup with runs.",
    dialect=V3,
    lists=(Listing(Route("GET", "/cups")),),
    keys=(key_by("name"),),
    writer=_writes,
    retire_child={
        "runs": Retire("deactivate", gone=_is_off),
        "runs.notes": Retire("deactivate", gone=_is_off, reversible=False),
    },
    schema=obj(
        name=string(),
        runs=caseless(list_by("name", RUN, children=True)),
        steps=list_by("name", STEP, children=True),
    ),
)
LIVE = {
    "name": "c",
    "runs": [
        {"name": "one", "id": 1, "notes": [{"kind": "a"}, {"kind": "b", "active": False}]},
        {"name": "two", "id": 2, "active": True},
        {"name": "old", "id": 3, "active": False},
    ],
    "steps": [{"name": "s", "count": 1}],
}


def _unlisted(desired: Any, mode: str, applied: Any = None) -> list[str]:
    wanted, have = canonical(CUP.schema, desired), canonical(CUP.schema, LIVE)
    found = unlisted(CUP, wanted, have, Pruning(mode, applied))
    return [path_text(each.path) for each in found]


def test_without_pruning_nothing_is_retired():
    assert _unlisted({"runs": []}, "") == []


def test_an_unwritten_list_is_unmanaged():
    assert _unlisted({"name": "c"}, "all") == []


def test_what_the_list_leaves_out_and_is_in_service():
    assert _unlisted({"runs": [{"name": "ONE"}]}, "all") == ["runs[two]"]


def test_children_of_children():
    found = _unlisted({"runs": [{"name": "one", "notes": []}, {"name": "two"}]}, "all")
    assert found == ["runs[one].notes[a]"]


@pytest.mark.parametrize(
    ("applied", "retired"),
    [(None, []), ({"runs": [{"name": "one"}]}, []), ({"runs": [{"name": "Two"}]}, ["runs[two]"])],
)
def test_owned_picks_what_was_applied_before(applied, retired):
    assert _unlisted({"runs": [{"name": "one"}]}, "owned", applied) == retired


def test_planned_retirements_that_are_not_done_yet():
    have = canonical(CUP.schema, LIVE)
    planned = [
        FieldChange(("runs", Key("two")), {"name": "two"}, NOTHING),
        FieldChange(("runs", Key("old")), {"name": "old"}, NOTHING),
        FieldChange(("runs", Key("never")), {"name": "never"}, NOTHING),
        FieldChange(("name",), "a", NOTHING),
    ]
    left = list(still_there(CUP, planned, have, 0.0))
    assert [path_text(each.path) for each in left] == ["runs[two]"]
    assert child_at(CUP.schema, have, ("runs", Key("TWO"), "active")) is True


def test_children_that_go_by_their_fields_say_so_in_the_body():
    by_fields = Retire("deactivate", sets={"active": False})
    kind = replace(CUP, retire_child={"runs": by_fields, "runs.notes": by_fields})
    fields = [
        FieldChange(("runs", Key("two")), {}, NOTHING),
        FieldChange(("runs", Key("one"), "notes", Key("a")), {}, NOTHING),
        FieldChange(("name",), "c", "d"),
    ]
    body = retired_in(kind, LIVE, fields)
    one, two, old = body["runs"]
    assert two == {"name": "two", "id": 2, "active": False}
    assert one["notes"] == [{"kind": "a", "active": False}, {"kind": "b", "active": False}]
    assert (old, body["steps"]) == (LIVE["runs"][2], LIVE["steps"])
    assert retired_in(CUP, LIVE, fields) is LIVE


def _compared(spec: dict[str, Any], options: PlanOptions, state: State | None = None) -> Any:
    resource = Resource(Address("Cup", "c"), spec)
    live = LiveObject(CUP, "7", LIVE, LIVE, whole=True)
    wanted = Wanted(resource, CUP, spec, canonical(CUP.schema, spec), live, "id")
    setting = Setting("uat", 1, {}, 0.0)
    item = Comparer(options, setting, state).compare(wanted)
    return item, setting


def test_pruning_shows_each_child_and_tells_the_writer():
    spec = {"name": "c", "runs": [{"name": "one"}]}
    item, setting = _compared(spec, PlanOptions(prune="all"))
    [change] = item.change.fields
    assert (path_text(change.path), change.after) == ("runs[two]", NOTHING)
    assert change.before["active"] is True
    assert item.change.action is Action.UPDATE
    assert [write.summary for write in planned_writes(item, setting)] == ["runs[two]"]


def test_owned_children_are_those_of_the_state():
    state = State()
    state.entries["Cup/c"] = Remembered("7", applied={"runs": [{"name": "two"}]})
    spec = {"name": "c", "runs": [{"name": "one"}]}
    item, _ = _compared(spec, PlanOptions(prune="owned"), state)
    assert [path_text(each.path) for each in item.change.fields] == ["runs[two]"]
    state.entries["Cup/c"] = Remembered("7", applied={"runs": [{"name": "one"}]})
    item, _ = _compared(spec, PlanOptions(prune="owned"), state)
    assert item.change.action is Action.NOOP


def test_children_that_never_come_back_need_the_flag():
    spec = {"name": "c", "runs": [{"name": "one", "notes": []}, {"name": "two"}]}
    item, _ = _compared(spec, PlanOptions(prune="all"))
    assert item.change.action is Action.BLOCKED
    assert "--allow-irreversible" in item.change.reasons[0]
    item, _ = _compared(spec, PlanOptions(prune="all", allow_irreversible=True))
    assert (item.change.action, item.change.reversible) == (Action.UPDATE, False)


def test_what_the_api_can_not_retire_is_a_warning():
    item, _ = _compared({"name": "c", "steps": []}, PlanOptions(prune="all"))
    assert item.change.action is Action.NOOP
    assert item.change.warnings == ("steps[s] can not be retired through the API",)
