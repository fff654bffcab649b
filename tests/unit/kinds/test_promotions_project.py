"""The life of a loyalty promotion in an org where others approve, pause and stop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from capsync.model import Action, Plan
from capsync.planning.options import PlanOptions
from capsync.sandbox.inprocess import SandboxTransport
from tests.laws.orgs import Applied, Org, Work
from tests.projects import CONFIG, manifest, write_project

Json = Any
PROMOTIONS = "/v3/promotions"
SPEC: dict[str, Json] = {
    "metadata": {
        "name": "Pier Gold",
        "description": "first",
        "promoIdentifier": "pier-gold",
        "programId": 626,
        "startDate": "2027-03-01T00:00:00+05:30",
        "endDate": "2027-03-31T23:59:59+05:30",
        "promotionType": "GENERIC",
    },
    "customerEnrolment": {"enrolmentMethod": "TRANSACTION"},
    "activities": [
        {
            "id": "a1",
            "type": "SINGLE",
            "name": "Any",
            "event": "TransactionAdd",
            "expJSON": {"arity": "literal", "value": "true", "type": "boolean:primitive"},
        }
    ],
}


@dataclass
class Pier:
    """One promotion in a project, and the people who work on the same org."""

    org: Org
    work: Work

    def want(self, description: str, publish: str = "submit", *, approve: bool = False) -> None:
        spec = {**SPEC, "metadata": {**SPEC["metadata"], "description": description}}
        environment = {"endpoint": "sandbox", "org_id": self.org.id, "approve": approve}
        config = {**CONFIG, "environments": {"sandbox": environment}}
        promotion = manifest("LoyaltyPromotion", "gold", spec, publish=publish)
        write_project(self.work.root, [promotion], config)

    def apply(self) -> list[str]:
        """The writes that an apply sends, in words."""
        planned = self.plan()
        applied: Applied = self.work.apply(PlanOptions())
        assert applied.trouble == ""
        assert _steps(self.plan()) == []
        # What an edit is called is known only after it was made.
        assert len(applied.writes) == len(_steps(planned))
        return _steps(planned)

    def plan(self) -> Plan:
        return self.work.plan(PlanOptions())

    def call(self, method: str, path: str, body: Json = None, **params: str) -> Json:
        async def run() -> Json:
            transport = SandboxTransport(self.org.sandbox)
            async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
                answer = await client.request(method, path, json=body, params=params)
            assert not answer.json()["errors"], answer.text
            return answer.json()["data"]

        self.org.clock.now += 60
        return asyncio.run(run())

    @property
    def live(self) -> Json:
        """The promotion, with what is told of its pending edit."""
        [found] = self.call("GET", PROMOTIONS, includeDraftDetails="true")["content"]
        return found

    @property
    def open(self) -> str:
        """The id of the document that waits for approval."""
        return str((self.live["metadata"].get("draftDetails") or self.live)["id"])

    def review(self, verdict: str = "APPROVE") -> None:
        self.call("POST", f"{PROMOTIONS}/{self.open}/review", {"approvalStatus": verdict})

    def status(self, existing: str, wanted: str) -> None:
        path = f"/v3/requests/PROMOTION/{self.live['id']}/status"
        self.call("PUT", path, {"promotionStatus": wanted}, existingStatus=existing)


def _steps(plan: Plan) -> list[str]:
    [change] = plan.changes
    if change.action is Action.NOOP:
        return []
    assert change.action is not Action.BLOCKED, change.reasons
    return [step.partition(" (")[0] for step in change.steps] or [str(change.action.value)]


@pytest.fixture
def pier(tmp_path: Path) -> Iterator[Pier]:
    org = Org(tmp_path)
    yield Pier(org, Work(org, tmp_path / "project"))
    org.close()


def test_others_approve_what_apply_submits(pier: Pier) -> None:
    pier.want("first")
    assert pier.apply() == ["create", "submit for approval"]
    assert pier.live["metadata"]["status"] == "PENDING_APPROVAL"
    pier.review()
    assert _steps(pier.plan()) == []
    pier.want("second")
    assert pier.apply() == ["save a draft", "submit for approval"]
    assert pier.live["metadata"]["description"] == "first"
    pier.want("third")
    assert pier.apply() == ["revoke the submission", "update", "submit for approval"]
    pier.review("REJECT")
    assert pier.apply() == ["submit for approval"]
    pier.review()
    assert pier.live["metadata"]["description"] == "third"
    assert _steps(pier.plan()) == []


def test_a_draft_is_submitted_once_the_manifest_says_so(pier: Pier) -> None:
    pier.want("first", "draft")
    assert pier.apply() == ["create"]
    pier.want("first")
    assert pier.apply() == ["submit for approval"]


def test_apply_approves_only_where_the_environment_says_so(pier: Pier) -> None:
    pier.want("first", approve=True)
    assert pier.apply() == ["create", "submit for approval", "approve"]
    pier.want("second")
    assert pier.apply() == ["save a draft", "submit for approval"]
    pier.want("second", approve=True)
    assert pier.apply() == ["approve"]
    assert pier.live["metadata"]["description"] == "second"


def test_a_paused_promotion_wakes_before_its_draft_is_made(pier: Pier) -> None:
    """A draft that is older than a change of the live promotion is stale."""
    pier.want("first", approve=True)
    pier.apply()
    pier.status("ACTIVE", "PAUSE")
    pier.want("second")
    assert pier.apply() == ["resume", "save a draft", "submit for approval"]
    pier.review()
    assert _steps(pier.plan()) == []


def test_a_paused_promotion_wakes_after_its_draft_is_approved(pier: Pier) -> None:
    pier.want("first", approve=True)
    pier.apply()
    pier.status("ACTIVE", "PAUSE")
    pier.want("second", "draft")
    assert pier.apply() == ["save a draft"]
    pier.want("second", approve=True)
    assert pier.apply() == ["submit for approval", "approve", "resume"]
    assert pier.live["metadata"]["status"] == "UPCOMING"


def test_a_stale_draft_is_blocked(pier: Pier) -> None:
    pier.want("first", approve=True)
    pier.apply()
    pier.want("second", "draft")
    pier.apply()
    pier.status("ACTIVE", "PAUSE")
    pier.want("third")
    [change] = pier.plan().changes
    assert change.action is Action.BLOCKED
    assert "discard it in the console" in change.reasons[0]
    pier.call("DELETE", f"{PROMOTIONS}/{pier.open}")
    assert pier.apply() == ["resume", "save a draft", "submit for approval"]


def test_a_name_that_another_promotion_has_is_blocked(pier: Pier) -> None:
    pier.want("first")
    pier.apply()
    spec = {**SPEC, "metadata": {**SPEC["metadata"], "promoIdentifier": "pier-silver"}}
    write_project(pier.work.root, [manifest("LoyaltyPromotion", "silver", spec)], CONFIG)
    [change] = pier.plan().changes
    assert change.action is Action.BLOCKED
    assert "is the name of promotion" in change.reasons[0]


def test_a_stopped_promotion_holds_its_identifier(pier: Pier) -> None:
    pier.want("first", approve=True)
    pier.apply()
    pier.status("ACTIVE", "STOP")
    [change] = pier.plan().changes
    assert change.action is Action.BLOCKED
    assert "write another promoIdentifier" in change.reasons[0]
