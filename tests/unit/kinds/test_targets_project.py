"""The example project of milestones, in process: planned, applied, changed, pruned, exported."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from capsync.model import Action, Plan, path_text
from capsync.planning.options import PlanOptions
from capsync.session import Session

EXAMPLE = Path(__file__).parents[3] / "examples/milestones"
NOTHING: dict[str, Any] = {}


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example, applied to a fresh sandbox."""
    root = tmp_path_factory.mktemp("milestones") / "project"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".capsync*"))
    assert _done(_apply(root)) == 5
    return root


@pytest.fixture
def project(applied: Path, tmp_path: Path) -> Path:
    """The applied example, to be changed."""
    return Path(shutil.copytree(applied, tmp_path / "project"))


def _with_session(root: Path, work: Callable[[Session], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with Session.open(root) as session:
            return await work(session)

    return asyncio.run(run())


def _plan(root: Path, **options: Any) -> Plan:
    async def work(session: Session) -> Plan:
        return await session.plan(PlanOptions(**options))

    made: Plan = _with_session(root, work)
    return made


def _apply(root: Path, **options: Any) -> Any:
    async def work(session: Session) -> Any:
        return await session.apply(await session.plan(PlanOptions(**options)))

    return _with_session(root, work)


def _done(report: Any) -> int:
    assert {each.status for each in report.outcomes} == {"done"}, report.outcomes
    return len(report.outcomes)


def _count_groups(root: Path) -> int:
    async def work(session: Session) -> int:
        await session.plan()
        return len(session.matcher.snapshot.of("TargetGroup"))

    return int(_with_session(root, work))


def _changes(plan: Plan) -> dict[str, Any]:
    return {
        str(each.address): [path_text(field.path) for field in each.fields]
        for each in plan.changes
        if each.action is not Action.NOOP
    }


def _replace(root: Path, file: str, old: str, new: str) -> None:
    path = root / "manifests" / file
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_the_second_plan_is_empty_with_and_without_state(project: Path):
    assert _changes(_plan(project)) == NOTHING
    shutil.rmtree(project / ".capsync")
    assert _changes(_plan(project)) == NOTHING


GROUP = "TargetGroup/monthly-spend"
STREAK = "TargetGroup/four-quarters"
PROMOTION = "LoyaltyPromotion/summer-swims"


@pytest.mark.parametrize(
    ("file", "old", "new", "address", "path", "sent"),
    [
        (
            "milestones.yaml",
            "{defaultValue: 350}",
            "{defaultValue: 375}",
            GROUP,
            "targets[Spend of the month].defaultValues",
            1,
        ),
        (
            "milestones.yaml",
            '{refCode: Feb, startDate: "${var.year}-02-01"',
            '{refCode: Feb, startDate: "${var.year}-02-02"',
            GROUP,
            "periods[Feb].startDate",
            1,
        ),
        ("milestones.yaml", "of every month", "of all months", GROUP, "description", 1),
        (
            "milestones.yaml",
            "Three days are left",
            "Few days are left",
            GROUP,
            "targets[Spend of the month].communications[REMINDER/2].messageTemplate",
            1,
        ),
        (
            "streaks.yaml",
            "One quarter more",
            "Another quarter",
            STREAK,
            "targets[Purchase of the quarter].communications[FINISH/3].messageTemplate",
            1,
        ),
        # Approval is pending: the change is a revocation, an update and a submission.
        (
            "promotions.yaml",
            "defaultValue: 9",
            "defaultValue: 10",
            PROMOTION,
            "activities[0].milestones[0].cycleActionMapping[Cycle_1].defaultValue",
            3,
        ),
    ],
)
def test_one_field_is_one_field_and_the_call_that_it_needs(
    project: Path, file: str, old: str, new: str, address: str, path: str, sent: int
):
    _replace(project, file, old, new)
    assert _changes(_plan(project)) == {address: [path]}
    report = _apply(project)
    assert (_done(report), report.sent) == (1, sent)
    assert _changes(_plan(project)) == NOTHING


@pytest.mark.parametrize(
    ("file", "old", "new", "address", "reason"),
    [
        ("streaks.yaml", "targetCountOfSequence: 4", "targetCountOfSequence: 3", STREAK, "streak"),
        ("milestones.yaml", "recurringCycles: 12", "recurringCycles: 6", GROUP, "only a new group"),
        ("milestones.yaml", "targetType: VISIT", "targetType: COUNT", GROUP, "another name"),
        (
            "promotions.yaml",
            'programId: {lookup: "${var.program}"}',
            "programId: {lookup: AcmePlus}",
            PROMOTION,
            "310158",
        ),
    ],
)
def test_what_can_not_change_is_blocked(
    project: Path, file: str, old: str, new: str, address: str, reason: str
):
    _replace(project, file, old, new)
    [blocked] = [each for each in _plan(project).changes if each.action is Action.BLOCKED]
    assert str(blocked.address) == address
    assert reason in blocked.reasons[0]


def test_a_target_added_changed_and_dropped_are_three_small_plans(project: Path):
    target = """    - name: Bills of the month
      targetEntity: TRANSACTION
      targetType: COUNT
      defaultValues: *visits
      communications:
        - {communicationType: START, channelId: 1, messageTemplate: Count them}
"""
    manifest = project / "manifests" / "milestones.yaml"
    before = manifest.read_text()
    manifest.write_text(before + target)
    assert _changes(_plan(project)) == {GROUP: ["targets[Bills of the month]"]}
    report = _apply(project)
    assert (_done(report), report.sent) == (1, 2)
    assert _changes(_plan(project)) == NOTHING

    manifest.write_text(before + target.replace("Count them", "Count all"))
    path = "targets[Bills of the month].communications[START/1].messageTemplate"
    assert _changes(_plan(project)) == {GROUP: [path]}
    report = _apply(project)
    assert (_done(report), report.sent) == (1, 1)

    manifest.write_text(before)
    assert _changes(_plan(project)) == NOTHING
    pruned = _plan(project, prune="owned")
    assert _changes(pruned) == {GROUP: ["targets[Bills of the month]"]}
    assert pruned.options == {"prune": "owned"}
    report = _apply(project, prune="owned")
    assert (_done(report), report.sent) == (1, 1)
    assert _changes(_plan(project, prune="owned")) == NOTHING


def test_pruning_leaves_what_publishing_made(project: Path):
    config = project / "capsync.yaml"
    text = config.read_text().replace("{endpoint: sandbox}", "{endpoint: sandbox, approve: true}")
    config.write_text(text)
    assert _changes(_plan(project)) == {PROMOTION: ["metadata.status"]}
    assert _done(_apply(project)) == 1
    assert _count_groups(project) == 3  # the third one was made for the promotion's milestone
    options = {"prune": "all", "targets": ("TargetGroup", "LoyaltyPromotion")}
    assert _changes(_plan(project, **options)) == NOTHING
    (project / "manifests" / "streaks.yaml").unlink()
    [retired] = [each for each in _plan(project, **options).changes if each.how]
    assert (str(retired.address), retired.how) == (STREAK, "delete")


def test_names_are_asked_for_before_apply(project: Path):
    other = project / "manifests" / "other.yaml"
    other.write_text(
        "apiVersion: capsync/v1\nkind: TargetGroup\nmetadata: {name: other}\nspec:\n"
        "  name: Other group\n  targets:\n"
        "    - {name: SPEND OF THE MONTH, targetEntity: TRANSACTION, targetType: COUNT}\n"
    )
    (project / "manifests" / "milestones.yaml").unlink()
    [blocked] = [each for each in _plan(project).changes if each.action is Action.BLOCKED]
    assert "'SPEND OF THE MONTH' is taken (310069)" in blocked.reasons[0]


def test_an_export_plans_to_nothing(project: Path, tmp_path: Path):
    fresh = tmp_path / "fresh"
    (fresh / "manifests").mkdir(parents=True)
    shutil.copy(project / "capsync.yaml", fresh)
    shutil.copy(project / ".capsync-sandbox.db", fresh)

    async def export(session: Session) -> list[str]:
        report = await session.export(fresh / "manifests")
        return sorted(each.parent.name for each in report.written)

    kinds = _with_session(fresh, export)
    assert kinds.count("TargetGroup") == 2
    assert kinds.count("LoyaltyPromotion") == 1
    assert _changes(_plan(fresh)) == NOTHING
    text = (fresh / "manifests/LoyaltyPromotion/summer-swims-2035.yaml").read_text()
    assert "VoucherSeriesId: {ref: summer-gift-2035}" in text
