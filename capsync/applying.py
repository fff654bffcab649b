"""Carrying out a plan: in order, side by side, each change settled and put on record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any, Protocol

from capsync.api.dialect import Answer, at
from capsync.errors import Ambiguous, ApiError, CapsyncError, NotFound, RateLimited, Unreachable
from capsync.events import Finished, Reporter, Skipped, Started, silent
from capsync.fingerprint import digest
from capsync.kind import Outcome as ItemOutcome
from capsync.kind import Task, Write
from capsync.live import Reader
from capsync.model import NOTHING, Action, Address, FieldChange, path_text
from capsync.planning.changes import Comparer, Item, task_of
from capsync.planning.options import Setting
from capsync.planning.plan import Draft
from capsync.requests import create_write, write_call, writes_for
from capsync.snapshot import LiveObject
from capsync.values.diff import differences
from capsync.values.normalise import Pending, canonical

if TYPE_CHECKING:
    from capsync.api.client import Client

Json = Any

_ROUNDS = 6  # writes whose ids are known only after other writes: read again at most so often
_LOOKS = (0.0, 1.0, 3.0)  # seconds before each look for a create whose answer was lost


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one change ended.

    `status`: `done`; `already` (the org had it so); `failed` (refused, nothing was changed by the
    last call); `unknown` (sent, fate not known: the next run looks again); `skipped` (never tried).
    """

    address: Address
    action: Action
    status: str
    message: str = ""
    id: str | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """How an apply ended, change by change; `sent` counts the writes that left."""

    outcomes: tuple[Outcome, ...] = ()
    sent: int = 0
    interrupted: bool = False
    unreadable: tuple[str, ...] = ()
    run: str = ""

    def count(self, status: str) -> int:
        """How many changes ended so."""
        return sum(outcome.status == status for outcome in self.outcomes)

    @property
    def complete(self) -> bool:
        """Whether everything that was planned is in place."""
        good = ("done", "already")
        return not self.unreadable and all(each.status in good for each in self.outcomes)

    @property
    def exit_code(self) -> int:
        """0 done, 130 interrupted, 5 some done and some not, 1 failed before any write."""
        if self.interrupted:
            return 130
        if self.complete:
            return 0
        return 5 if self.sent else 1


class Record(Protocol):
    """Where writes are put on record before they leave and after they are answered."""

    async def intent(self, address: Address, write: Write, key: str, payload: str) -> int:
        """On disk before the write leaves; gives the token for its outcome."""

    def outcome(
        self,
        token: int,
        status: str,
        id: str | None = None,
        request_id: str = "",
        message: str = "",
    ) -> None:
        """What became of it."""

    def keep(self, item: Item, live: LiveObject) -> None:
        """The object as read before an update or retirement, for undo."""

    def settled(self, item: Item, id: str | None, raw: Mapping[str, Json], request_id: str) -> None:
        """A change is in place: the state remembers what was applied."""

    def noticed(self, item: Item) -> None:
        """The org has it as wanted: the state remembers the pairing."""


class Moved(CapsyncError):
    """The live object is no longer what the plan was made from."""

    exit_code = 4


@dataclass(slots=True)
class _Progress:
    """One change on its way."""

    item: Item
    raw: dict[str, Json]
    id: str | None = None
    request_id: str = ""
    live: LiveObject | None = None
    creating: bool = False


class Applier:
    """Carries out one draft. Use once."""

    def __init__(
        self,
        client: Client,
        reader: Reader,
        draft: Draft,
        comparer: Comparer,
        setting: Setting,
        record: Record,
        report: Reporter = silent,
    ) -> None:
        self._client, self._reader, self._draft = client, reader, draft
        self._comparer, self._setting, self._record, self._report = (
            comparer,
            setting,
            record,
            report,
        )
        self._live: dict[Address, LiveObject] = {
            address: item.live for address, item in draft.items.items() if item.live is not None
        }
        self._known_ids = {(item.kind.name, item.id) for item in self._live.values()}
        self._outcomes: dict[Address, Outcome] = {}
        self._unfinished: list[_Progress] = []
        self._stopping = False
        self._sent = 0

    def stop(self) -> None:
        """Send nothing new; writes in flight are settled."""
        self._stopping = True

    async def run(self) -> ApplyReport:
        """Every change, each after what it needs; what depends on a failure is skipped."""
        graph = TopologicalSorter({address: self._needed(address) for address in self._draft.items})
        graph.prepare()
        settled: asyncio.Queue[Sequence[Address]] = asyncio.Queue()
        async with asyncio.TaskGroup() as tasks:
            while graph.is_active():
                for group in self._grouped(graph.get_ready()):
                    tasks.create_task(self._settle(group, settled))
                graph.done(*await settled.get())
        await self._finish_circles()
        return self._result()

    def _needed(self, address: Address) -> frozenset[Address]:
        return self._draft.needs.get(address, frozenset()) & self._draft.items.keys()

    def _result(self) -> ApplyReport:
        shown = [
            self._outcomes[change.address]
            for change in self._draft.plan.changes
            if change.address in self._outcomes
        ]
        interrupted = self._stopping and any(each.status == "skipped" for each in shown)
        return ApplyReport(
            tuple(shown), self._sent, interrupted, unreadable=self._draft.plan.unreadable
        )

    def _grouped(self, ready: Sequence[Address]) -> list[list[Address]]:
        """Ready changes as groups that go out together: bulk creates in chunks, others alone."""
        groups: dict[Any, list[list[Address]]] = {}
        for address in sorted(ready):
            item = self._draft.items[address]
            bulk = item.kind.bulk
            if bulk is None or item.change.action is not Action.CREATE:
                groups.setdefault(address, []).append([address])
                continue
            together = tuple(str(item.raw.get(name)) for name in bulk.together)
            chunks = groups.setdefault((item.kind.name, together), [[]])
            if len(chunks[-1]) >= bulk.max:
                chunks.append([])
            chunks[-1].append(address)
        return [chunk for chunks in groups.values() for chunk in chunks]

    async def _settle(
        self, group: Sequence[Address], settled: asyncio.Queue[Sequence[Address]]
    ) -> None:
        try:
            doable = [address for address in group if self._may_start(address)]
            if len(doable) > 1:
                await self._settle_bulk(doable)
            elif doable:
                await self._settle_one(doable[0])
        finally:
            settled.put_nowait(group)

    def _may_start(self, address: Address) -> bool:
        item = self._draft.items[address]
        if item.change.action is Action.NOOP and item.live is not None and item.wanted is not None:
            self._record.noticed(item)
        if item.change.action in (Action.NOOP, Action.BLOCKED):
            return False
        reason = "interrupted" if self._stopping else self._missing(item)
        if reason:
            self._close(Outcome(address, item.change.action, "skipped", reason))
            return False
        return True

    def _missing(self, item: Item) -> str:
        """Why a change can not be tried: something it needs did not land, or could not be read."""
        for address in sorted(item.wanted.needs if item.wanted else ()):
            outcome = self._outcomes.get(address)
            if outcome is not None and outcome.status not in ("done", "already"):
                return f"needs {address}, which {_ENDED[outcome.status]}"
            if address not in self._draft.items and address not in self._live:
                return f"needs {address}, which could not be read"
        return ""

    def _close(self, outcome: Outcome) -> None:
        self._outcomes[outcome.address] = outcome
        if outcome.status == "skipped":
            self._report(Skipped(outcome.address, outcome.action, outcome.message))
        else:
            self._report(
                Finished(
                    outcome.address,
                    outcome.action,
                    outcome.status,
                    outcome.message,
                    outcome.id,
                    outcome.request_id,
                )
            )

    async def _settle_one(self, address: Address) -> None:
        item = self._draft.items[address]
        progress = _Progress(item, {}, item.live.id if item.live else None)
        try:
            status = await self._carry_out(progress)
        except Ambiguous as error:
            self._close(self._outcome(progress, "unknown", error.message))
        except CapsyncError as error:
            self._close(self._outcome(progress, "failed", error.message))
        else:
            self._close(self._outcome(progress, status))

    def _outcome(self, progress: _Progress, status: str, message: str = "") -> Outcome:
        change = progress.item.change
        return Outcome(
            change.address, change.action, status, message, progress.id, progress.request_id
        )

    async def _carry_out(self, progress: _Progress) -> str:
        """Make one change; "done" or "already". Raises what stopped it."""
        item = progress.item
        progress.raw = await self._known(item)
        progress.live = item.live
        if item.live is not None and not await self._still_so(progress):
            return "already"
        self._report(Started(item.address, item.change.steps[0] if item.change.steps else ""))
        progress.creating = item.change.action is Action.CREATE
        for _round in range(_ROUNDS):
            again = await self._write_round(progress)
            if not again or not await self._left_over(progress):
                self._settled(progress)
                return "done"
        left = ", ".join(path_text(each.path) for each in progress.item.change.fields)
        raise ApiError(f"the service does not keep what was written: {left} still differ")

    def _settled(self, progress: _Progress) -> None:
        item = replace(progress.item, change=self._draft.items[progress.item.address].change)
        if progress.id is not None and item.change.action is not Action.RETIRE:
            stub = LiveObject(item.kind, progress.id, {}, dict(progress.raw), whole=False)
            self._live[item.address] = progress.live or stub
        self._record.settled(item, progress.id, progress.raw, progress.request_id)

    async def _write_round(self, progress: _Progress) -> bool:
        """Send the writes of a task; True where the object must be read for what is left."""
        task = self._task(progress)
        again = False
        for write in writes_for(progress.item.kind, task):
            answer = await self._send(progress, write)
            if write.creates:
                progress.id = await self._created(progress, answer)
                again = progress.item.kind.settles
            if write.settle:
                return True
        return again

    def _task(self, progress: _Progress) -> Task:
        item = replace(progress.item, live=progress.live)
        task = task_of(item, self._setting, progress.raw)
        return replace(task, id=progress.id)

    async def _left_over(self, progress: _Progress) -> bool:
        """Read the object again; True where fields still differ, which the next round writes."""
        item = progress.item
        assert progress.id is not None
        stub = LiveObject(item.kind, progress.id, {}, dict(progress.raw), whole=False)
        progress.live = await self._reader.again(progress.live or stub, progress.raw)
        fields = tuple(self._differences(item, progress.raw, progress.live))
        progress.item = replace(
            item,
            live=progress.live,
            change=replace(item.change, action=Action.UPDATE, fields=fields),
        )
        return bool(fields)

    @staticmethod
    def _differences(item: Item, raw: Mapping[str, Json], live: LiveObject) -> list[FieldChange]:
        schema = item.kind.schema
        return list(differences(schema, canonical(schema, raw), live.canon))

    async def _still_so(self, progress: _Progress) -> bool:
        """Read the object again before it is changed; False where it is as wanted already.

        Raises Moved where a planned field, or another managed one, is not what the plan saw.
        """
        item = progress.item
        assert item.live is not None
        fresh = await self._fresh(item.live, progress.raw)
        progress.live = fresh
        self._record.keep(item, fresh)
        if item.wanted is None:
            return True
        planned = {change.path: change for change in item.change.fields}
        now = {change.path: change for change in self._differences(item, progress.raw, fresh)}
        moved = [
            path_text(path)
            for path, change in now.items()
            if path not in planned or not _same(planned[path].before, change.before)
        ]
        if moved:
            raise Moved(
                f"{item.address} was changed since the plan was made: {', '.join(sorted(moved))}",
                hint="plan again",
            )
        hidden = [each for each in item.change.fields if each.before is NOTHING or each.sensitive]
        rewritten = [each for each in item.change.fields if _same(each.before, each.after)]
        return bool(now or hidden or rewritten)

    async def _fresh(self, live: LiveObject, raw: Mapping[str, Json]) -> LiveObject:
        if live.kind.detail is None and live.kind.extras is None:
            return live
        return await self._reader.again(live, raw)

    async def _send(self, progress: _Progress, write: Write) -> Answer:
        """Send one write, on record before and after. A lost create is looked up, never repeated
        blindly."""
        item = progress.item
        token = await self._record.intent(
            item.address, write, item.change.natural_key, digest(_payload(write))
        )
        self._sent += 1
        try:
            answer = await self._client.send(write_call(item.kind, write))
        except Unreachable as error:
            self._sent -= 1
            self._record.outcome(token, "not sent", message=error.message)
            raise
        except (Ambiguous, ApiError) as error:
            return await self._recovered(progress, write, token, error)
        progress.request_id = answer.request_id
        self._record.outcome(token, "done", progress.id, answer.request_id)
        return answer

    async def _recovered(
        self, progress: _Progress, write: Write, token: int, error: ApiError
    ) -> Answer:
        """The answer that a write which ended in an error would have had, or raises."""
        duplicate = write.creates and progress.item.kind.duplicate_codes & set(error.codes)
        lost = isinstance(error, Ambiguous)
        if write.creates and (lost or duplicate):
            found = await self._look_for(progress)
            if found is not None:
                progress.live, progress.id = found, found.id
                self._record.outcome(token, "done", found.id, error.request_id, "found again")
                return Answer({"id": found.id}, None, 200, error.request_id)
            if lost and self._refused_twice(progress):
                self._record.outcome(token, "lost", message="not found; sent once more")
                return await self._once_more(progress, write)
        elif lost and await self._landed(progress):
            self._record.outcome(token, "done", progress.id, error.request_id, "found in place")
            return Answer(None, None, 200, error.request_id)
        self._record.outcome(
            token, "unknown" if lost else "failed", progress.id, error.request_id, error.message
        )
        raise error

    def _refused_twice(self, progress: _Progress) -> bool:
        """Whether the API refuses a second object with this natural key, so that sending the
        create again can not double it even if the first lands late."""
        item = progress.item
        canon = canonical(item.kind.schema, progress.raw)
        return any(key.enforced and key.of(canon) for key in item.kind.keys)

    async def _once_more(self, progress: _Progress, write: Write) -> Answer:
        item = progress.item
        token = await self._record.intent(
            item.address, write, item.change.natural_key, digest(_payload(write))
        )
        try:
            answer = await self._client.send(write_call(item.kind, write))
        except ApiError as error:
            found = await self._look_for(progress)
            if found is None:
                status = "unknown" if isinstance(error, Ambiguous) else "failed"
                self._record.outcome(token, status, message=error.message)
                raise
            progress.live, progress.id = found, found.id
            self._record.outcome(token, "done", found.id, error.request_id, "found again")
            return Answer({"id": found.id}, None, 200, error.request_id)
        progress.request_id = answer.request_id
        self._record.outcome(token, "done", progress.id, answer.request_id)
        return answer

    async def _look_for(self, progress: _Progress) -> LiveObject | None:
        """The one new live object with our natural key and our content, looked for a few times
        since lists may lag; None where there is none. Raises Ambiguous where several fit."""
        item = progress.item
        for pause in _LOOKS:
            await self._client.pause(pause)
            found = [
                each for each in await self._reader.list(item.kind) if self._is_ours(progress, each)
            ]
            if len(found) > 1:
                ids = ", ".join(each.id for each in found)
                raise Ambiguous(f"{item.address} may exist as any of the ids {ids}")
            if found:
                return found[0]
        return None

    def _is_ours(self, progress: _Progress, live: LiveObject) -> bool:
        kind = progress.item.kind
        if (kind.name, live.id) in self._known_ids:
            return False
        canon = canonical(kind.schema, progress.raw)
        return any(
            (wanted := key.of(canon)) is not None and wanted == live.key(rank)
            for rank, key in enumerate(kind.keys)
        ) or (kind.singleton)

    async def _landed(self, progress: _Progress) -> bool:
        """Whether a lost update is in place all the same."""
        if progress.live is None:
            return False
        try:
            fresh = await self._reader.again(progress.live, progress.raw)
        except NotFound:
            return progress.item.change.action is Action.RETIRE
        except (RateLimited, Unreachable, Ambiguous, ApiError):
            return False
        return not self._differences(progress.item, progress.raw, fresh)

    async def _created(self, progress: _Progress, answer: Answer) -> str:
        """The id of what was just created: from the answer, else found by its natural key."""
        if progress.id is not None:
            return progress.id
        kind = progress.item.kind
        if kind.created_id and (id_ := at(answer.payload, kind.created_id)) is not None:
            return str(id_)
        found = await self._look_for(progress)
        if found is None:
            raise Ambiguous(
                f"{progress.item.address} was created, but the list does not show it yet",
                request_id=answer.request_id,
            )
        progress.live = found
        return found.id

    async def _known(self, item: Item) -> dict[str, Json]:
        """The desired values with every id that is known by now; those of circles left out."""
        pending = _pendings(item.raw)
        answers: dict[Pending, Json] = {}
        for each in pending:
            answers[each] = await self._answer(item, each)
        if not pending:
            return dict(item.raw)
        raw = _filled(item.raw, answers)
        if any(value is NOTHING for value in answers.values()):
            self._unfinished.append(_Progress(item, dict(item.raw)))
        return dict(raw)

    async def _answer(self, item: Item, pending: Pending) -> Json:
        kind_name, _, name = pending.address.partition("/")
        live = self._live.get(Address(kind_name, name))
        if live is None:
            return NOTHING
        if pending.by == "id" and not pending.child:
            return int(live.id) if live.id.isdigit() and len(live.id) < 19 else live.id
        from capsync.planning.match import member_of
        from capsync.values.references import Reference

        reference = Reference((), (), pending.by, kind_name, name=name, child=pending.child)
        whole = live if live.whole else await self._reader.again(live, live.spec)
        self._live[Address(kind_name, name)] = whole
        value = member_of(whole, whole.kind, reference, None)
        if value is None:
            raise ApiError(
                f"{item.address} needs {pending.child or pending.by} of {pending.address}"
            )
        return value

    async def _finish_circles(self) -> None:
        """Second writes of circular references, now that both sides exist."""
        for progress in self._unfinished:
            address = progress.item.address
            outcome = self._outcomes.get(address)
            if outcome is None or outcome.status != "done" or self._stopping:
                continue
            item = replace(progress.item, live=self._live[address])
            progress.id = self._live[address].id
            try:
                progress.raw = _filled(
                    item.raw, {each: await self._answer(item, each) for each in _pendings(item.raw)}
                )
                progress.item = item
                progress.live = self._live[address]
                if await self._left_over(progress):
                    await self._write_round(progress)
                self._settled(progress)
            except CapsyncError as error:
                status = "unknown" if isinstance(error, Ambiguous) else "failed"
                self._close(self._outcome(progress, status, error.message))

    async def _settle_bulk(self, addresses: Sequence[Address]) -> None:
        """Create several resources in one call, each with its own outcome."""
        group = [_Progress(self._draft.items[address], {}) for address in addresses]
        for progress in group:
            progress.raw = await self._known(progress.item)
            progress.creating = True
            self._report(Started(progress.item.address, "create"))
        kind = group[0].item.kind
        assert kind.bulk is not None
        writes = [create_write(kind, self._task(progress)) for progress in group]
        bodies = [write.body for write in writes]
        whole = replace(writes[0], body=kind.bulk.wrap(bodies))
        try:
            answer = await self._send_bulk(group, whole)
        except CapsyncError as error:
            await self._bulk_failed(group, error)
            return
        outcomes = kind.bulk.outcomes(answer.body, answer.status, bodies)
        listed = await self._by_list(group, outcomes)
        for place, progress in enumerate(group):
            outcome = outcomes[place] if outcomes is not None else None
            self._close_item(progress, outcome, listed.get(progress.item.address))

    async def _send_bulk(self, group: Sequence[_Progress], write: Write) -> Answer:
        tokens = [
            await self._record.intent(
                each.item.address, write, each.item.change.natural_key, digest(_payload(write))
            )
            for each in group
        ]
        self._sent += 1
        try:
            answer = await self._client.send(write_call(group[0].item.kind, write))
        except CapsyncError as error:
            if isinstance(error, Unreachable):
                self._sent -= 1
            status = "unknown" if isinstance(error, Ambiguous) else "failed"
            for token in tokens:
                self._record.outcome(token, status, message=error.message)
            raise
        for token, each in zip(tokens, group, strict=True):
            each.request_id = answer.request_id
            self._record.outcome(token, "answered", None, answer.request_id)
        return answer

    async def _bulk_failed(self, group: Sequence[_Progress], error: CapsyncError) -> None:
        """A bulk call that ended in an error: look which items exist, then tell each its fate."""
        lost = isinstance(error, Ambiguous)
        landed: dict[Address, LiveObject] = {}
        if lost or isinstance(error, ApiError):
            try:
                landed = await self._by_list(group, None)
            except CapsyncError:
                lost = True
        for progress in group:
            if (live := landed.get(progress.item.address)) is not None:
                self._close_item(progress, ItemOutcome(ok=True, id=live.id), live)
            elif lost and self._refused_twice(progress):
                await self._settle_one(progress.item.address)
            else:
                status = "unknown" if lost else "failed"
                self._close(self._outcome(progress, status, error.message))

    async def _by_list(
        self, group: Sequence[_Progress], outcomes: Sequence[ItemOutcome] | None
    ) -> dict[Address, LiveObject]:
        """The new live objects of a bulk create by address, where the answer gave no ids."""
        if outcomes is not None and all(each.id or not each.ok for each in outcomes):
            return {}
        live = await self._reader.list(group[0].item.kind)
        found: dict[Address, LiveObject] = {}
        for progress in group:
            ours = [each for each in live if self._is_ours(progress, each)]
            if len(ours) == 1:
                found[progress.item.address] = ours[0]
        return found

    def _close_item(
        self, progress: _Progress, outcome: ItemOutcome | None, live: LiveObject | None
    ) -> None:
        if outcome is not None and not outcome.ok:
            message = " ".join(filter(None, (*outcome.codes, outcome.message)))
            self._close(self._outcome(progress, "failed", message))
            return
        progress.id = (outcome.id if outcome else None) or (live.id if live else None)
        if progress.id is None:
            message = "the answer says that it was created, but the list does not show it yet"
            self._close(self._outcome(progress, "unknown", message))
            return
        progress.live = live
        self._settled(progress)
        self._close(self._outcome(progress, "done"))


_ENDED = {"failed": "failed", "unknown": "may or may not have landed", "skipped": "was skipped"}


def _same(one: Json, other: Json) -> bool:
    return one is other or (one is not NOTHING and other is not NOTHING and bool(one == other))


def _payload(write: Write) -> Json:
    return {"method": write.method, "path": write.path, "body": write.body}


def _pendings(value: Json) -> list[Pending]:
    if isinstance(value, Pending):
        return [value]
    if isinstance(value, Mapping):
        return [each for inner in value.values() for each in _pendings(inner)]
    return [each for inner in value for each in _pendings(inner)] if isinstance(value, list) else []


def _filled(value: Json, answers: Mapping[Pending, Json]) -> Json:
    """The value with answers in place of Pendings; members still unknown are left out."""
    if isinstance(value, Pending):
        return answers[value]
    if isinstance(value, Mapping):
        filled = {name: _filled(inner, answers) for name, inner in value.items()}
        return {name: inner for name, inner in filled.items() if inner is not NOTHING}
    if isinstance(value, list):
        return [each for inner in value if (each := _filled(inner, answers)) is not NOTHING]
    return value
