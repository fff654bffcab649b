"""The sandbox as an ASGI app: credentials, limits, faults, routes, transactions."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, unquote
from uuid import uuid4

import orjson

from capsync.sandbox.auth import caller
from capsync.sandbox.envelopes import failure
from capsync.sandbox.faults import Call, ConnectionDropped, Fault, Faults, Kind, is_write
from capsync.sandbox.routing import Match, Router, family_modules, family_routes
from capsync.sandbox.store import Store
from capsync.sandbox.web import Options, Refusal, Reply, Request

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Extension of the ASGI scope under which `serve` hands over the way to close a connection.
CLOSE = "capsync.close"

_WINDOW = 60.0  # seconds: limits are counted per minute
_FOREVER = 3600.0
_MEDIA = "/api_gateway/file-service/"  # the one place that takes bodies other than JSON
# Act for another till: the one without the other is refused (api notes: platform 3).
_LOOK_UP = ("x-cap-api-attribution-lookup-type", "x-cap-api-attribution-lookup")
_HTML_502 = b"<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>"
_HTML_504 = b"<html><head><title>504 Gateway Time-out</title></head><body>Time-out</body></html>"


class Recorded(NamedTuple):
    """One request that arrived."""

    method: str
    path: str
    query: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request off the wire. `target` is the path as sent, percent-encoding included."""

    method: str
    target: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]  # names in lower case
    body: bytes = b""

    @property
    def path(self) -> str:
        """The decoded path."""
        return unquote(self.target) if "%" in self.target else self.target


class Sandbox:
    """An org of its own behind the documented API.

    `path` is an SQLite file, made and seeded where it is new. `auth=False` takes calls without
    credentials, `rate_limit` is in requests a minute and API key, `latency_ms` delays answers.
    `admin_required` and `badges_start_ahead` are rules that differ between orgs.
    """

    def __init__(
        self,
        path: str | Path = ":memory:",
        *,
        org_id: int = 100737,
        user_id: int = 75000222,
        clock: Callable[[], float] = time.time,
        auth: bool = True,
        seed: bool = True,
        latency_ms: float = 0,
        rate_limit: int | None = None,
        token_ttl: int = 300,
        admin_required: bool = False,
        badges_start_ahead: bool = False,
    ) -> None:
        self.org_id = org_id
        self.user_id = user_id
        self.options = Options(
            auth=auth,
            token_ttl=token_ttl,
            admin_required=admin_required,
            badges_start_ahead=badges_start_ahead,
            signing_key=secrets.token_bytes(32),
        )
        self.clock = clock
        self.latency = latency_ms / 1000
        self.rate_limit = rate_limit
        self.faults = Faults()
        self.calls: list[Recorded] = []
        self.record = True  # whether `calls` grows
        self.store = Store(path)
        self._router = Router(family_routes())
        self._recent: dict[str, deque[float]] = {}
        self._late: list[tuple[float, Arrival]] = []
        if seed:
            self.seed()

    def seed(self, *, console: bool = True) -> None:
        """Put the reference data of every family into a store that does not have it yet, and with
        `console` what users of a console have made in an org."""
        if self.store.get("sandbox", "seeded") is not None:
            return
        now = self.clock()
        self.store.now = now - _FOREVER
        with self.store.transaction():
            # Another process may have been faster with the same file.
            if self.store.get("sandbox", "seeded") is not None:
                return
            for name in ("seed", "seed_console") if console else ("seed",):
                for module in family_modules():
                    plant = getattr(module, name, None)
                    if plant is not None:
                        plant(self.store, self.org_id, now)
            self.store.put("sandbox", "seeded", {"at": now})

    def reset(self, *, seed: bool = True, console: bool = True) -> None:
        """Forget everything, then seed again where asked."""
        self.store.clear()
        if seed:
            self.seed(console=console)

    def close(self) -> None:
        """Release the database file."""
        self.store.close()

    async def respond(self, arrival: Arrival) -> Reply:
        """The answer to one request; raises ConnectionDropped where there is to be none."""
        if self.record:
            self.calls.append(Recorded(arrival.method, arrival.path, arrival.query))
        if self.latency:
            await asyncio.sleep(self.latency)
        self._catch_up()
        number = self.faults.number(arrival.method, arrival.path)
        limited = self._over_limit(arrival)
        if limited is not None:
            return limited
        fault = self._fault(arrival, number) if self.faults.armed else None
        if fault is None:
            return self._answer(arrival)
        return self._fail(arrival, fault)

    def _catch_up(self) -> None:
        """Carry out the calls that gateways gave up and whose time has come."""
        clock, now = self.clock, self.clock()
        due = [late for late in self._late if late[0] <= now]
        self._late = [late for late in self._late if late[0] > now]
        for time_, arrival in due:
            self.clock = partial(float, time_)
            self._answer(arrival)
        self.clock = clock

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        close = (scope.get("extensions") or {}).get(CLOSE)
        arrival = _arrival(scope, await _body(receive))
        try:
            reply = await self.respond(arrival)
        except ConnectionDropped as dropped:
            if close is None:
                raise
            await _hold(receive, dropped.fault)
            close()
            await receive()
            return
        content = encoded(reply)
        headers = [(k.encode(), v.encode()) for k, v in reply.headers.items()]
        headers.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, arrival: Arrival) -> Reply:
        """The answer of an undisturbed service."""
        match = self._router.find(arrival.method, arrival.target)
        refused = self._refused(arrival, match)
        if refused is not None or match is None:
            return _stamped(refused or Reply(None, 404), arrival.path)
        reply = self._handled(self._request(arrival, match), match)
        return _stamped(reply, match.route.template)

    def _refused(self, arrival: Arrival, match: Match | None) -> Reply | None:
        path = arrival.path
        if match is None:
            verbs = self._router.verbs(arrival.target)
            code, text = (405, "Operation not supported") if verbs else (404, "No such resource")
            return Reply(failure(path, code, text), code)
        if not match.route.public and not self._known(arrival):
            return Reply(failure(path, 401, "Authentication failed"), 401)
        one, other = (name in arrival.headers for name in _LOOK_UP)
        if path.startswith("/v2/") and one != other:
            return Reply(failure(path, 1061, "Lookup type or lookup value header is missing"), 400)
        if arrival.body and not path.startswith(_MEDIA):
            kind = arrival.headers.get("content-type", "")
            if kind.partition(";")[0].strip().lower() != "application/json":
                return Reply(failure(path, 415, "Unsupported media type"), 415)
        return None

    def _known(self, arrival: Arrival) -> bool:
        options = self.options
        return not options.auth or caller(arrival.headers, options, self.clock()) is not None

    def _request(self, arrival: Arrival, match: Match) -> Request:
        return Request(
            method=arrival.method,
            path=arrival.path,
            query=arrival.query,
            headers=arrival.headers,
            body=arrival.body,
            params=match.params,
            store=self.store,
            org_id=self.org_id,
            user_id=self.user_id,
            admin=arrival.headers.get("x-cap-api-auth-key") == self.options.admin_key,
            now=self.clock(),
            options=self.options,
        )

    def _handled(self, request: Request, match: Match) -> Reply:
        write = is_write(request.method, request.path)
        lag = self.faults.list_lag
        self.store.now = request.now
        self.store.horizon = request.now - lag if lag and not write else math.inf
        try:
            with self.store.transaction(write=write):
                return match.route.handler(request)
        except Refusal as refusal:
            return refusal.reply
        except orjson.JSONDecodeError:
            return Reply(failure(request.path, 400, "Malformed JSON"), 400)
        finally:
            self.store.horizon = math.inf

    def _over_limit(self, arrival: Arrival) -> Reply | None:
        if self.rate_limit is None:
            return None
        now = self.clock()
        recent = self._recent.setdefault(_api_key(arrival.headers, self.options, now), deque())
        while recent and recent[0] <= now - _WINDOW:
            recent.popleft()
        if len(recent) < self.rate_limit:
            recent.append(now)
            return None
        return _plain_failure(arrival.path, 429, "Rate limit exceeded")

    def _fault(self, arrival: Arrival, number: int | None) -> Fault | None:
        call = Call(arrival.method, arrival.path, arrival.query, arrival.body, number)
        return self.faults.choose(call)

    def _fail(self, arrival: Arrival, fault: Fault) -> Reply:
        answer = self._answer(arrival) if fault.processed else None
        if fault.kind is Kind.LATE_504:
            self._late.append((self.clock() + fault.late, arrival))
        if fault.kind in _DROPS:
            raise ConnectionDropped(fault)
        if fault.kind is Kind.CUT_JSON and answer is not None:
            content = encoded(answer)
            return Reply(content[: len(content) // 2] or b"{", answer.status, answer.headers)
        return _failed(arrival.path, fault)


_DROPS = frozenset({Kind.REFUSED, Kind.DROP_BEFORE, Kind.DROP_AFTER, Kind.TIMEOUT_AFTER})

_FAILURES: dict[Kind, tuple[int, int, str]] = {
    Kind.STATUS_500: (500, 500, "All requests have failed due to errors"),
    Kind.STATUS_503: (503, 4001, "Authorization status unavailable!"),
    Kind.RATE_429: (429, 429, "Rate limit exceeded"),
    Kind.AUTH_401: (401, 401, "Authentication failed"),
    Kind.ERROR_IN_200: (200, 500, "All requests have failed due to errors"),
}


def _failed(path: str, fault: Fault) -> Reply:
    if fault.kind is Kind.HTML_502:
        return _stamped(Reply(_HTML_502, 502, {"content-type": "text/html"}), path)
    if fault.kind is Kind.LATE_504:
        return _stamped(Reply(_HTML_504, 504, {"content-type": "text/html"}), path)
    status, code, text = _FAILURES[fault.kind]
    wait = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
    return _plain_failure(path, status, text, code=code, headers=wait)


def _plain_failure(
    path: str,
    status: int,
    message: str,
    *,
    code: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    body = failure(path, status if code is None else code, message)
    return _stamped(Reply(body, status, headers or {}), path)


async def _hold(receive: Receive, fault: Fault) -> None:
    """Keep the client waiting where the fault says so, until it gives up."""
    if fault.kind is Kind.TIMEOUT_AFTER:
        with suppress(TimeoutError):
            await asyncio.wait_for(receive(), fault.hang or _FOREVER)


def encoded(reply: Reply) -> bytes:
    """The bytes of an answer's body."""
    if reply.body is None:
        return b""
    return reply.body if isinstance(reply.body, bytes) else orjson.dumps(reply.body)


def _stamped(reply: Reply, pattern: str) -> Reply:
    headers = {
        "content-type": "application/json",
        **reply.headers,
        "X-Cap-Requestid": str(uuid4()),
        "x-cap-api-request-uri": pattern,
    }
    return Reply(reply.body, reply.status, headers)


def _api_key(headers: Mapping[str, str], options: Options, now: float) -> str:
    return (caller(headers, options, now) or "") if options.auth else ""


def _arrival(scope: Scope, body: bytes) -> Arrival:
    raw = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string") or b""
    return Arrival(
        method=scope["method"],
        target=raw.partition(b"?")[0].decode("ascii"),
        query=parse_query(query),
        headers={k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]},
        body=body,
    )


def parse_query(query: bytes) -> dict[str, list[str]]:
    """A query string, decoded; parameters without a value are kept."""
    return parse_qs(query.decode("ascii"), keep_blank_values=True) if query else {}


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _lifespan(receive: Receive, send: Send) -> None:
    steps: tuple[Literal["startup", "shutdown"], ...] = ("startup", "shutdown")
    for step in steps:
        await receive()
        await send({"type": f"lifespan.{step}.complete"})
