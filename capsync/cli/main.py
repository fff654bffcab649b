"""Entry point: the lazy group of commands, and what each failure means for the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from types import TracebackType
from typing import NoReturn

import click

from capsync import __version__
from capsync.cli.base import HELP, Settings, global_options
from capsync.errors import CapsyncError, ManifestError, UsageError
from capsync.garbage import rarely_collected

WRONG_USAGE = UsageError.exit_code
INTERRUPTED = 130

# Section -> command -> the line of it that `capsync --help` shows. A command is imported only when
# it runs, so that help and completion stay fast: `state pull` would be `capsync.cli.state`.
SECTIONS: dict[str, dict[str, str]] = {
    "Work on a project": {
        "init": "Write a small working project.",
        "validate": "Check the manifests without asking the org.",
        "plan": "Show what apply would do.",
        "apply": "Make the org as the manifests say.",
        "undo": "Plan the way back of an earlier apply.",
        "drift": "Audit the org against the manifests.",
        "diff": "Compare the orgs of two environments.",
        "export": "Write manifests from what the org has.",
        "doctor": "Check credentials, org and permissions; reads only.",
    },
    "Look things up": {
        "graph": "Draw which resources refer to which.",
        "kinds": "List what can be managed.",
        "explain": "Describe a kind, or one field of it.",
    },
    "Surroundings": {
        "state": "Look at the optional memory, and repair it.",
        "sandbox": "Run, empty or fill the embedded API.",
        "completion": "Print shell completion for bash, zsh or fish.",
    },
}

_EPILOG = """\
Exit codes: 0 done, 1 error, 2 changes or differences (where asked), 3 wrong manifests,
4 blocked, 5 partly applied, 64 wrong usage, 130 interrupted."""


class LazyGroup(click.Group):
    """Imports a command's module only when that command is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        del ctx
        return [name for names in SECTIONS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, from the module of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found = import_module(f"capsync.cli.{cmd_name}").command
        assert isinstance(found, click.Command)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name; a misspelt one is told with the nearest name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not near:
                raise
            raise click.UsageError(f"{error.message} Did you mean {near[0]}?", ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, without importing any."""
        del ctx
        width = max(len(name) for names in SECTIONS.values() for name in names)
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), line) for name, line in commands.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The exit codes."""
        del ctx
        formatter.write("\n" + _EPILOG + "\n")


@click.group("capsync", cls=LazyGroup, context_settings=HELP, params=global_options())
@click.version_option(__version__, message="capsync %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Configuration as code for the Capillary loyalty platform.

    Manifests in YAML say how an org is to be; `capsync plan` shows what differs,
    `capsync apply` makes it so. Start with `capsync init`.
    """
    settings = ctx.ensure_object(Settings)
    if settings.environment is None:
        settings.environment = os.environ.get("CAPSYNC_ENV") or None


def main() -> NoReturn:
    """Run the command line of this process and leave with its exit code."""
    settings = Settings()
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks must not stop the report.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.excepthook = partial(_unexpected, settings)
    sys.exit(run(sys.argv[1:], settings))


def run(args: Sequence[str], settings: Settings | None = None) -> int:
    """Run one command line; its exit code comes back, failures are told on stderr."""
    settings = settings or Settings()
    try:
        with rarely_collected():
            code = cli.main(list(args), "capsync", standalone_mode=False, obj=settings)
        sys.stdout.flush()
    except CapsyncError as error:
        _tell(error, settings)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return WRONG_USAGE
    except ExceptionGroup as group:
        return _tell_first(group, settings)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_gone()
    return int(code or 0)


def _tell(error: CapsyncError, settings: Settings) -> None:
    color = settings.colors(sys.stderr)
    if isinstance(error, ManifestError):
        from capsync.report.problems import format_problems

        base = settings.seen_from_here
        text = format_problems(error.problems, "text", color=color, base=base)
        click.echo(text, err=True, nl=False, color=color)
        return
    from capsync.report.values import visible

    label = click.style("Error:", fg="red", bold=True)
    text = "\n".join(visible(line) for line in str(error).splitlines())
    click.echo(f"{label} {text}", err=True, color=color)


def _tell_first(group: ExceptionGroup[Exception], settings: Settings) -> int:
    """Several calls failed side by side, mostly for one reason: the first says it."""
    _, others = group.split(CapsyncError)
    if others is not None:
        raise others
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, CapsyncError)
    _tell(error, settings)
    return error.exit_code


def _reader_gone() -> int:
    """What read our output has closed it: nothing more can be said, and nobody listens."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _unexpected(
    settings: Settings,
    kind: type[BaseException],
    error: BaseException,
    traceback: TracebackType | None,
) -> None:
    """A bug: one line, the traceback only on request."""
    if settings.verbose:
        sys.__excepthook__(kind, error, traceback)
        return
    text = " ".join(str(error).split())
    click.echo(
        f"Error: unexpected {kind.__name__}: {text}\n"
        "  This is a bug in capsync. Run the command again with -v and report what it prints"
        " (CONTRIBUTING.md says how).",
        err=True,
    )
