"""`capsync doctor`: is everything there that plan and apply need?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from capsync.cli.base import command as make_command
from capsync.cli.base import settings
from capsync.cli.running import emit, in_session, reporting

if TYPE_CHECKING:
    from capsync.runs.doctor import Check
    from capsync.session import Session


@make_command("doctor")
def command() -> int:
    """Check what plan and apply need, only reading: credentials, org, clock, and each
    kind that the manifests use (readable, feature on, admin user needed).

    Exits as plan would where a check fails: with 1 for credentials and the network, 3 for
    capsync.yaml, 4 for another org or brand. Each failure says what to do.
    """
    at = settings()

    async def work(session: Session) -> list[Check]:
        with reporting(at) as report:
            return await session.doctor(on=report)

    checks = in_session(at, work, is_new=True)
    from capsync.report.findings import checks_text

    emit(at, checks_text(checks, color=at.colors()))
    return next((check.exit_code for check in checks if not check.ok), 0)
