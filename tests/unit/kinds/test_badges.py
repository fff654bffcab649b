from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from capsync.kind import Check, Task
from capsync.kinds.badges import BADGE
from capsync.model import NOTHING, Action, FieldChange, Key
from capsync.values.normalise import canonical
from tests.unit.kinds.examples import EXAMPLES, warned, wrong

NOW = 1_800_000_000.0  # 2027-01-15
SPEC: dict[str, Any] = {
    "name": "Walker",
    "startOn": "2028-01-01T00:00:00Z",
    "expiresOn": "2034-01-01T00:00:00Z",
    "earnType": "EARN",
    "earnedBadgeExpiry": {"expiryType": "NEVER"},
    "ownership": {"restrictedToOwners": ["Loyalty"]},
}
META = "/api_gateway/v1/badges/badgeMeta"
POINTS = {
    "benefitType": "LOYALTY_POINTS",
    "programId": 1,
    "promotionId": 2,
    "allocationStrategyId": 3,
    "expirationStrategyId": 4,
}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            {"expiresOn": "2028-01-01T00:00:00Z"},
            "expiresOn has to be after startOn (API error 720)",
        ),
        ({"earnType": "ISSUE_EARN"}, "issuedBadgeExpiry is needed with earnType ISSUE_EARN"),
        (
            {
                "ownership": {
                    "restrictedToOwners": ["Loyalty"],
                    "claims": [{"ownerType": "Journeys", "referenceId": "1"}],
                }
            },
            "ownership.claims.0.ownerType Journeys is not one of the owners (API error 714)",
        ),
        ({"ownership": {"restrictedToOwners": []}}, "ownership.restrictedToOwners"),
        ({"earnedBadgeExpiry": {"expiryType": "ABSOLUTE"}}, "earnedBadgeExpiry type is required"),
        (
            {"earnedBadgeExpiry": {"expiryType": "ABSOLUTE", "type": "FIXED_DATE"}},
            "earnedBadgeExpiry expiresOn",
        ),
        (
            {
                "earnedBadgeExpiry": {
                    "expiryType": "RELATIVE",
                    "relativeExpirytype": "DAYS",
                    "value": 0,
                }
            },
            "earnedBadgeExpiry.value",
        ),
        (
            {
                "badgeConstraints": [
                    {
                        "constraintType": "BADGE_FIXED_WINDOW",
                        "durationType": "DAYS",
                        "maxEarnLimit": 1,
                    }
                ]
            },
            "badgeConstraints.0 refreshRate is required",
        ),
        ({"benefits": [{"benefitType": "COUPON"}]}, "benefits.0 seriesId is required"),
        ({"benefits": [{"benefitType": "COUPON", "seriesId": 1}] * 11}, "benefits"),
        ({"images": [{"tag": "EARNED"}, {"tag": "EARNED"}]}, "images.1"),
    ],
)
def test_what_the_api_refuses_is_refused_offline(more: dict[str, Any], says: str) -> None:
    said = wrong("Badge", SPEC | more)
    assert said
    assert said[0].startswith(says)


def test_points_that_are_not_written_are_a_warning() -> None:
    assert warned("Badge", SPEC | {"benefits": [POINTS]}) == ["benefits.0.points"]
    assert warned("Badge", SPEC | {"benefits": [POINTS | {"points": 5}]}) == []


def test_limits_of_customers_among_those_of_the_badge_are_a_warning() -> None:
    limits = [{"constraintType": "CUSTOMER_BADGE_FIXED_VALUE", "maxEarnLimit": 3}]
    assert warned("Badge", SPEC | {"badgeConstraints": limits}) == [
        "badgeConstraints.0.constraintType"
    ]
    assert wrong("Badge", SPEC | {"badgeConstraints": limits}) == []
    assert warned("Badge", SPEC | {"customerConstraints": limits}) == []


def test_milliseconds_are_a_warning() -> None:
    assert warned("Badge", SPEC | {"startOn": 1896926400, "expiresOn": 1912564800000}) == [
        "expiresOn"
    ]


def test_documented_reads_are_specs() -> None:
    for path in sorted((EXAMPLES / "badges").glob("*.json")):
        pair = json.loads(path.read_text())
        if pair["operation"] not in ("get-badge-by-id", "create-badges-org", "update-badges"):
            continue
        if not (raw := ((pair.get("response") or {}).get("body") or {}).get("data")):
            continue
        spec = canonical(BADGE.schema, BADGE.read(raw))
        spec = {name: value for name, value in spec.items() if value is not None}
        assert wrong("Badge", spec) == [], path.name


def _window(status: str | None, limit: int, start: float = 0) -> dict[str, Any]:
    stamped = {"cycleStatus": status} if status else {}
    return {
        "constraintType": "BADGE_FIXED_WINDOW",
        "durationType": "MONTHS",
        "maxEarnLimit": limit,
        "referenceId": "r",
        "startDate": start,
        **stamped,
    }


@pytest.mark.parametrize(
    ("windows", "limits"),
    [
        ([_window("EXPIRED", 1), _window("ACTIVE", 2), _window("UPCOMING", 3)], [3]),
        ([_window("EXPIRED", 1), _window("ACTIVE", 2)], [2]),
        ([_window("EXPIRED", 1, 20), _window("EXPIRED", 2, 10)], [1]),
        ([_window(None, 4)], [4]),
    ],
)
def test_the_window_set_last_counts(windows: list[Any], limits: list[int]) -> None:
    fixed = {"constraintType": "BADGE_FIXED_VALUE", "maxEarnLimit": 9}
    read = BADGE.read({"badgeConstraints": [fixed, *windows]})["badgeConstraints"]
    assert [each["maxEarnLimit"] for each in read] == [9, *limits]
    assert all("referenceId" not in each and "cycleStatus" not in each for each in read)


def test_a_moment_shown_only_as_text_is_kept() -> None:
    raw = {"startOnISO": "2028-01-01T00:00:00Z", "expiresOn": 2.0, "expiresOnISO": "x"}
    assert canonical(BADGE.schema, BADGE.read(raw)) == {
        "startOn": "2028-01-01T00:00:00Z",
        "expiresOn": "1970-01-01T00:00:02Z",
    }


def _task(
    action: Action,
    desired: Mapping[str, Any],
    live: Mapping[str, Any] | None = None,
    changed: tuple[tuple[str | int, ...], ...] = (),
) -> Task:
    body = {**(live or {}), **desired}
    return Task(action, desired, body, live, live, changed, "6a01" if live else None, {}, NOW)


def _calls(task: Task) -> list[tuple[str, str]]:
    assert BADGE.writer is not None
    return [(each.method, each.path.removeprefix(META)) for each in BADGE.writer(task)]


@pytest.mark.parametrize(("start", "marked"), [(1_700_000_000, True), (1_900_000_000, False)])
def test_a_past_start_is_marked_as_historical(start: int, marked: bool) -> None:
    assert BADGE.writer is not None
    (create,) = BADGE.writer(_task(Action.CREATE, {"name": "W", "startOn": start}))
    assert create.headers == ({"X-CAP-BADGES-MIGRATION": "migration"} if marked else {})
    assert create.creates
    assert not create.settle


def test_retiring_deactivates() -> None:
    assert _calls(_task(Action.RETIRE, {}, {"name": "W"})) == [("PUT", "/6a01/deactivate")]


def test_a_claim_is_given_up_before_its_owner_and_taken_after_it() -> None:
    live = {
        "name": "W",
        "active": True,
        "ownership": {
            "restrictedToOwners": ["Loyalty"],
            "claims": [{"ownerType": "Loyalty", "referenceId": "a/b"}],
        },
    }
    desired = {
        "active": False,
        "ownership": {
            "restrictedToOwners": ["Journeys"],
            "claims": [{"ownerType": "Journeys", "referenceId": "7"}],
        },
    }
    changed = (
        ("active",),
        ("ownership", "restrictedToOwners"),
        ("ownership", "claims", Key("Loyalty/a/b")),
        ("ownership", "claims", Key("Journeys/7")),
    )
    task = _task(Action.UPDATE, desired, live, changed)
    assert _calls(task) == [
        ("POST", "/6a01/unclaim"),
        ("PUT", ""),
        ("POST", "/6a01/claim"),
        ("PUT", "/6a01/deactivate"),
    ]
    assert BADGE.writer is not None
    unclaim, update, *_rest = BADGE.writer(task)
    assert unclaim.body == {"ownerType": "Loyalty", "referenceId": "a/b"}
    assert update.body["active"] is True
    assert update.body["ownership"] == {"restrictedToOwners": ["Journeys"]}


def test_an_emptied_custom_field_is_left_out() -> None:
    assert BADGE.writer is not None
    desired = {"customFields": {"Region": None, "Sort": "1"}}
    (update,) = BADGE.writer(_task(Action.UPDATE, desired, {"name": "W"}, (("customFields", "R"),)))
    assert update.body["customFields"] == {"Sort": "1"}


def _verdicts(
    desired: dict[str, Any], live: dict[str, Any], *names: str, now: float = NOW
) -> list[str]:
    assert BADGE.guard is not None
    fields = tuple(
        FieldChange((name,), live.get(name, NOTHING), desired.get(name, NOTHING)) for name in names
    )
    action = Action.UPDATE if live else Action.CREATE
    check = Check(action, desired, live, live, fields, now, written=desired)
    return [f"{each.effect}: {each.reason}" for each in BADGE.guard(check)]


RUNNING = {"startOn": "2026-01-01T00:00:00Z", "expiresOn": "2030-01-01T00:00:00Z"}
ENDED = {"startOn": "2020-01-01T00:00:00Z", "expiresOn": "2021-01-01T00:00:00Z"}
WINDOW = {"constraintType": "BADGE_FIXED_WINDOW", "durationType": "MONTHS", "maxEarnLimit": 1}
VALUE = {"constraintType": "BADGE_FIXED_VALUE", "maxEarnLimit": 1}
OTHER_WINDOW = WINDOW | {"maxEarnLimit": 2}


@pytest.mark.parametrize(
    ("dates", "before", "after", "said"),
    [
        (RUNNING, [WINDOW], [VALUE], "blocked"),
        (RUNNING, [VALUE], [WINDOW], "blocked"),
        (RUNNING, [WINDOW, VALUE], [VALUE], "warning"),
        (RUNNING, [WINDOW], [OTHER_WINDOW], "warning"),
        (RUNNING, [VALUE], [VALUE | {"maxEarnLimit": 5}], ""),
        (ENDED | {"earnType": "EARN"}, [WINDOW], [OTHER_WINDOW], "blocked"),
        (ENDED | {"earnType": "ISSUE_EARN"}, [WINDOW], [OTHER_WINDOW], ""),
        ({"startOn": "2029-01-01T00:00:00Z"}, [WINDOW], [VALUE], ""),
    ],
)
def test_locks_of_fixed_windows(
    dates: dict[str, Any], before: list[Any], after: list[Any], said: str
) -> None:
    live, desired = {"badgeConstraints": before, **dates}, {"badgeConstraints": after, **dates}
    effects = [each.split(":")[0] for each in _verdicts(desired, live, "badgeConstraints")]
    assert effects == ([said] if said else [])


def test_dates_of_a_new_badge() -> None:
    said = _verdicts({"startOn": "1925-01-01T00:00:00Z", "expiresOn": "1926-01-01T00:00:00Z"}, {})
    assert [each.split(":")[0] for each in said] == ["blocked", "warning"]
    assert _verdicts({"startOn": "1927-01-16T00:00:00Z"}, {}) == []


def test_membercare_may_be_refused_by_a_create() -> None:
    spec = {"ownership": {"restrictedToOwners": ["Loyalty", "Membercare"]}}
    assert [each.partition(" stands")[0] for each in _verdicts(spec, {})] == ["warning: Membercare"]
    assert _verdicts(spec, SPEC) == []


def test_an_unchanged_past_end_is_no_lock() -> None:
    assert _verdicts(ENDED | {"description": "x"}, ENDED, "description") == []
