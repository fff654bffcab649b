"""One pace for every task of an environment: the rate limit, the brake, slower after a 429."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

from capsync.api.sendlog import WINDOW, SendLog
from capsync.events import Waiting

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

# After a 429 the rate is halved, then grows by a quarter of the limit a minute: limits are per
# minute, so what was sent too much is forgotten by then.
_LOWER, _RAISE = 0.5, 0.25
_FLOOR = 6.0  # requests a minute, however often a 429 comes
# Where no limit is set and a 429 comes all the same, the rate starts from what was sent, at least
# this much, so that one stray 429 does not slow a short run.
_UNSET = 600.0
_WORTH_TELLING = 1.0  # seconds


class Pacer:
    """Gives out turns to send: at most `limit` in any 60 s (None: as many as asked for), none
    while the brake holds. Waiting tasks are served in the order they came.
    """

    def __init__(
        self,
        limit: int | None,
        log: SendLog,
        *,
        clock: Clock,
        sleep: Sleep,
        on_wait: Callable[[Waiting], None],
    ) -> None:
        self._log, self._clock, self._sleep, self._on_wait = log, clock, sleep, on_wait
        self._ceiling: float | None = limit
        self._rate: float | None = limit
        self._changed = -math.inf
        self._until = -math.inf
        self._reason = ""
        self._queue = asyncio.Lock()
        self.waited = 0.0  # seconds in all

    async def turn(self) -> float:
        """The time at which the caller may send, which is now: waits until it may."""
        now = self._clock()
        if self._rate is None and now >= self._until:
            self._log.note(now)
            return now
        async with self._queue:
            while True:
                now = self._clock()
                wait, reason = self._wait(now)
                if wait <= 0:
                    return now
                await self.pause(wait, reason)

    def _wait(self, now: float) -> tuple[float, str]:
        if now < self._until:
            return self._until - now, self._reason
        if (limit := self.allowed(now)) is None:
            self._log.note(now)
            return 0.0, ""
        reason = f"the rate limit is {limit} requests a minute"
        if self._ceiling is not None and limit < int(self._ceiling):
            reason = f"slowed to {limit} requests a minute since the service answered 429"
        return self._log.claim(now, limit), reason

    async def pause(self, seconds: float, reason: str) -> None:
        """Wait, and say so where it is long enough to be noticed."""
        if seconds >= _WORTH_TELLING:
            self._on_wait(Waiting(seconds, reason))
        self.waited += seconds
        await self._sleep(seconds)

    def hold(self, seconds: float, reason: str) -> None:
        """The brake: nobody sends for so many seconds. A longer hold is never shortened."""
        until = self._clock() + seconds
        if until > self._until:
            self._until, self._reason = until, reason

    def slow(self, sent: float) -> None:
        """Lower the rate, because a request sent at that time met a 429. The others of the same
        burst, sent before the rate was lowered, change nothing more."""
        if sent <= self._changed:
            return
        now = self._clock()
        rate = self._current(now)
        if rate is None:
            rate = max(float(len(self._log.recent(now))), _UNSET)
            self._ceiling = rate
        self._rate = max(rate * _LOWER, min(_FLOOR, rate))
        self._changed = now

    def allowed(self, now: float) -> int | None:
        """How many requests a minute may hold now; None: no limit."""
        rate = self._current(now)
        return None if rate is None else max(1, int(rate))

    def _current(self, now: float) -> float | None:
        if self._rate is None or self._ceiling is None or self._rate >= self._ceiling:
            return self._rate
        grown = self._rate + self._ceiling * _RAISE * (now - self._changed) / 60
        return min(grown, self._ceiling)

    def estimate(self, requests: int) -> float:
        """Seconds until so many further requests are sent, as far as the limit decides."""
        now = self._clock()
        held = max(0.0, self._until - now)
        limit = self.allowed(now)
        if limit is None or requests < 1:
            return held
        recent = self._log.recent(now)
        late = requests - 1 - max(0, limit - len(recent))
        if late < 0:
            return held
        rounds, place = divmod(late, limit)
        start = recent[place] - now if place < len(recent) else 0.0
        return max(held, start + WINDOW * (rounds + 1))
