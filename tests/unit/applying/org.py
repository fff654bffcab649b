"""A small project on a sandbox org, for what happens around plans and applies."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from capsync.applying import ApplyReport
from capsync.model import Action, Plan
from capsync.planning.options import PlanOptions
from capsync.planning.saved import encode_saved, load_saved
from capsync.runs.undo import Undo
from capsync.session import Session
from tests.fault.world import REMOTE, World, elsewhere, project_of

Json = Any

SERIES = {
    "description": "Welcome 10",
    "discountCode": "WELCOME",
    "discountType": "PERC",
    "discountValue": 10,
    "clientHandlingType": "DISC_CODE",
    "expiryStrategyType": "SERIES_EXPIRY",
    "validTillDate": "2035-12-31T00:00:00Z",
    "anyUser": False,
    "smsTemplate": "code {{voucher}}",
}
HOOK = {
    "name": "CRM",
    "eventNames": ["customerAdded"],
    "webHookUrl": "https://sink.example.com/a",
    "webHookType": "HTTP",
    "methodType": "POST",
    "maxAllowedConnections": 10,
    "webHookHeaders": {"Authorization": "Basic TOP-SECRET"},
}
BADGE = {
    "name": "Trail Walker",
    "description": "Walk four trails",
    "startOn": "2034-01-01T00:00:00Z",
    "expiresOn": "2035-12-31T23:59:59Z",
    "earnType": "EARN",
    "earnedBadgeExpiry": {"expiryType": "NEVER"},
    "ownership": {"restrictedToOwners": ["Loyalty"]},
    "badgeGroupId": {"ref": "explorers"},
}
GROUP = {"name": "Explorers", "rank": 1}
VENDOR = {
    "name": "Quayside Cinemas",
    "type": "REWARDS",
    "vendorDetails": {"clientId": "quay", "clientSecret": "TOP-SECRET"},
}
LABEL = {"name": "VIP", "externalId": "vip", "entityType": "CUSTOMER", "description": "walks"}


class Team:
    """Manifests by address, the org that they are applied to, and what people do with both."""

    def __init__(self, folder: Path, **environment: Json) -> None:
        self.world, self.folder, self.environment = World(folder), folder, environment
        self.specs: dict[str, dict[str, Json]] = {}
        self.metadata: dict[str, dict[str, Json]] = {}

    def write(self, **specs: Mapping[str, Json] | None) -> None:
        """Manifests, by Kind__name; None takes one out, values are put into what is there."""
        for name, spec in specs.items():
            address = name.replace("__", "/").replace("_", "-")
            if spec is None:
                self.specs.pop(address, None)
            else:
                self.specs[address] = {**self.specs.get(address, {}), **spec}

    def session(self, *, root: str = "project", specs: Mapping[str, Json] | None = None) -> Session:
        """A session on the manifests as they are now."""
        resources = [
            {
                "kind": address.partition("/")[0],
                "name": address.partition("/")[2],
                "spec": spec,
                "metadata": self.metadata.get(address, {}),
            }
            for address, spec in (specs or self.specs).items()
        ]
        project = project_of(self.folder / root, resources, **REMOTE, **self.environment)
        return self.world.session(project)

    def plan(self, **options: Json) -> Plan:
        """What an apply would do."""
        return asyncio.run(self._planned(PlanOptions(**options)))

    async def _planned(self, options: PlanOptions) -> Plan:
        async with self.session() as session:
            return await session.plan(options)

    def apply(self, *, later: float = 100.0, **options: Json) -> ApplyReport:
        """Plan and apply, and let some time pass."""

        async def applied() -> ApplyReport:
            async with self.session() as session:
                return await session.apply(await session.plan(PlanOptions(**options)))

        report = asyncio.run(applied())
        self.world.later(later)
        return report

    def done(self, **options: Json) -> dict[str, str]:
        """Apply; the addresses that were changed, with the action."""
        report = self.apply(**options)
        assert report.exit_code == 0, report
        return {str(each.address): each.action.value for each in report.outcomes}

    def console(self, **specs: Mapping[str, Json]) -> None:
        """Somebody else changes values in the org: by Kind__name, put into manifests' values."""
        theirs = {address: dict(spec) for address, spec in self.specs.items()}
        for name, spec in specs.items():
            address = name.replace("__", "/").replace("_", "-")
            theirs[address] = {**theirs.get(address, {}), **spec}

        async def applied() -> ApplyReport:
            async with self.session(root="console", specs=theirs) as session:
                return await session.apply(await session.plan())

        elsewhere(self.session().project, self.folder / "console")
        assert asyncio.run(applied()).exit_code == 0
        self.session()  # writes the own manifests again
        self.world.later(100)

    def save(self, path: Path, **options: Json) -> Plan:
        """Save a plan."""
        plan = self.plan(**options)
        path.write_bytes(encode_saved(plan))
        return plan

    def apply_saved(self, path: Path) -> tuple[Plan, ApplyReport]:
        """Take up a saved plan and carry it out."""

        async def applied() -> tuple[Plan, ApplyReport]:
            async with self.session() as session, session.locked():
                plan = await session.check_saved(load_saved(path))
                return plan, await session.apply(plan)

        return asyncio.run(applied())

    def undo(self, run: str) -> Undo:
        """The way back of a run."""

        async def undone() -> Undo:
            async with self.session() as session:
                return await session.undo(run)

        return asyncio.run(undone())

    def undo_now(self, run: str) -> ApplyReport:
        """Plan the way back of a run and go it."""

        async def undone() -> ApplyReport:
            async with self.session() as session, session.locked():
                return await session.apply((await session.undo(run)).plan)

        report = asyncio.run(undone())
        self.world.later(100)
        return report

    def live(self, kind: str) -> Sequence[Json]:
        """The canonical specs of a kind."""
        return self.world.org()[kind]


def actions(plan: Plan) -> dict[str, str]:
    """What a plan does, by address; what it leaves alone is left out."""
    return {
        str(each.address): each.action.value
        for each in plan.changes
        if each.action is not Action.NOOP
    }
