"""A clock that only moves when somebody sleeps."""

from __future__ import annotations

import asyncio
import heapq
import itertools


class FakeClock:
    """Time in seconds; `sleep` lets it jump to the earliest sleeper once everybody sleeps."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Wait on this clock."""
        self.slept.append(seconds)
        done = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), done))
        await self._settle()
        while not done.done():
            when, _, first = heapq.heappop(self._sleepers)
            self.now = max(self.now, when)
            if not first.done():
                first.set_result(None)
            await self._settle()

    async def _settle(self) -> None:
        """Let every task that can run do so before time moves."""
        for _ in range(50):
            await asyncio.sleep(0)
