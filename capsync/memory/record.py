"""Putting an apply on record: intents and outcomes in the journal, results in the state."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from capsync.errors import ApiError
from capsync.fingerprint import public
from capsync.kind import Write
from capsync.memory.history import keep_object
from capsync.memory.journal import Journal
from capsync.memory.state import Remembered, State
from capsync.model import Action, Address, path_text
from capsync.planning.changes import Item
from capsync.snapshot import LiveObject
from capsync.values.normalise import canonical
from capsync.values.paths import hidden_values, parse_path, without

Json = Any


class RunRecord:
    """The record of one apply: its journal, the state it changes, the objects it keeps for undo."""

    def __init__(
        self,
        state: State,
        journal: Journal,
        history: Path,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.state, self._journal, self._history = state, journal, history / journal.run
        self._clock = clock

    async def intent(self, address: Address, write: Write, key: str, payload: str) -> int:
        """On disk before the write leaves; gives the number for its outcome."""
        return await self._journal.intent(
            address=str(address),
            summary=write.summary,
            method=write.method,
            path=write.path,
            key=key,
            payload=payload,
        )

    def outcome(
        self,
        number: int,
        status: str,
        id: str | None = None,
        request_id: str = "",
        message: str = "",
    ) -> None:
        """What became of it."""
        self._journal.outcome(number, status, id=id, request_id=request_id, message=message)

    def keep(self, item: Item, live: LiveObject) -> None:
        """The object as read before an update or retirement, secrets left out, for undo."""
        keep_object(self._history, item.address, live, _showable(item, live.spec))

    def settled(self, item: Item, id: str | None, raw: Mapping[str, Json], request_id: str) -> None:
        """Remember what was applied, or forget what was retired."""
        address = str(item.address)
        if item.change.action is Action.RETIRE:
            self.state.entries.pop(address, None)
            self._journal.settled(address, None)
            return
        if id is None:
            raise ApiError(f"{address} was written, but its id is not known")
        former = item.wanted.resource.meta.formerly_name if item.wanted else None
        before = self.state.entries.get(address)
        if former:
            before = self.state.entries.pop(f"{item.kind.name}/{former}", before)
            self._journal.settled(f"{item.kind.name}/{former}", None)
        at = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        entry = remembered(self.state, item, id, raw, request_id, before)
        entry = replace(entry, at=at)
        self.state.entries[address] = entry
        self._journal.settled(address, entry)

    def noticed(self, item: Item) -> None:
        """Remember a pairing that needed no write; write-only values stay unknown."""
        address = str(item.address)
        before = self.state.entries.get(address)
        assert item.live is not None
        entry = remembered(self.state, item, item.live.id, item.raw, "", before)
        if before is None or (before.id, before.applied) != (entry.id, entry.applied):
            self.state.entries[address] = entry
            self._journal.settled(address, entry)


def remembered(
    state: State,
    item: Item,
    id: str,
    raw: Mapping[str, Json],
    request_id: str,
    before: Remembered | None,
) -> Remembered:
    """What the state keeps of an applied change: no secret, write-only values as hashes.

    Hashes are kept only of values that were sent; of others what was known before is kept.
    """
    schema = item.kind.schema
    known = before.hidden if before else {}
    hidden = {
        name: state.hidden_hash(value) if _was_sent(item, name) else known[name]
        for path, value, _ in hidden_values(schema, raw)
        if _was_sent(item, name := path_text(path)) or name in known
    }
    return Remembered(
        id,
        key=item.change.natural_key,
        applied=_showable(item, raw),
        hidden=hidden,
        owned=item.change.action is Action.CREATE or bool(before and before.owned),
        request_id=request_id,
        at=before.at if before else "",
    )


def _showable(item: Item, raw: Mapping[str, Json]) -> Mapping[str, Json]:
    """The canonical spec without its secrets, declared or marked by the manifest."""
    schema = item.kind.schema
    shown: dict[str, Json] = public(schema, canonical(schema, raw))
    for text in item.wanted.resource.meta.sensitive if item.wanted else ():
        shown = without(schema, shown, parse_path(text))
    return shown


def _was_sent(item: Item, path: str) -> bool:
    """Whether a change sent the write-only value at a path: creates and replacing PUTs send all."""
    if item.change.action is Action.CREATE:
        return True
    if item.change.action is not Action.UPDATE:
        return False
    update = item.kind.update
    replaces = (
        item.kind.writer is None and update is not None and update.whole and not update.keeps
    )
    return replaces or any(path_text(change.path) == path for change in item.change.fields)
