"""Kinds that may not be read: the rest is planned and done, and the exit code says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from capsync.cli.plan import exit_code
from capsync.errors import PlanBlocked
from tests.unit.applying.org import BADGE, GROUP, LABEL, SERIES, Team, actions


@pytest.fixture
def half_blind(team: Team) -> Team:
    """A project with a badge, where badge groups may not be read."""
    team.write(BadgeGroup__explorers=GROUP, Badge__walker=BADGE, Label__vip=LABEL)
    team.world.sandbox.faults.when(
        lambda call: "/badges/group" in call.path and call.method == "GET",
        "error_in_200",
        times=None,
    )
    return team


def test_what_does_not_depend_on_it_is_done(half_blind: Team) -> None:
    plan = half_blind.plan()
    assert actions(plan) == {"Badge/walker": "create", "Label/vip": "create"}
    assert "BadgeGroup could not be read (BadgeGroup/explorers)" in plan.unreadable[0]
    assert exit_code(plan, detailed=True) == 1
    report = half_blind.apply()
    assert report.exit_code == 5
    told = {str(each.address): (each.status, each.message) for each in report.outcomes}
    assert told["Label/vip"] == ("done", "")
    why = "needs BadgeGroup/explorers, which could not be read"
    assert told["Badge/walker"] == ("skipped", why)
    half_blind.world.sandbox.faults.clear()
    assert set(half_blind.done()) == {"BadgeGroup/explorers", "Badge/walker"}


def test_what_looks_something_up_in_it_is_left_out(half_blind: Team) -> None:
    half_blind.write(BadgeGroup__explorers=None)
    half_blind.write(Badge__walker={"badgeGroupId": {"lookup": "Explorers"}})
    plan = half_blind.plan()
    assert actions(plan) == {"Label/vip": "create"}
    assert plan.unreadable[0].startswith("Badge/walker: lookup BadgeGroup Explorers: BadgeGroup")
    assert exit_code(plan, detailed=True) == 1
    report = half_blind.apply()
    assert (report.exit_code, report.count("done")) == (5, 1)


def test_who_aims_at_others_is_not_bothered(half_blind: Team) -> None:
    plan = half_blind.plan(targets=("Label",))
    assert not plan.unreadable
    assert half_blind.apply(targets=("Label",)).exit_code == 0


def test_a_saved_plan_waits_until_all_of_it_can_be_read(team: Team, tmp_path: Path) -> None:
    team.write(BadgeGroup__explorers=GROUP, CouponSeries__welcome=SERIES)
    team.done()
    team.write(Badge__walker={**BADGE, "badgeGroupId": {"lookup": "Explorers"}})
    saved = tmp_path / "plan.json"
    team.save(saved)
    team.world.sandbox.faults.when(
        lambda call: "/badges/group" in call.path, "error_in_200", times=None
    )
    with pytest.raises(PlanBlocked, match=r"Badge/walker: lookup .* could not be read"):
        team.apply_saved(saved)
    team.world.sandbox.faults.clear()
    _, report = team.apply_saved(saved)
    assert report.exit_code == 0
