"""What goes wrong around an apply: disks, clocks, other people, other applies."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from capsync.applying import ApplyReport
from capsync.errors import PlanBlocked
from capsync.manifests import Project
from capsync.model import Action
from capsync.planning.options import PlanOptions
from capsync.sandbox.app import Sandbox
from capsync.sandbox.coupons_store import CODES, SERIES
from capsync.sandbox.faults import is_write
from capsync.sandbox.inprocess import SandboxTransport
from capsync.sandbox.store import Store
from capsync.sandbox.webhooks import WEBHOOKS
from capsync.session import Session
from tests.fault.clock import Time
from tests.fault.matrix import Scene
from tests.fault.world import ALLOWED, World, busy, elsewhere, forget


@pytest.fixture
def scene(scenes: dict[str, Scene]) -> Scene:
    """An org that has nothing of the project."""
    scenes["create"].put_back()
    return scenes["create"]


@pytest.fixture
def change(scenes: dict[str, Scene]) -> Scene:
    """An org that has the project as it was before some edits."""
    scenes["change"].put_back()
    return scenes["change"]


# Disks


@pytest.mark.parametrize("blocked", [".capsync", ".capsync/journal"])
def test_nothing_is_sent_where_nothing_can_be_put_on_record(scene: Scene, blocked: str) -> None:
    forget(scene.project)
    path = scene.project.root / blocked
    path.parent.mkdir(exist_ok=True)
    path.write_text("in the way")
    writes = scene.world.sandbox.faults.writes
    report = scene.world.apply(scene.project)
    assert scene.world.sandbox.faults.writes == writes
    assert report.exit_code == 1
    assert report.sent == 0
    failed = [each for each in report.outcomes if each.status == "failed"]
    assert failed
    assert all("can not be written" in each.message for each in failed)
    forget(scene.project)
    assert not scene.again()


def test_a_plan_needs_no_folder_to_write_to(change: Scene) -> None:
    forget(change.project)
    (change.project.root / ".capsync").write_text("in the way")
    assert busy(change.world.plan(change.project))


def test_nothing_to_do_needs_no_folder_to_write_to(scene: Scene) -> None:
    scene.world.apply(scene.project)
    state = scene.project.root / ".capsync" / "sandbox.state.json"
    kept = state.read_bytes()
    shutil.rmtree(scene.project.root / ".capsync")
    state.parent.mkdir()
    state.write_bytes(kept)
    (state.parent / "journal").write_text("in the way")
    report = scene.world.apply(scene.project)
    assert report.exit_code == 0
    assert not report.unsaved
    assert state.read_bytes() == kept


def test_a_state_that_can_not_be_saved_is_told_and_made_up_from_the_journal(scene: Scene) -> None:
    forget(scene.project)
    folder = scene.project.root / ".capsync"
    state = folder / "sandbox.state.json"

    def spoil() -> None:
        folder.mkdir(exist_ok=True)
        state.mkdir()  # nothing can be put in the place of a folder

    report = asyncio.run(_applied_while(scene, spoil))
    assert report.count("done") == len(scene.project.resources)
    assert "can not be" in report.unsaved
    assert report.exit_code == 5
    state.rmdir()
    second = scene.world.apply(scene.project)
    assert second.exit_code == 0
    assert second.outcomes == ()
    owned = scene.world.session(scene.project).state().entries
    assert len(owned) == len(scene.project.resources)
    assert all(each.owned and each.request_id for each in owned.values())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder(scene: Scene) -> None:
    scene.project.root.chmod(0o500)
    try:
        assert scene.world.apply(scene.project).exit_code == 1
    finally:
        scene.project.root.chmod(0o700)
    assert not scene.again()


# Clocks


class Waking(httpx.AsyncBaseTransport):
    """A transport during whose nth write the machine sleeps for an hour."""

    def __init__(self, sandbox: Sandbox, world: World, write: int) -> None:
        self._inner, self._world, self._left = SandboxTransport(sandbox), world, write

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The sandbox's answer, an hour late."""
        if is_write(request.method, request.url.path):
            self._left -= 1
            if self._left == -1:
                self._world.time.now += 3600
        return await self._inner.handle_async_request(request)


@pytest.mark.parametrize("write", [0, 3, 11, 20, 29])
def test_a_token_that_expired_while_the_machine_slept(scene: Scene, write: int) -> None:
    async def applied() -> ApplyReport:
        # The monotonic clock stands still while the machine sleeps: the token looks fresh.
        timing = {"clock": Time(), "sleep": scene.world.time.sleep}
        transport = Waking(scene.world.sandbox, scene.world, write)
        async with Session(
            scene.project, transport=transport, clock=scene.world.time, timing=timing
        ) as session:
            return await session.apply(await session.plan(ALLOWED))

    report = asyncio.run(applied())
    assert report.exit_code == 0, [each for each in report.outcomes if each.status != "done"]
    assert not scene.again()


@pytest.mark.parametrize("hours", [-26, -1, 1, 26])
def test_a_clock_that_is_wrong(scene: Scene, hours: int) -> None:
    def wrong() -> float:
        return scene.world.time.now + hours * 3600

    async def applied() -> ApplyReport:
        timing = {"clock": scene.world.time, "sleep": scene.world.time.sleep, "wall_clock": wrong}
        transport = SandboxTransport(scene.world.sandbox)
        async with (
            Session(scene.project, transport=transport, clock=wrong, timing=timing) as session,
            session.locked(),
        ):
            return await session.apply(await session.plan(ALLOWED))

    scene.world.sandbox.faults.at(7, "drop_after")
    first = asyncio.run(applied())
    assert not scene.untrue(first)
    second = asyncio.run(applied())
    assert second.exit_code == 0
    assert not scene.again()


@pytest.mark.parametrize("fault", ["drop_after", "drop_before", "late_504"])
def test_lists_that_show_new_objects_late(scene: Scene, fault: str) -> None:
    for write in range(0, scene.writes, 3):
        scene.put_back()
        faults = scene.world.sandbox.faults
        faults.list_lag = 3.0
        faults.at(write, fault, times=2)
        first = scene.world.apply(scene.project)
        faults.clear()
        faults.list_lag = 3.0
        second = scene.world.apply(scene.project)
        assert second.exit_code == 0, (write, second, first)
        faults.clear()
        assert not scene.again(), write


# Other people


def test_edits_between_plan_and_apply_are_never_overwritten(change: Scene) -> None:
    """Somebody changes every planned field of everything that is planned to change."""
    plan, report, theirs = asyncio.run(_applied_after(change, _shifted(change.project)))
    planned = [each for each in plan.changes if each.action is Action.UPDATE]
    assert len(report.outcomes) == len(planned)
    assert {each.status for each in report.outcomes} == {"failed", "skipped"}
    failed = [each.message for each in report.outcomes if each.status == "failed"]
    assert len(failed) >= 8
    assert all("was changed since the plan was made" in message for message in failed)
    assert report.sent == 0
    assert change.world.org() == theirs
    assert not change.again()


def test_an_edit_that_is_ours_already_is_told_so(change: Scene) -> None:
    plan, report, _ = asyncio.run(_applied_after(change, change.project))
    assert {each.status for each in report.outcomes} == {"already"}
    assert report.sent == 0
    assert report.exit_code == 0
    assert len(report.outcomes) == sum(each.action is Action.UPDATE for each in plan.changes)


def test_objects_deleted_between_plan_and_apply(change: Scene) -> None:
    store = change.world.sandbox.store

    async def applied() -> tuple[ApplyReport, set[str]]:
        async with change.world.session(change.project) as session:
            plan = await session.plan(ALLOWED)
            deleted = set()
            for each in plan.changes:
                if each.action is Action.UPDATE and each.address.kind in _DELETABLE:
                    _DELETABLE[each.address.kind](store, str(each.id))
                    deleted.add(str(each.address))
            return await session.apply(plan), deleted

    report, deleted = asyncio.run(applied())
    told = {str(each.address): each for each in report.outcomes}
    assert deleted
    for address in deleted:
        assert told[address].status == "failed"
        assert "deleted since the plan was made" in told[address].message
    second = change.world.apply(change.project)
    assert second.exit_code == 0
    made = {str(each.address) for each in second.outcomes if each.action is Action.CREATE}
    assert made == deleted
    assert not busy(change.world.plan(change.project))


def _without_webhook(store: Store, id: str) -> None:
    name = store.get(WEBHOOKS, id)["name"]
    store.delete(WEBHOOKS, id)
    store.delete("notification-webhook-names", name)


def _without_series(store: Store, id: str) -> None:
    code = store.get(SERIES, id)["seriesCode"]
    store.delete(SERIES, id)
    store.delete(CODES, code)


# The API deletes neither; support and other modules may.
_DELETABLE = {"NotificationWebhook": _without_webhook, "CouponSeries": _without_series}


# Other applies

_UPSERTS = ["EventMapping/mapping"]


def test_a_second_apply_at_the_same_time_sends_nothing(scene: Scene, tmp_path: Path) -> None:
    checkout = elsewhere(scene.project, tmp_path / "checkout")

    async def both() -> None:
        async with scene.world.session(scene.project) as one, one.locked():
            async with scene.world.session(checkout) as other:
                plan = await other.plan(ALLOWED)  # plans never lock
                writes = scene.world.sandbox.faults.writes
                with pytest.raises(PlanBlocked, match=r"locked by \S+@\S+, process \d+, since 20"):
                    await other.apply(plan)
                assert scene.world.sandbox.faults.writes == writes
            report = await one.apply(await one.plan(ALLOWED))
            assert report.exit_code == 0

    asyncio.run(both())
    assert not scene.again()


def test_a_plan_that_another_apply_has_overtaken_is_refused(scene: Scene) -> None:
    async def both() -> None:
        async with scene.world.session(scene.project) as one:
            plan = await one.plan(ALLOWED)
            async with scene.world.session(scene.project) as other:
                assert (await other.apply(await other.plan(ALLOWED))).exit_code == 0
            with pytest.raises(PlanBlocked, match="another run has changed the org"):
                await one.apply(plan)

    asyncio.run(both())
    assert not scene.again()


def test_what_another_checkout_made_meanwhile_is_not_made_twice(
    scene: Scene, tmp_path: Path
) -> None:
    """Two machines, or two checkouts: the second's plan is older than the first's apply."""
    checkout = elsewhere(scene.project, tmp_path / "checkout")

    async def both() -> ApplyReport:
        async with scene.world.session(checkout) as slow:
            plan = await slow.plan(ALLOWED)
            scene.world.later(60)
            async with scene.world.session(scene.project) as quick:
                assert (await quick.apply(await quick.plan(ALLOWED))).exit_code == 0
            return await slow.apply(plan)

    report = asyncio.run(both())
    statuses = {str(each.address): each.status for each in report.outcomes}
    assert set(statuses.values()) == {"already", "failed", "skipped", "done"}
    # One call makes and changes mappings: what is written twice is the same.
    assert [each for each, status in statuses.items() if status == "done"] == _UPSERTS
    assert not scene.again()


def _shifted(project: Project) -> Project:
    """The project with other values in every field that an edit of the matrix touches."""
    others: dict[str, dict[str, Any]] = {
        "Label/vip": {"description": "theirs"},
        "BehavioralEvent/hike": {"description": "theirs"},
        "NotificationWebhook/crm": {"maxAllowedConnections": 33},
        "CouponSeries/welcome": {"discountValue": 33, "description": "Theirs 33"},
        "CouponSeries/birthday": {"discountValue": 33},
        "CouponSeries/comeback": {"seriesCode": "THEIRS"},
        "BadgeGroup/explorers": {"rank": 33},
        "Badge/walker": {"description": "theirs"},
        "RewardGroup/summer": {"rank": 33},
        "Reward/scarf": {"intouchPoints": 33},
        "CatalogPromotion/sale": {"discountValue": 33},
        "TargetGroup/spring": {"description": "theirs"},
    }
    resources = tuple(
        replace(each, spec={**each.spec, **others.get(str(each.address), {})})
        for each in project.resources
    )
    return replace(project, resources=resources)


async def _applied_after(scene: Scene, theirs: Project) -> Any:
    """Plan; somebody else applies another project; apply. Gives the plan, the report, and the org
    as it was before the apply."""
    async with scene.world.session(scene.project) as session:
        plan = await session.plan(ALLOWED)
        other = elsewhere(theirs, scene.world.folder / "theirs")
        async with scene.world.session(other) as console:
            planned = await console.plan(PlanOptions(allow_irreversible=True))
            assert (await console.apply(planned)).exit_code == 0
        before = await asyncio.to_thread(scene.world.org)
        scene.world.later(1)
        return plan, await session.apply(plan), before


async def _applied_while(scene: Scene, happening: Any) -> ApplyReport:
    """Plan; something happens; apply."""
    async with scene.world.session(scene.project) as session, session.locked():
        plan = await session.plan(ALLOWED)
        happening()
        return await session.apply(plan)
