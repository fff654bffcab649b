"""The list of cart promotions, which rewards look theirs up in."""

from __future__ import annotations

from capsync.sandbox.app import Sandbox
from capsync.sandbox.cart_promotions import PROMOTIONS
from tests.sandbox.acceptance import differences, load
from tests.sandbox.conftest import Call


def test_the_documented_list(sandbox: Sandbox, call: Call) -> None:
    example = next(one for one in load("cart_promotions") if one.operation.startswith("list-"))
    rows = example.answer["data"]
    for row in [*rows, {**rows[0], "id": "not asked for"}]:
        sandbox.store.put(PROMOTIONS, row["id"], row)
    status, body = call(example.method, example.path, query=example.query)
    assert status == example.status
    assert differences(body, example.answer) == []
    _, body = call(example.method, example.path)
    assert len(body["data"]) == len(rows) + 1


def test_a_seeded_org_has_what_rewards_can_hand_out(seeded_call: Call) -> None:
    _, body = seeded_call("GET", "/api_gateway/v1/promotions")
    assert {(row["name"], row["active"]) for row in body["data"]} >= {
        ("Free delivery", True),
        ("Old", False),
    }
