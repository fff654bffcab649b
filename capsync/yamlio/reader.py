"""YAML text to plain data on libyaml's events; every fault is kept with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from sys import intern
from typing import Any, NamedTuple, Protocol

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from capsync.model import Json, Problem, Where
from capsync.yamlio.bareflow import Quoted, with_quoted_paths
from capsync.yamlio.scalars import MAY_RESOLVE, NumberTooLarge, resolve
from capsync.yamlio.source import decode, forbidden, stray_tabs

LIBYAML: bool = bool(yaml.__with_libyaml__)
"""Whether the fast parser is there; the pure one gives the same values about 13 times slower."""

MAX_DEPTH = 100
MAX_EXPANSION = 20_000
"""Nodes that the aliases of one document may add to it."""

Mark = Any  # yaml's Mark: index, line and column from 0, in characters


class Entry(NamedTuple):
    """Where a member stands: the mark of its key (None in lists) and the span of its value."""

    key: Mark | None
    start: Mark
    end: Mark
    event: Event


class Parsed(NamedTuple):
    """The documents of a file, where the root of each starts, and what is wrong with the file."""

    documents: list[Json]
    starts: list[Where]
    problems: list[Problem]


class EventSource(Protocol):
    """What both parsers of PyYAML have in common."""

    def get_event(self) -> Event | None:
        """The next event."""


def parse(data: bytes | str, file: str = "", *, pure: bool = False) -> Parsed:
    """The documents of a file. `pure` takes the parser that works without libyaml."""
    text = decode(data, file) if isinstance(data, bytes) else data.removeprefix("\ufeff")
    if isinstance(text, Problem):
        return Parsed([], [], [text])
    builder = build(text, file, pure=pure)
    return Parsed(builder.documents, builder.starts, builder.problems)


def build(
    text: str,
    file: str = "",
    *,
    marks: bool = False,
    pure: bool = False,
    quoted: Quoted | None = None,
) -> Builder:
    """A builder that has read the text; with `marks` it knows the place of every node.

    `quoted` is the same text with some quotes put in, to be read in its place.
    """
    builder = Builder(file, {} if marks else None, quoted)
    if problem := forbidden(text, file):
        builder.problems.append(problem)
        return builder
    source = quoted.text if quoted else text
    try:
        builder.read(event_source(source, pure=pure).get_event)
        if "\t" in text:
            builder.problems += stray_tabs(source, _scalar_spans(source, pure=pure), file)
    except yaml.YAMLError as error:
        if not quoted and (quoted := with_quoted_paths(text)):
            return build(text, file, marks=marks, pure=pure, quoted=quoted)
        builder.problems.append(syntax_problem(error, source, file))
    except _TooMuch as error:
        builder.problems.append(error.problem)
    if builder.problems and not marks:  # a duplicate key is told with the place of the first one
        return build(text, file, marks=True, pure=pure, quoted=quoted)
    return builder


def _scalar_spans(text: str, *, pure: bool) -> Iterator[tuple[int, int]]:
    next_event: Callable[[], Any] = event_source(text, pure=pure).get_event
    while type(event := next_event()) is not StreamEndEvent:
        if type(event) is ScalarEvent:
            marks: Any = (event.start_mark, event.end_mark)
            yield marks[0].index, marks[1].index


def event_source(text: str, *, pure: bool = False) -> EventSource:
    """libyaml's parser, or the pure one where it is missing or asked for."""
    source: EventSource = (yaml.CSafeLoader if LIBYAML and not pure else yaml.SafeLoader)(text)
    return source


class _TooMuch(Exception):
    """The file is not worth reading on: too deep, or blown up by aliases."""

    def __init__(self, where: Where, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(where, message, rule="too-large")


class _Anchor:
    """A named value, and what it counts: `size` in nodes and `depth` in levels, once asked for."""

    __slots__ = ("depth", "size", "value")

    def __init__(self, value: Json) -> None:
        self.value, self.size, self.depth = value, 0, 0


_LEVELS = {MappingStartEvent: 1, SequenceStartEvent: 1, MappingEndEvent: -1, SequenceEndEvent: -1}


class Builder:
    """Builds the documents of one file from events.

    `marks`, where it is not None, gets an Entry for each (id of the container, key or place); the
    root of document N has the key (0, N). Containers are kept, so their ids stay unique.
    """

    def __init__(
        self,
        file: str,
        marks: dict[tuple[int, str | int], Entry] | None,
        quoted: Quoted | None = None,
    ) -> None:
        self.file = file
        self.quoted = quoted
        self.documents: list[Json] = []
        self.starts: list[Where] = []
        self.problems: list[Problem] = []
        self.marks = marks
        self._anchors: dict[str, _Anchor | None] = {}  # None: still being read
        self._expanded = 0
        self._last: Any = None
        self._kept: list[Json] = []  # containers that no document holds: an id is not used again

    def read(self, next_event: Callable[[], Any]) -> None:
        """Build every document. Raises yaml.YAMLError at the first place that is no YAML."""
        self._next = next_event
        while type(event := next_event()) is not StreamEndEvent:
            if type(event) is not DocumentStartEvent:
                continue
            self._anchors, self._expanded = {}, 0
            root = next_event()
            value = self._node(root, 0)
            if self.marks is not None:
                self._mark(0, len(self.documents), None, root)
            self.documents.append(value)
            self.starts.append(self._where(root))

    def _node(self, event: Any, depth: int) -> Json:
        """The value that starts with this event; afterwards `_last` is its last event."""
        kind = type(event)
        if kind is AliasEvent:
            self._last = event
            return self._alias(event, depth)
        if event.tag is not None:
            self._tag(event)
        if kind is ScalarEvent:
            return self._scalar(event)
        if depth >= MAX_DEPTH:
            raise _TooMuch(self._where(event), f"nested deeper than {MAX_DEPTH} levels")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        read = self._mapping if kind is MappingStartEvent else self._sequence
        container: Json = read(depth + 1)
        if self.marks is not None:
            self._kept.append(container)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(container)
        return container

    def _scalar(self, event: Any) -> Json:
        self._last = event
        value: Json = event.value
        if not event.style and value[:1] in MAY_RESOLVE:
            try:
                value = resolve(value)
            except NumberTooLarge:
                self._too_large(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(value)
        return value

    def _mapping(self, depth: int) -> dict[str, Json]:
        mapping: dict[str, Json] = {}
        merge: Any = None
        next_event, node, scalar = self._next, self._node, self._scalar
        while type(event := next_event()) is not MappingEndEvent:
            if type(event) is not ScalarEvent or event.tag is not None:
                self._bad_key(event, depth)
                continue
            key = intern(event.value)  # the same few names come in every manifest
            value_event = next_event()
            if type(value_event) is ScalarEvent and value_event.tag is None:
                value = scalar(value_event)
            else:
                value = node(value_event, depth)
            if key == "<<" and not event.style:
                if merge is not None:
                    self._duplicate(key, merge[0].start_mark, event)
                merge = (event, value, self._last)
            elif key in mapping:
                first = self.marks and self.marks[id(mapping), key].key
                self._duplicate(key, first, event)
            else:
                mapping[key] = value
                if self.marks is not None:
                    self._mark(id(mapping), key, event, value_event)
        self._last = event
        if merge is not None:
            self._merge(mapping, merge[0], merge[1])
        return mapping

    def _sequence(self, depth: int) -> list[Json]:
        sequence: list[Json] = []
        next_event, node = self._next, self._node
        while type(event := next_event()) is not SequenceEndEvent:
            sequence.append(node(event, depth))
            if self.marks is not None:
                self._mark(id(sequence), len(sequence) - 1, None, event)
        self._last = event
        return sequence

    def _mark(self, container: int, step: str | int, key: Any, value: Any) -> None:
        assert self.marks is not None
        key_mark = None if key is None else self._original(key.start_mark)
        start, end = self._original(value.start_mark), self._original(self._last.end_mark)
        self.marks[container, step] = Entry(key_mark, start, end, value)

    def _too_large(self, event: Any) -> None:
        message = f"{event.value[:40]} is no number that JSON can carry"
        self._problem(event, message, "number", "quote it if it is a text")

    def _alias(self, event: Any, depth: int) -> Json:
        if event.anchor not in self._anchors:
            self._problem(event, f"no anchor &{event.anchor} comes before this alias", "alias")
            return None
        anchor = self._anchors[event.anchor]
        if anchor is None:
            raise _TooMuch(self._where(event), f"*{event.anchor} stands inside its own anchor")
        self._count(event, anchor, depth)
        return anchor.value

    def _count(self, event: Any, anchor: _Anchor, depth: int) -> None:
        if not anchor.size:
            anchor.size, anchor.depth = _extent(anchor.value)
        self._expanded += anchor.size
        if self._expanded > MAX_EXPANSION:
            message = f"the aliases of this document stand for more than {MAX_EXPANSION} values"
            raise _TooMuch(self._where(event), message)
        if depth + anchor.depth > MAX_DEPTH:
            raise _TooMuch(self._where(event), f"nested deeper than {MAX_DEPTH} levels")

    def _merge(self, mapping: dict[str, Json], event: Any, value: Json) -> None:
        """Add what `<<` brings: own keys win, then the earlier of several mappings."""
        for source in value if isinstance(value, list) else [value]:
            if not isinstance(source, dict):
                hint = "write <<: *name, or a list of such aliases"
                self._problem(event, "only mappings can be merged", "merge-key", hint)
                continue
            for key, item in source.items():
                if key not in mapping:
                    mapping[key] = item
                    if self.marks is not None:
                        self.marks[id(mapping), key] = self.marks[id(source), key]

    def _bad_key(self, event: Any, depth: int) -> None:
        """Report a key that is no plain text, and skip its value."""
        if type(event) is ScalarEvent:
            self._tag(event)
        else:
            hint = "quote a text that starts with { or [" if _is_flow(event) else "write it out"
            self._problem(event, "a key must be a text", "key", hint)
            self._skip(event)
        self._node(self._next(), depth)

    def _tag(self, event: Any) -> None:
        short = event.tag.replace("tag:yaml.org,2002:", "!!")
        self._problem(event, f"the tag {short} is not allowed", "tag", "remove it")

    def _skip(self, event: Any) -> None:
        level = _LEVELS.get(type(event), 0)
        while level:
            level += _LEVELS.get(type(self._next()), 0)

    def _duplicate(self, key: str, first: Any, event: Any) -> None:
        since = f", first at line {first.line + 1}" if first else ""
        self._problem(event, f'the key "{key}" is there twice{since}', "duplicate-key")

    def _problem(self, event: Any, message: str, rule: str, hint: str = "") -> None:
        self.problems.append(Problem(self._where(event), message, hint=hint, rule=rule))

    def _where(self, event: Any) -> Where:
        mark = self._original(event.start_mark)
        return Where(self.file, mark.line + 1, mark.column + 1)

    def _original(self, mark: Mark) -> Mark:
        return self.quoted.original(mark) if self.quoted else mark


def _is_flow(event: Any) -> bool:
    return bool(getattr(event, "flow_style", False))


def _extent(value: Json) -> tuple[int, int]:
    """How many nodes a value counts, shared ones each time, and how deep it is."""
    if not isinstance(value, (dict, list)):
        return 1, 0
    parts = [_extent(item) for item in (value.values() if isinstance(value, dict) else value)]
    return 1 + sum(size for size, _ in parts), 1 + max((depth for _, depth in parts), default=0)


def syntax_problem(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """What a parser of PyYAML refused, with a hint where the line tells more."""
    context, problem = getattr(error, "context", None), getattr(error, "problem", None)
    mark = getattr(error, "problem_mark", None)
    if mark is None or "end of stream" in (problem or ""):
        mark = getattr(error, "context_mark", None) or mark
    message = ": ".join(part for part in (context, problem) if part) or str(error)
    if mark is None:
        return Problem(Where(file), f"is no YAML: {message}", rule="syntax")
    lines = text.splitlines()
    hint = _hint(message, lines[mark.line] if mark.line < len(lines) else "")
    where = Where(file, mark.line + 1, mark.column + 1)
    return Problem(where, f"is no YAML: {message}", hint=hint, rule="syntax")


def _hint(message: str, line: str) -> str:
    if "\t" in line:
        return "use spaces, not tabs"
    if "${" in line or "{{" in line:
        return "quote a text that holds ${...} or {{...}}"
    if "mapping values are not allowed" in message:
        return 'quote a text that holds ": ", and check the indentation'
    if "cannot start any token" in message:
        return "quote a text that starts with this character"
    return ""
