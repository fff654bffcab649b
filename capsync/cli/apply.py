"""`capsync apply`: plan, ask, carry out."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capsync.cli.base import Settings, format_option, settings
from capsync.cli.base import command as make_command
from capsync.cli.plan import exit_code, shown
from capsync.cli.planning import plan_options, planning_options
from capsync.cli.running import emit, in_session, reporting
from capsync.errors import PlanBlocked, UsageError
from capsync.events import Planned

if TYPE_CHECKING:
    from capsync.applying.outcomes import ApplyReport
    from capsync.model import Plan
    from capsync.planning.options import PlanOptions
    from capsync.session import Session


Json = Any


@make_command("apply")
@click.argument(
    "planfile", type=click.Path(path_type=Path, dir_okay=False), required=False, default=None
)
@planning_options
@click.option("--yes", is_flag=True, help="Do not ask. Needed where there is no terminal.")
@format_option("text", "json", help="How the outcome is printed.")
def command(planfile: Path | None, yes: bool, form: str, **flags: Any) -> int:
    """Plan, show the plan, ask, and carry it out in order.

    With PLANFILE, a plan saved by `capsync plan --out`, exactly that plan is carried out:
    what is as wanted already is skipped, and where a planned field has moved since,
    nothing is written. The options of planning are then those of the saved plan.

    What depends on a failed change is skipped and the rest goes on; running apply
    again finishes it. Anything blocked blocks all of it: leave that out with --target.

    \b
    Examples:
      capsync apply
      capsync apply -e uat --yes
      capsync apply --target CouponSeries
      capsync plan --out reviewed.json && capsync apply reviewed.json
    """
    at = settings()
    require_consent(at, yes=yes)
    options = plan_options(flags)
    saved = _saved(at, planfile, options) if planfile else None
    return in_session(at, lambda session: _run(session, at, options, saved, yes=yes, form=form))


def _saved(at: Settings, planfile: Path, options: PlanOptions) -> Json:
    """The saved plan of a file."""
    from capsync.planning.options import PlanOptions
    from capsync.planning.saved import load_saved

    if options != PlanOptions():
        raise UsageError("a saved plan has its options in it", hint="leave the others out")
    return load_saved(at.directory / planfile)


async def _run(
    session: Session, at: Settings, options: PlanOptions, saved: Json, *, yes: bool, form: str
) -> int:
    if saved is not None:
        from capsync.planning.saved import refuse_other

        refuse_other(saved, "environment", session.environment.name)  # before the org is asked
    async with session.locked():
        warn_of_lock(session)
        with reporting(at) as report:
            if saved is None:
                plan = await session.plan(options, on=report)
            else:
                plan = await session.check_saved(saved, on=report)
        return await carry_out(session, at, plan, yes=yes, form=form)


def warn_of_lock(session: Session) -> None:
    """Say on stderr where the org's lock keeps only this machine's applies apart."""
    if warning := session.memory.lock_warning:
        click.echo(f"Warning: {warning}", err=True)


def require_consent(at: Settings, *, yes: bool) -> None:
    """Refuse at once what would need an answer that nobody can give."""
    if not yes and not at.can_ask:
        raise UsageError(
            "apply can not ask without a terminal", hint="pass --yes to apply without being asked"
        )


async def carry_out(session: Session, at: Settings, plan: Plan, *, yes: bool, form: str) -> int:
    """Show the plan, ask unless `yes`, apply it, tell the outcome; the exit code comes back."""
    if form == "text":
        emit(at, shown(plan, "text", at) + "\n")
    if _writes(plan) and exit_code(plan, detailed=False) != PlanBlocked.exit_code and not yes:
        _ask(plan)
    with reporting(at) as report:
        report(Planned(_writes(plan), plan.requests.write))
        outcome = await session.apply(plan, on=report)
    emit(at, _outcome(outcome, plan, form, at))
    return outcome.exit_code


def _writes(plan: Plan) -> int:
    """How many changes are to be made."""
    from capsync.model import Action

    return len(plan.changes) - plan.count(Action.NOOP) - plan.count(Action.BLOCKED)


def _ask(plan: Plan) -> None:
    """Raise PlanBlocked unless the person at the terminal says yes."""
    from capsync.report.values import visible
    from capsync.report.words import plural

    org = f" (org {plan.org_id})" if plan.org_id is not None else ""
    question = f"Apply {plural(_writes(plan), 'change')} to {visible(plan.environment)}{org}?"
    # asyncio's handler only cancels the task, which a read of the terminal would not notice; and
    # readline, which click.confirm uses, can miss a Ctrl-C that comes just before it waits.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        click.echo(f"{question} [y/N]: ", nl=False, err=True)
        answer = sys.stdin.readline()
    finally:
        signal.signal(signal.SIGINT, handler)
    if answer.strip().lower() not in ("y", "yes"):
        raise PlanBlocked("not applied: the question was not answered with yes")


def _outcome(report: ApplyReport, plan: Plan, form: str, at: Settings) -> str:
    from capsync.report.outcomes import outcomes_json, outcomes_text

    if form == "json":
        return outcomes_json(report, plan)
    return outcomes_text(report, color=at.colors())
