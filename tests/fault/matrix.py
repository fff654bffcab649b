"""The matrix of faults: every write call of a clean run times everything that can go wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from capsync.applying import ApplyReport
from capsync.manifests import Project
from capsync.model import Action, Plan
from capsync.planning.options import PlanOptions
from tests.fault.world import ALLOWED, REMOTE, World, busy, elsewhere, forget, manifests, project_of

Json = Any

# What goes wrong with a write call: the fault of the sandbox, and how often in a row.
FAULTS: Mapping[str, Mapping[str, Json]] = {
    "connection refused": {"kind": "refused"},
    "network gone": {"kind": "refused", "times": None},
    "dropped before processing": {"kind": "drop_before"},
    "dropped after commit": {"kind": "drop_after"},
    "every answer dropped": {"kind": "drop_after", "times": None},
    "time-out after commit": {"kind": "timeout_after"},
    "500": {"kind": "status_500"},
    "500 after commit": {"kind": "status_500", "processed": True},
    "502 with HTML": {"kind": "html_502"},
    "502 after commit": {"kind": "html_502", "processed": True},
    "504, landing late": {"kind": "late_504"},
    "503 twice": {"kind": "status_503", "times": 2},
    "429 burst": {"kind": "rate_429", "times": 12},
    "429 with Retry-After": {"kind": "rate_429", "times": 3, "retry_after": 7},
    "401 in mid-run": {"kind": "auth_401"},
    "200 with an error body": {"kind": "error_in_200"},
    "cut JSON": {"kind": "cut_json"},
}
# Whether state and journal are there at the second apply.
MEMORIES = ("kept", "lost")


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault at one write call, with or without what the first run remembered."""

    scene: str
    fault: str
    write: int
    memory: str

    def __str__(self) -> str:
        return f"{self.scene}, write {self.write}, {self.fault}, memory {self.memory}"


@dataclass(slots=True)
class Tried:
    """What became of a cell: what is wrong, and how the first run ended."""

    cell: Cell
    wrong: list[str] = field(default_factory=list)
    first: ApplyReport | None = None


class Scene:
    """A project, the org that it is applied to, and what a clean run makes of that."""

    def __init__(
        self,
        world: World,
        name: str,
        project: Project,
        options: PlanOptions,
        memories: Sequence[str] = MEMORIES,
    ) -> None:
        self.world, self.name, self.project, self.options = world, name, project, options
        self.memories = memories
        self._start = self._memory()
        before = world.sandbox.faults.writes
        self.clean = world.apply(project, options)
        assert self.clean.exit_code == 0, self.clean
        self.writes = world.sandbox.faults.writes - before
        self.wanted = world.org()
        self.put_back()

    def _memory(self) -> Mapping[Path, bytes]:
        folder = self.project.root / ".capsync"
        return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def put_back(self) -> None:
        """Make org, state and time what they were before the clean run."""
        forget(self.project)
        for path, data in self._start.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.world.put_back()

    def cells(self) -> Iterator[Cell]:
        """Every cell of the scene."""
        for fault in FAULTS:
            for write in range(self.writes):
                for memory in self.memories:
                    yield Cell(self.name, fault, write, memory)

    def run(self, cell: Cell) -> Tried:
        """Apply with a fault, apply again without, and look what is wrong then."""
        self.put_back()
        tried = Tried(cell)
        self.world.sandbox.faults.at(cell.write, **dict(FAULTS[cell.fault]))
        tried.first = self.world.apply(self.project, self.options)
        self.world.sandbox.faults.clear()
        tried.wrong += self.untrue(tried.first, settled=cell.fault == "504, landing late")
        if cell.memory == "lost":
            forget(self.project)
            self.world.later()
        tried.wrong += self.again()
        return tried

    def untrue(self, report: ApplyReport, *, settled: bool = False) -> list[str]:
        """What a report says of resources that the org does not bear out.

        `settled`: look after everything that is under way has landed.
        """
        if settled:
            self.world.later()
        witness = elsewhere(self.project, self.world.folder / "witness")
        plan = self.world.plan(witness)
        return list(_lies(report, plan)) + _bad_exit(report)

    def again(self) -> list[str]:
        """Apply again; what is wrong then."""
        second = self.world.apply(self.project, self.options)
        wrong = []
        if second.exit_code != 0:
            bad = [each for each in second.outcomes if each.status not in ("done", "already")]
            wrong.append(f"the second apply exits {second.exit_code}: {bad} {second.unsaved}")
        self.world.later()
        if left := busy(self.world.plan(self.project, self.options)):
            wrong.append(f"the plan after it is not empty: {left}")
        org = self.world.org()
        for kind, specs in self.wanted.items():
            if org[kind] != specs:
                wrong.append(f"{kind}: {_other(specs, org[kind])}")
        return wrong


def _other(wanted: list[Json], have: list[Json]) -> str:
    missing = [each for each in wanted if each not in have]
    extra = [each for each in have if each not in wanted]
    counts = f"{len(wanted)} wanted, {len(have)} there"
    return f"{counts}; missing {missing}; extra {extra}"


def _bad_exit(report: ApplyReport) -> list[str]:
    good = all(each.status in ("done", "already") for each in report.outcomes)
    right = 0 if good else 130 if report.interrupted else 5 if report.sent else 1
    return [] if report.exit_code == right else [f"exit {report.exit_code} instead of {right}"]


def _lies(report: ApplyReport, plan: Plan) -> Iterator[str]:
    """`plan` is made without a memory, from what the org has right after the run."""
    now = {str(change.address): change for change in plan.changes}
    for outcome in report.outcomes:
        change = now.get(str(outcome.address))
        if change is None or outcome.action is Action.RETIRE:
            continue  # of what is retired, the org tells at the end
        is_there = change.action is Action.NOOP
        if outcome.status in ("done", "already") and not is_there:
            yield f"{outcome.address} is told to be {outcome.status}, but: {change.action}"
        is_half_made = outcome.action is Action.CREATE and outcome.id
        if outcome.status in ("failed", "skipped") and is_there and not is_half_made:
            yield f"{outcome.address} is told to have {outcome.status}, but it is in place"
        if outcome.status == "skipped" and outcome.action is Action.CREATE and change.id:
            yield f"{outcome.address} is told to be skipped, but it exists"


def creation(folder: Path) -> Scene:
    """An org that has nothing of the project yet."""
    world = World(folder)
    project = project_of(folder / "project", manifests(), **REMOTE)
    return Scene(world, "create", project, ALLOWED)


def written_down(folder: Path) -> Scene:
    """The same in a sandbox in a file, which outlives the processes that use it."""
    world = World(folder, folder / "org.db")
    project = project_of(folder / "project", manifests(), **REMOTE)
    return Scene(world, "create", project, ALLOWED)


def changing(folder: Path) -> Scene:
    """An org that has the project as it was before some edits."""
    world, _ = _applied(folder)
    project = project_of(folder / "project", edited(manifests()), **REMOTE)
    return Scene(world, "change", project, ALLOWED)


def pruning(folder: Path) -> Scene:
    """An org that has more than the project, which made it; the state tells what."""
    world, _ = _applied(folder)
    kept = [each for each in edited(manifests()) if f"{each['kind']}/{each['name']}" not in _GONE]
    project = project_of(folder / "project", kept, **REMOTE)
    options = PlanOptions(prune="owned", allow_irreversible=True)
    return Scene(world, "prune", project, options, memories=("kept",))


SCENES = {"create": creation, "change": changing, "prune": pruning}


def _applied(folder: Path) -> tuple[World, Project]:
    world = World(folder)
    project = project_of(folder / "project", manifests(), **REMOTE)
    assert world.apply(project).exit_code == 0
    world.later()
    world.keep()
    return world, project


_EDITS: Mapping[str, Mapping[str, Json]] = {
    "Label/vip": {"description": "walks far"},
    "BehavioralEvent/hike": {"description": "a long walk"},
    "NotificationWebhook/crm": {"maxAllowedConnections": 20},
    "CouponSeries/welcome": {"discountValue": 12, "description": "Welcome 12"},
    "CouponSeries/birthday": {"discountValue": 16},
    "CouponSeries/comeback": {"seriesCode": "COMEBACK"},
    "BadgeGroup/explorers": {"rank": 4},
    "Badge/walker": {"description": "Walk five trails"},
    "Badge/runner": {"badgeGroupId": {"ref": "explorers"}},
    "RewardGroup/summer": {"rank": 2},
    "Reward/scarf": {"intouchPoints": 50},
    "CatalogPromotion/sale": {"discountValue": 20},
    "TargetGroup/spring": {"description": "Spend more"},
}
_FORMER = {"CouponSeries/welcome": {"formerly": {"key": "Welcome 10"}}}
_GONE = frozenset(
    {
        "BadgeGroup/runners",
        "CouponSeries/twin-one",
        "Label/novice",
        "FulfillmentStatus/courier",
        "CatalogPromotion/sale",
        "ExpiryReminder/early",
        "TargetGroup/spring",
    }
)


def edited(resources: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """The project after some edits of values and natural keys."""
    found = []
    for each in resources:
        address = f"{each['kind']}/{each['name']}"
        spec = {**each["spec"], **_EDITS.get(address, {})}
        found.append({**each, "spec": spec, "metadata": _FORMER.get(address, {})})
    return found
