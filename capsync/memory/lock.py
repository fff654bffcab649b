"""One writer per org: a file lock in the user's state directory, named by host and org.

It lies outside the project, so that two checkouts exclude each other. The operating system drops
the lock with its process, so a crash leaves none behind.
"""

from __future__ import annotations

import fcntl
import getpass
import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from capsync.errors import CapsyncError, PlanBlocked


def state_directory() -> Path:
    """The user's directory for program state (XDG_STATE_HOME, else ~/.local/state)."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "capsync"


def lock_path(endpoint: str, org_id: int) -> Path:
    """The lock file of an org at a host."""
    name = hashlib.sha256(f"{endpoint}|{org_id}".encode()).hexdigest()[:24]
    return state_directory() / "locks" / f"{name}.lock"


@contextmanager
def org_lock(endpoint: str, org_id: int) -> Iterator[None]:
    """Hold the org's lock. Raises PlanBlocked, naming the holder, where another run has it."""
    path = lock_path(endpoint, org_id)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CapsyncError(f"the lock {path} can not be made: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(handle, 4096, 0).decode(errors="replace").strip() or "another run"
            raise PlanBlocked(
                f"org {org_id} is locked by {holder}",
                hint="wait for it to end; two applies at once would undo each other",
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, _holder().encode(), 0)
        yield
    finally:
        os.close(handle)


def _holder() -> str:
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}, process {os.getpid()}, since {at}"
