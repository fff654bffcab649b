from __future__ import annotations

import io
from dataclasses import dataclass

import pytest

from capsync.events import (
    Event,
    Finished,
    Limited,
    Planned,
    Reading,
    Retrying,
    Skipped,
    Started,
    Waiting,
)
from capsync.model import Action, Address
from capsync.report.progress import INTERVAL, PATIENCE, Lines, Live, Tally, progress, tally_line

BADGE = Address("Badge", "b")


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def told(*events: tuple[float, Event]) -> list[str]:
    """What a log shows of events at these seconds."""
    clock, stream = Clock(), io.StringIO()
    lines = Lines(stream, clock)
    for clock.now, event in events:
        lines(event)
    lines.close()
    return stream.getvalue().splitlines()


@pytest.mark.parametrize(
    ("tally", "now", "text"),
    [
        (Tally("Reading Badge", 0.0), 9.0, "Reading Badge: 0"),
        (
            Tally("Reading Badge", 0.0, 340, 1000),
            10.0,
            "Reading Badge: 340 of 1000, 34 a second, 19 s left",
        ),
        (Tally("Applying", 0.0, 10, 100), 60.0, "Applying: 10 of 100, 10 a minute, 9 min left"),
        (Tally("Reading lists", 0.0, 50), 0.5, "Reading lists: 50"),
        (Tally("Applying", 0.0, 4, 4), 4.0, "Applying: 4 of 4, 1 a second"),
    ],
)
def test_lines(tally: Tally, now: float, text: str) -> None:
    assert tally_line(tally, now) == text


def test_short_work_says_nothing() -> None:
    assert told((0.1, Reading("Badge", 5)), (0.2, Planned(3, 3)), (0.3, Started(BADGE))) == []


def test_long_reads_are_told_now_and_then() -> None:
    events = [(second / 10, Reading("Badge details", second, 200)) for second in range(1, 121)]
    lines = told(*events)
    assert lines == [
        "Reading Badge details: 50 of 200, 10 a second, 15 s left",
        "Reading Badge details: 100 of 200, 10 a second, 10 s left",
    ]


def test_time_left_goes_by_the_rate_limit() -> None:
    """A hundred left in two seconds; the other nine hundred take nine minutes, not 18 seconds."""
    lines = told(
        (0, Limited(lambda requests: 61.0 * (requests // 100))),
        *((place / 50, Reading("Badge details", place, 1000)) for place in range(1, 101)),
        (2, Waiting(59.0, "the rate limit is 100 requests a minute")),
        (61.2, Reading("Badge details", 110, 1000)),
    )
    assert lines == [
        "Waiting 59 s: the rate limit is 100 requests a minute",
        "Reading Badge details: 110 of 1000, 2 a second, 8 min 8 s left",
    ]


def test_time_left_counts_the_requests_of_changes() -> None:
    settled = Finished(BADGE, Action.UPDATE, "done")
    lines = told(
        (0, Limited(lambda requests: 2.0 * requests)),
        (0, Planned(4, 8)),
        (0, Started(BADGE)),
        (6, settled),
    )
    assert lines == ["Applying: 1 of 4, 10 a minute, 18 s left"]


def test_the_last_requests_of_a_limit_go_by_the_pace_between_waits() -> None:
    lines = told(
        (0, Limited(lambda _requests: 0.0)),
        (0, Reading("Badge details", 1, 200)),
        (2, Reading("Badge details", 100, 200)),
        (2, Waiting(59.0, "the rate limit is 100 requests a minute")),
        (62, Reading("Badge details", 150, 200)),
    )
    assert lines[1:] == ["Reading Badge details: 150 of 200, 2 a second, 1 s left"]


def test_lists_read_side_by_side_share_a_line() -> None:
    lines = told((0, Reading("Badge", 10)), (0, Reading("Reward", 5)), (6, Reading("Badge", 40)))
    assert lines == ["Reading lists: 45, 8 a second"]


def test_apply_counts_what_is_settled() -> None:
    settled = Finished(BADGE, Action.UPDATE, "done")
    lines = told(
        (0, Planned(4, 4)),
        (0, Started(BADGE)),
        (3, settled),
        (6, Skipped(BADGE, Action.UPDATE, "needs another")),
    )
    assert lines == ["Applying: 2 of 4, 20 a minute, 6 s left"]


def test_failures_and_waits_are_told_at_once() -> None:
    lines = told(
        (1, Finished(BADGE, Action.UPDATE, "failed", "630 taken\nline")),
        (2, Waiting(INTERVAL * 4, "429 from the service")),
        (2, Waiting(0.2, "the limit")),
        (3, Retrying("GET /x", 2, "503")),
    )
    assert lines == [
        "Badge/b failed: 630 taken\\nline",
        "Waiting 20 s: 429 from the service",
        "Trying again (2): GET /x: 503",
    ]


def test_bars_appear_only_when_it_takes_long_and_go_away() -> None:
    clock, stream = Clock(), io.StringIO()
    live = Live(stream, False, clock)
    live(Reading("Badge", 1))
    assert stream.getvalue() == ""
    clock.now = PATIENCE + 1
    live(Reading("Badge", 40))
    live(Reading("Reward details", 3, 3))
    live(Finished(BADGE, Action.UPDATE, "failed", "[bold]no[/bold]"))
    live.close()
    assert "Badge/b failed: [bold]no[/bold]" in stream.getvalue()


def test_the_block_closes_what_it_shows() -> None:
    clock, stream = Clock(), io.StringIO()
    with progress(stream, live=True, color=False, clock=clock) as report:
        clock.now = 2
        report(Reading("Badge", 1))
    written = stream.getvalue()
    report(Reading("Badge", 2))
    assert stream.getvalue() == written
