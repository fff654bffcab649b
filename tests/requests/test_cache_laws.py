"""Plans say what is true whatever the cache of details holds: damage is seen, or harmless."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from capsync.model import Action, Address, path_text
from tests.laws.cases import Manifest
from tests.laws.orgs import ALLOWED, Org, Work, change_of, not_empty, steady
from tests.projects import manifest

Json = Any

ADDRESS = Address("Badge", "walker-0")


def badges(points: int = 10) -> list[Manifest]:
    """Two badges; the most that one may be earned is shown by their details alone."""
    return [
        manifest(
            "Badge",
            f"walker-{n}",
            {
                "name": f"Walker {n}",
                "startOn": "2028-01-01T00:00:00Z",
                "expiresOn": "2028-12-31T00:00:00Z",
                "earnType": "EARN",
                "earnedBadgeExpiry": {
                    "expiryType": "RELATIVE",
                    "relativeExpirytype": "DAYS",
                    "value": 30,
                },
                "ownership": {"restrictedToOwners": ["Loyalty"]},
                "badgeConstraints": [
                    {"constraintType": "BADGE_FIXED_VALUE", "maxEarnLimit": points + n}
                ],
            },
        )
        for n in range(2)
    ]


def _bodies(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        with sqlite3.connect(path) as db:
            for id_, body in db.execute("select id, body from details").fetchall():
                db.execute("update details set body = ? where id = ?", (change(body), id_))
        db.close()

    return spoil


def _other_limit(body: bytes) -> bytes:
    detail = orjson.loads(body)
    for each in detail["badgeConstraints"]:
        each["maxEarnLimit"] = 999
    return orjson.dumps(detail)


def _sql(*statements: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        db = sqlite3.connect(path)
        for statement in statements:
            db.execute(statement)
        db.commit()
        db.close()

    return spoil


def _swap_ids(path: Path) -> None:
    db = sqlite3.connect(path)
    one, other = (row[0] for row in db.execute("select id from details order by id"))
    for old, new in ((one, "meanwhile"), (other, one), ("meanwhile", other)):
        db.execute("update details set id = ? where id = ?", (new, old))
    db.commit()
    db.close()


def _bytes(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(change(path.read_bytes())) and None


SPOILT: dict[str, Callable[[Path], None]] = {
    "gone": Path.unlink,
    "empty": _bytes(lambda _data: b""),
    "no database": _bytes(lambda _data: b"not a database at all, but text"),
    "cut off": _bytes(lambda data: data[: len(data) // 2]),
    "zeroes behind the head": _bytes(lambda data: data[:100] + bytes(len(data) - 100)),
    "another version": _sql("pragma user_version = 99"),
    "another table": _sql("drop table details", "create table details(a, b)"),
    "other values": _bodies(_other_limit),
    "bodies that are no JSON": _bodies(lambda body: body[:-3]),
    "bodies of another type": _sql("update details set body = 7"),
    "stamps of another type": _sql("update details set stamp = 'yesterday', read_at = null"),
    "read in the future": _sql("update details set read_at = read_at + 1000000000"),
    "ids swapped": _swap_ids,
}


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    """A project of two badges that are applied, their details kept."""
    org = Org(tmp_path / "org")
    made = Work(org, tmp_path / "project")
    made.write(badges())
    assert not made.apply().trouble
    assert not not_empty(made.plan())
    yield made
    org.close()


def cache_of(work: Work) -> Path:
    """The file of kept details."""
    return work.root / ".capsync" / "cache-sandbox.db"


@pytest.mark.parametrize("how", SPOILT)
def test_nothing_differs_that_is_the_same(work: Work, how: str) -> None:
    expected = steady(work.plan(replace(ALLOWED, refresh="full")))
    SPOILT[how](cache_of(work))
    assert steady(work.plan()) == expected
    assert steady(work.plan()) == expected  # once more, with what was made of it


@pytest.mark.parametrize("how", SPOILT)
def test_a_live_change_is_seen(work: Work, how: str) -> None:
    colleague = Work(work.org, work.root.parent / "colleague")
    shutil.copytree(work.root, colleague.root, ignore=shutil.ignore_patterns("journal"))
    colleague.write(badges(points=20))
    assert not colleague.apply().trouble
    SPOILT[how](cache_of(work))
    change = change_of(work.plan(), ADDRESS)
    assert change.action is Action.UPDATE
    assert {path_text(each.path).partition("[")[0] for each in change.fields} == {
        "badgeConstraints"
    }
    assert not work.apply().trouble
    assert not not_empty(work.plan())


def test_details_of_another_org_are_not_taken(work: Work, tmp_path: Path) -> None:
    other = Org(tmp_path / "other")
    try:
        twin = Work(other, tmp_path / "twin")
        twin.write(badges(points=50))
        assert not twin.apply().trouble
        assert not not_empty(twin.plan())
        shutil.copy(cache_of(twin), cache_of(work))
        assert not not_empty(work.plan())
    finally:
        other.close()


def test_details_that_were_kept_are_used(work: Work) -> None:
    mark = len(work.org.sandbox.calls)
    assert not not_empty(work.plan())
    calls = work.org.sandbox.calls[mark:]
    assert not [call for call in calls if call.path.startswith("/api_gateway/v1/badges/badgeMeta/")]
