"""The example catalog applies to a fresh org and plans to nothing, with and without its memory."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from capsync.model import Action, Plan
from capsync.sandbox.app import Sandbox
from capsync.sandbox.inprocess import SandboxTransport
from capsync.session import Session

EXAMPLE = Path(__file__).parents[3] / "examples" / "rewards-catalog"


def test_the_catalog_applies_and_plans_to_nothing(tmp_path: Path) -> None:
    root = tmp_path / "catalog"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".capsync*"))
    sandbox = Sandbox(":memory:", auth=False)

    async def plan() -> Plan:
        async with Session.open(root, transport=SandboxTransport(sandbox)) as session:
            return await session.plan()

    async def apply() -> int:
        async with Session.open(root, transport=SandboxTransport(sandbox)) as session:
            report = await session.apply(await session.plan())
            assert report.exit_code == 0, report.outcomes
            return len(report.outcomes)

    assert asyncio.run(apply()) >= 40
    assert {change.action for change in asyncio.run(plan()).changes} == {Action.NOOP}
    shutil.rmtree(root / ".capsync")
    assert {change.action for change in asyncio.run(plan()).changes} == {Action.NOOP}
