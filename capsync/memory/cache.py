"""Details read before, kept while the list says that the object has not changed since.

A row's last-updated stamp decides. It is trusted only if it is some seconds older than the read
that is kept, since two changes within one tick of the stamp look alike. The file is never needed:
whatever is wrong with it, the object is read again. Each detail has a keyed checksum, so that only
what was kept for the same org, account and state counts.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from capsync import jsonio

Json = Any

_Row = Sequence[Any]  # stamp, time of the read, body, checksum
_VERSION = 2
_AT_ONCE = 500  # details that are written in one go, so that they do not pile up in memory
_SLACK = 5.0  # seconds that a stamp must be older than the read
_TABLE = (
    "create table if not exists details(kind text, id text, stamp real, read_at real, body blob,"
    " checksum blob, primary key (kind, id)) without rowid"
)


class DetailCache:
    """Raw details by kind and id in a SQLite file. Times are epoch seconds of the service's clock.

    `key` is part of every checksum. Errors of the file make it empty, never a failure.
    """

    def __init__(self, path: Path, key: str = "") -> None:
        self._path = path
        self._key = hashlib.blake2b(key.encode(), digest_size=32).digest()
        self._db = self._opened()
        self._kept: dict[str, dict[str, _Row]] = {}  # of kinds that were asked for, by id
        self._fresh: dict[tuple[str, str], tuple[float, float, bytes]] = {}

    def _opened(self) -> sqlite3.Connection | None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return self._ready()
        except sqlite3.OperationalError:  # in use by another process, or no file can be there
            return None
        except (sqlite3.Error, OSError):
            return self._anew()

    def _anew(self) -> sqlite3.Connection | None:
        """An empty file in place of one that is damaged, None where that can not be."""
        try:
            self._path.unlink()
            return self._ready()
        except (sqlite3.Error, OSError):
            return None

    def _ready(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, timeout=1)
        try:
            if db.execute("pragma user_version").fetchone()[0] not in (0, _VERSION):
                db.execute("drop table if exists details")
            db.execute(_TABLE)
            db.execute(f"pragma user_version = {_VERSION}")
        except sqlite3.Error:
            db.close()
            raise
        return db

    def get(self, kind: str, id: str, stamp: float, row: Json) -> Json | None:
        """The detail as it was read, if nothing can have changed since; else None.

        What the row of the list shows must agree with it, and its checksum must hold.
        """
        if kind not in self._kept:
            self._kept[kind] = self._read(kind)
        found = self._kept[kind].get(id)
        if found is None or found[3] != self._checksum(kind, id, *found[:3]):
            return None
        kept, read_at, content, _ = found
        if kept != stamp or stamp > read_at - _SLACK:
            return None
        body = jsonio.loads(content)
        return body if _agrees(row, body) else None

    def _read(self, kind: str) -> dict[str, _Row]:
        """What is kept of a kind: one query takes a tenth of the time of one for each object."""
        if self._db is None:
            return {}
        query = "select id, stamp, read_at, body, checksum from details where kind = ?"
        try:
            rows = self._db.execute(query, (kind,)).fetchall()
        except sqlite3.OperationalError:
            return {}
        except sqlite3.Error:
            self._db.close()
            self._db = self._anew()
            return {}
        return {id: row for id, *row in rows if isinstance(row[2], bytes)}

    def put(self, kind: str, id: str, stamp: float, read_at: float, body: Json) -> None:
        """Keep a detail; the last ones are written to the file by `save`."""
        self._fresh[kind, id] = (stamp, read_at, jsonio.dumps(body))
        if len(self._fresh) >= _AT_ONCE:
            self._write()

    def save(self) -> None:
        """Write what was read anew, and close."""
        self._kept.clear()
        self._write()
        if self._db is not None:
            self._db.close()
            self._db = None

    def _write(self) -> None:
        fresh, self._fresh = self._fresh, {}
        if self._db is None:
            return
        rows = [
            (kind, id, stamp, read_at, body, self._checksum(kind, id, stamp, read_at, body))
            for (kind, id), (stamp, read_at, body) in fresh.items()
        ]
        with suppress(sqlite3.Error):
            self._db.execute("begin immediate")
            self._db.executemany("insert or replace into details values(?, ?, ?, ?, ?, ?)", rows)
            self._db.execute("commit")

    def _checksum(self, kind: str, id: str, stamp: float, read_at: float, body: bytes) -> bytes:
        text = f"{kind}\n{id}\n{stamp!r}\n{read_at!r}\n".encode()
        return hashlib.blake2b(text + body, digest_size=16, key=self._key).digest()


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
