from __future__ import annotations

import pytest

from capsync.errors import CapsyncError, PlanBlocked
from capsync.sandbox.coupons_store import SERIES as SERIES_STORE
from capsync.sandbox.webhooks import WEBHOOKS
from tests.unit.applying.org import BADGE, GROUP, HOOK, LABEL, SERIES, VENDOR, Team, actions


@pytest.fixture
def settled(team: Team) -> Team:
    """A project that has been applied."""
    team.write(
        BadgeGroup__explorers=GROUP,
        Badge__walker=BADGE,
        Label__vip=LABEL,
        CouponSeries__welcome=SERIES,
        Vendor__quayside=VENDOR,
        NotificationWebhook__crm=HOOK,
    )
    team.done()
    return team


def test_what_a_run_changed_goes_back_and_nothing_else(settled: Team) -> None:
    before = settled.world.org()
    settled.write(
        Badge__walker={"description": "five"},
        CouponSeries__welcome={"discountValue": 12},
        NotificationWebhook__crm={"maxAllowedConnections": 20},
    )
    report = settled.apply()
    assert report.exit_code == 0
    settled.console(NotificationWebhook__crm={"webHookUrl": "https://sink.example.com/theirs"})
    undo = settled.undo(report.run)
    assert actions(undo.plan) == {
        "Badge/walker": "update",
        "CouponSeries/welcome": "update",
        "NotificationWebhook/crm": "update",
    }
    assert settled.undo_now(report.run).exit_code == 0
    after = settled.world.org()
    [hook] = [each for each in after["NotificationWebhook"] if each["name"] == "CRM"]
    assert hook["webHookUrl"] == "https://sink.example.com/theirs"
    assert hook["maxAllowedConnections"] == 10
    for kind in ("Badge", "CouponSeries", "BadgeGroup"):
        assert after[kind] == before[kind]
    assert actions(settled.undo(report.run).plan) == {}


def test_retired_objects_come_back(settled: Team) -> None:
    before = settled.world.org()
    settled.write(Label__vip=None, CouponSeries__welcome=None)
    report = settled.apply(prune="owned")
    assert report.exit_code == 0
    assert settled.live("Label") != before["Label"]
    assert settled.undo_now(report.run).exit_code == 0
    after = settled.world.org()
    assert after["Label"] == before["Label"]
    assert after["CouponSeries"] == before["CouponSeries"]


def test_created_objects_stay_and_are_told(team: Team) -> None:
    team.write(BadgeGroup__explorers=GROUP, Badge__walker=BADGE)
    report = team.apply()
    undo = team.undo(report.run)
    assert actions(undo.plan) == {}
    assert set(undo.left_as_is) == {
        "BadgeGroup/explorers was created by the run and stays",
        "Badge/walker was created by the run and stays",
    }


def test_added_children_stay_and_are_told(settled: Team) -> None:
    cycle = {"refCode": "C1", "startDate": "2035-01-01", "endDate": "2035-01-31"}
    settled.write(TargetGroup__pier={"name": "Pier", "periods": [cycle]})
    settled.done()
    more = [cycle, {"refCode": "C2", "startDate": "2035-02-01", "endDate": "2035-02-28"}]
    settled.write(TargetGroup__pier={"description": "longer", "periods": more})
    report = settled.apply()
    undo = settled.undo(report.run)
    assert actions(undo.plan) == {"TargetGroup/pier": "update"}
    assert undo.left_as_is == ("TargetGroup/pier: periods[C2] was added since, and stays",)


def test_secrets_are_neither_kept_nor_blanked(settled: Team) -> None:
    settled.write(
        Vendor__quayside={"vendorDetails": {"clientId": "quay", "clientSecret": "NEW-SECRET"}},
        NotificationWebhook__crm={
            "webHookHeaders": {"Authorization": "NEW-SECRET"},
            "maxAllowedConnections": 20,
        },
    )
    report = settled.apply()
    assert report.exit_code == 0
    kept = settled.folder / "project/.capsync/history" / report.run
    assert not [each for each in kept.rglob("*.json") if b"SECRET" in each.read_bytes()]
    undo = settled.undo(report.run)
    assert actions(undo.plan) == {"NotificationWebhook/crm": "update"}
    [said] = [each for each in undo.left_as_is if "NotificationWebhook" in each]
    assert "webHookHeaders was not kept" in said
    assert settled.undo_now(report.run).exit_code == 0
    changed = {path for each in settled.plan().changes for path in each.fields}
    assert {each.path for each in changed} == {("maxAllowedConnections",)}


def test_an_object_that_is_gone_since_is_made_anew(settled: Team) -> None:
    settled.write(
        NotificationWebhook__crm={"maxAllowedConnections": 20},
        CouponSeries__welcome={"discountValue": 12},
    )
    report = settled.apply()
    store = settled.world.sandbox.store
    [hook] = [each for each in store.all(WEBHOOKS) if each["name"] == "CRM"]
    store.delete(WEBHOOKS, hook["webHookId"])
    store.delete("notification-webhook-names", "CRM")
    [series] = [each for each in store.all(SERIES_STORE) if each["description"] == "Welcome 10"]
    store.delete(SERIES_STORE, series["id"])
    undo = settled.undo(report.run)
    assert actions(undo.plan) == {
        "CouponSeries/welcome": "create",
        "NotificationWebhook/crm": "blocked",  # its secret headers were not kept
    }
    told = "\n".join(undo.left_as_is)
    assert "CouponSeries/welcome: Welcome 10 is made anew, under another id" in told
    assert "NotificationWebhook/crm: webHookHeaders: every webhook is made with headers" in told


def test_a_run_that_is_not_kept(settled: Team) -> None:
    with pytest.raises(CapsyncError, match="there is no kept run nope"):
        settled.undo("nope")


def test_a_run_of_another_environment_is_refused(settled: Team) -> None:
    settled.write(Badge__walker={"description": "five"})
    report = settled.apply()
    about = settled.folder / "project/.capsync/history" / report.run / "run.json"
    about.write_text(about.read_text().replace('"sandbox"', '"prod"'))
    with pytest.raises(PlanBlocked, match="was of environment prod, this is sandbox"):
        settled.undo(report.run)


def test_a_manifest_is_not_needed_for_the_way_back(settled: Team) -> None:
    settled.write(Badge__walker={"description": "five"})
    report = settled.apply()
    settled.specs.clear()
    assert actions(settled.undo(report.run).plan) == {"Badge/walker": "update"}
