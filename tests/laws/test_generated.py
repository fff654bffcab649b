"""Laws 1 and 6 on specs that nobody wrote: documented ones with fields drawn from the schema.

CAPSYNC_EXAMPLES says how many specs a kind gets; the ordinary run takes few.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from capsync.errors import ManifestError
from capsync.kinds import KINDS
from tests.laws.bodies import refusal
from tests.laws.cases import Case, cases_of, managed_kinds
from tests.laws.generate import specs_like
from tests.laws.laws import refused_by_service
from tests.laws.orgs import Org, Work, not_empty, steady

Json = Any

EXAMPLES = int(os.environ.get("CAPSYNC_EXAMPLES", "6"))


@pytest.mark.parametrize("kind", managed_kinds())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CAPSYNC_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_generated_specs_keep_laws_1_and_6(kind: str, data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(cases_of(kind)), label="case")
    spec = data.draw(specs_like(KINDS[kind], case), label="spec")
    assume(not refusal(KINDS[kind], spec))
    with tempfile.TemporaryDirectory() as folder:
        org = Org(Path(folder))
        try:
            _keeps_the_laws(case, spec, Work(org, Path(folder) / "a"))
        finally:
            org.close()


def _keeps_the_laws(case: Case, spec: Json, work: Work) -> None:
    work.write(case.changed(0, spec))
    try:
        first, second = work.plan(), work.plan()
    except ManifestError:
        event("refused beside other resources")
        assume(False)
    assert steady(first) == steady(second)
    applied = work.apply()
    if applied.blocked is not None or (applied.trouble and refused_by_service(applied)):
        event("refused by a guard or by the service")
        return
    assert applied.trouble == ""
    assert not_empty(work.plan()) == []
    work.forget()
    assert not_empty(work.plan()) == []
