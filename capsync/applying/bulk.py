"""Many creates in one call, each with an outcome of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from capsync.api.dialect import Answer
from capsync.applying.outcomes import Progress, Record
from capsync.applying.sending import Sender, refuses_twice
from capsync.errors import Ambiguous, ApiError, CapsyncError, Unreachable
from capsync.fingerprint import digest
from capsync.kind import Outcome as ItemOutcome
from capsync.kind import Write
from capsync.live import Reader
from capsync.model import Action, Address
from capsync.planning.changes import Item
from capsync.requests import write_call
from capsync.snapshot import LiveObject
from capsync.values.normalise import canonical, canonical_default

if TYPE_CHECKING:
    from capsync.api.client import Client

Json = Any


def grouped(items: Iterable[Item]) -> list[list[Item]]:
    """Changes as groups that go out together: bulk creates in chunks, all others alone."""
    groups: dict[Any, list[list[Item]]] = {}
    for item in items:
        bulk = item.kind.bulk
        if bulk is None or item.change.action is not Action.CREATE or _needs_more(item):
            groups[item.address] = [[item]]
            continue
        canon = item.wanted.canon if item.wanted else item.raw
        together = tuple(str(canon.get(name)) for name in bulk.together)
        chunks = groups.setdefault((item.kind.name, together), [[]])
        if len(chunks[-1]) >= bulk.max:
            chunks.append([])
        chunks[-1].append(item)
    return [chunk for chunks in groups.values() for chunk in chunks]


def _needs_more(item: Item) -> bool:
    """Whether a create leaves fields to later writes, because its call does not take them."""
    omitted = item.kind.create.omit if item.kind.create else frozenset()
    fields = item.kind.fields
    return any(
        canonical(fields[name], value) != canonical_default(fields[name])
        for name, value in item.raw.items()
        if name in omitted
    )


class BulkCreator:
    """Creates groups of resources of one kind through its bulk call."""

    def __init__(self, client: Client, reader: Reader, record: Record, sender: Sender) -> None:
        self._client, self._reader, self._record = client, reader, record
        self._sender = sender

    async def create(
        self, group: Sequence[Progress], writes: Sequence[Write]
    ) -> list[tuple[Progress, str, str]]:
        """Send one call for all; gives (progress, status, message) of each. Those that landed have
        their id set; `again` means: it did not land and may be sent alone."""
        kind = group[0].item.kind
        assert kind.bulk is not None
        bodies = [write.body for write in writes]
        dialect = kind.bulk.dialect or writes[0].dialect
        whole = replace(writes[0], body=kind.bulk.wrap(bodies), dialect=dialect)
        try:
            answer = await self._send(group, whole)
        except CapsyncError as error:
            return await self._after_error(group, error)
        outcomes = kind.bulk.outcomes(answer.body, answer.status, bodies)
        listed = await self._listed(group, outcomes)
        return [
            self._ended(
                progress,
                outcomes[place] if outcomes is not None else None,
                listed.get(progress.item.address),
            )
            for place, progress in enumerate(group)
        ]

    async def _send(self, group: Sequence[Progress], write: Write) -> Answer:
        payload = digest({"method": write.method, "path": write.path, "body": write.body})
        tokens = []
        for each in group:
            key = each.item.change.natural_key
            tokens.append(await self._record.intent(each.item.address, write, key, payload))
        self._sender.sent += 1
        try:
            answer: Answer = await self._client.send(write_call(group[0].item.kind, write))
        except CapsyncError as error:
            if isinstance(error, Unreachable):
                self._sender.sent -= 1
            status = "unknown" if isinstance(error, Ambiguous) else "failed"
            for token in tokens:
                self._record.outcome(token, status, message=error.message)
            raise
        for token, each in zip(tokens, group, strict=True):
            each.request_id = answer.request_id
            self._record.outcome(token, "answered", None, answer.request_id)
        return answer

    async def _after_error(
        self, group: Sequence[Progress], error: CapsyncError
    ) -> list[tuple[Progress, str, str]]:
        """A call that ended in an error: look which items exist, then tell each its fate.

        Where the service refused all, the others of a bad item deserve a call of their own.
        """
        lost = isinstance(error, Ambiguous)
        landed: dict[Address, LiveObject] = {}
        if not isinstance(error, Unreachable):
            try:
                landed = await self._listed(group, None)
            except CapsyncError:
                return [(each, "unknown", error.message) for each in group]
        ended = []
        for progress in group:
            if (live := landed.get(progress.item.address)) is not None:
                ended.append(self._ended(progress, ItemOutcome(ok=True, id=live.id), live))
            elif refuses_twice(progress) if lost else len(group) > 1 and _is_of_one(error):
                ended.append((progress, "again", error.message))
            else:
                ended.append((progress, "unknown" if lost else "failed", error.message))
        return ended

    async def _listed(
        self, group: Sequence[Progress], outcomes: Sequence[ItemOutcome] | None
    ) -> dict[Address, LiveObject]:
        """The new live objects of a bulk create by address, where the answer gave no ids."""
        if outcomes is not None and all(each.id or not each.ok for each in outcomes):
            return {}
        live = await self._reader.list(group[0].item.kind)
        found: dict[Address, LiveObject] = {}
        for progress in group:
            ours = [each for each in live if self._sender.is_ours(progress, each)]
            if len(ours) == 1:
                found[progress.item.address] = ours[0]
        return found

    @staticmethod
    def _ended(
        progress: Progress, outcome: ItemOutcome | None, live: LiveObject | None
    ) -> tuple[Progress, str, str]:
        if outcome is not None and not outcome.ok:
            message = " ".join(filter(None, (*outcome.codes, outcome.message)))
            busy = progress.item.kind.dialect.again.intersection(outcome.codes)
            return progress, "again" if busy else "failed", message
        progress.id = (outcome.id if outcome else None) or (live.id if live else None)
        progress.live = live
        if progress.id is None:
            message = "the answer says that it was created, but the list does not show it yet"
            return progress, "unknown", message
        return progress, "done", ""


def _is_of_one(error: CapsyncError) -> bool:
    """Whether a refusal may be about one item only: of a body, not of who sends it or where to."""
    return type(error) is ApiError and (bool(error.codes) or error.status == 400)
