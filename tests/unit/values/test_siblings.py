"""Notes that look beside a field: members that count only with a sibling, or stand for one."""

from __future__ import annotations

from typing import Any

import pytest

from capsync.fields import (
    Schema,
    blank,
    dated,
    enum,
    integer,
    list_by,
    obj,
    obj_of,
    only_if,
    ordinal,
    set_of,
    string,
    unread,
    whole,
)
from capsync.model import path_text
from capsync.values.diff import differences
from capsync.values.normalise import canonical
from capsync.values.wire import to_wire

WINDOW = whole(
    obj(
        unit=enum("DAYS", "WEEKS"),
        length=only_if(integer(), "unit", "DAYS"),
        start=only_if(ordinal("MONDAY", "TUESDAY", default="MONDAY"), "unit", "WEEKS"),
    )
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"unit": "WEEKS", "length": 4, "start": 1}, {"unit": "WEEKS", "start": "TUESDAY"}),
        ({"unit": "WEEKS", "start": 0}, {"unit": "WEEKS"}),
        ({"unit": "DAYS", "length": 3, "start": "TUESDAY"}, {"unit": "DAYS", "length": 3}),
    ],
)
def test_members_count_only_beside_their_sibling(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert canonical(WINDOW, one) == canonical(WINDOW, other)


LIMIT = whole(
    obj(
        kind=enum("WINDOW", "VALUE"),
        unit=only_if(enum("DAYS", "WEEKS"), "kind", "WINDOW"),
        length=only_if(integer(), "unit", "DAYS"),
    )
)


def test_a_sibling_that_does_not_count_lets_nothing_count() -> None:
    written = {"kind": "VALUE", "unit": "DAYS", "length": 10}
    assert canonical(LIMIT, written) == to_wire(LIMIT, written) == {"kind": "VALUE"}


def test_what_does_not_count_is_not_sent() -> None:
    assert to_wire(WINDOW, {"unit": "WEEKS", "length": 4, "start": 1}) == {
        "unit": "WEEKS",
        "start": "TUESDAY",
    }


def test_numbers_beyond_the_list_stay() -> None:
    assert canonical(WINDOW, {"unit": "WEEKS", "start": 7})["start"] == "7"


def test_blank_items_of_a_set_count_as_absent() -> None:
    schema = set_of(blank(obj(kind=string()), {"kind": "NONE"}))
    assert canonical(schema, [{"kind": "NONE"}, {"kind": "A"}]) == [{"kind": "A"}]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("2026-01-18 09:09:09", "2026-01-18T09:09:09Z", True),
        ("2026-01-18T14:39:09+05:30", "2026-01-18T09:09:09Z", True),
        ("2026-01-18", "2026-01-18T00:00:00Z", True),
        ("2026-01-18 09:09 hours", "2026-01-18T09:09:00Z", False),
        ("7", "7", True),
    ],
)
def test_texts_that_hold_a_moment(one: str, other: str, equal: bool) -> None:
    schema = dated(string())
    assert (canonical(schema, one) == canonical(schema, other)) is equal


BLOCKS: Schema = list_by(
    "type",
    obj(type=string(), ids=set_of(integer()), codes=unread(set_of(string()), instead="ids")),
)


@pytest.mark.parametrize(
    ("desired", "live", "paths"),
    [
        ([{"type": "A", "codes": ["X"]}], [{"type": "A", "ids": [1]}], []),
        ([{"type": "A", "codes": ["X"]}], [], ["blocks[A]"]),
        ([{"type": "A"}], [{"type": "A", "ids": [1]}], ["blocks[A].ids"]),
        ([{"type": "A", "ids": [2]}], [{"type": "A", "ids": [1]}], ["blocks[A].ids"]),
    ],
)
def test_a_member_that_reads_show_instead_is_no_difference(
    desired: list[Any], live: list[Any], paths: list[str]
) -> None:
    schema = obj_of({"blocks": BLOCKS})
    found = differences(
        schema, canonical(schema, {"blocks": desired}), canonical(schema, {"blocks": live})
    )
    assert [path_text(each.path) for each in found] == paths
