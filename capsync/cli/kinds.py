"""`capsync kinds`: what can be managed."""

from __future__ import annotations

from capsync.cli.base import command as make_command
from capsync.cli.base import format_option, settings
from capsync.cli.running import emit


@make_command("kinds")
@format_option("text", "json")
def command(form: str) -> None:
    """List the kinds of resources, by family, with what they are.

    `capsync explain KIND` describes one of them.
    """
    from capsync.kinds import KINDS
    from capsync.report.catalog import kinds_json, kinds_text

    at = settings()
    if form == "json":
        emit(at, kinds_json(KINDS.values()))
    else:
        emit(at, kinds_text(KINDS.values(), color=at.colors()))
