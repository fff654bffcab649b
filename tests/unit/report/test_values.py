from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsync.model import NOTHING
from capsync.report.lists import Item, items
from capsync.report.values import SHORT, show, show_field, show_pair, visible
from capsync.report.words import duration, plural
from tests.unit.report.plans import field


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("über हिन्दी 😀", "über हिन्दी 😀"),
        ("a\nb\tc\x00", "a\\nb\\tc\\x00"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\u202eb\u2066c\ufeff", "a\\u202eb\\u2066c\\ufeff"),
        ("a\u00a0b\u2028", "a\\u00a0b\\u2028"),
    ],
)
def test_invisible_characters_are_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_visible_text_is_one_line_without_controls(text: str) -> None:
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in shown)


@given(st.text(min_size=200) | st.lists(st.integers(), min_size=80))
def test_long_values_are_shortened(value: Any) -> None:
    assert len(show(value)) == SHORT


def test_long_texts_show_where_they_first_differ() -> None:
    before, after = show_pair("x" * 200 + "old" + "y" * 200, "x" * 200 + "new")
    assert "old" in before
    assert "new" in after
    assert before != after


@given(st.text(), st.text())
def test_pairs_that_differ_are_never_too_long(a: str, b: str) -> None:
    assert all(len(side) <= SHORT + 1 for side in show_pair(a, b))


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (field("a", before=1, after=2), ("1", "2")),
        (field("a", after=None), (None, "null")),
        (field("a", before="x"), ('"x"', None)),
        (field("a", after=5, ref="Badge/b"), (None, "5 (Badge/b)")),
        (field("a", unknown=True, ref="Badge/b"), (None, "(known after apply: Badge/b)")),
        (
            field("a", unknown=True, ref="Badge/b", preview=[1, "(known after apply)"]),
            (None, '[1, "(known after apply)"] (Badge/b)'),
        ),
        (field("a", before=1, after=2, sensitive=True), ("(sensitive)", "(sensitive)")),
        (field("a", before=1, sensitive=True), ("(sensitive)", None)),
        (field("a", sensitive=True), (None, "(sensitive)")),
        (field("a", after=5, unshown=True), ("(not shown by the API)", "5")),
        (field("a", sensitive=True, unshown=True), ("(not shown by the API)", "(sensitive)")),
    ],
)
def test_what_a_field_shows(change: Any, shown: tuple[str | None, str | None]) -> None:
    assert show_field(change) == shown


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([1, 2, 2], [2, 3], [Item("", 1, NOTHING), Item("", 2, NOTHING), Item("", NOTHING, 3)]),
        ([1, True], [True, 1], []),
        ([1], [True], [Item("", 1, NOTHING), Item("", NOTHING, True)]),
        ([{"a": 1, "b": [1, 2]}, {"c": 1}], [{"c": 1}, {"b": [2, 1], "a": 1}], []),
        ([{"a": 1, "b": 2, "c": 3}], [{"a": 1, "b": 2, "c": 4}], [Item("[0].c", 3, 4)]),
        ([{"a": 1}, {"a": 1}], [{"a": 1}], [Item("", {"a": 1}, NOTHING)]),
        ({"x": 1}, {"x": 1, "y.z": 2}, [Item('["y.z"]', NOTHING, 2)]),
    ],
)
def test_differences_inside(before: Any, after: Any, expected: list[Item]) -> None:
    assert items(before, after) == expected


def _valued(*values: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"cycle": name, "value": value} for name, value in values]


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        (_valued(("Jan", 1), ("Feb", 2)), _valued(("Jan", 1), ("Feb", 3)), "[Feb].value"),
        (_valued(("Jan", 1), ("Feb", 2)), _valued(("Feb", 3), ("Jan", 1)), "[Feb].value"),
        (_valued(("Jan", 1), ("Jan", 2)), _valued(("Jan", 1), ("Jan", 3)), "[1].value"),
        ({"a": _valued(("Jan", 1))}, {"a": _valued(("Jan", 2))}, "a[Jan].value"),
        ([{"n": "x", "in": _valued(("Y", 1))}], [{"n": "x", "in": _valued(("Y", 2))}], "[x].in[Y]"),
    ],
)
def test_items_are_called_by_a_text_of_their_own(before: Any, after: Any, path: str) -> None:
    [found] = items(before, after)
    assert found.path.startswith(path)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (59.4, "59 s"), (60, "1 min"), (200, "3 min 20 s"), (3900, "1 h 5 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_plurals() -> None:
    assert (plural(1, "read"), plural(2, "read")) == ("1 read", "2 reads")
