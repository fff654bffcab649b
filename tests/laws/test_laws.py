"""The laws of the main issue on every case of every kind, in process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.laws.cases import Case, all_cases, cases_of, managed_kinds, refused_cases
from tests.laws.exports import law_5
from tests.laws.laws import benched, law_1, law_4, law_6, laws_2_3_7
from tests.laws.orgs import Org, Work
from tests.laws.outcome import Outcome

every_case = pytest.mark.parametrize("case", all_cases(), ids=str)


@pytest.mark.parametrize("kind", managed_kinds())
def test_every_kind_has_cases(kind: str) -> None:
    assert cases_of(kind), f"{kind}: write tests/laws/specs/{kind}.yaml"


@every_case
def test_law_1_a_plan_after_a_create_is_empty(case: Case, tmp_path: Path) -> None:
    org = Org(tmp_path)
    try:
        assert law_1(case, Work(org, tmp_path / "a")) == []
    finally:
        org.close()


@pytest.mark.parametrize("case", refused_cases(), ids=str)
def test_documented_refusals_are_told(case: Case, tmp_path: Path) -> None:
    """By their codes, or the create lands since what stood in its way is not in our org."""
    org = Org(tmp_path)
    try:
        told = law_1(case, Work(org, tmp_path / "a"))
        codes = [each for each in case.refused if not each.startswith("HTTP")]
        assert not told or any(code in told[0] for code in codes or case.refused), told
    finally:
        org.close()


@every_case
def test_laws_2_3_7_one_field_changes(
    case: Case, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with benched(case, tmp_path) as bench:
        _told(laws_2_3_7(bench), request)


@every_case
def test_law_4_unmanaged_fields_are_left_alone(
    case: Case, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with benched(case, tmp_path) as bench:
        _told(law_4(bench), request)


@every_case
def test_law_5_export_is_the_inverse_of_apply(case: Case, tmp_path: Path) -> None:
    assert law_5(case, tmp_path) == []


@every_case
def test_law_6_plans_are_the_same_twice(case: Case, tmp_path: Path) -> None:
    org = Org(tmp_path)
    try:
        assert law_6(case, Work(org, tmp_path / "a")) == []
    finally:
        org.close()


def _told(outcome: Outcome, request: pytest.FixtureRequest) -> None:
    """Hand the rows to the summary, and fail on what is broken."""
    rows = [list(row) for row in outcome.rows]
    request.node.user_properties.append(("laws", rows))
    assert not outcome.broken, "\n" + "\n".join(outcome.broken)
