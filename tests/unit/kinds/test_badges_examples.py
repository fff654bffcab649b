from __future__ import annotations

import pytest

from tests.unit.kinds.examples import bodies, wrong

CREATES = {
    "Badge": "create-badges-org",
    "BadgeGroup": "create-badges-group",
    "BadgeCustomField": "create-custom-field",
    "BadgeOrgMeta": "create-badges-org-meta",
}
COUNTS = {"Badge": 4, "BadgeGroup": 1, "BadgeCustomField": 1, "BadgeOrgMeta": 2}
# The API moves the customer limit that this body has among the limits of the badge: it would
# never be found where it was written.
REFUSED = {"52-create-badges-org": "badgeConstraints.1.constraintType"}


@pytest.mark.parametrize("kind", CREATES)
def test_documented_create_bodies_are_specs(kind: str) -> None:
    specs = dict(bodies("badges", CREATES[kind]))
    assert len(specs) == COUNTS[kind]
    said = {name: wrong(kind, spec) for name, spec in specs.items()}
    refused = {name: each[0].split(" ")[0] for name, each in said.items() if each}
    assert refused == {name: path for name, path in REFUSED.items() if name in specs}


@pytest.mark.parametrize(("name", "body"), list(bodies("badges", "update-badges")))
def test_documented_update_bodies_are_specs(name: str, body: dict[str, object]) -> None:
    assert wrong("Badge", body) == []
