"""Many creates in one call, each with an outcome of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from capsync.api.dialect import Answer
from capsync.applying.finding import Finder
from capsync.applying.outcomes import Progress, Record
from capsync.applying.sending import Sender, note_unsent
from capsync.errors import Ambiguous, ApiError, CapsyncError, Unreachable
from capsync.gathering import together
from capsync.kind import Kind, Write
from capsync.kind import Outcome as ItemOutcome
from capsync.planning.grouping import may_go_in_bulk
from capsync.planning.item import Item
from capsync.requests import refuses_second, write_call
from capsync.snapshot import LiveObject

if TYPE_CHECKING:
    from capsync.api.client import Client

Json = Any


def goes_in_bulk(item: Item) -> bool:
    """Whether a change goes through the bulk call even if it is the only one."""
    return item.kind.bulk is not None and item.kind.bulk.alone and may_go_in_bulk(item)


class BulkCreator:
    """Creates groups of resources of one kind through its bulk call."""

    def __init__(self, client: Client, record: Record, sender: Sender, finder: Finder) -> None:
        self._client, self._record = client, record
        self._sender, self._finder = sender, finder

    async def create(
        self, group: Sequence[Progress], writes: Sequence[Write]
    ) -> list[tuple[Progress, str, str]]:
        """Send one call for all; gives (progress, status, message) of each. Those that landed have
        their id set; `again` means: it did not land and may be sent alone; `exists`: the org has it
        under the id that is set, but does not list it."""
        kind = group[0].item.kind
        assert kind.bulk is not None
        bodies = [write.body for write in writes]
        dialect = kind.bulk.dialect or writes[0].dialect
        whole = replace(writes[0], body=kind.bulk.wrap(bodies), dialect=dialect)
        try:
            tokens = await together(self._sender.intent(each, whole) for each in group)
        except CapsyncError as error:
            return [(each, "failed", error.message) for each in group]
        try:
            answer = await self._sent(kind, whole)
        except asyncio.CancelledError:
            note_unsent(self._client, self._record, tokens)
            raise
        except CapsyncError as error:
            ended = await self._after_error(group, error)
        else:
            ended = [
                (
                    progress,
                    status,
                    _placed(message, whole, answer) if status == "failed" else message,
                )
                for progress, status, message in await self._after_answer(group, answer, bodies)
            ]
        for token, (progress, status, message) in zip(tokens, ended, strict=True):
            request_id = progress.request_id
            self._record.outcome(
                token, _OUTCOMES.get(status, status), progress.id, request_id, message
            )
        return ended

    async def _sent(self, kind: Kind, write: Write) -> Answer:
        try:
            answer: Answer = await self._client.send(write_call(kind, write))
        except Unreachable:
            raise
        except ApiError:
            self._sender.sent += 1
            raise
        self._sender.sent += 1
        return answer

    async def _after_answer(
        self, group: Sequence[Progress], answer: Answer, bodies: Sequence[Json]
    ) -> list[tuple[Progress, str, str]]:
        bulk = group[0].item.kind.bulk
        assert bulk is not None
        outcomes = bulk.outcomes(answer.body, answer.status, bodies)
        for progress in group:
            progress.request_id = answer.request_id
        found = await self._new_objects(group, outcomes)
        return [
            self._ended(progress, outcomes[place] if outcomes is not None else None, found[place])
            for place, progress in enumerate(group)
        ]

    async def _after_error(
        self, group: Sequence[Progress], error: CapsyncError
    ) -> list[tuple[Progress, str, str]]:
        """A call that ended in an error: look which items exist, then tell each its fate.

        Where the service refused all, the others of a bad item deserve a call of their own.
        """
        lost = isinstance(error, Ambiguous)
        if not lost:
            status = "again" if len(group) > 1 and _is_of_one(error) else "failed"
            return [(progress, status, error.message) for progress in group]
        found = await self._new_objects(group, None)
        return [
            self._ended(progress, ItemOutcome(ok=True), live)
            if live is not None
            else (
                progress,
                "again" if refuses_second(progress.item.kind, progress.raw) else "unknown",
                error.message,
            )
            for progress, live in zip(group, found, strict=True)
        ]

    async def _new_objects(
        self, group: Sequence[Progress], outcomes: Sequence[ItemOutcome] | None
    ) -> list[LiveObject | None]:
        """The new live object of each, where the answer gave no ids; None where there is not
        exactly one."""
        nothing: list[LiveObject | None] = [None for _ in group]
        if outcomes is not None and all(each.id or not each.ok for each in outcomes):
            return nothing
        try:
            found = await self._finder.look_for_all(group)
        except Ambiguous:
            return nothing
        return [each[0] if len(each) == 1 else None for each in found]

    def _ended(
        self, progress: Progress, outcome: ItemOutcome | None, live: LiveObject | None
    ) -> tuple[Progress, str, str]:
        if outcome is not None and not outcome.ok:
            message = " ".join(filter(None, (*outcome.codes, outcome.message)))
            kind = progress.item.kind
            if outcome.id and kind.duplicate_codes.intersection(outcome.codes):
                progress.id = outcome.id
                return progress, "exists", message
            busy = kind.dialect.again.intersection(outcome.codes)
            return progress, "again" if busy else "failed", message
        id_ = (outcome.id if outcome else None) or (live.id if live else None)
        if id_ is None:
            message = "the answer says that it was created, but the list does not show it yet"
            return progress, "unknown", message
        progress.live, progress.landed, progress.made = live, 1, True
        self._sender.found(progress, id_)
        return progress, "done", ""


_OUTCOMES = {"again": "lost", "exists": "failed"}  # how the journal calls what is sent once more


def _placed(message: str, write: Write, answer: Answer) -> str:
    """What an answer says of one item, with the call that it answers."""
    request_id = answer.request_id
    return ApiError(message, method=write.method, path=write.path, request_id=request_id).message


def _is_of_one(error: CapsyncError) -> bool:
    """Whether a refusal may be about one item only: of a body, not of who sends it or where to."""
    return type(error) is ApiError and (bool(error.codes) or error.status == 400)
