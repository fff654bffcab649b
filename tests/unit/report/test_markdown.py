from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from capsync.model import Action, Address, Change, Plan
from capsync.report.comment import LIMIT, code, marker
from capsync.report.markdown import plan_markdown
from tests.conftest import Golden
from tests.unit.report.plans import CREATE, EMPTY, HOSTILE, RICH, field


def test_rich_plan(golden: Golden) -> None:
    golden("plan.md", plan_markdown(RICH))


def test_nothing_to_do(golden: Golden) -> None:
    golden("empty.md", plan_markdown(EMPTY))


def many(count: int) -> Plan:
    changes = tuple(
        replace(CREATE, address=Address("BadgeGroup", f"group-{n}")) for n in range(count)
    )
    return replace(RICH, changes=changes)


def test_large_plans_are_cut_between_resources() -> None:
    text = plan_markdown(many(2_000))
    assert len(text) < LIMIT
    shown = text.count("<details>")
    assert shown == text.count("</details>") > 100
    assert f"{2_000 - shown} more resources: this comment is full" in text
    assert "2000 to create" in text


def test_small_plans_are_not_cut() -> None:
    text = plan_markdown(many(20))
    assert text.count("<details>") == 20
    assert "this comment is full" not in text


def test_one_huge_resource_does_not_break_the_limit() -> None:
    fields = tuple(field(f"field{n}", after="x" * 500) for n in range(500))
    huge = Change(Address("Badge", "huge"), Action.UPDATE, fields=fields)
    reasons = tuple("r" * 10_000 for _ in range(100))
    blocked = Change(Address("Badge", "stuck"), Action.BLOCKED, reasons=reasons)
    assert len(plan_markdown(Plan("uat", 1, (blocked, *[huge] * 80)))) < LIMIT


@pytest.mark.parametrize("text", ["plain", "`tick`", "``` fence", "a|b", "<b>", "@everyone", ""])
def test_code_spans_hold_any_text(text: str) -> None:
    span = code(text)
    fence = re.match("`+", span)
    assert fence is not None
    inner = span[len(fence[0]) : -len(fence[0])]
    assert fence[0] not in inner
    assert inner.strip() == text.strip()


def test_hostile_names_stay_inside_code() -> None:
    outside = "".join(_outside_code(plan_markdown(RICH)))
    for harmful in ("<script", "@everyone", "alert(1)", "</code></details>", "\u202e", "\x1b"):
        assert harmful not in outside


def test_hostile_values_are_one_line_each() -> None:
    text = plan_markdown(RICH)
    assert HOSTILE not in text
    assert not re.search(r"^next", text, re.MULTILINE)


def test_the_marker_names_the_environment_and_nothing_else() -> None:
    assert marker("plan", "uat --> <script>") == "<!-- capsync plan uat______script_ -->"
    assert plan_markdown(RICH).startswith("<!-- capsync plan uat -->\n")


def _outside_code(text: str) -> Iterator[str]:
    """What Markdown would read as markup: fenced blocks, code spans and code elements removed."""
    fence = ""
    for line in text.splitlines():
        opening = re.match("`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif opening:
            fence = opening[0]
        else:
            line = re.sub(r"<code>[^<]*</code>", "", line)
            yield re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", line) + "\n"
