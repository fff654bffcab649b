"""Files that manifests name: there, inside the project, of a type and size that the API takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath

from capsync.media import faults
from capsync.model import Json, Path
from capsync.schema.explain import Complaint


def check_file(
    root: FilePath, folder: FilePath, path: Path, file: str, note: Mapping[str, Json]
) -> Iterator[Complaint]:
    """What is wrong with the file that a media field names, relative to its manifest's folder."""
    for message, hint in faults(root, folder, file, note):
        yield Complaint((*path, "file"), message, hint, rule="file")
