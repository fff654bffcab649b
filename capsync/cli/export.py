"""`capsync export`: from a live org to manifests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from capsync.cli.base import command as make_command
from capsync.cli.base import settings
from capsync.cli.running import emit, in_session, reporting
from capsync.errors import UsageError

if TYPE_CHECKING:
    from capsync.exporting.files import ExportReport
    from capsync.session import Session


@make_command("export")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="manifests",
    show_default=True,
    metavar="DIR",
    help="Folder for the manifests: one file a resource, DIR/Kind/name.yaml.",
)
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind. Repeatable.")
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="SELECTOR",
    help="Only these resources: Kind, Kind/name or a glob of either. Repeatable.",
)
def command(out: Path, kinds: tuple[str, ...], targets: tuple[str, ...]) -> int:
    """Write manifests of what the live org has, with references in place of ids.

    A fresh export plans to nothing. What the project declares already is left as it is,
    and no file is ever overwritten. What can not be carried (secrets, write-only values)
    is left out with a comment in the manifest, and listed.

    \b
    Examples:
      capsync export -e uat
      capsync export -e uat --kind Badge --out adopted
    """
    at = settings()
    refuse_unknown(kinds)

    async def work(session: Session) -> ExportReport:
        with reporting(at) as report:
            return await session.export(at.directory / out, kinds, targets, on=report)

    report = in_session(at, work, is_new=True)
    from capsync.report.findings import export_text

    emit(at, export_text(report, color=at.colors()))
    return 1 if report.unreadable else 0


def refuse_unknown(kinds: tuple[str, ...]) -> None:
    """Raise UsageError for a kind that there is none of, or that has no manifests."""
    from capsync.kinds import KINDS

    for name in kinds:
        if name not in KINDS:
            raise UsageError(f"there is no kind {name}", hint="`capsync kinds` lists them all")
        if KINDS[name].reference_only:
            raise UsageError(f"{name} is only for look-ups: it has no manifests")
