"""All that is remembered of one environment: state, journals, kept objects, and the lock."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from capsync.config import Environment
from capsync.errors import CapsyncError, ManifestError, PlanBlocked
from capsync.memory.journal import Journal, new_run
from capsync.memory.lock import break_lock, lock_holder, lock_path, org_lock
from capsync.memory.record import RunRecord
from capsync.memory.remote import SCHEMES, StateObject
from capsync.memory.remotelock import RemoteLock
from capsync.memory.state import Remembered, State
from capsync.memory.statefile import StateFile, StateMoved, StateStore
from capsync.memory.unfinished import (
    OpenIntent,
    Unfinished,
    put_away,
    put_away_ended,
    recall,
    unfinished_runs,
    write_open,
)
from capsync.model import Problem

Json = Any

_SAVES = 5  # where others save at the same time


class Memory:
    """What is remembered of one environment. `clock` is the time in seconds since the epoch.

    Nothing of it is needed: where it is lost, natural keys pair manifests with live objects.
    """

    def __init__(self, root: Path, environment: Environment, clock: Callable[[], float]) -> None:
        self._root, self._environment, self._clock = root, environment, clock
        self.folder = root / ".capsync"
        self.store = store_of(root, environment)
        self.journals = self._journals()
        self.history = self.folder / "history"
        self.unfinished: list[Unfinished] = []
        self._state: State | None = None
        self._version = ""
        self._saved_files: dict[str, str] = {}
        self._recalled: dict[str, Remembered | None] = {}
        self._remote_lock: RemoteLock | None = None
        self._is_locked = False

    def _journals(self) -> Path:
        """The folder of journals: beside the state where that is a file."""
        default = self.folder / f"{self._environment.name}.state.json"
        if isinstance(self.store, StateFile) and self.store.path != default:
            return self.store.path.with_name(f"{self.store.path.name}.journal")
        return self.folder / "journal" / self._environment.name

    def state(self, org_id: int | None = None) -> State:
        """The state as last saved, with what later runs had settled when they were cut off.

        Raises PlanBlocked where it is of another org, CapsyncError where it is not readable.
        """
        if self._state is None:
            self._state, self._version = self.store.load()
            self._saved_files = dict(self._state.files)
            self.unfinished = unfinished_runs(self.journals)
            for run in self.unfinished:
                self._recalled |= recall(self._state, run)
            self._state.unseen = self.made_earlier
        if None not in (org_id, self._state.org_id) and self._state.org_id != org_id:
            raise PlanBlocked(
                f"the state {self.store.shown} is of org {self._state.org_id}, this is {org_id}",
                hint="set state.url of the environment to another place, or move that one away",
            )
        return self._state

    def owned_kinds(self, org_id: int | None) -> set[str]:
        """The kinds of which capsync has made objects."""
        entries = self.state(org_id).entries
        return {address.partition("/")[0] for address, each in entries.items() if each.owned}

    @property
    def made_earlier(self) -> frozenset[str]:
        """The addresses that earlier runs may have created without living to see it."""
        return frozenset(each.address for each in self.open_intents() if each.creates)

    def open_intents(self) -> list[OpenIntent]:
        """The writes of earlier runs whose fate is not known."""
        return [intent for run in self.unfinished for intent in run.open_intents]

    def reload(self) -> bool:
        """Read again what others may have saved since; whether they have."""
        if self._state is None:
            self.state()
            return False
        runs = unfinished_runs(self.journals)
        is_same = self.store.load()[1] == self._version
        if is_same and [run.run for run in runs] == [run.run for run in self.unfinished]:
            return False
        self._state, self._recalled = None, {}
        self.state()
        return True

    @contextmanager
    def locked(self, org_id: int, skew: float) -> Iterator[bool]:
        """Hold the org's lock; gives whether the state was saved by others since it was read.

        `skew` is by how many seconds this machine's clock is ahead of the service's. Raises
        PlanBlocked where another run has the lock. Inside itself it does nothing.
        """
        if self._is_locked:
            yield False
            return
        with org_lock(self.lock_path(org_id), org_id):
            if isinstance(self.store, StateObject):
                self._remote_lock = self.remote_lock(org_id, skew)
                with self._remote_lock.held(), self._inside():
                    yield self.reload()
                self._remote_lock = None
            else:
                with self._inside():
                    yield self.reload()

    @contextmanager
    def _inside(self) -> Iterator[None]:
        self._is_locked = True
        try:
            yield
        finally:
            self._is_locked = False

    def lock_path(self, org_id: int) -> Path:
        """The lock file of the environment's org; the sandbox's org is its folder's own."""
        sandbox = str(self._root.resolve())
        name = sandbox if self._environment.is_sandbox else self._environment.endpoint
        return lock_path(name, org_id)

    def remote_lock(self, org_id: int, skew: float) -> RemoteLock:
        """The lock beside a remote state."""
        return RemoteLock(self.store.shown, org_id, lambda: self._clock() - skew)

    @property
    def lock_warning(self) -> str:
        """Why the lock may not be enough here: on CI machines no other one sees it."""
        environment = self._environment
        if not os.environ.get("CI") or environment.is_sandbox or self.store.is_shared:
            return ""
        return (
            f"nothing excludes an apply of {environment.name} from another machine at the same"
            " time: set state.url of the environment to s3://, gs:// or az://"
        )

    def lock_lost(self) -> str:
        """Why nothing more may be sent, "" where the lock is held."""
        return self._remote_lock.lost() if self._remote_lock is not None else ""

    def lock_holders(self, org_id: int, skew: float) -> list[str]:
        """Who holds a lock of the org now."""
        found = [lock_holder(self.lock_path(org_id))]
        if isinstance(self.store, StateObject):
            found.append(self.remote_lock(org_id, skew).holder())
        return [holder for holder in found if holder]

    def unlock(self, org_id: int) -> None:
        """Remove every lock of the org, whoever holds it."""
        break_lock(self.lock_path(org_id))
        if isinstance(self.store, StateObject):
            self.remote_lock(org_id, 0.0).remove()

    def begin(self, org_id: int) -> RunRecord:
        """The record of a new run. The org's lock is held."""
        state = self.state(org_id)
        run = new_run(self._clock())
        about = {"environment": self._environment.name, "org_id": org_id}
        head = {**about, "serial": state.serial, "salt": state.salt}
        return RunRecord(
            state,
            Journal(self.journals, run, head, self._clock),
            self.history,
            about,
            self._clock,
            self.made_earlier,
        )

    def finish(self, record: RunRecord, org_id: int, looked_at: Set[str]) -> str:
        """Save what a run has changed and end its journal; gives what could not be saved, "" where
        all was. `looked_at` are the addresses that the run compared with the org."""
        try:
            self._save({**self._recalled, **record.changed}, org_id)
            record.journal.end()
        except CapsyncError as error:
            return error.message
        finally:
            record.journal.close()
        put_away_ended(record.journal.path)
        for run in self.unfinished:
            left = [each for each in run.open_intents if each.address not in looked_at]
            if left:
                write_open(run, left)
            else:
                put_away(run)
        self.unfinished, self._recalled = [], {}
        return record.trouble

    def save(self, changed: dict[str, Remembered | None], org_id: int | None = None) -> None:
        """Save these entries, and what was recalled of runs that were cut off. Raises
        CapsyncError."""
        self._save({**self._recalled, **changed}, org_id)

    def _save(self, changed: dict[str, Remembered | None], org_id: int | None) -> None:
        state = self.state()
        if not changed and state.files == self._saved_files:
            return
        for _ in range(_SAVES):
            state.org_id = state.org_id or org_id
            state.serial += 1
            try:
                self._version = self.store.save(state, self._version)
            except StateMoved:
                state = self._merged(state, changed)
            else:
                self._state, self._saved_files = state, dict(state.files)
                return
        raise CapsyncError(f"{self.store.shown} is saved by others all the time")

    def _merged(self, mine: State, changed: dict[str, Remembered | None]) -> State:
        """The state as others saved it, with our changes on top."""
        theirs, self._version = self.store.load()
        if theirs.salt != mine.salt:
            changed = {
                address: entry.without_hidden() if entry else None
                for address, entry in changed.items()
            }
        theirs.take(changed)
        theirs.files |= mine.files
        return theirs

    def replace(self, state: State) -> None:
        """Put another state in place of the saved one. Raises CapsyncError."""
        _, version = self.store.load()
        self._version = self.store.save(state, version)
        self._state = state


def store_of(root: Path, environment: Environment) -> StateStore:
    """Where an environment's state is kept. Raises ManifestError for a URL that means nothing."""
    url = environment.state_url
    if url is None:
        return StateFile(root / ".capsync" / f"{environment.name}.state.json")
    parts = urlsplit(url)
    if parts.scheme in SCHEMES:
        return StateObject(url)
    if parts.scheme == "file" and not parts.netloc:
        return StateFile(root / url2pathname(parts.path))
    if not parts.scheme or len(parts.scheme) == 1:  # a drive of Windows
        return StateFile(root / url)
    problem = Problem(
        environment.where,
        f"{url} is no place for a state",
        f"environments.{environment.name}.state.url",
        "write a path, file://, s3://, gs:// or az://",
        rule="state-url",
    )
    raise ManifestError([problem])
