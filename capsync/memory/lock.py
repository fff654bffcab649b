"""One writer per org: a file lock in the user's state directory, named by host and org.

It lies outside the project, so that two checkouts exclude each other. The operating system drops
the lock with its process, so a crash leaves none behind.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from capsync.errors import CapsyncError, PlanBlocked
from capsync.memory.files import try_lock

_TRIES = 5  # a lock file that is removed while it is opened is opened anew


def state_directory() -> Path:
    """The user's directory for program state (XDG_STATE_HOME, else ~/.local/state)."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "capsync"


def lock_path(endpoint: str, org_id: int) -> Path:
    """The lock file of an org at a host."""
    name = hashlib.sha256(f"{endpoint}|{org_id}".encode()).hexdigest()[:24]
    return state_directory() / "locks" / f"{name}.lock"


def locked_by(org_id: int, holder: str) -> PlanBlocked:
    """The refusal of a run that meets another one's lock."""
    return PlanBlocked(
        f"org {org_id} is locked by {holder}",
        hint="wait for it to end; if nothing runs there any more, `capsync state unlock`",
    )


@contextmanager
def org_lock(path: Path, org_id: int) -> Iterator[None]:
    """Hold the org's lock. Raises PlanBlocked, naming the holder, where another run has it."""
    handle = _held(path, org_id)
    try:
        with suppress(OSError):  # on a full disk it holds all the same, but nobody sees whose it is
            os.ftruncate(handle, 0)
            os.pwrite(handle, holder_text().encode(), 0)
        yield
    finally:
        with suppress(OSError):
            os.ftruncate(handle, 0)
        os.close(handle)


def _held(path: Path, org_id: int) -> int:
    """The open lock file, locked, and still the one at its path."""
    for _ in range(_TRIES):
        handle = _opened(path)
        try:
            if not try_lock(handle):
                raise locked_by(org_id, _read(handle) or "another run")
            if _is_at(path, handle):
                return handle
        except OSError as error:
            os.close(handle)
            raise CapsyncError(f"{path} can not be locked: {error.strerror}") from error
        except PlanBlocked:
            os.close(handle)
            raise
        os.close(handle)
    raise locked_by(org_id, "another run")


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CapsyncError(
            f"the lock {path} can not be made: {error.strerror}",
            hint="XDG_STATE_HOME names another folder for it",
        ) from error


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _read(handle: int) -> str:
    return os.pread(handle, 4096, 0).decode(errors="replace").strip()


def lock_holder(path: Path) -> str:
    """Who holds the lock now, "" where nobody does. Raises CapsyncError."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise CapsyncError(f"the lock {path} can not be read: {error.strerror}") from error
    try:
        return "" if try_lock(handle) else _read(handle) or "another run"
    finally:
        os.close(handle)


def break_lock(path: Path) -> None:
    """Remove the lock, held or not: who holds it goes on, but no longer keeps others out."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise CapsyncError(f"the lock {path} can not be removed: {error.strerror}") from error


def holder_text() -> str:
    """This process in words: who, where, since when."""
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}, process {os.getpid()}, since {at}"
