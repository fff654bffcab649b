from __future__ import annotations

import json

import pytest

from capsync.applying.outcomes import ApplyReport, Outcome
from capsync.model import Action, Address
from capsync.report.outcomes import outcomes_json, outcomes_text
from tests.conftest import Golden
from tests.unit.report.plans import RICH

MIXED = ApplyReport(
    (
        Outcome(Address("BadgeGroup", "explorers"), Action.CREATE, "done", id="6b02"),
        Outcome(Address("Badge", "same"), Action.UPDATE, "already", id="3"),
        Outcome(
            Address("CouponSeries", "w"), Action.UPDATE, "failed", "630 code taken", request_id="r7"
        ),
        Outcome(Address("Badge", "x"), Action.CREATE, "skipped", "needs CouponSeries/w"),
        Outcome(Address("Reward", "\x1b[2Jr"), Action.CREATE, "unknown", "read timeout\nlater"),
        Outcome(Address("Badge", "old"), Action.RETIRE, "done", id="6a02"),
    ),
    sent=5,
    run="20270105-091244-ab12",
)


def test_outcomes_for_people(golden: Golden) -> None:
    golden("outcomes.txt", outcomes_text(MIXED))


def test_outcomes_for_programs(golden: Golden) -> None:
    golden("outcomes.json", outcomes_json(MIXED, RICH))


def test_everything_done() -> None:
    report = ApplyReport((Outcome(Address("Badge", "b"), Action.UPDATE, "done", id="1"),), sent=1)
    text = outcomes_text(report)
    assert "Applied: 1 done (1 write sent)." in text
    assert "Run apply again" not in text


@pytest.mark.parametrize(
    ("actions", "can_undo"),
    [((Action.CREATE,), False), ((Action.CREATE, Action.UPDATE), True), ((Action.RETIRE,), True)],
)
def test_undo_is_offered_where_it_would_do_something(
    actions: tuple[Action, ...], can_undo: bool
) -> None:
    outcomes = tuple(Outcome(Address("Badge", each), each, "done", id="1") for each in actions)
    assert ("capsync undo" in outcomes_text(ApplyReport(outcomes, run="r1"))) is can_undo


def test_nothing_to_do() -> None:
    assert outcomes_text(ApplyReport()) == "Nothing to apply.\n"


def test_interruption_is_said() -> None:
    skipped = Outcome(Address("Badge", "b"), Action.UPDATE, "skipped", "interrupted")
    text = outcomes_text(ApplyReport((skipped,), interrupted=True))
    assert "Interrupted: 1 skipped" in text


def test_unreadable_kinds_are_not_hidden() -> None:
    report = ApplyReport(unreadable=("CustomField could not be read: 403",))
    assert "Not readable: CustomField" in outcomes_text(report)
    assert json.loads(outcomes_json(report, RICH))["complete"] is False
