from __future__ import annotations

import datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from capsync.yamlio.dump import dump, scalar_text
from capsync.yamlio.reader import parse

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=30)
HARD = st.sampled_from(
    [
        *("no", "012", "1e3", "~", "", "a: b", "a #b", "- x", "{x}", "2026-08-31", "a\nb", " a"),
        *("a\n", "\ta", "a\n\n", "|", "'", '"', "\\", "<<", "=", "%a", "@a", "a\r\nb", "#x"),
        *("\u2028", "😀", "12:30", "0x1F", ".inf", "null", "True", "[]", "a:", ":", "?", "--- a"),
        *("...", "é\nü", "\n", "a\n b\n", "a \nb", "\n\na", "key\n# x"),
    ]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | HARD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS | HARD, inner, max_size=4),
    max_leaves=20,
)


def same(left: Any, right: Any) -> bool:
    return repr(left) == repr(right)


@given(JSON)
def test_what_is_dumped_reads_as_it_was(value: Any) -> None:
    parsed = parse(dump(value))
    assert parsed.problems == []
    assert same(parsed.documents, [value])


@given(st.lists(TEXTS | HARD, max_size=5) | st.dictionaries(TEXTS | HARD, TEXTS | HARD, max_size=3))
def test_readers_of_yaml_1_1_see_the_same_texts(value: Any) -> None:
    assert same(yaml.safe_load(dump(value)), value)


@given(JSON)
def test_one_line_forms_read_as_they_were(value: Any) -> None:
    assert "\n" not in scalar_text(value, flow=True)
    parsed = parse(f"- [{scalar_text(value, flow=True)}]\n")
    assert same(parsed.documents, [[[value]]])


def test_the_style_is_the_one_of_the_documentation() -> None:
    data = {
        "apiVersion": "capsync/v1",
        "kind": "Badge",
        "metadata": {"name": "trail-walker"},
        "spec": {
            "name": "Trail Walker",
            "code": "012",
            "country": "NO",
            "startOn": "2027-01-01T00:00:00+05:30",
            "active": True,
            "rank": 4,
            "badgeGroupId": {"ref": "explorers"},
            "tags": [],
            "extra": {},
            "benefits": [
                {"benefitType": "COUPON", "seriesId": {"lookup": "Diwali 20% off"}},
                {"benefitType": "COUPON", "seriesId": 20455},
            ],
            "matrix": [[1, 2], ["a"]],
            "note": "first line\nsecond: line\n",
            "quote": 'say "hi"',
            "empty": None,
        },
    }
    assert dump(data) == (
        "apiVersion: capsync/v1\n"
        "kind: Badge\n"
        "metadata:\n"
        "  name: trail-walker\n"
        "spec:\n"
        "  name: Trail Walker\n"
        '  code: "012"\n'
        '  country: "NO"\n'
        "  startOn: 2027-01-01T00:00:00+05:30\n"
        "  active: true\n"
        "  rank: 4\n"
        "  badgeGroupId: {ref: explorers}\n"
        "  tags: []\n"
        "  extra: {}\n"
        "  benefits:\n"
        "    - benefitType: COUPON\n"
        "      seriesId: {lookup: Diwali 20% off}\n"
        "    - benefitType: COUPON\n"
        "      seriesId: 20455\n"
        "  matrix:\n"
        "    - - 1\n"
        "      - 2\n"
        "    - - a\n"
        "  note: |\n"
        "    first line\n"
        "    second: line\n"
        '  quote: say "hi"\n'
        "  empty: null\n"
    )


def test_comments_stand_above_their_value() -> None:
    data = {"spec": {"a": 1, "list": [{"x": 1}, "b"]}}
    comments = {
        (): "top\nof the file",
        ("spec", "a"): "about a",
        ("spec", "list", 0): "about the item",
        ("spec", "list", 0, "x"): "about x",
        ("spec", "list", 1): "about b",
    }
    assert dump(data, comments=comments) == (
        "# top\n# of the file\n"
        "spec:\n"
        "  # about a\n"
        "  a: 1\n"
        "  list:\n"
        "    # about the item\n"
        "    -\n"
        "      # about x\n"
        "      x: 1\n"
        "    # about b\n"
        "    - b\n"
    )


def test_the_comment_of_a_value_left_out_ends_its_container() -> None:
    data = {"spec": {"a": {"b": 1}, "ref": {"ref": "x"}}, "z": 1}
    comments = {
        ("spec", "secret"): "secret: fill it in",
        ("spec", "a", "gone", "deeper"): "gone",
        ("spec", "ref", "child"): "no child",
    }
    text = dump(data, comments=comments)
    assert text == (
        "spec:\n"
        "  a:\n"
        "    b: 1\n"
        "    # gone\n"
        "  ref: {ref: x}\n"
        "    # no child\n"
        "  # secret: fill it in\n"
        "z: 1\n"
    )
    assert parse(text).documents == [data]


@given(TEXTS | HARD)
def test_no_comment_can_break_the_document(comment: str) -> None:
    text = dump({"a": {"b": 1}}, comments={("a", "b"): comment, ("a", "c"): comment})
    assert parse(text).documents == [{"a": {"b": 1}}]


@pytest.mark.parametrize(
    "text",
    ["2027-01-01T00:00:00Z", "2027-01-01T00:00:00.5+05:30", "Trail Walker", "a/b", "${var.x}"],
)
def test_ordinary_texts_stay_bare(text: str) -> None:
    assert scalar_text(text) == text


@pytest.mark.parametrize(
    "text", ["2027-01-01", "2027-01-01 10:00:00", "1_000", "yes", "0b1", "1:30"]
)
def test_texts_that_a_1_1_reader_takes_for_something_else_are_quoted(text: str) -> None:
    assert scalar_text(text) == f'"{text}"'
    assert not isinstance(yaml.safe_load(scalar_text(text)), datetime.date)


def test_long_references_leave_the_line() -> None:
    text = dump({"a": {"lookup": "x" * 120}})
    assert text == f"a:\n  lookup: {'x' * 120}\n"
