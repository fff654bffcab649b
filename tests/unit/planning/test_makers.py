"""Objects that the service makes behind others: never pruned, exported or called unmanaged."""

from __future__ import annotations

from typing import Any

from capsync.api.dialects import V3
from capsync.errors import ApiError
from capsync.fields import obj, string
from capsync.kind import Kind, Listing, Retire, Route, key_by
from capsync.kinds import KINDS
from capsync.memory.state import Remembered, State
from capsync.model import Action, Address
from capsync.planning.drift import find_unmanaged
from capsync.planning.options import Setting
from capsync.planning.plan import makers
from capsync.planning.prune import candidates, retirement
from capsync.snapshot import LiveObject, Snapshot


def _kind(name: str, **more: Any) -> Kind:
    return Kind(
        name=name,
        family="samples",
        doc="A sample.",
        dialect=V3,
        lists=(Listing(Route("GET", f"/{name}")),),
        keys=(key_by("name"),),
        schema=obj(name=string()),
        **more,
    )


def _pinned(raw: Any) -> str:
    return "it is pinned" if raw.get("pinned") else ""


RACE = _kind("Race", makes=lambda raw: [("Heat", each) for each in raw.get("heats", ())])
HEAT = _kind(
    "Heat",
    made_by=("Race",),
    retire=Retire("delete", Route("DELETE", "/Heat/{id}"), unable=_pinned),
)


def _live(kind: Kind, id_: str, **raw: Any) -> LiveObject:
    return LiveObject(kind, id_, {"id": id_, **raw}, {"name": f"n{id_}"}, whole=True)


def _snapshot(**objects: list[LiveObject]) -> Snapshot:
    return Snapshot({"Heat": [_live(HEAT, "1"), _live(HEAT, "2")], **objects})


def _candidates(prune: str, snapshot: Snapshot, state: State | None = None) -> list[str]:
    return [item.id for _, item in candidates(prune, [HEAT], snapshot, {}, state, 0.0)]


def test_what_was_made_behind_another_is_left_alone():
    snapshot = _snapshot(Race=[_live(RACE, "9", heats=["2"])])
    assert _candidates("all", snapshot) == ["1"]
    assert [each.id for each in find_unmanaged([HEAT], snapshot, {}, 0.0)] == ["1"]


def test_without_those_that_make_them_only_owned_ones_are_sure():
    snapshot = _snapshot()
    snapshot.unreadable["Race"] = ApiError("403")
    assert _candidates("all", snapshot) == []
    state = State()
    state.entries["Heat/mine"] = Remembered("2", owned=True)
    assert _candidates("all", snapshot, state) == ["2"]


def test_kinds_that_make_others_are_read_when_it_matters():
    assert makers({"Heat": HEAT, "Race": RACE}, ["Heat", "Unknown"]) == {"Race"}
    assert all(maker in KINDS for kind in KINDS.values() for maker in kind.made_by)


def test_what_can_not_go_away_is_a_warning():
    setting = Setting("uat", 1, {}, 0.0)
    item = _live(HEAT, "7", pinned=True)
    change = retirement(HEAT, Address("Heat", "h"), item, setting, allow=False).change
    assert change.action is Action.NOOP
    assert change.warnings == ("Heat n7 (id 7) can not be retired: it is pinned",)
    free = retirement(HEAT, Address("Heat", "h"), _live(HEAT, "8"), setting, allow=False).change
    assert free.action is Action.RETIRE
