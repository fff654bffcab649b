"""What the commands that talk to an org share: the session, progress, and where results go."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from capsync.cli.base import Settings
from capsync.errors import CapsyncError

if TYPE_CHECKING:
    from capsync.events import Reporter
    from capsync.session import Session

Result = TypeVar("Result")


def in_session(
    settings: Settings, work: Callable[[Session], Awaitable[Result]], *, is_new: bool = False
) -> Result:
    """What `work` gives for a session on the project and environment of the settings; `is_new`
    allows a project that has no folder for its manifests yet."""
    from capsync.session import Session

    session = Session.open(settings.directory, settings.environment, is_new=is_new)
    return session.run_sync(work)


def reporting(settings: Settings) -> AbstractContextManager[Reporter]:
    """Progress on stderr: bars on a terminal, lines elsewhere, nothing with --quiet."""
    from capsync.events import silent
    from capsync.report.progress import progress

    if settings.quiet:
        return nullcontext(silent)

    live = sys.stderr.isatty()
    return progress(sys.stderr, live=live, color=settings.colors(sys.stderr))


def emit(settings: Settings, text: str, output: Path | None = None) -> None:
    """Write a result to stdout, or to a file given with -o."""
    if output is None:
        click.echo(text, nl=False, color=settings.colors())
        return
    path = settings.directory / output
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise CapsyncError(f"{path} can not be written: {error.strerror}") from error
