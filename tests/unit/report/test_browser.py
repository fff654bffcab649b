from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from capsync.report.html.drift import drift_html
from capsync.report.html.plan import plan_html
from tests.unit.report.audits import REPORT
from tests.unit.report.browser import CHROMIUM, Tab, tab
from tests.unit.report.plans import RICH

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

SHOWN = "[...document.querySelectorAll('.card')].filter((c) => !c.hidden).length"
FOCUSED = "document.activeElement.id || document.activeElement.tagName"
TAB, ENTER = ("Tab", 9), ("Enter", 13, "\r")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with tab(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def page(browser: Tab, tmp_path: Path) -> Tab:
    return shown(browser, tmp_path)


def shown(browser: Tab, folder: Path, *, width: int = 1200, dark: bool = False) -> Tab:
    path = folder / "plan.html"
    path.write_text(plan_html(RICH), encoding="utf-8")
    browser.show(path, width=width, dark=dark)
    return browser


def test_the_script_runs_and_nothing_else_does(page: Tab) -> None:
    assert page.js("document.getElementById('shown').textContent") == "8 of 8 shown"
    assert page.errors == []
    assert [url for url in page.requests if not url.startswith("file:")] == []


def test_buttons_filter_by_action(page: Tab) -> None:
    page.js("document.querySelector('button[data-mark=retire]').click()")
    assert page.js(SHOWN) == 6
    page.js("document.querySelector('button[data-mark=retire]').click()")
    assert page.js(SHOWN) == 8


def test_the_list_filters_by_kind(page: Tab) -> None:
    page.js("kind.value = 'Badge'; kind.dispatchEvent(new Event('change'))")
    assert page.js(SHOWN) == 2


def test_slash_searches_and_escape_clears(page: Tab) -> None:
    page.press("/", 191, "/")
    assert page.js(FOCUSED) == "search"
    page.type("diwali")
    assert page.js(SHOWN) == 1
    page.press("Escape", 27)
    assert page.js(SHOWN) == 8


def test_everything_is_reached_and_opened_by_keyboard(page: Tab) -> None:
    seen = []
    for _ in range(40):
        page.press(*TAB)
        seen.append(page.js(FOCUSED))
        if seen[-1] == "SUMMARY":
            break
    assert seen[0] == "A"
    assert {"BUTTON", "kind", "search", "fold", "SUMMARY"} <= set(seen)
    page.press(*ENTER)
    assert page.js("document.activeElement.parentElement.open") is True


def test_all_cards_open_and_close_at_once(page: Tab) -> None:
    opened = "document.querySelectorAll('.card[open]').length"
    page.js("fold.click()")
    assert page.js(opened) == 8
    page.js("fold.click()")
    assert page.js(opened) == 0


@pytest.mark.parametrize("width", [360, 768, 1200])
def test_nothing_overflows_the_window(width: int, browser: Tab, tmp_path: Path) -> None:
    page = shown(browser, tmp_path, width=width)
    page.js("fold.click()")
    assert page.js("document.documentElement.scrollWidth") <= width


def test_names_stay_inside_the_boxes_of_the_drawing(page: Tab) -> None:
    widths = page.js("""
[...document.querySelectorAll(".graph g")].map((g) => {
  const [box, name] = [g.querySelector("rect"), g.querySelector("text")];
  return [name.textContent.length, box.getBBox().width, name.getBBox().width];
})""")
    assert max(length for length, _, _ in widths) == 30  # one is cut to what fits
    assert all(name < box - 14 for _, box, name in widths)


@pytest.mark.parametrize("dark", [False, True])
def test_text_has_contrast_in_light_and_dark(dark: bool, browser: Tab, tmp_path: Path) -> None:
    page = shown(browser, tmp_path, dark=dark)
    ratios = page.js("""
(() => {
  const light = (rgb) => {
    const [r, g, b] = rgb.match(/[\\d.]+/g).slice(0, 3).map((c) => {
      c /= 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = light(getComputedStyle(document.body).backgroundColor);
  const texts = "h1, .dim, .word, .tag, .old, .new, .filters button";
  return [...document.querySelectorAll(texts)].map((e) => {
    const own = light(getComputedStyle(e).color);
    const [a, b] = own > ground ? [own, ground] : [ground, own];
    return (a + 0.05) / (b + 0.05);
  });
})()""")
    assert len(ratios) > 20
    assert min(ratios) >= 4.5


def test_audits_work_the_same(browser: Tab, tmp_path: Path) -> None:
    path = tmp_path / "drift.html"
    path.write_text(drift_html(REPORT), encoding="utf-8")
    browser.show(path)
    assert browser.js(SHOWN) == len(REPORT.drifts)
    assert browser.errors == []


def test_a_picture_is_taken(page: Tab) -> None:
    assert page.picture().startswith(b"\x89PNG")
