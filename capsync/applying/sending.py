"""Sending writes: on record before and after, and what became of those whose answer was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from capsync.api.dialect import Answer, at
from capsync.applying.outcomes import Progress, Record
from capsync.errors import Ambiguous, ApiError, NotFound, Unreachable
from capsync.fingerprint import digest
from capsync.kind import Write
from capsync.live import Reader
from capsync.model import Action, FieldChange
from capsync.planning.match import counts_as_absent
from capsync.requests import write_call
from capsync.snapshot import LiveObject
from capsync.values.diff import differences
from capsync.values.normalise import canonical
from capsync.values.paths import without

if TYPE_CHECKING:
    from capsync.api.client import Client

Json = Any

_LOOKS = (0.0, 1.0, 3.0)  # seconds before each look for a create whose answer was lost


class Sender:
    """Sends the writes of changes. `sent` counts those that left this machine.

    `known_ids` are the (kind, id) of objects that were there before: never taken for a lost create.
    """

    def __init__(
        self, client: Client, reader: Reader, record: Record, known_ids: set[tuple[str, str]]
    ) -> None:
        self._client, self._reader, self._record = client, reader, record
        self._known_ids = known_ids
        self.sent = 0

    async def send(self, progress: Progress, write: Write) -> Answer:
        """Send one write. A lost create is looked up, never repeated blindly.

        Raises Ambiguous where its fate stays unknown, ApiError where it was refused.
        """
        token = await self._intent(progress, write)
        self.sent += 1
        try:
            answer = await self._client.send(write_call(progress.item.kind, write))
        except Unreachable as error:
            self.sent -= 1
            self._record.outcome(token, "not sent", message=error.message)
            raise
        except ApiError as error:
            return await self._recovered(progress, write, token, error)
        return self._answered(progress, token, answer)

    async def _intent(self, progress: Progress, write: Write) -> int:
        item = progress.item
        payload = {"method": write.method, "path": write.path, "body": write.body}
        return await self._record.intent(
            item.address, write, item.change.natural_key, digest(payload)
        )

    def _answered(self, progress: Progress, token: int, answer: Answer) -> Answer:
        progress.request_id = answer.request_id
        self._record.outcome(token, "done", progress.id, answer.request_id)
        return answer

    async def _recovered(
        self, progress: Progress, write: Write, token: int, error: ApiError
    ) -> Answer:
        """The answer that a write which ended in an error would have had, or raises."""
        lost = isinstance(error, Ambiguous)
        if write.creates:
            if lost or progress.item.kind.duplicate_codes.intersection(error.codes):
                found = await self.look_for(progress)
                if found is not None:
                    return self._found_again(progress, token, found, error)
            if lost and refuses_twice(progress):
                self._record.outcome(token, "lost", message="not found; sent once more")
                return await self._once_more(progress, write)
        elif lost and await self._landed(progress):
            self._record.outcome(token, "done", progress.id, error.request_id, "found in place")
            return Answer(None, None, 200, error.request_id)
        status = "unknown" if lost else "failed"
        self._record.outcome(token, status, progress.id, error.request_id, error.message)
        raise error

    def _found_again(
        self, progress: Progress, token: int, found: LiveObject, error: ApiError
    ) -> Answer:
        progress.live, progress.id = found, found.id
        self._record.outcome(token, "done", found.id, error.request_id, "found again")
        return Answer({"id": found.id}, None, 200, error.request_id)

    async def _once_more(self, progress: Progress, write: Write) -> Answer:
        token = await self._intent(progress, write)
        try:
            answer = await self._client.send(write_call(progress.item.kind, write))
        except ApiError as error:
            found = await self.look_for(progress)
            if found is None:
                status = "unknown" if isinstance(error, Ambiguous) else "failed"
                self._record.outcome(token, status, message=error.message)
                raise
            return self._found_again(progress, token, found, error)
        return self._answered(progress, token, answer)

    async def look_for(self, progress: Progress) -> LiveObject | None:
        """The one new live object with our natural key and our content, None where there is none.

        Looked for a few times, since lists may lag. Raises Ambiguous where several fit or the one
        that has our key has other content.
        """
        item = progress.item
        for pause in _LOOKS:
            await self._client.pause(pause)
            listed = await self._reader.list(item.kind)
            found = [each for each in listed if self.is_ours(progress, each)]
            if len(found) > 1:
                ids = ", ".join(each.id for each in found)
                raise Ambiguous(f"{item.address} may exist as any of the ids {ids}")
            if found:
                return await self._with_our_content(progress, found[0])
        return None

    async def _with_our_content(self, progress: Progress, found: LiveObject) -> LiveObject:
        item = progress.item
        whole = await self._reader.detail(found, progress.raw)
        # What a create leaves to later writes is not there yet: those kinds go by the key alone.
        if item.kind.settles or not visible_differences(progress, whole):
            return whole
        what = f"{item.address}: id {found.id} has its natural key, but other values"
        raise Ambiguous(what, hint="plan again")

    def is_ours(self, progress: Progress, live: LiveObject) -> bool:
        """Whether a live object is new and has the natural key of what was to be created."""
        kind = progress.item.kind
        if (kind.name, live.id) in self._known_ids:
            return False
        canon = canonical(kind.schema, progress.raw)
        if counts_as_absent(live, canon):
            return False
        return kind.singleton or any(
            (wanted := key.of(canon)) is not None and wanted == live.key(rank)
            for rank, key in enumerate(kind.keys)
        )

    async def _landed(self, progress: Progress) -> bool:
        """Whether a lost update is in place all the same."""
        if progress.live is None:
            return False
        try:
            fresh = await self._reader.again(progress.live, progress.raw)
        except NotFound:
            return progress.item.change.action is Action.RETIRE
        except ApiError:
            return False
        return progress.item.wanted is not None and not visible_differences(progress, fresh)

    async def created_id(self, progress: Progress, answer: Answer) -> str:
        """The id of what was just created: from the answer, else found by its natural key."""
        if progress.id is not None:
            return progress.id
        kind = progress.item.kind
        if kind.created_id and (id_ := at(answer.payload, kind.created_id)) is not None:
            return str(id_)
        found = await self.look_for(progress)
        if found is None:
            raise Ambiguous(
                f"{progress.item.address} was created, but the list does not show it yet",
                request_id=answer.request_id,
            )
        progress.live = found
        return found.id


def refuses_twice(progress: Progress) -> bool:
    """Whether the API refuses a second object with this natural key, so that sending the create
    again can not double it even if the first lands late."""
    kind = progress.item.kind
    canon = canonical(kind.schema, progress.raw)
    return any(key.enforced and key.of(canon) for key in kind.keys)


def visible_differences(progress: Progress, live: LiveObject) -> list[FieldChange]:
    """The fields in which a live object is not as wanted, as far as it can be read."""
    item = progress.item
    schema = item.kind.schema
    desired, have = canonical(schema, progress.raw), live.canon
    for steps in item.ignored:
        desired, have = without(schema, desired, steps), without(schema, have, steps)
    return list(differences(schema, desired, have))
