"""What every call of the sandbox goes through before its handler."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sqlite3
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import closing
from pathlib import Path
from subprocess import run
from typing import Any

import httpx
import orjson
import pytest

from capsync.sandbox.app import Sandbox
from capsync.sandbox.faults import ConnectionDropped
from capsync.sandbox.routing import Router, family_routes
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes
from tests.sandbox.conftest import Call, Clock, calls_to, reply_of

TOKEN = "/v3/oauth/token/generate"
HIERARCHY = "/v2/organization/hierarchy"
SECRET = {"key": "sandbox", "secret": "sandbox"}


def basic(name: str, password: str) -> dict[str, str]:
    digest = hashlib.md5(password.encode()).hexdigest()
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{digest}".encode()).decode()}


def token_of(sandbox: Sandbox) -> str:
    status, body = calls_to(sandbox)("POST", TOKEN, body=SECRET)
    assert (status, body["errors"]) == (200, None)
    return str(body["data"]["accessToken"])


@pytest.fixture
def guarded(clock: Clock) -> Iterator[Sandbox]:
    made = Sandbox(clock=clock, seed=False)
    yield made
    made.close()


def test_unknown_path_is_404(call: Call) -> None:
    status, body = call("GET", "/v2/no/such/thing")
    assert (status, body["errors"][0]["code"]) == (404, 404)


def test_wrong_verb_is_405(call: Call) -> None:
    assert call("DELETE", TOKEN)[0] == 405


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/xml"}, {"Content-Type": ""}])
def test_a_body_needs_the_json_content_type(call: Call, headers: dict[str, str]) -> None:
    assert call("POST", TOKEN, content=orjson.dumps(SECRET), headers=headers)[0] == 415


@pytest.mark.parametrize(("names", "status"), [("T", 400), ("V", 400), ("TV", 200), ("", 200)])
def test_look_up_headers_go_together(names: str, status: int) -> None:
    sent = {"T": ("LOOKUP-TYPE", "WECHAT"), "V": ("LOOKUP", "abc")}
    headers = {f"X-CAP-API-ATTRIBUTION-{sent[each][0]}": sent[each][1] for each in names}
    with closing(Sandbox(auth=False, seed=False)) as open_one:
        got, body = calls_to(open_one)("GET", "/v2/organization/hierarchy", headers=headers)
    assert got == status
    if status == 400:
        assert body["errors"][0]["code"] == 1061


def test_the_content_type_may_carry_a_charset(call: Call) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert call("POST", TOKEN, content=orjson.dumps(SECRET), headers=headers)[0] == 200


def test_malformed_json_is_400(call: Call) -> None:
    headers = {"Content-Type": "application/json"}
    assert call("POST", TOKEN, content=b"{", headers=headers)[0] == 400


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/v2/none", ["errors", 0, "code"]),
        ("/v3/none", ["errors", 0, "code"]),
        ("/api_gateway/v1/none", ["errors", 0, "code"]),
        ("/api_gateway/rewards/core/v1/none", ["status", "code"]),
    ],
)
def test_failures_come_in_the_envelope_of_their_generation(
    call: Call, path: str, place: list[str]
) -> None:
    _, body = call("GET", path)
    for step in place:
        body = body[step]
    assert body == 404


def test_legacy_failures_are_text(call: Call) -> None:
    _, body = call("GET", "/v1.1/none")
    assert body["response"]["status"]["success"] == "false"
    assert body["response"]["status"]["code"] == "404"


def test_every_answer_names_its_request_and_pattern(seeded: Sandbox) -> None:
    first = reply_of(seeded, "POST", TOKEN, body=SECRET).headers
    second = reply_of(seeded, "POST", TOKEN, body=SECRET).headers
    assert first["X-Cap-Requestid"] != second["X-Cap-Requestid"]
    assert first["x-cap-api-request-uri"] == TOKEN


def test_a_token_is_new_on_every_call(guarded: Sandbox) -> None:
    assert token_of(guarded) != token_of(guarded)


def test_a_token_names_the_org_and_the_client(guarded: Sandbox) -> None:
    _, payload, _ = token_of(guarded).split(".")
    claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert (claims["org_id"], claims["client_id"]) == (100737, "sandbox")


@pytest.mark.parametrize("asked", [{"key": "sandbox", "secret": "no"}, {"key": "no"}, {}, [1]])
def test_wrong_client_credentials_give_no_token(guarded: Sandbox, asked: object) -> None:
    status, body = calls_to(guarded)("POST", TOKEN, body=asked)
    assert (status, body["data"]) == (401, None)


def test_a_token_opens_the_org_until_it_expires(guarded: Sandbox, clock: Clock) -> None:
    call, headers = calls_to(guarded), {"X-CAP-API-OAUTH-TOKEN": token_of(guarded)}
    assert call("GET", HIERARCHY, headers=headers)[0] == 200
    clock.now += 300
    assert call("GET", HIERARCHY, headers=headers)[0] == 401


def test_a_forged_token_is_refused(guarded: Sandbox, sandbox: Sandbox) -> None:
    headers = {"X-CAP-API-OAUTH-TOKEN": token_of(sandbox)}
    assert calls_to(guarded)("GET", HIERARCHY, headers=headers)[0] == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (basic("till1", "sandbox"), 200),
        (basic("till1", "wrong"), 401),
        (basic("till9", "sandbox"), 401),
        ({"Authorization": "Basic !!!"}, 401),
        ({"Authorization": "Bearer x"}, 401),
        ({"X-CAP-API-OAUTH-TOKEN": "a.b.c"}, 401),
        ({}, 401),
    ],
)
def test_basic_wants_the_md5_of_the_password(
    guarded: Sandbox, headers: dict[str, str], status: int
) -> None:
    assert calls_to(guarded)("GET", HIERARCHY, headers=headers)[0] == status


def test_the_rate_limit_counts_a_sliding_minute_per_key(clock: Clock) -> None:
    call = calls_to(Sandbox(clock=clock, seed=False, rate_limit=2))
    till, admin = basic("till1", "sandbox"), basic("admin1", "sandbox")
    statuses = [call("GET", HIERARCHY, headers=till)[0] for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert call("GET", HIERARCHY, headers=admin)[0] == 200
    clock.now += 60
    assert call("GET", HIERARCHY, headers=till)[0] == 200


def test_calls_are_recorded_until_switched_off(sandbox: Sandbox) -> None:
    call = calls_to(sandbox)
    call("GET", HIERARCHY, query={"fetchSiblings": True})
    sandbox.record = False
    call("GET", HIERARCHY)
    assert sandbox.calls == [("GET", HIERARCHY, {"fetchSiblings": ["true"]})]


def answer_nothing(request: Request) -> Reply:
    return Reply(dict(request.params))


def test_literal_segments_beat_parameters() -> None:
    routes = Routes()
    routes("GET", "/a/{id}")(answer_nothing)
    routes("GET", "/a/all")(answer_nothing)
    routes("GET", "/a/{id}/{part}.json")(answer_nothing)
    router = Router(list(routes))
    found = [router.find("GET", path) for path in ("/a/all", "/a/7", "/a/b%2Fc/x.json", "/b")]
    assert [m and m.route.template for m in found[:2]] == ["/a/all", "/a/{id}"]
    assert found[2] is not None
    assert found[2].params == {"id": "b/c", "part": "x"}
    assert found[3] is None


def test_a_file_keeps_the_org_and_is_seeded_once(tmp_path: Path) -> None:
    path = tmp_path / "org.db"
    first = Sandbox(path, auth=False)
    first.store.put("badges", "mine", {"name": "mine"})
    seeded = first.store.get("sandbox", "seeded")
    first.close()
    second = Sandbox(path, auth=False)
    assert second.store.get("badges", "mine") == {"name": "mine"}
    assert second.store.get("sandbox", "seeded") == seeded
    second.reset()
    assert second.store.get("badges", "mine") is None
    second.close()


def test_pages_and_touch_follow_places() -> None:
    store = Store()
    for name in "abc":
        store.put("letters", name, name)
    store.touch("letters", "a")
    assert store.all("letters") == ["b", "c", "a"]
    assert store.page("letters", 1, 1) == ["c"]
    assert store.page("letters", 0, 2, newest_first=True) == ["a", "c"]
    store.close()


async def over_asgi(sandbox: Sandbox) -> tuple[list[int], list[Exception]]:
    statuses, errors = list[int](), list[Exception]()
    transport = httpx.ASGITransport(app=sandbox.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        for path in (HIERARCHY, HIERARCHY + "?fetchSiblings=true", "/v2/none", HIERARCHY):
            if len(statuses) == 3:
                sandbox.faults.next("drop_after")
            try:
                statuses.append((await http.get(path)).status_code)
            except ConnectionDropped as dropped:
                errors.append(dropped)
    return statuses, errors


def test_the_asgi_app_behind_a_client_of_the_same_process(sandbox: Sandbox) -> None:
    statuses, errors = asyncio.run(over_asgi(sandbox))
    assert (statuses, len(errors)) == ([200, 200, 404], 1)


def test_the_lifespan_of_the_app(sandbox: Sandbox) -> None:
    sent: list[str] = []

    async def receive() -> dict[str, str]:
        return {"type": "lifespan.startup"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message["type"])

    asyncio.run(sandbox.app({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_one_handler_for_a_route() -> None:
    templates = [(route.method, route.template) for route in family_routes()]
    assert len(templates) == len(set(templates)) > 100


def test_the_app_does_without_http_libraries() -> None:
    code = (
        "import sys; from capsync.sandbox.app import Sandbox; Sandbox().close();"
        "print([m for m in ('httpx', 'uvicorn') if m in sys.modules])"
    )
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def contents(path: Path, *, console: bool) -> dict[tuple[str, str], str]:
    """Everything that an org has right after a reset, by collection and id."""
    with closing(Sandbox(path, clock=lambda: 2e9, auth=False, seed=False)) as sandbox:
        sandbox.reset(console=console)
    with closing(sqlite3.connect(path)) as data:
        rows = data.execute("select collection, id, body from documents").fetchall()
    return {(collection, id): document for collection, id, document in rows}


def test_seeds_are_the_same_each_time(tmp_path: Path) -> None:
    first, second = (contents(tmp_path / name, console=True) for name in "ab")
    assert first == second


def test_an_org_may_have_reference_data_alone(tmp_path: Path) -> None:
    bare = contents(tmp_path / "bare", console=False)
    full = contents(tmp_path / "full", console=True)
    assert bare
    assert bare.keys() < full.keys()
    collections = {collection for collection, _ in full.keys() - bare.keys()}
    assert {"badges", "labels"} <= collections
