from __future__ import annotations

import pytest

from capsync.yamlio.places import Place, Places, positions

TEXT = """\
# a comment
kind: Badge
spec:
  name: Trail   # here
  benefits:
    - {points: 5, to: [a, b]}
    - points: 6
---
base: &b
  x: 1
one: *b
two:
  <<: *b
  y: 2
"""


def test_positions_of_every_value_by_document() -> None:
    found = positions(TEXT)
    assert found[0] == {
        (): (2, 1),
        ("kind",): (2, 7),
        ("spec",): (4, 3),
        ("spec", "name"): (4, 9),
        ("spec", "benefits"): (6, 5),
        ("spec", "benefits", 0): (6, 7),
        ("spec", "benefits", 0, "points"): (6, 16),
        ("spec", "benefits", 0, "to"): (6, 23),
        ("spec", "benefits", 0, "to", 0): (6, 24),
        ("spec", "benefits", 0, "to", 1): (6, 27),
        ("spec", "benefits", 1): (7, 7),
        ("spec", "benefits", 1, "points"): (7, 15),
    }
    assert set(found) == {0, 1}


def test_an_alias_has_its_own_place_and_its_inside_that_of_the_anchor() -> None:
    found = positions(TEXT)[1]
    assert found["one",] == (11, 6)
    assert found["one", "x"] == (10, 6)


def test_what_a_merge_key_brings_is_where_it_is_written() -> None:
    found = positions(TEXT)[1]
    assert found["two", "x"] == (10, 6)
    assert found["two", "y"] == (14, 6)


def test_find_tells_the_nearest_ancestor_and_its_depth() -> None:
    places = Places(TEXT)
    assert places.find(0, ("spec", "name")) == (Place(4, 9, 4, 3), 2)
    assert places.find(0, ("spec", "nothing", "here")) == (Place(4, 3, 3, 1), 1)
    assert places.find(0, ("spec", "name", "deeper")) == (Place(4, 9, 4, 3), 2)
    assert places.find(0, ("spec", "benefits", 7)) == (Place(6, 5, 5, 3), 2)


def test_an_unknown_document_is_a_lookup_error() -> None:
    with pytest.raises(LookupError):
        Places(TEXT).find(5, ())


def test_a_byte_order_mark_moves_nothing() -> None:
    assert positions("\ufeff" + TEXT) == positions(TEXT)
