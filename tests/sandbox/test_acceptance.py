"""How answers are compared with documented ones."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.acceptance import EXAMPLES, differences, load


@pytest.mark.parametrize(
    ("actual", "documented", "expected"),
    [
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": True}, [".a: 1, documented True"]),
        ({"a": 0}, {"a": None}, [".a: 0, documented None"]),
        ({"a": 1}, {}, [".a: not documented, we have 1"]),
        ({}, {"a": 1}, [".a: missing, documented 1"]),
        ({"a": [1, 2]}, {"a": [2, 1]}, [".a[0]: 1, documented 2", ".a[1]: 2, documented 1"]),
        ({"a": [1]}, {"a": [1, 2]}, [".a: 1 items, documented 2"]),
        ({"id": 5}, {"id": 9}, []),
        ({"id": "5"}, {"id": 9}, [".id: '5' is not of the sort of 9"]),
        ({"id": None}, {"id": 9}, []),
        ({}, {"id": 9}, [".id: missing, documented 9"]),
        ({"id": {"b": 1}}, {"id": {"b": 2}}, [".id.b: 1, documented 2"]),
    ],
)
def test_differences(actual: Any, documented: Any, expected: list[str]) -> None:
    assert differences(actual, documented) == expected


def test_sets_are_compared_without_order_and_volatile_members() -> None:
    actual = {"rows": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}]}
    documented = {"rows": [{"id": 9, "n": "b"}, {"id": 8, "n": "a"}]}
    assert differences(actual, documented) != []
    assert differences(actual, documented, unordered={"rows"}) == []


def test_keys_of_a_family_may_be_volatile_too() -> None:
    assert differences({"code": 1}, {"code": 2}, volatile={"code"}) == []


def test_examples_are_found_for_every_family() -> None:
    families = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())
    assert len(families) == 9
    assert all(load(family) for family in families)
