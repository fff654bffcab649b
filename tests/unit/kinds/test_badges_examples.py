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


@pytest.mark.parametrize("kind", CREATES)
def test_documented_create_bodies_are_specs(kind: str) -> None:
    specs = dict(bodies("badges", CREATES[kind]))
    assert len(specs) == COUNTS[kind]
    assert {name: wrong(kind, spec) for name, spec in specs.items()} == {name: [] for name in specs}


@pytest.mark.parametrize(("name", "body"), list(bodies("badges", "update-badges")))
def test_documented_update_bodies_are_specs(name: str, body: dict[str, object]) -> None:
    assert wrong("Badge", body) == []
