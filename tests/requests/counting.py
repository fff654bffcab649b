"""How many requests plans and applies send, as the org sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from capsync.model import Action
from capsync.planning.options import PlanOptions
from capsync.sandbox.app import Recorded
from capsync.sandbox.faults import is_write
from capsync.sandbox.inprocess import SandboxTransport
from capsync.session import Session
from tests.laws.cases import Manifest
from tests.laws.orgs import Org
from tests.projects import write_project

Json = Any

_STEP = 90.0  # seconds between two commands: stamps are older than reads by then


@dataclass(slots=True)
class Counted:
    """A project on an org, and the calls of its last command."""

    org: Org
    root: Path

    def write(self, manifests: Iterable[Manifest]) -> None:
        """Put these manifests in place of all others."""
        write_project(self.root, manifests)

    def plan(self, refresh: str) -> list[Recorded]:
        """The calls of a plan that finds nothing to do."""
        return asyncio.run(self._plan(refresh))

    def apply(self) -> list[Recorded]:
        """The calls of an apply after its plan; everything lands."""
        return asyncio.run(self._apply())

    def _session(self) -> Session:
        self.org.clock.now += _STEP
        transport = SandboxTransport(self.org.sandbox)
        return Session.open(self.root, transport=transport, clock=self.org.clock)

    async def _plan(self, refresh: str) -> list[Recorded]:
        mark = len(self.org.sandbox.calls)
        async with self._session() as session:
            plan = await session.plan(PlanOptions(refresh=refresh))
        left = [each for each in plan.changes if each.action is not Action.NOOP]
        assert not left, f"not empty: {left[0].address} {left[0].fields} {left[0].reasons}"
        return self.org.sandbox.calls[mark:]

    async def _apply(self) -> list[Recorded]:
        async with self._session() as session:
            plan = await session.plan()
            mark = len(self.org.sandbox.calls)
            report = await session.apply(plan)
        bad = [each for each in report.outcomes if each.status != "done"]
        assert not bad, f"{bad[0].address} {bad[0].status}: {bad[0].message}"
        return self.org.sandbox.calls[mark:]


def reads_and_writes(calls: Iterable[Recorded]) -> dict[str, int]:
    """How many of the calls read and how many write."""
    writes = [is_write(call.method, call.path) for call in calls]
    return {"reads": writes.count(False), "writes": writes.count(True)}
