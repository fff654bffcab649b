"""When requests left, so that no minute holds too many: in memory, shared through a file."""

from __future__ import annotations

import hashlib
import os
import time
from array import array
from bisect import bisect_right
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: limits are per process there
    fcntl = None  # type: ignore[assignment]

# A minute, and a second for what requests may gain or lose on each other under way.
WINDOW = 61.0
# The clock may be read before the lock is had, so another process's last entry may lie ahead.
# What lies further ahead was written before this machine was started.
_AHEAD = 5.0
_KEPT = 4096  # of sends that no limit held back: enough to tell the rate
_LOCK_TRIES, _LOCK_PAUSE = 40, 0.0005


def user_state_dir() -> Path:
    """Where this user's programs keep what is worth keeping but no configuration."""
    return Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "capsync"


def log_path(folder: Path, host: str, credential: str) -> Path:
    """The file that shares the sends of one account on one host; its name tells neither."""
    digest = hashlib.sha256(f"{host}\n{credential}".encode()).hexdigest()
    return folder / "sends" / digest[:32]


class SendLog:
    """Send times, in seconds of the machine-wide monotonic clock.

    With a path they are shared with every process that uses the same file; where that can not be
    read, written or locked, this process counts alone.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._own = array("d")
        self._file = _opened(path) if path is not None and fcntl is not None else None

    @property
    def is_shared(self) -> bool:
        """Whether other processes see these sends."""
        return self._file is not None

    def claim(self, now: float, limit: int) -> float:
        """Record a send at `now` and return 0; or, where the last minute holds `limit` sends,
        record nothing and return the seconds until there is room."""
        file = self._file
        if file is None or not _locked(file):
            return self._claim(self._own, now, limit)
        try:
            times = _read(file)
            if (wait := self._claim(times, now, limit)) == 0.0:
                _write(file, times)
                self.note(now)
        except OSError:
            self.close()
            return self._claim(self._own, now, limit)
        else:
            return wait
        finally:
            if self._file is not None:
                _unlock(file)

    @staticmethod
    def _claim(times: array[float], now: float, limit: int) -> float:
        _keep_recent(times, now)
        if len(times) < limit:
            times.append(now)
            return 0.0
        return times[len(times) - limit] + WINDOW - now + 0.001

    def note(self, now: float) -> None:
        """Record a send of this process that needed no room."""
        self._own.append(now)
        if len(self._own) > 2 * _KEPT:
            _keep_recent(self._own, now)
            del self._own[:-_KEPT]

    def recent(self, now: float) -> list[float]:
        """This process's sends of the last minute, oldest first."""
        _keep_recent(self._own, now)
        return list(self._own)

    def close(self) -> None:
        """Release the file; this process counts alone from now on."""
        if self._file is not None:
            file, self._file = self._file, None
            os.close(file)


def _keep_recent(times: array[float], now: float) -> None:
    kept = sorted(times)
    first, last = bisect_right(kept, now - WINDOW), bisect_right(kept, now + _AHEAD)
    times[:] = array("d", kept[first:last])


def _opened(path: Path) -> int | None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None


def _locked(file: int) -> bool:
    """Whether the lock was had; others hold it for microseconds, unless they were stopped."""
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOCK_PAUSE)
        except OSError:
            return False
        else:
            return True
    return False


def _unlock(file: int) -> None:
    fcntl.flock(file, fcntl.LOCK_UN)


def _read(file: int) -> array[float]:
    data = os.pread(file, os.fstat(file).st_size, 0)
    times = array("d")
    times.frombytes(data[: len(data) // times.itemsize * times.itemsize])
    return times


def _write(file: int, times: array[float]) -> None:
    data = times.tobytes()
    os.pwrite(file, data, 0)
    os.ftruncate(file, len(data))
