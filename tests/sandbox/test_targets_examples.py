"""The documented calls of target groups and what they hold, answered by the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Call, Clock
from tests.sandbox.targets_support import EXAMPLES, at, faults, keep_group, names_of

CREATES = names_of(
    "create-target-groups",
    "create-streak",
    "create-unified-target-group",
    "create-target-based-on-alternate-currencies",
    "create-target-group-based-on-behavioural-event",
    "create-target-based-on-emf-eventss",
)
OTHERS = names_of(
    "get-target-groups-id",
    "update-target-group",
    "delete-target-group",
    "update-target-period",
    "get-target-periods",
    "create-targets",
    "get-targets",
    "update-unified-target",
    "check-validity-of-milestone-name",
    "upsert-target-communication",
)

# The documented answer belongs to another call; the request is accepted all the same.
NOT_REPRODUCED = {
    "16-create-target-group-based-on-behavioural-event-visit": "a target list, not a group",
    "18-create-target-based-on-emf-eventss": "a target list, not a group",
}

# When each answer was given, where a status depends on it.
NOW = {
    "04-create-target-groups-user-created": "2026-08-02T04:36:21.532Z",
    "06-create-target-groups-legacy": "2026-05-26T13:28:32.602Z",
    "10-create-unified-target-group-any": "2026-09-25T11:57:53.327Z",
    "22-update-target-group": "2026-04-01T10:34:29.145Z",
    "26-update-target-period": "2026-04-10T00:00:00Z",
    "28-get-target-periods-legacy": "2026-04-10T00:00:00Z",
}


def send(call: Call, name: str) -> tuple[int, Any]:
    example = EXAMPLES[name]
    return call(example.method, example.path, query=example.query, body=example.body)


@pytest.mark.parametrize("name", CREATES)
def test_create(name: str, sandbox: Sandbox, call: Call, clock: Clock) -> None:
    clock.now = at(NOW.get(name, "2026-02-18T06:12:35Z"))
    example = EXAMPLES[name]
    status, body = send(call, name)
    assert status == (example.status or 200)
    if example.answer is None or name in NOT_REPRODUCED:
        assert body["errors"] is None
        assert body["data"]["name"] == example.body["name"]
    else:
        assert faults(body, example) == []


def test_two_answers_are_not_reproduced() -> None:
    assert len(NOT_REPRODUCED) == 2
    assert all(EXAMPLES[name].raw.get("response_unreliable") for name in NOT_REPRODUCED)


PERIOD = {
    "id": 80,
    "startDate": "2026-02-26",
    "endDate": "2026-03-25",
    "refCode": "First slot ",
    "description": "first",
    "active": True,
}


def periods(*ids: int) -> list[dict[str, Any]]:
    return [{**PERIOD, "id": id} for id in ids]


TARGET = {
    "targetType": "SALES",
    "targetEntity": "TRANSACTION",
    "eventName": "TransactionAdd",
    "active": True,
    "expression": "false",
    "enrolmentMethod": "TRANSACTION",
    "defaultValues": [],
}


def answered(name: str) -> Any:
    return EXAMPLES[name].answer["data"]


def state_of(name: str) -> dict[str, Any] | None:
    """The group that an example needs before its call, as the documented answers show it."""
    return {
        "20": lambda: {**answered("20-get-target-groups-id"), "periods": periods(1, 2)},
        "22": lambda: {
            **answered("22-update-target-group"),
            "name": "before",
            "toDate": "2026-10-31",
            "description": "before",
            "preferredTillId": 1,
        },
        "24": lambda: {"id": 2426},
        "26": lambda: {"id": 33, "periods": [PERIOD]},
        "28": lambda: {"id": 33, "periods": answered("28-get-target-periods-legacy")},
        "30": lambda: {"id": 5969, "trackingType": "DEFAULT", "periods": periods(1)},
        "32": lambda: {"id": 2614, "targets": answered("32-get-targets-iso")},
        "34": unified_before,
        "40": lambda: {"id": 24, "targets": [{**TARGET, "id": 37, "name": "pier"}]},
    }.get(name[:2], lambda: None)()


def unified_before() -> dict[str, Any]:
    values = [
        {"id": 11752, "periodId": 7621, "defaultValue": 1.0},
        {"id": 11753, "periodId": 7622, "defaultValue": 1.0},
    ]
    (changed,) = answered("34-update-unified-target")["targets"]
    return {
        "id": 6768,
        "combinationType": "ALL",
        "unifiedTargetExpression": {"aggregation": "SUM", "thresholdValue": 1},
        "periods": periods(7621, 7622),
        "targets": [
            {**changed, **TARGET, "description": "dock u1", "defaultValues": values},
            {**TARGET, "id": 10562, "name": "dock-edit-2"},
            {**TARGET, "id": 10563, "name": "dock-edit-3"},
        ],
    }


@pytest.mark.parametrize("name", OTHERS)
def test_answer(name: str, sandbox: Sandbox, call: Call, clock: Clock) -> None:
    clock.now = at(NOW.get(name, "2026-09-25T06:12:35Z"))
    state = state_of(name)
    if state is not None:
        keep_group(sandbox, state)
    example = EXAMPLES[name]
    status, body = send(call, name)
    assert status == (example.status or 200)
    assert faults(body, example) == []


def test_every_target_example_is_tried() -> None:
    group_calls = {
        name
        for name, example in EXAMPLES.items()
        if example.path.startswith(("/v3/targetGroups", "/v3/milestones"))
    }
    assert {*CREATES, *OTHERS} == group_calls
    assert len(group_calls) == 20
