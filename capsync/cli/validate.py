"""`capsync validate`: everything that can be known without asking the org."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from capsync.cli.base import command as make_command
from capsync.cli.base import format_option, settings
from capsync.cli.running import emit
from capsync.errors import ManifestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from capsync.cli.base import Settings
    from capsync.model import Problem


@make_command("validate")
@format_option(
    "text",
    "json",
    "github",
    "sarif",
    help="For people, programs, GitHub annotations, or code scanning.",
)
@click.option(
    "-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to FILE."
)
def command(form: str, output: Path | None) -> int:
    """Check capsync.yaml and all manifests, offline: YAML, schemas, references, variables,
    rules between fields, caps of the platform.

    Every problem of the run is told at once, each with file:line:column, the path and what
    to do. Exits with 3 where there are errors; warnings alone are fine.

    \b
    Examples:
      capsync validate
      capsync validate -e uat --format github
    """
    at = settings()
    problems, resources = _checked(at)
    emit(at, _report(problems, resources, form, at), output)
    failed = any(problem.severity == "error" for problem in problems)
    return ManifestError.exit_code if failed else 0


def _checked(at: Settings) -> tuple[Sequence[Problem], int]:
    """Every problem, and how many resources there are."""
    from capsync.kinds import KINDS
    from capsync.manifests import read_project
    from capsync.validate import validate

    try:
        project = read_project(at.directory, at.environment)
    except ManifestError as error:
        return error.problems, 0
    return validate(project, KINDS), len(project.resources)


def _report(problems: Sequence[Problem], resources: int, form: str, at: Settings) -> str:
    from capsync.report.problems import format_problems
    from capsync.report.words import plural

    if form == "text" and not problems:
        return f"{plural(resources, 'resource')}: no problems\n"
    return format_problems(problems, form, color=at.colors(), base=at.seen_from_here)
