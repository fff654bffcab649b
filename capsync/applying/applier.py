"""Carrying out a plan: in order, side by side, each change settled and put on record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

from capsync.applying.bulk import BulkCreator, grouped
from capsync.applying.known import KnownObjects, filled, pendings
from capsync.applying.outcomes import ApplyReport, Moved, Outcome, Progress, Record
from capsync.applying.sending import Sender, visible_differences
from capsync.errors import Ambiguous, ApiError, CapsyncError
from capsync.events import Finished, Reporter, Skipped, Started, silent
from capsync.kind import Task
from capsync.live import Reader
from capsync.model import NOTHING, Action, Address, FieldChange, Path, path_text
from capsync.planning.changes import Item, task_of
from capsync.planning.options import Setting
from capsync.planning.plan import Draft
from capsync.requests import create_write, writes_for
from capsync.snapshot import LiveObject

if TYPE_CHECKING:
    from capsync.api.client import Client

Json = Any

_ROUNDS = 6  # writes whose ids are known only after other writes: read again at most so often
_ENDED = {"failed": "failed", "unknown": "may or may not have landed", "skipped": "was skipped"}


class Applier:
    """Carries out one draft. Use once."""

    def __init__(
        self,
        client: Client,
        reader: Reader,
        draft: Draft,
        setting: Setting,
        record: Record,
        report: Reporter = silent,
    ) -> None:
        self._reader, self._draft, self._setting = reader, draft, setting
        self._record, self._report = record, report
        live = {address: each.live for address, each in draft.items.items() if each.live}
        known_ids = {(item.kind.name, item.id) for item in live.values()}
        self._known = KnownObjects(reader, live)
        self._sender = Sender(client, reader, record, known_ids)
        self._bulk = BulkCreator(client, reader, record, self._sender)
        self._outcomes: dict[Address, Outcome] = {}
        self._circles: list[Item] = []
        self._slots = asyncio.Semaphore(setting.concurrency)
        self._stopping = False

    def stop(self) -> None:
        """Send nothing new; writes in flight are settled."""
        self._stopping = True

    async def run(self) -> ApplyReport:
        """Every change, each after what it needs; what depends on a failure is skipped."""
        items = self._draft.items
        graph = TopologicalSorter(
            {each: self._draft.needs.get(each, frozenset()) & items.keys() for each in items}
        )
        graph.prepare()
        settled: asyncio.Queue[Sequence[Item]] = asyncio.Queue()
        running = 0
        async with asyncio.TaskGroup() as tasks:
            while graph.is_active():
                ready = [items[address] for address in sorted(graph.get_ready())]
                idle = [item for item in ready if _is_nothing(item)]
                self._notice(idle)
                graph.done(*(item.address for item in idle))
                for group in grouped(item for item in ready if not _is_nothing(item)):
                    tasks.create_task(self._settle(group, settled))
                    running += 1
                if running and not idle:
                    graph.done(*(item.address for item in await settled.get()))
                    running -= 1
        await self._close_circles()
        return self._result()

    def _notice(self, items: Sequence[Item]) -> None:
        """Remember pairings that need no write."""
        for item in items:
            if item.change.action is Action.NOOP and item.live and item.wanted:
                self._record.noticed(item)

    def _result(self) -> ApplyReport:
        shown = [
            self._outcomes[change.address]
            for change in self._draft.plan.changes
            if change.address in self._outcomes
        ]
        interrupted = self._stopping and any(each.status == "skipped" for each in shown)
        unreadable = self._draft.plan.unreadable
        return ApplyReport(tuple(shown), self._sender.sent, interrupted, unreadable=unreadable)

    async def _settle(self, group: Sequence[Item], settled: asyncio.Queue[Sequence[Item]]) -> None:
        try:
            # The slot comes first, so that a stop reaches every change that waits for its turn.
            async with self._slots:
                doable = [item for item in group if self._may_start(item)]
                if len(doable) > 1:
                    await self._create_together(doable)
                elif doable:
                    await self._carry_out(doable[0])
        finally:
            settled.put_nowait(group)

    def _may_start(self, item: Item) -> bool:
        reason = "interrupted" if self._stopping else self._missing(item)
        if reason:
            self._close(Outcome(item.address, item.change.action, "skipped", reason))
        return not reason

    def _missing(self, item: Item) -> str:
        """Why a change can not be tried: something it needs did not land, or could not be read."""
        for address in sorted(item.wanted.needs if item.wanted else ()):
            outcome = self._outcomes.get(address)
            if outcome is not None and outcome.status not in ("done", "already"):
                return f"needs {address}, which {_ENDED[outcome.status]}"
            if address not in self._draft.items and address not in self._known:
                return f"needs {address}, which could not be read"
        return ""

    def _close(self, outcome: Outcome) -> None:
        self._outcomes[outcome.address] = outcome
        if outcome.status == "skipped":
            self._report(Skipped(outcome.address, outcome.action, outcome.message))
            return
        event = Finished(
            outcome.address,
            outcome.action,
            outcome.status,
            outcome.message,
            outcome.id,
            outcome.request_id,
        )
        self._report(event)

    def _ended(self, progress: Progress, status: str, message: str = "") -> None:
        address = progress.item.address
        action = self._draft.items[address].change.action
        outcome = Outcome(address, action, status, message, progress.id, progress.request_id)
        self._close(outcome)

    async def _carry_out(self, item: Item) -> None:
        progress = Progress(item, {}, item.live.id if item.live else None, live=item.live)
        try:
            status = await self._changed(progress)
        except Ambiguous as error:
            self._ended(progress, "unknown", error.message)
        except CapsyncError as error:
            self._ended(progress, "failed", error.message)
        else:
            self._ended(progress, status, progress.remark)

    async def _changed(self, progress: Progress) -> str:
        """Make one change; "done" or "already". Raises what stopped it."""
        item = progress.item
        progress.raw = await self._resolved(item)
        if item.live is not None and not await self._still_so(progress):
            return "already"
        self._report(Started(item.address, item.change.steps[0] if item.change.steps else ""))
        for _round in range(_ROUNDS):
            task = self._task(progress)
            again = await self._write(progress, task)
            if not again or not await self._left_over(progress):
                self._settled(progress)
                progress.remark = await self._read_back(progress, task)
                return "done"
        left = ", ".join(path_text(each.path) for each in progress.item.change.fields)
        raise ApiError(f"the service does not keep what was written: {left} still differ")

    async def _resolved(self, item: Item) -> dict[str, Json]:
        """The desired values with every id that is known by now; those of circles left out."""
        found = pendings(item.raw)
        if not found:
            return dict(item.raw)
        answers = await self._known.answers(item.address, found)
        if any(value is NOTHING for value in answers.values()):
            self._circles.append(item)
        return dict(filled(item.raw, answers))

    async def _still_so(self, progress: Progress) -> bool:
        """Read the object again before it is changed; False where it is as wanted already.

        Raises Moved where a planned field, or another managed one, is not what the plan saw.
        """
        item = progress.item
        assert item.live is not None
        progress.live = fresh = await self._fresh(item.live, progress)
        await self._record.keep(item, fresh)
        if item.wanted is None:
            return True
        planned = {change.path: change for change in item.change.fields}
        now = {change.path: change for change in visible_differences(progress, fresh)}
        moved = sorted(
            path_text(path) for path, change in now.items() if not _foresaw(planned, path, change)
        )
        if moved:
            what = f"{item.address} was changed since the plan was made: {', '.join(moved)}"
            raise Moved(what, hint="plan again")
        # Write-only fields, and links that another change makes the service forget, show nothing.
        blind = any(
            _same(each.before, each.after) or each.before is NOTHING for each in planned.values()
        )
        return bool(now) or blind

    async def _fresh(self, live: LiveObject, progress: Progress) -> LiveObject:
        if live.kind.detail is None and live.kind.extras is None:
            return live
        return await self._reader.again(live, progress.raw)

    async def _read_back(self, progress: Progress, task: Task) -> str:
        """What the service made of an update that no difference shows, "" where all is well."""
        kind = progress.item.kind
        if kind.read_back is None or task.action is not Action.UPDATE:
            return ""
        try:
            live = await self._reader.again(self._stub(progress), progress.raw)
        except ApiError as error:
            return f"it was written, but could not be read back: {error.message}"
        return kind.read_back(task, live.raw)

    async def _write(self, progress: Progress, task: Task) -> bool:
        """Send the writes of a task; True where the object must be read for what is left."""
        again = False
        for write in writes_for(progress.item.kind, task):
            answer = await self._sender.send(progress, write)
            if write.creates:
                progress.id = await self._sender.created_id(progress, answer)
                again = progress.item.kind.settles
            if write.settle:
                return True
        return again

    def _task(self, progress: Progress) -> Task:
        item = replace(progress.item, live=progress.live)
        return replace(task_of(item, self._setting, progress.raw), id=progress.id)

    async def _left_over(self, progress: Progress) -> bool:
        """Read the object again; True where fields still differ, which the next round writes."""
        item = progress.item
        progress.live = live = await self._reader.again(self._stub(progress), progress.raw)
        fields = tuple(visible_differences(progress, live))
        change = replace(item.change, action=Action.UPDATE, fields=fields)
        progress.item = replace(item, live=live, change=change)
        return bool(fields)

    @staticmethod
    def _stub(progress: Progress) -> LiveObject:
        """The object as far as it is known: what was read, else its id and what was sent."""
        if progress.live is not None:
            return progress.live
        assert progress.id is not None
        return LiveObject(progress.item.kind, progress.id, {}, dict(progress.raw), whole=False)

    def _settled(self, progress: Progress) -> None:
        item = self._draft.items[progress.item.address]
        if progress.id is not None and item.change.action is not Action.RETIRE:
            self._known.add(item.address, self._stub(progress))
        self._record.settled(item, progress.id, progress.raw, progress.request_id)

    async def _close_circles(self) -> None:
        """Second writes of circular references, now that both sides exist."""
        for item in self._circles:
            outcome = self._outcomes.get(item.address)
            if outcome is None or outcome.status != "done" or self._stopping:
                continue
            live = self._known[item.address]
            progress = Progress(replace(item, live=live), {}, live.id, live=live)
            try:
                answers = await self._known.answers(item.address, pendings(item.raw))
                progress.raw = dict(filled(item.raw, answers))
                if await self._left_over(progress):
                    await self._write(progress, self._task(progress))
                self._settled(progress)
            except CapsyncError as error:
                status = "unknown" if isinstance(error, Ambiguous) else "failed"
                self._ended(progress, status, error.message)

    async def _create_together(self, items: Sequence[Item]) -> None:
        """Create several resources of a kind in one call."""
        group = [Progress(item, await self._resolved(item)) for item in items]
        for item in items:
            self._report(Started(item.address, "create"))
        writes = [create_write(each.item.kind, self._task(each)) for each in group]
        for progress, status, message in await self._bulk.create(group, writes):
            if status == "again":
                await self._carry_out(progress.item)
                continue
            if status == "done":
                self._settled(progress)
            self._ended(progress, status, message)


def _is_nothing(item: Item) -> bool:
    """Whether nothing is to be sent for a change."""
    return item.change.action in (Action.NOOP, Action.BLOCKED)


def _foresaw(planned: Mapping[Path, FieldChange], path: Path, change: FieldChange) -> bool:
    """Whether the plan saw a change with this live value, or writes all that it is part of."""
    if path in planned:
        return _same(planned[path].before, change.before)
    return any(path[: len(each)] == each for each in planned)


def _same(one: Json, other: Json) -> bool:
    return one is other or (one is not NOTHING and other is not NOTHING and bool(one == other))
