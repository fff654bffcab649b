from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from capsync.kinds import KINDS
from capsync.values.diff import differences
from capsync.values.normalise import canonical
from tests.unit.kinds.examples import EXAMPLES, bodies, warned, wrong

CREATES = {
    "RewardCategory": "create-reward-category",
    "RewardCustomField": "post-create-custom-field",
    "RewardGroup": "create-group-reward",
    "PointsRestriction": "create-points-restriction",
    "CatalogPromotion": "post-create-catalog-promotion",
    "RichContent": "create-rich-content-meta",
    "RewardLanguage": "create-language-metadata",
    "Vendor": "createvendor",
    "VendorRedemption": "create-vendor-redemption",
    "ExpiryReminder": "create-reward-expiry-reminder",
    "Reward": "post-create-reward",
}
COUNTS = {
    "RewardCategory": 2,
    "RewardCustomField": 6,
    "RewardGroup": 2,
    "PointsRestriction": 6,
    "CatalogPromotion": 2,
    "RichContent": 1,
    "RewardLanguage": 1,
    "Vendor": 4,
    "VendorRedemption": 2,
    "ExpiryReminder": 1,
    "Reward": 16,
}
# What the API answers with these codes itself.
REFUSED = {
    "024-post-create-custom-field-enum-bad-default": "3025",
    "026-post-create-custom-field-enum-bad-char": "3024",
    "028-post-create-custom-field-enum-too-long": "3028",
    "100-createvendor-bad-rank": "rank 0 is below 1",
    "130-create-reward-expiry-reminder-no-duration": "duration is required",
    "162-post-create-reward-err-conv-ratio-type": "CONV_RATIO is not possible",
}


def _specs(kind: str) -> Iterator[tuple[str, Any]]:
    for name, body in bodies("rewards", CREATES[kind]):
        yield from ((name, item) for item in (body if isinstance(body, list) else [body]))


@pytest.mark.parametrize("kind", CREATES)
def test_documented_create_bodies_are_specs(kind: str) -> None:
    specs = list(_specs(kind))
    assert len(specs) == COUNTS[kind]
    for name, spec in specs:
        said = "; ".join(wrong(kind, spec))
        assert (REFUSED[name] in said) if name in REFUSED else not said, (name, said)


def test_brand_and_org_in_a_pasted_body_are_a_warning() -> None:
    (_, body), *_ = _specs("RewardCategory")
    assert warned("RewardCategory", body) == ["brandId"]


def test_statuses_are_items_of_the_array_body() -> None:
    ((_, body),) = bodies("rewards", "update-fulfillment-status")
    assert [wrong("FulfillmentStatus", item) for item in body] == [[], []]


UPDATES = {
    "RewardCustomField": "update-custom-field",
    "RewardGroup": "update-group-reward",
    "CatalogPromotion": "put-update-catalog-promotion",
    "RichContent": "update-rich-content",
    "Vendor": "update-vendor-metadata",
    "Reward": "put-update-reward",
}
# Bodies of updates that leave out what a create needs, or that the API refuses.
NO_SPECS = {
    "034-update-custom-field-enum-bad-default",
    "036-update-custom-field-enum-bad-char",
    "078-put-update-catalog-promotion-server-error",
    "170-put-update-reward-basic",
    "172-put-update-reward-images",
    "176-put-update-reward-payment-short",
    "186-put-update-reward-err-mixed-modes",
}


@pytest.mark.parametrize("kind", UPDATES)
def test_documented_update_bodies_are_specs(kind: str) -> None:
    found = dict(bodies("rewards", UPDATES[kind]))
    assert found
    refused = {name for name, body in found.items() if wrong(kind, body)}
    assert refused == NO_SPECS & found.keys()


# Requests and the reads that show what became of them, where both are documented.
ROUND_TRIPS = [
    (
        "Reward",
        "158-post-create-reward-frequency",
        "192-get-reward-details-by-id-frequency",
        "reward",
    ),
    ("Reward", "154-post-create-reward-cards", "194-get-reward-details-by-id-cards", "reward"),
]


def _pair(name: str) -> Any:
    return json.loads((EXAMPLES / "rewards" / f"{name}.json").read_text())


@pytest.mark.parametrize(("kind", "sent", "read", "member"), ROUND_TRIPS)
def test_what_was_sent_is_no_drift_when_it_is_read(
    kind: str, sent: str, read: str, member: str
) -> None:
    schema = KINDS[kind].schema
    desired = canonical(schema, _pair(sent)["request"]["body"])
    live = canonical(schema, KINDS[kind].read(_pair(read)["response"]["body"][member]))
    assert list(differences(schema, desired, live)) == []


def test_answers_of_creates_are_no_drift() -> None:
    for kind, operation, member in (
        ("RewardGroup", "create-group-reward", ""),
        ("RichContent", "create-rich-content-meta", ""),
        ("RewardLanguage", "create-language-metadata", "language"),
        ("Vendor", "createvendor", "vendor"),
    ):
        for name, body in bodies("rewards", operation):
            answer = _pair(name)["response"]["body"]
            live = answer.get(member) if member else answer
            if isinstance(live, dict) and live.get("name"):
                schema = KINDS[kind].schema
                have = canonical(schema, KINDS[kind].read(live))
                assert list(differences(schema, canonical(schema, body), have)) == [], name
