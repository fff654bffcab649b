"""The client over real sockets: a server that resets, cuts, hangs and mumbles."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from capsync.api.client import Client
from capsync.api.dialect import Call
from capsync.api.dialects import V2_OBJECT
from capsync.api.settings import Admin, Settings
from capsync.api.transport import Network, Shards, broken, proxy_for, tls_context
from capsync.errors import Ambiguous, ApiError, Garbled, Unreachable
from capsync.secret import Secret

T = TypeVar("T")
GET = Call("GET", "/v2/thing/7", V2_OBJECT)
POST = Call("POST", "/v2/things", V2_OBJECT, body={"name": "a"})
PUT = Call("PUT", "/v2/thing/7", V2_OBJECT, body={"name": "a"})

Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def http(status: str, content: bytes, headers: str = "", length: int | None = None) -> bytes:
    size = len(content) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\n{headers}\r\n".encode() + content


GOOD = http("200 OK", b'{"id": 7}', "Content-Type: application/json\r\nX-CAP-REQUESTID: abc\r\n")


def answer(content: bytes) -> Act:
    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()

    return act


def closing(content: bytes = b"") -> Act:
    async def act(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()
        writer.close()

    return act


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


class Server:
    """Plays one act per request, the last one for ever; keeps what it was sent."""

    def __init__(self, *acts: Act, greeting: bytes = b"") -> None:
        self._acts = list(acts)
        self._greeting = greeting
        self.received: list[bytes] = []
        self.connections = 0

    @asynccontextmanager
    async def open(self) -> Any:
        tasks: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            try:
                # Streams of Python 3.11 report a connection that was cancelled as an error.
                with suppress(asyncio.CancelledError):
                    await self._serve(reader, writer)
            finally:
                writer.close()
                tasks.discard(task)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(self._greeting)
        while not writer.is_closing():
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            sizes = re.findall(rb"content-length: (\d+)", head.lower())
            size = int(sizes[0]) if sizes else 0
            self.received.append(head + await reader.readexactly(size))
            act = self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]
            await act(reader, writer)

    def run(self, work: Callable[[Client], Awaitable[T]], scheme: str = "http", **more: Any) -> T:
        """What `work` returns, given a client that does not wait between tries."""

        async def main() -> T:
            async with self.open() as port:
                settings = Settings(f"{scheme}://127.0.0.1:{port}", **more)
                async with Client(settings, sleep=lambda _: asyncio.sleep(0)) as client:
                    return await work(client)

        return asyncio.run(main())


def test_a_good_call_over_a_socket() -> None:
    server = Server(answer(GOOD))
    got = server.run(lambda client: client.send(POST))
    assert (got.payload, got.request_id) == ({"id": 7}, "abc")
    head, _, body = server.received[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v2/things HTTP/1.1\r\n")
    assert json.loads(body) == {"name": "a"}


def test_compressed_answers_are_read() -> None:
    packed = gzip.compress(b'{"id": 7}')
    server = Server(answer(http("200 OK", packed, "Content-Encoding: gzip\r\n")))
    assert server.run(lambda client: client.send(GET)).payload == {"id": 7}


BROKEN: dict[str, Act] = {
    "reset": reset,
    "closed without a word": closing(),
    "cut in the head": closing(b"HTTP/1.1 200 OK\r\nConte"),
    "cut in the body": closing(http("200 OK", b'{"id": 7, ', length=500)),
    "cut JSON of full length": answer(http("200 OK", b'{"id": 7, ')),
    "not HTTP": closing(b"220 mail.example.com ESMTP\r\n\r\n"),
    "broken compression": answer(http("200 OK", b"\x1f\x8bno", "Content-Encoding: gzip\r\n")),
    "a page": answer(http("502 Bad Gateway", b"<html><title>Bad Gateway</title></html>")),
}


@pytest.mark.parametrize("act", BROKEN.values(), ids=BROKEN)
def test_broken_answers_are_outlived_where_that_is_harmless(act: Act) -> None:
    for call in (GET, PUT):
        server = Server(act, act, answer(GOOD))
        assert server.run(lambda client, call=call: client.send(call)).payload == {"id": 7}
        assert len(server.received) == 3


@pytest.mark.parametrize("act", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_to_a_post_is_ambiguous(act: Act) -> None:
    server = Server(act, answer(GOOD))
    with pytest.raises(Ambiguous):
        server.run(lambda client: client.send(POST))
    assert len(server.received) == 1


def test_no_answer_in_time() -> None:
    server = Server(hang)
    with pytest.raises(Ambiguous, match="no answer in time"):
        server.run(lambda client: client.send(POST), timeout=0.05)
    with pytest.raises(ApiError, match="tried 6 times"):
        Server(hang).run(lambda client: client.send(GET), timeout=0.05)


def test_connections_are_kept_and_used_again() -> None:
    server = Server(answer(GOOD))

    async def work(client: Client) -> None:
        for _ in range(10):
            await client.send(GET)
        await asyncio.gather(*(client.send(GET) for _ in range(20)))

    server.run(work, concurrency=4)
    assert server.connections <= 4


def test_a_line_break_in_a_header_is_not_sent_and_not_shown() -> None:
    server = Server(answer(GOOD))
    admin = Admin(key=Secret("line\r\nbreak"))
    call = Call("POST", "/x", V2_OBJECT, body={}, admin=True)
    with pytest.raises(Unreachable) as caught:
        server.run(lambda client: client.send(call), admin_auth=admin)
    assert "break" not in caught.value.message
    assert server.received == []


def test_a_closed_port_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def main() -> None:
        settings = Settings(f"http://127.0.0.1:{port}")
        async with Client(settings, sleep=lambda _: asyncio.sleep(0)) as client:
            await client.send(POST)

    with pytest.raises(Unreachable, match="does not take connections"):
        asyncio.run(main())


def test_a_host_that_nobody_knows_is_unreachable() -> None:
    async def main() -> None:
        settings = Settings("http://no-such-host.localhost")
        async with Client(settings, sleep=lambda _: asyncio.sleep(0)) as client:
            await client.send(GET)

    with pytest.raises(Unreachable) as caught:
        asyncio.run(main())
    assert "no-such-host" in caught.value.message


def test_a_server_without_tls_is_named() -> None:
    server = Server(hang, greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with pytest.raises(Unreachable, match="TLS") as caught:
        server.run(lambda client: client.send(POST), scheme="https")
    assert "endpoint" in caught.value.hint


def test_a_certificate_that_is_not_trusted_is_said_at_once() -> None:
    sent = 0

    def refuse(request: httpx.Request) -> httpx.Response:
        nonlocal sent
        sent += 1
        try:
            raise ssl.SSLCertVerificationError(1, "self-signed certificate")
        except ssl.SSLError as error:
            raise httpx.ConnectError("tls") from error

    async def main() -> None:
        settings = Settings("https://h.example.com")
        async with Client(settings, transport=httpx.MockTransport(refuse)) as client:
            await client.send(GET)

    with pytest.raises(Unreachable, match="not trusted") as caught:
        asyncio.run(main())
    assert "ca_bundle" in caught.value.hint
    assert sent == 1


def test_causes_inside_a_group_are_found() -> None:
    group = ExceptionGroup("tried two addresses", [OSError("a"), socket.gaierror("b")])
    error = httpx.ConnectError("all attempts failed")
    error.__cause__ = group
    group.__context__ = error
    failure = broken(error, "h.example.com")
    assert failure.message == "unknown host h.example.com"


def test_certificates_that_can_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("no certificate")
    for path in (str(empty), str(tmp_path / "none.pem")):
        with pytest.raises(Unreachable, match="can not be read"):
            Client(Settings("https://h.example.com", ca_bundle=path))
    monkeypatch.setenv("SSL_CERT_FILE", str(empty))
    with pytest.raises(Unreachable, match="SSL_CERT_FILE"):
        tls_context()


def test_proxies_of_the_process_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "proxy.corp:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example.com")
    assert proxy_for("https", "eu.example.com") == "http://proxy.corp:3128"
    assert proxy_for("http", "eu.example.com") == ""
    assert proxy_for("https", "inside.example.com") == ""
    assert proxy_for("https", "127.0.0.1") == ""


@pytest.mark.parametrize("proxy", ["gopher://proxy:1", "socks5://proxy:1080"])
def test_a_proxy_that_can_not_be_used_is_said(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    async def main() -> None:
        async with Client(Settings("https://h.example.com")) as client:
            await client.send(GET)

    with pytest.raises(Unreachable, match="proxy"):
        asyncio.run(main())


def test_calls_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(answer(GOOD))

    async def main() -> Any:
        async with server.open() as port:
            monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
            monkeypatch.delenv("no_proxy", raising=False)
            monkeypatch.delenv("NO_PROXY", raising=False)
            network = Network(Settings("https://h.example.com"))
            request = httpx.Request("GET", "http://h.example.com/a")
            response = await network.handle_async_request(request)
            content = await response.aread()
            await network.aclose()
            return content

    assert asyncio.run(main()) == b'{"id": 7}'
    assert server.received[0].startswith(b"GET http://h.example.com/a HTTP/1.1")


def test_the_least_busy_pool_is_taken() -> None:
    class Pool(httpx.AsyncBaseTransport):
        def __init__(self) -> None:
            self.taken = 0
            self.is_closed = False

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            self.taken += 1
            if request.url.path == "/fail":
                raise httpx.ReadError("reset")
            return httpx.Response(200, content=b"x")

        async def aclose(self) -> None:
            self.is_closed = True

    pools: list[Pool] = []

    def make() -> Pool:
        pools.append(Pool())
        return pools[-1]

    async def main() -> None:
        shards = Shards(make, 3)
        request = httpx.Request("GET", "https://h.example.com/a")
        failing = httpx.Request("GET", "https://h.example.com/fail")
        for _ in range(4):
            await (await shards.handle_async_request(request)).aread()
        assert [pool.taken for pool in pools] == [4, 0, 0]
        with pytest.raises(httpx.ReadError):
            await shards.handle_async_request(failing)
        held = [await shards.handle_async_request(request) for _ in range(6)]
        assert [pool.taken for pool in pools] == [7, 2, 2]
        for response in held:
            await response.aclose()
            await response.aclose()
        await (await shards.handle_async_request(request)).aread()
        assert [pool.taken for pool in pools] == [8, 2, 2]
        await shards.aclose()
        assert all(pool.is_closed for pool in pools)

    asyncio.run(main())


def test_a_download_stops_at_its_limit() -> None:
    async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 10_000)
            try:
                await writer.drain()
            except ConnectionError:
                return

    async def main() -> None:
        server = Server(endless)
        async with (
            server.open() as port,
            Client(Settings(f"http://127.0.0.1:{port}")) as client,
        ):
            await client.download(f"http://127.0.0.1:{port}/big", 50_000)

    with pytest.raises(ApiError, match="larger than 50000 bytes"):
        asyncio.run(main())


def test_a_page_in_place_of_an_answer_is_quoted_shortly() -> None:
    page = b"<html><head><style>p {}</style></head><body><p>Sign in\x1b[2J</p></body></html>"
    server = Server(answer(http("200 OK", page)))
    with pytest.raises(Garbled, match=r"not JSON: Sign in \[2J") as caught:
        server.run(lambda client: client.send(GET))
    assert "endpoint" in caught.value.hint
