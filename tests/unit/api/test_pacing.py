from __future__ import annotations

import asyncio
import os
import stat
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from capsync.api.pacing import Pacer
from capsync.api.sendlog import WINDOW, SendLog, log_path, user_state_dir
from capsync.events import Waiting

from .clock import FakeClock


def pacer(
    clock: FakeClock, limit: int | None, log: SendLog | None = None
) -> tuple[Pacer, list[Waiting]]:
    told: list[Waiting] = []
    made = Pacer(limit, log or SendLog(), clock=clock, sleep=clock.sleep, on_wait=told.append)
    return made, told


def most_in_a_minute(times: list[float]) -> int:
    return max(sum(start <= t < start + 60 for t in times) for start in times)


def test_no_minute_exceeds_the_rate_and_the_budget_is_used() -> None:
    clock = FakeClock()
    made, _ = pacer(clock, 100)

    async def run() -> list[float]:
        return [await made.turn() for _ in range(1001)]

    times = asyncio.run(run())
    assert most_in_a_minute(times) == 100
    assert (len(times) - 1) / ((times[-1] - times[0]) / 60 * 100) >= 0.95


def test_waiting_tasks_are_served_in_order() -> None:
    clock = FakeClock()
    made, _ = pacer(clock, 3)
    order: list[int] = []

    async def one(number: int) -> None:
        await made.turn()
        order.append(number)

    async def run() -> None:
        await asyncio.gather(*(one(number) for number in range(10)))

    asyncio.run(run())
    assert order == list(range(10))
    assert clock.now == pytest.approx(1000 + 3 * WINDOW, abs=0.1)


def test_without_a_limit_nobody_waits() -> None:
    clock = FakeClock()
    made, told = pacer(clock, None)

    async def run() -> None:
        for _ in range(5000):
            await made.turn()

    asyncio.run(run())
    assert clock.slept == []
    assert told == []


def test_the_brake_holds_everybody_and_is_never_shortened() -> None:
    clock = FakeClock()
    made, told = pacer(clock, None)

    async def run() -> list[float]:
        made.hold(10, "the service said 429")
        made.hold(2, "later and shorter")
        return await asyncio.gather(*(made.turn() for _ in range(4)))

    assert asyncio.run(run()) == [1010] * 4
    assert told == [Waiting(10, "the service said 429")]


def test_a_hold_told_while_somebody_waits_holds_them_too() -> None:
    clock = FakeClock()
    made, _ = pacer(clock, None)

    async def run() -> float:
        made.hold(5, "first")
        waiting = asyncio.ensure_future(made.turn())
        await asyncio.sleep(0)
        made.hold(30, "second")
        return await waiting

    assert asyncio.run(run()) == 1030


def test_one_burst_of_429_halves_the_rate_once_and_it_grows_back() -> None:
    clock = FakeClock()
    made, _ = pacer(clock, 100)
    for _ in range(8):
        made.slow(sent=clock.now - 1)
    assert made.allowed(clock.now) == 50
    clock.now += 60
    assert made.allowed(clock.now) == 75
    made.slow(sent=clock.now)
    assert made.allowed(clock.now) == 37
    clock.now += 3600
    assert made.allowed(clock.now) == 100


def test_who_waits_for_a_lowered_rate_is_told_that_it_was_lowered() -> None:
    clock = FakeClock()
    made, told = pacer(clock, 20)

    async def run(count: int) -> None:
        for _ in range(count):
            await made.turn()

    asyncio.run(run(21))
    assert told[-1].reason == "the rate limit is 20 requests a minute"
    made.slow(sent=clock.now)
    asyncio.run(run(10))
    assert told[-1].reason == "slowed to 10 requests a minute since the service answered 429"


def test_the_rate_has_a_floor() -> None:
    clock = FakeClock()
    made, _ = pacer(clock, 100)
    small, _ = pacer(clock, 2)
    for _ in range(20):
        clock.now += 0.1
        made.slow(sent=clock.now)
        small.slow(sent=clock.now)
    assert made.allowed(clock.now) == 6
    assert small.allowed(clock.now) == 2


def test_a_429_without_a_limit_makes_one_that_a_short_run_does_not_feel() -> None:
    clock = FakeClock()
    made, _ = pacer(clock, None)
    made.slow(sent=clock.now)
    assert made.allowed(clock.now) == 300


@pytest.mark.parametrize("requests", [0, 1, 6, 7, 10, 11, 25, 200])
def test_the_estimate_comes_true(requests: int) -> None:
    clock = FakeClock()
    made, _ = pacer(clock, 10)

    async def run() -> tuple[float, float]:
        for _ in range(4):
            await made.turn()
            clock.now += 3
        expected, start = made.estimate(requests), clock.now
        for _ in range(requests):
            await made.turn()
        return expected, clock.now - start

    expected, taken = asyncio.run(run())
    assert expected == pytest.approx(taken, abs=0.1)


def test_two_logs_of_one_file_share_the_budget(tmp_path: Path) -> None:
    clock = FakeClock()
    path = log_path(tmp_path, "eu.example.com", "oauth:key")
    one, two = SendLog(path), SendLog(path)
    assert one.is_shared
    assert [log.claim(clock.now, 4) for log in (one, two, one, two)] == [0, 0, 0, 0]
    assert one.claim(clock.now, 4) == pytest.approx(WINDOW, abs=0.01)
    assert SendLog(path).claim(clock.now + 1, 4) == pytest.approx(WINDOW - 1, abs=0.01)
    assert two.claim(clock.now + WINDOW, 4) == 0
    one.close()
    two.close()


_CLAIMS = """
import sys, time
from pathlib import Path
from capsync.api.sendlog import SendLog
log = SendLog(Path(sys.argv[1]))
print(sum(log.claim(time.monotonic(), 50) == 0 for _ in range(40)))
"""


def test_two_processes_share_the_budget(tmp_path: Path) -> None:
    path = tmp_path / "sends"
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", _CLAIMS, str(path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        for _ in range(2)
    ]
    had = [int(run.communicate(timeout=30)[0]) for run in runs]
    assert sum(had) == 50


def test_the_file_is_private_and_tells_no_name(tmp_path: Path) -> None:
    path = log_path(tmp_path, "eu.example.com", "oauth:my-key")
    SendLog(path).close()
    assert "my-key" not in str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path != log_path(tmp_path, "eu.example.com", "oauth:other")
    assert path != log_path(tmp_path, "us.example.com", "oauth:my-key")


def test_garbage_in_the_file_is_outlived(tmp_path: Path) -> None:
    path = tmp_path / "sends"
    after_reboot = struct.pack("3d", 9e9, float("nan"), -5.0)
    path.write_bytes(after_reboot + b"cut")
    log = SendLog(path)
    assert log.claim(1000.0, 2) == 0
    assert path.read_bytes() == struct.pack("d", 1000.0)
    log.close()


def test_an_entry_just_ahead_of_the_clock_still_counts(tmp_path: Path) -> None:
    path = tmp_path / "sends"
    path.write_bytes(struct.pack("d", 1000.2))
    log = SendLog(path)
    assert log.claim(1000.0, 1) > WINDOW
    log.close()


def test_a_file_that_can_not_be_made_leaves_counting_to_the_process(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    log = SendLog(blocked / "sends")
    assert not log.is_shared
    assert log.claim(1000.0, 1) == 0
    assert log.claim(1000.0, 1) > 0


def test_a_lock_that_is_never_given_back_does_not_stop_the_run(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "sends"
    log = SendLog(path)
    other = os.open(path, os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_EX)
    assert log.claim(1000.0, 1) == 0
    assert log.claim(1000.0, 1) > 0
    os.close(other)
    log.close()


def test_a_file_that_can_not_be_locked_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    log = SendLog(tmp_path / "sends")

    def unsupported(*_: object) -> None:
        raise OSError("no locks on this file system")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    assert log.claim(1000.0, 1) == 0
    assert log.claim(1000.0, 1) > 0
    log.close()


def test_a_file_that_breaks_in_mid_run_keeps_what_this_process_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = SendLog(tmp_path / "sends")
    assert log.claim(1000.0, 2) == 0

    def full(*_: object) -> int:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    log.claim(1000.0, 2)
    assert not log.is_shared
    assert log.claim(1000.0, 2) > 0


def test_the_state_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/var/tmp/state")
    assert user_state_dir() == Path("/var/tmp/state/capsync")
    monkeypatch.delenv("XDG_STATE_HOME")
    assert user_state_dir() == Path("~/.local/state/capsync").expanduser()
