from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from capsync.api.dialect import Answer, Call
from capsync.applying.uploading import Uploader
from capsync.errors import Ambiguous, ApiError, Unreachable
from capsync.kind import Write
from capsync.media import MediaError, MediaFile, read_media
from capsync.model import Address

USER = Address("Reward", "mug")
NOTE: dict[str, Any] = {
    "types": ["image/gif"],
    "max_bytes": 100,
    "url": "",
    "upload": "/files/{name}",
    "handle": "file.handle",
}


class _Client:
    """Answers uploads, and keeps them."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self.calls: list[Call] = []

    async def send(self, call: Call) -> Answer:
        self.calls.append(call)
        await asyncio.sleep(0)
        if isinstance(self._body, ApiError):
            raise self._body
        return Answer(self._body, self._body, 200, "request-1")

    def write_settled(self) -> None:
        pass


class _Record:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.lines: list[tuple[str, ...]] = []

    async def intent(self, address: Address, write: Write, key: str, payload: str) -> int:
        self.lines.append((str(address), write.summary, key, payload[:7]))
        return len(self.lines)

    def outcome(
        self, token: int, status: str, id: str | None, request_id: str, message: str = ""
    ) -> None:
        del token, message
        self.lines.append((status, str(id), request_id))

    def uploaded(self, sha256: str, handle: str) -> None:
        self.kept[sha256] = handle


def _file(folder: Path, name: str = "a.gif", content: bytes = b"GIF89a") -> MediaFile:
    (folder / name).write_bytes(content)
    return read_media(folder, folder, name, NOTE)


def _uploader(body: Any) -> tuple[Uploader, _Client, _Record]:
    client, record = _Client(body), _Record()
    return Uploader(client, record), client, record  # type: ignore[arg-type]


def test_a_content_goes_out_once_however_many_need_it(tmp_path: Path) -> None:
    one, same = _file(tmp_path), _file(tmp_path, "b.gif")
    uploader, client, record = _uploader({"file": {"handle": "H1"}})

    async def both() -> list[str]:
        return list(await asyncio.gather(uploader.handle(USER, one), uploader.handle(USER, same)))

    assert asyncio.run(both()) == ["H1", "H1"]
    (call,) = client.calls
    assert (call.method, call.path) == ("POST", one.upload_path)
    assert (call.content, call.content_type, call.may_repeat) == (b"GIF89a", "image/gif", True)
    assert record.kept == {one.sha256: "H1"}
    assert uploader.sent == 1
    assert record.lines == [
        ("Reward/mug", "upload a.gif", "a.gif", "sha256:"),
        ("done", "H1", "request-1"),
    ]


@pytest.mark.parametrize(
    ("error", "status", "sent"),
    [
        (Unreachable("no way"), "not sent", 0),
        (Ambiguous("no answer"), "unknown", 1),
        (ApiError("too large"), "failed", 1),
    ],
)
def test_a_failure_is_on_record_by_what_is_known(
    tmp_path: Path, error: ApiError, status: str, sent: int
) -> None:
    uploader, _, record = _uploader(error)
    with pytest.raises(ApiError) as raised:
        asyncio.run(uploader.handle(USER, _file(tmp_path)))
    assert type(raised.value) is (ApiError if status == "unknown" else type(error))
    assert record.lines[-1] == (status, "None", "")
    assert uploader.sent == sent


def test_an_answer_without_a_handle_is_a_failure(tmp_path: Path) -> None:
    uploader, _, record = _uploader({"file": None})
    with pytest.raises(ApiError, match="no handle"):
        asyncio.run(uploader.handle(USER, _file(tmp_path)))
    assert record.kept == {}


def test_a_refused_upload_may_be_tried_for_the_next_change(tmp_path: Path) -> None:
    uploader, client, _ = _uploader(ApiError("too large"))
    file = _file(tmp_path)
    for _ in range(2):
        with pytest.raises(ApiError, match="too large"):
            asyncio.run(uploader.handle(USER, file))
    assert len(client.calls) == 2


def test_what_changed_since_the_plan_is_not_sent(tmp_path: Path) -> None:
    file = _file(tmp_path)
    (tmp_path / "a.gif").write_bytes(b"GIF89a other")
    uploader, client, _ = _uploader({"file": {"handle": "H1"}})
    with pytest.raises(MediaError):
        asyncio.run(uploader.handle(USER, file))
    assert client.calls == []
