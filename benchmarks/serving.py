"""A sandbox in a process of its own, transports that keep or replay answers, a bare replay."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.measuring import ROOT
from capsync.api.settings import Settings
from capsync.api.transport import Network

CONCURRENCY = 8
Answers = dict[tuple[str, str], tuple[int, httpx.Headers, bytes]]


@contextmanager
def served(folder: Path, latency_ms: float) -> Iterator[str]:
    """`capsync sandbox serve` on a free port; gives its URL."""
    port = _free_port()
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
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Return once connections are taken. Raises RuntimeError after ten seconds."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing listens on port {port}")


class Recording(httpx.AsyncBaseTransport):
    """Passes requests on; keeps them, and the answers where `answers` is given."""

    def __init__(self, inner: httpx.AsyncBaseTransport, answers: Answers | None = None) -> None:
        self._inner, self._answers = inner, answers
        self.calls: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the inner transport."""
        self.calls.append(request)
        response = await self._inner.handle_async_request(request)
        if self._answers is None:
            return response
        body = await response.aread()
        await response.aclose()
        kept = (response.status_code, response.headers, body)
        self._answers[request.method, str(request.url)] = kept
        return _response(*kept)

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()


class Replaying(httpx.AsyncBaseTransport):
    """Answers from memory."""

    def __init__(self, answers: Mapping[tuple[str, str], tuple[int, httpx.Headers, bytes]]) -> None:
        self._answers = answers

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """What was answered before."""
        return _response(*self._answers[request.method, str(request.url)])


def _response(status: int, headers: httpx.Headers, body: bytes) -> httpx.Response:
    return httpx.Response(status, headers=headers, content=body)


def network() -> Network:
    """The transport that capsync itself uses."""
    return Network(Settings("sandbox"))


async def bare_replay(calls: Iterable[httpx.Request]) -> float:
    """Seconds that the same calls take by themselves: the floor that network and server set.

    The requests go over capsync's own transport, all as early as there is room, and nothing is
    done with the bodies.
    """
    slots = asyncio.Semaphore(CONCURRENCY)
    transport = network()

    async def send(call: httpx.Request) -> None:
        async with slots:
            request = httpx.Request(
                call.method,
                call.url,
                headers=call.headers,
                content=call.content,
                extensions=call.extensions,
            )
            answer = await transport.handle_async_request(request)
            await answer.aread()
            await answer.aclose()

    start = time.perf_counter()
    await asyncio.gather(*(send(call) for call in calls))
    taken = time.perf_counter() - start
    await transport.aclose()
    return taken
