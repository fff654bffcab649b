"""What the benchmarks share: rows of the table, timing side by side, commands and their cost."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a measured figure, what it is measured against, and the limit.

    `limit` is of figure / floor, or of the figure where there is no floor. With `at_least` the
    figure may not be smaller instead. `base` is added to the floor times the limit.
    """

    name: str
    figure: float
    unit: str
    floor: float | None = None
    limit: float | None = None
    note: str = ""
    base: float = 0.0
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        """The figure, less the base, as a multiple of its floor."""
        return (self.figure - self.base) / self.floor if self.floor else None

    @property
    def ok(self) -> bool:
        """Whether the limit holds; True where there is none."""
        measured = self.figure if self.floor is None else self.ratio
        if self.limit is None or measured is None:
            return True
        return measured >= self.limit if self.at_least else measured <= self.limit


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command took: seconds on the clock, seconds of CPU, megabytes at its largest."""

    wall: float
    cpu: float
    peak: float


Work = Callable[[], object]


def cpu_of(work: Work) -> float:
    """Seconds of CPU of this process, garbage collected before."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def wall_of(work: Work) -> float:
    """Seconds on the clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def side_by_side(
    works: Mapping[str, Work], rounds: int = 7, measure: Callable[[Work], float] = cpu_of
) -> dict[str, float]:
    """The best of each work; they take turns, so that noise hits all."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(measure(work))
    return {name: min(each) for name, each in taken.items()}


def spend(
    command: Sequence[str],
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    said: str = "",
) -> Spent:
    """What a command takes. Raises RuntimeError where it fails, or does not say that."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        with subprocess.Popen(
            command, cwd=cwd, env={**os.environ, **(env or {})}, stdout=out, stderr=out
        ) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        out.seek(0)
        text = out.read().decode(errors="replace")
    if process.returncode or said not in text:
        raise RuntimeError(f"{' '.join(command)}: {process.returncode}: {text[-2000:]}")
    return Spent(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def python(*args: str, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Spent:
    """What a command of this interpreter takes."""
    return spend([sys.executable, *args], cwd, {"PYTHONPATH": str(ROOT), **(env or {})})


def capsync(*args: str, cwd: Path, state: Path | None = None) -> Spent:
    """What a capsync command takes; its user's state directory is the project, or `state`."""
    env = {"XDG_STATE_HOME": str(state or cwd)}
    return python("-m", "capsync", *args, cwd=cwd, env=env)
