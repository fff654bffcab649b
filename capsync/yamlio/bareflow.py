"""`ignore: [description, benefits[].points]`: lists of paths as people write them.

In YAML an unquoted text inside [ ] can not hold brackets, so such a list is a syntax error. Only
when a file has one, the paths in lists under `ignore` and `sensitive` are quoted and the file is
read again; places are told in the file as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

_LIST = re.compile(r"(?:^|[\s{,])(?:ignore|sensitive)[ ]*:[ ]+\[", re.MULTILINE)
_TOKEN = re.compile(
    r"""(?P<path>\w[^\s"'#{},\[\]]*(?:\[[^"'#{},\[\]\n]*\][^\s"'#{},\[\]]*)+)
    | (?P<end>\])
    | "(?:[^"\\]|\\.)*" | '(?:[^']|'')*' | [^\s,\]]+ | [\s,]+""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class PlainMark:
    """A place in a text, counted in characters from 0."""

    index: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Quoted:
    """A text with quotes put in; `inserts` are their places in it, in order."""

    text: str
    inserts: tuple[int, ...]

    def original(self, mark: Any) -> PlainMark:
        """The same place in the text without them."""
        before = bisect_left(self.inserts, mark.index)
        on_line = before - bisect_left(self.inserts, mark.index - mark.column)
        return PlainMark(mark.index - before, mark.line, mark.column - on_line)


def with_quoted_paths(text: str) -> Quoted | None:
    """The text with the bare paths quoted, None where it has none."""
    spans = [span for found in _LIST.finditer(text) for span in _bare_paths(text, found.end())]
    if not spans:
        return None
    parts: list[str] = []
    inserts: list[int] = []
    position = 0
    for start, end in spans:
        inserts += [start + len(inserts), end + len(inserts) + 1]
        parts += [text[position:start], f'"{text[start:end]}"']
        position = end
    return Quoted("".join(parts) + text[position:], tuple(inserts))


def _bare_paths(text: str, position: int) -> list[tuple[int, int]]:
    """The spans of the paths with brackets in a list that starts there."""
    spans = []
    for token in _TOKEN.finditer(text, position):
        if token["end"]:
            break
        if token["path"]:
            spans.append(token.span())
    return spans
