"""Desired values beside a live object: children in service, shapes and stages of kinds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from capsync.api.dialects import V3
from capsync.fields import boolean, list_by, obj, service, string
from capsync.kind import Kind, Listing, Pair, Retire, Route, key_by
from capsync.model import FieldChange, Meta
from capsync.planning.pairs import shaped, staged
from capsync.snapshot import LiveObject

LEG = obj(name=string(), on=service(boolean(default=True)))
RUN = obj(
    name=string(), on=service(boolean(default=True)), legs=list_by("name", LEG, children=True)
)
CUP = Kind(
    name="Cup",
    family="samples",
    doc="A cup with runs.",
    dialect=V3,
    lists=(Listing(Route("GET", "/cups")),),
    keys=(key_by("name"),),
    retire_child={"runs": Retire("deactivate"), "runs.legs": Retire("deactivate")},
    schema=obj(name=string(), runs=list_by("name", RUN, children=True)),
)


def _live(**spec: Any) -> LiveObject:
    return LiveObject(CUP, "1", spec, spec, whole=True)


def _shaped(desired: Any, live: LiveObject | None, kind: Kind = CUP) -> Any:
    return shaped(kind, desired, live, Meta(), approve=False)


LIVE = _live(runs=[{"name": "a", "on": False, "legs": [{"name": "x", "on": False}]}, {"name": "b"}])


def test_listed_children_are_meant_to_be_in_service():
    desired = {"runs": [{"name": "a", "legs": [{"name": "x"}]}, {"name": "b"}, {"name": "c"}]}
    assert _shaped(desired, LIVE) == {
        "runs": [
            {"name": "a", "on": True, "legs": [{"name": "x", "on": True}]},
            {"name": "b"},
            {"name": "c"},
        ]
    }


def test_what_the_manifest_says_wins():
    desired = {"runs": [{"name": "a", "on": False}]}
    assert _shaped(desired, LIVE) == desired
    assert _shaped({"name": "n"}, LIVE) == {"name": "n"}
    assert _shaped(desired, None) == desired


def _loud(pair: Pair) -> dict[str, Any]:
    return {**pair.desired, "name": f"{pair.desired['name']}{'!' if pair.live else '?'}"}


def test_kinds_shape_desired_values():
    kind = replace(CUP, shape=_loud)
    assert _shaped({"name": "n"}, LIVE, kind)["name"] == "n!"
    assert _shaped({"name": "n"}, None, kind)["name"] == "n?"


def _on_and_on(pair: Pair) -> list[FieldChange]:
    return [FieldChange(("status",), "DRAFT", "LIVE" if pair.approve else "PENDING")]


def test_stages_follow_the_environment_and_what_is_ignored():
    kind = replace(CUP, stage=_on_and_on)
    [change] = staged(kind, {}, LIVE, Meta(), approve=True)
    assert change.after == "LIVE"
    assert staged(kind, {}, LIVE, Meta(ignore=("status",)), approve=True) == []
    assert staged(CUP, {}, LIVE, Meta(), approve=True) == []
