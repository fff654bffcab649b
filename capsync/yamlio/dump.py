"""Plain data to YAML that people keep: block style, quotes only where a reader could be misled."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from capsync.model import Json, Path
from capsync.yamlio.scalars import NumberTooLarge, resolve

WIDTH = 100
_EMPTY: dict[type, str] = {dict: "{}", list: "[]"}
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_FLOW_KEYS = frozenset({"ref", "child", "lookup", "file"})

# Text that stays itself without quotes, in YAML 1.1 and 1.2 alike, unless a word has a meaning.
_PLAIN = re.compile(r"[^\W_][^\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]*")
_PLAIN_STARTS = frozenset("_/$(+")
_FLOW_MARKS = frozenset("[]{},:")
# What YAML 1.1 readers (PyYAML, Ruby, most editors) take for a boolean, null, number or date.
_TAKEN_BY_1_1 = re.compile(
    r"""(?ix: y|n|yes|no|on|off|true|false|null|~
    | [-+]?(?:[0-9][0-9_,]*)?\.?[0-9_]*(?:e[-+]?[0-9]+)?
    | [-+]?0[xob][0-9a-f_]+
    | [-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?
    | [-+]?\.(?:inf|nan)
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:t|[\ \t]+)[0-9]{1,2}:.*)?
    )"""
)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[-+][0-9]{2}:[0-9]{2})")


def dump(data: Json, *, comments: Mapping[Path, str] | None = None) -> str:
    """One document. A comment stands above the value of its path; where the path is not in the
    data (a value left out), at the end of the nearest container that is."""
    return "".join(f"{line}\n" for line in _Writer(comments or {}).document(data))


def scalar_text(value: Json, *, flow: bool = False) -> str:
    """One line of YAML for a value: plain or quoted text, or a flow collection."""
    if isinstance(value, str):
        return value if _reads_as_itself(value, flow=flow) else _quoted(value)
    if isinstance(value, Mapping):
        members = (
            f"{scalar_text(k, flow=True)}: {scalar_text(v, flow=True)}" for k, v in value.items()
        )
        return "{" + ", ".join(members) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(scalar_text(item, flow=True) for item in value) + "]"
    return json.dumps(value)


def _quoted(text: str) -> str:
    """The text in quotes: single ones where nothing needs an escape."""
    if text.isprintable() and '"' in text and "'" not in text:
        return f"'{text}'"
    return _escaped(text)


def _escaped(text: str) -> str:
    return (
        '"' + "".join(_ESCAPES.get(c) or (c if c.isprintable() else _code(c)) for c in text) + '"'
    )


def _code(character: str) -> str:
    code = ord(character)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )


def _reads_as_itself(text: str, *, flow: bool) -> bool:
    if not text or text[-1] in " :" or ": " in text or " #" in text:
        return False
    if not (_PLAIN.fullmatch(text) or (text[0] in _PLAIN_STARTS and _PLAIN.fullmatch("a" + text))):
        return False
    if flow and not _FLOW_MARKS.isdisjoint(text):
        return False
    if _INSTANT.fullmatch(text):
        return True  # the one text that a 1.1 reader takes for a time, and the contract shows bare
    try:
        return resolve(text) is text and not _TAKEN_BY_1_1.fullmatch(text)
    except NumberTooLarge:
        return False


class _Writer:
    """Lines of a document, with the comments that are not yet written."""

    def __init__(self, comments: Mapping[Path, str]) -> None:
        self.comments = dict(comments)

    def document(self, data: Json) -> Iterator[str]:
        """The lines of the whole document."""
        yield from self._above((), "")
        if isinstance(data, (dict, list)) and data:
            yield from self._container(data, (), "")
        else:
            yield from self._value("", data, (), "")

    def _container(self, data: Any, path: Path, indent: str) -> Iterator[str]:
        members = data.items() if isinstance(data, dict) else enumerate(data)
        for step, value in members:
            here = (*path, step)
            yield from self._above(here, indent)
            if isinstance(data, dict):
                yield from self._value(f"{indent}{scalar_text(step)}:", value, here, indent)
            else:
                yield from self._item(value, here, indent)
        yield from self._left_out(path, indent)

    def _above(self, path: Path, indent: str) -> Iterator[str]:
        yield from _comment(self.comments.pop(path, ""), indent)

    def _left_out(self, path: Path, indent: str) -> Iterator[str]:
        for lost in [p for p in self.comments if p[: len(path)] == path and len(p) > len(path)]:
            yield from _comment(self.comments.pop(lost), indent)

    def _item(self, value: Json, path: Path, indent: str) -> Iterator[str]:
        if not (isinstance(value, (dict, list)) and value) or _fits_flow(value, indent):
            yield from self._value(f"{indent}-", value, path, indent)
            return
        lines = self._container(value, path, indent + "  ")
        first = next(lines)
        if first.lstrip().startswith("#"):
            yield f"{indent}-"
            yield first
        else:
            yield f"{indent}- {first.lstrip()}"
        yield from lines

    def _value(self, lead: str, value: Json, path: Path, indent: str) -> Iterator[str]:
        gap = " " if lead else ""
        if isinstance(value, (dict, list)) and value and not _fits_flow(value, indent):
            yield lead
            below = indent + "  "
            yield from self._container(value, path, below)
        elif isinstance(value, str) and is_block(value):
            yield from literal(f"{lead}{gap}", value, indent + "  ")
        else:
            yield f"{lead}{gap}{scalar_text(value)}"
            if isinstance(value, (dict, list)):
                yield from self._left_out(path, indent + "  ")


def _comment(text: str, indent: str) -> Iterator[str]:
    for line in text.splitlines():
        shown = "".join(c if c.isprintable() else "\ufffd" for c in line)
        yield f"{indent}# {shown}".rstrip()


def _fits_flow(value: Json, indent: str) -> bool:
    """References and files read best on the line of their field."""
    if not isinstance(value, dict) or not value.keys() <= _FLOW_KEYS:
        return False
    return len(scalar_text(value)) + len(indent) < WIDTH


def is_block(text: str) -> bool:
    """Whether a text of several lines may stand as a literal block."""
    lines = text.split("\n")
    return (
        len(lines) > 1
        and text.strip("\n ") != ""
        and not text.startswith((" ", "\n"))
        and all(line.isprintable() for line in lines)
    )


def literal(lead: str, text: str, indent: str) -> Iterator[str]:
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    yield f"{lead}|{'-' if ends == 0 else '' if ends == 1 else '+'}"
    for line in body.split("\n") + [""] * max(ends - 1, 0):
        yield f"{indent}{line}" if line else ""
