"""Finds the YAML files of folders, in an order that does not depend on the disk."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath

from capsync.model import Problem, Where
from capsync.yamlio.sourcefile import SourceFile

_SUFFIXES = (".yaml", ".yml")
_Identity = tuple[int, int]  # device and inode: the same however a link leads there


@dataclass(slots=True)
class Finder:
    """Walks folders below a project root. Problems are kept, the walk goes on.

    Links are followed, each folder and file is visited once, names that start with a dot are not.
    """

    root: FilePath
    problems: list[Problem]
    excluded: frozenset[_Identity] = frozenset()
    seen: set[_Identity] | None = None

    def files(self, folder: str, *, named_by: Where) -> Iterator[SourceFile]:
        """The YAML files at or below a path of capsync.yaml, which names it there."""
        self.seen = set() if self.seen is None else self.seen
        shown = posixpath.normpath(folder)
        path = self.root / folder
        if path.is_dir():
            yield from self._folder(str(path), "" if shown == "." else f"{shown}/")
        elif path.is_file():
            stat = path.stat()
            if self._is_new((stat.st_dev, stat.st_ino)):
                yield SourceFile(path, shown)
        else:
            message = f"there is no folder {folder}"
            self.problems.append(Problem(named_by, message, rule="no-folder"))

    def _folder(self, folder: str, shown: str) -> Iterator[SourceFile]:
        stat = FilePath(folder).stat()
        if not self._is_new((stat.st_dev, stat.st_ino)):
            return
        try:
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            self._unreadable(shown.rstrip("/"), error)
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if _is_folder(entry):
                yield from self._folder(entry.path, f"{shown}{entry.name}/")
            elif entry.name.endswith(_SUFFIXES) and self._is_wanted(entry, stat.st_dev, shown):
                yield SourceFile(FilePath(entry.path), shown + entry.name)

    def _is_wanted(self, entry: os.DirEntry[str], device: int, shown: str) -> bool:
        if not entry.is_symlink():  # the folder knows it without asking the file
            return self._is_new((device, entry.inode())) and entry.is_file()
        try:
            stat = entry.stat()
        except OSError as error:
            self._unreadable(shown + entry.name, error)
            return False
        return self._is_new((stat.st_dev, stat.st_ino)) and entry.is_file()

    def _is_new(self, identity: _Identity) -> bool:
        assert self.seen is not None
        if identity in self.seen or identity in self.excluded:
            return False
        self.seen.add(identity)
        return True

    def _unreadable(self, shown: str, error: OSError) -> None:
        message = f"can not be read: {error.strerror}"
        self.problems.append(Problem(Where(shown), message, rule="unreadable"))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself: reading it says so
        return False


def identities(root: FilePath, paths: Iterable[str]) -> frozenset[_Identity]:
    """What these paths of a project are on disk, those that are there."""
    found = (root / path for path in paths)
    stats = [path.stat() for path in found if path.exists()]
    return frozenset((stat.st_dev, stat.st_ino) for stat in stats)
