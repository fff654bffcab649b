"""Applies in a process of their own that end at a write call: killed, or interrupted."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path

import httpx

from capsync.sandbox.app import Sandbox
from capsync.sandbox.faults import is_write
from capsync.sandbox.inprocess import SandboxTransport
from capsync.session import Session
from tests.fault.clock import Time
from tests.fault.matrix import Scene
from tests.fault.world import ALLOWED, busy, forget


@dataclass(frozen=True, slots=True)
class End:
    """How an apply ends: by which signal, at which write call, before or after it took effect."""

    number: int
    write: int
    is_after: bool


ENDS: dict[str, tuple[int, bool]] = {
    "kill -9 before": (signal.SIGKILL, False),
    "kill -9 after commit": (signal.SIGKILL, True),
    "Ctrl-C before": (signal.SIGINT, False),
    "Ctrl-C after commit": (signal.SIGINT, True),
    "SIGTERM": (signal.SIGTERM, True),
}


class Ending(httpx.AsyncBaseTransport):
    """A transport during whose nth write this process gets a signal."""

    def __init__(self, sandbox: Sandbox, end: End) -> None:
        self._inner, self._end = SandboxTransport(sandbox), end
        self._writes = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The sandbox's answer, the signal before or after it."""
        is_it = False
        if is_write(request.method, request.url.path):
            is_it = self._writes == self._end.write
            self._writes += 1
        if is_it and not self._end.is_after:
            os.kill(os.getpid(), self._end.number)
        response = await self._inner.handle_async_request(request)
        if is_it and self._end.is_after:
            os.kill(os.getpid(), self._end.number)
        return response


def apply_until(root: Path, database: Path, now: float, end: End) -> None:
    """Apply the project of a folder to the sandbox in a file; the process ends with the exit code
    of the apply, if it comes to that."""
    time = Time(now)
    sandbox = Sandbox(database, clock=time, seed=False)
    timing = {"clock": time, "sleep": time.sleep, "wall_clock": time}

    async def applied() -> int:
        session = Session.open(
            root, "sandbox", transport=Ending(sandbox, end), clock=time, timing=timing
        )
        async with session, session.locked():
            return (await session.apply(await session.plan(ALLOWED))).exit_code

    raise SystemExit(asyncio.run(applied()))


def server() -> ForkServerContext:
    """Makes processes that have everything imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.fault.killing", "capsync.validate", "capsync.kinds"])
    return context


def ended(
    context: ForkServerContext, work: Callable[..., None], *args: object, patience: float = 60.0
) -> int:
    """The exit code of a process that does that work; the negative signal where it was killed."""
    process = context.Process(target=work, args=args)
    process.start()
    process.join(patience)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError("the apply did not end")
    return process.exitcode


def ended_at(scene: Scene, end: End, memory: str) -> list[str]:
    """What is wrong after an apply that was ended and another one."""
    scene.put_back()
    database, now = Path(scene.world.path), scene.world.time.now
    code = ended(server(), apply_until, scene.project.root, database, now, end)
    wrong = [] if code in _codes(scene, end) else [f"the apply ended with {code}"]
    if memory == "lost":
        forget(scene.project)
        scene.world.later()
    return wrong + scene.again()


def _codes(scene: Scene, end: End) -> set[int]:
    """The exit codes that tell the truth: 0 only if a stop came too late to leave anything."""
    if end.number == signal.SIGKILL:
        return {-signal.SIGKILL}
    return {130} if busy(scene.world.plan(scene.project)) else {0}
