"""Carrying out a plan: in order, side by side, each change settled and put on record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

from capsync.applying.bulk import BulkCreator, goes_in_bulk
from capsync.applying.changing import Changer
from capsync.applying.finding import Finder
from capsync.applying.known import KnownObjects, pendings
from capsync.applying.outcomes import GOOD, ApplyReport, Outcome, Progress, Record
from capsync.applying.sending import Sender
from capsync.applying.uploading import Uploader
from capsync.errors import Ambiguous, ApiError, CapsyncError
from capsync.events import Finished, Reporter, Skipped, Started, silent
from capsync.gathering import this_task
from capsync.kind import Write
from capsync.model import Action, Address
from capsync.planning.grouping import grouped
from capsync.planning.item import Item
from capsync.planning.options import Setting
from capsync.planning.plan import Draft
from capsync.reading.live import Reader
from capsync.requests import create_write
from capsync.snapshot import LiveObject

if TYPE_CHECKING:
    from capsync.api.client import Client

Json = Any

_ENDED = {"failed": "failed", "unknown": "may or may not have landed", "skipped": "was skipped"}
_INTERRUPTED = "interrupted"


def _always() -> str:
    return ""


class Applier:
    """Carries out one draft. Use once.

    `existing` are the ids by kind that the plan saw, `matched` the live objects of all resources,
    those that the plan leaves out too; `barred` says why nothing more may be sent, ""
    where it may; `now` gives seconds since the epoch, as `planned_at` is.
    """

    def __init__(
        self,
        client: Client,
        reader: Reader,
        draft: Draft,
        setting: Setting,
        record: Record,
        report: Reporter = silent,
        *,
        existing: Mapping[str, set[str]] | None = None,
        matched: Mapping[Address, LiveObject] | None = None,
        barred: Callable[[], str] = _always,
        now: Callable[[], float] | None = None,
        planned_at: float | None = None,
    ) -> None:
        self._client, self._draft, self._record, self._report = client, draft, record, report
        self._barred = barred
        live = {address: each.live for address, each in draft.items.items() if each.live}
        live = {**(matched or {}), **live}
        self._uploader = Uploader(client, record)
        self._known = KnownObjects(reader, live, self._uploader)
        finder = Finder(client, reader, existing)
        for item in live.values():
            finder.take(item.kind, item.id)
        self._sender = Sender(client, reader, record, finder, setting.now)
        self._changer = Changer(
            reader,
            setting,
            record,
            report,
            self._sender,
            finder,
            self._known,
            now or (lambda: setting.now),
            setting.now if planned_at is None else planned_at,
        )
        self._bulk = BulkCreator(client, record, self._sender, finder)
        self._outcomes: dict[Address, Outcome] = {}
        self._circles: list[Item] = []
        # The client lets half of them send; the others are put on record meanwhile.
        self._slots = asyncio.Semaphore(2 * setting.concurrency)
        self._tasks = set[asyncio.Task[Any]]()  # those that have begun
        self._turn = 0  # groups settled so far
        self._stopped = ""

    def stop(self) -> None:
        """Send nothing new; changes of which a write is in flight are settled."""
        self._stopped = self._stopped or _INTERRUPTED
        for task in self._tasks:
            if not self._client.is_writing(task):
                task.cancel()

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
                    tasks.create_task(self._settle(group, self._turn, settled))
                    running += 1
                if running and not idle:
                    graph.done(*(item.address for item in await settled.get()))
                    self._turn += 1
                    running -= 1
        await self._close_circles()
        return self._result()

    def _notice(self, items: Sequence[Item]) -> None:
        """Remember pairings that need no write."""
        for item in items:
            if item.change.action is Action.NOOP and item.live and item.wanted:
                self._record.noticed(item)

    def _result(self) -> ApplyReport:
        shown = tuple(
            self._outcomes[change.address]
            for change in self._draft.plan.changes
            if change.address in self._outcomes
        )
        left = any(each.status not in GOOD for each in shown)
        interrupted = self._stopped == _INTERRUPTED and left
        unreadable = self._draft.plan.unreadable
        sent = self._sender.sent + self._uploader.sent
        return ApplyReport(shown, sent, interrupted, unreadable=unreadable)

    async def _settle(
        self, group: Sequence[Item], turn: int, settled: asyncio.Queue[Sequence[Item]]
    ) -> None:
        task = this_task()
        self._tasks.add(task)
        try:
            # The slot comes first, so that a stop reaches every change that waits for its turn.
            async with self._slots:
                doable = [item for item in group if self._may_start(item)]
                if len(doable) > 1 or any(map(goes_in_bulk, doable)):
                    await self._create_together(doable, turn)
                elif doable:
                    await self._carry_out(doable[0], turn)
        except asyncio.CancelledError:
            if self._client.is_writing():
                raise
            for item in group:
                if item.address not in self._outcomes:
                    self._close(Outcome(item.address, item.change.action, "skipped", _INTERRUPTED))
        finally:
            self._tasks.discard(task)
            settled.put_nowait(group)

    def _may_start(self, item: Item) -> bool:
        self._stopped = self._stopped or self._barred()
        reason = self._stopped or self._missing(item)
        if reason:
            self._close(Outcome(item.address, item.change.action, "skipped", reason))
        return not reason

    def _missing(self, item: Item) -> str:
        """Why a change can not be tried: something it needs did not land, or could not be read."""
        needs: Iterable[Address] = item.wanted.needs if item.wanted else ()
        why = "needs"
        if item.change.action is Action.RETIRE:
            needs, why = self._draft.needs.get(item.address, frozenset()), "comes after"
        for address in sorted(needs):
            outcome = self._outcomes.get(address)
            if outcome is not None and outcome.status not in GOOD:
                return f"{why} {address}, which {_ENDED[outcome.status]}"
            if address not in self._draft.items and address not in self._known:
                return f"{why} {address}, which could not be read"
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
        item = self._draft.items[address]
        if status not in GOOD and progress.landed:
            if address not in self._outcomes:
                self._changer.half_done(item, progress)
            made = f"created as {progress.id}" if progress.id else "created"
            what = made if progress.made else f"{progress.landed} of its writes landed"
            message = f"{what}, but not finished: {message}"
        action = item.change.action
        self._close(Outcome(address, action, status, message, progress.id, progress.request_id))

    def _failed(self, progress: Progress, error: CapsyncError) -> None:
        status = "unknown" if isinstance(error, Ambiguous) else "failed"
        if isinstance(error, ApiError) and error.request_id:
            progress.request_id = error.request_id  # the one to ask the service about
        self._ended(progress, status, error.message)

    async def _resolve(self, progress: Progress) -> None:
        """Fill in the desired values; what is not known yet is left to a second write."""
        item = progress.item
        progress.raw, unknown = await self._changer.resolved(item)
        if unknown:
            self._circles.append(item)

    async def _carry_out(self, item: Item, turn: int) -> None:
        progress = Progress(item, {}, item.live.id if item.live else None, live=item.live)
        try:
            await self._resolve(progress)
            status = await self._changer.change(progress, turn)
        except CapsyncError as error:
            self._failed(progress, error)
        except asyncio.CancelledError:
            if progress.settled:
                self._ended(progress, "done", progress.remark)
            elif progress.landed:
                self._ended(progress, "failed", _INTERRUPTED)
            raise
        else:
            self._ended(progress, status, progress.remark)

    async def _close_circles(self) -> None:
        """Second writes of circular references, now that both sides exist."""
        for item in self._circles:
            outcome = self._outcomes.get(item.address)
            if outcome is None or outcome.status != "done":
                continue
            live = self._known[item.address]
            progress = Progress(item, {}, live.id, live=live, landed=1, made=True)
            try:
                await self._close_circle(progress)
            except CapsyncError as error:
                self._failed(progress, error)

    async def _close_circle(self, progress: Progress) -> None:
        item = progress.item
        progress.raw, unknown = await self._changer.resolved(item)
        if unknown or self._stopped:
            missing = sorted({each.address for each in unknown or pendings(item.raw)})
            reason = self._stopped or "that is not there"
            raise CapsyncError(f"it does not refer to {', '.join(missing)} yet: {reason}")
        await self._changer.write_left_over(progress)
        self._changer.settled(item, progress)

    async def _create_together(self, items: Sequence[Item], turn: int) -> None:
        """Create several resources of a kind in one call."""
        group: list[Progress] = []
        writes: list[Write] = []
        for item in items:
            progress = Progress(item, {})
            try:
                await self._resolve(progress)
                if await self._changer.is_there(progress, turn):
                    self._ended(progress, "already")
                    continue
                writes.append(create_write(item.kind, self._changer.task(progress)))
            except CapsyncError as error:
                self._failed(progress, error)
            else:
                group.append(progress)
                self._report(Started(item.address, "create"))
        left: list[tuple[Progress, str]] = []
        for progress, status, message in await self._bulk.create(group, writes) if group else ():
            if status in ("again", "exists"):
                left.append((progress, status))
                continue
            if status == "done":
                self._changer.settled(progress.item, progress)
            self._ended(progress, status, message)
        self._client.write_settled()
        for progress, status in left:
            if status == "again":
                await self._carry_out(progress.item, turn)
            else:
                await self._bring_back(progress)

    async def _bring_back(self, progress: Progress) -> None:
        try:
            await self._changer.bring_back(progress)
        except CapsyncError as error:
            self._failed(progress, error)
        else:
            self._ended(progress, "done", progress.remark)


def _is_nothing(item: Item) -> bool:
    """Whether nothing is to be sent for a change."""
    return item.change.action in (Action.NOOP, Action.BLOCKED)
