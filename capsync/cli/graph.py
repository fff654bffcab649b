"""`capsync graph`: which resources refer to which."""

from __future__ import annotations

from pathlib import Path

import click

from capsync.cli.base import command as make_command
from capsync.cli.base import format_option, settings
from capsync.cli.running import emit


@make_command("graph")
@format_option("mermaid", "dot", "html", help="For Markdown, for Graphviz, or a page of its own.")
@click.option(
    "-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to FILE."
)
def command(form: str, output: Path | None) -> None:
    """Draw the references between the resources of the project, offline.

    Arrows go from a resource to what it needs.

    \b
    Examples:
      capsync graph
      capsync graph --format dot | dot -Tsvg > graph.svg
      capsync graph --format html -o graph.html
    """
    from capsync.kinds import KINDS
    from capsync.manifests import load_project
    from capsync.runs.dependencies import dependency_graph

    at = settings()
    project = load_project(at.directory, at.environment)
    graph = dependency_graph(project, KINDS)
    if form == "html":
        from capsync.report.html.graph import graph_html

        emit(at, graph_html(project.config.project, graph.nodes, graph.edges), output)
        return
    from capsync.report.graph import dot, mermaid

    draw = dot if form == "dot" else mermaid
    emit(at, draw(graph.nodes, graph.edges), output)
