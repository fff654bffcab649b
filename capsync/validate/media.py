"""Files that manifests name: there, inside the project, of a type and size that the API takes."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath

from capsync.model import Json, Path
from capsync.schema.explain import Complaint

_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"%PDF-": "application/pdf",
}


def check_file(
    root: FilePath, folder: FilePath, path: Path, file: str, note: Mapping[str, Json]
) -> Iterator[Complaint]:
    """What is wrong with the file that a media field names, relative to its manifest's folder."""
    target = (folder / file).resolve()
    at = (*path, "file")
    if not target.is_relative_to(root.resolve()):
        yield Complaint(at, f"{file} is outside of the project", rule="file")
    elif not target.is_file():
        hint = "the path is relative to the manifest"
        yield Complaint(at, f"there is no file {file}", hint, rule="file")
    else:
        yield from _check_content(target, at, file, note)


def _check_content(
    target: FilePath, at: Path, file: str, note: Mapping[str, Json]
) -> Iterator[Complaint]:
    size, largest = target.stat().st_size, note["max_bytes"]
    if size > largest:
        yield Complaint(at, f"{file} has {size} bytes, at most {largest} are taken", rule="file")
    if size == 0:
        yield Complaint(at, f"{file} is empty", rule="file")
    type_ = media_type(target)
    if note["types"] and type_ not in {_as_type(each) for each in note["types"]}:
        hint = f"allowed: {', '.join(note['types'])}"
        yield Complaint(at, f"{file} is {type_ or 'of an unknown type'}", hint, rule="file")


def media_type(file: FilePath) -> str:
    """The type by the first bytes, where they tell, else by the name; "" where neither does."""
    with file.open("rb") as stream:
        head = stream.read(16)
    for magic, type_ in _MAGIC.items():
        if head.startswith(magic):
            return type_
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return mimetypes.guess_type(file.name)[0] or ""


def _as_type(written: str) -> str:
    """A type as kinds write it: `image/png`, `png` or `.png`."""
    if "/" in written:
        return "image/jpeg" if written == "image/jpg" else written
    return mimetypes.guess_type(f"file.{written.lstrip('.')}")[0] or written
