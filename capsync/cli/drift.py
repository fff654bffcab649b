"""`capsync drift`: an audit of the live org against the manifests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from capsync.cli.base import Settings, format_option, settings
from capsync.cli.base import command as make_command
from capsync.cli.running import emit, in_session, reporting

if TYPE_CHECKING:
    from capsync.model import Address, Where
    from capsync.planning.drift import DriftReport
    from capsync.runs.codify import Codified
    from capsync.session import Session

DRIFT = 2


@make_command("drift")
@format_option(
    "text",
    "json",
    "markdown",
    "html",
    "junit",
    "sarif",
    help="For people, programs, an issue, a page, test reports, or code scanning.",
)
@click.option(
    "-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to FILE."
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="SELECTOR",
    help="Only these resources: Kind, Kind/name or a glob of either. Repeatable.",
)
@click.option(
    "--unmanaged", is_flag=True, help="Also live objects of the kinds in use without a manifest."
)
@click.option(
    "--since",
    type=click.Choice(["last"]),
    default=None,
    help="Mark what the audit before did not find as new.",
)
@click.option(
    "--codify",
    "codified",
    is_flag=True,
    help="Write the live values back into the manifests; comments and layout stay.",
)
def command(
    form: str,
    output: Path | None,
    targets: tuple[str, ...],
    unmanaged: bool,
    since: str | None,
    codified: bool,
) -> int:
    """Compare the live org with the manifests, and say who changed what and when.

    Where the state knows what was applied last, it tells whether the org, the manifest or
    both moved. Waivers in capsync.yaml accept drift until a day; an expired one alarms.
    Nothing is written to the org. Exits with 2 on drift, 1 where a kind is not readable.

    \b
    Examples:
      capsync drift -e uat
      capsync drift --unmanaged --since last --format markdown -o drift.md
      capsync drift --format junit -o drift.xml
      capsync drift --codify --target Badge/trail-walker
    """
    from capsync.runs.audit import AuditOptions

    at = settings()
    options = AuditOptions(targets, unmanaged=unmanaged, since_last=since is not None)

    async def work(session: Session) -> tuple[DriftReport, dict[Address, Where], Codified | None]:
        with reporting(at) as report:
            found = await session.drift(options, on=report)
        places = {
            change.address: session.project.where(change.address, ())
            for change in session.draft.plan.changes
        }
        return found, places, session.codify(found) if codified else None

    report, places, back = in_session(at, work)
    emit(at, _shown(report, places, form, at), output)
    if back is not None:
        _tell(back)
    if report.unreadable:
        return 1
    return DRIFT if report.drifts else 0


def _tell(back: Codified) -> None:
    """What was written back and what was left alone, beside the report."""
    for line in back.written:
        click.echo(f"wrote back {line}", err=True)
    for line in back.left:
        click.echo(f"left alone {line}", err=True)


def _shown(report: DriftReport, places: dict[Address, Where], form: str, at: Settings) -> str:
    if form == "json":
        from capsync.report.drift.data import drift_json

        return drift_json(report)
    if form == "markdown":
        from capsync.report.drift.markdown import drift_markdown

        return drift_markdown(report)
    if form == "html":
        from capsync.report.html.drift import drift_html

        return drift_html(report)
    if form == "junit":
        from capsync.report.drift.junit import drift_junit

        return drift_junit(report, places)
    if form == "sarif":
        from capsync.report.drift.sarif import drift_sarif

        return drift_sarif(report, places, base=at.seen_from_here)
    from capsync.report.drift.text import drift_text

    return drift_text(report, color=at.colors())
