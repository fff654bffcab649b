from __future__ import annotations

import json

import pytest

from capsync.api.dialect import at
from capsync.kinds import KINDS
from capsync.snapshot import LiveObject
from tests.unit.kinds.examples import EXAMPLES


@pytest.mark.parametrize(
    ("kind", "example", "keys"),
    [
        ("LoyaltyProgram", "organization/34-get-loyalty-programs", [("730", "KopiDefault")]),
        (
            "Store",
            "organization/26-get-org-entities-stores-of-concept",
            [("50270001", "cafe.east.1"), ("50270002", "cafe.east.2")],
        ),
        (
            "ProductBrand",
            "organization/90-get-product-brands-all",
            [("300101", "nord"), ("300102", "nordou"), ("300111", "nord-kids")],
        ),
        (
            "ProductCategory",
            "organization/92-get-product-categories-all",
            [("11500001", "hot_drinks"), ("11500002", "snacksou"), ("11500003", "teas")],
        ),
        (
            "ProductAttribute",
            "organization/96-get-product-attributes-values",
            [("91601", "roast_level")],
        ),
    ],
)
def test_documented_lists_give_ids_and_keys(
    kind: str, example: str, keys: list[tuple[str, str]]
) -> None:
    declared = KINDS[kind]
    body = json.loads((EXAMPLES / f"{example}.json").read_text())["response"]["body"]
    rows = at(declared.dialect.payload(body), declared.lists[0].rows)
    objects = [
        LiveObject(declared, str(at(row, declared.id)), row, declared.read(row), whole=True)
        for row in rows
    ]
    assert [(each.id, *(each.key(0) or ())) for each in objects] == keys


def test_look_ups_are_never_written() -> None:
    family = [kind for kind in KINDS.values() if kind.family == "organization"]
    assert {kind.name for kind in family if kind.reference_only} >= {
        "CardSeries",
        "Concept",
        "LoyaltyProgram",
        "Store",
        "Till",
        "Zone",
    }
    assert not [
        kind.name for kind in family if kind.reference_only and (kind.create or kind.writer)
    ]
