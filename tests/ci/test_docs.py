from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.ci.commandlines import complaint, mentioned, shell_code, written_in
from tests.ci.pages import Page, missing_line
from tests.e2e.conftest import ROOT

GENERATED = ("kinds", "commands")
PAGES = sorted((ROOT / "docs").rglob("*.md"))
WRITTEN = [page for page in PAGES if page.parent.name not in GENERATED]
OTHERS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "examples/ci/README.md")]
RUNNABLE = [page for page in WRITTEN if "```console" in page.read_text("utf-8")]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_generated_pages_are_fresh() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "scripts.pages", "--check"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_kind_and_command_has_a_page() -> None:
    from capsync.cli.main import SECTIONS
    from capsync.kinds import KINDS

    pages = {path.relative_to(ROOT / "docs").as_posix() for path in PAGES}
    assert {f"kinds/{each}.md" for each in KINDS} <= pages
    assert {f"commands/{each}.md" for each in (c for s in SECTIONS.values() for c in s)} <= pages


def test_kind_pages_name_every_field() -> None:
    from capsync.kinds import KINDS
    from capsync.report.fields import field_rows

    for kind in KINDS.values():
        text = (ROOT / f"docs/kinds/{kind.name}.md").read_text("utf-8")
        assert all(f"`{row.path}`" in text for row in field_rows(kind)), kind.name


@pytest.mark.parametrize("page", RUNNABLE, ids=name)
def test_pages_do_what_they_show(page: Path, tmp_path: Path, environ: dict[str, str]) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    run = Page(folder, environ, tmp_path)
    run.run(page.read_text("utf-8"))
    assert run.commands > 0


def test_a_page_that_shows_something_else_is_found(tmp_path: Path, environ: dict[str, str]) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    for text in (
        "$ echo a\nb\n",
        "$ false\n",
        "$ true # exits with 2\n",
        "$ echo b; echo a\na\nb\n",
    ):
        with pytest.raises(AssertionError):
            Page(folder, environ, tmp_path).run(f"```console\n{text}```\n")


def test_shown_lines_may_be_cut() -> None:
    printed = "one\nid 6a01 done\nlast\n"
    assert missing_line(printed, ["...", "id ... done", "last"]) is None
    assert missing_line(printed, ["last", "one"]) == "one"


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=name)
def test_command_lines_are_understood(page: Path) -> None:
    text = page.read_text("utf-8")
    found = {words: complaint(words) for code in shell_code(text) for words in written_in(code)}
    for words in mentioned(text):
        why = complaint(words)
        found[words] = "" if re.match(r"Missing argument|.*requires an argument", why) else why
    assert not {words: why for words, why in found.items() if why}


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as mkdocs and GitHub make them."""
    heads = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", head).strip().lower() for head in heads)
    return {head.replace(" ", "-") for head in plain}


def links(page: Path) -> Iterator[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "", text)
    return (found[1] for found in re.finditer(r"\[[^\]]*\]\(([^)\s]+)\)", text))


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        if re.match(r"https?://", link):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(path), f"{link} has no such heading"


def test_pages_link_only_to_pages() -> None:
    for page in PAGES:
        for link in links(page):
            if not re.match(r"https?://", link):
                path = (page.parent / link.partition("#")[0]).resolve()
                assert path.is_relative_to(ROOT / "docs"), f"{name(page)}: {link}"


def test_every_page_is_in_the_navigation_once() -> None:
    listed = [each for entry in navigation() for each in _paths(entry)]
    assert sorted(listed) == sorted(path.relative_to(ROOT / "docs").as_posix() for path in PAGES)


def navigation() -> list[object]:
    found: list[object] = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    return found


def _paths(entry: object) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict):
        for inner in entry.values():
            yield from _paths(inner)
    elif isinstance(entry, list):
        for inner in entry:
            yield from _paths(inner)
