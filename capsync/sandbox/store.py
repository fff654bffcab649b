"""Documents on SQLite: what the sandbox org holds, and the sequences that number it."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

Json = Any

_TABLES = """
create table if not exists documents(
    collection text not null, id text not null, place integer not null, body blob not null,
    born real not null, primary key (collection, id));
create index if not exists by_place on documents(collection, place, born);
create table if not exists sequences(name text primary key, value integer not null);
"""


_MOST = 2**62  # numbers beyond it do not fit into a column


class Store:
    """Named collections of JSON documents, each found by id, listed oldest first.

    Documents are plain data: what `get` and `all` return may be changed freely and takes effect
    with `put`. Calls inside `transaction()` are kept together or not at all.

    `now` is the time that new documents get. What was made after `horizon` is left out of
    `all`, `page` and `count`: lists of the remote service may lag behind its writes.
    """

    def __init__(self, path: str | Path = ":memory:") -> None:
        self._db = sqlite3.connect(str(path), isolation_level=None, check_same_thread=False)
        self._db.executescript(_TABLES)
        # Rehearsal data: an operating-system crash may lose the last writes, never corrupt.
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = off")
        self.now = 0.0
        self.horizon = math.inf

    def close(self) -> None:
        """Release the database file."""
        self._db.close()

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[None]:
        """Keep every write of the block, or none where it raises."""
        self._db.execute("begin immediate" if write else "begin")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def next(self, sequence: str, start: int = 1) -> int:
        """The next number of a sequence: `start` at first, then one more each time."""
        row = self._db.execute(
            "insert into sequences values(?, ?) on conflict(name) do update set value = value + 1"
            " returning value",
            (sequence, start),
        ).fetchone()
        return int(row[0])

    def put(self, collection: str, id: str | int, document: Json) -> None:
        """Store a document; one with the same id is replaced and keeps its place in the list."""
        self._db.execute(
            "insert into documents values(?1, ?2,"
            " (select coalesce(max(place), 0) + 1 from documents where collection = ?1), ?3, ?4)"
            " on conflict(collection, id) do update set body = excluded.body",
            (collection, str(id), orjson.dumps(document), self.now),
        )

    def get(self, collection: str, id: str | int) -> Json | None:
        """The document with that id, or None."""
        row = self._db.execute(
            "select body from documents where collection = ? and id = ?", (collection, str(id))
        ).fetchone()
        return orjson.loads(row[0]) if row else None

    def all(self, collection: str) -> list[Json]:
        """Every document of a collection, oldest first."""
        rows = self._db.execute(
            "select body from documents where collection = ? and born <= ? order by place",
            (collection, self.horizon),
        )
        return [orjson.loads(row[0]) for row in rows]

    def page(
        self, collection: str, offset: int, limit: int, *, newest_first: bool = False
    ) -> list[Json]:
        """At most `limit` documents after the first `offset` of them, oldest first by default."""
        order = "desc" if newest_first else "asc"
        rows = self._db.execute(
            "select body from documents where collection = ? and born <= ?"
            f" order by place {order} limit ? offset ?",
            (collection, self.horizon, min(limit, _MOST), min(offset, _MOST)),
        )
        return [orjson.loads(row[0]) for row in rows]

    def matching(
        self, collection: str, member: str, value: bool, offset: int, limit: int
    ) -> tuple[list[Json], int]:
        """A page of the documents whose top-level flag has that value, oldest first, and how many
        there are in all."""
        condition = (
            "from documents where collection = ? and born <= ?"
            " and json_extract(cast(body as text), ?) is ?"
        )
        keys = (collection, self.horizon, f"$.{member}", int(value))
        rows = self._db.execute(
            f"select body {condition} order by place limit ? offset ?",
            (*keys, min(limit, _MOST), min(offset, _MOST)),
        ).fetchall()
        total = self._db.execute(f"select count(*) {condition}", keys).fetchone()[0]
        return [orjson.loads(row[0]) for row in rows], int(total)

    def touch(self, collection: str, id: str | int) -> None:
        """Move a document to the end of its list, as the newest."""
        self._db.execute(
            "update documents set place ="
            " (select max(place) + 1 from documents where collection = ?1)"
            " where collection = ?1 and id = ?2",
            (collection, str(id)),
        )

    def count(self, collection: str) -> int:
        """How many documents a collection holds."""
        row = self._db.execute(
            "select count(*) from documents where collection = ? and born <= ?",
            (collection, self.horizon),
        ).fetchone()
        return int(row[0])

    def delete(self, collection: str, id: str | int) -> None:
        """Forget a document; unknown ids are fine."""
        self._db.execute(
            "delete from documents where collection = ? and id = ?", (collection, str(id))
        )

    def clear(self) -> None:
        """Forget everything, sequences included."""
        self._db.execute("delete from documents")
        self._db.execute("delete from sequences")
