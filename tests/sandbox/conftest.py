"""A sandbox in memory on a clock that tests move, and calls to it without a network."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import pytest

from capsync.sandbox.app import Arrival, Sandbox, encoded, parse_query
from capsync.sandbox.web import Reply

Call = Callable[..., tuple[int, Any]]


@dataclass
class Clock:
    """The time of a test, in epoch seconds: 2027-01-05T09:12:44Z until a test moves it."""

    now: float = 1799140364.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    """An empty org that takes calls without credentials."""
    made = Sandbox(clock=clock, auth=False, seed=False)
    yield made
    made.close()


@pytest.fixture
def seeded(clock: Clock) -> Iterator[Sandbox]:
    """An org with the reference data of every family."""
    made = Sandbox(clock=clock, auth=False)
    yield made
    made.close()


@pytest.fixture
def call(sandbox: Sandbox) -> Call:
    """call(method, path, *, query, body, content, headers) -> (status, decoded body)."""
    return calls_to(sandbox)


@pytest.fixture
def seeded_call(seeded: Sandbox) -> Call:
    return calls_to(seeded)


def calls_to(sandbox: Sandbox) -> Call:
    """A function that calls the sandbox; `body` is JSON data, `content` raw bytes."""

    def call(method: str, path: str, **parts: Any) -> tuple[int, Any]:
        reply = reply_of(sandbox, method, path, **parts)
        content = encoded(reply)
        return reply.status, orjson.loads(content) if content else None

    return call


def reply_of(
    sandbox: Sandbox,
    method: str,
    path: str,
    *,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """The whole answer, headers included."""
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    if body is not None:
        content = orjson.dumps(body)
        sent.setdefault("content-type", "application/json")
    return drive(
        sandbox.respond(
            Arrival(
                method=method,
                target=quote(path),
                query=parse_query(_query_string(query or {})),
                headers=sent,
                body=content or b"",
            )
        )
    )


def _query_string(query: Mapping[str, Any]) -> bytes:
    flat = {k: str(v).lower() if isinstance(v, bool) else v for k, v in query.items()}
    return urlencode(flat, doseq=True).encode()


def drive(coroutine: Coroutine[Any, Any, Reply]) -> Reply:
    """The result of a coroutine that never has to wait, without an event loop."""
    with pytest.raises(StopIteration) as done:
        coroutine.send(None)
    assert isinstance(done.value.value, Reply)
    return done.value.value
