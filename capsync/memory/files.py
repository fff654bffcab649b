"""Files that survive a crash: written whole or not at all, locked by one process at a time."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from capsync.errors import CapsyncError

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: nothing excludes a second process there
    fcntl = None  # type: ignore[assignment]


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place, flush it, and move it there. Raises CapsyncError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        flush_folder(path.parent)
    except OSError as error:
        raise CapsyncError(f"{path} can not be written: {error.strerror}") from error


def flush_folder(folder: Path) -> None:
    """Put the names in a folder on disk: a new file may be lost with its folder otherwise."""
    if os.name == "nt":  # pragma: no cover - folders can not be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def try_lock(handle: int, *, shared: bool = False) -> bool:
    """Whether the lock of an open file was had. It goes with the process that holds it. Raises
    OSError where the file system has no locks."""
    if fcntl is None:  # pragma: no cover
        return True
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
