"""Pieces of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPECIAL = re.compile(r"([\\*\[\]]|(?<!\w)_|_(?!\w))")


def plain(text: str) -> str:
    """A text without markup of its own, but for `code` between backticks."""
    parts = re.split(r"(`[^`]+`)", " ".join(text.split()))
    return "".join(part if part.startswith("`") else _escaped(part) for part in parts)


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", text)


def code(text: str) -> str:
    """The text as a code span."""
    return f"`{text}`"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A table of cells that are Markdown already; nothing where there are no rows."""
    heads = list(heads)
    lines = ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
    if not lines:
        return []
    return ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads), *lines]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def block(text: str, language: str = "") -> list[str]:
    """The text as a block of code."""
    return [f"```{language}", text.strip("\n"), "```"]


def page(parts: Iterable[Iterable[str]]) -> str:
    """The parts of a page, empty ones left out, a blank line between them."""
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"
