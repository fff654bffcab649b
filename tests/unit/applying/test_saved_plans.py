from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from capsync.errors import CapsyncError, PlanBlocked
from capsync.planning.saved import load_saved
from tests.unit.applying.org import BADGE, GROUP, HOOK, LABEL, SERIES, VENDOR, Team, actions


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Where a plan is saved."""
    return tmp_path / "plan.json"


@pytest.fixture
def settled(team: Team) -> Team:
    """A project that has been applied."""
    team.write(
        BadgeGroup__explorers=GROUP,
        Badge__walker=BADGE,
        NotificationWebhook__crm=HOOK,
        Label__vip=LABEL,
        CouponSeries__welcome=SERIES,
        Vendor__quayside=VENDOR,
    )
    team.done()
    return team


def test_exactly_the_saved_plan_is_carried_out(settled: Team, saved: Path) -> None:
    settled.write(Badge__walker={"description": "five"})
    settled.save(saved)
    settled.write(BadgeGroup__explorers={"rank": 7})  # wanted since, but nobody has reviewed it
    plan, report = settled.apply_saved(saved)
    assert actions(plan) == {"Badge/walker": "update"}
    assert report.exit_code == 0
    assert [each["rank"] for each in settled.live("BadgeGroup") if each["name"] == "Explorers"] == [
        1
    ]
    assert actions(settled.plan()) == {"BadgeGroup/explorers": "update"}


def test_a_project_that_is_not_there_yet(team: Team, saved: Path) -> None:
    team.write(BadgeGroup__explorers=GROUP, Badge__walker=BADGE, CouponSeries__welcome=SERIES)
    team.save(saved)
    plan, report = team.apply_saved(saved)
    assert len(actions(plan)) == 3
    assert report.exit_code == 0
    plan, report = team.apply_saved(saved)
    assert actions(plan) == {}
    assert report.sent == 0
    assert "Badge/walker: is as planned already" in plan.warnings


def test_what_was_carried_out_in_part_is_finished(team: Team, saved: Path) -> None:
    team.write(
        BadgeGroup__explorers=GROUP,
        Badge__walker=BADGE,
        CouponSeries__welcome={**SERIES, "seriesCode": "WELCOME10"},
    )
    team.save(saved)
    team.world.sandbox.faults.when(
        lambda call: (
            call.write is not None and (call.method == "PUT" or call.path.endswith("badgeMeta"))
        ),
        "error_in_200",
        times=None,
    )
    _, report = team.apply_saved(saved)
    assert report.exit_code == 5
    team.world.sandbox.faults.clear()
    team.world.later()
    plan, report = team.apply_saved(saved)
    assert actions(plan) == {"Badge/walker": "create", "CouponSeries/welcome": "update"}
    assert report.exit_code == 0
    assert actions(team.plan()) == {}


def test_a_planned_field_that_moved_is_a_conflict_with_all_three_values(
    settled: Team, saved: Path
) -> None:
    settled.write(Badge__walker={"description": "five"})
    settled.save(saved)
    settled.console(Badge__walker={"description": "theirs"})
    writes = settled.world.sandbox.faults.writes
    with pytest.raises(PlanBlocked) as refused:
        settled.apply_saved(saved)
    expected = 'description: was "Walk four trails", planned "five", live is "theirs"'
    assert f"Badge/walker: {expected}" in str(refused.value)
    assert "it was made at 2027-" in str(refused.value)
    assert settled.world.sandbox.faults.writes == writes


def test_an_object_that_moved_elsewhere_is_changed_as_planned_and_no_more(
    settled: Team, saved: Path
) -> None:
    settled.write(NotificationWebhook__crm={"maxAllowedConnections": 20})
    settled.save(saved)
    settled.console(
        NotificationWebhook__crm={
            "maxAllowedConnections": 10,
            "webHookUrl": "https://sink.example.com/theirs",
        }
    )
    plan, report = settled.apply_saved(saved)
    assert actions(plan) == {"NotificationWebhook/crm": "update"}
    assert [each.path for each in plan.changes if each.fields for each in each.fields] == [
        ("maxAllowedConnections",)
    ]
    assert report.exit_code == 0
    [hook] = [each for each in settled.live("NotificationWebhook") if each["name"] == "CRM"]
    assert hook["maxAllowedConnections"] == 20
    assert hook["webHookUrl"] == "https://sink.example.com/theirs"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"description": "six"}, '"five" was planned, the manifests say "six" now'),
        ({"description": "Walk four trails"}, "the manifests no longer ask for it"),
        ({"expiresOn": "2036-12-31T23:59:59Z"}, "expiresOn: the manifests say"),
    ],
)
def test_manifests_that_changed_since(
    settled: Team, saved: Path, edit: dict[str, Any], said: str
) -> None:
    settled.write(Badge__walker={"description": "five"})
    settled.save(saved)
    settled.write(Badge__walker=edit)
    with pytest.raises(PlanBlocked, match="is stale") as refused:
        settled.apply_saved(saved)
    assert said in str(refused.value)


def test_a_manifest_that_is_gone(settled: Team, saved: Path) -> None:
    settled.write(Badge__walker={"description": "five"})
    settled.save(saved)
    settled.write(Badge__walker=None)
    with pytest.raises(PlanBlocked, match="Badge/walker: the manifests no longer have it"):
        settled.apply_saved(saved)


def test_what_somebody_made_meanwhile_with_other_values(team: Team, saved: Path) -> None:
    team.write(BadgeGroup__explorers=GROUP)
    team.save(saved)
    team.console(BadgeGroup__explorers={"rank": 9})
    with pytest.raises(PlanBlocked, match=r"'Explorers' is there now .* with other values"):
        team.apply_saved(saved)


def test_pruning_that_is_done_already(settled: Team, saved: Path) -> None:
    settled.write(Label__vip=None, CouponSeries__welcome=None)
    plan = settled.save(saved, prune="owned")
    assert actions(plan) == {"Label/vip": "retire", "CouponSeries/welcome": "retire"}
    kept = settled.specs
    settled.specs = {**kept, "Label/vip": LABEL}
    with pytest.raises(PlanBlocked, match="Label/vip: Label/vip declares it now"):
        settled.apply_saved(saved)
    settled.specs = kept
    assert set(settled.done(prune="owned")) == {"Label/vip", "CouponSeries/welcome"}
    plan, report = settled.apply_saved(saved)
    assert actions(plan) == {}
    assert report.sent == 0


def test_the_options_of_planning_are_those_of_the_saved_plan(settled: Team, saved: Path) -> None:
    settled.write(Badge__walker={"description": "five"}, Label__vip={"description": "runs"})
    settled.save(saved, targets=("Badge/*",))
    plan, report = settled.apply_saved(saved)
    assert actions(plan) == {"Badge/walker": "update"}
    assert report.exit_code == 0
    settled.world.later()
    settled.save(saved, resend=("Vendor/*",), targets=("Vendor",))
    plan, report = settled.apply_saved(saved)
    assert actions(plan) == {"Vendor/quayside": "update"}
    assert report.sent == 1


def test_no_secret_is_in_the_file_and_they_are_read_again(team: Team, saved: Path) -> None:
    team.write(NotificationWebhook__crm=HOOK, Vendor__quayside=VENDOR)
    team.save(saved)
    assert "TOP-SECRET" not in saved.read_text()
    _, report = team.apply_saved(saved)
    assert report.exit_code == 0
    everything = [each.read_bytes() for each in team.folder.rglob("*") if each.is_file()]
    kept = [data for data in everything if b"TOP-SECRET" in data]
    assert len(kept) == 1  # the manifest


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"environment": "prod"}, "is for environment prod, this is sandbox"),
        ({"org_id": 5}, "is for org_id 5, this is 100737"),
    ],
)
def test_another_org_or_environment_is_refused(
    settled: Team, saved: Path, change: dict[str, Any], said: str
) -> None:
    from capsync.planning.saved import _digest_of

    settled.write(Badge__walker={"description": "five"})
    settled.save(saved)
    body = json.loads(saved.read_text()) | change
    saved.write_text(json.dumps(body | {"digest": _digest_of(body)}))
    with pytest.raises(PlanBlocked, match=said):
        settled.apply_saved(saved)


def test_a_file_that_was_edited_is_refused(settled: Team, saved: Path) -> None:
    settled.write(Badge__walker={"description": "five"})
    settled.save(saved)
    saved.write_text(saved.read_text().replace('"five"', '"fifty"'))
    with pytest.raises(PlanBlocked, match="was changed since it was saved"):
        load_saved(saved)


def test_a_file_of_a_newer_minor_version_with_more_members_is_read(
    settled: Team, saved: Path
) -> None:
    settled.write(Badge__walker={"description": "five"})
    settled.save(saved)
    body = json.loads(saved.read_text()) | {"format": "capsync.plan/1.3", "news": 1}
    saved.write_text(json.dumps(body))
    assert settled.apply_saved(saved)[1].exit_code == 0
    saved.write_text(json.dumps(body | {"format": "capsync.plan/10"}))
    with pytest.raises(PlanBlocked, match=r"has format capsync\.plan/10"):
        load_saved(saved)


@pytest.mark.parametrize("text", ["", "[]", '{"format": "capsync.plan/1"}', '{"format": 3}'])
def test_what_is_no_saved_plan(saved: Path, text: str) -> None:
    saved.write_text(text)
    with pytest.raises(CapsyncError, match="saved plan"):
        load_saved(saved)


def test_a_blocked_plan_stays_blocked(settled: Team, saved: Path) -> None:
    settled.write(Badge__walker={"earnType": "ISSUE_EARN", "description": "five"})
    settled.write(BadgeGroup__explorers={"rank": 3})
    settled.save(saved)
    with pytest.raises(PlanBlocked, match=r"the saved plan is blocked:\n  Badge/walker"):
        settled.apply_saved(saved)
    assert actions(settled.plan())["BadgeGroup/explorers"] == "update"
