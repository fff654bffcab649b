"""Every failure that capsync reports on purpose; the class fixes the exit status.

CapsyncError                   1   anything that went wrong outside the manifests
├── ManifestError              3   manifests or capsync.yaml are wrong; nothing was sent
├── PlanBlocked                4   a guard said no; nothing was written
├── ApplyIncomplete            5   some changes landed, some did not
├── UsageError                64   wrong command line
├── Interrupted              130   stopped by Ctrl-C, after writes in flight were settled
└── ApiError                   1   the service refused, or could not be reached
    ├── AuthError                  credentials refused (401, or no token)
    ├── Forbidden                  403, or an admin user is demanded
    ├── NotFound                   404, or the family's own "unknown object"
    ├── RateLimited                429 until the retries were used up
    ├── Unreachable                never sent: refused, unknown host, TLS
    ├── Garbled                    an answer that is not what the API documents (HTML, cut JSON)
    └── Ambiguous                  a write was sent and its fate is unknown
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capsync.model import Problem


class CapsyncError(Exception):
    """A failure with a message for people: what is wrong, where, and what to do."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class ManifestError(CapsyncError):
    """Manifests or capsync.yaml are wrong: carries every problem of the run, in file order."""

    exit_code = 3

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PlanBlocked(CapsyncError):
    """A protected resource, an immutable field, a limit, a stale plan, the wrong org, a lock."""

    exit_code = 4


class ApplyIncomplete(CapsyncError):
    """Some changes landed and some did not; running apply again finishes the rest."""

    exit_code = 5


class UsageError(CapsyncError):
    """The command line asks for something that can not be done as written."""

    exit_code = 64


class Interrupted(CapsyncError):
    """Ctrl-C, after the writes in flight were settled and put on record."""

    exit_code = 130


class ApiError(CapsyncError):
    """The service refused a call or could not be reached.

    `codes` are the API's own error codes, where the answer carried some; `request_id` is its
    X-Cap-Requestid; `status` is the HTTP status, 0 where no answer came.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        method: str = "",
        path: str = "",
        status: int = 0,
        codes: tuple[str, ...] = (),
        request_id: str = "",
    ) -> None:
        where = f"{method} {path}: " if method else ""
        tail = f" (request {request_id})" if request_id and request_id not in message else ""
        super().__init__(f"{where}{message}{tail}", hint=hint)
        self.method, self.path, self.status = method, path, status
        self.codes, self.request_id = codes, request_id


class AuthError(ApiError):
    """The credentials were refused."""


class Forbidden(ApiError):
    """The credentials are good but may not do this (403; 91032: an admin user is demanded)."""


class NotFound(ApiError):
    """The object is not there."""


class RateLimited(ApiError):
    """Told to wait more often than the retries allow."""


class Unreachable(ApiError):
    """The call never left: refused, unknown host, TLS failure."""


class Garbled(ApiError):
    """The answer is not what the API documents: HTML, cut JSON, a missing member."""


class Ambiguous(ApiError):
    """A write was sent and its fate is unknown: time-out, reset, 5xx, an unreadable answer."""
