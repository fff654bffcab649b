"""Details read before, kept while the list says that the object has not changed since.

A row's last-updated stamp decides. It is trusted only if it is some seconds older than the read
that is kept, since two changes within one tick of the stamp look alike. The file is never needed:
whatever is wrong with it, the object is read again.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from capsync import jsonio

Json = Any

_VERSION = 1
_SLACK = 5.0  # seconds that a stamp must be older than the read
_TABLE = (
    "create table if not exists details(kind text, id text, stamp real, read_at real, body blob,"
    " checksum blob, primary key (kind, id)) without rowid"
)


class DetailCache:
    """Raw details by kind and id in a SQLite file. Times are epoch seconds of the service's clock.

    Errors of the file make it empty, never a failure.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = self._opened()
        self._fresh: dict[tuple[str, str], tuple[float, float, bytes]] = {}

    def _opened(self) -> sqlite3.Connection | None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return self._ready()
        except (sqlite3.Error, OSError):
            with suppress(OSError):
                self._path.unlink()
        try:
            return self._ready()
        except (sqlite3.Error, OSError):
            return None

    def _ready(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, timeout=1)
        if db.execute("pragma user_version").fetchone()[0] not in (0, _VERSION):
            db.execute("drop table if exists details")
        db.execute(_TABLE)
        db.execute(f"pragma user_version = {_VERSION}")
        return db

    def get(self, kind: str, id: str, stamp: float, row: Json) -> Json | None:
        """The detail as it was read, if nothing can have changed since; else None.

        What the row of the list shows must agree with it, and its checksum must hold.
        """
        if self._db is None:
            return None
        try:
            found = self._db.execute(
                "select stamp, read_at, body, checksum from details where kind = ? and id = ?",
                (kind, id),
            ).fetchone()
        except sqlite3.Error:
            return None
        if found is None or found[0] != stamp or stamp > found[1] - _SLACK:
            return None
        if found[3] != _checksum(kind, id, *found[:3]):
            return None
        body = jsonio.loads(found[2])
        return body if _agrees(row, body) else None

    def put(self, kind: str, id: str, stamp: float, read_at: float, body: Json) -> None:
        """Keep a detail; it is written to the file with the others by `save`."""
        self._fresh[kind, id] = (stamp, read_at, jsonio.dumps(body))

    def save(self) -> None:
        """Write what was read anew, and close."""
        if self._db is None:
            return
        rows = [
            (kind, id, stamp, read_at, body, _checksum(kind, id, stamp, read_at, body))
            for (kind, id), (stamp, read_at, body) in self._fresh.items()
        ]
        with suppress(sqlite3.Error):
            self._db.execute("begin immediate")
            self._db.executemany("insert or replace into details values(?, ?, ?, ?, ?, ?)", rows)
            self._db.execute("commit")
        self._fresh.clear()
        self._db.close()
        self._db = None


def _checksum(kind: str, id: str, stamp: float, read_at: float, body: bytes) -> bytes:
    text = f"{kind}\n{id}\n{stamp!r}\n{read_at!r}\n".encode()
    return hashlib.blake2b(text + bytes(body), digest_size=16).digest()


def _agrees(row: Json, body: Json) -> bool:
    """Whether every value that both the row and the kept detail show is the same, inside objects
    and lists too: not every change moves the stamp (claims of badges are not said to)."""
    if isinstance(row, Mapping):
        return isinstance(body, Mapping) and all(
            _agrees(value, body[name])
            for name, value in row.items()
            if value is not None and name in body
        )
    if isinstance(row, list):
        return isinstance(body, list) and len(row) == len(body) and all(map(_agrees, row, body))
    return bool(row == body)
