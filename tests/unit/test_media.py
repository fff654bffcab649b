from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from capsync.media import MediaError, Upload, hash_of, media_type, read_media, uploads_in

PNG = b"\x89PNG\r\n\x1a\nrest"
NOTE: dict[str, Any] = {
    "types": ["image/png"],
    "max_bytes": 64,
    "upload": "/files/{name}",
    "handle": "file.handle",
    "url": "imageUrl",
}


def _file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_file_is_read_with_its_type_and_hash(tmp_path: Path) -> None:
    _file(tmp_path, "manifests/images/mug.png", PNG)
    media = read_media(tmp_path, tmp_path / "manifests", "images/mug.png", NOTE)
    assert (media.type, media.sha256, media.shown) == ("image/png", hash_of(PNG), "images/mug.png")
    assert media.content() == PNG
    assert str(media) == f"file images/mug.png (sha256 {hash_of(PNG)[:12]})"


def test_equal_names_of_other_contents_are_other_uploads(tmp_path: Path) -> None:
    _file(tmp_path, "a/My Mug (1).PNG", PNG)
    _file(tmp_path, "b/My Mug (1).PNG", PNG + b"!")
    one, other = (
        read_media(tmp_path, tmp_path, f"{folder}/My Mug (1).PNG", NOTE) for folder in "ab"
    )
    assert one.upload_path == f"/files/My-Mug-1-{one.sha256[:12]}.png"
    assert one.upload_path != other.upload_path
    assert Upload(one) != Upload(other)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("../secret.png", None, "../secret.png is outside of the project"),
        ("/etc/hostname", None, "/etc/hostname is outside of the project"),
        ("none.png", None, "there is no file none.png"),
        ("large.png", PNG * 9, "large.png has 108 bytes, at most 64 are taken"),
        ("empty.png", b"", "empty.png is empty"),
        ("page.png", b"<html>", "page.png is of an unknown type"),
        ("a.pdf", b"%PDF-1.7", "a.pdf is application/pdf"),
    ],
)
def test_files_that_are_not_taken(
    tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    _file(tmp_path, "secret.png", PNG)
    if content is not None:
        _file(root, name, content)
    with pytest.raises(MediaError) as caught:
        read_media(root, root, name, NOTE)
    assert caught.value.message == says
    assert caught.value.exit_code == 3


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "mug.png").symlink_to(_file(tmp_path, "secret.png", PNG))
    with pytest.raises(MediaError, match="outside of the project"):
        read_media(root, root, "mug.png", NOTE)


def test_a_content_that_changed_after_the_plan_is_not_sent(tmp_path: Path) -> None:
    path = _file(tmp_path, "mug.png", PNG)
    media = read_media(tmp_path, tmp_path, "mug.png", NOTE)
    path.write_bytes(PNG + b"!")
    with pytest.raises(MediaError, match="changed since the plan"):
        media.content()
    path.unlink()
    with pytest.raises(MediaError, match="can not be read"):
        media.content()


@pytest.mark.parametrize(
    ("name", "content", "type_"),
    [
        ("a.bin", b"GIF89a..", "image/gif"),
        ("a", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.txt", b"RIFFxxxxWEBPvp8", "image/webp"),
        ("a.jpeg", b"no jpeg", ""),
        ("terms.html", b"<p>", "text/html"),
        ("clip.mp4", b"\0\0\0 ftyp", "video/mp4"),
    ],
)
def test_types_by_content_before_names(
    tmp_path: Path, name: str, content: bytes, type_: str
) -> None:
    assert media_type(_file(tmp_path, name, content)) == type_


def test_uploads_of_a_value_are_told_once(tmp_path: Path) -> None:
    _file(tmp_path, "mug.png", PNG)
    upload = Upload(read_media(tmp_path, tmp_path, "mug.png", NOTE))
    value = {"a": [upload, {"b": upload}], "c": "text", "d": 1, "e": None}
    assert list(uploads_in(value)) == [hash_of(PNG)]
    assert uploads_in("text") == {}
