"""Changes to a file that touch only the bytes of the value: comments and layout stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yaml.events import AliasEvent

from capsync.errors import CapsyncError
from capsync.model import Json, Path, path_text
from capsync.yamlio.dump import dump, is_block, literal, scalar_text
from capsync.yamlio.reader import Builder, Entry, build, parse


class EditRefused(CapsyncError):
    """The value can not be changed in place without touching others; the file is as it was."""


def edit_value(text: str, document: int, path: Path, value: Json) -> str:
    """The text with `value` at `path` of that document (counted from 0) and nothing else changed.

    A key that is not there is put behind its last sibling; missing parents come with it. Raises
    EditRefused where the place is shared through an anchor, or is no place at all.
    """
    bare = text.removeprefix("\ufeff")
    builder = build(bare, marks=True)
    if builder.problems:
        raise EditRefused(f"the file has errors: {builder.problems[0]}")
    target = _target(builder, document, path)
    edit = _edit(_Text(bare, builder), target, path, value)
    edited = bare[: edit.start] + edit.text + bare[edit.end :]
    wanted = list(builder.documents)
    wanted[document] = _with(wanted[document], path, value)
    found = parse(edited)
    if found.problems or not _identical(found.documents, wanted):
        hint = "it may be shared through an anchor: change it by hand"
        raise EditRefused(f"{path_text(path)} can not be changed alone", hint=hint)
    return text[: len(text) - len(bare)] + edited


@dataclass(frozen=True, slots=True)
class _Splice:
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Target:
    """The deepest node on the way to a path, and how many steps of the path lead to it."""

    entry: Entry
    value: Json
    depth: int
    flow: bool  # stands inside a flow collection


def _target(builder: Builder, document: int, path: Path) -> _Target:
    assert builder.marks is not None
    value: Any = builder.documents[document]
    entry, flow = builder.marks[0, document], False
    for depth, step in enumerate(path):
        inner = builder.marks.get((id(value), step))
        if inner is None or not _within(inner, entry):
            return _Target(entry, value, depth, flow)
        flow = flow or _is_flow(entry)
        entry, value = inner, value[step]
    return _Target(entry, value, len(path), flow)


def _within(inner: Entry, outer: Entry) -> bool:
    """False for what an alias or a merge key brings from elsewhere."""
    return bool(outer.start.index <= inner.start.index and inner.end.index <= outer.end.index)


def _is_flow(entry: Entry) -> bool:
    return bool(getattr(entry.event, "flow_style", False))


def _edit(text: _Text, target: _Target, path: Path, value: Json) -> _Splice:
    if target.depth == len(path):
        return text.replace(target, value)
    step, *deeper = path[target.depth :]
    for inner in reversed(deeper):
        value = [value] if inner == 0 else {inner: value}
    if target.value is None:
        return text.replace(target, {step: value})
    fits = isinstance(target.value, dict) if isinstance(step, str) else step == len(target.value)
    if not fits or type(target.entry.event) is AliasEvent:
        raise EditRefused(f"there is no place for {path_text(path)}")
    return text.insert(target, step, value)


class _Text:
    """A text and the places of its nodes."""

    def __init__(self, text: str, builder: Builder) -> None:
        assert builder.marks is not None
        self.text = text
        self.marks = builder.marks
        self.line_end = "\r\n" if "\r\n" in text else "\n"

    def replace(self, target: _Target, value: Json) -> _Splice:
        """The node gives way to the value."""
        entry = target.entry
        start, end = entry.start.index, self.content_end(entry, target.value)
        if getattr(entry.event, "flow_style", None) is False:
            return self._replace_block(start, end, entry, value)
        style = getattr(entry.event, "style", None) or ""
        new = _in_style(value, style, flow=target.flow)
        if style in ("|", ">") and isinstance(value, str) and _stays_block(value):
            new = self._block_text(start, end, value)
        lead = " " if start == end and self.text[start - 1 : start] not in ("", " ") else ""
        return _Splice(start, end, lead + new)

    def _block_text(self, start: int, end: int, value: str) -> str:
        lines = self.text[start:end].splitlines()[1:]
        indent = min(
            (len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=2
        )
        return self.line_end.join(literal("", value, " " * indent))

    def _replace_block(self, start: int, end: int, entry: Entry, value: Json) -> _Splice:
        if isinstance(value, (dict, list)) and value:
            lines = dump(value).splitlines()
            return _Splice(start, end, self._joined(lines, " " * entry.start.column))
        above = self.text[:start].rstrip()
        if above.endswith(":"):  # no comment between: the value moves up beside its key
            return _Splice(len(above), end, " " + scalar_text(value))
        return _Splice(start, end, scalar_text(value))

    def insert(self, target: _Target, step: str | int, value: Json) -> _Splice:
        """The value comes behind the last member of the node."""
        if _is_flow(target.entry):
            return self._insert_flow(target, step, value)
        own = self._own_members(target)
        lines = dump([value] if isinstance(step, int) else {step: value}).splitlines()
        first = min(own, key=lambda entry: entry.start.index)
        column = first.key.column if first.key is not None else target.entry.start.column
        end = self.content_end(target.entry, target.value)
        place = self.text.find("\n", end)
        place = len(self.text) if place < 0 else place - (self.text[place - 1] == "\r")
        indent = " " * column
        return _Splice(place, place, self.line_end + indent + self._joined(lines, indent))

    def _insert_flow(self, target: _Target, step: str | int, value: Json) -> _Splice:
        new = scalar_text(value, flow=True)
        if isinstance(step, str):
            new = f"{scalar_text(step, flow=True)}: {new}"
        end = target.entry.end.index - 1
        own = self._own_members(target)
        if not own:
            return _Splice(end, end, new)
        last = max(entry.end.index for entry in own)
        comma = "" if "," in self.text[last:end] else ","
        return _Splice(last, last, f"{comma} {new}") if comma else _Splice(end, end, f" {new}")

    def _own_members(self, target: _Target) -> list[Entry]:
        steps = target.value if isinstance(target.value, dict) else range(len(target.value))
        entries = [self.marks[id(target.value), step] for step in steps]
        return [entry for entry in entries if _within(entry, target.entry)]

    def _joined(self, lines: list[str], indent: str) -> str:
        return self.line_end.join([lines[0], *(line and indent + line for line in lines[1:])])

    def content_end(self, entry: Entry, value: Json) -> int:
        """Where a node ends: the end marks of block nodes stand behind blanks and comments."""
        start, end = entry.start.index, int(entry.end.index)
        if getattr(entry.event, "style", None) in ("|", ">"):
            return int(start) + len(self.text[start:end].rstrip())
        if getattr(entry.event, "flow_style", None) is not False:
            return end
        steps: Any = value if isinstance(value, dict) else range(len(value))
        inner = [(self.marks[id(value), step], value[step]) for step in steps]
        return max(self.content_end(*pair) for pair in inner if _within(pair[0], entry))


def _stays_block(text: str) -> bool:
    """The blank lines that follow in the file would join a text that keeps its last line ends."""
    return is_block(text) and not text.endswith("\n\n")


def _in_style(value: Json, style: str, *, flow: bool) -> str:
    """A text keeps the quotes that its place had."""
    if isinstance(value, str) and value.isprintable():
        if style == "'":
            return "'" + value.replace("'", "''") + "'"
        if style == '"':
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
    return scalar_text(value, flow=flow)


def _with(data: Json, path: Path, value: Json) -> Json:
    """The data with another value at a path."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(data or [])
        items[step : step + 1] = [_with(items[step] if step < len(items) else None, rest, value)]
        return items
    return {**(data or {}), step: _with((data or {}).get(step), rest, value)}


def _identical(left: Json, right: Json) -> bool:
    """Equal in type too: in Python 1 == True == 1.0."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_identical(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_identical, left, right))
    return type(left) is type(right) and bool(left == right)
