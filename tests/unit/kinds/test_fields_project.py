"""The example project of these kinds, in process: planned, applied, changed, exported."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from capsync.applying import ApplyReport
from capsync.errors import PlanBlocked
from capsync.model import Action, Plan, path_text
from capsync.session import Session

EXAMPLE = Path(__file__).parents[3] / "examples/events-and-fields"
COUNT = 24


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example, applied to a fresh sandbox."""
    root = tmp_path / "project"
    ignored = shutil.ignore_patterns(".capsync*")
    shutil.copytree(EXAMPLE, root, ignore=ignored)
    plan, report = with_session(root, apply)
    assert len(plan.changes) == COUNT
    assert {change.action for change in plan.changes} == {Action.CREATE, Action.UPDATE}
    assert {outcome.status for outcome in report.outcomes} == {"done"}
    return root


def with_session(root: Path, work: Callable[[Session], Awaitable[Any]]) -> Any:
    """What `work` gives for a session on the project."""

    async def run() -> Any:
        async with Session.open(root) as session:
            return await work(session)

    return asyncio.run(run())


async def apply(session: Session) -> tuple[Plan, ApplyReport]:
    """Plan and apply."""
    plan = await session.plan()
    return plan, await session.apply(plan)


async def plan(session: Session) -> Plan:
    """Plan."""
    return await session.plan()


def changes(made: Plan) -> dict[str, tuple[Action, list[str]]]:
    """What a plan changes: address to action and paths."""
    return {
        str(each.address): (each.action, [path_text(field.path) for field in each.fields])
        for each in made.changes
        if each.action is not Action.NOOP
    }


def replace(root: Path, file: str, old: str, new: str) -> None:
    """Change one place of a manifest."""
    path = root / "manifests" / file
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_the_second_plan_is_empty_with_and_without_state(project: Path) -> None:
    assert changes(with_session(project, plan)) == {}
    shutil.rmtree(project / ".capsync")
    assert changes(with_session(project, plan)) == {}


@pytest.mark.parametrize(
    ("file", "old", "new", "address", "path"),
    [
        ("labels.yaml", "more than 3000", "more than 4000", "Label/long-distance", "description"),
        ("labels.yaml", "value: 12", "value: 18", "Label/long-distance", "expiryConfig"),
        ("leads.yaml", "value: OPEN", "value: NONE", "TaskStatusMapping/in-workshop", "value"),
        (
            "events.yaml",
            "values: [asphalt, gravel, trail]",
            "values: [asphalt, gravel]",
            "BehavioralEvent/ride-finished",
            "fields[surface].attributes.possibleValues.values",
        ),
        (
            "webhooks.yaml",
            "X-Source: loyalty",
            "X-Source: points",
            "NotificationWebhook/crm-loyalty",
            "webHookHeaders.X-Source",
        ),
        (
            "webhooks.yaml",
            "storeDetailsEnrichmentEnabled: true",
            "storeDetailsEnrichmentEnabled: false",
            "NotificationWebhook/crm-customers",
            "storeDetailsEnrichmentEnabled",
        ),
        (
            "webhooks.yaml",
            "authMechanism: OAUTH",
            "authMechanism: Basic",
            "EventWebhook/app",
            "authMechanism",
        ),
        ("fields.yaml", "position: 2", "position: 3", "ExtendedFieldConfig/birthday", "position"),
    ],
)
def test_one_field_is_one_write(
    project: Path, file: str, old: str, new: str, address: str, path: str
) -> None:
    replace(project, file, old, new)
    made, report = with_session(project, apply)
    assert changes(made) == {address: (Action.UPDATE, [path])}
    assert (report.sent, [each.status for each in report.outcomes]) == (1, ["done"])
    assert changes(with_session(project, plan)) == {}


@pytest.mark.parametrize(
    ("file", "old", "new", "address"),
    [
        ("fields.yaml", "dataType: Integer", "dataType: Double", "CustomField/counter"),
        ("labels.yaml", "Rides to work", "Rides to school", "CustomerLabel/commuter"),
        (
            "leads.yaml",
            "Waits for a leasing offer",
            "Waits for leasing",
            "LeadReason/waits-for-leasing",
        ),
        ("leads.yaml", "Bought elsewhere", "Bought used", "LeadSubstatus/bought-elsewhere"),
        ("events.yaml", "ProductAddedToCart", "ProductViewed", "StandardEvent/added-to-cart"),
        (
            "events.yaml",
            "eventName: ride_finished",
            "eventName: ride_ended",
            "BehavioralEvent/ride-finished",
        ),
    ],
)
def test_what_can_only_be_created_is_blocked(
    project: Path, file: str, old: str, new: str, address: str
) -> None:
    replace(project, file, old, new)
    made = with_session(project, plan)
    blocked = {str(each.address): each for each in made.changes if each.action is Action.BLOCKED}
    assert address in blocked
    assert len(blocked[address].reasons[0]) > 40
    with pytest.raises(PlanBlocked):
        with_session(project, apply)


def test_an_export_plans_to_nothing(project: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    shutil.copy(project / "capsync.yaml", fresh)
    shutil.copy(project / ".capsync-sandbox.db", fresh)
    (fresh / "manifests").mkdir()

    async def export(session: Session) -> int:
        return len((await session.export(fresh / "manifests")).written)

    assert with_session(fresh, export) > COUNT
    assert changes(with_session(fresh, plan)) == {}


def test_no_secret_is_kept_on_disk(project: Path) -> None:
    replace(project, "webhooks.yaml", "X-Source: loyalty", "X-Source: points")
    with_session(project, apply)
    kept = [path for path in (project / ".capsync").rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if b"rehearsal" in path.read_bytes()] == []
