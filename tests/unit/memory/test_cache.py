"""Kept details count only while the list shows nothing else than they do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from capsync.memory.cache import DetailCache

ROW: dict[str, Any] = {"id": "6a01", "name": "Walker", "ownership": {"owners": ["A"], "claims": []}}
BODY: dict[str, Any] = {**ROW, "limits": [{"most": 5}]}


def kept(folder: Path, row: dict[str, Any], *, stamp: float = 100.0) -> Any:
    """What the cache gives for a row after BODY was kept with stamp 100, read at 200."""
    cache = DetailCache(folder / "cache.db")
    cache.put("Badge", "6a01", 100.0, 200.0, BODY)
    cache.save()
    return DetailCache(folder / "cache.db").get("Badge", "6a01", stamp, row)


def test_a_detail_is_kept_while_row_and_stamp_stay(tmp_path: Path) -> None:
    assert kept(tmp_path, ROW) == BODY


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Runner"},
        {"ownership": {"owners": ["A"], "claims": [{"ownerType": "A"}]}},
        {"ownership": {"owners": ["B"], "claims": []}},
        {"ownership": None, "name": "Runner"},
    ],
)
def test_what_the_row_shows_otherwise_has_it_read_again(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    assert kept(tmp_path, {**ROW, **change}) is None


def test_members_that_only_one_side_shows_say_nothing(tmp_path: Path) -> None:
    assert kept(tmp_path, {**ROW, "groupName": "Explorers", "ownership": {}}) == BODY


def test_another_stamp_has_it_read_again(tmp_path: Path) -> None:
    assert kept(tmp_path, ROW, stamp=101.0) is None
