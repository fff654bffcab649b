"""Law 1 over real HTTP: every documented body, and the first case of kinds that have none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from capsync.sandbox.serve import serving
from tests.laws.cases import Case, all_cases, cases_of
from tests.laws.laws import law_1
from tests.laws.orgs import START, Org, Work


def sampled() -> list[Case]:
    """The cases that are worth a socket."""
    return [
        case
        for case in all_cases()
        if case.documented or not any(each.documented for each in cases_of(case.kind))
    ]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    """An org behind a server that wants credentials."""
    org = Org(tmp_path_factory.mktemp("served"), auth=True)
    with serving(org.sandbox) as org.url:
        yield org
    org.close()


@pytest.mark.parametrize("case", sampled(), ids=str)
def test_law_1_over_http(case: Case, served: Org, tmp_path: Path) -> None:
    served.sandbox.reset()
    served.clock.now = START
    assert law_1(case, Work(served, tmp_path)) == []
