"""Badges: refusals, quirks, life cycle, lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from capsync.sandbox.app import Sandbox
from capsync.sandbox.badges_store import BADGES
from capsync.sandbox.badges_values import iso
from tests.sandbox.conftest import Call, Clock, calls_to

BADGE = "/api_gateway/v1/badges/badgeMeta"
DAY = 86400.0
MINIMAL: dict[str, Any] = {
    "name": "Walker",
    "startOnISO": "2027-02-01T00:00:00Z",
    "expiresOnISO": "2027-12-31T23:59:59Z",
    "earnType": "EARN",
    "earnedBadgeExpiry": {"expiryType": "NEVER"},
    "ownership": {"restrictedToOwners": ["Loyalty", "Milestones"]},
}
ENROLLED = {"earnType": "ISSUE_EARN", "issuedBadgeExpiry": {"expiryType": "NEVER"}}


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def body(**members: Any) -> dict[str, Any]:
    """A minimal badge with members added, or left out where they are `...`."""
    return {k: v for k, v in {**MINIMAL, **members}.items() if v is not ...}


def create(call: Call, **members: Any) -> Any:
    status, answer = call("POST", BADGE, body=body(**members))
    assert status == 201, answer
    return answer["data"]


def update(call: Call, badge: Any, **members: Any) -> Any:
    status, answer = call("PUT", BADGE, body=body(id=badge["id"], **members))
    assert status == 200, answer
    return answer["data"]


def read(call: Call, badge: Any, **query: Any) -> Any:
    status, answer = call("GET", f"{BADGE}/{badge['id']}", query=query)
    assert status == 200, answer
    return answer["data"]


def refused(answer: tuple[int, Any]) -> tuple[int, list[int]]:
    status, sent = answer
    assert sent["data"] is None
    return status, [error["code"] for error in sent["errors"]]


def fixed(rate: int = 10, limit: int = 5, side: str = "CUSTOMER_", **more: Any) -> dict[str, Any]:
    window = {"constraintType": f"{side}BADGE_FIXED_WINDOW", "durationType": "DAYS"}
    return {**window, "refreshRate": rate, "maxEarnLimit": limit, **more}


VALUE = {"constraintType": "CUSTOMER_BADGE_FIXED_VALUE", "maxEarnLimit": 3}


@pytest.mark.parametrize(
    ("members", "status", "codes"),
    [
        ({"name": ...}, 400, [400]),
        ({"name": ""}, 400, [400]),
        ({"startOnISO": ...}, 400, [400]),
        ({"startOnISO": "soon"}, 400, [400]),
        ({"startOnISO": ..., "startOn": True}, 400, [400]),
        ({"startOnISO": "1926-01-01T00:00:00Z"}, 400, [400]),
        ({"expiresOnISO": ...}, 400, [705]),
        ({"expiresOnISO": "2027-01-31T00:00:00Z"}, 400, [720]),
        ({"earnType": ...}, 400, [400]),
        ({"earnType": "BOTH"}, 400, [400]),
        ({"earnedBadgeExpiry": ...}, 500, [999999]),
        ({"earnType": "ISSUE_EARN"}, 500, [999999]),
        ({"earnedBadgeExpiry": {"expiryType": "RELATIVE", "value": 3}}, 500, [999999]),
        ({"earnedBadgeExpiry": {"expiryType": "ABSOLUTE"}}, 500, [999999]),
        ({"earnedBadgeExpiry": {"expiryType": "ABSOLUTE", "type": "FIXED_DATE"}}, 500, [999999]),
        ({"earnedBadgeExpiry": {"expiryType": "SOON"}}, 400, [400]),
        ({"earnedBadgeExpiry": "NEVER"}, 400, [400]),
        ({"ownership": ...}, 400, [727]),
        ({"ownership": {"restrictedToOwners": ["LOYALTY"]}}, 400, [400]),
        ({"ownership": {"restrictedToOwners": ["Membercare"]}}, 400, [714]),
        ({"ownership": {"restrictedToOwners": "Loyalty"}}, 400, [400]),
        ({"images": [{"tag": "GOLD"}]}, 400, [400]),
        ({"images": [{"tag": "EARNED"}, {"tag": "EARNED"}]}, 400, [400]),
        ({"images": [None]}, 500, [999999]),
        ({"benefits": [{"benefitType": "COUPON", "seriesId": n} for n in range(11)]}, 400, [400]),
        ({"benefits": [{"benefitType": "COUPON"}]}, 500, [999999]),
        ({"benefits": [{"benefitType": "MUG"}]}, 400, [400]),
        ({"badgeRank": "first"}, 400, [400]),
        ({"customFields": []}, 400, [400]),
        ({"customerConstraints": {}}, 400, [400]),
        ({"customerConstraints": [{"constraintType": "BADGE_FIXED_VALUE"}]}, 400, [400]),
        ({"customerConstraints": [{"constraintType": VALUE["constraintType"]}]}, 500, [999999]),
        ({"customerConstraints": [fixed(durationType="DAILY")]}, 400, [400]),
        ({"customerConstraints": [fixed(refreshRate=None)]}, 500, [999999]),
        ({"customerConstraints": [fixed(0)]}, 500, [999999]),
        ({"customerConstraints": [fixed(maxEarnLimit=None)]}, 500, [999999]),
        (
            {"customerConstraints": [fixed(durationType="WEEKS", startDayOfTheWeek="MON")]},
            400,
            [400],
        ),
        ({"badgeConstraints": [{"constraintType": "BADGE_ROLLING_WINDOW"}]}, 500, [999999]),
    ],
)
def test_refusals_of_create(call: Call, members: Any, status: int, codes: list[int]) -> None:
    assert refused(call("POST", BADGE, body=body(**members))) == (status, codes)


def test_several_errors_come_at_once(call: Call) -> None:
    create(call)
    wrong = body(expiresOnISO="2027-01-01T00:00:00Z", ownership=...)
    assert refused(call("POST", BADGE, body=wrong)) == (400, [727, 720, 725])


def test_bodies_that_are_no_objects(call: Call) -> None:
    assert refused(call("POST", BADGE, body=[1])) == (400, [400])
    headers = {"Content-Type": "application/json"}
    assert refused(call("POST", BADGE, content=b"{", headers=headers)) == (400, [400])


def test_defaults(call: Call) -> None:
    badge = create(call)
    for name in ("images", "customerConstraints", "badgeConstraints", "benefits", "tags"):
        assert badge[name] == []
    for name in ("description", "issuedBadgeExpiry", "badgeGroupId", "badgeRank"):
        assert badge[name] is None
    assert (badge["active"], badge["customFields"], badge["status"]) == (True, {}, "UPCOMING")
    assert badge["earnedBadgeExpiry"] == {"expiryType": "NEVER"}
    assert len(badge["id"]) == 24
    assert not {"defaultTillId", "issuedCount"} & badge.keys()


def test_active_is_taken_and_is_active_is_not(call: Call) -> None:
    assert create(call, active=False)["active"] is False
    assert create(call, name="Other", isActive=False)["active"] is True


def test_names_are_unique_case_sensitive_and_untrimmed(call: Call) -> None:
    create(call)
    assert refused(call("POST", BADGE, body=body())) == (400, [725])
    create(call, name="walker")
    other = create(call, name="Walker ")
    assert refused(call("PUT", BADGE, body=body(id=other["id"]))) == (400, [725])
    assert update(call, other, name="Runner")["name"] == "Runner"
    assert create(call, name="Walker ")["name"] == "Walker "


def test_deactivated_badges_keep_their_name(call: Call) -> None:
    badge = create(call)
    call("PUT", f"{BADGE}/{badge['id']}/deactivate")
    assert refused(call("POST", BADGE, body=body())) == (400, [725])
    assert call("PUT", f"{BADGE}/{badge['id']}/activate")[1]["data"]["isActive"] is True


def test_the_iso_twin_wins_and_milliseconds_are_taken_as_seconds(call: Call) -> None:
    badge = create(call, startOn=1.0, expiresOn=5)
    assert badge["startOn"] == at(MINIMAL["startOnISO"])
    far = create(call, name="far", expiresOnISO=..., expiresOn=1811481542001)
    assert far["expiresOnISO"] == "+59373-07-25T13:13:21Z"


@pytest.mark.parametrize(
    "text", ["1970-01-01T00:00:00Z", "2000-02-29T12:34:56Z", "2027-12-31T23:59:59Z"]
)
def test_iso_texts(text: str) -> None:
    assert iso(at(text)) == text
    assert iso(at(text) + 0.999) == text


def test_offsets_are_answered_in_utc(call: Call) -> None:
    badge = create(call, startOnISO="2027-02-01T00:00:00+05:30")
    assert badge["startOnISO"] == "2027-01-31T18:30:00Z"


def test_writes_are_precise_to_the_microsecond_and_reads_to_the_millisecond(
    call: Call, clock: Clock
) -> None:
    clock.now = 1799140364.123987
    badge = create(call)
    assert badge["createdOn"] == 1799140364.123987
    assert read(call, badge)["createdOn"] == 1799140364.123
    clock.now += 10
    changed = update(call, badge)
    assert (changed["createdOn"], changed["lastUpdatedOn"]) == (1799140364.123, 1799140374.123987)


def test_an_update_replaces_everything_but_claims(call: Call) -> None:
    badge = create(
        call,
        description="x",
        badgeRank=3,
        badgeGroupId=10,
        images=[{"name": "", "fileSvcHandle": "h", "url": "u", "tag": "EARNED"}],
        tags=[{"name": "Season", "value": "Spring"}],
        customFields={"Sort": 7},
        benefits=[{"benefitType": "COUPON", "seriesId": 5}],
        customerConstraints=[VALUE],
        active=False,
    )
    assert (badge["badgeGroupId"], badge["customFields"]) == ("10", {"Sort": "7"})
    claim = {"ownerType": "Loyalty", "referenceId": "626"}
    call("PUT", f"{BADGE}/{badge['id']}/activate")
    assert call("POST", f"{BADGE}/{badge['id']}/claim", body=claim)[0] == 200
    ownership = {**MINIMAL["ownership"], "claims": []}
    changed = update(call, badge, ownership=ownership)
    for name in ("images", "tags", "benefits", "customerConstraints"):
        assert changed[name] == []
    assert (changed["description"], changed["badgeRank"], changed["active"]) == (None, None, True)
    assert changed["customFields"] == {}
    assert changed["ownership"]["claims"] == [{**claim, "isActive": True}]


def test_sets_change_their_order(call: Call, clock: Clock) -> None:
    owners = ["Loyalty", "Milestones", "Journeys", "Rewards_Catalog", "Goodwill_Module"]
    badge = create(call, ownership={"restrictedToOwners": owners})
    seen = {tuple(badge["ownership"]["restrictedToOwners"])}
    for _ in range(5):
        clock.now += 1
        changed = update(call, badge, ownership={"restrictedToOwners": owners})
        order = changed["ownership"]["restrictedToOwners"]
        assert sorted(order) == sorted(owners)
        assert read(call, badge)["ownership"]["restrictedToOwners"] == order
        seen.add(tuple(order))
    assert len(seen) > 2


def test_loyalty_points_are_not_read_back(call: Call) -> None:
    ids = {"programId": 1, "promotionId": 2, "allocationStrategyId": 3, "expirationStrategyId": 4}
    sent = {"benefitType": "LOYALTY_POINTS", "points": 50, "defaultTillId": 9, **ids}
    (shown,) = create(call, benefits=[sent])["benefits"]
    assert shown == {"benefitType": "LOYALTY_POINTS", **ids, "defaultTillId": None}


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (
            {"expiryType": "RELATIVE", "relativeExpirytype": "WEEKS", "value": 6},
            {"expiryType": "RELATIVE", "relativeExpirytype": "WEEKS", "value": 6},
        ),
        (
            {
                "expiryType": "ABSOLUTE",
                "type": "FIXED_DATE",
                "expiresOnISO": "2030-01-01T00:00:00Z",
            },
            {
                "expiryType": "ABSOLUTE",
                "type": "FIXED_DATE",
                "expiresOn": 1893456000,
                "expiresOnISO": "2030-01-01T00:00:00Z",
                "expireWithBadgeMeta": False,
            },
        ),
        (
            {"expiryType": "ABSOLUTE", "type": "WITH_BADGE_META", "expiresOn": 1893456000},
            {
                "expiryType": "ABSOLUTE",
                "type": "WITH_BADGE_META",
                "expiresOn": None,
                "expiresOnISO": None,
                "expireWithBadgeMeta": True,
            },
        ),
        ({"expiryType": "NEVER", "value": 4}, {"expiryType": "NEVER"}),
    ],
)
def test_expiry_shapes(call: Call, sent: Any, shown: Any) -> None:
    assert create(call, earnedBadgeExpiry=sent)["earnedBadgeExpiry"] == shown


def test_status_follows_the_clock(call: Call, clock: Clock) -> None:
    badge = create(call)
    clock.now = at("2027-02-01T00:00:00Z")
    assert read(call, badge)["status"] == "LIVE"
    clock.now = at("2027-12-31T23:59:59Z")
    assert read(call, badge)["status"] == "EXPIRED"


def test_create_takes_the_past(call: Call, clock: Clock) -> None:
    past = {"startOnISO": "2020-01-01T00:00:00Z", "expiresOnISO": "2021-01-01T00:00:00Z"}
    assert create(call, **past)["status"] == "EXPIRED"


def test_an_upcoming_badge_may_move_its_start(call: Call, clock: Clock) -> None:
    badge = create(call)
    assert update(call, badge, startOnISO="2026-01-01T00:00:00Z")["status"] == "LIVE"


def live(call: Call, clock: Clock, **members: Any) -> Any:
    badge = create(call, **members)
    clock.now = at("2027-02-15T12:00:00Z")
    return badge


@pytest.mark.parametrize(
    ("members", "codes"),
    [
        ({"startOnISO": "2027-02-02T00:00:00Z"}, [723]),
        ({"expiresOnISO": "2027-02-14T00:00:00Z"}, [724]),
        ({"earnType": "ISSUE_EARN", "issuedBadgeExpiry": {"expiryType": "NEVER"}}, [1020]),
        ({"ownership": {"restrictedToOwners": ["Milestones"]}}, [738]),
        ({"startOnISO": "2028-02-02T00:00:00Z"}, [720, 723]),
    ],
)
def test_refusals_of_update_once_live(
    call: Call, clock: Clock, members: Any, codes: Sequence[int]
) -> None:
    badge = live(call, clock)
    claim = {"ownerType": "Loyalty", "referenceId": "626"}
    assert call("POST", f"{BADGE}/{badge['id']}/claim", body=claim)[0] == 200
    assert refused(call("PUT", BADGE, body=body(id=badge["id"], **members))) == (400, codes)


def test_an_unclaimed_owner_may_go(call: Call, clock: Clock) -> None:
    badge = live(call, clock)
    claim = {"ownerType": "Loyalty", "referenceId": "626"}
    for step in ("claim", "unclaim"):
        assert call("POST", f"{BADGE}/{badge['id']}/{step}", body=claim)[0] == 200
    changed = update(call, badge, ownership={"restrictedToOwners": ["Membercare"]})
    assert changed["ownership"]["restrictedToOwners"] == ["Membercare"]
    assert changed["ownership"]["claims"] == [{**claim, "isActive": False}]


def test_an_unchanged_end_in_the_past_is_taken(call: Call, clock: Clock) -> None:
    badge = create(call)
    clock.now = at("2028-02-01T00:00:00Z")
    assert update(call, badge, description="late")["status"] == "EXPIRED"


@pytest.mark.parametrize(("sent", "expected"), [({}, (400, [715])), ({"id": "x"}, (404, [404]))])
def test_updates_need_a_known_id(call: Call, sent: Any, expected: Any) -> None:
    assert refused(call("PUT", BADGE, body=body(**sent))) == expected


def test_old_badges_get_a_number_with_their_next_update(sandbox: Sandbox, call: Call) -> None:
    badge = create(call)
    stored: Any = sandbox.store.get(BADGES, badge["id"])
    sandbox.store.put(BADGES, badge["id"], {**stored, "badgeNumericId": None})
    assert read(call, badge)["badgeNumericId"] is None
    assert isinstance(update(call, badge)["badgeNumericId"], int)


def test_counts_only_on_request(call: Call) -> None:
    badge = create(call)
    assert "earnedCount" not in read(call, badge)
    assert read(call, badge, includeStatistics="true")["earnedCount"] == 0
    assert refused(call("GET", f"{BADGE}/none")) == (404, [404])
    assert refused(call("PUT", f"{BADGE}/none/activate")) == (404, [404])


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ({"referenceId": "1"}, 716),
        ({"ownerType": "Loyalty"}, 717),
        ({"ownerType": "Journeys", "referenceId": "1"}, 714),
        ({"ownerType": "Nobody", "referenceId": "1"}, 400),
        ({"ownerType": "Loyalty", "referenceId": "626"}, 900),
    ],
)
def test_refusals_of_claims(call: Call, claim: Any, code: int) -> None:
    badge = create(call)
    path = f"{BADGE}/{badge['id']}"
    assert (
        call("POST", f"{path}/claim", body={"ownerType": "Loyalty", "referenceId": 626})[0] == 200
    )
    assert refused(call("POST", f"{path}/claim", body=claim)) == (400, [code])


def test_unclaiming(call: Call) -> None:
    badge = create(call)
    path, claim = f"{BADGE}/{badge['id']}", {"ownerType": "Loyalty", "referenceId": "626_x é"}
    assert refused(call("POST", f"{path}/unclaim", body=claim)) == (400, [737])
    call("POST", f"{path}/claim", body=claim)
    assert call("POST", f"{path}/unclaim", body=claim)[1]["data"]["isActive"] is False
    assert refused(call("POST", f"{path}/unclaim", body=claim)) == (400, [737])
    assert call("POST", f"{path}/claim", body=claim)[1]["data"]["isActive"] is True
    call("PUT", f"{path}/deactivate")
    other = {"ownerType": "Milestones", "referenceId": "1"}
    assert refused(call("POST", f"{path}/claim", body=other)) == (400, [400])


def windows(badge: Any) -> list[tuple[int, str]]:
    rows = [c for c in badge["customerConstraints"] if "FIXED_WINDOW" in c["constraintType"]]
    return [(row["refreshRate"], row.get("cycleStatus", "")) for row in rows]


def test_an_upcoming_badge_replaces_its_window(call: Call) -> None:
    badge = create(call, customerConstraints=[fixed(10)])
    assert windows(badge) == [(10, "UPCOMING")]
    assert windows(update(call, badge, customerConstraints=[fixed(7)])) == [(7, "UPCOMING")]


def test_a_live_badge_plans_the_next_window(call: Call, clock: Clock) -> None:
    badge = live(call, clock, customerConstraints=[fixed(10)])
    changed = update(call, badge, customerConstraints=[fixed(7)])
    assert windows(changed) == [(10, "ACTIVE"), (7, "UPCOMING")]
    running, coming = read(call, badge)["customerConstraints"]
    # Cycles of ten days from February 1st: the running one ends with the 20th.
    assert coming["startDateISO"] == running["endDateISO"] == "2027-02-21T00:00:00Z"
    assert running["currentCycle"]["startDateISO"] == "2027-02-11T00:00:00Z"
    assert running["currentCycle"]["endDateISO"] == "2027-02-20T00:00:00Z"
    assert "currentCycle" not in coming
    again = update(call, badge, customerConstraints=[fixed(3)])
    assert windows(again) == [(10, "ACTIVE"), (3, "UPCOMING")]
    clock.now = at("2027-02-21T00:00:00Z")
    assert windows(read(call, badge)) == [(10, "EXPIRED"), (3, "ACTIVE")]


def test_a_body_may_echo_the_entries_of_an_answer(call: Call, clock: Clock) -> None:
    badge = live(call, clock, customerConstraints=[fixed(10)])
    changed = update(call, badge, customerConstraints=[fixed(7)])
    echoed = update(call, badge, customerConstraints=changed["customerConstraints"])
    assert windows(echoed) == [(10, "ACTIVE"), (7, "UPCOMING")]
    clock.now = at("2027-02-25T00:00:00Z")
    later = read(call, badge)["customerConstraints"]
    echoed = update(call, badge, customerConstraints=later)
    assert windows(echoed) == [(10, "EXPIRED"), (7, "ACTIVE")]


def test_a_limit_alone_changes_in_place(call: Call, clock: Clock) -> None:
    badge = live(call, clock, customerConstraints=[fixed(10, 5)])
    changed = update(call, badge, customerConstraints=[fixed(10, 6)])
    assert windows(changed) == [(10, "ACTIVE")]
    assert changed["customerConstraints"][0]["maxEarnLimit"] == 6


def test_a_window_may_be_taken_away(call: Call, clock: Clock) -> None:
    badge = live(call, clock, customerConstraints=[fixed(10)])
    assert windows(update(call, badge)) == []


def test_restrictions_can_not_be_swapped_once_live(call: Call, clock: Clock) -> None:
    windowed = create(call, customerConstraints=[fixed(10)])
    assert windows(update(call, windowed, customerConstraints=[VALUE])) == []
    update(call, windowed, customerConstraints=[fixed(10)])
    valued = live(call, clock, name="valued", badgeConstraints=[
        {"constraintType": "BADGE_FIXED_VALUE", "maxEarnLimit": 1}
    ])  # fmt: skip
    to_value = body(id=windowed["id"], customerConstraints=[VALUE])
    to_window = body(id=valued["id"], name="valued", customerConstraints=[fixed(10)])
    assert refused(call("PUT", BADGE, body=to_value)) == (400, [826])
    assert refused(call("PUT", BADGE, body=to_window)) == (400, [826])
    assert update(call, windowed, customerConstraints=[fixed(10), VALUE])["id"] == windowed["id"]


def test_windows_of_ended_badges(call: Call, clock: Clock) -> None:
    earned = create(call, customerConstraints=[fixed(10)])
    issued = create(call, name="issued", **ENROLLED, customerConstraints=[fixed(10)])
    clock.now = at("2028-01-15T00:00:00Z")
    edited = body(id=earned["id"], customerConstraints=[fixed(5)])
    assert refused(call("PUT", BADGE, body=edited)) == (400, [826])
    assert windows(update(call, earned, customerConstraints=[fixed(10)])) == [(10, "EXPIRED")]
    changed = update(call, issued, name="issued", **ENROLLED, customerConstraints=[fixed(5)])
    assert windows(changed) == [(10, "ACTIVE"), (5, "UPCOMING")]
    assert "endDate" not in changed["customerConstraints"][1]


@pytest.mark.parametrize(
    ("expiry", "end"),
    [
        ({"expiryType": "ABSOLUTE", "type": "WITH_BADGE_META"}, "2027-12-31T23:59:59Z"),
        (
            {"expiryType": "RELATIVE", "relativeExpirytype": "DAYS", "value": 2},
            "2028-01-02T23:59:59Z",
        ),
    ],
)
def test_windows_end_with_the_enrolment(call: Call, expiry: Any, end: str) -> None:
    enrolled = {"earnType": "ISSUE_EARN", "issuedBadgeExpiry": expiry}
    badge = create(call, **enrolled, badgeConstraints=[fixed(side="")])
    assert badge["badgeConstraints"][0]["endDateISO"] == end


def test_units_decide_what_is_echoed(call: Call) -> None:
    weekly = fixed(4, durationType="WEEKS", startDayOfTheWeek=2)
    monthly = fixed(4, side="", durationType="MONTHS", startDayOfTheWeek="FRIDAY")
    badge = create(call, customerConstraints=[weekly], badgeConstraints=[monthly])
    customer, whole = badge["customerConstraints"][0], badge["badgeConstraints"][0]
    assert (customer["startDayOfTheWeek"], "refreshRate" in customer) == ("WEDNESDAY", False)
    assert not {"startDayOfTheWeek", "refreshRate"} & whole.keys()
    plain = create(call, name="b", customerConstraints=[fixed(durationType="WEEKS")])
    assert plain["customerConstraints"][0]["startDayOfTheWeek"] == "MONDAY"


def test_references_depend_on_side_unit_and_length(call: Call) -> None:
    def reference(name: str, window: Any) -> str:
        side = "badgeConstraints" if window["constraintType"][0] == "B" else "customerConstraints"
        return str(create(call, name=name, **{side: [window]})[side][0]["referenceId"])

    assert reference("a", fixed(10, 1)) == reference("b", fixed(10, 2))
    assert reference("c", fixed(11)) != reference("d", fixed(10, side=""))


DETAILS = f"{BADGE}/getFixedWindowDetails"


def cycles(call: Call, badge: Any, **query: Any) -> list[tuple[str, str]]:
    status, answer = call("GET", DETAILS, query={"badgeMetaId": badge["id"], **query})
    assert status == 200
    rows = answer["data"]["fixedWindowCycles"]
    return [(row["startDateISO"][:10], row["endDateISO"][:10]) for row in rows]


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (fixed(10), [("2027-02-01", "2027-02-10"), ("2027-02-11", "2027-02-20")]),
        # February 1st of 2027 is a Monday.
        (
            fixed(durationType="WEEKS", startDayOfTheWeek="WEDNESDAY"),
            [("2027-02-01", "2027-02-02"), ("2027-02-03", "2027-02-09")],
        ),
        (
            fixed(durationType="MONTHS"),
            [("2027-02-01", "2027-02-28"), ("2027-03-01", "2027-03-31")],
        ),
    ],
)
def test_cycles(call: Call, window: Any, expected: list[tuple[str, str]]) -> None:
    badge = create(call, customerConstraints=[window])
    assert cycles(call, badge, size=2) == expected
    assert cycles(call, badge, size=2, page=1)[0] > expected[-1]


def test_cycles_are_filtered(call: Call) -> None:
    badge = create(call, customerConstraints=[fixed(10)], badgeConstraints=[fixed(20, side="")])
    assert cycles(call, badge, constraintType="BADGE", size=1) == [("2027-02-01", "2027-02-20")]
    between = {"startDate": "2027-02-15T00:00:00Z", "endDate": "2027-03-01T00:00:00Z"}
    found = cycles(call, badge, constraintType="CUSTOMER", **between)
    assert found == [("2027-02-11", "2027-02-20"), ("2027-02-21", "2027-03-02")]
    query = {"badgeMetaId": badge["id"], "includeEarnCount": "true"}
    assert refused(call("GET", DETAILS, query=query)) == (400, [400])
    assert call("GET", DETAILS, query={**query, "constraintType": "BADGE"})[0] == 200
    far = create(call, name="far", startOnISO=..., startOn=1780385296000, expiresOnISO=...,
                 expiresOn=1811481542001, customerConstraints=[fixed(10)])  # fmt: skip
    assert cycles(call, far) == []


def listed(call: Call, **query: Any) -> tuple[list[str], Any]:
    status, answer = call("GET", BADGE, query=query)
    assert status == 200, answer
    data = answer["data"]
    return [row["name"] for row in data["metaBasicDetails"]], data["pagination"]


def test_pages_of_ten(call: Call) -> None:
    for number in range(23):
        create(call, name=f"b{number:02}")
    every = [f"b{number:02}" for number in range(23)]
    assert listed(call) == (every[:10], {"page": 0, "size": 10, "total": 23, "totalPages": 3})
    assert listed(call, page=2)[0] == every[20:]
    assert listed(call, limit=5)[0] == every[:5]
    assert listed(call, size=7, limit=5, page=1)[0] == every[7:14]
    assert listed(call, size=1000)[1]["size"] == 100
    assert listed(call, page=9)[0] == []
    assert refused(call("GET", BADGE, query={"size": 0})) == (400, [400])


def test_summaries_lack_what_only_single_reads_have(call: Call) -> None:
    group = call("POST", "/api_gateway/v1/badges/group", body={"name": "G", "rank": 1})[1]["data"]
    create(call, badgeGroupId=group["id"], customerConstraints=[VALUE])
    row = call("GET", BADGE)[1]["data"]["metaBasicDetails"][0]
    hidden = {"customerConstraints", "badgeConstraints", "issuedBadgeExpiry", "badgeNumericId"}
    assert not hidden & row.keys()
    assert (row["badgeGroupName"], row["earnedCount"]) == ("G", 0)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["ended", "live", "Upcoming", "off"]),
        ({"status": "LIVE,UPCOMING"}, ["live", "Upcoming", "off"]),
        ({"status": ["LIVE", "ENDED"]}, ["ended", "live", "off"]),
        ({"action": "ACTIVATED"}, ["ended", "live", "Upcoming"]),
        ({"action": "DE_ACTIVATED"}, ["off"]),
        ({"earnType": "ISSUE_EARN"}, ["Upcoming"]),
        ({"badgeType": "EARN", "action": "ACTIVATED"}, ["ended", "live"]),
        ({"owner": "Journeys"}, ["live"]),
        ({"claimedBy": "Loyalty"}, ["ended"]),
        ({"unclaimed": "true"}, ["live", "Upcoming", "off"]),
        ({"name": "upco"}, ["Upcoming"]),
        ({"sortOn": "NAME"}, ["Upcoming", "ended", "live", "off"]),
        ({"sortOn": "START_DATE", "order": "DESC"}, ["Upcoming", "live", "off", "ended"]),
        ({"startOn": "2026-06-01T00:00:00Z"}, ["live", "Upcoming", "off"]),
        ({"expiresOn": "2027-01-01T00:00:00Z"}, ["ended"]),
    ],
)
def test_filters(call: Call, query: Any, expected: list[str]) -> None:
    past = {"startOnISO": "2026-01-01T00:00:00Z"}
    ended = create(call, name="ended", **past, expiresOnISO="2026-12-01T00:00:00Z")
    create(
        call,
        name="live",
        startOnISO="2026-07-01T00:00:01Z",
        ownership={"restrictedToOwners": ["Journeys"]},
    )
    create(call, name="Upcoming", **ENROLLED)
    create(call, name="off", startOnISO="2026-07-01T00:00:00Z", active=False)
    claim = {"ownerType": "Loyalty", "referenceId": "1"}
    call("POST", f"{BADGE}/{ended['id']}/claim", body=claim)
    assert listed(call, **query)[0] == expected


@pytest.mark.parametrize(
    "query", [{"status": "OLD"}, {"action": "ON"}, {"owner": "ME"}, {"sortOn": "RANK"}]
)
def test_invalid_filters_are_refused(call: Call, query: Any) -> None:
    assert refused(call("GET", BADGE, query=query)) == (400, [400])


def test_the_console_has_made_badges(seeded_call: Call) -> None:
    names, _ = listed(seeded_call)
    assert names == ["Trail Walker_T7_1 ", "Summer hike", "Programme start"]
    rows = seeded_call("GET", BADGE)[1]["data"]["metaBasicDetails"]
    assert [row["customFields"] for row in rows] == [{"Kiosk code": "5678"}] * 3
    assert rows[0]["badgeGroupName"] == "Seasonal"
    assert [row["status"] for row in rows] == ["LIVE", "EXPIRED", "LIVE"]


def test_the_older_rule_for_starts_in_the_past(clock: Clock) -> None:
    call = calls_to(Sandbox(clock=clock, auth=False, seed=False, badges_start_ahead=True))
    past = body(startOnISO="2020-01-01T00:00:00Z")
    assert refused(call("POST", BADGE, body=past)) == (400, [722])
    headers = {"X-CAP-BADGES-MIGRATION": "migration"}
    assert call("POST", BADGE, body=past, headers=headers)[0] == 201
