"""The documented calls of loyalty promotions and reward currency limits, answered."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Call, Clock
from tests.sandbox.targets_support import EXAMPLES, at, faults, names_of

CREATES = names_of("create-a-loyalty-promotion")
UPDATES = names_of("update-loyalty-promotion")
STEPS = names_of("submit-promotion-for-approval")
READS = names_of(
    "get-loyalty-promotion-all", "get-loyalty-promotion-id", "review-loyalty-promotion"
)
LEGACY = names_of("get-promotion-details", "get-loyalty-promotion-list-for-a-program")
CAPPINGS = names_of("create-reward-currency-limits", "get-reward-currency-limits")

# The request breaks two rules of its own page: a status other than DRAFT, and an opt-in window
# with enrolment by an external trigger. It is refused, and taken without them.
NOT_REPRODUCED = ["48-create-a-loyalty-promotion-optin-window"]

PATH = "/v3/promotions"


def test_every_other_example_is_tried() -> None:
    tried = [*CREATES, *UPDATES, *STEPS, *READS, *LEGACY, *CAPPINGS]
    groups = ("/v3/targetGroups", "/v3/milestones")
    assert sorted(tried) == sorted(
        name for name, example in EXAMPLES.items() if not example.path.startswith(groups)
    )
    assert (len(tried), len(NOT_REPRODUCED)) == (28, 1)


def lost(sent: Any, read: Any, path: str = "") -> Iterator[str]:
    """What of a sent body does not come back, but for the documented changes of form."""
    if isinstance(sent, dict) and isinstance(read, dict):
        for name, value in sent.items():
            here = "active" if name == "isActive" and "liability" in path else name
            if name not in ("orgId", "status") and value not in ([], {}):
                yield from lost(value, read.get(here), f"{path}.{name}")
    elif isinstance(sent, list) and isinstance(read, list) and len(sent) == len(read):
        for place, (one, other) in enumerate(zip(sent, read, strict=True)):
            yield from lost(one, other, f"{path}[{place}]")
    elif path.lower().endswith("date") and sent and read:
        yield from _lost_date(str(sent), str(read), path)
    elif sent != read and (str(sent) != read or isinstance(sent, bool)):
        yield f"{path}: sent {sent!r}, read {read!r}"


def _lost_date(sent: str, read: str, path: str) -> Iterator[str]:
    meant, shown = datetime.fromisoformat(sent), datetime.fromisoformat(read)
    if len(read) == 10:
        # Cut to the day of the server's zone, UTC here.
        meant, shown = meant.astimezone(at_utc(read).tzinfo), at_utc(read)
        same = meant.date() == shown.date()
    else:
        same = meant == shown
    if not same:
        yield f"{path}: sent {sent!r}, read {read!r}"


def at_utc(day: str) -> datetime:
    return datetime.fromisoformat(day + "T00:00:00Z")


@pytest.mark.parametrize("name", [name for name in CREATES if name not in NOT_REPRODUCED])
def test_create(name: str, call: Call, clock: Clock) -> None:
    clock.now = at("2026-10-20T08:00:00Z")
    example = EXAMPLES[name]
    status, body = call(example.method, example.path, body=example.body)
    assert (status, body["errors"]) == (201, None)
    _, read = call("GET", f"{PATH}/{body['data']['id']}")
    assert read == body
    assert read["data"]["metadata"]["status"] == "DRAFT"
    assert list(lost(example.body, read["data"])) == []


def test_the_create_that_contradicts_its_page_is_refused(call: Call) -> None:
    body = copy.deepcopy(EXAMPLES[NOT_REPRODUCED[0]].body)
    assert code_of(call("POST", PATH, body=body)) == (400, 310228)
    del body["workflowMetadata"]["enrolment"]["basedOn"]
    assert code_of(call("POST", PATH, body=body)) == (200, 300004)
    body["metadata"]["status"] = "DRAFT"
    status, answer = call("POST", PATH, body=body)
    assert (status, list(lost(body, answer["data"]))) == (201, [])


def code_of(answer: tuple[int, Any]) -> tuple[int, int]:
    status, body = answer
    return status, body["errors"][0]["code"]


@pytest.mark.parametrize("name", UPDATES)
def test_update(name: str, call: Call, clock: Clock) -> None:
    clock.now = at("2027-01-05T08:00:00Z")
    example = EXAMPLES[name]
    before = copy.deepcopy(example.body)
    before["metadata"] |= {"description": "before", "promoIdentifier": "before"}
    before["limits"], before["comments"] = [], "cleared by the replacement"
    id = call("POST", PATH, body=before)[1]["data"]["id"]
    status, body = call("PUT", f"{PATH}/{id}", body=example.body)
    assert (status, body["errors"]) == (example.status, None)
    _, read = call("GET", f"{PATH}/{id}")
    assert read == body
    assert (read["data"]["id"], read["data"]["version"], read["data"]["comments"]) == (id, 1, None)
    assert list(lost(example.body, read["data"])) == []


def documented_promotion(name: str) -> dict[str, Any]:
    data = EXAMPLES[name].answer["data"]
    return copy.deepcopy(data["content"][0] if "content" in data else data)


def create_documented(call: Call, name: str) -> str:
    """Create the promotion that an example shows, from what of it a client may send."""
    shown = documented_promotion(name)
    metadata = {
        member: shown["metadata"][member]
        for member in ("name", "description", "programId", "startDate", "endDate", "timezoneName")
    }
    body = {
        "metadata": {**metadata, "promotionType": shown["metadata"]["promotionType"]},
        "customerEnrolment": {"enrolmentMethod": shown["customerEnrolment"]["enrolmentMethod"]},
        "activities": [
            {k: v for k, v in each.items() if k != "allCycles"} for each in shown["activities"]
        ],
        "workflowMetadata": {"enrolment": {}, "optin": {}},
        "comments": shown["comments"],
    }
    optin = shown["workflowMetadata"]["optin"]
    if optin["basedOn"]:
        body["workflowMetadata"]["optin"] = {
            "basedOn": optin["basedOn"],
            "activities": optin["activities"],
        }
    status, answer = call("POST", PATH, body=body)
    assert status == 201, answer
    return str(answer["data"]["id"])


@pytest.mark.parametrize("name", READS)
def test_read_and_review(name: str, sandbox: Sandbox, call: Call, clock: Clock) -> None:
    clock.now = at("2026-10-30T08:43:29Z")
    example = EXAMPLES[name]
    if example.operation == "review-loyalty-promotion":
        sandbox.store.put("settings", "targets", {"server_minutes": 330})
    id = create_documented(call, name)
    path = example.path.replace(documented_promotion(name)["id"], id)
    if example.operation == "review-loyalty-promotion":
        submit(call, id)
    status, body = call(example.method, path, query=example.query, body=example.body)
    assert status == example.status
    assert faults(body, example) == []


def submit(call: Call, id: str) -> None:
    step(call, id, "DRAFT", "PENDING_APPROVAL")


def step(call: Call, id: str, existing: str, action: str) -> Any:
    status, body = call(
        "PUT",
        f"/v3/requests/PROMOTION/{id}/status",
        query={"existingStatus": existing},
        body={"promotionStatus": action},
    )
    assert (status, body["errors"]) == (200, None)
    return body["data"]


@pytest.mark.parametrize("name", STEPS)
def test_status_call(name: str, call: Call) -> None:
    example = EXAMPLES[name]
    id = create_documented(call, "64-review-loyalty-promotion")
    submit(call, id)
    if example.query["existingStatus"] != "PENDING_APPROVAL":
        assert call("POST", f"{PATH}/{id}/review", body={"approvalStatus": "APPROVE"})[0] == 200
    if example.query["existingStatus"] == "PAUSED":
        step(call, id, "ACTIVE", "PAUSE")
    path = example.path.replace("29551632ee4c4107aba369486036f9a7", id)
    status, body = call(example.method, path, query=example.query, body=example.body)
    assert (status, body["errors"]) == (200, None)
    ended = {"REVOKE": "DRAFT", "STOP": "STOPPED"}[example.body["promotionStatus"]]
    assert body["data"]["unifiedPromotionId"] == id
    assert body["data"]["metadata"]["status"] == ended
    assert "id" not in body["data"]


def keep_legacy(sandbox: Sandbox, row: Any, source: str) -> None:
    promotion = {
        **{name: value for name, value in row.items() if name != "promotionStatus"},
        "changedOn": at(row["lastUpdateDate"]),
        "changedBy": row["lastUpdatedBy"],
        "startDate": row["startDate"][:10],
        "endDate": row["endDate"][:10],
        "promotionSourceType": source,
        "promotionType": row.get("promotionType", "BILL"),
    }
    sandbox.store.put("legacy-promotions", row["id"], promotion)


def test_legacy_list_of_the_org(sandbox: Sandbox, call: Call, clock: Clock) -> None:
    # The docs print 3 of the 5 rows of the second page.
    (name,) = names_of("get-promotion-details")
    clock.now = at("2026-05-20T00:00:00Z")
    example = EXAMPLES[name]
    documented = copy.deepcopy(example.answer)
    rows = documented["data"]
    for place in range(88, 0, -1):
        row = rows[place - 6] if 6 <= place <= 8 else {**rows[0], "id": 1000 - place}
        keep_legacy(sandbox, row, "UI")
    status, body = call(example.method, example.path, query=example.query)
    assert (status, len(body["data"])) == (200, 5)
    del body["data"][3:]
    assert faults(body, example) == []


def test_legacy_list_of_a_program(sandbox: Sandbox, call: Call, clock: Clock) -> None:
    (name,) = names_of("get-loyalty-promotion-list-for-a-program")
    clock.now = at("2026-07-01T00:00:00Z")
    example = EXAMPLES[name]
    keep_legacy(sandbox, copy.deepcopy(example.answer["data"][0]), "USER_CREATED")
    status, body = call(example.method, example.path, query=example.query)
    assert status == 200
    assert faults(body, example) == []


def capping(name: str) -> Any:
    return copy.deepcopy(EXAMPLES[name].body)


def renamed(body: Any, name: str) -> Any:
    body = copy.deepcopy(body)
    body["name"] = name
    body["targetGroups"] = body["targetGroups"].replace("HarbourCapGroup", name)
    return body


@pytest.mark.parametrize("name", CAPPINGS)
def test_capping(name: str, sandbox: Sandbox, call: Call, clock: Clock) -> None:
    clock.now = at("2026-04-04T00:00:00Z")
    example = EXAMPLES[name]
    first = capping("86-create-reward-currency-limits-customer-points")
    path = "/api_gateway/loyalty/v1/programs/1188/cappings"
    if name[:2] in ("90", "92"):
        for each in (renamed(first, "A"), renamed(first, "B"), renamed(first, "C"), first):
            assert call("POST", path, body=each)[0] == 200
    status, body = call(example.method, example.path, query=example.query, body=example.body)
    assert status == example.status
    assert faults(body, example) == []
