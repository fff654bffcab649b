"""`capsync explain`: one kind, or one field of it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from capsync.cli.base import command as make_command
from capsync.cli.base import format_option, settings
from capsync.cli.running import emit
from capsync.errors import UsageError

if TYPE_CHECKING:
    from capsync.kind import Kind


def _complete(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    from capsync.kinds import KINDS
    from capsync.report.fields import field_rows

    name, dot, _ = incomplete.partition(".")
    if not dot or name not in KINDS:
        return sorted(kind for kind in KINDS if kind.startswith(incomplete))
    paths = [f"{name}.{row.path}" for row in field_rows(KINDS[name])]
    return [path for path in paths if path.startswith(incomplete)]


@make_command("explain")
@click.argument("what", metavar="KIND[.path]", shell_complete=_complete)
@format_option("text", "json")
def command(what: str, form: str) -> None:
    """Describe a kind and every field of its spec, or one field and what is below it.

    Told are the type, allowed values, default, limits, whether it is immutable, what it
    refers to, and how the API treats it.

    \b
    Examples:
      capsync explain Badge
      capsync explain Badge.benefits.seriesId
    """
    from capsync.report import catalog

    at = settings()
    name, _, path = what.partition(".")
    kind = _kind(name)
    if path:
        text = (
            catalog.field_json(kind, path)
            if form == "json"
            else catalog.field_text(kind, path, color=at.colors())
        )
        emit(at, text if text is not None else _no_field(kind, path))
    elif form == "json":
        emit(at, catalog.kind_json(kind))
    else:
        emit(at, catalog.kind_text(kind, color=at.colors()))


def _kind(name: str) -> Kind:
    from capsync.kinds import KINDS

    if name in KINDS:
        return KINDS[name]
    raise UsageError(
        f"there is no kind {name}", hint=_nearest(name, KINDS) or "`capsync kinds` lists them all"
    )


def _no_field(kind: Kind, path: str) -> str:
    from capsync.report.fields import field_rows

    known = [row.path for row in field_rows(kind)]
    hint = _nearest(path, known) or f"`capsync explain {kind.name}` lists them all"
    raise UsageError(f"{kind.name} has no field {path}", hint=hint)


def _nearest(name: str, known: Iterable[str]) -> str:
    by_fold = {each.casefold(): each for each in known}
    found = get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return f"did you mean {by_fold[found[0]]}?" if found else ""
