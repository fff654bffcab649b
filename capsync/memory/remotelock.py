"""A lock that several machines see: an object beside a remote state, with an expiry.

Its times are the service's: every machine corrects its own clock by the one of the org's host.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from capsync import jsonio
from capsync.errors import CapsyncError
from capsync.memory.lock import holder_text, locked_by
from capsync.memory.remote import Moved, RemoteObject, require_obstore

Json = Any

LIFE = 300.0
_RENEWALS = 5  # in one life
_SLACK = 5.0  # seconds by which two corrected clocks may differ


@dataclass(frozen=True, slots=True)
class Held:
    """What the lock object says. `until` is seconds since the epoch."""

    token: str
    holder: str
    until: float

    def encoded(self) -> bytes:
        """The object's content."""
        return jsonio.dumps({"token": self.token, "holder": self.holder, "until": self.until})


def _decoded(data: bytes) -> Held:
    """What an object says; one that can not be read holds for ever, so that people look at it."""
    try:
        body: Json = jsonio.loads(data)
        return Held(str(body["token"]), str(body["holder"]), float(body["until"]))
    except (ValueError, KeyError, TypeError):
        return Held("", "somebody (the lock is not readable)", float("inf"))


class RemoteLock:
    """The lock object of one state. `now` is the time in seconds, comparable between machines;
    `life` is how long the lock holds if its holder is heard of no more, in seconds."""

    def __init__(
        self, state_url: str, org_id: int, now: Callable[[], float], life: float = LIFE
    ) -> None:
        require_obstore(state_url)
        self._object = RemoteObject(f"{state_url}.lock")
        self._org_id, self._now, self._life = org_id, now, life
        self._token = secrets.token_hex(8)
        self._version = ""
        self._until = 0.0
        self._lost = ""
        self._renewing = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock, renewed from a thread of its own. Raises PlanBlocked where another has
        it, CapsyncError where the store can not be used."""
        self._acquire()
        stop = threading.Event()
        thread = threading.Thread(target=self._keep, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            self._release()

    def lost(self) -> str:
        """Why nothing more may be sent, "" where the lock is held: asked before every change."""
        if not self._lost and self._now() >= self._until:
            self._renew()  # the machine slept, or the store was out of reach
        return self._lost

    def _acquire(self) -> None:
        found = self._object.read()
        version = ""
        if found is not None:
            held, version = _decoded(found[0]), found[1]
            if held.until + _SLACK > self._now():
                raise locked_by(self._org_id, f"{held.holder} ({_until(held)})")
        try:
            self._put(version)
        except Moved:
            if lost := self._taken():
                raise locked_by(self._org_id, lost) from None

    def _put(self, version: str) -> None:
        until = self._now() + self._life
        self._version = self._object.write(
            Held(self._token, holder_text(), until).encoded(), version
        )
        self._until = until

    def _keep(self, stop: threading.Event) -> None:
        while not stop.wait(self._life / _RENEWALS):
            self._renew()

    def _renew(self) -> None:
        with self._renewing:
            if self._lost:
                return
            try:
                self._put(self._version)
            except Moved:
                if other := self._taken():
                    self._lost = f"the lock of the org is not held any more, but by {other}"
            except CapsyncError as error:
                if self._now() >= self._until:
                    self._lost = f"the lock can not be renewed: {error.message}"

    def _taken(self) -> str:
        """Who has the lock instead; "" where it is ours after all, the answer to it lost."""
        try:
            found = self._object.read()
        except CapsyncError as error:
            return f"somebody: {error.message}"
        if found is None:
            return "nobody any more"
        held = _decoded(found[0])
        if held.token != self._token:
            return f"{held.holder} ({_until(held)})"
        self._version, self._until = found[1], held.until
        return ""

    def _release(self) -> None:
        """Remove the lock if it is ours still; where the store is out of reach it expires."""
        try:
            found = self._object.read()
            if found and _decoded(found[0]).token == self._token:
                self._object.delete()
        except CapsyncError:
            return

    def holder(self) -> str:
        """Who has the lock now and until when, "" where nobody has."""
        found = self._object.read()
        if found is None or _decoded(found[0]).until + _SLACK <= self._now():
            return ""
        held = _decoded(found[0])
        return f"{held.holder} ({_until(held)})"

    def remove(self) -> None:
        """Remove the lock, whoever has it: the holder stops as soon as it notices."""
        self._object.delete()


def _until(held: Held) -> str:
    if held.until == float("inf"):
        return "until somebody removes it"
    at = datetime.fromtimestamp(held.until, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"until {at} unless renewed"
