from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from capsync.model import Address
from capsync.report.drawing import place, svg
from capsync.report.graph import dot, mermaid, plan_edges
from tests.conftest import Golden
from tests.unit.report.plans import RICH

SERIES, GROUP, BADGE = (
    Address("CouponSeries", "w"),
    Address("BadgeGroup", "e"),
    Address("Badge", "t"),
)
NASTY = Address("Vendor", '<b>"]\\`|\n-->')
NODES = [BADGE, GROUP, SERIES, NASTY]
EDGES = [(BADGE, GROUP), (BADGE, SERIES)]


def test_mermaid(golden: Golden) -> None:
    golden("graph.mmd", mermaid(NODES, EDGES))


def test_dot(golden: Golden) -> None:
    golden("graph.dot", dot(NODES, EDGES))


def test_what_is_needed_stands_left() -> None:
    cells = place(NODES, EDGES).cells
    assert cells[BADGE][0] == cells[GROUP][0] + 1 == cells[SERIES][0] + 1


def test_plan_edges_stay_inside_the_plan() -> None:
    assert plan_edges(RICH) == (
        (Address("Badge", "trail-walker"), Address("BadgeGroup", "explorers")),
    )


names = st.integers(0, 12).map(lambda n: Address("Kind", f"n{n}"))


@given(st.lists(st.tuples(names, names)))
def test_every_graph_is_placed_circles_included(edges: list[tuple[Address, Address]]) -> None:
    nodes = sorted({end for edge in edges for end in edge})
    placed = place(nodes, edges)
    assert set(placed.cells) == set(nodes)
    assert len(set(placed.cells.values())) == len(nodes)


def test_the_drawing_is_wellformed_and_names_every_resource() -> None:
    drawn = ET.fromstring(svg(NODES, EDGES, {BADGE: "update"}))
    titles = [element.text for element in drawn.iter("title")]
    assert titles == ["Badge/t", "BadgeGroup/e", "CouponSeries/w", 'Vendor/<b>"]\\`|\\n-->']
    assert len(list(drawn.iter("path"))) == 2
    assert next(g.get("class") for g in drawn.iter("g")) == "update"


def test_labels_can_not_leave_mermaid_quotes() -> None:
    [line] = [line for line in mermaid(NODES, []).splitlines() if "Vendor" in line]
    label = re.fullmatch(r'  n3\["(.*)"\]', line)
    assert label is not None
    assert not set('"<>[]`|\\') & set(label[1])
