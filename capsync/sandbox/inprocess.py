"""The sandbox behind an httpx client of the same process, without sockets."""

from __future__ import annotations

import asyncio

import httpx

from capsync.sandbox.app import Arrival, Sandbox, encoded, parse_query
from capsync.sandbox.faults import ConnectionDropped, Kind
from capsync.sandbox.web import Reply


class SandboxTransport(httpx.AsyncBaseTransport):
    """Answers requests from a sandbox; its faults surface as the errors of a real connection."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The sandbox's answer; raises what httpx raises over a socket."""
        arrival = await _arrival(request)
        try:
            reply = await self._reply(arrival, request)
        except ConnectionDropped as dropped:
            raise await _as_httpx(dropped, request) from None
        content = encoded(reply)
        headers = [*reply.headers.items(), ("content-length", str(len(content)))]
        return httpx.Response(reply.status, headers=headers, stream=httpx.ByteStream(content))

    async def _reply(self, arrival: Arrival, request: httpx.Request) -> Reply:
        if not self._sandbox.latency:
            return await self._sandbox.respond(arrival)
        # As over a socket: the service goes on with a call that its client has given up.
        running = asyncio.ensure_future(self._sandbox.respond(arrival))
        try:
            return await asyncio.wait_for(asyncio.shield(running), _patience(request))
        except TimeoutError:
            raise httpx.ReadTimeout("the sandbox took too long", request=request) from None


async def _arrival(request: httpx.Request) -> Arrival:
    target, _, query = request.url.raw_path.partition(b"?")
    return Arrival(
        method=request.method,
        target=target.decode("ascii"),
        query=parse_query(query),
        headers={k.decode("latin-1").lower(): v.decode("latin-1") for k, v in request.headers.raw},
        body=await request.aread(),
    )


async def _as_httpx(dropped: ConnectionDropped, request: httpx.Request) -> httpx.TransportError:
    kind = dropped.fault.kind
    if kind is Kind.REFUSED:
        return httpx.ConnectError("All connection attempts failed", request=request)
    if kind is Kind.TIMEOUT_AFTER:
        # Nobody else shares this process's wait, so an answer that never comes costs no time.
        hang, patience = dropped.fault.hang or 0.0, _patience(request)
        await asyncio.sleep(hang if patience is None else min(hang, patience))
        return httpx.ReadTimeout("no answer in time", request=request)
    return httpx.RemoteProtocolError(
        "Server disconnected without sending a response.", request=request
    )


def _patience(request: httpx.Request) -> float | None:
    timeout: dict[str, float | None] = request.extensions.get("timeout", {})
    return timeout.get("read")
