"""A loopback HTTP server that answers GETs from memory: what peers and capsync are read from.

python -m benchmarks.fake FILE [CERT KEY]     JSON: "GET /path?query" -> body; the port is printed
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import sys
from pathlib import Path

_HEAD = (
    "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n"
    "Connection: keep-alive\r\n\r\n"
)


class Fake:
    """Answers each method and path with its body, 404 to what it does not know."""

    def __init__(self, bodies: dict[str, str]) -> None:
        self._answers = {each: _answer("200 OK", body) for each, body in bodies.items()}
        self._missing = _answer("404 Not Found", "{}")

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it is closed."""
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                await reader.readexactly(_length(head))
                method, path, _ = head.split(" ", 2)
                found = self._answers.get(f"{method} {path}", self._missing)
                if found is self._missing:
                    sys.stderr.write(f"no answer for {method} {path}\n")
                writer.write(found)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def _answer(status: str, body: str) -> bytes:
    data = body.encode()
    return _HEAD.format(status=status, size=len(data)).encode() + data


def _length(head: str) -> int:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


async def main(bodies: dict[str, str], certificate: list[str]) -> None:
    """Serve until killed."""
    fake = Fake(bodies)
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
    server = await asyncio.start_server(fake.answer, "127.0.0.1", 0, ssl=context, limit=2**20)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2:]))
