"""Dependency graphs as Mermaid and DOT text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from capsync.model import Address, Plan
from capsync.report.values import visible

Edge = tuple[Address, Address]


def plan_edges(plan: Plan) -> tuple[Edge, ...]:
    """From each change of a plan to the changes that it needs."""
    here = {change.address for change in plan.changes}
    edges = (
        (change.address, needed)
        for change in plan.changes
        for needed in change.depends_on
        if needed in here
    )
    return tuple(sorted(edges))


def mermaid(nodes: Iterable[Address], edges: Iterable[Edge]) -> str:
    """A Mermaid flowchart: arrows go from a resource to what it needs."""
    ids = {address: f"n{number}" for number, address in enumerate(nodes)}
    lines = ["flowchart LR"]
    lines += [f'  {id_}["{_mermaid_label(str(address))}"]' for address, id_ in ids.items()]
    lines += [f"  {ids[one]} --> {ids[other]}" for one, other in edges]
    return "\n".join(lines) + "\n"


def _mermaid_label(text: str) -> str:
    # Mermaid reads quotes, brackets, backticks and HTML in labels; numeric codes are just text.
    return "".join(_mermaid_character(character) for character in visible(text))


def _mermaid_character(character: str) -> str:
    if character.isalnum() or character in " /._-":
        return character
    return f"#{ord(character)};"


def dot(nodes: Iterable[Address], edges: Iterable[Edge]) -> str:
    """A Graphviz digraph, resources boxed by kind."""
    listed = list(nodes)
    lines = ["digraph capsync {", "  rankdir=LR;", "  node [shape=box];"]
    for number, kind in enumerate(sorted({address.kind for address in listed})):
        lines += _cluster(number, kind, [each for each in listed if each.kind == kind])
    lines += [f"  {_dot_text(str(one))} -> {_dot_text(str(other))};" for one, other in edges]
    return "\n".join([*lines, "}"]) + "\n"


def _cluster(number: int, kind: str, nodes: list[Address]) -> Iterator[str]:
    yield f"  subgraph cluster_{number} {{"
    yield f"    label={_dot_text(kind)};"
    for address in nodes:
        yield f"    {_dot_text(str(address))} [label={_dot_text(address.name)}];"
    yield "  }"


def _dot_text(text: str) -> str:
    escaped = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
