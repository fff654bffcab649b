"""Plans and applies over real HTTP against a bare replay of the same calls."""

from __future__ import annotations

import asyncio
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import yaml

from benchmarks.measuring import Row, run, served, write_project
from capsync.api.settings import Settings
from capsync.api.transport import Network
from capsync.planning.options import PlanOptions
from capsync.session import Session

CONCURRENCY = 8
PORT = 18231


class Recording(httpx.AsyncBaseTransport):
    """Passes requests on and keeps what was asked."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.calls: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the inner transport."""
        self.calls.append(request)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()


async def _plan(root: Path, refresh: str = "full") -> tuple[float, list[httpx.Request], int]:
    transport = Recording(Network(Settings("sandbox")))
    start = time.perf_counter()
    async with Session.open(root, transport=transport) as session:
        plan = await session.plan(PlanOptions(refresh=refresh))
    changes = sum(change.action.value != "noop" for change in plan.changes)
    return time.perf_counter() - start, transport.calls, changes


async def _replay(calls: list[httpx.Request]) -> float:
    """The same GETs, nothing else: the floor that the network and the server set."""
    gets = [call for call in calls if call.method == "GET"]
    slots = asyncio.Semaphore(CONCURRENCY)
    async with httpx.AsyncClient(transport=Network(Settings("sandbox"))) as client:

        async def get(call: httpx.Request) -> None:
            async with slots:
                answer = await client.get(call.url, headers=call.headers)
                answer.json()

        start = time.perf_counter()
        await asyncio.gather(*(get(call) for call in gets))
        return time.perf_counter() - start


def _parse(root: Path) -> float:
    """Seconds that libyaml takes to parse the events of the project's manifests."""
    start = time.perf_counter()
    for path in sorted((root / "manifests").glob("*.yaml")):
        for _event in yaml.parse(path.read_text(), Loader=yaml.CSafeLoader):
            pass
    return time.perf_counter() - start


def rows(count: int = 2000, latency_ms: int = 20) -> Iterator[Row]:
    """Apply, cold plan and warm plan of that many resources at that latency."""
    os.environ["BENCH_KEY"] = "sandbox"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with served(root, latency_ms, PORT) as url:
            write_project(root, count, url)
            start = time.perf_counter()
            run("-m", "capsync", "apply", "--yes", "-q", cwd=root)
            taken = time.perf_counter() - start
            ideal = count / CONCURRENCY * latency_ms / 1000
            yield Row(
                f"apply {count} creates, {latency_ms} ms",
                taken,
                "s",
                ideal,
                note="ideal at 8 slots",
            )
            seconds, calls, changes = asyncio.run(_plan(root))
            assert changes == 0
            floor = asyncio.run(_replay(calls)) + _parse(root)
            name = f"plan {count} without change, {latency_ms} ms"
            yield Row(name, seconds, "s", floor, 1.3, note=f"{len(calls)} calls, replay + parse")
            asyncio.run(_plan(root, "auto"))
            time.sleep(0.1)
            seconds, calls, changes = asyncio.run(_plan(root, "auto"))
            assert changes == 0
            floor = asyncio.run(_replay(calls)) + _parse(root)
            yield Row(f"{name}, warm", seconds, "s", floor, 1.5, note=f"{len(calls)} calls")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Row("peak memory of this process", peak, "MB", note=f"after plans of {count}")


def parts() -> dict[str, Any]:
    """What `scripts/bench` can run of this module."""
    return {
        "network": lambda: rows(2000, 20),
        "network-10k": lambda: rows(10_000, 50),
    }
