"""Colours for a terminal, or none."""

from __future__ import annotations

from typing import Protocol


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
