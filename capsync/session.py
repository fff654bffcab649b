"""The library's front door: load a project, plan, apply, export against one environment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
)
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from capsync.applying import ApplyReport
from capsync.errors import CapsyncError, ManifestError, PlanBlocked, UsageError
from capsync.events import Planned, Reporter, silent
from capsync.exporting.files import ExportReport
from capsync.garbage import rarely_collected
from capsync.kind import Kind
from capsync.kinds import KINDS
from capsync.memory.memory import Memory
from capsync.memory.state import State
from capsync.model import Action, Address, Change, FieldChange, Plan, Resource, path_text
from capsync.planning.drift import DriftReport
from capsync.planning.match import Matcher
from capsync.planning.options import PlanOptions, Setting
from capsync.planning.plan import Draft, Planner
from capsync.planning.targets import strays
from capsync.planning.why import Why, why
from capsync.reading.identity import find_brand, prove_org
from capsync.reading.live import Reader
from capsync.runs.apply import apply_draft
from capsync.runs.audit import AuditOptions, audit
from capsync.runs.codify import Codified, codify
from capsync.runs.doctor import Check, examine
from capsync.runs.export import export_org
from capsync.runs.plan import is_about, make_draft
from capsync.runs.saved import plan_from_saved
from capsync.runs.undo import Undo, plan_undo

if TYPE_CHECKING:
    from capsync.api.client import Client
    from capsync.config import Environment
    from capsync.manifests import Project

Json = Any
Result = TypeVar("Result")

_AT_ONCE = 100  # manifests that are worked on before answers are looked at again


class Session:
    """One project on one environment. Use as an async context manager, or close with `aclose`."""

    def __init__(
        self,
        project: Project,
        *,
        transport: Any = None,
        clock: Callable[[], float] = time.time,
        timing: Mapping[str, Any] | None = None,
    ) -> None:
        """`transport` answers in the service's place; `clock` is seconds since the epoch, `timing`
        the client's own clocks and sleep (`clock`, `sleep`, `rng`, `wall_clock`)."""
        self.project = project
        self.resources = tuple(_with_env_hidden(project))
        self.environment: Environment = project.environment
        self._transport, self._clock, self._timing = transport, clock, dict(timing or {})
        self._stack = AsyncExitStack()
        self._client: Client | None = None
        self._reader: Reader | None = None
        self._org_id: int | None = None
        self.memory = Memory(project.root, self.environment, clock)
        self._draft: Draft | None = None
        self._planner: Planner | None = None
        self._matcher: Matcher | None = None
        self.learned: dict[str, str] = {}  # hashes of files -> handles that the org has for them

    @classmethod
    def open(
        cls,
        directory: Path,
        environment: str | None = None,
        *,
        is_new: bool = False,
        **options: Any,
    ) -> Session:
        """A session on the project of a folder. Raises ManifestError with every problem found.

        `is_new`: the folders for manifests need not exist yet.
        """
        from capsync.manifests import read_project
        from capsync.validate import validate

        project = read_project(directory, environment)
        problems = validate(project, KINDS)
        missing = [each for each in problems if is_new and each.rule == "no-folder"]
        if any(each.severity == "error" and each not in missing for each in problems):
            used = project.environment.name
            raise ManifestError(each for each in problems if is_about(each, used))
        return cls(project, **options)

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close connections and files."""
        await self._stack.aclose()

    def run_sync(self, work: Callable[[Session], Awaitable[Result]]) -> Result:
        """What `work` gives for this session, from code that is not async; it is closed after."""

        async def run() -> Result:
            async with self:
                return await work(self)

        return asyncio.run(run())

    @property
    def draft(self) -> Draft:
        """The last plan with what it takes to carry it out; raises CapsyncError before any."""
        if self._draft is None:
            raise CapsyncError("nothing is planned yet")
        return self._draft

    @property
    def planner(self) -> Planner:
        """What made the last plan."""
        if self._planner is None:
            raise CapsyncError("nothing is planned yet")
        return self._planner

    @property
    def matcher(self) -> Matcher:
        """The pairing of manifests and live objects of the last plan."""
        if self._matcher is None:
            raise CapsyncError("nothing is planned yet")
        return self._matcher

    @property
    def now(self) -> float:
        """The time in seconds since the epoch, from the session's clock."""
        return self._clock()

    @property
    def state_path(self) -> Path:
        """Where this environment's state file lies by default."""
        return self.memory.folder / f"{self.environment.name}.state.json"

    async def client(self) -> Client:
        """The connected client of the environment."""
        if self._client is None:
            from capsync.reading.connect import connect

            self._client = await self._stack.enter_async_context(
                connect(
                    self.environment,
                    self.project.root,
                    transport=self._transport,
                    **self._timing,
                )
            )
        return self._client

    async def org_id(self) -> int:
        """The org that the credentials belong to; raises PlanBlocked where it is another."""
        if self._org_id is None:
            self._org_id = await prove_org(await self.client(), self.environment.org_id)
        return self._org_id

    async def reader(self, kinds: Iterable[Kind]) -> Reader:
        """A reader with the variables that these kinds' paths need."""
        client = await self.client()
        if self._reader is None:
            self._reader = Reader(
                client,
                {"org": await self.org_id()},
                paths=self.environment.paths,
                now=self._clock,
            )
        if "brand" not in self._reader.variables and any(needs_brand(kind) for kind in kinds):
            brand = await find_brand(client, await self.org_id(), self.environment.brand)
            self._reader.variables["brand"] = int(brand) if brand.isdigit() else brand
        return self._reader

    def state(self) -> State:
        """The state as last saved; empty where there is none. Raises PlanBlocked where it is of
        another org."""
        return self.memory.state(self._org_id)

    async def plan(self, options: PlanOptions | None = None, on: Reporter = silent) -> Plan:
        """What apply would do. Raises UsageError for selectors that pick nothing, PlanBlocked for
        the wrong org, ApiError where it is down."""
        options = options or PlanOptions()
        self._refuse_strays(options)
        with rarely_collected():
            made = await make_draft(self, options, on)
        draft = made.draft
        draft.plan = self._with_sources(draft.plan)
        for change in draft.plan.changes:
            draft.items[change.address].change = change
        self._draft, self._planner, self._matcher = draft, made.planner, made.matcher
        self.learned = made.handles
        on(Planned(len(draft.plan.changes), draft.plan.requests.write))
        return draft.plan

    def _refuse_strays(self, options: PlanOptions) -> None:
        """Raise UsageError for selectors that pick nothing; what pruning picks is known later."""
        addresses = [resource.address for resource in self.resources]
        named = () if options.prune or options.unmanaged else options.targets
        for stray in strays((*named, *options.resend), addresses):
            raise UsageError(str(stray), hint=stray.hint)

    async def setting(self, reader: Reader) -> Setting:
        """What the planner needs to know of the environment."""
        environment = self.environment
        return Setting(
            environment.name,
            await self.org_id(),
            reader.variables,
            self._clock(),
            paths=environment.paths,
            approve=environment.approve,
            max_changes=environment.limits.max_changes,
            max_destructive=environment.limits.max_destructive,
            limit_per_minute=environment.rate_limit,
            concurrency=environment.concurrency,
        )

    def _with_sources(self, plan: Plan) -> Plan:
        """The plan with the file and line of every changed value."""

        def placed(change: Change) -> Change:
            if change.action in (Action.NOOP, Action.RETIRE) or not change.where.file:
                return change
            fields = tuple(self._placed(change.address, each) for each in change.fields)
            return replace(change, fields=fields)

        return replace(plan, changes=tuple(placed(change) for change in plan.changes))

    def _placed(self, address: Address, change: FieldChange) -> FieldChange:
        where = self.project.where(address, change.path)
        return replace(change, source=where if where.file else None)

    async def apply(self, plan: Plan, on: Reporter = silent) -> ApplyReport:
        """Carry out the plan that this session made last.

        Raises PlanBlocked, before anything is written, where the plan has blocked changes, the org
        is not the environment's, or the plan is not the last one.
        """
        draft = self._draft
        if draft is None or draft.plan.digest != plan.digest:
            raise PlanBlocked("the plan is not the last one of this session", hint="plan again")
        self._refuse_blocked(plan)
        if self.environment.org_id is None and self.environment.endpoint != "sandbox":
            raise PlanBlocked(
                "the environment has no org_id, so nothing proves that this is the intended org",
                hint=f"set org_id: {plan.org_id} in capsync.yaml if it is",
            )
        async with self.locked():
            if self._draft is not draft:
                raise PlanBlocked(
                    "another run has changed the org since the plan was made", hint="plan again"
                )
            return await apply_draft(self, draft, on)

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Hold the org's lock: from before a plan until its apply has ended, so that no other run
        comes in between. Apply takes it by itself. Raises PlanBlocked where another run has it."""
        org_id = await self.org_id()
        skew = (await self.client()).server_time_skew or 0.0
        with self.memory.locked(org_id, skew) as has_moved:
            if has_moved:
                self._draft = None
            yield

    async def check_saved(self, saved: Mapping[str, Json], on: Reporter = silent) -> Plan:
        """A plan made now, of the changes that a saved plan still has to make.

        Raises PlanBlocked where the org, the environment or a planned field is not what it saw.
        """
        draft, planner = await plan_from_saved(self, saved, on)
        draft.plan = self._with_sources(draft.plan)
        self._draft, self._planner = draft, planner
        return draft.plan

    async def export(
        self,
        out: Path,
        kinds: Iterable[str] = (),
        targets: Iterable[str] = (),
        on: Reporter = silent,
    ) -> ExportReport:
        """Write manifests of the live org below a folder; what the project has stays as it is."""
        return await export_org(self, out, kinds, targets, on)

    async def drift(
        self, options: AuditOptions | None = None, on: Reporter = silent
    ) -> DriftReport:
        """Live against manifests, three ways where the state knows what was applied."""
        return await audit(self, options or AuditOptions(), on)

    def codify(self, report: DriftReport) -> Codified:
        """Write the live values of a drift report of this session back into its manifests."""
        return codify(self, report)

    async def undo(self, run: str, on: Reporter = silent) -> Undo:
        """A plan of the way back of an earlier apply, and what can not be restored."""
        return await plan_undo(self, run, on)

    async def why(self, address: str, path: str = "") -> tuple[Why, ...]:
        """Why a field of the last plan differs or not; UsageError for unknown addresses and
        fields."""
        from capsync.schema.explain import nearest
        from capsync.validate.metapaths import path_fault

        kind, _, name = address.partition("/")
        wanted = self.matcher.wanted.get(Address(kind, name))
        if wanted is None:
            near = nearest(address, map(str, self.matcher.wanted))
            hint = f"did you mean {near}?" if near else "Kind/name, as the plan shows it"
            raise UsageError(f"{address} is not a resource of this project", hint=hint)
        if path and (fault := path_fault(wanted.kind.schema, path)):
            raise UsageError(f"{wanted.kind.name}: {fault[0]}", hint=fault[1])
        return why(self.planner.comparer, wanted, path)

    async def doctor(self, on: Reporter = silent) -> list[Check]:
        """Checks that only read: credentials, org, clock, and each kind in use."""
        used = sorted({resource.address.kind for resource in self.resources})
        return await examine(self, [KINDS[name] for name in used], on)

    @staticmethod
    def _refuse_blocked(plan: Plan) -> None:
        if plan.blocked:
            raise PlanBlocked("; ".join(plan.blocked))
        blocked = [change for change in plan.changes if change.action is Action.BLOCKED]
        if blocked:
            lines = [f"{each.address}: {'; '.join(each.reasons)}" for each in blocked]
            raise PlanBlocked(
                "blocked, so nothing was written:\n  " + "\n  ".join(lines),
                hint="leave it out with --target, or do what the reason says",
            )


def _with_env_hidden(project: Project) -> Iterator[Resource]:
    """The project's resources, values from the process environment counting as sensitive."""
    for resource in project.resources:
        fed = project.from_env.get(resource.address, ())
        own = tuple(path_text(path) for path in sorted(fed, key=str))
        meta = replace(resource.meta, sensitive=(*resource.meta.sensitive, *own))
        yield replace(resource, meta=meta) if own else resource


def needs_brand(kind: Kind) -> bool:
    """Whether a kind's calls have the rewards brand in their path."""
    routes = [listing.route for listing in kind.lists]
    routes += [each for each in (kind.create, kind.update, kind.detail) if each is not None]
    return kind.family == "rewards" or any("{brand}" in route.path for route in routes)
