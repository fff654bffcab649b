"""A dependency graph as SVG: layers from left to right, few crossings, no library."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from capsync.model import Address
from capsync.report.values import shortened, visible

MOST_NODES = 400

_WIDTH, _HEIGHT = 236, 26  # of a box, in px
_GAP_X, _GAP_Y = 70, 14
_LABEL = 30  # characters in a box, 7.3 px each at most
_SWEEPS = 4

Edge = tuple[Address, Address]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where each box is: column and row."""

    cells: Mapping[Address, tuple[int, int]]
    columns: int
    rows: int


def place(nodes: Sequence[Address], edges: Iterable[Edge]) -> Placed:
    """Needed resources left of those that need them, each row near its neighbours."""
    needs: dict[Address, list[Address]] = defaultdict(list)
    for one, other in edges:
        needs[one].append(other)
    depth = _depths(nodes, needs)
    columns: dict[int, list[Address]] = defaultdict(list)
    for address in sorted(nodes):
        columns[depth[address]].append(address)
    neighbours: dict[Address, list[Address]] = defaultdict(list)
    for one, others in needs.items():
        for other in others:
            neighbours[one].append(other)
            neighbours[other].append(one)
    rows = _ordered(columns, neighbours)
    cells = {address: (depth[address], row) for address, row in rows.items()}
    return Placed(cells, max(columns, default=-1) + 1, max(rows.values(), default=-1) + 1)


def _depths(
    nodes: Sequence[Address], needs: Mapping[Address, Sequence[Address]]
) -> dict[Address, int]:
    """How many resources are needed one after the other before each; circles are cut."""
    depth: dict[Address, int] = {}
    for start in nodes:
        open_: list[Address] = [start]
        on_way: set[Address] = set()
        while open_:
            address = open_[-1]
            on_way.add(address)
            missing = [n for n in needs.get(address, ()) if n not in depth and n not in on_way]
            if address not in depth and missing:
                open_ += missing[:1]
                continue
            open_.pop()
            known = [depth[n] for n in needs.get(address, ()) if n in depth]
            depth.setdefault(address, max(known, default=-1) + 1)
            on_way.discard(address)
    return depth


def _ordered(
    columns: Mapping[int, list[Address]], neighbours: Mapping[Address, Sequence[Address]]
) -> dict[Address, int]:
    rows = {each: row for column in columns.values() for row, each in enumerate(column)}
    for _ in range(_SWEEPS):
        for column in columns.values():
            column.sort(key=lambda each: (_middle(each, rows, neighbours), each))
            rows.update({each: row for row, each in enumerate(column)})
    return rows


def _middle(
    address: Address, rows: Mapping[Address, int], neighbours: Mapping[Address, Sequence[Address]]
) -> float:
    near = neighbours.get(address, ())
    return sum(rows[each] for each in near) / len(near) if near else rows[address]


def svg(nodes: Sequence[Address], edges: Sequence[Edge], marks: Mapping[Address, str]) -> str:
    """The drawing; boxes carry the class of their mark, titles the whole address."""
    placed = place(nodes, edges)
    width = placed.columns * (_WIDTH + _GAP_X) - _GAP_X + 2
    height = placed.rows * (_HEIGHT + _GAP_Y) - _GAP_Y + 2
    parts = [
        f'<svg class="graph" role="img" aria-label="Dependency graph: {len(nodes)} resources,'
        f' {len(edges)} references" width="{max(width, 1)}" height="{max(height, 1)}"'
        f' viewBox="0 0 {max(width, 1)} {max(height, 1)}">'
    ]
    parts += [_line(placed.cells[one], placed.cells[other]) for one, other in edges]
    parts += [_box(each, placed.cells[each], marks.get(each, "noop")) for each in nodes]
    return "\n".join([*parts, "</svg>"])


def _corner(cell: tuple[int, int]) -> tuple[int, int]:
    return 1 + cell[0] * (_WIDTH + _GAP_X), 1 + cell[1] * (_HEIGHT + _GAP_Y)


def _line(source: tuple[int, int], target: tuple[int, int]) -> str:
    (x1, y1), (x2, y2) = _corner(source), _corner(target)
    y1, y2 = y1 + _HEIGHT // 2, y2 + _HEIGHT // 2
    start, end = x1, x2 + _WIDTH
    bend = max(abs(start - end) // 2, _GAP_X // 2)
    return f'<path d="M{start},{y1} C{start - bend},{y1} {end + bend},{y2} {end},{y2}"/>'


def _box(address: Address, cell: tuple[int, int], mark: str) -> str:
    x, y = _corner(cell)
    whole = escape(visible(str(address)))
    label = escape(shortened(visible(str(address)), _LABEL))
    return (
        f'<g class="{escape(mark)}"><title>{whole}</title>'
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="4"/>'
        f'<text x="{x + 8}" y="{y + 17}">{label}</text></g>'
    )
