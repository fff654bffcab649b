from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from capsync.api.dialects import BARE
from capsync.errors import ApiError, NotFound
from capsync.fields import list_by, media, obj, string
from capsync.kind import Kind, Listing, Route, key_by
from capsync.media import Upload, hash_of
from capsync.model import Address, Resource
from capsync.planning.match import Wanted
from capsync.reading.handles import Handles
from capsync.snapshot import LiveObject

NEW, OLD = b"GIF89a new", b"GIF89a old"
IMAGE = media(types=["image/gif"], max_bytes=100, url="imageUrl", upload="/f/{name}", handle="h")
KIND = Kind(
    name="Card",
    family="samples",
    doc="A card.",
    dialect=BARE,
    lists=(Listing(Route("GET", "/cards")),),
    keys=(key_by("name"),),
    schema=obj(
        name=string(),
        imageId=IMAGE,
        sides=list_by("side", obj(side=string(), imageId=IMAGE)),
    ),
)


class _Client:
    """Answers downloads by URL; counts them."""

    def __init__(self, answers: Mapping[str, bytes | ApiError]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    async def download(self, url: str, limit_bytes: int) -> bytes:
        self.asked.append(url)
        assert limit_bytes == 100
        answer = self._answers[url]
        if isinstance(answer, ApiError):
            raise answer
        return answer


def _placed(
    folder: Path,
    live: Mapping[str, Any] | None,
    answers: Mapping[str, bytes | ApiError] | None = None,
    known: Mapping[str, str] | None = None,
    resend: tuple[str, ...] = (),
) -> tuple[Wanted, Handles, _Client]:
    (folder / "a.gif").write_bytes(NEW)
    spec = {
        "name": "x",
        "sides": [{"side": "back"}, {"side": "front", "imageId": {"file": "a.gif"}}],
    }
    wanted = Wanted(Resource(Address("Card", "x"), spec), KIND, dict(spec), {})
    if live is not None:
        wanted.live = LiveObject(KIND, "1", live, dict(live), whole=True)
    client = _Client(answers or {})
    project = SimpleNamespace(root=folder, folder_of=lambda _address, _path: folder)
    handles = Handles(client, project, known or {}, resend)  # type: ignore[arg-type]
    asyncio.run(handles.place(wanted))
    return wanted, handles, client


def _image(wanted: Wanted) -> Any:
    return wanted.raw["sides"][1]["imageId"]


LIVE = {"sides": [{"side": "front", "imageId": "H1", "imageUrl": "u1"}, {"side": "back"}]}


def test_a_new_file_waits_for_its_upload(tmp_path: Path) -> None:
    wanted, _, client = _placed(tmp_path, None)
    assert isinstance(_image(wanted), Upload)
    assert wanted.canon["sides"][1]["imageId"] == _image(wanted)
    assert wanted.sources["sides", 1, "imageId"].startswith("file a.gif (sha256 ")
    assert client.asked == []


def test_the_state_knows_the_handle(tmp_path: Path) -> None:
    wanted, _, client = _placed(tmp_path, LIVE, known={hash_of(NEW): "H1"})
    assert (_image(wanted), client.asked) == ("H1", [])


def test_an_equal_content_in_the_org_needs_no_upload(tmp_path: Path) -> None:
    wanted, handles, client = _placed(tmp_path, LIVE, {"u1": NEW})
    assert (_image(wanted), client.asked) == ("H1", ["u1"])
    assert handles.learned == {hash_of(NEW): "H1"}
    assert wanted.warnings == []


def test_another_content_in_the_org_does(tmp_path: Path) -> None:
    wanted, handles, _ = _placed(tmp_path, LIVE, {"u1": OLD})
    assert isinstance(_image(wanted), Upload)
    assert handles.learned == {}


def test_what_can_not_be_read_counts_as_equal_with_a_warning(tmp_path: Path) -> None:
    wanted, handles, _ = _placed(tmp_path, LIVE, {"u1": NotFound("the link has expired")})
    assert _image(wanted) == "H1"
    (warning,) = wanted.warnings
    assert "a.gif" in warning
    assert "the link has expired" in warning
    assert handles.learned == {}


def test_without_a_link_nothing_can_be_known(tmp_path: Path) -> None:
    live = {"sides": [{"side": "front", "imageId": "H1"}]}
    wanted, _, client = _placed(tmp_path, live)
    assert (_image(wanted), client.asked) == ("H1", [])
    assert "no link" in wanted.warnings[0]


def test_a_known_handle_stays_where_the_live_one_can_not_be_read(tmp_path: Path) -> None:
    answers = {"u1": NotFound("the link has expired")}
    wanted, _, _ = _placed(tmp_path, LIVE, answers, known={hash_of(NEW): "H7"})
    assert (_image(wanted), wanted.warnings) == ("H7", [])


def test_an_equal_content_under_another_handle_is_no_drift(tmp_path: Path) -> None:
    wanted, _, _ = _placed(tmp_path, LIVE, {"u1": NEW}, known={hash_of(NEW): "H7"})
    assert _image(wanted) == "H1"


def test_resend_uploads_whatever_is_known(tmp_path: Path) -> None:
    wanted, _, client = _placed(
        tmp_path, LIVE, {"u1": NEW}, known={hash_of(NEW): "H1"}, resend=("Card/*",)
    )
    assert isinstance(_image(wanted), Upload)
    assert client.asked == []


def test_an_item_that_the_org_lacks_needs_the_upload(tmp_path: Path) -> None:
    wanted, _, client = _placed(tmp_path, {"sides": [{"side": "back"}]})
    assert isinstance(_image(wanted), Upload)
    assert client.asked == []
