"""The text of a file, and the checks of it that YAML parsers leave out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from capsync.model import Problem, Where

# YAML's own set of printable characters, less the three that 1.1 readers (libyaml) take for line
# breaks and 1.2 readers do not: raw, they would mean different things to different programs.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]"
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def decode(data: bytes, file: str) -> str | Problem:
    """The text of a file without its byte order mark, or why it is none."""
    if data.startswith(_UTF16):
        return Problem(Where(file), "is UTF-16", hint="save it as UTF-8", rule="not-text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = where_of(data[: error.start].decode("utf-8", "replace"), file)
        message = f"is not UTF-8 text: byte 0x{data[error.start]:02x}"
        return Problem(where, message, hint="save it as UTF-8", rule="not-text")
    return text


def forbidden(text: str, file: str) -> Problem | None:
    """The first character that may not stand in YAML, as a problem."""
    found = _FORBIDDEN.search(text)
    if found is None:
        return None
    where, code = where_of(text[: found.start()], file), ord(found[0])
    if code == 0:
        return Problem(where, "is a binary file: it holds a NUL byte", rule="not-text")
    message = f"the character U+{code:04X} may not stand in YAML as it is"
    escape = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    hint = f'remove it, or write it as "{escape}" in double quotes'
    return Problem(where, message, hint=hint, rule="bad-character")


def where_of(before: str, file: str) -> Where:
    """The place that follows this text."""
    line_start = max(before.rfind("\n"), before.rfind("\r")) + 1
    breaks = before.count("\n") + before.count("\r") - before.count("\r\n")
    return Where(file, breaks + 1, len(before) - line_start + 1)


# A tab is harmless at the end of a line, and before a comment; elsewhere readers disagree.
_TAB = re.compile(r"\t(?![ \t]*[\r\n])")
_LAST_TAB = re.compile(r"\t(?![ \t]*(?:[\r\n]|\Z))")
_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\r\n]*")


def stray_tabs(text: str, scalars: Iterable[tuple[int, int]], file: str) -> list[Problem]:
    """Tabs that separate or indent, one problem a line.

    `scalars` are the character spans of all scalars in order. libyaml takes such a tab for white
    space (`a:\\tb`), other readers refuse the file.
    """
    problems: dict[int, Problem] = {}
    position = 0
    for start, end in [*scalars, (len(text), len(text))]:
        pattern = _TAB if start < len(text) else _LAST_TAB
        for offset in _matches(pattern, text[position:start]):
            where = where_of(text[: position + offset], file)
            message = "a tab may not separate or indent"
            problems.setdefault(where.line, Problem(where, message, hint="use spaces", rule="tab"))
        position = max(position, end)
    return list(problems.values())


def _matches(pattern: re.Pattern[str], gap: str) -> list[int]:
    if "\t" not in gap:
        return []
    bare = _COMMENT.sub(lambda comment: " " * len(comment[0]), gap)
    return [found.start() for found in pattern.finditer(bare)]
