from __future__ import annotations

from typing import Any

from tests.unit.kinds.examples import bodies, wrong

CALLS = (
    "create-target-groups",
    "create-unified-target-group",
    "create-streak",
    "create-target-group-based-on-behavioural-event",
    "create-target-based-on-emf-eventss",
    "create-target-based-on-alternate-currencies",
)
# Bodies that the API itself refuses, with its code.
REFUSED = {
    "12-create-target-based-on-alternate-currencies-err-310033": "310033",
    "14-create-target-based-on-alternate-currencies-err-310094": "310094",
}


def _specs() -> dict[str, Any]:
    return {name: body for call in CALLS for name, body in bodies("targets", call)}


def test_documented_bodies_are_specs():
    refused = {name for name, spec in _specs().items() if wrong("TargetGroup", spec)}
    assert refused == REFUSED.keys()
    assert len(_specs()) == 9


def test_reasons_of_the_refused():
    specs = _specs()
    for name, code in REFUSED.items():
        assert f"API error {code}" in " ".join(wrong("TargetGroup", specs[name]))


def test_updates_and_added_targets_hold_nothing_unknown():
    [(_, group)] = bodies("targets", "update-target-group")
    assert wrong("TargetGroup", group) == []
    [(_, target)] = bodies("targets", "create-targets")
    assert wrong("TargetGroup", {"name": "x", "targets": [target]}) == []
