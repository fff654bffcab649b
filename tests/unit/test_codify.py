"""Drift written back changes only the bytes of the values; what must not be written stays."""

from __future__ import annotations

import asyncio
from pathlib import Path

from capsync.sandbox.app import Sandbox
from capsync.sandbox.inprocess import SandboxTransport
from capsync.session import Session
from tests.projects import write_project

MANIFESTS = """\
# Groups of badges, highest first.
apiVersion: capsync/v1
kind: BadgeGroup
metadata: {name: explorers}
spec:
  name: Explorers   # unique
  rank: 3           # the highest
---
apiVersion: capsync/v1
kind: BadgeGroup
metadata: {name: walkers}
spec: {name: "${var.walkers}", rank: 1}
---
apiVersion: capsync/v1
kind: Badge
metadata: {name: trail}
spec:
  name: Trail
  description: "${var.what}"
  startOnISO: 2034-01-01T00:00:00+05:30   # local midnight
  expiresOn: 2035-01-01T00:00:00Z
  earnType: EARN
  earnedBadgeExpiry: {expiryType: NEVER}
  ownership: {restrictedToOwners: [Loyalty]}
  badgeGroupId: {ref: explorers}
"""
CONFIG = {
    "version": 1,
    "project": "test",
    "manifests": ["manifests"],
    "variables": {"walkers": "Walkers", "what": "First"},
    "environments": {"sandbox": {"endpoint": "sandbox", "org_id": 100737}},
    "default_environment": "sandbox",
}


def project(root: Path, text: str) -> Path:
    write_project(root, [], CONFIG)
    (root / "manifests" / "all.yaml").write_text(text)
    return root


def test_live_values_are_written_where_the_files_hold_them(tmp_path: Path) -> None:
    own = project(tmp_path / "own", MANIFESTS)
    edited = (
        MANIFESTS.replace("rank: 3 ", "rank: 9 ")
        .replace("2034-01-01T00:00:00+05:30", "2034-06-01T00:00:00Z")
        .replace('description: "${var.what}"', "description: Second")
        .replace("badgeGroupId: {ref: explorers}", "badgeGroupId: {ref: walkers}")
    )
    elsewhere = project(tmp_path / "elsewhere", edited)
    sandbox = Sandbox(":memory:", auth=False, seed=False)

    async def run() -> tuple[list[str], list[str]]:
        for root in (own, elsewhere):
            async with Session.open(root, transport=SandboxTransport(sandbox)) as session:
                await session.apply(await session.plan())
        async with Session.open(own, transport=SandboxTransport(sandbox)) as session:
            back = session.codify(await session.drift())
        return sorted(back.written), sorted(back.left)

    written, left = asyncio.run(run())
    assert written == [
        "Badge/trail badgeGroupId",
        "Badge/trail startOn",
        "BadgeGroup/explorers rank",
    ]
    assert left == ["Badge/trail description: manifests/all.yaml writes it with a variable"]
    assert (own / "manifests" / "all.yaml").read_text() == MANIFESTS.replace(
        "rank: 3 ", "rank: 9 "
    ).replace("2034-01-01T00:00:00+05:30", "2034-06-01T00:00:00Z").replace(
        "{ref: explorers}", "{ref: walkers}"
    )
