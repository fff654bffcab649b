"""What the benchmarks share: timing side by side, projects of many resources, a served sandbox."""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a measured figure, what it is measured against, and the limit."""

    name: str
    figure: float
    unit: str
    floor: float | None = None
    limit: float | None = None  # of figure / floor, or of the figure where there is no floor
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The figure as a multiple of its floor."""
        return self.figure / self.floor if self.floor else None

    @property
    def ok(self) -> bool:
        """Whether the limit holds; True where there is none."""
        measured = self.figure if self.floor is None else self.ratio
        return self.limit is None or measured is None or measured <= self.limit


def best(work: Callable[[], object], rounds: int = 5) -> float:
    """The shortest of some runs, in seconds, garbage collected before each."""
    times = []
    for _ in range(rounds):
        gc.collect()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def side_by_side(
    one: Callable[[], object], other: Callable[[], object], rounds: int = 7
) -> tuple[float, float]:
    """The medians of two works, run in turn so that noise hits both."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for work, kept in zip((one, other), times, strict=True):
            start = time.perf_counter()
            work()
            kept.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def run(*args: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """A command of this interpreter, its output kept; raises where it fails."""
    done = subprocess.run(
        [sys.executable, *args],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(args)} ended with {done.returncode}: {done.stderr}")
    return done


def write_project(root: Path, count: int, endpoint: str = "sandbox") -> None:
    """A project of that many resources: half coupon series, half badges, two hundred a file."""
    folder = root / "manifests"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        "version: 1",
        "project: bench",
        "default_environment: bench",
        "environments:",
        "  bench:",
        f"    endpoint: {endpoint}",
        "    org_id: 100737",
    ]
    if endpoint != "sandbox":
        auth = 'auth: {type: oauth, key: "${env.BENCH_KEY}", secret: "${env.BENCH_KEY}"}'
        lines += [f"    {auth}", "    rate_limit: 1000000000/min"]
    (root / "capsync.yaml").write_text("\n".join(lines) + "\n")
    documents = [series(n) if n % 2 else badge(n) for n in range(count)]
    for start in range(0, count, 200):
        text = "---\n".join(documents[start : start + 200])
        (folder / f"part-{start:06}.yaml").write_text(text)


def series(n: int) -> str:
    """The manifest of a coupon series."""
    return f"""apiVersion: capsync/v1
kind: CouponSeries
metadata: {{name: series-{n}}}
spec:
  description: Series {n}
  discountCode: D{n}
  discountType: ABS
  discountValue: {n % 90 + 1}
  anyUser: false
  smsTemplate: Hi {{{{first_name}}}}
  clientHandlingType: DISC_CODE
  expiryStrategyType: SERIES_EXPIRY
  validTillDate: 2027-12-31T23:59:59+05:30
"""


def badge(n: int) -> str:
    """The manifest of a badge."""
    return f"""apiVersion: capsync/v1
kind: Badge
metadata: {{name: badge-{n}}}
spec:
  name: Badge {n}
  description: For number {n}
  startOn: 2027-01-01T00:00:00+05:30
  expiresOn: 2027-12-31T23:59:59+05:30
  earnType: EARN
  earnedBadgeExpiry: {{expiryType: RELATIVE, relativeExpirytype: DAYS, value: 30}}
  ownership: {{restrictedToOwners: [Loyalty, Milestones]}}
  badgeConstraints: [{{constraintType: BADGE_FIXED_VALUE, maxEarnLimit: 100}}]
"""


@contextmanager
def served(folder: Path, latency_ms: int, port: int) -> Iterator[str]:
    """A sandbox in a process of its own; gives its URL."""
    command = ["-m", "capsync", "sandbox", "serve", "--port", str(port)]
    command += ["--latency-ms", str(latency_ms)]
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    async def connect() -> None:
        for _ in range(200):
            try:
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                return
        raise RuntimeError("the sandbox did not start")

    asyncio.run(connect())


def timed(work: Awaitable[object]) -> float:
    """Seconds that an awaitable takes in a loop of its own."""

    async def measure() -> float:
        start = time.perf_counter()
        await work
        return time.perf_counter() - start

    return asyncio.run(measure())
