"""`capsync plan`: what apply would do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capsync.cli.base import Settings, format_option, settings
from capsync.cli.base import command as make_command
from capsync.cli.planning import plan_options, planning_options
from capsync.cli.running import emit, in_session, reporting
from capsync.errors import CapsyncError, PlanBlocked

if TYPE_CHECKING:
    from capsync.model import Plan
    from capsync.planning.why import Why
    from capsync.session import Session


@make_command("plan")
@planning_options
@format_option(
    "text",
    "json",
    "markdown",
    "html",
    "junit",
    "sarif",
    help="For people, programs, a pull request, a page, test reports, or code scanning.",
)
@click.option(
    "-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to FILE."
)
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit with 2 where there are changes, 0 where not."
)
@click.option(
    "--refresh",
    type=click.Choice(["auto", "full"]),
    default="auto",
    show_default=True,
    help="full: read everything anew, trust no cache.",
)
@click.option(
    "--out",
    "planfile",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PLANFILE",
    help="Also save the plan, for `capsync apply PLANFILE`.",
)
@click.option(
    "--why",
    metavar="ADDRESS[:PATH]",
    help="Instead of the plan: why a field, or each field, of that resource differs or not.",
)
def command(
    form: str,
    output: Path | None,
    detailed_exitcode: bool,
    planfile: Path | None,
    why: str | None,
    **flags: Any,
) -> int:
    """Read the live org and print what apply would do. Nothing is written.

    \b
    +    create                      !    blocked, with the reason
    ~    update, old -> new          -/+  replace: retire, then create
    -    retire, and how             =    nothing to do

    A plan with anything blocked exits with 4, one that could not read a kind with 1.

    \b
    Examples:
      capsync plan
      capsync plan --target 'Badge/trail-*' --format markdown
      capsync plan -e uat --detailed-exitcode --format json -o plan.json
      capsync plan --why Badge/trail-walker:expiresOn
    """
    at = settings()
    options = plan_options(flags, refresh=flags["refresh"])

    async def work(session: Session) -> tuple[Plan, tuple[Why, ...]]:
        with reporting(at) as report:
            plan = await session.plan(options, on=report)
        address, _, path = (why or "").partition(":")
        return plan, await session.why(address, path) if why else ()

    plan, reasons = in_session(at, work)
    if why:
        emit(at, _explained(reasons, form, at), output)
        return 0
    if planfile is not None:
        _save(plan, at.directory, planfile)
    emit(at, shown(plan, form, at), output)
    return exit_code(plan, detailed=detailed_exitcode)


def _save(plan: Plan, folder: Path, planfile: Path) -> None:
    from dataclasses import replace

    from capsync.manifests.commit import commit_of
    from capsync.planning.saved import encode_saved

    plan = replace(plan, commit=commit_of(folder))
    path = folder / planfile
    try:
        path.write_bytes(encode_saved(plan))
    except OSError as error:
        raise CapsyncError(f"{path} can not be written: {error.strerror}") from error


def _explained(reasons: tuple[Why, ...], form: str, at: Settings) -> str:
    from capsync.report.why import why_json, why_text

    return why_json(reasons) if form == "json" else why_text(reasons, color=at.colors())


def shown(plan: Plan, form: str, at: Settings) -> str:
    """The plan in the form that was asked for."""
    if form == "json":
        from capsync.report.json import plan_json

        return plan_json(plan)
    if form == "markdown":
        from capsync.report.markdown import plan_markdown

        return plan_markdown(plan)
    if form == "html":
        from capsync.report.html.plan import plan_html

        return plan_html(plan)
    if form == "junit":
        from capsync.report.junit import plan_junit

        return plan_junit(plan)
    if form == "sarif":
        from capsync.report.sarif import plan_sarif

        return plan_sarif(plan, base=at.seen_from_here)
    from capsync.report.text import plan_text

    return plan_text(plan, color=at.colors(), unchanged=at.verbose)


def exit_code(plan: Plan, *, detailed: bool) -> int:
    """4 blocked, 1 a kind was not readable, 2 changes where asked for, else 0."""
    from capsync.model import Action

    if plan.blocked or plan.count(Action.BLOCKED):
        return PlanBlocked.exit_code
    if plan.unreadable:
        return 1
    changed = len(plan.changes) > plan.count(Action.NOOP)
    return 2 if detailed and changed else 0
