"""The laws over real HTTP, behind a server that wants credentials.

Every documented body, and the first case of kinds that have none. In process there are more cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from capsync.kinds import KINDS
from tests.conftest import Golden
from tests.laws.cases import Case, all_cases, cases_of
from tests.laws.exports import law_5
from tests.laws.laws import benched, law_1, law_4, law_6, laws_2_3_7
from tests.laws.orgs import Work, opened


def sampled() -> list[Case]:
    """The cases that are worth a socket."""
    return [
        case
        for case in all_cases()
        if case.documented or not any(each.documented for each in cases_of(case.kind))
    ]


@pytest.mark.parametrize("case", sampled(), ids=str)
def test_laws_1_5_and_6_over_http(case: Case, tmp_path: Path) -> None:
    with opened(tmp_path, http=True) as org:
        assert law_1(case, Work(org, tmp_path / "a")) == []
        org.sandbox.reset()
        assert law_6(case, Work(org, tmp_path / "b")) == []
    assert law_5(case, tmp_path / "exports", http=True) == []


@pytest.mark.parametrize("case", sampled(), ids=str)
def test_laws_2_3_4_and_7_over_http(case: Case, tmp_path: Path) -> None:
    with benched(case, tmp_path, http=True) as bench:
        broken = laws_2_3_7(bench).broken + law_4(bench).broken
    assert broken == []


def test_where_the_laws_run_is_known(golden: Golden) -> None:
    """How many cases each law runs on: in process all, over HTTP those that the tests above say."""
    counts = {
        "cases, all laws in process": _by_family(all_cases()),
        "of these documented bodies": _by_family(case for case in all_cases() if case.documented),
        "over HTTP, all laws": _by_family(sampled()),
    }
    lines = [
        f"{what}: {sum(found.values())} {dict(sorted(found.items()))}"
        for what, found in counts.items()
    ]
    golden("where.txt", "\n".join(lines) + "\n")


def _by_family(cases: Iterable[Case]) -> Counter[str]:
    return Counter(KINDS[case.kind].family for case in cases)
