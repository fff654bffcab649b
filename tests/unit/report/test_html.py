from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from capsync.model import Address
from capsync.report.drawing import MOST_NODES
from capsync.report.html.drift import drift_html
from capsync.report.html.graph import graph_html
from capsync.report.html.plan import plan_html
from tests.conftest import Golden
from tests.unit.report.audits import REPORT
from tests.unit.report.plans import EMPTY, RICH, UPDATE

PAGES = {
    "plan": plan_html(RICH),
    "empty": plan_html(EMPTY),
    "drift": drift_html(REPORT),
    "graph": graph_html("acme", [UPDATE.address], []),
}
VOID = {"meta", "input", "br", "rect", "path"}


class Reader(HTMLParser):
    """The tags of a page, checked to be closed in order; its text outside scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data


@pytest.mark.parametrize("name", PAGES)
def test_golden_page(name: str, golden: Golden) -> None:
    golden(f"{name}.html", PAGES[name])


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_wellformed(name: str) -> None:
    reader = Reader(PAGES[name])
    assert reader.open == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_loaded_and_no_value_becomes_markup(name: str) -> None:
    tags = Reader(PAGES[name]).tags
    assert [tag for tag, _ in tags].count("script") == 1
    assert not {"img", "link", "iframe", "object", "b "} & {tag for tag, _ in tags}
    assert not any({"src", "style"} & attributes.keys() for _, attributes in tags)
    assert not any(name.startswith("on") for _, attributes in tags for name in attributes)
    assert all((a.get("href") or "#").startswith("#") for _, a in tags)


def test_the_policy_allows_nothing_but_the_page_itself() -> None:
    policy = next(a["content"] for t, a in Reader(PAGES["plan"]).tags if "http-equiv" in a)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_hostile_values_are_shown_as_text() -> None:
    text = Reader(PAGES["plan"]).text
    assert "<script>alert(1)</script>" in text
    assert "\\u202e" in text
    assert "\u202e" not in PAGES["plan"]


def test_the_page_says_what_the_plan_says() -> None:
    text = Reader(PAGES["plan"]).text
    for said in ("1 to create", "Can not be taken back", "limits.max_changes", "(sensitive)"):
        assert said in text
    assert "manifests/badges.yaml:14" in text


def test_every_card_can_be_filtered() -> None:
    tags = Reader(PAGES["plan"]).tags
    marks = {a["data-mark"] for t, a in tags if t == "button" and "data-mark" in a}
    assert {a["data-mark"] for t, a in tags if a.get("class") == "card"} == marks


def test_large_graphs_are_cut_to_what_is_linked_most() -> None:
    nodes = [Address("Badge", f"b{n:04}") for n in range(MOST_NODES + 50)]
    edges = [(nodes[-1], node) for node in nodes[:30]]
    page = graph_html("acme", nodes, edges)
    assert page.count("<rect") == MOST_NODES
    assert "Badge/b0449" in page
    assert re.search(rf"The {MOST_NODES} resources with most references\s+of 450", page)


def test_a_plan_without_dependencies_has_no_drawing() -> None:
    assert "<svg" not in plan_html(replace(EMPTY, changes=()))
