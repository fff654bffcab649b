"""What differs between two orgs, for people, programs and comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from capsync.model import FieldChange, path_text
from capsync.planning.encode import field_json
from capsync.report.comment import LIMIT, assembled, code, folded, listed, marker
from capsync.report.fieldtext import field_text
from capsync.report.json import as_text
from capsync.report.markdown import field_lines
from capsync.report.paint import Paint, plain, styled
from capsync.report.values import visible
from capsync.report.words import plural
from capsync.runs.orgdiff import Difference, OrgDiff

FORMAT = "capsync.diff/1"

_WHATS = ("changed", "only_left", "only_right")
_SYMBOLS = {"changed": "~", "only_left": "-", "only_right": "+"}
_COLORS = {"changed": "yellow", "only_left": "red", "only_right": "green"}


def verdict(diff: OrgDiff) -> str:
    """The one line that says it all."""
    counts = {what: sum(each.what == what for each in diff.differences) for what in _WHATS}
    left, right = visible(diff.left), visible(diff.right)
    words = {"changed": "differ", "only_left": f"only in {left}", "only_right": f"only in {right}"}
    parts = [f"{count} {words[what]}" for what, count in counts.items() if count]
    same = f"{plural(diff.same, 'object')} the same"
    if parts:
        return f"{left} and {right}: {', '.join(parts)}; {same}."
    return f"{left} and {right} do not differ: {same}."


def said(diff: OrgDiff, difference: Difference) -> str:
    """`only in uat Badge/x`, `differs Badge/x`."""
    words = {
        "changed": "differs",
        "only_left": f"only in {diff.left}",
        "only_right": f"only in {diff.right}",
    }
    return visible(f"{words[difference.what]}: {difference.address}")


def orgdiff_text(diff: OrgDiff, *, color: bool = False) -> str:
    """Every difference, values of the left org before those of the right one."""
    paint: Paint = styled if color else plain
    return "\n".join(_lines(diff, paint)) + "\n"


def _lines(diff: OrgDiff, paint: Paint) -> Iterator[str]:
    for each in diff.differences:
        head = f"{_SYMBOLS[each.what]} {said(diff, each)}"
        yield "  " + paint(head, _COLORS[each.what], bold=True)
        for line in _fields(each.fields, paint):
            yield "      " + line
    if diff.differences:
        yield ""
    yield from (f"{paint('Not readable', 'bright_red')}: {visible(t)}" for t in diff.unreadable)
    yield paint(verdict(diff), bold=True)


def _fields(fields: tuple[FieldChange, ...], paint: Paint) -> Iterator[str]:
    width = max((len(path_text(field.path)) for field in fields), default=0)
    for field in fields:
        yield from field_text(field, width, paint)


def orgdiff_json(diff: OrgDiff) -> str:
    """The differences as data; `before` is the left org's value, `after` the right one's."""
    document = {
        "format": FORMAT,
        "left": diff.left,
        "right": diff.right,
        "same": diff.same,
        "differences": [_entry(each) for each in diff.differences],
        "unreadable": list(diff.unreadable),
    }
    return as_text(document)


def _entry(difference: Difference) -> dict[str, Any]:
    return {
        "address": str(difference.address),
        "kind": difference.address.kind,
        "what": difference.what,
        "natural_key": difference.natural_key,
        "fields": [field_json(field) for field in difference.fields],
    }


def orgdiff_markdown(diff: OrgDiff, *, limit: int = LIMIT) -> str:
    """The differences as a comment within `limit` characters."""
    blocks = [
        folded(
            f"{_SYMBOLS[each.what]} {said(diff, each)}",
            [line for field in each.fields for line in field_lines(field)],
        )
        for each in diff.differences
    ]
    return assembled(_head(diff), blocks, "", command="`capsync diff`", limit=limit)


def _head(diff: OrgDiff) -> Iterator[str]:
    yield marker("diff", f"{diff.left} {diff.right}")
    mark = "❌" if diff.differences or diff.unreadable else "✅"
    yield f"### {mark} capsync diff: {code(diff.left)} and {code(diff.right)}"
    yield ""
    yield f"**{verdict(diff)}**"
    yield from listed("Not readable", map(code, diff.unreadable))
