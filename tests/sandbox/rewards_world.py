"""A brand with a rewards catalogue, filled through the calls of the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from capsync.sandbox import rewards
from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Call, Clock, calls_to

Json = Any

PREFIX = "/api_gateway/rewards/core/v1"
BRAND = rewards.FIRST_BRAND
START_OF_TESTS = "2026-01-20T12:00:00Z"


def seconds(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()


REWARD = {
    "startTime": "2026-02-01T20:00:00Z",
    "endTime": "2026-12-31T11:59:30Z",
    "type": "VOUCHER",
    "brandId": BRAND,
    "redemptionType": "INTOUCH_REWARD",
    "intouchSeriesId": "455120",
    "intouchPoints": 350,
    "languageSpecificInfo": [{"languageCode": "en", "name": "Seaside breakfast", "enabled": True}],
}

ACTION = {
    "name": "issue ticket",
    "execOrder": 1,
    "apiUrl": "https://api.quayside.example/tickets/issue?plan=7",
    "apiType": "POST",
    "apiHeaders": {
        "accept": "application/json",
        "Content-Type": "application/json",
        "Authorization": "Basic <vendor credentials>",
    },
    "apiBody": '{"txn_property": "${rewardTransactionId}", "fields_property": {"note_property": '
    '"${customfield_Gift note}"}, "state_property": "${fulfillmentStatus}"}',
    "contextKeys": {"voucher": "response.tickets.ticket.get(0).id"},
}


@dataclass
class World:
    """The sandbox of a test; methods make one object each and answer what the API answered."""

    sandbox: Sandbox
    clock: Clock
    call: Call

    @classmethod
    def on(cls, sandbox: Sandbox, clock: Clock) -> World:
        clock.now = seconds(START_OF_TESTS)
        with sandbox.store.transaction():
            rewards.seed(sandbox.store, sandbox.org_id, clock.now)
        return cls(sandbox, clock, calls_to(sandbox))

    def number(self, sequence: str, id: int | None) -> None:
        """Let the next object of a kind have that id, which is above those in use."""
        if id is not None:
            with self.sandbox.store.transaction():
                while self.sandbox.store.next(sequence, id - 1) < id - 1:
                    pass

    def send(self, method: str, path: str, body: Json = None, **query: Json) -> Json:
        """The body of an answer that must be a success."""
        status, answer = self.call(method, PREFIX + path, body=body, query=query)
        assert status == 200, answer
        block = answer.get("status") if isinstance(answer, dict) else None
        assert block is None or block["success"], answer
        return answer

    def fail(self, method: str, path: str, body: Json = None, **query: Json) -> tuple[int, int]:
        """HTTP status and code of an answer that must be a refusal."""
        status, answer = self.call(method, PREFIX + path, body=body, query=query)
        assert answer["status"]["success"] is False, answer
        return status, answer["status"]["code"]

    def later(self, by: float = 60) -> None:
        self.clock.now += by

    def category(self, name: str, id: int | None = None, *, enabled: bool = True) -> int:
        self.number("reward-category", id)
        body = {"brandId": BRAND, "name": name}
        made = self.send("POST", "/metadata/category/create", body)["category"]["id"]
        if not enabled:
            self.send("PUT", f"/metadata/category/{made}/status/disable/brand/{BRAND}")
        return int(made)

    def language(self, code: str, name: str, *, enabled: bool = True) -> None:
        self.send("POST", "/metadata/language/create", {"code": code, "name": name})
        if not enabled:
            self.send("PUT", f"/metadata/language/{code}/status/disable")

    def config(self, name: str, value: str) -> None:
        body = {"configKeyName": name, "configKeyValue": value, "brandId": BRAND}
        self.send("POST", "/brand/config", body)

    def field(self, name: str, id: int | None = None, **members: Json) -> int:
        self.number("reward-field", id)
        body = {"name": name, "description": name, "scope": "REWARD", "dataType": "STRING"}
        return int(self.send("POST", "/brand/customfield", {**body, **members})["id"])

    def rich(self, name: str, id: int | None = None, **members: Json) -> int:
        self.number("reward-rich-content", id)
        body = {"name": name, "isMandatory": False, "scope": "REWARD"}
        return int(self.send("POST", "/brand/richContentMeta", {**body, **members})["id"])

    def group(self, name: str, id: int | None = None, rank: int | None = None) -> int:
        self.number("reward-group", id)
        return int(self.send("POST", "/group/create", {"name": name, "rank": rank})["id"])

    def limit(self, id: int | None = None, **members: Json) -> Json:
        self.number("reward-constraint", id)
        body = {"kpi": "POINTS", "constraintLevel": "CUSTOMER", "frequencyType": "DAILY"}
        body |= {"intervalValue": 1, "constraintLimitValue": 6, "isActive": True}
        return self.send("POST", "/brand/constraints", [{**body, **members}])[0]

    def fulfilment(self, name: str, id: int | None = None) -> None:
        self.number("reward-status", id)
        self.send("POST", "/fulfillmentStatus", [{"name": name}])

    def reminder(self, id: int | None = None, **members: Json) -> Json:
        self.number("reward-reminder", id)
        return self.send("POST", "/reward/expiryReminder", members)["rewardExpiryReminder"]

    def vendor(self, name: str, id: int | None = None, **members: Json) -> int:
        self.number("reward-vendor", id)
        body = {"name": name, "brandId": BRAND, "type": "REWARDS", **members}
        return int(self.send("POST", "/vendor/create", body)["vendor"]["id"])

    def redemption(self, vendor: int, name: str, id: int | None = None, **members: Json) -> int:
        self.number("reward-redemption", id)
        body = {"brandId": BRAND, "vendorId": vendor, "name": name, "redemptionType": "MILES"}
        made = self.send("POST", "/vendor/redemption/create", {**body, **members})
        return int(made["redemption"]["id"])

    def reward(self, id: int | None = None, **members: Json) -> int:
        self.number("reward", id)
        body = {name: v for name, v in {**REWARD, **members}.items() if v is not None}
        return int(self.send("POST", "/reward/create", body)["reward"]["id"])

    def named_reward(self, name: str, id: int | None = None, **members: Json) -> int:
        block = {"languageCode": "en", "name": name, "enabled": True}
        return self.reward(id, languageSpecificInfo=[block], **members)

    def shown(self, reward: int) -> Json:
        return self.send("GET", f"/reward/{reward}/brand/{BRAND}")["reward"]

    def promotion(self, rewards: list[int], id: int | None = None, **members: Json) -> int:
        self.number("reward-promotion", id)
        block = {"languageCode": "en", "name": "Spring sale", "description": "d", "enabled": True}
        body = {
            "startTime": "2026-03-01T08:00:00.000Z",
            "endTime": "2026-03-15T06:10:00.000Z",
            "discountType": "PERCENTAGE",
            "discountValue": 15,
            "brandId": BRAND,
            "languageSpecificInfo": [block],
            "rewardIds": rewards,
        }
        made = self.send("POST", "/promotion/create", {**body, **members})
        return int(made["catalogPromotion"]["id"])
