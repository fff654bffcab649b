"""Plans and applies over real HTTP against a bare replay of the same calls."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from benchmarks.local import parse_events
from benchmarks.measuring import Row, Work, capsync, wall_of
from benchmarks.projects import write_project
from benchmarks.serving import CONCURRENCY, Recording, bare_replay, network, served
from capsync.planning.options import PlanOptions
from capsync.session import Session

_SETTLED = 5.5  # seconds after which the stamp of what was just written is old enough
_PLANS = 3


def plans(count: int, latency_ms: int, kinds: str) -> Iterator[Row]:
    """Cold and warm plans without changes of that many resources, and the memory of one."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with served(root, 0) as url:
            write_project(root, count, url, kinds=kinds)
            capsync("apply", "--yes", "-q", cwd=root)
        time.sleep(_SETTLED)
        with served(root, latency_ms) as url:
            write_project(root, count, url, kinds=kinds)
            name = f"{count:,} {_NAMES[kinds]}, {latency_ms} ms"
            yield _against_floor(root, f"cold plan of {name}", "full", 1.25)
            spent = capsync("plan", "-q", cwd=root)
            yield Row(f"cold plan of {name}", spent.peak, "MB", None, 250.0, "whole command")
            yield _against_floor(root, f"warm plan of {name}", "auto", 1.5)
            spent = capsync("plan", "-q", cwd=root)
            yield Row(f"warm plan of {name}", spent.peak, "MB", None, 250.0, "whole command")


_NAMES = {"mixed": "mixed resources", "lists": "badges and coupon series"}


def _against_floor(root: Path, name: str, refresh: str, limit: float) -> Row:
    """The best of some plans against the best of as many replays, in turn."""
    taken, floors, calls = [], [], 0
    for _ in range(_PLANS):
        seconds, sent = asyncio.run(_plan(root, refresh))
        taken.append(seconds)
        calls = len(sent)
        parse = wall_of(_parsing(root))
        floors.append(
            asyncio.run(bare_replay(each for each in sent if each.method == "GET")) + parse
        )
    note = f"replay of {calls:,} calls + event parse"
    return Row(name, min(taken), "s", min(floors), limit, note)


def _parsing(root: Path) -> Work:
    return lambda: parse_events(root)


async def _plan(root: Path, refresh: str) -> tuple[float, list[httpx.Request]]:
    transport = Recording(network())
    start = time.perf_counter()
    async with Session.open(root, transport=transport) as session:
        plan = await session.plan(PlanOptions(refresh=refresh))
    taken = time.perf_counter() - start
    await transport.aclose()
    if any(change.action.value != "noop" for change in plan.changes):
        raise SystemExit("the plan is not empty")
    return taken, transport.calls


def creates(count: int, latency_ms: int) -> Iterator[Row]:
    """The apply of that many creates, each a call of its own, to an empty org."""
    ideal = count / CONCURRENCY * latency_ms / 1000
    applied, bare, whole = [], [], []
    for _ in range(_PLANS):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            with served(root, latency_ms) as url:
                write_project(root, count, url, kinds="lists")
                seconds, calls = asyncio.run(_apply(root))
                applied.append(seconds)
        with tempfile.TemporaryDirectory() as folder, served(Path(folder), latency_ms) as other:
            again = [_moved(call, url, other) for call in calls if call.method == "POST"]
            bare.append(asyncio.run(bare_replay(again)))
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            with served(root, latency_ms) as url:
                write_project(root, count, url, kinds="lists")
                spent = capsync("apply", "--yes", "-q", cwd=root)
                whole.append(spent.wall)
    note = f"{count:,} / {CONCURRENCY} x {latency_ms} ms"
    yield Row(f"apply of {count:,} creates, {latency_ms} ms", min(applied), "s", ideal, 1.2, note)
    note = "their POSTs by themselves, to another empty org"
    yield Row(f"bare replay of {count:,} creates", min(bare), "s", ideal, None, note)
    note = "the same, with start, reading and plan"
    yield Row(f"`capsync apply` of {count:,} creates", min(whole), "s", ideal, None, note)


def _moved(call: httpx.Request, old: str, new: str) -> httpx.Request:
    """The call to another server."""
    url = str(call.url).replace(old, new)
    return httpx.Request(
        call.method, url, headers=call.headers, content=call.content, extensions=call.extensions
    )


async def _apply(root: Path) -> tuple[float, list[httpx.Request]]:
    transport = Recording(network())
    async with Session.open(root, transport=transport) as session:
        plan = await session.plan()
        planned = len(transport.calls)
        start = time.perf_counter()
        report = await session.apply(plan)
        taken = time.perf_counter() - start
    await transport.aclose()
    if not report.complete:
        raise SystemExit("the apply is not complete")
    return taken, transport.calls[planned:]


def mixed() -> Iterator[Row]:
    """10,000 resources of six kinds at 50 ms: plans without changes, time and memory."""
    return plans(10_000, 50, "mixed")


def lists() -> Iterator[Row]:
    """10,000 badges and coupon series at 50 ms: a warm plan reads list pages alone."""
    return plans(10_000, 50, "lists")


def small() -> Iterator[Row]:
    """1,000 resources of six kinds at 20 ms, for a quick look."""
    return plans(1_000, 20, "mixed")


def apply() -> Iterator[Row]:
    """1,000 creates at 50 ms."""
    return creates(1_000, 50)


def parts() -> dict[str, Any]:
    """What `scripts/bench` can run of this module."""
    os.environ["BENCH_KEY"] = "sandbox"
    return {"network": mixed, "lists": lists, "network-small": small, "apply": apply}
