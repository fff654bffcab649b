"""Where each value of a file stands; built only for files of which somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from capsync.model import Json, Path
from capsync.yamlio.reader import Entry, build


class Place(NamedTuple):
    """Line and column (from 1) of a value and of its key; equal where there is no key."""

    line: int
    column: int
    key_line: int
    key_column: int


class Places:
    """The places of the values of one text. What an alias or a merge key brings is where it is
    written."""

    def __init__(self, text: str) -> None:
        builder = build(text.removeprefix("\ufeff"), marks=True)
        assert builder.marks is not None
        self.documents = builder.documents
        self.marks = builder.marks

    def find(self, document: int, path: Path) -> tuple[Place, int]:
        """The place of a path, or of the nearest ancestor that is there; how many steps it has.

        Raises LookupError where the text has no such document.
        """
        entry = self.marks[0, document]
        value = self.documents[document]
        for depth, step in enumerate(path):
            if not isinstance(value, (dict, list)) or (id(value), step) not in self.marks:
                return _place(entry), depth
            entry = self.marks[id(value), step]
            value = value[step]  # type: ignore[index]  # the marks know that it is there
        return _place(entry), len(path)

    def walk(self, document: int) -> Iterator[tuple[Path, Place]]:
        """Every path of a document and its place."""
        yield (), _place(self.marks[0, document])
        yield from self._below((), self.documents[document])

    def _below(self, path: Path, value: Json) -> Iterator[tuple[Path, Place]]:
        for step, item in members(value):
            yield (*path, step), _place(self.marks[id(value), step])
            yield from self._below((*path, step), item)


def positions(text: str) -> dict[int, dict[Path, tuple[int, int]]]:
    """Line and column of every value, by document and path."""
    found = Places(text)
    return {
        number: {path: (place.line, place.column) for path, place in found.walk(number)}
        for number in range(len(found.documents))
    }


def members(value: Json) -> list[tuple[str | int, Json]]:
    """The keys or places of a container with their values; nothing for a scalar."""
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def _place(entry: Entry) -> Place:
    start, key = entry.start, entry.key or entry.start
    return Place(start.line + 1, start.column + 1, key.line + 1, key.column + 1)
