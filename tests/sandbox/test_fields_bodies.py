"""No body, however odd, breaks a handler of fields, labels, events or webhooks."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.acceptance import Example, load
from tests.sandbox.conftest import Call

Json = Any
Path = tuple[str | int, ...]

WRITES = [
    example
    for family in ("fields", "events")
    for example in load(family)
    if example.body is not None
]
ODD: list[Json] = [None, True, -1, 1e30, "", "x", [], {}, [None], [[1]], {"a": {}}]


def places(value: Json, path: Path = ()) -> Iterator[Path]:
    """Every place in a body, itself included; of a list only the first two items."""
    yield path
    if isinstance(value, dict):
        for name, item in value.items():
            yield from places(item, (*path, name))
    elif isinstance(value, list):
        for number, item in enumerate(value[:2]):
            yield from places(item, (*path, number))


def with_value(body: Json, path: Path, value: Json) -> Json:
    if not path:
        return value
    changed = copy.deepcopy(body)
    spot = changed
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = value
    return changed


@pytest.mark.parametrize("example", WRITES, ids=str)
def test_odd_bodies_are_answered(example: Example, seeded_call: Call) -> None:
    path = example.path
    if example.operation.startswith("update-v3-webhook"):
        known = seeded_call("GET", "/v3/webHooks")[1]["data"][-1]["webHookId"]
        path = f"/v3/webHooks/{known}"
    for place in places(example.body):
        for value in ODD:
            body = with_value(example.body, place, value)
            status, _ = seeded_call(example.method, path, query=example.query, body=body)
            assert status in (200, 201, 207, 400, 409)
    for read in ("/v2/org/customFields", "/v2/labels", "/v2/events", "/v3/webHooks"):
        assert seeded_call("GET", read)[0] == 200
