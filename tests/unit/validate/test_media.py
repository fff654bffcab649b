from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.validate.support import found, medal

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20
JPEG = b"\xff\xd8\xff" + b"x" * 20


def problems(root: Path, name: str, content: bytes | None, written: str | None = None) -> list[str]:
    if content is not None:
        file = root / "manifests" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return found(root, medal("a", f'image: {{file: "{written or name}"}}'))


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.png", PNG), ("images/b.jpg", JPEG), ("c.jpeg", JPEG), ("no-suffix", PNG)],
)
def test_files_that_the_api_takes(tmp_path: Path, name: str, content: bytes) -> None:
    assert problems(tmp_path, name, content) == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.png", None, "there is no file a.png (the path is relative to the manifest)"),
        ("a.png", PNG * 9, f"a.png has {len(PNG) * 9} bytes, at most 100 are taken"),
        ("a.png", b"", "a.png is empty"),
        ("a.gif", b"GIF89a...", "a.gif is image/gif (allowed: image/png, jpg)"),
        ("a.png", b"%PDF-1.7", "a.png is application/pdf (allowed: image/png, jpg)"),
        ("a.png", b"RIFFxxxxWEBPyyyy", "a.png is image/webp (allowed: image/png, jpg)"),
        ("a.txt", b"hello", "a.txt is text/plain (allowed: image/png, jpg)"),
        ("a", b"hello", "a is of an unknown type (allowed: image/png, jpg)"),
    ],
)
def test_files_that_it_does_not(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    assert problems(tmp_path, name, content) == [f"4:56: image.file: {message}"]


@pytest.mark.parametrize("written", ["../../outside.png", "/etc/hostname", "link.png"])
def test_files_outside_of_the_project_are_refused(tmp_path: Path, written: str) -> None:
    project = tmp_path / "project"
    (project / "manifests").mkdir(parents=True)
    (tmp_path / "outside.png").write_bytes(PNG)
    (project / "manifests" / "link.png").symlink_to(tmp_path / "outside.png")
    assert found(project, medal("a", f'image: {{file: "{written}"}}')) == [
        f"4:56: image.file: {written} is outside of the project"
    ]


def test_the_path_starts_at_the_file_that_names_it(tmp_path: Path) -> None:
    overlay = "kind: Medal\nmetadata: {name: a}\nspec: {image: {file: b.png}}\n"
    (tmp_path / "overlays" / "uat").mkdir(parents=True)
    (tmp_path / "overlays" / "uat" / "b.png").write_bytes(PNG)
    files = {"overlays/uat/o.yaml": overlay}
    assert found(tmp_path, medal("a"), files=files, environment="uat") == []


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "manifests" / "a.png").mkdir(parents=True)
    (problem,) = problems(tmp_path, "a.png", None)
    assert "there is no file a.png" in problem


def test_a_handle_is_taken_as_it_is(tmp_path: Path) -> None:
    assert found(tmp_path, medal("a", "image: 6a01-handle")) == []
