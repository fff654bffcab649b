"""What every call of the sandbox goes through before its handler."""

from __future__ import annotations

import base64
import hashlib

import pytest

from capsync.sandbox.app import Sandbox
from tests.sandbox.conftest import Call, Clock, calls_to


def basic(name: str, password: str) -> dict[str, str]:
    digest = hashlib.md5(password.encode()).hexdigest()
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{digest}".encode()).decode()}


@pytest.fixture
def guarded(clock: Clock) -> Sandbox:
    return Sandbox(clock=clock, seed=False)


HIERARCHY = "/v2/organization/hierarchy"


def test_unknown_path_is_404(call: Call) -> None:
    status, body = call("GET", "/v2/no/such/thing")
    assert (status, body["errors"][0]["code"]) == (404, 404)


def test_wrong_verb_is_405(call: Call) -> None:
    assert call("DELETE", "/v3/oauth/token/generate")[0] == 405


def test_a_body_needs_the_json_content_type(call: Call) -> None:
    path = "/v3/oauth/token/generate"
    assert call("POST", path, content=b"{}")[0] == 415
    assert call("POST", path, content=b"{}", headers={"Content-Type": "text/xml"})[0] == 415
    accepted = {"Content-Type": "application/json; charset=utf-8"}
    assert call("POST", path, content=b"{}", headers=accepted)[0] == 401


def test_malformed_json_is_400(call: Call) -> None:
    headers = {"Content-Type": "application/json"}
    status, body = call("POST", "/v3/oauth/token/generate", content=b"{", headers=headers)
    assert status == 400
    assert body["data"] is None


def token_of(sandbox: Sandbox) -> str:
    asked = {"key": "sandbox", "secret": "sandbox"}
    status, body = calls_to(sandbox)("POST", "/v3/oauth/token/generate", body=asked)
    assert (status, body["errors"]) == (200, None)
    return str(body["data"]["accessToken"])


def test_a_token_is_new_on_every_call(guarded: Sandbox) -> None:
    assert token_of(guarded) != token_of(guarded)
    assert token_of(guarded).count(".") == 2
