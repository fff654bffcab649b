"""A file that values came from: tells their places without keeping its text in memory."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path as FilePath

from capsync.model import Path, Where
from capsync.yamlio.places import Places


class SourceFile:
    """One YAML file. `shown` is its path as messages show it."""

    def __init__(self, path: FilePath, shown: str) -> None:
        self.path, self.shown = path, shown

    @cached_property
    def _places(self) -> Places | None:
        try:
            return Places(self.path.read_text("utf-8-sig"))
        except (OSError, UnicodeDecodeError):  # gone or replaced since it was read
            return None

    def find(self, document: int, path: Path, *, at_key: bool = False) -> tuple[Where, int]:
        """The place of a path of a document or of its nearest ancestor, and how deep that is."""
        if self._places is None:
            return Where(self.shown), 0
        try:
            place, depth = self._places.find(document, path)
        except LookupError:
            return Where(self.shown), 0
        if at_key and depth == len(path):
            return Where(self.shown, place.key_line, place.key_column), depth
        return Where(self.shown, place.line, place.column), depth

    def where(self, document: int, path: Path, *, at_key: bool = False) -> Where:
        """The place of a path of a document, or of its nearest ancestor."""
        return self.find(document, path, at_key=at_key)[0]
