"""The sandbox as a real HTTP server, on loopback only."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from capsync.sandbox.app import CLOSE, Sandbox

LOOPBACK = "127.0.0.1"


class _Protocol(H11Protocol):
    """HTTP/1.1 whose app can close the connection instead of answering."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Sockets that asyncio did not make itself keep Nagle's algorithm: 40 ms per answer.
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        app = self.app

        async def closable(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[CLOSE] = transport.abort
            await app(scope, receive, send)

        self.app = closable


def serve(
    path: str | Path,
    host: str = LOOPBACK,
    port: int = 0,
    *,
    latency_ms: float = 0,
    fail_rate: float = 0,
    fail_seed: int = 0,
    rate_limit: int | None = None,
    auth: bool = True,
    bound: Callable[[str], None] | None = None,
) -> None:
    """Answer until interrupted; `bound` gets the base URL as soon as calls are accepted.

    Port 0 takes a free one. Raises ValueError for a host that is not loopback, OSError where
    the port is taken.
    """
    listener = _listen(host, port)
    sandbox = Sandbox(path, latency_ms=latency_ms, rate_limit=rate_limit, auth=auth)
    sandbox.record = False
    if fail_rate:
        sandbox.faults.at_random(fail_rate, seed=fail_seed)
    try:
        if bound is not None:
            bound(_url(listener))
        _server(sandbox).run(sockets=[listener])
    finally:
        sandbox.close()
        listener.close()


@contextmanager
def serving(sandbox: Sandbox, port: int = 0) -> Iterator[str]:
    """The base URL of a server of that sandbox, which runs in a thread until the block ends."""
    with _listen(LOOPBACK, port) as listener:
        server = _server(sandbox)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield _url(listener)
        finally:
            server.should_exit = True
            thread.join()


def _server(sandbox: Sandbox) -> uvicorn.Server:
    config = uvicorn.Config(
        sandbox.app,
        interface="asgi3",
        http=_Protocol,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def _listen(host: str, port: int) -> socket.socket:
    address = ipaddress.ip_address(LOOPBACK if host == "localhost" else host)
    if not address.is_loopback:
        raise ValueError(f"the sandbox listens on loopback only, not on {host}")
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    return socket.create_server((str(address), port), family=family)


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
