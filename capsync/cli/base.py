"""What all commands share: the global options, before or after the command's name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import click

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@dataclass(slots=True)
class Settings:
    """The global options of a run."""

    directory: Path = Path()
    environment: str | None = None
    no_color: bool = False
    quiet: bool = False
    verbose: bool = False

    def colors(self, stream: TextIO | None = None) -> bool:
        """Whether text for that stream (stdout by default) may be coloured."""
        if self.no_color or os.environ.get("NO_COLOR"):
            return False
        return (stream or sys.stdout).isatty() and os.environ.get("TERM") != "dumb"

    @property
    def seen_from_here(self) -> str:
        """The project's folder as a path from the current one, where it is below it: places in
        annotations and findings are of the repository that a pipeline stands in."""
        folder, here = self.directory.resolve(), Path.cwd()
        below = folder.relative_to(here) if folder.is_relative_to(here) else self.directory
        return below.as_posix()

    @property
    def can_ask(self) -> bool:
        """Whether somebody sits at the terminal to answer a question."""
        return sys.stdin.isatty() and sys.stdout.isatty()


class Command(click.Command):
    """A command that takes the global options too."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        attributes.setdefault("context_settings", HELP)
        super().__init__(*args, **attributes)
        self.params.extend(global_options())

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own options first, the global ones in a section of their own."""
        own: list[tuple[str, str]] = []
        shared: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Argument):
                continue
            if record := parameter.get_help_record(ctx):
                (shared if isinstance(parameter, GlobalOption) else own).append(record)
        for title, records in (("Options", own), ("Global options", shared)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


class GlobalOption(click.Option):
    """An option that is stored in the settings instead of being passed to the command."""

    def __init__(self, *names: str, store: str, **attributes: Any) -> None:
        # A name of its own, so that a command may have a parameter called the same.
        names = (*names, f"global_{store}")
        super().__init__(names, expose_value=False, callback=self._store, **attributes)
        self._member = store

    def _store(self, ctx: click.Context, _parameter: click.Parameter, value: Any) -> None:
        # Given after the command's name it wins; not given there, it must not undo the earlier one.
        if value not in (None, False):
            setattr(ctx.ensure_object(Settings), self._member, value)


def global_options() -> list[click.Parameter]:
    """The options that stand before or after the name of any command."""
    return [
        GlobalOption(
            "-C",
            store="directory",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            metavar="DIR",
            help="Work on the project in DIR instead of the current folder.",
        ),
        GlobalOption(
            "-e",
            "--env",
            store="environment",
            metavar="NAME",
            help="Environment of capsync.yaml to use; also CAPSYNC_ENV."
            " Default: its default_environment.",
        ),
        GlobalOption(
            "--no-color",
            store="no_color",
            is_flag=True,
            help="No colours; also NO_COLOR=1.",
        ),
        GlobalOption("-q", "--quiet", store="quiet", is_flag=True, help="No progress."),
        GlobalOption(
            "-v",
            "--verbose",
            store="verbose",
            is_flag=True,
            help="More detail; on an unexpected error the whole traceback.",
        ),
    ]


def command(name: str, **attributes: Any) -> Callable[[Callable[..., Any]], Command]:
    """Makes a function a command; it returns the exit code, or None for 0."""
    return click.command(name, cls=Command, **attributes)


def settings() -> Settings:
    """The global options of the command that runs."""
    return click.get_current_context().ensure_object(Settings)


def format_option(
    *forms: str, help: str = "How the result is printed."
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--format`, the first form being the default."""
    return click.option(
        "--format", "form", type=click.Choice(forms), default=forms[0], show_default=True, help=help
    )
