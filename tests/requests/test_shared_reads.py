"""Changes that need the same list share one reading of it, which begins after each has asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from capsync.api.client import Client
from capsync.api.settings import Settings
from capsync.errors import ApiError
from capsync.kinds import KINDS
from capsync.reading.live import Reader
from capsync.sandbox.faults import Kind as FaultKind
from capsync.sandbox.inprocess import SandboxTransport
from tests.laws.orgs import Org

GROUP = KINDS["BadgeGroup"]


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Org]:
    made = Org(tmp_path)
    made.sandbox.latency = 0.01
    yield made
    made.close()


def reader_of(org: Org) -> Reader:
    settings = Settings("sandbox")
    return Reader(Client(settings, transport=SandboxTransport(org.sandbox)), {"org": 100737})


def test_who_asks_at_once_shares_one_reading(org: Org) -> None:
    async def ask() -> None:
        reader = reader_of(org)
        found = await asyncio.gather(*(reader.list_now(GROUP) for _ in range(5)))
        assert all(each == found[0] for each in found)

    asyncio.run(ask())
    assert len(org.sandbox.calls) == 1


def test_who_asks_meanwhile_gets_the_next_reading(org: Org) -> None:
    async def ask() -> None:
        reader = reader_of(org)
        first = asyncio.ensure_future(reader.list_now(GROUP))
        await asyncio.sleep(0.005)
        later = [asyncio.ensure_future(reader.list_now(GROUP)) for _ in range(3)]
        await first
        assert len(org.sandbox.calls) == 1
        await asyncio.gather(*later)

    asyncio.run(ask())
    assert len(org.sandbox.calls) == 2


def test_a_failed_reading_fails_those_who_share_it_alone(org: Org) -> None:
    org.sandbox.faults.next(FaultKind.AUTH_401, times=1)

    async def ask() -> None:
        reader = reader_of(org)
        failed = await asyncio.gather(
            *(reader.list_now(GROUP) for _ in range(2)), return_exceptions=True
        )
        assert all(isinstance(each, ApiError) for each in failed)
        assert isinstance(await reader.list_now(GROUP), list)

    asyncio.run(ask())


EVENT_KINDS = ("BehavioralEvent", "EventMapping", "StandardEvent")


def test_kinds_on_one_list_share_its_reading(org: Org) -> None:
    async def ask() -> None:
        kinds = [KINDS[name] for name in EVENT_KINDS]
        snapshot = await reader_of(org).snapshot(kinds)
        alone = reader_of(org)
        for kind in kinds:
            ids = [each.id for each in await alone.list(kind)]
            assert [each.id for each in snapshot.of(kind.name)] == ids
        assert snapshot.of("StandardEvent")
        assert snapshot.of("BehavioralEvent")

    asyncio.run(ask())
    assert [call.path for call in org.sandbox.calls] == ["/v2/events"] * 4


def test_a_second_snapshot_reads_again(org: Org) -> None:
    async def ask() -> None:
        reader = reader_of(org)
        for _ in range(2):
            await reader.snapshot(KINDS[name] for name in EVENT_KINDS)

    asyncio.run(ask())
    assert len(org.sandbox.calls) == 2


def test_kinds_on_one_list_fail_together_and_alone(org: Org) -> None:
    org.sandbox.faults.when(lambda call: call.path == "/v2/events", FaultKind.AUTH_401)

    async def ask() -> None:
        snapshot = await reader_of(org).snapshot(
            KINDS[name] for name in (*EVENT_KINDS, "CustomerLabel")
        )
        assert sorted(snapshot.unreadable) == sorted(EVENT_KINDS)
        assert "CustomerLabel" in snapshot.objects

    asyncio.run(ask())
