"""The page itself: what is on it, and its markup."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files

from capsync import __version__
from capsync.model import Address, Where
from capsync.report.drawing import MOST_NODES, Edge, svg
from capsync.report.values import visible

_LABELS = {"noop": "no write"}


@dataclass(frozen=True, slots=True)
class Row:
    """One field: the live and the desired side as text, or its inner differences as lines."""

    path: str
    before: str | None = None
    after: str | None = None
    place: Where | None = None
    note: str = ""
    inside: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One resource. `mark` is the class that gives it its colour, `word` what is said of it."""

    address: Address
    mark: str
    word: str
    id: str = ""
    tags: Sequence[str] = ()
    notes: Sequence[str] = ()
    rows: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something of the whole that needs eyes; `level` is bad, warn or plain."""

    title: str
    texts: Sequence[str]
    level: str = "plain"


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on a page. `sides` name the columns of the live and the desired value."""

    title: str
    subtitle: str
    verdict: str
    details: Sequence[str] = ()
    notices: Sequence[Notice] = ()
    cards: Sequence[Card] = ()
    quiet: Sequence[Address] = ()
    nodes: Sequence[Address] = ()
    edges: Sequence[Edge] = ()
    marks: Mapping[Address, str] = field(default_factory=dict)
    sides: tuple[str, str] = ("now", "then")


def text(value: str) -> str:
    """Any text as HTML text: visible characters, markup escaped."""
    return escape(visible(value))


def rendered(page: Page) -> str:
    """The page as one HTML document."""
    style, script = _asset("page.css"), _asset("page.js")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(style, script)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta name="generator" content="capsync {__version__}">',
            f"<title>{text(page.title)}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            *_body(page),
            f"<script>{script}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _asset(name: str) -> str:
    return (files("capsync.report.html") / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing is loaded, and no script runs but ours, whatever a value holds."""
    hashes = [
        base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()
        for each in (style, script)
    ]
    return (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}';"
        " base-uri 'none'; form-action 'none'"
    )


def _body(page: Page) -> Iterator[str]:
    yield '<a class="skip" href="#resources">Skip to the resources</a>'
    yield f'<header><h1>{text(page.title)}</h1><p class="dim">{text(page.subtitle)}</p>'
    yield f'<p class="verdict">{text(page.verdict)}</p>'
    yield from (f'<p class="dim">{text(line)}</p>' for line in page.details if line)
    yield "</header><main>"
    for notice in page.notices:
        yield from _notice(notice)
    if page.cards:
        yield from _filters(page.cards)
        yield '<div id="resources">'
        for card in page.cards:
            yield from _card(card, page.sides)
        yield "</div>"
    yield from _quiet(page.quiet)
    yield from _drawing(page)
    yield f'</main><footer class="dim">capsync {__version__}</footer>'


def _notice(notice: Notice) -> Iterator[str]:
    if notice.texts:
        yield f'<section class="notice {notice.level}"><strong>{text(notice.title)}</strong><ul>'
        yield from (f"<li>{text(each)}</li>" for each in notice.texts)
        yield "</ul></section>"


def _filters(cards: Sequence[Card]) -> Iterator[str]:
    yield '<div class="filters" role="group" aria-label="Filters">'
    counts: dict[str, int] = {}
    for card in cards:
        counts[card.mark] = counts.get(card.mark, 0) + 1
    for mark, count in counts.items():
        yield (
            f'<button type="button" class="{mark}" data-mark="{mark}" aria-pressed="true">'
            f"{_LABELS.get(mark, mark)}<b>{count}</b></button>"
        )
    yield '<select id="kind" aria-label="Kind"><option value="">every kind</option>'
    for kind in sorted({card.address.kind for card in cards}):
        yield f"<option>{text(kind)}</option>"
    yield "</select>"
    yield '<input id="search" type="search" placeholder="Search ( / )" aria-label="Search">'
    yield '<button type="button" id="fold">Open or close all</button>'
    yield '<span id="shown" class="dim" role="status"></span></div>'


def _card(card: Card, sides: tuple[str, str]) -> Iterator[str]:
    address, kind = text(str(card.address)), text(card.address.kind)
    yield f'<details class="card" data-mark="{card.mark}" data-kind="{kind}">'
    tags = "".join(f' <span class="tag blocked">{text(tag)}</span>' for tag in card.tags)
    id_ = f' <span class="dim mono">{text(card.id)}</span>' if card.id else ""
    yield (
        f'<summary><span class="word {card.mark}">{text(card.word)}</span>'
        f" <code>{address}</code>{id_}{tags}</summary>"
    )
    yield '<div class="body">'
    if card.notes:
        yield "<ul>" + "".join(f"<li>{text(note)}</li>" for note in card.notes) + "</ul>"
    if card.rows:
        heads = "".join(f'<th scope="col">{text(t)}</th>' for t in ("field", *sides, "where"))
        yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
        yield from (_row(row, sides) for row in card.rows)
        yield "</tbody></table>"
    if not card.rows and not card.notes:
        yield '<p class="dim">No fields.</p>'
    yield "</div></details>"


def _row(row: Row, sides: tuple[str, str]) -> str:
    place = f"{row.place.file}:{row.place.line}" if row.place else ""
    where = " ".join(part for part in (row.note, place) if part)
    if row.inside:
        inside = "\n".join(map(_line, row.inside))
        values = f'<td colspan="2"><pre>{inside}</pre></td>'
    else:
        values = _value(row.before, "old", sides[0]) + _value(row.after, "new", sides[1])
    return (
        f'<tr><td class="mono">{text(row.path)}</td>{values}'
        f'<td class="dim mono" data-label="">{text(where)}</td></tr>'
    )


def _value(value: str | None, name: str, label: str) -> str:
    shown = "" if value is None else text(value)
    return f'<td class="mono {name}" data-label="{text(label)}">{shown}</td>'


def _line(line: str) -> str:
    name = {"+": "plus", "-": "minus"}.get(line[:1], "")
    return f'<span class="{name}">{text(line)}</span>' if name else text(line)


def _quiet(addresses: Sequence[Address]) -> Iterator[str]:
    if addresses:
        yield f"<details><summary>{len(addresses)} unchanged</summary><ul>"
        yield from (f"<li><code>{text(str(each))}</code></li>" for each in addresses)
        yield "</ul></details>"


def _drawing(page: Page) -> Iterator[str]:
    if not page.nodes:
        return
    yield "<h2>Dependencies</h2>"
    nodes = page.nodes
    if len(nodes) > MOST_NODES:
        nodes = _most_linked(page.nodes, page.edges)
        yield (
            f'<p class="dim">The {MOST_NODES} resources with most references'
            f" of {len(page.nodes)}.</p>"
        )
    kept = set(nodes)
    edges = [edge for edge in page.edges if kept.issuperset(edge)]
    yield '<p class="dim">Lines go from a resource, on the right, to what it needs.</p>'
    yield f'<div class="drawing" tabindex="0">{svg(nodes, edges, page.marks)}</div>'


def _most_linked(nodes: Iterable[Address], edges: Iterable[Edge]) -> list[Address]:
    degree: dict[Address, int] = dict.fromkeys(nodes, 0)
    for edge in edges:
        for end in edge:
            degree[end] += 1
    chosen = sorted(degree, key=lambda each: (-degree[each], each))[:MOST_NODES]
    return sorted(chosen)
