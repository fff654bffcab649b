"""Start-up, validation and growth: what happens on this machine alone."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measuring import Row, best, run, side_by_side, write_project
from capsync.kinds import KINDS
from capsync.manifests import load_project
from capsync.session import Session
from capsync.validate import validate

BARE = """
import click
@click.group()
def cli(): pass
for name in "init validate plan apply export kinds explain doctor".split():
    cli.command(name)(lambda: None)
cli(["--help"])
"""


def start() -> Iterator[Row]:
    """`--help` and `--version` against a bare click program of eight commands."""
    for option in ("--help", "--version"):
        own, bare = side_by_side(
            lambda option=option: run("-m", "capsync", option),  # type: ignore[misc]
            lambda: subprocess.run(
                [sys.executable, "-c", BARE], stdout=subprocess.DEVNULL, check=True
            ),
            rounds=15,
        )
        yield Row(f"capsync {option}", own * 1000, "ms", bare * 1000, 2.0, "bare click program")


def growth() -> Iterator[Row]:
    """Validation, and a plan in memory, as projects grow."""
    for count in (1_000, 5_000, 10_000, 50_000):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            write_project(root, count)
            rounds = 3 if count < 20_000 else 1
            seconds = best(lambda root=root: validate(load_project(root), KINDS), rounds)  # type: ignore[misc]
            yield Row(
                f"validate {count}", seconds, "s", note=f"{seconds / count * 1e6:.0f} us each"
            )
            if count <= 10_000:
                taken = _plan_in_process(root)
                each = taken / count * 1e6
                yield Row(f"plan {count} in process", taken, "s", note=f"{each:.0f} us each")


def _plan_in_process(root: Path) -> float:
    async def measure() -> float:
        async with Session.open(root) as session:
            await session.apply(await session.plan())
        begin = time.perf_counter()
        async with Session.open(root) as session:
            await session.plan()
        return time.perf_counter() - begin

    return asyncio.run(measure())


def parts() -> dict[str, Any]:
    """What `scripts/bench` can run of this module."""
    return {"start": start, "growth": growth}
