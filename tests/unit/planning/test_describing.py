from __future__ import annotations

from typing import Any

import pytest

from capsync.kinds import KINDS
from capsync.model import Address, Meta, Resource
from capsync.planning.describing import marked, natural_key_of
from capsync.planning.match import Wanted
from capsync.snapshot import LiveObject
from capsync.values.normalise import Pending, canonical

GROUP = KINDS["TargetGroup"]


def wanted(name: str, live_name: str | None, by: str = "key") -> Wanted:
    spec: dict[str, Any] = {"name": name}
    live = None
    if live_name is not None:
        live = LiveObject(GROUP, "7", {}, {"name": live_name}, True)
    resource = Resource(Address("TargetGroup", "g"), spec, Meta())
    return Wanted(resource, GROUP, spec, canonical(GROUP.schema, spec), live, by if live else "")


@pytest.mark.parametrize(
    ("name", "live", "by", "shown"),
    [
        ("Spring Run", None, "", "Spring Run"),
        ("spring run", "Spring Run", "key", "Spring Run"),
        ("Autumn Run", "Spring Run", "key", "Spring Run"),
        ("Autumn Run", "Spring Run", "state", "autumn run"),
    ],
)
def test_keys_are_shown_as_the_live_object_has_them(
    name: str, live: str | None, by: str, shown: str
) -> None:
    assert natural_key_of(wanted(name, live, by)) == (shown, "name")


def test_ids_to_come_are_marked_wherever_they_stand() -> None:
    value = {"a": [1, Pending("Badge/b", "id", "")], "c": {"d": Pending("Badge/b", "id", "")}}
    assert marked(value) == {"a": [1, "(known after apply)"], "c": {"d": "(known after apply)"}}
