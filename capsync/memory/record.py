"""Putting an apply on record: intents and outcomes in the journal, results in the state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from capsync.fingerprint import public
from capsync.kind import Write
from capsync.memory.state import Remembered, State
from capsync.model import Action, Address, path_text
from capsync.planning.changes import Item
from capsync.snapshot import LiveObject
from capsync.values.normalise import canonical
from capsync.values.paths import hidden_values

Json = Any


class StateRecord:
    """Keeps the state in step with what is applied."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._tokens = 0

    def intent(self, address: Address, write: Write, key: str, payload: str) -> int:
        """Give the write a number."""
        del address, write, key, payload
        self._tokens += 1
        return self._tokens

    def outcome(
        self,
        token: int,
        status: str,
        id: str | None = None,
        request_id: str = "",
        message: str = "",
    ) -> None:
        """Nothing: outcomes matter to the journal alone."""

    def keep(self, address: Address, live: LiveObject) -> None:
        """Nothing: kept objects matter to the history alone."""

    def settled(self, item: Item, id: str | None, raw: Mapping[str, Json], request_id: str) -> None:
        """Remember what was applied, or forget what was retired."""
        address = str(item.address)
        if item.change.action is Action.RETIRE:
            self.state.entries.pop(address, None)
            return
        if id is None:
            return
        former = item.wanted.resource.meta.formerly_name if item.wanted else None
        before = self.state.entries.get(address)
        if former:
            before = self.state.entries.pop(f"{item.kind.name}/{former}", before)
        self.state.entries[address] = remembered(self.state, item, id, raw, request_id, before)


def remembered(
    state: State,
    item: Item,
    id: str,
    raw: Mapping[str, Json],
    request_id: str,
    before: Remembered | None,
) -> Remembered:
    """What the state keeps of an applied change: no secret, write-only values as hashes."""
    schema = item.kind.schema
    hidden = {
        path_text(path): state.hidden_hash(value) for path, value, _ in hidden_values(schema, raw)
    }
    return Remembered(
        id,
        key=item.change.natural_key,
        applied=public(schema, canonical(schema, raw)),
        hidden=hidden,
        owned=item.change.action is Action.CREATE or bool(before and before.owned),
        request_id=request_id,
        at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
