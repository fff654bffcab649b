"""Objects as they are right before they are changed."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from capsync.errors import NotFound
from capsync.kind import Kind
from capsync.reading.live import Reader
from capsync.snapshot import LiveObject

Json = Any

_MOST = 30.0  # seconds for which the rows of a list that was read again count as fresh


@dataclass(frozen=True, slots=True)
class _Rows:
    by_id: Mapping[str, LiveObject]
    at: float
    turn: int


class FreshObjects:
    """Reads objects again: each by its own call where there is one, else the list for all of them
    together. `now` gives seconds since the epoch."""

    def __init__(self, reader: Reader, now: Callable[[], float]) -> None:
        self._reader, self._now = reader, now
        self._rows: dict[str, _Rows] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, live: LiveObject, raw: Mapping[str, Json], turn: int) -> LiveObject:
        """The object as it is now; raises NotFound where it is gone, ApiError.

        `turn` counts what was settled before the change could start: rows read before that may
        not show it.
        """
        if live.kind.detail is not None:
            return await self._reader.again(live, raw)
        row = (await self.rows(live.kind, turn)).get(live.id)
        if row is None:
            raise NotFound(f"{live.kind.name} {live.title} (id {live.id}) is gone")
        return await self._reader.detail(row, raw)

    async def rows(self, kind: Kind, turn: int) -> Mapping[str, LiveObject]:
        """The kind's list by id, as of now or some seconds ago; `turn` as above."""
        async with self._locks[kind.name]:
            rows = self._rows.get(kind.name)
            if rows is None or rows.turn < turn or self._now() - rows.at > _MOST:
                at = self._now()
                by_id = {each.id: each for each in await self._reader.list(kind)}
                rows = self._rows[kind.name] = _Rows(by_id, at, turn)
            return rows.by_id
