"""Faults on purpose: what goes wrong with which call of the sandbox."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Kind(StrEnum):
    """What goes wrong."""

    REFUSED = "refused"  # the connection closes before anything is read
    DROP_BEFORE = "drop_before"  # read, not processed, no answer
    DROP_AFTER = "drop_after"  # processed, no answer
    TIMEOUT_AFTER = "timeout_after"  # processed, the answer does not come in time
    STATUS_500 = "status_500"
    HTML_502 = "html_502"  # a gateway's HTML page
    STATUS_503 = "status_503"
    RATE_429 = "rate_429"
    AUTH_401 = "auth_401"  # as if the token had expired
    ERROR_IN_200 = "error_in_200"  # refused, in a body whose status is 200
    CUT_JSON = "cut_json"  # processed, the body ends in the middle
    LATE_504 = "late_504"  # a gateway gives up; the service goes on and is done some time later


_AFTER = frozenset({Kind.DROP_AFTER, Kind.TIMEOUT_AFTER, Kind.CUT_JSON})

# What a call survives without a change of credentials or of the request.
TRANSIENT: tuple[Kind, ...] = (
    Kind.REFUSED,
    Kind.DROP_BEFORE,
    Kind.DROP_AFTER,
    Kind.STATUS_500,
    Kind.HTML_502,
    Kind.STATUS_503,
    Kind.RATE_429,
    Kind.CUT_JSON,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong."""

    kind: Kind
    processed: bool = False  # the call takes effect all the same
    hang: float | None = None  # seconds until a connection without answer is given up
    retry_after: int | None = None  # seconds, as the header of a 429 or 503
    late: float = 20.0  # seconds until a call that a gateway gave up takes effect


class ConnectionDropped(Exception):
    """The app closes the connection without an answer; `fault` says at which point."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.kind.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Call:
    """One request as rules see it. `write` numbers the write calls from 0; reads have None."""

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    body: bytes = b""
    write: int | None = None


Rule = Callable[[Call], bool]

# Reads that are sent as POST, and calls about credentials: they change no configuration.
_READ_POSTS = ("/oauth/token/generate", "/brand/getAll", "/isValidName")


def is_write(method: str, path: str) -> bool:
    """Whether the call changes the org's configuration."""
    return method not in {"GET", "HEAD", "OPTIONS"} and not path.endswith(_READ_POSTS)


@dataclass(slots=True)
class _Armed:
    rule: Rule
    fault: Fault
    left: int | None


class Faults:
    """The rules of one sandbox; the first that fits a call decides, and is used up by it."""

    def __init__(self) -> None:
        self.writes = 0  # write calls so far
        self.list_lag = 0.0  # seconds until a new object shows up in lists
        self._armed: list[_Armed] = []

    def at(self, write: int, kind: Kind | str, *, times: int | None = 1, **how: object) -> None:
        """Fail the write call with that number (from 0, counted since start), `times` in a row."""
        self.when(
            lambda call: call.write is not None and call.write >= write, kind, times=times, **how
        )

    def next(self, kind: Kind | str, *, times: int | None = 1, **how: object) -> None:
        """Fail the next `times` calls of any sort."""
        self.when(lambda _: True, kind, times=times, **how)

    def when(self, rule: Rule, kind: Kind | str, *, times: int | None = 1, **how: object) -> None:
        """Fail calls that fit the rule, `times` of them; None is for ever."""
        kind = Kind(kind)
        fault = replace(Fault(kind, processed=kind in _AFTER), **how)  # type: ignore[arg-type]
        self._armed.append(_Armed(rule, fault, times))

    def at_random(
        self, rate: float, *, seed: int = 0, kinds: Sequence[Kind | str] = TRANSIENT
    ) -> None:
        """Fail that share of all calls, the same ones for the same seed."""
        dice = random.Random(seed)
        for share, kind in enumerate(kinds):
            # Each rule is asked only where those before it did not fit, so the odds grow.
            odds = (rate / len(kinds)) / (1 - rate * share / len(kinds))
            self.when(lambda _, odds=odds: dice.random() < odds, kind, times=None)  # type: ignore[misc]

    def clear(self) -> None:
        """Nothing goes wrong any more; the count of writes goes on."""
        self._armed.clear()
        self.list_lag = 0.0

    def number(self, method: str, path: str) -> int | None:
        """Count a call that arrived: its number among the writes, None for a read."""
        if not is_write(method, path):
            return None
        self.writes += 1
        return self.writes - 1

    def choose(self, call: Call) -> Fault | None:
        """What goes wrong with this call."""
        for armed in self._armed:
            if armed.rule(call):
                if armed.left is not None:
                    armed.left -= 1
                    if not armed.left:
                        self._armed.remove(armed)
                return armed.fault
        return None

    @property
    def armed(self) -> bool:
        """Whether any rule is left."""
        return bool(self._armed)
