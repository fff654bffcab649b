"""Making one change: read the object again, send its writes, remember what was applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from capsync.applying.finding import Finder, visible_differences
from capsync.applying.fresh import FreshObjects
from capsync.applying.known import KnownObjects, filled, pendings
from capsync.applying.outcomes import Moved, Progress, Record
from capsync.applying.sending import Sender
from capsync.errors import Ambiguous, ApiError, NotFound
from capsync.events import Reporter, Started
from capsync.kind import Task
from capsync.model import NOTHING, Action, FieldChange, Path, path_text
from capsync.planning.item import Item
from capsync.planning.options import Setting
from capsync.planning.prune import is_gone
from capsync.planning.tasks import replacement, task_of
from capsync.reading.live import Reader
from capsync.requests import refuses_second, writes_for
from capsync.snapshot import LiveObject
from capsync.values.normalise import Pending

Json = Any

_ROUNDS = 6  # writes whose ids are known only after other writes: read again at most so often
_STALE = 20.0  # seconds after which somebody may have made what a plan is about to create


class Changer:
    """Makes changes. `now` gives seconds since the epoch, as `planned_at` is."""

    def __init__(
        self,
        reader: Reader,
        setting: Setting,
        record: Record,
        report: Reporter,
        sender: Sender,
        finder: Finder,
        known: KnownObjects,
        now: Callable[[], float],
        planned_at: float,
    ) -> None:
        self._reader, self._setting, self._record = reader, setting, record
        self._report, self._sender, self._finder = report, sender, finder
        self._known, self._now = known, now
        self._fresh = FreshObjects(reader, now)
        self._planned_at = planned_at

    async def change(self, progress: Progress, turn: int) -> str:
        """Make one change; "done" or "already". Raises what stopped it.

        `turn` counts what was settled before the change could start.
        """
        item = progress.item
        if item.change.action is Action.CREATE:
            if await self.is_there(progress, turn):
                return "already"
        elif not await self._still_so(progress, turn):
            return "already"
        self._report(Started(item.address, item.change.steps[0] if item.change.steps else ""))
        if item.change.action is Action.REPLACE:
            await self._retire_first(progress)
        for _round in range(_ROUNDS):
            task = self.task(progress)
            try:
                again = await self._write(progress, task)
            except ApiError as error:
                if not await self._revived(progress, error):
                    raise
                return "done"
            if _was_taken_over(progress):
                self._adopted(item, progress)
                return "already"
            if not again or not await self.left_over(progress):
                self.settled(item, progress)
                progress.remark = await self._read_back(progress, task)
                return "done"
        left = ", ".join(path_text(each.path) for each in progress.item.change.fields)
        raise ApiError(f"the service does not keep what was written: {left} still differ")

    async def _retire_first(self, progress: Progress) -> None:
        """Retire the object that a new one replaces: its key is free then. A run that ends in
        between leaves an absent object, which the next one creates."""
        old, new = replacement(progress.item)
        raw, progress.item, progress.raw = progress.raw, old, {}
        await self._write(progress, self.task(progress))
        progress.item, progress.raw, progress.live, progress.id = new, raw, None, None

    async def resolved(self, item: Item) -> tuple[dict[str, Json], set[Pending]]:
        """The desired values with every id that is known by now, and what is not known: the ids
        of circles, which are left out."""
        found = pendings(item.raw)
        if not found:
            return dict(item.raw), set()
        answers = await self._known.answers(item.address, found)
        unknown = {each for each, value in answers.items() if value is NOTHING}
        return dict(filled(item.raw, answers)), unknown

    async def is_there(self, progress: Progress, turn: int) -> bool:
        """Whether somebody has made the object since the plan, which was made a while ago.

        Asked where the API would take a second one under the same key. Raises Moved where it has
        other content, ApiError where the org can not be read.
        """
        item = progress.item
        is_fresh = self._now() - self._planned_at < _STALE
        if is_fresh or item.kind.singleton or refuses_second(item.kind, progress.raw):
            return False
        rows = await self._fresh.rows(item.kind, turn)
        try:
            found = await self._finder.among(progress, rows.values())
        except Ambiguous as unclear:
            raise Moved(f"made since the plan: {unclear.message}", hint="plan again") from unclear
        if found is None:
            return False
        progress.id, progress.live = found.id, found
        self._adopted(item, progress)
        return True

    async def _still_so(self, progress: Progress, turn: int) -> bool:
        """Read the object again before it is changed; False where it is as wanted already.

        Raises Moved where a planned field, or another managed one, is not what the plan saw.
        """
        item = progress.item
        assert item.live is not None
        is_retired = item.change.action is Action.RETIRE
        try:
            progress.live = fresh = await self._fresh.of(item.live, progress.raw, turn)
        except NotFound as error:
            if is_retired:
                self._record.settled(item, None, {}, "")
                return False
            what = f"{item.address} was deleted since the plan was made: {error.message}"
            raise Moved(what, hint="plan again") from error
        if is_retired and is_gone(item.kind, fresh, self._now()):
            self._record.settled(item, None, {}, "")
            return False
        if item.wanted is not None and not is_retired and not self._differs(progress, fresh):
            self._record.noticed(replace(item, live=fresh))
            return False
        await self._record.keep(item, fresh)
        return True

    @staticmethod
    def _differs(progress: Progress, fresh: LiveObject) -> bool:
        """Whether something planned is left to do; raises Moved for what was not planned."""
        item = progress.item
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

    async def _read_back(self, progress: Progress, task: Task) -> str:
        """What the service made of an update that no difference shows, "" where all is well."""
        kind = progress.item.kind
        if kind.read_back is None or task.action is not Action.UPDATE:
            return ""
        try:
            live = await self._reader.again(_stub(progress), progress.raw)
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
                if _was_taken_over(progress):
                    return False
            self._sender.write_settled()
            if write.settle:
                return True
        return again

    def task(self, progress: Progress) -> Task:
        """What the kind's writer is given."""
        item = replace(progress.item, live=progress.live)
        return replace(task_of(item, self._setting, progress.raw), id=progress.id)

    async def left_over(self, progress: Progress) -> bool:
        """Read the object again; True where fields still differ, which the next round writes."""
        item = progress.item
        progress.live = live = await self._reader.again(_stub(progress), progress.raw)
        fields = tuple(visible_differences(progress, live))
        change = replace(item.change, action=Action.UPDATE, fields=fields)
        progress.item = replace(item, live=live, change=change)
        return bool(fields)

    async def write_left_over(self, progress: Progress) -> None:
        """Write the fields in which the object is still not as wanted."""
        if await self.left_over(progress):
            await self._write(progress, self.task(progress))

    def settled(self, item: Item, progress: Progress) -> None:
        """The change of an item is in place: what was applied is remembered."""
        if progress.id is not None and item.change.action is not Action.RETIRE:
            self._known.add(item.address, _stub(progress))
        self._record.settled(item, progress.id, progress.raw, progress.request_id, progress.stamp)
        progress.settled = True

    async def _revived(self, progress: Progress, error: ApiError) -> bool:
        """After a refused create: whether one that is out of service for good, as far as lists say,
        still holds the natural key, and was written over instead."""
        service = progress.item.kind.service
        is_create = progress.item.change.action is Action.CREATE and not progress.landed
        if service is None or not service.final or not is_create or type(error) is not ApiError:
            return False
        holder = await self._finder.out_of_service(progress)
        if holder is None:
            return False
        progress.live, progress.id = holder, holder.id
        progress.raw = {service.field: service.on, **progress.raw}
        await self.bring_back(progress)
        progress.remark = f"{holder.id}, which was out of service, holds its key: brought back"
        return True

    async def bring_back(self, progress: Progress) -> None:
        """Write what is wanted over an object that has our natural key, but is in no list."""
        item = progress.item
        change = replace(item.change, action=Action.UPDATE)
        progress.item = item = replace(item, change=change)
        await self._write(progress, self.task(progress))
        progress.remark = "it was out of service and hidden from lists: updated, not created"
        self.settled(item, progress)

    def half_done(self, item: Item, progress: Progress) -> None:
        """The object was made, but not all of its writes are in place."""
        if progress.made and progress.id is not None:
            item = replace(item, raw=progress.raw)
            self._record.made(item, progress.id, progress.request_id)

    def _adopted(self, item: Item, progress: Progress) -> None:
        """Somebody else has made what was to be created."""
        assert progress.live is not None
        self._known.add(item.address, progress.live)
        change = replace(item.change, action=Action.NOOP)
        self._record.noticed(replace(item, change=change, live=progress.live, raw=progress.raw))


def _was_taken_over(progress: Progress) -> bool:
    """Whether a create was refused because somebody else has made the same object."""
    is_create = progress.item.change.action is Action.CREATE
    return is_create and not progress.made and progress.id is not None


def _stub(progress: Progress) -> LiveObject:
    """The object as far as it is known: what was read, else its id and what was sent."""
    if progress.live is not None:
        return progress.live
    assert progress.id is not None
    return LiveObject(progress.item.kind, progress.id, {}, dict(progress.raw), whole=False)


def _foresaw(planned: Mapping[Path, FieldChange], path: Path, change: FieldChange) -> bool:
    """Whether the plan saw a change with this live value, or writes all that it is part of."""
    if path in planned:
        return _same(planned[path].before, change.before)
    return any(path[: len(each)] == each for each in planned)


def _same(one: Json, other: Json) -> bool:
    return one is other or (one is not NOTHING and other is not NOTHING and bool(one == other))
