"""Kept details count only while the list shows nothing else than they do."""

from __future__ import annotations

import sqlite3
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


def test_details_of_another_owner_do_not_count(tmp_path: Path) -> None:
    cache = DetailCache(tmp_path / "cache.db", "one org")
    cache.put("Badge", "6a01", 100.0, 200.0, BODY)
    cache.save()
    assert DetailCache(tmp_path / "cache.db", "another").get("Badge", "6a01", 100.0, ROW) is None
    assert DetailCache(tmp_path / "cache.db", "one org").get("Badge", "6a01", 100.0, ROW) == BODY


def test_a_read_right_after_a_change_may_have_missed_the_next_one(tmp_path: Path) -> None:
    cache = DetailCache(tmp_path / "cache.db")
    cache.put("Badge", "6a01", 196.0, 200.0, BODY)
    cache.save()
    assert DetailCache(tmp_path / "cache.db").get("Badge", "6a01", 196.0, ROW) is None


def test_a_file_in_use_by_another_process_stays_as_it_is(tmp_path: Path) -> None:
    assert kept(tmp_path, ROW) == BODY
    other = sqlite3.connect(tmp_path / "cache.db", isolation_level=None)
    other.execute("begin exclusive")
    cache = DetailCache(tmp_path / "cache.db", "")
    assert cache.get("Badge", "6a01", 100.0, ROW) is None
    cache.save()
    other.execute("rollback")
    other.close()
    assert DetailCache(tmp_path / "cache.db").get("Badge", "6a01", 100.0, ROW) == BODY


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + b"\xff" * 4000, b"no database"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cache.db").write_bytes(content)
    assert kept(tmp_path, ROW) == BODY


def test_damage_that_shows_late_makes_the_file_anew(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    cache = DetailCache(path)
    for n in range(200):
        cache.put("Badge", str(n), 100.0, 200.0, {**BODY, "text": "x" * 500})
    cache.save()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    assert DetailCache(path).get("Badge", "7", 100.0, {}) is None
    assert kept(tmp_path, ROW) == BODY


def test_no_file_can_be_there(tmp_path: Path) -> None:
    (tmp_path / "cache.db").mkdir()
    assert kept(tmp_path, ROW) is None
