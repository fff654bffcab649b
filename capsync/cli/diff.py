"""`capsync diff`: what differs between two orgs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from capsync.cli.base import Settings, format_option, settings
from capsync.cli.base import command as make_command
from capsync.cli.export import refuse_unknown
from capsync.cli.running import emit, reporting

if TYPE_CHECKING:
    from capsync.runs.orgdiff import OrgDiff

DIFFERENCES = 2


@make_command("diff")
@click.argument("left", metavar="ENV_A")
@click.argument("right", metavar="ENV_B")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind. Repeatable.")
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="SELECTOR",
    help="Only these objects: Kind, Kind/name or a glob of either. Repeatable.",
)
@format_option("text", "json", "markdown", help="For people, programs, or a comment.")
@click.option(
    "-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to FILE."
)
def command(
    left: str,
    right: str,
    kinds: tuple[str, ...],
    targets: tuple[str, ...],
    form: str,
    output: Path | None,
) -> int:
    """Compare the live orgs of two environments of capsync.yaml, whatever the manifests say.

    Objects are paired by natural key and ids shown as names, so that what must differ does
    not show. Values of ENV_A stand before those of ENV_B. Exits with 2 where they differ.

    \b
    Examples:
      capsync diff uat prod
      capsync diff uat prod --kind Badge --format markdown
    """
    at = settings()
    refuse_unknown(kinds)
    diff = asyncio.run(_compared(at, left, right, kinds, targets))
    emit(at, _shown(diff, form, at), output)
    if diff.unreadable:
        return 1
    return DIFFERENCES if diff.differences else 0


async def _compared(
    at: Settings, left: str, right: str, kinds: tuple[str, ...], targets: tuple[str, ...]
) -> OrgDiff:
    from capsync.runs.orgdiff import diff_orgs
    from capsync.session import Session

    async with (
        Session.open(at.directory, left) as one,
        Session.open(at.directory, right) as other,
    ):
        with reporting(at) as report:
            return await diff_orgs(one, other, kinds, targets, on=report)


def _shown(diff: OrgDiff, form: str, at: Settings) -> str:
    from capsync.report import orgdiff

    if form == "json":
        return orgdiff.orgdiff_json(diff)
    if form == "markdown":
        return orgdiff.orgdiff_markdown(diff)
    return orgdiff.orgdiff_text(diff, color=at.colors())
