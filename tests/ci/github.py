"""A small GitHub on loopback: comments, issues, pull requests of commits, artifacts."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "/repos/acme/loyalty"


class GitHub:
    """What the service holds, and every call that came: (method, path, authorized)."""

    def __init__(self) -> None:
        self.url = ""
        self.comments: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []
        self.pulls: list[dict[str, Any]] = []
        self.artifacts: dict[str, str] = {}
        self.calls: list[tuple[str, str, bool]] = []
        self.refuses = False

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Any:
        """The answer to a call: a JSON value, or bytes, or None for "not found"."""
        if path.startswith("/archive/"):
            return self._archive(path.rpartition("/")[2])
        local = path.removeprefix(REPOSITORY)
        if local == "/issues/7/comments":
            return self._listed(self.comments, method, query, body)
        if found := re.fullmatch(r"/issues/comments/(\d+)", local):
            self.comments[int(found[1]) - 1] |= body
            return self.comments[int(found[1]) - 1]
        if local == "/issues":
            is_open = [each for each in self.issues if each["state"] == "open"]
            return self._listed(is_open if method == "GET" else self.issues, method, query, body)
        if found := re.fullmatch(r"/issues/(\d+)(/comments)?", local):
            issue = self.issues[int(found[1]) - 1]
            issue |= {"comment": body["body"]} if found[2] else body
            return issue
        if local == "/commits/5ha/pulls":
            return self.pulls
        if local == "/actions/artifacts":
            return {"artifacts": self._artifacts(query["name"][0])}
        return None

    def _listed(
        self, rows: list[dict[str, Any]], method: str, query: dict[str, list[str]], body: Any
    ) -> Any:
        if method == "GET":
            size, page = int(query["per_page"][0]), int(query["page"][0])
            return rows[(page - 1) * size : page * size]
        number = len(rows) + 1
        rows.append({"id": number, "number": number, "state": "open", **body})
        return rows[-1]

    def _artifacts(self, name: str) -> list[dict[str, Any]]:
        link = f"{self.url}/zip/{name}"
        made = {"archive_download_url": link, "created_at": "2027-01-05T09:12:44Z"}
        return [{"expired": False, **made}] if name in self.artifacts else []

    def _archive(self, name: str) -> bytes:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr("plan.json", self.artifacts[name])
        return data.getvalue()


class _Handler(BaseHTTPRequestHandler):
    github: GitHub

    def _handle(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_authorized = self.headers.get("Authorization") == "Bearer token-of-the-run"
        self.github.calls.append((self.command, url.path, is_authorized))
        if self.github.refuses:
            self._send(403, b'{"message": "Resource not accessible by integration"}')
        elif url.path.startswith("/zip/"):
            self._send(302, b"", url.path.replace("/zip/", "/archive/"))
        else:
            given = json.loads(body) if body else None
            found = self.github.answer(self.command, url.path, parse_qs(url.query), given)
            data = found if isinstance(found, bytes) else json.dumps(found).encode()
            self._send(404 if found is None else 200, data)

    do_GET = do_POST = do_PATCH = _handle  # noqa: N815 - names of http.server

    def _send(self, status: int, data: bytes, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", f"{self.github.url}{location}")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[GitHub]:
    """A GitHub that answers while the block runs."""
    github = GitHub()
    handler = type("Handler", (_Handler,), {"github": github})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    github.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
