"""One field of a change as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from capsync.model import NOTHING, FieldChange, Where, path_text
from capsync.report.lists import Item, differs_inside, items
from capsync.report.paint import Paint
from capsync.report.values import SHORT, show, show_field, show_pair, visible
from capsync.report.words import plural

MOST_ITEMS = 12  # of one changed list; the rest is counted


def place_text(where: Where, paint: Paint) -> str:
    """`manifests/badges.yaml:14`, or nothing where the file is not known."""
    if not where.file:
        return ""
    shown = f"{where.file}:{where.line}" if where.line else where.file
    return paint(visible(shown), "bright_black")


def field_text(field: FieldChange, width: int, paint: Paint, *, new: bool = False) -> Iterator[str]:
    """A field as lines: its path padded to `width`, the live and the desired value, the place of
    the desired one. `new`: the whole object is, so that neither an old value nor a place is told.
    """
    label = visible(path_text(field.path)).ljust(width)
    place = "" if new or field.source is None else place_text(field.source, paint)
    source = f"  {place}" if place else ""
    if differs_inside(field):
        inside = items(field.before, field.after)
        yield f"{label}  {_size(field, inside)}{source}"
        yield from (f"  {line}" for line in _inside(inside, paint))
        return
    if parts := _parts(field):
        noun = "member" if parts[0].path else "item"
        ref = f" ({visible(field.ref)})" if field.unknown and field.ref else ""
        yield f"{label}  {plural(len(parts), noun)}{ref}{source}"
        yield from (f"  {line}" for line in _inside(parts, paint))
        return
    yield f"{label}  {_values(field, paint, new=new)}{source}"


def _parts(field: FieldChange) -> list[Item]:
    """The parts of a new list or object that is too long for one line."""
    value = field.preview if field.unknown else field.after
    hidden = field.sensitive or field.before not in (NOTHING, None)
    if hidden or not isinstance(value, (list, dict)) or len(show(value, None)) <= SHORT:
        return []
    named = value.items() if isinstance(value, dict) else (("", each) for each in value)
    return [Item(str(name), NOTHING, part) for name, part in named]


def _values(field: FieldChange, paint: Paint, *, new: bool) -> str:
    before, after = show_field(field)
    if before is None and (new or field.sensitive):
        return after or ""
    left = paint(before if before is not None else "(none)", "red")
    right = paint(after if after is not None else "(none)", "green")
    return f"{left} -> {right}"


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
