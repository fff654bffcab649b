"""The journal: what is about to be sent and what became of it, one file a run, append-only.

An intent is on disk, flushed, before its write leaves; so after a crash the next run knows what may
have happened. Lines are JSON: a head (`{"format", "run", "environment", "org_id", "serial", "salt",
"at"}`); an intent (`{"n", "at", "address", "summary", "method", "path", "key", "payload",
"creates"}`) and its outcome (`{"n", "status", "id", "request_id", "message"}`); what the state is
to remember (`{"settled", "entry", "at"}`, `{"uploaded", "handle"}`); `{"end": true}` when the run
ended in order. No body is ever in it, only the digest of one.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from capsync import jsonio
from capsync.errors import CapsyncError
from capsync.memory.files import flush_folder, try_lock
from capsync.memory.state import Remembered, remembered_json

Json = Any

FORMAT = "capsync.journal/1"


def new_run(now: float) -> str:
    """A name for a run: its UTC time and a random part, so that names sort by time."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S") + "-" + os.urandom(3).hex()


class Journal:
    """Appends to one run's file. Writes that leave together share one flush.

    `head` is what the first line says of the run, `clock` gives seconds since the epoch. Nothing is
    made before a line is needed; while the file is open, others see that its run is under way.
    """

    def __init__(
        self,
        folder: Path,
        run: str,
        head: Mapping[str, Json] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.run, self.path, self._clock = run, folder / f"{run}.jsonl", clock
        self._head = {"format": FORMAT, "run": run, **(head or {})}
        self._handle: int | None = None
        self._number = 0
        self._is_torn = False
        self._written = self._on_disk = 0  # lines
        self._flushing: asyncio.Future[None] | None = None

    async def intent(self, **what: str | bool) -> int:
        """Put an intent on disk; returns its number once it is flushed. Raises CapsyncError where
        the disk does not take it: then nothing may be sent."""
        self._number += 1
        number = self._number
        self._append({"n": number, "at": self._now(), **{k: v for k, v in what.items() if v}})
        try:
            await self._flushed()
        except asyncio.CancelledError:
            with suppress(CapsyncError):
                self.outcome(number, "not sent", message="interrupted")
            raise
        return number

    def outcome(self, number: int, status: str, **what: str | None) -> None:
        """What became of an intent. Raises CapsyncError."""
        self._append({"n": number, "status": status, **{k: v for k, v in what.items() if v}})

    def settled(self, address: str, entry: Remembered | None) -> None:
        """What the state is to remember of an address, None: nothing any more."""
        kept = remembered_json(entry) if entry else None
        self._append({"settled": address, "entry": kept, "at": self._now()})

    def uploaded(self, sha256: str, handle: str) -> None:
        """A file's content is in the org, under that handle."""
        self._append({"uploaded": sha256, "handle": handle})

    def end(self) -> None:
        """The run ended in order: everything that matters is in the state. Raises CapsyncError."""
        if self._handle is not None:
            self._append({"end": True})

    def close(self) -> None:
        """Let go of the file; without `end` before, the next run takes the run for cut off."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _append(self, line: Mapping[str, Json]) -> None:
        try:
            if self._handle is None:
                self._open()
            self._write(line)
        except OSError as error:
            raise self._unwritable(error) from error

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._handle = os.open(self.path, flags, 0o600)
        with suppress(OSError):  # a file system without locks: then nobody sees that it runs
            try_lock(self._handle)
        flush_folder(self.path.parent)
        self._write({**self._head, "at": self._now()})

    def _write(self, line: Mapping[str, Json]) -> None:
        assert self._handle is not None
        # A line that the disk took in part only must not spoil the next one.
        data = (b"\n" if self._is_torn else b"") + jsonio.dumps(line) + b"\n"
        self._is_torn = True
        if os.write(self._handle, data) < len(data):
            raise OSError(None, "the disk is full")
        self._is_torn = False
        self._written += 1

    async def _flushed(self) -> None:
        """Wait until all that was appended so far is on disk."""
        mine = self._written
        while self._on_disk < mine:
            if self._flushing is None:
                self._flushing = asyncio.ensure_future(self._flush())
            # Whoever waits may be cancelled; the flush serves the others.
            await asyncio.shield(self._flushing)

    async def _flush(self) -> None:
        assert self._handle is not None
        upto = self._written
        try:
            await asyncio.to_thread(os.fsync, self._handle)
            self._on_disk = upto
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            self._flushing = None

    def _now(self) -> str:
        return instant_text(self._clock())

    def _unwritable(self, error: OSError) -> CapsyncError:
        return CapsyncError(
            f"{self.path} can not be written: {error.strerror}",
            hint="nothing is sent that is not on record first",
        )


def instant_text(now: float) -> str:
    """A time in seconds since the epoch as ISO 8601 in UTC."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
