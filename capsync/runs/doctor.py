"""Checks that only read: credentials, org, brand, clock, and each kind in use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capsync.errors import AuthError, CapsyncError, Forbidden, PlanBlocked, Unreachable
from capsync.events import Reading, Reporter, silent
from capsync.kind import Kind

if TYPE_CHECKING:
    from capsync.session import Session

_CLOCK_SLACK = 120.0  # seconds: beyond it tokens and "in the past" rules go wrong


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: `ok`, what was seen, and what to do where it is not good; `exit_code` is that
    of what went wrong."""

    name: str
    ok: bool
    detail: str = ""
    hint: str = ""
    exit_code: int = 0


async def examine(session: Session, kinds: Iterable[Kind], on: Reporter = silent) -> list[Check]:
    """Every check, in an order in which the first bad one explains the rest."""
    checks = [await _tried("connection and credentials", lambda: _credentials(session))]
    if not checks[0].ok:
        return checks
    checks.append(await _tried("org", lambda: _org(session)))
    checks.append(await _tried("clock", lambda: _clock(session)))
    if not checks[1].ok:
        return checks
    for kind in kinds:
        checks.append(await _tried(kind.name, lambda kind=kind: _readable(session, kind)))  # type: ignore[misc]
        on(Reading(kind.name, 1))
    return checks


async def _tried(name: str, look: Callable[[], Awaitable[str]]) -> Check:
    try:
        return Check(name, True, await look())
    except CapsyncError as error:
        return Check(name, False, error.message, error.hint or _advice(error), error.exit_code)


def _advice(error: CapsyncError) -> str:
    if isinstance(error, AuthError):
        return "check auth in capsync.yaml and the variables that it names"
    if isinstance(error, Forbidden):
        return "give the access group read access (an edited group takes an hour to act)"
    return "check the endpoint" if isinstance(error, Unreachable) else ""


async def _credentials(session: Session) -> str:
    with suppress(PlanBlocked):  # another org: what the next check tells
        await session.org_id()
    return f"{session.environment.endpoint} answers"


async def _org(session: Session) -> str:
    found, expected = await session.org_id(), session.environment.org_id
    if expected is None and not session.environment.is_sandbox:
        return f"org {found}; set org_id: {found} in capsync.yaml, apply writes nothing without it"
    return f"org {found}"


async def _clock(session: Session) -> str:
    skew = (await session.client()).server_time_skew
    if skew is None:
        return "the service does not tell its time"
    if abs(skew) > _CLOCK_SLACK:
        raise CapsyncError(
            f"this machine is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the service",
            hint="correct the clock: rules about the past and the future go wrong",
        )
    return f"within {max(abs(skew), 1):.0f} s of the service"


async def _readable(session: Session, kind: Kind) -> str:
    reader = await session.reader([kind])
    objects = await reader.list(kind)
    return f"readable, {len(objects)} in the org"
