"""Runs every case of `cases/`: manifest and live state to changes and exact requests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import yaml

from capsync.kinds import KINDS
from capsync.memory.state import Remembered
from capsync.model import NOTHING, Action, path_text
from capsync.planning.options import PlanOptions
from capsync.session import Session
from tests.projects import CONFIG, write_project

CASES = sorted(Path(__file__).parent.glob("cases/*/*.yaml"))
NOW = "2027-01-15T00:00:00Z"


class Sent(NamedTuple):
    """One write: "METHOD path", its query parameters and its body."""

    call: str
    params: dict[str, str]
    body: Any


class Service:
    """Answers reads and writes as a case says, and keeps the writes."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self._answers = {
            key: list(value) if isinstance(value, list) else [value]
            for key, value in {**case.get("reads", {}), **case.get("writes", {})}.items()
        }
        self._reads = set(case.get("reads", {}))
        self.sent: list[Sent] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        call = f"{request.method} {request.url.path}"
        full = f"{call}?{request.url.query.decode()}"
        key = next((each for each in (full, call) if each in self._answers), None)
        if key is None and request.url.path == "/v2/organization/hierarchy":
            return httpx.Response(200, json={"baseOrganization": {"id": 100737}, "warnings": []})
        if key is None and request.url.path.endswith("/brand/getAll"):
            brand = {"id": 204, "brand": "Acme", "enabled": True, "orgId": 100737}
            status = {"success": True, "code": 3007, "message": "ok"}
            return httpx.Response(200, json={"status": status, "brandList": [brand]})
        if request.method != "GET" and key not in self._reads:
            self.sent.append(Sent(call, dict(request.url.params), _body(request)))
        if key is None:
            return self._unknown(request)
        answers = self._answers[key]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, bytes):
            return httpx.Response(200, content=answer)
        if isinstance(answer, Mapping) and answer.keys() == {"status", "body"}:
            return httpx.Response(answer["status"], json=answer["body"])
        return httpx.Response(200, json=answer)

    @staticmethod
    def _unknown(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(404, json={"errors": [{"code": 404, "message": "not found"}]})
        return httpx.Response(200, json={"data": {"id": 1}, "id": 1})


def _body(request: httpx.Request) -> Any:
    """The body as JSON; raw bytes of files as they are."""
    if request.headers.get("content-type") != "application/json":
        return request.content
    return json.loads(request.content) if request.content else None


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path: Path, tmp_path: Path) -> None:
    case = yaml.safe_load(path.read_text())
    kind = path.parent.name
    manifests = [{"kind": kind, **each} for each in case["manifests"]]
    environment = {**CONFIG["environments"]["sandbox"], **case.get("environment", {})}
    config = {**CONFIG, "environments": {"sandbox": environment}}
    write_project(tmp_path, manifests, config)
    for name, content in case.get("files", {}).items():
        file = tmp_path / "manifests" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    asyncio.run(_run(case, tmp_path))


async def _run(case: Mapping[str, Any], root: Path) -> None:
    service = Service(case)
    now = datetime.fromisoformat(str(case.get("now", NOW)).replace("Z", "+00:00")).timestamp()
    async with Session.open(
        root, transport=httpx.MockTransport(service), clock=lambda: now
    ) as session:
        for address, entry in case.get("state", {}).items():
            state = session.state()
            hidden = {p: state.hidden_hash(v) for p, v in entry.get("hidden", {}).items()}
            state.entries[address] = Remembered(
                str(entry["id"]),
                applied=entry.get("applied", {}),
                replaced=entry.get("replaced", {}),
                hidden=hidden,
                owned=True,
                at=str(entry.get("at", "")),
            )
        options = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in case.get("options", {}).items()
        }
        plan = await session.plan(PlanOptions(**options))
        assert not service.sent, "plan must not write"
        _check_plan(case["plan"], plan)
        _check_unreadable(case.get("unreadable", {}), plan)
        if "requests" not in case and "outcomes" not in case:
            return
        report = await session.apply(plan)
    _check_requests(case.get("requests"), service.sent)
    ended = {str(each.address): f"{each.status} {each.message}".strip() for each in report.outcomes}
    for address, told in case.get("outcomes", {}).items():
        status, _, part = str(told).partition(" ")
        assert ended[address].partition(" ")[0] == status, ended[address]
        assert part in ended[address]


def _check_plan(expected: Mapping[str, Any], plan: Any) -> None:
    shown = {str(each.address): each for each in plan.changes}
    extra = [a for a, c in shown.items() if c.action is not Action.NOOP and a not in expected]
    assert not extra, [(a, shown[a].action, shown[a].fields, shown[a].reasons) for a in extra]
    for address, want in expected.items():
        _check_change(want, shown[address])


def _check_unreadable(expected: Mapping[str, str], plan: Any) -> None:
    told = {line.partition(" ")[0]: line for line in plan.unreadable}
    assert told.keys() == expected.keys()
    for kind, part in expected.items():
        assert part in told[kind]


def _check_change(want: Mapping[str, Any], change: Any) -> None:
    assert change.action.value == want["action"], (change.action, change.fields, change.reasons)
    if "fields" in want:
        assert {path_text(each.path): _pair(each) for each in change.fields} == {
            path: list(pair) for path, pair in want["fields"].items()
        }
    for part in want.get("reasons", ()):
        assert any(str(part) in reason for reason in change.reasons), change.reasons
    for part in want.get("warnings", ()):
        assert any(str(part) in warning for warning in change.warnings), change.warnings
    for part in want.get("steps", ()):
        assert any(str(part) in step for step in change.steps), change.steps
    if "reversible" in want:
        assert change.reversible is want["reversible"]


def _pair(change: Any) -> list[Any]:
    if change.sensitive:
        return ["(sensitive)", "(sensitive)"]
    return ["-" if value is NOTHING else value for value in (change.before, change.after)]


def _check_requests(expected: Any, sent: list[Sent]) -> None:
    if expected is None:
        return
    assert [each.call for each in sent] == [each["call"] for each in expected]
    for each, (_call, params, body) in zip(expected, sent, strict=True):
        if "params" in each:
            assert params == each["params"]
        if "body" in each:
            assert body == each["body"]
        for name, value in each.get("contains", {}).items():
            assert body[name] == value
        for name in each.get("lacks", ()):
            assert name not in body


def test_every_kind_has_cases() -> None:
    have = {path.parent.name for path in CASES}
    assert not [
        name for name, kind in KINDS.items() if not kind.reference_only and name not in have
    ]
