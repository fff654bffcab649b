"""The one place that talks HTTP: pacing, credentials, retries, decoding, typed failures."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit
from weakref import WeakSet

import httpx

from capsync.api.auth import Claims, Credentials
from capsync.api.dialect import Answer, Call, Paging
from capsync.api.dialects import BARE
from capsync.api.outcome import Failure, Fate, Reply, judge
from capsync.api.pacing import Pacer
from capsync.api.paging import all_rows, as_it_is
from capsync.api.retry import Tries
from capsync.api.sendlog import SendLog, log_path, user_state_dir
from capsync.api.settings import SANDBOX, Basic, Oauth, Settings, is_loopback
from capsync.api.text import scrubbed
from capsync.api.transport import Network, unwritable
from capsync.api.wire import Wire, downloaded
from capsync.errors import ApiError, Garbled
from capsync.events import Event, Retrying
from capsync.gathering import this_task

Json = Any
T = TypeVar("T")


@dataclass(slots=True)
class Counts:
    """Requests sent so far, repeated ones included. `repeated` says how many of them were."""

    reads: int = 0
    writes: int = 0
    tokens: int = 0
    repeated: int = 0

    @property
    def sent(self) -> int:
        """All of them."""
        return self.reads + self.writes + self.tokens


class Client:
    """Calls one environment. Use as an async context manager.

    A transport that is passed in stays its owner's to close. `log` gets Waiting and Retrying
    events; it may be replaced at any time. `clock` is monotonic seconds, `rng` gives 0 to 1.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: Callable[[], float] = random.random,
        log: Callable[[Event], None] | None = None,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        if transport is None and settings.endpoint == SANDBOX:
            raise ValueError("endpoint: sandbox takes a transport")
        self.settings = settings
        self.counts = Counts()
        self.log = log
        self._clock, self._rng = clock, rng
        self._owns_transport = transport is None
        self._transport = Network(settings) if transport is None else transport
        self._wire = Wire(settings, self._transport, wall_clock)
        self._credentials = Credentials(settings, self._send_bare, clock)
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._writing = WeakSet[asyncio.Task[Any]]()  # tasks of which a write is in flight
        self._sends = SendLog(_shared(settings, self._owns_transport))
        self._pacer = Pacer(
            settings.rate_limit, self._sends, clock=clock, sleep=sleep, on_wait=self._tell
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self._sends.close()
        if self._owns_transport:
            await self._transport.aclose()

    async def send(self, call: Call) -> Answer:
        """The good answer to a call. Raises the ApiError that fits; Ambiguous where a write may
        or may not have been carried out."""
        return await self._repeated(call, lambda tries: self._try(call, tries))

    async def rows(
        self,
        call: Call,
        path: str,
        paging: Paging | None = None,
        make: Callable[[Json], Json] = as_it_is,
    ) -> list[Json]:
        """What `make` gives for every row of a list, at `path` of the payload; the same row may
        come twice."""
        return await all_rows(self.send, call, path, paging, make)

    async def download(self, url: str, limit_bytes: int) -> bytes:
        """What lies behind a URL that the service signed, fetched without credentials."""
        parts = urlsplit(url)
        shown = Call("GET", f"{parts.scheme}://{parts.hostname}{parts.path}", BARE)
        host = parts.hostname or ""
        is_own = host == urlsplit(self.settings.base_url).hostname
        if parts.scheme != "https" and not (is_own or is_loopback(host)):
            raise Garbled("only https links are followed", method="GET", path=shown.path)
        return await self._repeated(shown, lambda _: self._downloaded(url, limit_bytes))

    async def pause(
        self, seconds: float, reason: str = "the service may take a moment to show what was written"
    ) -> None:
        """Wait on the client's clock, for lists that lag behind."""
        await self._pacer.pause(seconds, reason)

    @property
    def server_time_skew(self) -> float | None:
        """Seconds that this machine's time of day is ahead of the service's; None: not told."""
        return self._wire.skew

    async def claims(self) -> Claims:
        """What the access token says of org and client; nothing for other ways to log in."""
        return await self._credentials.claims()

    def estimate(self, requests: int) -> float:
        """Seconds that so many further requests take at least, by the rate limit."""
        return self._pacer.estimate(requests)

    async def _send_bare(self, call: Call) -> Answer:
        """A call without credentials: the one that fetches them."""

        async def attempt(tries: Tries) -> Answer | Failure:
            self.counts.tokens += 1
            return await self._once(call, {}, tries)

        return await self._repeated(call, attempt)

    async def _repeated(self, call: Call, attempt: Callable[[Tries], Awaitable[T | Failure]]) -> T:
        """What one of the tries came to; raises once no further try is allowed."""
        tries = Tries(call, self._rng)
        while isinstance(outcome := await self._attempted(tries, attempt), Failure):
            pause = tries.pause(outcome, reached=self._wire.reached)
            if pause is None:
                raise self._error(tries, outcome)
            if outcome.holds:
                self._pacer.hold(pause, outcome.message)
            else:
                await self._pacer.pause(pause, outcome.message)
            self.counts.repeated += 1
            self._tell(Retrying(f"{call.method} {call.path}", tries.count + 1, outcome.message))
        return outcome

    @staticmethod
    async def _attempted(
        tries: Tries, attempt: Callable[[Tries], Awaitable[T | Failure]]
    ) -> T | Failure:
        try:
            return await attempt(tries)
        except ApiError as error:  # of the call that fetches a token
            raise tries.raised(error) from None

    async def _try(self, call: Call, tries: Tries) -> Answer | Failure:
        """One try, with a new token where the old one is refused: a 401 was not carried out."""
        headers = await self._credentials.headers(call)
        outcome = await self._counted(call, headers, tries)
        if isinstance(outcome, Failure) and outcome.renew:
            if await self._credentials.renew(headers):
                self.counts.repeated += 1
                headers = await self._credentials.headers(call)
                outcome = await self._counted(call, headers, tries)
            if isinstance(outcome, Failure) and outcome.renew:
                return replace(outcome, hint=self._login_hint(headers))
        return outcome

    async def _counted(
        self, call: Call, headers: Mapping[str, str], tries: Tries
    ) -> Answer | Failure:
        if call.is_read:
            self.counts.reads += 1
        else:
            self.counts.writes += 1
        return await self._once(call, headers, tries)

    async def _once(self, call: Call, headers: Mapping[str, str], tries: Tries) -> Answer | Failure:
        """One request: its turn, its answer, and what the answer means for the pace of all."""
        try:
            request = self._wire.request(call, headers)
        except (httpx.InvalidURL, UnicodeEncodeError):
            return unwritable()
        async with self._slots:
            sent = await self._pacer.turn()
            was_writing = call.is_read or self._leaves()
            reply = await self._wire.exchange(request)
        tries.spent += self._clock() - sent
        outcome = judge(call, reply) if isinstance(reply, Reply) else reply
        if not was_writing and isinstance(outcome, Failure) and outcome.fate is Fate.NOT_TAKEN:
            self._writing.discard(this_task())
        if isinstance(outcome, Failure) and outcome.slows:
            self._pacer.slow(sent)
        return outcome

    def _leaves(self) -> bool:
        """Note that a write of this task leaves; whether one is in flight already."""
        was_writing = self.is_writing()
        self._writing.add(this_task())
        return was_writing

    def is_writing(self, task: asyncio.Task[Any] | None = None) -> bool:
        """Whether a write of a task, this one by default, has left and is not settled yet."""
        return (task or this_task()) in self._writing

    def write_settled(self) -> None:
        """What became of this task's write is known, and on record."""
        self._writing.discard(this_task())

    async def _downloaded(self, url: str, limit: int) -> bytes | Failure:
        async with self._slots:
            reply = await self._wire.exchange(self._wire.bare(url), limit)
        return downloaded(reply, limit) if isinstance(reply, Reply) else reply

    def _login_hint(self, headers: Mapping[str, str]) -> str:
        auth = self.settings.auth
        if "Authorization" in headers and not isinstance(auth, Basic):
            return "check admin_auth of the environment"
        if isinstance(auth, Oauth):
            return "a new token was refused too: may the API client call this at all?"
        if isinstance(auth, Basic):
            return (
                "check auth.username and auth.password; Basic is switched off for newer orgs, "
                "which take an API client (type: oauth)"
            )
        return "set auth of the environment"

    def _error(self, tries: Tries, failure: Failure) -> ApiError:
        message = scrubbed(failure.message, self._credentials.secrets())
        return tries.error(replace(failure, message=message))

    def _tell(self, event: Event) -> None:
        if self.log is not None:
            self.log(event)


def _shared(settings: Settings, on_network: bool) -> Path | None:
    """The file that shares the rate limit with other processes, None where nothing is shared."""
    if settings.rate_limit is None or not (on_network or settings.state_dir):
        return None
    host = urlsplit(settings.base_url).netloc
    return log_path(settings.state_dir or user_state_dir(), host, settings.credential)
