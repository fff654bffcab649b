"""How far long work has come: a live display on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TextIO

from capsync.events import (
    Event,
    Finished,
    Limited,
    Planned,
    Reading,
    Reporter,
    Retrying,
    Skipped,
    Started,
    Stopping,
    Waiting,
)
from capsync.report.values import visible
from capsync.report.words import duration

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

Clock = Callable[[], float]

PATIENCE = 0.8  # seconds of work before anything is shown
INTERVAL = 5.0  # seconds between two lines where there is no terminal


@contextmanager
def progress(
    stream: TextIO, *, live: bool, color: bool = True, clock: Clock = time.monotonic
) -> Iterator[Reporter]:
    """Reports what it is told to `stream`, until the block ends; nothing for short work."""
    shown: Live | Lines = Live(stream, color, clock) if live else Lines(stream, clock)
    try:
        yield shown
    finally:
        shown.close()


def _unlimited(_requests: int) -> float:
    return 0.0


@dataclass(slots=True)
class Tally:
    """How much of one kind of work is done; `total` None while nobody knows.

    `waited` are seconds in which nothing could be sent, `requests` what one more thing takes, and
    `at_least` the seconds that so many requests take by the rate limit.
    """

    what: str
    since: float
    done: int = 0
    total: int | None = None
    waited: float = 0.0
    requests: float = 1.0
    at_least: Callable[[int], float] = _unlimited

    def left(self, now: float) -> float:
        """Seconds until the rest is done: by the rate limit, or by the pace between its waits."""
        rest = (self.total or 0) - self.done
        working = max(now - self.since - self.waited, 0.0)
        return max(self.at_least(math.ceil(rest * self.requests)), rest * working / self.done)


@dataclass(slots=True)
class Tallies:
    """The work under way, by name: reading each kind, applying."""

    clock: Clock
    found: dict[str, Tally] = field(default_factory=dict)
    lists: dict[str, int] = field(default_factory=dict)
    changes: int | None = None
    requests: float = 1.0  # that a change takes
    at_least: Callable[[int], float] = _unlimited

    def take(self, event: Event) -> Tally | None:
        """The tally that an event moves, moved."""
        if isinstance(event, Reading):
            return self._reading(event)
        if isinstance(event, Limited):
            self.at_least = event.at_least
        if isinstance(event, Waiting):
            for tally in self.found.values():
                tally.waited += event.seconds
        if isinstance(event, Planned):
            self.changes = event.changes
            self.requests = event.writes / max(event.changes, 1)
        if isinstance(event, (Started, Finished, Skipped)):
            return self._applying(event)
        return None

    def _reading(self, event: Reading) -> Tally:
        # Lists whose length nobody knows share one line: many kinds are read at once.
        if event.total is None:
            tally = self._of("Reading lists")
            self.lists[event.kind] = event.done
            tally.done = sum(self.lists.values())
            return tally
        tally = self._of(f"Reading {event.kind}")
        tally.done, tally.total = event.done, event.total
        return tally

    def _of(self, what: str) -> Tally:
        tally = self.found.setdefault(what, Tally(what, self.clock()))
        tally.at_least = self.at_least
        return tally

    def _applying(self, event: Event) -> Tally:
        tally = self._of("Applying")
        tally.total, tally.requests = self.changes, self.requests
        tally.done += not isinstance(event, Started)
        return tally


def amount(tally: Tally) -> str:
    """`340 of 1000`, or `340` while nobody knows of how many."""
    return f"{tally.done}" if tally.total is None else f"{tally.done} of {tally.total}"


def pace(tally: Tally, now: float) -> str:
    """`12 a second, 55 s left`; nothing in the first second."""
    elapsed = now - tally.since
    if not tally.done or elapsed < 1:
        return ""
    rate = tally.done / elapsed
    text = f"{rate:.0f} a second" if rate >= 1 else f"{rate * 60:.0f} a minute"
    if tally.total is None or tally.total <= tally.done:
        return text
    return f"{text}, {duration(tally.left(now))} left"


def tally_line(tally: Tally, now: float) -> str:
    """`Reading Badge: 340 of 1000, 12 a second, 55 s left`."""
    text = f"{visible(tally.what)}: {amount(tally)}"
    return f"{text}, {speed}" if (speed := pace(tally, now)) else text


def notice(event: Event) -> str:
    """What is worth a line of its own: waiting, trying again, what failed."""
    if isinstance(event, Waiting):
        return f"Waiting {duration(event.seconds)}: {visible(event.reason)}"
    if isinstance(event, Retrying):
        return f"Trying again ({event.attempt}): {visible(event.call)}: {visible(event.reason)}"
    if isinstance(event, Stopping):
        return "Stopping: writes in flight are settled first. Once more to stop at once."
    if isinstance(event, Finished) and event.status in ("failed", "unknown"):
        return f"{visible(str(event.address))} {event.status}: {visible(event.message)}"
    return ""


class Lines:
    """A line every few seconds, and one for each thing that went wrong."""

    def __init__(self, stream: TextIO, clock: Clock = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._tallies = Tallies(clock)
        self._next = clock() + INTERVAL

    def __call__(self, event: Event, /) -> None:
        """Count the event, and say something where it is time to."""
        tally = self._tallies.take(event)
        now = self._clock()
        if isinstance(event, Waiting) and event.seconds < INTERVAL:
            return
        if text := notice(event):
            self._say(text)
        elif tally is not None and now >= self._next:
            self._next = now + INTERVAL
            self._say(tally_line(tally, now))

    def _say(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing is left to be said."""


class Live:
    """Bars that move, drawn by rich from the first second on, gone when the work is done."""

    def __init__(self, stream: TextIO, color: bool, clock: Clock = time.monotonic) -> None:
        self._stream, self._color, self._clock = stream, color, clock
        self._tallies = Tallies(clock)
        self._start = clock()
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, event: Event, /) -> None:
        """Move the bar of the event."""
        tally = self._tallies.take(event)
        if self._bars is None and self._clock() - self._start < PATIENCE:
            return
        bars = self._bars or self._drawn()
        if text := notice(event):
            bars.console.print(text, markup=False, highlight=False)
        if tally is not None:
            self._move(bars, tally)

    def _move(self, bars: Progress, tally: Tally) -> None:
        if tally.what not in self._tasks:
            self._tasks[tally.what] = bars.add_task(visible(tally.what), amount="", pace="")
        bars.update(
            self._tasks[tally.what],
            completed=tally.done,
            total=tally.total,
            amount=amount(tally),
            pace=pace(tally, self._clock()),
            visible=tally.total is None or tally.done < tally.total,
        )

    def _drawn(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        console = Console(file=self._stream, no_color=not self._color)
        texts = [
            TextColumn(f"{{task.{part}}}", markup=False)
            for part in ("description", "fields[amount]", "fields[pace]")
        ]
        self._bars = Progress(texts[0], BarColumn(), *texts[1:], console=console, transient=True)
        self._bars.start()
        return self._bars

    def close(self) -> None:
        """Take the bars off the screen."""
        if self._bars is not None:
            self._bars.stop()
