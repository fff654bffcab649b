"""The rate limit in real time: two processes with the same credentials share 100 a minute.

python -m benchmarks.limiter PROJECT FILE     one of the two: its send times go into FILE
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, Row, capsync
from benchmarks.projects import write_project
from benchmarks.serving import served
from capsync.cli.main import run

LIMIT = 100
_BADGES = 150  # details that each of the two reads: some three minutes together
_GAP = 10.0  # seconds without a send: the budget of the minute is spent


class Times(logging.Handler):
    """Notes when each request leaves, on the machine's monotonic clock, by what httpcore logs."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.times: list[float] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the time of a request's first bytes."""
        if record.getMessage().startswith("send_request_headers.started"):
            self.times.append(time.monotonic())


def limiter() -> Iterator[Row]:
    """Cold plans of two processes side by side, at 100 requests a minute."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        with served(Path(folder), 20) as url:
            write_project(root, _BADGES, url, kinds="badges")
            capsync("apply", "--yes", "-q", cwd=root, state=Path(folder) / "apply")
            write_project(root, _BADGES, url, kinds="badges", limit=LIMIT)
            each = _both(root, Path(folder))
    times = sorted(sent for sends in each for sent in sends)
    split = " and ".join(str(len(sends)) for sends in each)
    note = f"{len(times)} sends in {times[-1] - times[0]:.0f} s, of two processes: {split}"
    yield Row("most sends in any 60 s", float(most_in_a_minute(times)), "", None, LIMIT, note)
    used = budget_used(times) * 100
    yield Row("budget used", used, "%", None, 95.0, "until the last wait ended", at_least=True)


def _both(root: Path, folder: Path) -> list[list[float]]:
    files = [folder / f"times-{place}.json" for place in range(2)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "XDG_STATE_HOME": str(folder / "state"),
    }
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.limiter", str(root), str(file)], env=environment
        )
        for file in files
    ]
    codes = [process.wait() for process in running]
    if any(codes):
        raise RuntimeError("a plan under the rate limit failed")
    return [json.loads(file.read_text()) for file in files]


def most_in_a_minute(times: list[float]) -> int:
    """The most sends in any 60 s."""
    return max(bisect_left(times, start + 60) - place for place, start in enumerate(times))


def budget_used(times: list[float]) -> float:
    """What share of the limit was sent, from the first send until the last wait ended."""
    waves = [place for place, (a, b) in enumerate(pairwise(times), 1) if b - a > _GAP]
    last = waves[-1]
    return last / ((times[last] - times[0]) / 60 * LIMIT)


def _plan(root: Path, file: Path) -> int:
    """`capsync plan`, its send times kept."""
    times = Times()
    log = logging.getLogger("httpcore.http11")
    log.setLevel(logging.DEBUG)
    log.propagate = False
    log.addHandler(times)
    code = run(["-C", str(root), "plan", "--refresh", "full"])
    file.write_text(json.dumps(times.times))
    return code


def parts() -> dict[str, Any]:
    """What `scripts/bench` can run of this module."""
    return {"limiter": limiter}


if __name__ == "__main__":
    sys.exit(_plan(Path(sys.argv[1]), Path(sys.argv[2])))
