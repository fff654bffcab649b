"""A time that passes only where somebody waits."""

from __future__ import annotations

import asyncio
import heapq
from itertools import count

START = 1799140364.0  # 2027-01-05T09:12:44Z


class Time:
    """Seconds since the epoch. Who sleeps waits until nobody else has anything to do; then the time
    jumps to the end of the shortest sleep."""

    def __init__(self, now: float = START) -> None:
        self.now = now
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()
        self._waker: asyncio.Task[None] | None = None

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait without waiting."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        done = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), done))
        if self._waker is None or self._waker.done():
            self._waker = asyncio.ensure_future(self._wake())
        await done

    async def _wake(self) -> None:
        while self._sleepers:
            # Flushes of the journal run in threads: give what is ready the time to get on.
            for _ in range(20):
                await asyncio.sleep(0)
            await asyncio.sleep(0.001)
            until, _, done = heapq.heappop(self._sleepers)
            self.now = max(self.now, until)
            if not done.done():
                done.set_result(None)
