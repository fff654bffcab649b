"""Pieces of a pull-request comment in GitHub-flavoured Markdown that hold hostile text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from capsync.report.values import shortened, visible
from capsync.report.words import plural

# GitHub takes 65,536 characters a comment; the rest is left for what a workflow adds.
LIMIT = 60_000

_MOST_NOTICES = 50
_LONGEST = 300  # characters of one reason or warning


def marker(what: str, environment: str) -> str:
    """The invisible first line by which a workflow finds its own comment again."""
    return f"<!-- capsync {what} {re.sub('[^A-Za-z0-9_.]', '_', environment)} -->"


def code(text: str) -> str:
    """The text as a code span: no markup, link or mention in it takes effect."""
    shown = shortened(visible(text), _LONGEST)
    fence = "`" * (_longest_run([shown]) + 1)
    pad = " " if "`" in shown or not shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _longest_run(lines: Iterable[str]) -> int:
    """The length of the longest run of backticks."""
    return max((len(run) for line in lines for run in re.findall("`+", line)), default=0)


def listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A titled list, the end of a long one counted; nothing where there are no lines."""
    found = list(lines)
    if not found:
        return
    yield ""
    yield f"**{title}**"
    yield ""
    yield from (f"- {line}" for line in found[:_MOST_NOTICES])
    if len(found) > _MOST_NOTICES:
        yield f"- and {len(found) - _MOST_NOTICES} more"


def folded(summary: str, lines: Iterable[str]) -> str:
    """A folded block whose body is a diff."""
    body = [line for line in lines if line] or [visible(summary)]
    fence = "`" * max(3, _longest_run(body) + 1)
    return (
        f"\n<details><summary><code>{escape(visible(summary))}</code></summary>\n\n"
        f"{fence}diff\n" + "\n".join(body) + f"\n{fence}\n\n</details>"
    )


def assembled(
    head: Iterable[str], blocks: Sequence[str], tail: str, *, command: str, limit: int = LIMIT
) -> str:
    """The comment within `limit` characters: blocks that do not fit are counted, never cut."""
    start = "\n".join(head)
    room = limit - len(start) - len(tail) - len(_left_out(len(blocks), command)) - 4
    kept: list[str] = []
    for block in blocks:
        room -= len(block) + 1
        if room < 0:
            break
        kept.append(block)
    if left := len(blocks) - len(kept):
        kept.append(_left_out(left, command))
    return "\n".join(part for part in (start, *kept, tail) if part) + "\n"


def _left_out(count: int, command: str) -> str:
    more = plural(count, "more resource")
    return f"\n_{more}: this comment is full. Run {command} to see all._"
