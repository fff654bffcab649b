"""The journal: what is about to be sent and what became of it, one file a run, append-only.

An intent is on disk, flushed, before its write leaves; so after a crash the next run knows what may
have happened. Lines are JSON: `{"n", "at", "address", "summary", "method", "path", "key",
"payload"}` for an intent, `{"n", "status", ...}` for its outcome, `{"settled", "entry"}` for what
the state is to remember, `{"end": true}` when the run ended in order. No body is ever in it, only
the digest of one.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from capsync import jsonio
from capsync.errors import CapsyncError
from capsync.memory.state import Remembered

Json = Any


def new_run() -> str:
    """A name for a run: its UTC time and a random part, so that names sort by time."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S") + "-" + os.urandom(3).hex()


class Journal:
    """Appends to one run's file. Flushes of writes that leave together are shared."""

    def __init__(self, folder: Path, run: str) -> None:
        self.run, self.path = run, folder / f"{run}.jsonl"
        self._file: BinaryIO | None = None
        self._number = 0
        self._flushing: asyncio.Future[None] | None = None
        self._waiting: asyncio.Future[None] | None = None

    async def intent(self, **what: str) -> int:
        """Put an intent on disk; returns its number once it is flushed. Raises CapsyncError where
        the disk does not take it: then nothing may be sent."""
        self._number += 1
        number = self._number
        self._append({"n": number, "at": _now(), **what})
        await self._flushed()
        return number

    def outcome(self, number: int, status: str, **what: str | None) -> None:
        """What became of an intent."""
        self._append({"n": number, "status": status, **{k: v for k, v in what.items() if v}})

    def settled(self, address: str, entry: Remembered | None) -> None:
        """What the state is to remember of an address, None: nothing any more."""
        self._append({"settled": address, "entry": asdict(entry) if entry else None})

    def close(self) -> None:
        """The run ended in order: everything that matters is in the state."""
        if self._file is not None:
            self._append({"end": True})
            self._file.close()
            self._file = None

    def _append(self, line: Mapping[str, Json]) -> None:
        try:
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.path.open("ab", buffering=0)
            self._file.write(jsonio.dumps(line) + b"\n")
        except OSError as error:
            raise CapsyncError(
                f"{self.path} can not be written: {error.strerror}",
                hint="nothing is sent that is not on record first",
            ) from error

    async def _flushed(self) -> None:
        """Wait until all that was appended so far is on disk; one flush serves all who wait."""
        if self._flushing is not None:
            if self._waiting is None:
                self._waiting = asyncio.get_running_loop().create_future()
            waiting = self._waiting
            await self._flushing
            if waiting is self._waiting:
                self._waiting = None
                self._flushing = waiting
                await self._flush(waiting)
            else:
                await waiting
            return
        self._flushing = asyncio.get_running_loop().create_future()
        await self._flush(self._flushing)

    async def _flush(self, done: asyncio.Future[None]) -> None:
        assert self._file is not None
        try:
            await asyncio.to_thread(os.fsync, self._file.fileno())
        finally:
            if self._flushing is done:
                self._flushing = None
            if not done.done():
                done.set_result(None)


@dataclass(slots=True)
class Unfinished:
    """What a run that did not end in order left behind: entries for the state, open intents."""

    run: str
    path: Path
    entries: dict[str, Remembered | None] = field(default_factory=dict)
    open_intents: list[Mapping[str, Json]] = field(default_factory=list)


def unfinished_runs(folder: Path) -> Iterator[Unfinished]:
    """Every run of a journal folder that did not end in order, oldest first.

    A torn last line is what a crash leaves; it is passed over.
    """
    for path in sorted(folder.glob("*.jsonl")) if folder.is_dir() else ():
        lines = list(_lines(path))
        if any(line.get("end") for line in lines):
            continue
        found = Unfinished(path.stem, path)
        intents: dict[int, Mapping[str, Json]] = {}
        for line in lines:
            if "settled" in line:
                entry = line["entry"]
                found.entries[line["settled"]] = Remembered(**entry) if entry else None
            elif "status" in line:
                if line["status"] != "unknown":
                    intents.pop(line["n"], None)
            else:
                intents[line["n"]] = line
        found.open_intents = list(intents.values())
        yield found


def created_in(folder: Path, run: str) -> list[str]:
    """The addresses that a run created, in the order in which they were settled."""
    lines = list(_lines(folder / f"{run}.jsonl")) if (folder / f"{run}.jsonl").exists() else []
    created = {line["address"] for line in lines if line.get("summary") == "create"}
    return [line["settled"] for line in lines if line.get("settled") in created]


def _lines(path: Path) -> Iterator[Mapping[str, Json]]:
    for raw in path.read_bytes().splitlines():
        try:
            line = jsonio.loads(raw)
        except ValueError:
            continue
        if isinstance(line, Mapping):
            yield line


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
