from __future__ import annotations

from typing import Any

from capsync.kinds import KINDS
from capsync.model import Address, Meta, Resource
from capsync.planning.match import Matcher
from capsync.planning.renames import warn_of_renames
from capsync.snapshot import LiveObject, Snapshot

GROUP = KINDS["BadgeGroup"]


def live(id: str, **spec: Any) -> LiveObject:
    return LiveObject(GROUP, id, {"id": id, **spec}, dict(spec), True)


def warnings(
    spec: dict[str, Any],
    *objects: LiveObject,
    meta: Meta | None = None,
    remembered: dict[str, str] | None = None,
) -> list[str]:
    """What is said of one group of the project in an org that has these objects."""
    address = Address("BadgeGroup", "explorers")
    snapshot = Snapshot({"BadgeGroup": list(objects)})
    matcher = Matcher(KINDS, [Resource(address, spec, meta or Meta())], snapshot, remembered)
    matcher.match()
    warn_of_renames(matcher.wanted.values(), snapshot, matcher.claimed, remembered or {})
    return matcher.wanted[address].warnings


def test_a_create_with_the_values_of_a_stray_object_is_told() -> None:
    [said] = warnings({"name": "Explorer", "rank": 7}, live("101", name="Explorers", rank=7))
    assert "live 101 (Explorers)" in said
    assert 'metadata.formerly: {key: "Explorers"}' in said


def test_one_equal_value_tells_little() -> None:
    assert not warnings({"name": "Explorer", "rank": 7}, live("101", name="Seasonal", rank=7))
    assert warnings({"name": "Explorers 2", "rank": 7}, live("101", name="Explorers", rank=7))


def test_other_values_say_nothing() -> None:
    assert not warnings({"name": "Explorer", "rank": 7}, live("101", name="Explorers", rank=8))


def test_two_that_fit_say_nothing() -> None:
    assert not warnings(
        {"name": "Explorer", "rank": 7},
        live("1", name="Explorers", rank=7),
        live("2", name="Explorer 2", rank=7),
    )


def test_a_name_alone_says_nothing() -> None:
    assert not warnings({"name": "New"}, live("101", name="Old"))


def test_what_is_known_is_no_rename() -> None:
    objects = (live("101", name="Explorers", rank=7),)
    assert not warnings(
        {"name": "Explorer", "rank": 7}, *objects, remembered={"BadgeGroup/explorers": "99"}
    )


def test_a_rename_that_is_told_is_followed() -> None:
    meta = Meta(formerly_key="Explorers")
    assert not warnings(
        {"name": "Explorer", "rank": 7}, live("101", name="Explorers", rank=7), meta=meta
    )


def test_a_former_key_that_nothing_has_is_told() -> None:
    objects = (live("101", name="Seasonal", rank=1),)
    meta = Meta(formerly_key="ZZ Top")
    [said] = warnings({"name": "Explorers", "rank": 7}, *objects, meta=meta)
    assert "no live object has 'ZZ Top'" in said
    assert not warnings({"name": "Explorers", "rank": 7}, meta=meta)
