from __future__ import annotations

from typing import Any

from tests.unit.kinds.examples import bodies, warned, wrong

CALLS = ("create-a-loyalty-promotion", "update-loyalty-promotion")
# A body that its own page contradicts.
REFUSED = {"48-create-a-loyalty-promotion-optin-window": "310228"}


def _specs() -> dict[str, Any]:
    return {name: body for call in CALLS for name, body in bodies("targets", call)}


def test_documented_bodies_are_specs():
    refused = {name for name, spec in _specs().items() if wrong("LoyaltyPromotion", spec)}
    assert refused == REFUSED.keys()
    assert len(_specs()) == 14


def test_reasons_of_the_refused():
    for name, code in REFUSED.items():
        [said] = wrong("LoyaltyPromotion", _specs()[name])
        assert code in said


def test_what_the_service_sets_is_warned_of():
    spec = _specs()["42-create-a-loyalty-promotion-spend"]
    assert warned("LoyaltyPromotion", spec) == [
        "activities.0.commonCycleActionMapping.0.actions.0.id",
        "metadata.orgId",
        "metadata.status",
    ]
