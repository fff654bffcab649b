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
