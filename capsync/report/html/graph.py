"""A dependency graph as a page."""

from __future__ import annotations

from collections.abc import Sequence

from capsync.model import Address
from capsync.report.drawing import Edge
from capsync.report.html.page import Page, rendered
from capsync.report.words import plural


def graph_html(project: str, nodes: Sequence[Address], edges: Sequence[Edge]) -> str:
    """The drawing of a project's references."""
    page = Page(
        title=f"capsync graph: {project}",
        subtitle=project,
        verdict=f"{plural(len(nodes), 'resource')}, {plural(len(edges), 'reference')}",
        nodes=nodes,
        edges=edges,
    )
    return rendered(page)
