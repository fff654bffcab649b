"""A plan for people: what would be created, changed and retired, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from capsync.model import Action, Change, Plan, path_text
from capsync.report.fieldtext import field_text, place_text
from capsync.report.order import in_reading_order, is_quiet
from capsync.report.paint import Paint, plain, styled
from capsync.report.values import show, visible
from capsync.report.words import (
    SYMBOLS,
    adoption,
    identity,
    requests_needed,
    step_lines,
    verb,
    verdict,
)

_COLORS = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.RETIRE: "red",
    Action.REPLACE: "magenta",
    Action.BLOCKED: "bright_red",
    Action.NOOP: "bright_black",
}
_WIDEST_PATH = 32


def plan_text(plan: Plan, *, color: bool = False, unchanged: bool = False) -> str:
    """The whole plan; with `unchanged`, resources that need nothing are listed too."""
    paint: Paint = styled if color else plain
    return "\n".join(_lines(plan, paint, unchanged)) + "\n"


def _lines(plan: Plan, paint: Paint, unchanged: bool) -> Iterator[str]:
    where = f", org {plan.org_id}" if plan.org_id is not None else ""
    yield paint(f"Environment {visible(plan.environment)}{where}", bold=True)
    yield ""
    changes = in_reading_order(plan.changes)
    for change in changes:
        if not is_quiet(change):
            yield from _change(change, paint)
            yield ""
    if unchanged and (quiet := [change for change in changes if is_quiet(change)]):
        yield from ("  " + _headline(change, paint) for change in quiet)
        yield ""
    yield from _notices("Warning", plan.warnings, "yellow", paint)
    yield from _notices("Not readable", plan.unreadable, "bright_red", paint)
    yield from _notices("Blocked", plan.blocked, "bright_red", paint)
    yield paint(verdict(plan), bold=True)
    if needed := requests_needed(plan.requests):
        yield needed


def _notices(title: str, texts: Iterable[str], color: str, paint: Paint) -> Iterator[str]:
    listed = [f"{paint(title, color)}: {visible(text)}" for text in texts]
    yield from listed
    if listed:
        yield ""


def _change(change: Change, paint: Paint) -> Iterator[str]:
    yield "  " + _headline(change, paint)
    for line in _body(change, paint):
        yield "      " + line


def _headline(change: Change, paint: Paint) -> str:
    color = _COLORS[change.action]
    parts = [
        paint(
            f"{SYMBOLS[change.action]} {verb(change)} {visible(str(change.address))}",
            color,
            bold=True,
        ),
        identity(change.address, change.id, change.natural_key),
        paint("can not be taken back", "bright_red", bold=True) if not change.reversible else "",
        place_text(change.where, paint),
    ]
    return "  ".join(part for part in parts if part)


def _body(change: Change, paint: Paint) -> Iterator[str]:
    for reason in change.reasons:
        yield paint(visible(reason), "bright_red" if change.action is Action.BLOCKED else "")
    if change.adopts:
        yield paint(adoption(change), "cyan")
    if change.impact:
        in_use = ", ".join(f"{visible(k)} {show(v)}" for k, v in change.impact.items())
        yield paint(f"in use: {in_use}", "yellow")
    width = min(_WIDEST_PATH, max((len(path_text(f.path)) for f in change.fields), default=0))
    for field in change.fields:
        yield from field_text(field, width, paint, new=change.action is Action.CREATE)
    yield from step_lines(change)
    for warning in change.warnings:
        yield paint(f"warning: {visible(warning)}", "yellow")
