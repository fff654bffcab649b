"""Documented create bodies: which are cases, which are left out and why."""

from __future__ import annotations

import pytest

from capsync.kinds import KINDS
from tests.conftest import Golden
from tests.laws.bodies import documented_bodies, refusal
from tests.laws.cases import all_cases
from tests.laws.edits import place_of, put, without
from tests.laws.table import bodies_left_out

FAMILIES = sorted({kind.family for kind in KINDS.values()})


@pytest.mark.parametrize("family", FAMILIES)
def test_bodies_that_are_no_cases_are_known(family: str, golden: Golden) -> None:
    names = {kind.name for kind in KINDS.values() if kind.family == family}
    left = [line for line in bodies_left_out() if line.split(" ")[0] in names]
    count = sum(body.kind in names for body in documented_bodies())
    lines = [f"{len(left)} of {count} documented bodies are left out", *left]
    golden(f"{family}.txt", "\n".join(lines) + "\n")


def test_every_other_body_is_a_case() -> None:
    cases = {(case.kind, case.name) for case in all_cases() if case.documented}
    assert cases == {(body.kind, body.name) for body in documented_bodies() if not body.left_out}


def test_cases_are_what_validate_takes() -> None:
    refused = [
        (str(case), why)
        for case in all_cases()
        for each in case.manifests
        if (why := refusal(KINDS[each["kind"]], each["spec"]))
    ]
    assert refused == []


def test_places() -> None:
    spec = {"a": {"b": [{"c": 1}, {"c": 2}]}}
    assert place_of("a.b[1].c") == ("a", "b", 1, "c")
    assert put(spec, place_of("a.b[1].c"), 3) == {"a": {"b": [{"c": 1}, {"c": 3}]}}
    assert without(spec, place_of("a.b[0]")) == {"a": {"b": [{"c": 2}]}}
    assert put({}, place_of("a.b"), 1) == {"a": {"b": 1}}
