"""Sending writes: on record before and after, and what became of those whose answer was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from capsync.api.dialect import Answer, at
from capsync.applying.finding import Finder, visible_differences
from capsync.applying.outcomes import Progress, Record
from capsync.errors import Ambiguous, ApiError, NotFound, Unreachable
from capsync.kind import Write
from capsync.model import Action
from capsync.planning.prune import is_gone
from capsync.reading.live import Reader
from capsync.requests import natural_key, refuses_second, write_call
from capsync.snapshot import LiveObject
from capsync.values.fingerprint import digest

if TYPE_CHECKING:
    from capsync.api.client import Client

Json = Any


class Sender:
    """Sends the writes of changes. `sent` counts those that left this machine; `now` is the time
    of the run in seconds since the epoch."""

    def __init__(
        self, client: Client, reader: Reader, record: Record, finder: Finder, now: float
    ) -> None:
        self._client, self._reader, self._record = client, reader, record
        self._finder, self._now = finder, now
        self.sent = 0

    async def send(self, progress: Progress, write: Write) -> Answer:
        """Send one write. A lost create is looked up, never repeated blindly.

        Raises Ambiguous where its fate stays unknown, ApiError where it was refused.
        """
        token = await self.intent(progress, write)
        try:
            answer = await self._client.send(write_call(progress.item.kind, write))
        except Unreachable as error:
            self._record.outcome(token, "not sent", message=error.message)
            raise
        except asyncio.CancelledError:
            note_unsent(self._client, self._record, [token])
            raise
        except ApiError as error:
            self.sent += 1
            return await self._recovered(progress, write, token, error)
        self.sent += 1
        return self._answered(progress, write, token, answer)

    def write_settled(self) -> None:
        """The last write of this task needs no more looking after: a stop may end it here."""
        self._client.write_settled()

    async def intent(self, progress: Progress, write: Write) -> int:
        """Put a write on record; raises CapsyncError where that can not be done."""
        item = progress.item
        payload = {"method": write.method, "path": write.path, "body": write.body}
        return await self._record.intent(
            item.address, write, natural_key(item.kind, progress.raw), digest(payload)
        )

    def _answered(self, progress: Progress, write: Write, token: int, answer: Answer) -> Answer:
        kind = progress.item.kind
        progress.landed += 1
        progress.request_id = answer.request_id
        if isinstance(answer.payload, Mapping) and kind.stamp:
            stamp = at(answer.payload, kind.stamp)
            progress.stamp = "" if stamp is None else str(stamp)
        if write.creates:
            progress.made = True
            if kind.singleton:
                self.found(progress, kind.name)
            elif kind.created_id and (id_ := at(answer.payload, kind.created_id)) is not None:
                self.found(progress, str(id_))
        self._record.outcome(token, "done", progress.id, answer.request_id)
        return answer

    def found(self, progress: Progress, id: str) -> None:
        """The id of what was created is known."""
        progress.id = id
        self._finder.take(progress.item.kind, id)

    async def _recovered(
        self, progress: Progress, write: Write, token: int, error: ApiError
    ) -> Answer:
        """The answer that a write which ended in an error would have had, or raises."""
        lost = isinstance(error, Ambiguous)
        if write.creates and (lost or _is_duplicate(progress, error)):
            return await self._recovered_create(progress, write, token, error)
        if lost and await self._landed(progress):
            return self._found_in_place(progress, token, error)
        self._record.outcome(
            token, "unknown" if lost else "failed", progress.id, error.request_id, error.message
        )
        raise error

    def _found_in_place(self, progress: Progress, token: int, error: ApiError) -> Answer:
        progress.landed += 1
        progress.request_id = error.request_id
        self._record.outcome(token, "done", progress.id, error.request_id, "found in place")
        return Answer(None, None, 200, error.request_id)

    async def _recovered_create(
        self, progress: Progress, write: Write, token: int, error: ApiError
    ) -> Answer:
        lost = isinstance(error, Ambiguous)
        try:
            found = await self._finder.look_for(progress)
        except Ambiguous as unclear:
            if lost:
                self._record.outcome(token, "unknown", None, error.request_id, unclear.message)
                raise
            self._record.outcome(token, "failed", None, error.request_id, error.message)
            raise ApiError(f"{error.message}; {unclear.message}", hint="plan again") from error
        if found is not None:
            return self._found_again(progress, token, found, error)
        if lost and refuses_second(progress.item.kind, progress.raw):
            self._record.outcome(token, "lost", message="not found; sent once more")
            return await self._once_more(progress, write)
        self._record.outcome(
            token, "unknown" if lost else "failed", None, error.request_id, error.message
        )
        raise error if lost else _held_unseen(error)

    def _found_again(
        self, progress: Progress, token: int, found: LiveObject, error: ApiError
    ) -> Answer:
        """What a lost create made; or, where a create was refused, what somebody else made of the
        same content meanwhile."""
        progress.live = found
        progress.made = isinstance(error, Ambiguous)
        progress.landed += progress.made
        progress.request_id = error.request_id
        self.found(progress, found.id)
        self._record.outcome(token, "done", found.id, error.request_id, "found again")
        return Answer({"id": found.id}, None, 200, error.request_id)

    async def _once_more(self, progress: Progress, write: Write) -> Answer:
        """Send a lost create again, which the API refuses if the first has landed after all."""
        token = await self.intent(progress, write)
        self.sent += 1
        try:
            answer = await self._client.send(write_call(progress.item.kind, write))
        except ApiError as error:
            return await self._last_look(progress, token, error)
        return self._answered(progress, write, token, answer)

    async def _last_look(self, progress: Progress, token: int, error: ApiError) -> Answer:
        unclear = Ambiguous(error.message, hint=error.hint, request_id=error.request_id)
        try:
            found = await self._finder.look_for(progress)
        except Ambiguous as told:
            found, unclear = None, told
        if found is not None:
            return self._found_again(progress, token, found, unclear)
        self._record.outcome(token, "unknown", None, error.request_id, unclear.message)
        raise unclear

    async def _landed(self, progress: Progress) -> bool:
        """Whether a lost update or retirement is in place all the same."""
        if progress.live is None:
            return False
        item = progress.item
        try:
            fresh = await self._reader.again(progress.live, progress.raw)
        except NotFound:
            return item.change.action is Action.RETIRE
        except ApiError:
            return False
        if item.change.action is Action.RETIRE:
            return is_gone(item.kind, fresh, self._now)
        return not visible_differences(progress, fresh)

    async def created_id(self, progress: Progress, answer: Answer) -> str:
        """The id of what was just created: from the answer, else found by its natural key."""
        if progress.id is not None:
            return progress.id
        found = await self._finder.look_for(progress)
        if found is None:
            raise Ambiguous(
                f"{progress.item.address} was created, but the list does not show it yet",
                request_id=answer.request_id,
            )
        progress.live = found
        self.found(progress, found.id)
        return found.id


def note_unsent(client: Client, record: Record, tokens: Iterable[int]) -> None:
    """Put on record that these writes did not leave, where the run was stopped before they could:
    the task that was to send them is cancelled."""
    if not client.is_writing():
        for token in tokens:
            record.outcome(token, "not sent", message="interrupted")


def _is_duplicate(progress: Progress, error: ApiError) -> bool:
    """Whether a create was refused because there is one with its natural key."""
    return bool(progress.item.kind.duplicate_codes.intersection(error.codes))


def _held_unseen(error: ApiError) -> ApiError:
    """The refusal of a natural key that something holds which no list shows."""
    return ApiError(
        f"{error.message}; no list shows what holds it (something out of service may)",
        hint=error.hint,
        status=error.status,
        codes=error.codes,
        request_id=error.request_id,
    )
