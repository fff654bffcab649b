"""A service that answers by a script, and a client of it on a clock that only sleeping moves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx

from capsync.api.client import Client
from capsync.api.settings import Settings
from capsync.events import Event

from .clock import FakeClock

T = TypeVar("T")
Json = Any
Step = Any  # a response, an error to raise, or a function of the request

ENDPOINT = "https://eu.example.com"


def ok(body: Json = None, status: int = 200, **headers: str) -> httpx.Response:
    """A JSON answer with a request id."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers={"X-Cap-RequestID": "req-1", **named})


def html(status: int, text: str = "<html><title>Bad Gateway</title></html>") -> httpx.Response:
    """A gateway's page."""
    return httpx.Response(status, text=text, headers={"content-type": "text/html"})


class Service:
    """Plays its steps one after the other; the last one is played for ever."""

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)
        self.requests: list[httpx.Request] = []
        self.times: list[float] = []
        self.clock = FakeClock()
        self.events: list[Event] = []
        self.transport = httpx.MockTransport(self._answer)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.times.append(self.clock.now)
        step = self._steps.pop(0) if len(self._steps) > 1 else self._steps[0]
        if callable(step):
            step = step(request)
        if isinstance(step, BaseException):
            raise step
        assert isinstance(step, httpx.Response)
        return httpx.Response(step.status_code, headers=step.headers, content=step.content)

    def client(self, **settings: Any) -> Client:
        """A client of this service, as a context manager."""
        settings.setdefault("endpoint", ENDPOINT)
        return Client(
            Settings(**settings),
            transport=self.transport,
            clock=self.clock,
            sleep=self.clock.sleep,
            rng=lambda: 1.0,
            log=self.events.append,
            wall_clock=lambda: 1_800_000_000.0,
        )

    def run(self, work: Callable[[Client], Awaitable[T]], **settings: Any) -> T:
        """What `work` returns, given a client."""

        async def main() -> T:
            async with self.client(**settings) as client:
                return await work(client)

        return asyncio.run(main())

    @property
    def bodies(self) -> list[Json]:
        """The JSON bodies that were sent."""
        return [json.loads(request.content) for request in self.requests if request.content]
