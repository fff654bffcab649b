"""A state that several machines share, on a real S3 server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from capsync.applying import ApplyReport
from capsync.errors import ManifestError, PlanBlocked
from capsync.memory.remote import RemoteObject
from capsync.memory.remotelock import RemoteLock
from capsync.model import Action
from tests.unit.applying.org import BADGE, GROUP, LABEL, Team, actions
from tests.unit.memory.s3 import s3, use_bucket


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3() as url:
        yield url


@pytest.fixture
def url(server: str, monkeypatch: pytest.MonkeyPatch, team: Team) -> str:
    """Where the team keeps its state."""
    found = f"{use_bucket(server, monkeypatch)}/acme/uat.json"
    team.environment["state"] = {"url": found}
    team.write(BadgeGroup__explorers=GROUP, Badge__walker=BADGE, Label__vip=LABEL)
    return found


def other_machine(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """From now on locks of files are another machine's."""
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "other-machine"))


def test_the_state_is_in_the_bucket_and_nowhere_else(url: str, team: Team) -> None:
    team.done()
    assert not list((team.folder / "project/.capsync").glob("*.state.json"))
    assert RemoteObject(url).read() is not None
    assert RemoteObject(f"{url}.lock").read() is None
    entries = team.session().state().entries
    assert sorted(entries) == ["Badge/walker", "BadgeGroup/explorers", "Label/vip"]


def test_another_checkout_knows_what_was_made(url: str, team: Team) -> None:
    team.done()
    team.write(Label__vip=None)

    async def planned() -> dict[str, str]:
        from capsync.planning.options import PlanOptions

        async with team.session(root="checkout") as session:
            return actions(await session.plan(PlanOptions(prune="owned")))

    assert asyncio.run(planned()) == {"Label/vip": "retire"}


def test_two_machines_exclude_each_other(
    url: str, team: Team, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def both() -> None:
        async with team.session() as one, one.locked():
            other_machine(monkeypatch, tmp_path)
            async with team.session(root="checkout") as other:
                plan = await other.plan()
                writes = team.world.sandbox.faults.writes
                with pytest.raises(PlanBlocked, match=r"org 100737 is locked by .* \(until 2027-"):
                    await other.apply(plan)
                assert team.world.sandbox.faults.writes == writes
            assert (await one.apply(await one.plan())).exit_code == 0

    asyncio.run(both())


def test_a_plan_made_before_another_machine_saved_is_refused(
    url: str, team: Team, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def both() -> None:
        async with team.session() as slow:
            plan = await slow.plan()
            async with team.session(root="checkout") as quick:
                assert (await quick.apply(await quick.plan())).exit_code == 0
            with pytest.raises(PlanBlocked, match="another run has changed the org"):
                await slow.apply(plan)

    asyncio.run(both())


def test_a_lost_lock_stops_the_run_before_the_next_change(url: str, team: Team) -> None:
    team.environment["concurrency"] = 1
    memory = []

    def takes_over(call: object) -> bool:
        """Another machine takes the lock during the first write."""
        if getattr(call, "write", None) == 0 and not memory:
            lock = RemoteLock(url, 100737, lambda: team.world.time.now)
            lock.remove()
            lock._acquire()
            memory.append(lock)
            team.world.later(1000)
        return False

    team.world.sandbox.faults.when(takes_over, "refused")
    report = team.apply()
    statuses = {str(each.address): each.status for each in report.outcomes}
    assert set(statuses.values()) == {"done", "skipped"}
    assert statuses["Badge/walker"] == "skipped"
    assert all(
        "not held any more, but by" in each.message
        for each in report.outcomes
        if each.status == "skipped"
    )
    assert report.exit_code == 5
    assert not report.interrupted
    memory[0].remove()
    team.world.sandbox.faults.clear()
    assert team.apply().exit_code == 0


def test_what_others_saved_meanwhile_is_kept(url: str, team: Team) -> None:
    """Somebody pushes a state while an apply runs."""

    async def applied() -> ApplyReport:
        async with team.session() as session, session.locked():
            plan = await session.plan()
            async with team.session(root="checkout") as other:
                state = other.memory.state()
                state.entries["Label/theirs"] = state.entries.get("Badge/none") or _entry()
                other.memory.replace(state)
            return await session.apply(plan)

    def _entry() -> object:
        from capsync.memory.state import Remembered

        return Remembered("9", owned=True)

    report = asyncio.run(applied())
    assert report.exit_code == 0
    entries = team.session().state().entries
    assert {"Label/theirs", "Badge/walker", "Label/vip"} <= entries.keys()


def test_a_store_that_is_away_after_the_writes_is_made_up_for_by_the_journal(
    url: str, team: Team, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    async def applied() -> ApplyReport:
        async with team.session() as session, session.locked():
            plan = await session.plan()
            lock = RemoteObject(f"{url}.lock")
            monkeypatch.setattr("capsync.memory.remote.RemoteObject.write", _refuse, raising=True)
            try:
                return await session.apply(plan)
            finally:
                monkeypatch.undo()
                use_bucket(server, monkeypatch)
                assert lock.read() is not None

    def _refuse(*_args: object) -> str:
        from capsync.errors import CapsyncError

        raise CapsyncError("the store is away")

    state_home = team.folder / "locks"
    monkeypatch.setenv("XDG_STATE_HOME", str(state_home))
    report = asyncio.run(applied())
    monkeypatch.setenv("XDG_STATE_HOME", str(state_home))
    assert report.count("done") == 3
    assert "the store is away" in report.unsaved
    assert report.exit_code == 5
    team.world.later()
    second = team.apply()
    assert second.exit_code == 0
    assert second.outcomes == ()
    assert all(each.owned for each in team.session().state().entries.values())


def test_ci_is_warned_only_where_machines_are_not_excluded(
    url: str, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert team.session().memory.lock_warning == ""
    monkeypatch.setenv("CI", "true")
    assert team.session().memory.lock_warning == ""
    del team.environment["state"]
    assert "from another machine" in team.session().memory.lock_warning


@pytest.mark.parametrize("place", ["shared/state.json", "file"])
def test_a_state_in_another_file(team: Team, tmp_path: Path, place: str) -> None:
    path = tmp_path / "elsewhere" / "uat.json"
    team.environment["state"] = {"url": path.as_uri() if place == "file" else place}
    team.write(Label__vip=LABEL)
    path = path if place == "file" else tmp_path / "project" / place
    team.done()
    assert path.is_file()
    assert (path.parent / f"{path.name}.journal" / "done").is_dir()
    assert not list((tmp_path / "project/.capsync").glob("*.state.json"))


def test_a_url_that_means_nothing(team: Team) -> None:
    team.environment["state"] = {"url": "ftp://host/state.json"}
    with pytest.raises(ManifestError, match="no place for a state"):
        team.session()


def test_a_state_of_another_org_is_refused(team: Team, tmp_path: Path) -> None:
    team.write(Label__vip=LABEL)
    team.done()
    state = tmp_path / "project/.capsync/sandbox.state.json"
    state.write_text(state.read_text().replace("100737", "5"))
    with pytest.raises(PlanBlocked, match="is of org 5, this is 100737"):
        team.plan()


def test_stamps_and_request_ids_of_the_last_write_are_kept(team: Team) -> None:
    team.write(Label__vip=LABEL, BadgeGroup__explorers=GROUP)
    team.done()
    entries = team.session().state().entries
    assert all(each.request_id and each.at for each in entries.values())
    assert entries["BadgeGroup/explorers"].stamp
    team.write(BadgeGroup__explorers={"rank": 5})
    before = entries["BadgeGroup/explorers"]
    assert team.done() == {"BadgeGroup/explorers": Action.UPDATE}
    after = team.session().state().entries["BadgeGroup/explorers"]
    assert after.stamp != before.stamp
    assert after.request_id != before.request_id
