from __future__ import annotations

from dataclasses import replace
from datetime import date

from capsync.config import Waiver
from capsync.model import Address, Key, Where
from capsync.planning.drift import Drift, DriftField, Side
from capsync.planning.waivers import sort_out
from tests.unit.report.plans import field

TODAY = date(2027, 1, 5)
RANK = DriftField(field("rank", before=1, after=2), Side.LIVE)
POINTS = DriftField(field("benefits", Key("POINTS"), "points", before=1, after=2), Side.LIVE)
CHANGED = Drift(Address("Badge", "walker"), "changed", "1", fields=(RANK, POINTS))
MISSING = Drift(Address("Badge", "gone"), "missing")


def waiver(address: str, path: str = "", expires: str = "") -> Waiver:
    where = Where("capsync.yaml", 1, 1)
    return Waiver(address, "known", path, "ana", expires, where)


def test_without_waivers_everything_counts() -> None:
    assert sort_out([CHANGED, MISSING], [], TODAY).open == (CHANGED, MISSING)


def test_globs_of_addresses() -> None:
    found = sort_out([CHANGED, MISSING], [waiver("Badge/g*")], TODAY)
    assert found.open == (CHANGED,)
    assert found.waived == ((MISSING, "known, ana"),)


def test_a_path_leaves_the_other_fields() -> None:
    for path in ("rank", "r*"):
        found = sort_out([CHANGED], [waiver("Badge/*", path)], TODAY)
        assert found.open == (replace(CHANGED, fields=(POINTS,)),)
        assert found.waived[0][0].fields == (RANK,)


def test_a_path_covers_what_is_inside() -> None:
    found = sort_out([CHANGED], [waiver("Badge/walker", "benefits")], TODAY)
    assert [each.fields for each in found.open] == [(RANK,)]


def test_nothing_is_left_when_every_field_is_waived() -> None:
    waivers = [waiver("Badge/*", "rank"), waiver("Badge/*", "benefits")]
    found = sort_out([CHANGED], waivers, TODAY)
    assert found.open == ()
    assert len(found.waived) == 2


def test_a_waiver_of_a_path_does_not_accept_that_all_is_missing() -> None:
    assert sort_out([MISSING], [waiver("Badge/*", "rank")], TODAY).open == (MISSING,)


def test_the_last_day_still_counts_and_the_next_alarms() -> None:
    waivers = [waiver("Badge/*", expires="2027-01-05")]
    assert sort_out([MISSING], waivers, TODAY).waived == (
        (MISSING, "known, ana, until 2027-01-05"),
    )
    later = sort_out([MISSING], waivers, date(2027, 1, 6))
    assert later.open == (MISSING,)
    assert later.alarms == ("waiver for Badge/* expired 2027-01-05",)


def test_an_expired_waiver_of_another_field_is_quiet() -> None:
    only = replace(CHANGED, fields=(RANK,))
    waivers = [waiver("Badge/*", "benefits", "2020-01-01")]
    assert sort_out([only], waivers, TODAY).alarms == ()
    alarmed = sort_out([CHANGED], waivers, TODAY)
    assert alarmed.alarms == ("waiver for Badge/* benefits expired 2020-01-01",)


def test_an_expired_waiver_of_what_has_no_drift_is_quiet() -> None:
    assert sort_out([], [waiver("Badge/*", expires="2020-01-01")], TODAY).alarms == ()
