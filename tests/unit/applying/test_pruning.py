from __future__ import annotations

import shutil

import pytest

from capsync.errors import PlanBlocked
from capsync.model import Action
from tests.unit.applying.org import BADGE, GROUP, LABEL, SERIES, Team, actions


@pytest.fixture
def settled(team: Team) -> Team:
    """A project that has been applied."""
    team.write(
        BadgeGroup__explorers=GROUP,
        BadgeGroup__runners={"name": "Runners", "rank": 2},
        Badge__walker=BADGE,
        Label__vip=LABEL,
        CouponSeries__welcome=SERIES,
    )
    team.done()
    return team


def forget(team: Team) -> None:
    shutil.rmtree(team.folder / "project/.capsync")


def test_nothing_is_removed_unless_asked(settled: Team) -> None:
    settled.write(Label__vip=None, Badge__walker=None)
    assert actions(settled.plan()) == {}


def test_owned_is_what_the_state_says_that_capsync_made(settled: Team) -> None:
    settled.write(Label__vip=None, CouponSeries__welcome=None)
    plan = settled.plan(prune="owned")
    assert {str(each.address): (each.action, each.how) for each in plan.changes if each.how} == {
        "Label/vip": (Action.RETIRE, "archive"),
        "CouponSeries/welcome": (Action.RETIRE, "expire"),
    }
    forget(settled)
    assert actions(settled.plan(prune="owned")) == {}


def test_owned_reaches_kinds_that_no_manifest_uses_any_more(settled: Team) -> None:
    settled.write(Label__vip=None)
    assert not any(each.startswith("Label/") for each in settled.specs)
    assert actions(settled.plan(prune="owned")) == {"Label/vip": "retire"}
    assert actions(settled.plan(prune="all")).get("Label/vip") == "retire"
    others = [each for each in actions(settled.plan(prune="all")) if each.startswith("Label/")]
    assert others == ["Label/vip"]


def test_what_was_adopted_is_not_owned(settled: Team) -> None:
    forget(settled)
    assert settled.done() == {}
    settled.write(Label__vip=None)
    assert actions(settled.plan(prune="owned")) == {}
    assert "105" not in actions(settled.plan(prune="owned"))


def test_final_retirement_needs_a_word(settled: Team) -> None:
    settled.write(BadgeGroup__runners=None)
    [change] = [each for each in settled.plan(prune="owned").changes if each.how]
    assert (change.action, change.reversible) == (Action.BLOCKED, False)
    assert settled.done(prune="owned", allow_irreversible=True) == {"BadgeGroup/runners": "retire"}


@pytest.mark.parametrize("prune", ["owned", "all"])
def test_an_empty_project_never_prunes(settled: Team, prune: str) -> None:
    settled.specs.clear()
    assert actions(settled.plan(prune=prune, allow_irreversible=True)) == {}


def test_what_a_change_still_uses_goes_after_it(settled: Team) -> None:
    settled.write(Badge__walker={"badgeGroupId": {"ref": "runners"}}, BadgeGroup__explorers=None)
    settled.world.sandbox.record = True
    mark = len(settled.world.sandbox.calls)
    done = settled.done(prune="owned", allow_irreversible=True)
    assert done == {"Badge/walker": "update", "BadgeGroup/explorers": "retire"}
    paths = [call.path for call in settled.world.sandbox.calls[mark:] if call.method == "PUT"]
    assert len(paths) == 2
    assert paths[0].endswith("/badgeMeta")
    assert "/group/" in paths[1]


def test_what_a_failed_change_may_still_use_stays(settled: Team) -> None:
    settled.write(Badge__walker={"badgeGroupId": {"ref": "runners"}}, BadgeGroup__explorers=None)
    settled.world.sandbox.faults.when(
        lambda call: call.method == "PUT" and call.path.endswith("badgeMeta"), "error_in_200"
    )
    report = settled.apply(prune="owned", allow_irreversible=True)
    statuses = {str(each.address): each.status for each in report.outcomes}
    assert statuses == {"Badge/walker": "failed", "BadgeGroup/explorers": "skipped"}
    assert report.exit_code == 5
    assert settled.apply(prune="owned", allow_irreversible=True).exit_code == 0


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"max_changes": 1}, "2 changes, but limits.max_changes is 1"),
        ({"max_destructive": 0}, "1 changes, but limits.max_destructive is 0"),
    ],
)
def test_limits_block_the_whole_plan_and_force_lifts_them(
    settled: Team, limits: dict[str, int], said: str
) -> None:
    settled.environment["limits"] = limits
    settled.write(Label__vip=None, Badge__walker={"description": "five"})
    writes = settled.world.sandbox.faults.writes
    with pytest.raises(PlanBlocked, match=said):
        settled.apply(prune="owned")
    assert settled.world.sandbox.faults.writes == writes
    assert len(settled.done(prune="owned", force=True)) == 2


@pytest.mark.parametrize("memory", ["kept", "lost"])
def test_a_rename_of_the_local_name_is_a_rename(settled: Team, memory: str) -> None:
    settled.specs["Badge/hiker"] = settled.specs.pop("Badge/walker")
    settled.metadata["Badge/hiker"] = {"formerly": {"name": "walker"}}
    if memory == "lost":
        forget(settled)
    assert settled.done(prune="owned") == {}
    remembered = settled.session().state().entries
    assert "Badge/walker" not in remembered
    assert remembered["Badge/hiker"].owned is (memory == "kept")


@pytest.mark.parametrize("memory", ["kept", "lost"])
def test_a_rename_of_the_natural_key_is_a_rename(settled: Team, memory: str) -> None:
    ids = {each["name"] for each in settled.live("Badge")}
    settled.write(Badge__walker={"name": "Trail Hiker"})
    settled.metadata["Badge/walker"] = {"formerly": {"key": "Trail Walker"}}
    if memory == "lost":
        forget(settled)
    assert settled.done() == {"Badge/walker": "update"}
    assert {each["name"] for each in settled.live("Badge")} ^ ids == {"Trail Hiker", "Trail Walker"}
    assert actions(settled.plan()) == {}


def test_only_a_target_is_changed_and_what_it_refers_to_may_stay(settled: Team) -> None:
    settled.write(Badge__walker={"description": "five"}, BadgeGroup__explorers={"rank": 9})
    assert settled.done(targets=("Badge/walker",)) == {"Badge/walker": "update"}


def test_a_protected_resource_is_not_taken_out_of_service(settled: Team) -> None:
    settled.metadata["Badge/walker"] = {"protect": True}
    settled.write(Badge__walker={"active": False})
    assert actions(settled.plan(allow_irreversible=True)) == {"Badge/walker": "blocked"}
