"""Whether to try a call again, and after how long: decided by what is known of the last try."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from capsync.api.dialect import Call
from capsync.api.outcome import Failure, Fate
from capsync.errors import Ambiguous, ApiError, Unreachable

_TRIES = 6
_WAITING_TRIES = 8  # told to wait: the limit is per minute, so the pauses must outlast one
_FIRST_TRIES = 3  # nothing ever came from there: a wrong host is told soon
_SPENT = 120.0  # seconds for one call, pauses and time in flight
_WAITING_SPENT = 300.0
_FIRST, _LONGEST = 1.0, 60.0


@dataclass(slots=True)
class Tries:
    """The tries of one call. `lost` is the first failed try that may have been carried out."""

    call: Call
    random: Callable[[], float]  # from 0 to 1
    count: int = 0
    spent: float = 0.0
    lost: Failure | None = None

    def pause(self, failure: Failure, *, reached: bool) -> float | None:
        """Seconds to wait before the next try; None where there should be none.

        `reached`: whether the service has ever answered.
        """
        self.count += 1
        if failure.fate is Fate.UNKNOWN and self.lost is None:
            self.lost = failure
        if failure.fate is Fate.SETTLED:
            return None
        if failure.fate is Fate.UNKNOWN and not self.call.may_repeat:
            return None
        if self.count >= self._most(failure, reached):
            return None
        pause = self._pause(failure)
        told = failure.error is not Unreachable and failure.fate is Fate.NOT_TAKEN
        if self.spent + pause > (_WAITING_SPENT if told else _SPENT):
            return None
        self.spent += pause
        return pause

    @staticmethod
    def _most(failure: Failure, reached: bool) -> int:
        if failure.fate is Fate.UNKNOWN:
            return _TRIES
        if failure.error is Unreachable:
            return _TRIES if reached else _FIRST_TRIES
        return _WAITING_TRIES

    def _pause(self, failure: Failure) -> float:
        """What the service said, plus a little, so that not everybody comes back at once; else
        twice as long as before, the second half of it by chance."""
        if failure.wait is not None:
            return failure.wait + self.random()
        longest = min(_FIRST * 2.0 ** (self.count - 1), _LONGEST)
        return float(longest * (0.5 + 0.5 * self.random()))

    def error(self, failure: Failure) -> ApiError:
        """What to raise after the last try."""
        message = failure.message
        if failure.fate is not Fate.SETTLED and self.count > 1:
            message += f" (tried {self.count} times)"
        return self.raised(
            failure.error(
                message,
                hint=failure.hint,
                method=self.call.method,
                path=self.call.path,
                status=failure.status,
                codes=failure.codes,
                request_id=failure.request_id,
            )
        )

    def raised(self, error: ApiError) -> ApiError:
        """The error itself; Ambiguous in its place for a write that may have landed, whatever came
        after the try that may have done it."""
        lost = self.lost
        if lost is None or self.call.is_read:
            return error
        again = f"; then: {error.message}" if self.count > 1 else ""
        return Ambiguous(
            f"{lost.message}; the write may have happened{again}",
            hint=lost.hint or "plan shows whether it did",
            method=self.call.method,
            path=self.call.path,
            status=error.status,
            codes=error.codes,
            request_id=error.request_id or lost.request_id,
        )
