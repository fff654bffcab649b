"""`capsync undo`: the way back of an earlier apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from capsync.cli.apply import carry_out, require_consent, warn_of_lock
from capsync.cli.base import command as make_command
from capsync.cli.base import format_option, settings
from capsync.cli.plan import exit_code, shown
from capsync.cli.running import emit, in_session, reporting

if TYPE_CHECKING:
    from capsync.model import Plan
    from capsync.session import Session


@make_command("undo")
@click.argument("run")
@click.option("--apply", "apply_it", is_flag=True, help="Carry the plan out; asks before.")
@click.option("--yes", is_flag=True, help="With --apply: do not ask.")
@format_option("text", "json", help="How the plan, or with --apply the outcome, is printed.")
def command(run: str, apply_it: bool, yes: bool, form: str) -> int:
    """Plan the way back of an earlier apply, from the objects that it kept in
    .capsync/history/.

    RUN is what that apply printed last. What can not be restored is told: objects that
    the run created, one-way changes, secrets, fields that the API does not return.
    """
    at = settings()
    if apply_it:
        require_consent(at, yes=yes)

    async def planned(session: Session) -> Plan:
        with reporting(at) as report:
            undo = await session.undo(run, on=report)
        for text in undo.left_as_is:
            _tell_left(text)
        return undo.plan

    async def work(session: Session) -> int:
        if apply_it:
            async with session.locked():
                warn_of_lock(session)
                plan = await planned(session)
                return await carry_out(session, at, plan, yes=yes, form=form)
        plan = await planned(session)
        emit(at, shown(plan, form, at))
        return exit_code(plan, detailed=False)

    return in_session(at, work)


def _tell_left(text: str) -> None:
    from capsync.report.values import visible

    click.echo(f"Not restored: {visible(text)}", err=True)
