"""Files that manifests name: whether the API takes them, what they hold, and their uploads."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from capsync.errors import CapsyncError
from capsync.values.normalise import Pending

Json = Any

_MAGIC = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"%PDF-": "application/pdf",
}
_SHOWN = 12  # characters of a hash that people are shown


class MediaError(CapsyncError):
    """A file that a manifest names can not be used."""

    exit_code = 3


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file as it was read: `shown` is its path as the manifest writes it, `note` the `x-media`
    note of the field."""

    path: Path
    shown: str
    type: str
    sha256: str
    note: Mapping[str, Json]

    def __str__(self) -> str:
        return f"file {self.shown} (sha256 {self.sha256[:_SHOWN]})"

    @property
    def upload_path(self) -> str:
        """Where its content goes, under a name of its own: an equal name is a new version of what
        others may use (api notes: rewards, file)."""
        stem = re.sub(r"[^A-Za-z0-9]+", "-", self.path.stem).strip("-")[:60] or "file"
        name = f"{stem}-{self.sha256[:_SHOWN]}{self.path.suffix.lower()}"
        return str(self.note["upload"]).replace("{name}", name)

    def content(self) -> bytes:
        """Its bytes; raises MediaError where they are not what was read before."""
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise MediaError(f"{self.shown} can not be read: {error.strerror}") from error
        if hash_of(data) != self.sha256:
            raise MediaError(f"{self.shown} was changed since the plan was made", hint="plan again")
        return data


class Upload(Pending):
    """Stands for the handle of a file that is to be uploaded; equal for equal content."""

    __slots__ = ("file",)

    def __init__(self, file: MediaFile) -> None:
        super().__init__(f"file:{file.sha256}", "handle")
        self.file = file


def uploads_in(value: Json) -> dict[str, MediaFile]:
    """The files that a value waits for, by the hash of their content."""
    if isinstance(value, Upload):
        return {value.file.sha256: value.file}
    inner = value.values() if isinstance(value, Mapping) else value
    if not isinstance(value, (Mapping, list)):
        return {}
    return {name: file for each in inner for name, file in uploads_in(each).items()}


def hash_of(data: bytes) -> str:
    """The SHA-256 of a content, in hex."""
    import hashlib  # loads OpenSSL, which most commands do without

    return hashlib.sha256(data).hexdigest()


def faults(
    root: Path, folder: Path, file: str, note: Mapping[str, Json]
) -> Iterator[tuple[str, str]]:
    """What is wrong with a file that a manifest in `folder` names, each as (message, hint)."""
    target = (folder / file).resolve()
    if not target.is_relative_to(root.resolve()):
        yield f"{file} is outside of the project", ""
    elif not target.is_file():
        yield f"there is no file {file}", "the path is relative to the manifest"
    else:
        yield from _content_faults(target, file, note)


def _content_faults(target: Path, file: str, note: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    size, largest = target.stat().st_size, note["max_bytes"]
    if size > largest:
        yield f"{file} has {size} bytes, at most {largest} are taken", ""
    if size == 0:
        yield f"{file} is empty", ""
        return
    type_ = media_type(target)
    if note["types"] and type_ not in {_as_type(each) for each in note["types"]}:
        yield f"{file} is {type_ or 'of an unknown type'}", f"allowed: {', '.join(note['types'])}"


def read_media(root: Path, folder: Path, file: str, note: Mapping[str, Json]) -> MediaFile:
    """The file that a manifest names; raises MediaError where it can not be used."""
    for message, hint in faults(root, folder, file, note):
        raise MediaError(message, hint=hint)
    target = (folder / file).resolve()
    try:
        data = target.read_bytes()
    except OSError as error:
        raise MediaError(f"{file} can not be read: {error.strerror}") from error
    return MediaFile(target, file, media_type(target), hash_of(data), note)


def media_type(file: Path) -> str:
    """The type by the first bytes, where they tell, else by the name; "" where neither does, or
    the name says something that the bytes are not."""
    with file.open("rb") as stream:
        head = stream.read(16)
    for magic, type_ in _MAGIC.items():
        if head.startswith(magic):
            return type_
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    named = mimetypes.guess_type(file.name)[0] or ""
    return "" if named in (*_MAGIC.values(), "image/webp") else named


def _as_type(written: str) -> str:
    """A type as kinds write it: `image/png`, `png` or `.png`."""
    if "/" in written:
        return "image/jpeg" if written == "image/jpg" else written
    return mimetypes.guess_type(f"file.{written.lstrip('.')}")[0] or written
