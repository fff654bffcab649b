"""Making a plan of the org as it is: what is read, paired and asked before changes are judged."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capsync.errors import ApiError
from capsync.events import Limited, Reading, Reporter
from capsync.gathering import for_each, meanwhile, together
from capsync.kind import Extra
from capsync.kinds import KINDS
from capsync.memory.cache import DetailCache
from capsync.model import Address, Problem, Resource
from capsync.planning.match import Matcher, Wanted
from capsync.planning.options import PlanOptions
from capsync.planning.plan import Draft, Planner, makers, needed_kinds
from capsync.planning.renames import warn_of_renames
from capsync.planning.targets import about, reached
from capsync.reading.handles import Handles
from capsync.reading.latewrites import still_to_come, wait_for
from capsync.reading.live import Reader
from capsync.snapshot import LiveObject, Snapshot
from capsync.values.forms import form_of
from capsync.values.normalise import canonical
from capsync.values.references import map_key_references, references

if TYPE_CHECKING:
    from capsync.session import Session

Json = Any

_AT_ONCE = 100  # manifests that are worked on before answers are looked at again


@dataclass(frozen=True, slots=True)
class Made:
    """A draft with what made it; `handles` are those that the org has for files, by hash."""

    draft: Draft
    planner: Planner
    matcher: Matcher
    handles: dict[str, str]


async def make_draft(session: Session, options: PlanOptions, on: Reporter) -> Made:
    """What apply would do, and what it takes. Raises PlanBlocked for the wrong org."""
    client = await session.client()
    client.log = on
    on(Limited(client.estimate))
    org_id = await session.org_id()
    used, looked_up = kinds_to_read(session.resources, options)
    if options.prune or options.unmanaged:
        looked_up |= makers(KINDS, used)
    owned = session.memory.owned_kinds(org_id) if options.prune else set[str]()
    kinds = needed_kinds(KINDS, used, looked_up | owned)
    reader = await session.reader(kinds)
    reading = reader.snapshot(kinds, lambda kind, count: on(Reading(kind, count)))
    snapshot, _, canons = await meanwhile(
        reading, _open_cache(session, reader, options), _canons(session.resources)
    )
    matcher = await _matched(session, reader, snapshot, canons)
    looked_at = about(options.targets, matcher.wanted)
    await _read_details(session, reader, looked_at, on)
    handles = await _place_files(session, looked_at, options)
    if reader.cache is not None:
        reader.cache.save()
    setting = await session.setting(reader)
    planner = Planner(KINDS, matcher, snapshot, options, setting, session.state())
    draft = planner.draft(
        await _probed(reader, planner, looked_at),
        # Kept details count as read, so that a plan made again is the same.
        reads=client.counts.reads
        + reader.kept((each.live, each.raw) for each in looked_at if each.live),
        prunable=[each for each in kinds if each.name in used | owned],
        warnings=_warnings(session),
    )
    return Made(draft, planner, matcher, handles)


def kinds_to_read(resources: Iterable[Resource], options: PlanOptions) -> tuple[set[str], set[str]]:
    """The kinds of the resources that a run is about, and those that their look-ups need.

    Without targets, all of the project. With them, what is picked and all that it refers to, over
    any number of steps; pruning and what is unmanaged are judged by the whole.
    """
    resources = list(resources)
    managed = {resource.address.kind for resource in resources}
    if options.targets and not options.prune and not options.unmanaged:
        resources = reached(KINDS, resources, options.targets)
    looked_up: set[str] = set()
    for resource in resources:
        kind = KINDS[resource.address.kind]
        looked_up |= managed.intersection(kind.relinks)
        for reference in references(kind.schema, resource.spec):
            if reference.is_lookup:
                looked_up |= {reference.kind} if reference.kind else set(reference.kinds)
        keys = map_key_references(kind.schema, resource.spec)
        looked_up |= managed.intersection(reference.kind for reference in keys)
    return {resource.address.kind for resource in resources}, looked_up


async def _open_cache(session: Session, reader: Reader, options: PlanOptions) -> None:
    """Let the reader take details kept of this org, account and state; others' do not count."""
    reader.cache = None
    if options.refresh == "full":
        return
    settings, state = (await session.client()).settings, session.state()
    salt = state.salt if state.serial else ""
    owner = (settings.base_url, settings.credential, str(await session.org_id()), salt)
    path = session.memory.folder / f"cache-{session.environment.name}.db"
    reader.cache = DetailCache(path, "\n".join(owner))


async def _canons(resources: Sequence[Resource]) -> dict[Address, dict[str, Json]]:
    """The canonical forms of the manifests as they are written, a few at a time, so that answers
    that come meanwhile are taken."""
    canons: dict[Address, dict[str, Json]] = {}
    for place, resource in enumerate(resources):
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
        kind = KINDS[resource.address.kind]
        canons[resource.address] = canonical(kind.schema, resource.spec)
    return canons


async def _matched(
    session: Session,
    reader: Reader,
    snapshot: Snapshot,
    canons: Mapping[Address, dict[str, Json]],
) -> Matcher:
    """The manifests paired with what was read, and with what earlier runs may still make."""
    memory, state = session.memory, session.state()

    def matched() -> Matcher:
        matcher = Matcher(KINDS, session.resources, snapshot, state.ids(), canons)
        matcher.match()
        return matcher

    matcher = matched()
    wait, kinds = still_to_come(matcher, memory.open_intents(), state, session.now)
    if kinds:
        await wait_for(await session.client(), reader, snapshot, wait, kinds)
        matcher = matched()
    known = state.ids() | dict.fromkeys(state.unseen, "")
    warn_of_renames(matcher.wanted.values(), snapshot, matcher.claimed, known)
    return matcher


async def _read_details(
    session: Session, reader: Reader, todo: Iterable[Wanted], on: Reporter
) -> None:
    """Read whole what manifests name and lists do not show whole."""
    lacking = [
        (wanted, wanted.live)
        for wanted in todo
        if wanted.live is not None
        and (not wanted.live.whole or reader.missing_extras(wanted.live, wanted.raw))
    ]
    done = 0

    async def read(each: tuple[Wanted, LiveObject]) -> None:
        nonlocal done
        wanted, live = each
        live.take((await reader.detail(live, wanted.raw)).ready())
        done += 1
        on(Reading(f"{wanted.kind.name} details", done, len(lacking)))

    await for_each(read, lacking, at_once=2 * session.environment.concurrency)


async def _place_files(
    session: Session, todo: Iterable[Wanted], options: PlanOptions
) -> dict[str, str]:
    """Put handles in place of the files that manifests name; those learned of come back."""
    state = session.state()
    handles = Handles(await session.client(), session.project, state.files, options.resend)
    await together(
        handles.place(wanted) for wanted in todo if form_of(wanted.kind.schema).holds("x-media")
    )
    return handles.learned


async def _probed(
    reader: Reader, planner: Planner, todo: Iterable[Wanted]
) -> dict[Address, dict[str, Json]]:
    """Answers to the further reads that kinds want before some changes are judged."""
    answers: dict[Address, dict[str, Json]] = {}

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
        for wanted in todo
        if wanted.kind.probe is not None and (check := planner.comparer.check(wanted)) is not None
        for extra in wanted.kind.probe(check)
    )
    return answers


def is_about(problem: Problem, environment: str) -> bool:
    """Whether a warning counts in an environment: secrets in the file of another are `validate`'s
    to tell."""
    own = problem.path.startswith(f"environments.{environment}.")
    return problem.rule != "plain-secret" or own


def _warnings(session: Session) -> list[str]:
    environment = session.environment
    warnings = [str(each) for each in session.project.warnings if is_about(each, environment.name)]
    warnings += [
        f"run {run.run} did not see the end of a write: whether {intent.address}"
        f" ({intent.summary}) landed was looked up again"
        for run in session.memory.unfinished
        for intent in run.open_intents
    ]
    if environment.org_id is None and environment.endpoint != "sandbox":
        warnings.append("the environment has no org_id: apply refuses to write until it has one")
    return warnings
