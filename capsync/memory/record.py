"""Putting an apply on record: intents and outcomes in the journal, results in the state."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Set
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from capsync.api.dialect import at
from capsync.errors import CapsyncError
from capsync.kind import Write
from capsync.memory.history import keep_object, keep_run
from capsync.memory.journal import Journal
from capsync.memory.state import Remembered, State
from capsync.model import Action, Address, path_text
from capsync.planning.item import Item
from capsync.requests import natural_key
from capsync.snapshot import LiveObject
from capsync.values.fingerprint import public
from capsync.values.normalise import canonical
from capsync.values.paths import hidden_values, parse_path, without

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = Any

_MAKES = (Action.CREATE, Action.REPLACE)


class RunRecord:
    """The record of one apply: its journal, the state it changes, the objects it keeps for undo.

    `ours` are addresses that an earlier run may have created without living to see it. What can not
    be put down after a write has landed does not stop the run: `trouble` says it.
    """

    def __init__(
        self,
        state: State,
        journal: Journal,
        history: Path,
        about: Mapping[str, Json],
        clock: Callable[[], float],
        ours: Set[str] = frozenset(),
    ) -> None:
        self.state, self.journal, self._history = state, journal, history / journal.run
        self._about, self._clock, self._ours = about, clock, ours
        self._keeping = asyncio.Lock()
        self._has_kept = False
        self._names: dict[tuple[str, str], set[str]] = defaultdict(set)  # by kind and id
        for address, entry in state.entries.items():
            self._names[_object(address, entry.id)].add(address)
        self.changed: dict[str, Remembered | None] = {}
        self.trouble = ""

    async def intent(self, address: Address, write: Write, key: str, payload: str) -> int:
        """On disk before the write leaves; gives the number for its outcome. Raises CapsyncError
        where the disk does not take it."""
        return await self.journal.intent(
            address=str(address),
            summary=write.summary,
            method=write.method,
            path=write.path,
            key=key,
            payload=payload,
            creates=write.creates,
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
        with self._noted():
            self.journal.outcome(number, status, id=id, request_id=request_id, message=message)

    async def keep(self, item: Item, live: LiveObject) -> None:
        """The object as read before an update or retirement, secrets left out, for undo. Raises
        CapsyncError where it can not be kept: then it may not be changed."""
        body = {
            "address": str(item.address),
            "action": item.change.action.value,
            "changed": sorted({str(each.path[0]) for each in item.change.fields if each.path}),
            "id": live.id,
            "key": live.title,
            "spec": _showable(item, live.spec),
            "hidden": [path_text(path) for path in _hidden_paths(item, live)],
        }
        async with self._keeping:
            if not self._has_kept:
                await asyncio.to_thread(keep_run, self._history, self._about)
                self._has_kept = True
        await asyncio.to_thread(keep_object, self._history, item.address, body)

    def made(self, item: Item, id: str, request_id: str) -> None:
        """An object was created, but not all of its writes have landed: it is ours all the same."""
        entry = Remembered(
            id,
            natural_key(item.kind, item.raw),
            owned=True,
            request_id=request_id,
            at=self._now(),
        )
        self._remember(str(item.address), entry)

    def settled(
        self,
        item: Item,
        id: str | None,
        raw: Mapping[str, Json],
        request_id: str,
        stamp: str = "",
    ) -> None:
        """Remember what was applied, or forget what was retired."""
        address = str(item.address)
        if item.change.action is Action.RETIRE:
            self._remember(address, None)
        elif id is not None:
            before = self._known(item)
            self._remember(address, self._entry(item, id, raw, request_id, stamp, before))
            self._forget_others(address, id)

    def noticed(self, item: Item) -> None:
        """Remember a pairing that needed no write; write-only values stay unknown."""
        address = str(item.address)
        assert item.live is not None
        entry = self._entry(item, item.live.id, item.raw, "", "", self._known(item))
        before = self.state.entries.get(address)
        same = before is not None and all(
            getattr(before, name) == getattr(entry, name) for name in ("id", "applied", "owned")
        )
        if not same:
            self._remember(address, entry)
            self._forget_others(address, entry.id)

    def uploaded(self, sha256: str, handle: str) -> None:
        """Remember the handle of a content."""
        self.state.files[sha256] = handle
        with self._noted():
            self.journal.uploaded(sha256, handle)

    def _known(self, item: Item) -> Remembered | None:
        """What is remembered of a resource, under its name or the one that it had."""
        former = item.wanted.resource.meta.formerly_name if item.wanted else None
        entry = self.state.entries.get(str(item.address))
        if entry is None and former:
            entry = self.state.entries.get(f"{item.kind.name}/{former}")
        return entry

    def _remember(self, address: str, entry: Remembered | None) -> None:
        before = self.state.entries.get(address)
        if entry is None and before is None:
            return
        if before is not None:
            self._names[_object(address, before.id)].discard(address)
        if entry is not None:
            self._names[_object(address, entry.id)].add(address)
        self.changed[address] = entry
        self.state.take({address: entry})
        with self._noted():
            self.journal.settled(address, entry)

    def _forget_others(self, address: str, id: str) -> None:
        """One live object has one address: what it was called before is not remembered."""
        for other in self._names[_object(address, id)] - {address}:
            self._remember(other, None)

    def _entry(
        self,
        item: Item,
        id: str,
        raw: Mapping[str, Json],
        request_id: str,
        stamp: str,
        before: Remembered | None,
    ) -> Remembered:
        """What the state keeps of an applied change: no secret, write-only values as hashes."""
        made = item.change.action in _MAKES or str(item.address) in self._ours
        return Remembered(
            id,
            key=natural_key(item.kind, raw),
            # Of fields that a manifest has left to the org since, what was applied last is kept.
            applied={**(before.applied if before else {}), **_showable(item, raw)},
            hidden=self._hashes(item, raw, before.hidden if before else {}),
            owned=made or bool(before and before.owned),
            stamp=stamp or _stamp(item),
            request_id=request_id or (before.request_id if before else ""),
            at=self._now(),
            replaced={**(before.replaced if before else {}), **_replaced(item)},
        )

    def _hashes(
        self, item: Item, raw: Mapping[str, Json], known: Mapping[str, str]
    ) -> dict[str, str]:
        """Hashes of the values that were sent; of others what was known before is kept."""
        sent = {
            name: self.state.hidden_hash(value)
            for path, value, _ in hidden_values(item.kind.schema, raw)
            if _was_sent(item, name := path_text(path))
        }
        return {**known, **sent}

    @contextmanager
    def _noted(self) -> Iterator[None]:
        try:
            yield
        except CapsyncError as error:
            self.trouble = self.trouble or error.message

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _object(address: str, id: str) -> tuple[str, str]:
    """The kind and id of what an address names."""
    return address.partition("/")[0], id


def _stamp(item: Item) -> str:
    """When the live object changed last, as the service says it, where it was read."""
    if item.live is None or not item.kind.stamp:
        return ""
    stamp = at(item.live.raw, item.kind.stamp)
    return "" if stamp is None else str(stamp)


def _replaced(item: Item) -> dict[str, Json]:
    """What the fields of an update were before it, where reads may go on showing that."""
    if not item.kind.lag or item.live is None or item.change.action is not Action.UPDATE:
        return {}
    names = {str(change.path[0]) for change in item.change.fields}
    shown = _showable(item, item.live.spec)
    return {name: shown.get(name) for name in sorted(names)}


def _showable(item: Item, raw: Mapping[str, Json]) -> Mapping[str, Json]:
    """The canonical spec without its secrets, declared or marked by the manifest."""
    schema = item.kind.schema
    shown: dict[str, Json] = public(schema, canonical(schema, raw))
    for text in item.wanted.resource.meta.sensitive if item.wanted else ():
        shown = without(schema, shown, parse_path(text))
    return shown


def _hidden_paths(item: Item, live: LiveObject) -> list[tuple[str | int, ...]]:
    """The parts of an object that no kept copy has: secrets, and what the API never shows."""
    found = [path for path, _value, _secret in hidden_values(item.kind.schema, item.raw)]
    found += [(name,) for name in live.spec if item.kind.fields.get(name, {}).get("x-secret")]
    found += (
        [tuple(parse_path(text)) for text in item.wanted.resource.meta.sensitive]
        if item.wanted
        else []
    )
    return list(dict.fromkeys(found))


def _was_sent(item: Item, path: str) -> bool:
    """Whether a change sent the write-only value at a path: creates and replacing PUTs send all."""
    if item.change.action in _MAKES:
        return True
    if item.change.action is not Action.UPDATE:
        return False
    update = item.kind.update
    replaces = item.kind.writer is None and update is not None and update.whole
    return replaces or any(path_text(change.path) == path for change in item.change.fields)
