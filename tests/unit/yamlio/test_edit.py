from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capsync.model import Path
from capsync.yamlio.dump import dump
from capsync.yamlio.edit import EditRefused, edit_value
from capsync.yamlio.reader import parse
from tests.unit.yamlio.test_dump import JSON

TEXT = """\
# manifests of the spring
apiVersion: capsync/v1   # the version
spec:
    name:   'Trail'     # four spaces, aligned
    rank:   4
    code:   "012"
    empty:
    note: |
      first
      second

    # a comment between
    flow: {a: 1, b: [x, y]}
    open: {}
    items: [1, 2]
    tail: [1, 2,]
    benefits:
    -   points: 5       # five
        to: a
    - points: 6
    nested:
      deep: 1   # deepest
      # end of nested

other: last
"""


def edited(path: Path, value: Any, text: str = TEXT) -> str:
    return edit_value(text, 0, ("spec", *path), value)


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (("rank",), 5, "rank:   4", "rank:   5"),
        (("rank",), None, "rank:   4", "rank:   null"),
        (("rank",), "4", "rank:   4", 'rank:   "4"'),
        (("rank",), [1, "a"], "rank:   4", "rank:   [1, a]"),
        (("name",), "Trail's end", "'Trail'  ", "'Trail''s end'  "),
        (("name",), True, "'Trail'  ", "true  "),
        (("code",), "013", '"012"', '"013"'),
        (("code",), 'say "x"', '"012"', r'"say \"x\""'),
        (("code",), "two\nlines", '"012"', r'"two\nlines"'),
        (("empty",), "x", "empty:", "empty: x"),
        (("empty", "inner"), 1, "empty:", "empty: {inner: 1}"),
        (("note",), "one", "note: |\n      first\n      second", "note: one"),
        (("note",), "x\ny\n", "|\n      first\n      second", "|\n      x\n      y"),
        (("flow", "a"), "x, y", "{a: 1", '{a: "x, y"'),
        (("flow", "b", 1), 7, "[x, y]", "[x, 7]"),
        (("flow", "b"), {"k": None}, "[x, y]", "{k: null}"),
        (("flow", "c"), 3, "b: [x, y]}", "b: [x, y], c: 3}"),
        (("open", "a"), "b", "open: {}", "open: {a: b}"),
        (("items", 2), 3, "items: [1, 2]", "items: [1, 2, 3]"),
        (("tail", 2), 3, "[1, 2,]", "[1, 2, 3]"),
        (("benefits", 0, "points"), 50, "points: 5  ", "points: 50  "),
        (("benefits", 0, "extra"), 1, "        to: a", "        to: a\n        extra: 1"),
        (("benefits", 1, "to"), "b", "- points: 6", "- points: 6\n      to: b"),
        (("benefits", 2), {"points": 7}, "- points: 6", "- points: 6\n    - points: 7"),
        (("nested", "more"), "x", "deep: 1   # deepest", "deep: 1   # deepest\n      more: x"),
        (("nested", "a", "b"), 1, "# deepest", "# deepest\n      a:\n        b: 1"),
        (("new",), {"x": [1]}, "# deepest", "# deepest\n    new:\n      x:\n        - 1"),
    ],
)
def test_only_the_bytes_of_the_value_change(path: Path, value: Any, old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    assert edited(path, value) == TEXT.replace(old, new)


def test_a_block_collection_gives_way_to_another_of_its_indent() -> None:
    text = "a:\n  b:\n    - 1\n    - 2\n  # stays\n  c: 1\n"
    assert edit_value(text, 0, ("a", "b"), [3, {"x": 1}]) == text.replace(
        "- 1\n    - 2", "- 3\n    - x: 1"
    )
    assert edit_value(text, 0, ("a", "b"), []) == text.replace("\n    - 1\n    - 2", " []")
    assert edit_value(text, 0, ("a", "b"), "x") == text.replace("\n    - 1\n    - 2", " x")


def test_a_comment_above_a_block_collection_stays_where_it_was() -> None:
    text = "a:  # about a\n  - 1\nb: 2\n"
    assert edit_value(text, 0, ("a",), 5) == "a:  # about a\n  5\nb: 2\n"


def test_the_document_is_chosen() -> None:
    text = "a: 1\n---\na: 1\n"
    assert edit_value(text, 1, ("a",), 2) == "a: 1\n---\na: 2\n"
    assert edit_value(text, 0, ("b",), 2) == "a: 1\nb: 2\n---\na: 1\n"


def test_line_ends_and_a_byte_order_mark_are_kept() -> None:
    text = "\ufeffa: é  # x\r\nb: 1\r\n"
    assert edit_value(text, 0, ("b",), 2) == "\ufeffa: é  # x\r\nb: 2\r\n"
    assert edit_value(text, 0, ("c",), {"d": 1}) == text + "c:\r\n  d: 1\r\n"


def test_a_file_without_a_last_line_end_keeps_it_that_way() -> None:
    assert edit_value("a: 1", 0, ("b",), 2) == "a: 1\nb: 2"


def test_what_a_merge_key_brings_is_overridden_in_place() -> None:
    text = "base: &b {x: 1}\none:\n  <<: *b\n  y: 2\n"
    assert edit_value(text, 0, ("one", "x"), 5) == text + "  x: 5\n"


def test_an_alias_itself_can_be_replaced() -> None:
    text = "a: &x [1]\nb: *x\nc: 1\n"
    assert edit_value(text, 0, ("b",), [2]) == "a: &x [1]\nb: [2]\nc: 1\n"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: &x {k: 1}\nb: *x\n", ("a", "k")),
        ("a: &x {k: 1}\nb: *x\n", ("b", "k")),
        ("a: &x {k: 1}\nb: *x\n", ("b", "new")),
        ("a: &x {k: 1}\nb: *x\n", ("a", "new")),
        ("a: &x 1\nb: *x\n", ("a",)),
        ("a: 1\n", ("a", "b")),
        ("a: [1]\n", ("a", 3)),
        ("a: [1]\n", ("a", "b")),
        ("a: {b: 1}\n", ("a", 0)),
    ],
)
def test_shared_and_impossible_places_are_refused(text: str, path: Path) -> None:
    with pytest.raises(EditRefused):
        edit_value(text, 0, path, 7)


def test_a_file_with_errors_is_refused() -> None:
    with pytest.raises(EditRefused, match="the file has errors"):
        edit_value("a: 1\na: 2\n", 0, ("a",), 7)


def paths(value: Any, path: Path = ()) -> list[Path]:
    found = [path]
    if isinstance(value, dict):
        for key, item in value.items():
            found += paths(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            found += paths(item, (*path, place))
    return found


@given(JSON, JSON, st.data())
def test_any_value_of_a_dumped_document_can_be_replaced(
    value: Any, new: Any, data: st.DataObject
) -> None:
    root = {"spec": {"value": value, "after": 1}, "last": True}
    text = dump(root, comments={("spec", "after"): "stays", ("last",): "too"})
    path = data.draw(st.sampled_from(paths(value)))
    result = edit_value(text, 0, ("spec", "value", *path), new)
    assert "  # stays\n  after: 1\n# too\nlast: true\n" in result
    assert parse(result).documents[0]["spec"]["after"] == 1
