"""The calls of custom fields that may demand an admin user carry what the environment gives."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import httpx
import pytest

from capsync.session import Session
from tests.projects import CONFIG, write_project

FIELD = {"name": "pet_name", "type": "text", "dataType": "String", "scope": "CUSTOMER_CARD"}
TILL = {"type": "basic", "username": "till1", "password": "till-secret"}
ADMIN = {"username": "admin1", "password": "admin-secret", "key": "internal-key"}
KEY, ORG = "x-cap-api-auth-key", "x-cap-api-auth-org-id"


class Org:
    """An org with no custom fields until one is created; keeps the headers of every call."""

    def __init__(self) -> None:
        self.calls: dict[str, httpx.Headers] = {}
        self.fields: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls[f"{request.method} {request.url.path}"] = request.headers
        if request.method == "POST":
            self.fields.append({**FIELD, "id": 7})
        body: Any = {"entity": self.fields, "success": True}
        if request.url.path == "/v2/organization/customFields":
            body = {"data": []}
        if request.url.path == "/v2/organization/hierarchy":
            body = {"baseOrganization": {"id": 100737}, "warnings": []}
        return httpx.Response(200, json=body)

    def user(self, call: str) -> str:
        """Whose name and password a call carried."""
        scheme, _, text = self.calls[call]["authorization"].partition(" ")
        assert scheme == "Basic"
        return base64.b64decode(text).decode().partition(":")[0]


def applied(root: Path, **more: Any) -> Org:
    """An org after the field was applied to it with these settings of the environment."""
    remote = {"endpoint": "https://eu.api.example.com", "org_id": 100737, "auth": TILL, **more}
    config = {**CONFIG, "default_environment": "uat", "environments": {"uat": remote}}
    write_project(root, [{"kind": "CustomField", "name": "pet", "spec": FIELD}], config)
    org = Org()

    async def run() -> None:
        transport = httpx.MockTransport(org)
        async with Session.open(root, transport=transport) as session:
            report = await session.apply(await session.plan())
        assert [each.status for each in report.outcomes] == ["done"]

    asyncio.run(run())
    return org


@pytest.fixture(autouse=True)
def _locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def test_the_admin_user_where_one_is_given(tmp_path: Path) -> None:
    org = applied(tmp_path / "p", admin_auth=ADMIN)
    for call in ("GET /v2/org/customFields", "POST /v2/customFields"):
        assert org.user(call) == "admin1"
        assert (org.calls[call][KEY], org.calls[call][ORG]) == ("internal-key", "100737")
    other = "GET /v2/organization/customFields"
    assert org.user(other) == "till1"
    assert KEY not in org.calls[other]


def test_the_ordinary_user_where_none_is_given(tmp_path: Path) -> None:
    org = applied(tmp_path / "p")
    for call in ("GET /v2/org/customFields", "POST /v2/customFields"):
        assert org.user(call) == "till1"
        assert KEY not in org.calls[call]
        assert ORG not in org.calls[call]
