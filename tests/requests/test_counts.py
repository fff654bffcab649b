"""Requests of plans and applies per kind, as golden numbers: `pytest tests/requests --update`."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from capsync.errors import CapsyncError
from capsync.kinds import KINDS
from tests.laws.cases import Case, Manifest, cases_of, managed_kinds
from tests.laws.orgs import Org
from tests.requests.counting import Counted, reads_and_writes
from tests.requests.replicas import SUFFIXES, replicas

Json = Any

_REQUEST_ID = re.compile(r" \(request [^)]*\)")
TABLE = Path(__file__).parent / "counts.json"
MANY = 100
_PROOF = "/v2/organization/hierarchy"


def table() -> dict[str, Json]:
    """The golden numbers by kind."""
    found: dict[str, Json] = json.loads(TABLE.read_text(encoding="utf-8"))
    return found


def by_needs(kind: str) -> list[Case]:
    """The kind's cases, those first that need least beside them."""
    return sorted(cases_of(kind), key=lambda case: len(case.needs))


def counted(case: Case, folder: Path, count: int) -> dict[str, Json] | str:
    """What `count` resources like those of the case cost; why not, where there are no others."""
    found: dict[str, Json] | str = "the key takes few values"
    for place, suffix in enumerate(SUFFIXES):
        own = replicas(KINDS[case.kind], case.own[0], count, [suffix])
        if len(own) == count:
            found = _tried(case, folder / str(place), own)
            if not isinstance(found, str):
                return found
    return found


def _tried(case: Case, folder: Path, own: list[Manifest]) -> dict[str, Json] | str:
    org = Org(folder)
    try:
        return _costs(Counted(org, folder / "project"), case.needs, own)
    except (CapsyncError, AssertionError) as error:
        if len(own) == 1:
            raise
        return " ".join(_REQUEST_ID.sub("", str(error)).split()[:16])
    finally:
        org.close()


def _costs(project: Counted, needs: tuple[Manifest, ...], own: list[Manifest]) -> dict[str, Json]:
    if needs:
        project.write(needs)
        project.apply()
    project.write([*needs, *own])
    applied = reads_and_writes(project.apply())
    cold = reads_and_writes(project.plan("full"))
    project.plan("auto")  # fills the cache
    warm = reads_and_writes(project.plan("auto"))
    assert cold["writes"] == warm["writes"] == 0
    return {"apply": applied, "plan cold": cold["reads"], "plan warm": warm["reads"]}


def row_of(case: Case, folder: Path) -> dict[str, Json]:
    """The row of the table that a case gives."""
    return {
        "case": case.name,
        "1": counted(case, folder / case.name / "one", 1),
        str(MANY): counted(case, folder / case.name / "many", MANY),
    }


def new_row(kind: str, folder: Path) -> dict[str, Json]:
    """The row of the first case of which there can be many, else of the first."""
    rows = [row_of(case, folder) for case in by_needs(kind)]
    return next((row for row in rows if not isinstance(row[str(MANY)], str)), rows[0])


@pytest.fixture(autouse=True)
def _disk_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which changes share a read must not hang on how fast the disk is."""

    async def at_once(work: Callable[..., Any], *args: Any) -> Any:
        return work(*args)

    monkeypatch.setattr(asyncio, "to_thread", at_once)


@pytest.mark.parametrize("kind", [kind for kind in managed_kinds() if cases_of(kind)])
def test_requests_of_a_kind(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        write(kind, new_row(kind, tmp_path))
        return
    known = table().get(kind, {})
    named = [case for case in cases_of(kind) if case.name == known.get("case")]
    assert named, "no numbers, or of a case that is gone: pytest tests/requests --update"
    assert row_of(named[0], tmp_path) == known


def write(kind: str, row: Json) -> None:
    """Put one row into the table."""
    rows = dict(sorted({**table(), kind: row}.items()))
    TABLE.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


@pytest.mark.parametrize("kind", sorted(name for name in KINDS if KINDS[name].bulk))
def test_bulk_calls_are_used_in_bulk(kind: str) -> None:
    bulk = KINDS[kind].bulk
    assert bulk is not None
    row = table().get(kind)
    if row is None or isinstance(row[str(MANY)], str):
        pytest.skip("has no hundred replicas")
    assert row[str(MANY)]["apply"]["writes"] == ceil(MANY / bulk.max)


def test_a_warm_plan_of_a_thousand_badges_reads_lists_alone(tmp_path: Path) -> None:
    [badge] = next(case for case in cases_of("Badge") if not case.needs).own
    org = Org(tmp_path)
    try:
        project = Counted(org, tmp_path / "project")
        project.write(replicas(KINDS["Badge"], badge, 1000))
        project.apply()
        cold, warm = project.plan("auto"), project.plan("auto")
    finally:
        org.close()
    lists = {call.path for call in warm} - {_PROOF}
    assert lists == {KINDS["Badge"].lists[0].route.path}
    # Eleven pages (the org has badges of its own), one of the other state, the proof of the org.
    assert len(warm) == 13
    assert len(cold) == 1013
    pages = {tuple(call.query["size"]) for call in warm if call.path != _PROOF}
    assert pages == {("100",)}


def test_an_apply_reads_again_what_it_writes_and_nothing_else(tmp_path: Path) -> None:
    [badge] = next(case for case in cases_of("Badge") if not case.needs).own
    many = replicas(KINDS["Badge"], badge, MANY)
    org = Org(tmp_path)
    try:
        project = Counted(org, tmp_path / "project")
        project.write(many)
        project.apply()
        many[7] = {**many[7], "spec": {**many[7]["spec"], "description": "Another one"}}
        project.write(many)
        calls = project.apply()
    finally:
        org.close()
    assert reads_and_writes(calls) == {"reads": 1, "writes": 1}
