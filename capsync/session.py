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
    Set,
)
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from capsync.applying import ApplyReport
from capsync.errors import ApiError, CapsyncError, ManifestError, PlanBlocked, UsageError
from capsync.events import Planned, Reading, Reporter, silent
from capsync.exporting.files import ExportReport
from capsync.garbage import rarely_collected
from capsync.gathering import for_each, meanwhile, together
from capsync.kind import Extra, Kind
from capsync.kinds import KINDS
from capsync.memory.cache import DetailCache
from capsync.memory.memory import Memory
from capsync.memory.state import State
from capsync.model import Action, Address, Change, FieldChange, Plan, Resource, path_text
from capsync.planning.drift import DriftReport
from capsync.planning.match import Matcher, Wanted
from capsync.planning.options import PlanOptions, Setting, selected
from capsync.planning.plan import Draft, Planner, makers, needed_kinds
from capsync.planning.why import Why, why
from capsync.reading.handles import Handles
from capsync.reading.identity import find_brand, prove_org
from capsync.reading.latewrites import still_to_come, wait_for
from capsync.reading.live import Reader
from capsync.runs.apply import apply_draft
from capsync.runs.audit import AuditOptions, audit
from capsync.runs.codify import Codified, codify
from capsync.runs.doctor import Check, examine
from capsync.runs.export import export_org
from capsync.runs.saved import plan_from_saved
from capsync.runs.undo import Undo, plan_undo
from capsync.snapshot import Snapshot
from capsync.values.forms import form_of
from capsync.values.normalise import canonical
from capsync.values.references import map_key_references, references

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
            raise ManifestError(problems)
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

    @property
    def cache_path(self) -> Path:
        """Where details read before are kept; safe to delete."""
        return self.project.root / ".capsync" / f"cache-{self.environment.name}.db"

    async def _open_cache(self, reader: Reader, options: PlanOptions) -> None:
        """Let the reader take details kept of this org, account and state; others' do not count."""
        reader.cache = None
        if options.refresh == "full":
            return
        settings, state = (await self.client()).settings, self.state()
        salt = state.salt if state.serial else ""
        owner = (settings.base_url, settings.credential, str(await self.org_id()), salt)
        reader.cache = DetailCache(self.cache_path, "\n".join(owner))

    async def _canons(self) -> dict[Address, dict[str, Json]]:
        """The canonical forms of the manifests as they are written, a few at a time, so that
        answers that come meanwhile are taken."""
        canons: dict[Address, dict[str, Json]] = {}
        for place, resource in enumerate(self.resources):
            if place % _AT_ONCE == 0:
                await asyncio.sleep(0)
            kind = KINDS[resource.address.kind]
            canons[resource.address] = canonical(kind.schema, resource.spec)
        return canons

    async def plan(self, options: PlanOptions | None = None, on: Reporter = silent) -> Plan:
        """What apply would do. Raises PlanBlocked for the wrong org, ApiError where it is down."""
        with rarely_collected():
            return await self._planned(options or PlanOptions(), on)

    async def _planned(self, options: PlanOptions, on: Reporter) -> Plan:
        (await self.client()).log = on
        await self.org_id()
        used, looked_up = self._kinds_in_use(self.resources)
        if options.prune or options.unmanaged:
            looked_up |= makers(KINDS, used)
        owned = self.memory.owned_kinds(self._org_id) if options.prune else set[str]()
        kinds = needed_kinds(KINDS, used, looked_up | owned)
        reader = await self.reader(kinds)
        reading = reader.snapshot(kinds, lambda kind, count: on(Reading(kind, count)))
        snapshot, _, canons = await meanwhile(
            reading, self._open_cache(reader, options), self._canons()
        )
        matcher = await self._matched(reader, snapshot, canons)
        await self._read_details(reader, matcher, options, on)
        about = [matcher.wanted[each].live for each in self._targeted(options, matcher)]
        await self._place_files(matcher, options)
        if reader.cache is not None:
            reader.cache.save()
        setting = await self.setting(reader)
        planner = Planner(KINDS, matcher, snapshot, options, setting, self.state())
        probed = await self._probe(reader, planner, matcher, options)
        draft = planner.draft(
            probed,
            # Kept details count as read, so that a plan made again is the same.
            reads=(await self.client()).counts.reads + reader.kept(filter(None, about)),
            prunable=[each for each in kinds if each.name in used | owned],
            warnings=self._warnings(snapshot),
        )
        draft.plan = self._with_sources(draft.plan)
        for change in draft.plan.changes:
            draft.items[change.address].change = change
        self._draft, self._planner, self._matcher = draft, planner, matcher
        on(Planned(len(draft.plan.changes), draft.plan.requests.write))
        return draft.plan

    async def _matched(
        self, reader: Reader, snapshot: Snapshot, canons: Mapping[Address, dict[str, Json]]
    ) -> Matcher:
        """The manifests paired with what was read, and with what earlier runs may still make."""
        matcher = Matcher(KINDS, self.resources, snapshot, self.state().ids(), canons)
        matcher.match()
        wait, kinds = still_to_come(matcher, self.memory.open_intents(), self.state(), self.now)
        if not kinds:
            return matcher
        await wait_for(await self.client(), reader, snapshot, wait, kinds)
        matcher = Matcher(KINDS, self.resources, snapshot, self.state().ids(), canons)
        matcher.match()
        return matcher

    def _kinds_in_use(self, resources: Iterable[Resource]) -> tuple[set[str], set[str]]:
        used = {resource.address.kind for resource in resources}
        looked_up: set[str] = set()
        for resource in resources:
            schema = KINDS[resource.address.kind].schema
            for reference in references(schema, resource.spec):
                if reference.is_lookup:
                    looked_up |= {reference.kind} if reference.kind else set(reference.kinds)
            for reference in map_key_references(schema, resource.spec):
                if reference.kind in used:
                    looked_up.add(reference.kind)
        return used, looked_up

    async def _read_details(
        self, reader: Reader, matcher: Matcher, options: PlanOptions, on: Reporter
    ) -> None:
        """Read whole what manifests name and lists do not show whole."""
        targeted = self._targeted(options, matcher)
        todo = [
            wanted
            for wanted in matcher.wanted.values()
            if wanted.live is not None
            and (not wanted.live.whole or reader.missing_extras(wanted.live, wanted.raw))
            and wanted.address in targeted
        ]
        done = 0

        async def read(wanted: Wanted) -> None:
            nonlocal done
            assert wanted.live is not None
            live = wanted.live
            live.take((await reader.detail(live, wanted.raw)).ready())
            done += 1
            on(Reading(f"{wanted.kind.name} details", done, len(todo)))

        await for_each(read, todo, at_once=2 * self.environment.concurrency)

    async def _place_files(self, matcher: Matcher, options: PlanOptions) -> None:
        """Put handles in place of the files that manifests name."""
        state = self.state()
        handles = Handles(await self.client(), self.project, state.files, options.resend)
        await together(
            handles.place(wanted)
            for wanted in matcher.wanted.values()
            if form_of(wanted.kind.schema).holds("x-media")
        )
        self.learned = handles.learned

    @staticmethod
    def _targeted(options: PlanOptions, matcher: Matcher) -> Set[Address]:
        """The addresses that a run is about: those picked, and what they refer to."""
        if not options.targets:
            return matcher.wanted.keys()
        picked = [each for each in matcher.wanted if selected(options.targets, each)]
        return {need for each in picked for need in (each, *matcher.wanted[each].needs)}

    async def _probe(
        self, reader: Reader, planner: Planner, matcher: Matcher, options: PlanOptions
    ) -> dict[Address, dict[str, Json]]:
        """Answers to the further reads that kinds want before some changes are judged."""
        answers: dict[Address, dict[str, Json]] = {}
        targeted = self._targeted(options, matcher)

        async def ask(wanted: Wanted, extra: Extra) -> None:
            live = wanted.live
            known = {**live.spec, "id": live.id} if live else wanted.raw
            try:
                found = await reader.extra(wanted.kind, extra, {**reader.variables, **known})
            except ApiError:
                found = None  # guards say what could not be asked
            answers.setdefault(wanted.address, {})[extra.name] = found

        await together(
            ask(wanted, extra)
            for wanted in matcher.wanted.values()
            if wanted.kind.probe is not None
            and wanted.address in targeted
            and (check := planner.comparer.check(wanted)) is not None
            for extra in wanted.kind.probe(check)
        )
        return answers

    async def setting(self, reader: Reader) -> Setting:
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

    def _warnings(self, snapshot: Snapshot) -> list[str]:
        del snapshot
        warnings = [str(each) for each in self.project.warnings]
        warnings += [
            f"run {run.run} did not see the end of a write: whether {intent.address}"
            f" ({intent.summary}) landed was looked up again"
            for run in self.memory.unfinished
            for intent in run.open_intents
        ]
        if self.environment.org_id is None and self.environment.endpoint != "sandbox":
            warnings.append(
                "the environment has no org_id: apply refuses to write until it has one"
            )
        return warnings

    def _with_sources(self, plan: Plan) -> Plan:
        """The plan with the file and line of every changed value."""

        def placed(change: Change) -> Change:
            if change.action in (Action.NOOP, Action.RETIRE):
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
        """Why a field of the last plan differs or not; UsageError for unknown addresses."""
        kind, _, name = address.partition("/")
        wanted = self.matcher.wanted.get(Address(kind, name))
        if wanted is None:
            raise UsageError(f"{address} is not a resource of this project")
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
