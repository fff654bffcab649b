"""A plan for people: what would be created, changed and retired, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from capsync.model import NOTHING, Action, Change, FieldChange, Plan, path_text
from capsync.report.lists import Item, differs_inside, items
from capsync.report.order import in_reading_order, is_quiet
from capsync.report.values import SHORT, show, show_field, show_pair, visible
from capsync.report.words import (
    SYMBOLS,
    adoption,
    plural,
    requests_needed,
    verb,
    verdict,
)

MOST_ITEMS = 12  # of one changed list; the rest is counted

_COLORS = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.RETIRE: "red",
    Action.REPLACE: "magenta",
    Action.BLOCKED: "bright_red",
    Action.NOOP: "bright_black",
}
_WIDEST_PATH = 32


class Paint(Protocol):
    """Gives a text a colour, or leaves it as it is."""

    def __call__(self, text: str, color: str = "", *, bold: bool = False) -> str:
        """The text, styled."""


def plain(text: str, color: str = "", *, bold: bool = False) -> str:
    """The text as it is."""
    del color, bold
    return text


def styled(text: str, color: str = "", *, bold: bool = False) -> str:
    """The text in that colour, for a terminal."""
    from click import style

    return style(text, fg=color or None, bold=bold or None)


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
        visible(f"({change.id})") if change.id else "",
        paint("can not be taken back", "bright_red", bold=True) if not change.reversible else "",
        _source(change.where.file, change.where.line, paint),
    ]
    return "  ".join(part for part in parts if part)


def _source(file: str, line: int, paint: Paint) -> str:
    if not file:
        return ""
    return paint(visible(f"{file}:{line}" if line else file), "bright_black")


def _body(change: Change, paint: Paint) -> Iterator[str]:
    for reason in change.reasons:
        yield paint(visible(reason), "bright_red" if change.action is Action.BLOCKED else "")
    if change.adopts:
        yield paint(adoption(change), "cyan")
    if change.impact:
        in_use = ", ".join(f"{visible(k)} {show(v)}" for k, v in change.impact.items())
        yield paint(f"in use: {in_use}", "yellow")
    width = min(_WIDEST_PATH, max((len(_path(f)) for f in change.fields), default=0))
    for field in change.fields:
        yield from _field(change, field, width, paint)
    if len(change.steps) > 1:
        yield from (f"{n}. {visible(step)}" for n, step in enumerate(change.steps, 1))
    for warning in change.warnings:
        yield paint(f"warning: {visible(warning)}", "yellow")


def _path(field: FieldChange) -> str:
    return visible(path_text(field.path))


def _field(change: Change, field: FieldChange, width: int, paint: Paint) -> Iterator[str]:
    label = _path(field).ljust(width)
    source = ""
    if field.source is not None and change.action is not Action.CREATE:
        source = "  " + _source(field.source.file, field.source.line, paint)
    if differs_inside(field):
        inside = items(field.before, field.after)
        yield f"{label}  {_size(field, inside)}{source}"
        yield from (f"  {line}" for line in _inside(inside, paint))
        return
    if parts := _parts(field):
        yield f"{label}  {plural(len(parts), 'part')}{source}"
        yield from (f"  {line}" for line in _inside(parts, paint))
        return
    yield f"{label}  {_values(change, field, paint)}{source}"


def _parts(field: FieldChange) -> list[Item]:
    """The parts of a new list or object that is too long for one line."""
    value = field.after
    hidden = field.sensitive or field.unknown or field.before not in (NOTHING, None)
    if hidden or not isinstance(value, (list, dict)) or len(show(value, None)) <= SHORT:
        return []
    named = value.items() if isinstance(value, dict) else (("", each) for each in value)
    return [Item(str(name), NOTHING, part) for name, part in named]


def _values(change: Change, field: FieldChange, paint: Paint) -> str:
    before, after = show_field(field)
    if before is None and change.action is Action.CREATE:
        return after or ""
    old = paint(before if before is not None else "(none)", "red")
    new = paint(after if after is not None else "(none)", "green")
    return f"{old} -> {new}"


def _size(field: FieldChange, inside: list[Item]) -> str:
    if not inside:
        return f"the same {plural(len(field.after), 'item')} in another order"
    if isinstance(field.after, list):
        return f"{len(field.before)} -> {plural(len(field.after), 'item')}"
    return plural(len(inside), "difference")


def _inside(inside: list[Item], paint: Paint) -> Iterator[str]:
    for item in inside[:MOST_ITEMS]:
        yield _item(item, paint)
    if more := len(inside) - MOST_ITEMS:
        yield from (f"and {more} more",) if more > 0 else ()


def _item(item: Item, paint: Paint) -> str:
    path = f"{visible(item.path)} " if item.path else ""
    if item.before is NOTHING:
        return paint(f"+ {path}{show(item.after)}", "green")
    if item.after is NOTHING:
        return paint(f"- {path}{show(item.before)}", "red")
    before, after = show_pair(item.before, item.after)
    return f"~ {path}{paint(before, 'red')} -> {paint(after, 'green')}"
