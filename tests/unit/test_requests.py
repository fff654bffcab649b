from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from capsync.api.dialects import BARE
from capsync.errors import CapsyncError
from capsync.fields import boolean, integer, obj, string, unread
from capsync.kind import Kind, Listing, Route, Switch, Task, key_by
from capsync.model import Action
from capsync.requests import default_writes, left_to_update

SCHEMA = obj(name=string(), rank=integer(), note=unread(string()), active=boolean(default=True))


def _kind(**more: Any) -> Kind:
    return Kind(
        name="Thing",
        family="samples",
        doc="A thing.",
        dialect=BARE,
        lists=(Listing(Route("GET", "/things")),),
        keys=(key_by("name"),),
        schema=SCHEMA,
        **more,
    )


def _task(
    action: Action, desired: Mapping[str, Any], *changed: str, live: Mapping[str, Any] | None = None
) -> Task:
    return Task(
        action,
        desired,
        {**(live or {}), **desired},
        live,
        live,
        tuple((name,) for name in changed),
        None if live is None else "7",
        {"brand": 204},
        0.0,
    )


CREATE = Route("POST", "/things", omit=frozenset({"active"}), fills={"brandId": "brand"})
UPDATE = Route("PUT", "/things/{id}", whole=True, keeps=True)


def test_the_environment_fills_members_of_bodies() -> None:
    (write,) = default_writes(_kind(create=CREATE), _task(Action.CREATE, {"name": "a"}))
    assert write.body == {"name": "a", "brandId": 204}
    assert not write.settle


def test_what_a_create_does_not_take_is_left_to_an_update() -> None:
    kind = _kind(create=CREATE, update=UPDATE)
    first, second = default_writes(kind, _task(Action.CREATE, {"name": "a", "active": False}))
    assert (first.body, first.settle) == ({"name": "a", "brandId": 204}, True)
    assert (second.method, second.path) == ("PUT", "/things/pending")


def test_the_default_is_not_left_to_an_update() -> None:
    kind = _kind(create=CREATE, update=UPDATE)
    assert left_to_update(kind, {"name": "a", "active": True}) == []
    assert len(default_writes(kind, _task(Action.CREATE, {"name": "a", "active": True}))) == 1


def test_without_a_way_to_change_it_nothing_is_left() -> None:
    kind = _kind(create=CREATE)
    assert len(default_writes(kind, _task(Action.CREATE, {"name": "a", "active": False}))) == 1


LIVE = {"name": "a", "rank": 1, "active": True}


def test_unread_values_are_sent_only_when_they_change() -> None:
    kind = _kind(update=UPDATE)
    desired = {"name": "a", "rank": 2, "note": "n"}
    (write,) = default_writes(kind, _task(Action.UPDATE, desired, "rank", live=LIVE))
    assert write.body == {"name": "a", "rank": 2, "active": True}
    (write,) = default_writes(kind, _task(Action.UPDATE, desired, "rank", "note", live=LIVE))
    assert write.body == {"name": "a", "rank": 2, "active": True, "note": "n"}


def test_a_flag_without_a_way_back_stays() -> None:
    off = Route("PUT", "/things/{id}/off")
    kind = _kind(switches=(Switch("active", on=None, off=off),))
    task = _task(Action.UPDATE, {"active": False}, "active", live=LIVE)
    (write,) = default_writes(kind, task)
    assert (write.path, write.body) == ("/things/7/off", None)
    with pytest.raises(CapsyncError, match="can not be set back"):
        default_writes(kind, _task(Action.UPDATE, {"active": True}, "active", live=LIVE))
