"""A small GitLab on loopback: the notes of one merge request."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

NOTES = "/api/v4/projects/42/merge_requests/7/notes"


class GitLab:
    """What the merge request holds; `token` is the one that may write."""

    def __init__(self) -> None:
        self.url = ""
        self.token = "token-of-the-project"
        self.notes: list[dict[str, Any]] = []

    @property
    def variables(self) -> dict[str, str]:
        """What a job of a merge request finds in its environment."""
        return {
            "CI_API_V4_URL": f"{self.url}/api/v4",
            "CI_PROJECT_ID": "42",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_JOB_URL": "https://gitlab.example/acme/loyalty/-/jobs/4711",
            "GITLAB_TOKEN": self.token,
        }

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Any:
        """The answer to a call, None for "not found"."""
        if path == NOTES and method == "GET":
            size, page = int(query["per_page"][0]), int(query["page"][0])
            return self.notes[(page - 1) * size : page * size]
        if path == NOTES and method == "POST":
            self.notes.append({"id": len(self.notes) + 1, **body})
            return self.notes[-1]
        found = re.fullmatch(rf"{NOTES}/(\d+)", path)
        if found is None or method != "PUT":
            return None
        self.notes[int(found[1]) - 1] |= body
        return self.notes[int(found[1]) - 1]


class _Handler(BaseHTTPRequestHandler):
    gitlab: GitLab

    def _handle(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("PRIVATE-TOKEN") != "token-of-the-project":
            self._send(401, {"message": "401 Unauthorized"})
            return
        given = json.loads(body) if body else None
        found = self.gitlab.answer(self.command, url.path, parse_qs(url.query), given)
        self._send(404 if found is None else 200, found)

    do_GET = do_POST = do_PUT = _handle  # noqa: N815 - names of http.server

    def _send(self, status: int, answer: Any) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[GitLab]:
    """A GitLab that answers while the block runs."""
    gitlab = GitLab()
    handler = type("Handler", (_Handler,), {"gitlab": gitlab})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    gitlab.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield gitlab
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
