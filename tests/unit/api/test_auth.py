from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from capsync.api.auth import Claims, Credentials, claims_of
from capsync.api.dialect import Answer, Call
from capsync.api.dialects import V2_OBJECT
from capsync.api.settings import Admin, Basic, Oauth, Settings
from capsync.errors import (
    Ambiguous,
    ApiError,
    AuthError,
    Garbled,
    PlanBlocked,
    RateLimited,
    Unreachable,
)
from capsync.secret import Secret

from .service import Service, html, ok

GET = Call("GET", "/v2/thing/7", V2_OBJECT)
PUT = Call("PUT", "/v2/thing/7", V2_OBJECT, body={})
POST = Call("POST", "/v2/things", V2_OBJECT, body={})
OAUTH = Oauth("key-1", Secret("client-secret"))
TOKEN = "X-CAP-API-OAUTH-TOKEN"


def jwt(**claims: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


class Tokens:
    """A service that hands out tokens t1, t2 ... and takes those that have not expired."""

    def __init__(self, *, ttl: Any = 300, claims: dict[str, Any] | None = None) -> None:
        self.ttl, self.claims = ttl, claims
        self.made = 0
        self.taken: set[str] | None = None  # None: every token that was handed out
        self.service = Service(self)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v3/oauth/token/generate":
            assert json.loads(request.content) == {"key": "key-1", "secret": "client-secret"}
            assert TOKEN not in request.headers
            self.made += 1
            data = {"accessToken": self.token(self.made), "ttlSeconds": self.ttl}
            return ok({"data": data, "errors": None})
        token = request.headers.get(TOKEN)
        if self.taken is not None and token not in self.taken:
            return ok({"errors": [{"code": 401, "message": "expired"}]}, 401)
        return ok({"id": 7, "token": token})

    def token(self, number: int) -> str:
        if self.claims is None:
            return f"token-{number}"
        return jwt(**self.claims, jti=number)

    def run(self, work: Any, **settings: Any) -> Any:
        return self.service.run(work, auth=OAUTH, **settings)


def test_one_token_serves_many_calls_at_once() -> None:
    tokens = Tokens()

    async def work(client: Any) -> Any:
        answers = await asyncio.gather(*(client.send(GET) for _ in range(20)))
        return [answer.payload["token"] for answer in answers], client.counts

    used, counts = tokens.run(work)
    assert used == ["token-1"] * 20
    assert tokens.made == 1
    assert (counts.reads, counts.tokens) == (20, 1)


def test_a_token_is_renewed_before_it_expires() -> None:
    tokens = Tokens(ttl=300)

    async def work(client: Any) -> list[str]:
        used = []
        for _ in range(10):
            used.append((await client.send(GET)).payload["token"])
            tokens.service.clock.now += 100
        return used

    used = tokens.run(work)
    assert used[:3] == ["token-1", "token-1", "token-1"]
    assert used[3] == "token-2"


@pytest.mark.parametrize("ttl", [None, "soon", 300, "300", 2_592_000])
def test_any_life_is_understood(ttl: Any) -> None:
    tokens = Tokens(ttl=ttl)

    async def work(client: Any) -> None:
        await client.send(GET)
        await client.send(GET)

    tokens.run(work)
    assert tokens.made == 1


@pytest.mark.parametrize("call", [GET, PUT, POST])
def test_a_token_that_expired_in_mid_run_is_renewed_once_and_the_call_repeated(call: Call) -> None:
    tokens = Tokens()

    async def work(client: Any) -> Any:
        await client.send(GET)
        tokens.taken = {"token-2"}
        answers = await asyncio.gather(*(client.send(call) for _ in range(8)))
        return {answer.payload["token"] for answer in answers}

    assert tokens.run(work) == {"token-2"}
    assert tokens.made == 2


def test_a_late_refusal_of_an_old_token_does_not_cost_the_new_one() -> None:
    made = 0

    async def send(call: Call) -> Answer:
        nonlocal made
        made += 1
        return Answer({"accessToken": f"token-{made}", "ttlSeconds": 300}, None, 200)

    async def main() -> None:
        credentials = Credentials(Settings("sandbox", auth=OAUTH), send, clock=lambda: 0.0)
        old = await credentials.headers(GET)
        assert await credentials.renew(old)
        assert await credentials.renew(old)
        assert await credentials.headers(GET) == {TOKEN: "token-2"}

    asyncio.run(main())
    assert made == 2


def test_a_new_token_refused_too_is_an_error() -> None:
    tokens = Tokens()
    tokens.taken = set()
    with pytest.raises(AuthError, match="refused: 401 expired") as caught:
        tokens.run(lambda client: client.send(POST))
    assert tokens.made == 2
    assert "client" in caught.value.hint


def test_the_same_token_again_ends_it() -> None:
    tokens = Tokens()
    tokens.taken = set()
    tokens.token = lambda _number: "reused"  # type: ignore[method-assign]
    with pytest.raises(AuthError):
        tokens.run(lambda client: client.send(GET))
    assert len(tokens.service.requests) == 3


@pytest.mark.parametrize(
    "answer",
    [
        ok({"errors": [{"code": 401, "message": "Failed to generate OAuth token"}]}, 401),
        ok({"data": None, "errors": [{"code": 900, "message": "Failed to generate"}]}),
        ok(None, 400),
        ok(None, 403),
        ok({"data": {}, "errors": None}),
        ok({"data": {"accessToken": ""}, "errors": None}),
    ],
)
def test_no_token_says_what_to_check(answer: httpx.Response) -> None:
    service = Service(answer)
    with pytest.raises(AuthError) as caught:
        service.run(lambda client: client.send(POST), auth=OAUTH)
    assert len(service.requests) == 1
    assert caught.value.path == "/v3/oauth/token/generate"
    assert "client-secret" not in str(caught.value)


def test_a_host_without_the_token_call_is_a_wrong_endpoint() -> None:
    with pytest.raises(AuthError) as caught:
        Service(ok(None, 404)).run(lambda client: client.send(GET), auth=OAUTH)
    assert "endpoint" in caught.value.hint


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (html(200), Garbled),
        (html(404), Garbled),
        (ok(None, 500), ApiError),
        (ok(None, 429), RateLimited),
        (httpx.ConnectError("refused"), Unreachable),
        (httpx.ReadTimeout("slow"), ApiError),
    ],
)
def test_a_token_call_that_fails_otherwise_says_so(answer: Any, expected: type) -> None:
    with pytest.raises(ApiError) as caught:
        Service(answer).run(lambda client: client.send(POST), auth=OAUTH)
    assert type(caught.value) is expected


@pytest.mark.parametrize(("answer", "tries"), [(html(200), 1), (html(404), 1), (html(502), 6)])
def test_a_page_in_place_of_a_token_is_told_at_once(answer: Any, tries: int) -> None:
    service = Service(answer)
    with pytest.raises(Garbled, match="Bad Gateway") as caught:
        service.run(lambda client: client.send(GET), auth=OAUTH)
    assert len(service.requests) == tries
    assert "is `endpoint` the API host?" in caught.value.hint


def test_a_write_in_doubt_stays_so_when_no_further_token_is_had() -> None:
    token = ok({"data": {"accessToken": "t", "ttlSeconds": 1}, "errors": None})
    service = Service(token, httpx.ReadTimeout("slow"), ok(None, 401))
    with pytest.raises(Ambiguous, match="no answer in time"):
        service.run(lambda client: client.send(PUT), auth=OAUTH)


def test_another_org_in_the_token_stops_before_anything_is_sent() -> None:
    tokens = Tokens(claims={"org_id": 100737, "client_id": "c"})
    with pytest.raises(PlanBlocked, match="org 100737, but the environment says 5"):
        tokens.run(lambda client: client.send(POST), org_id=5)
    assert len(tokens.service.requests) == 1
    tokens.run(lambda client: client.send(POST), org_id=100737)


def test_claims_are_read_where_there_are_some() -> None:
    tokens = Tokens(claims={"org_id": "100737", "client_id": "c"})
    assert tokens.run(lambda client: client.claims()) == Claims(100737, "c")
    assert Tokens().run(lambda client: client.claims()) == Claims()
    assert Service(ok({})).run(lambda client: client.claims()) == Claims()


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "a.!!!.c", f"a.{jwt()}.c", "é.é.é"])
def test_what_is_no_jwt_claims_nothing(token: str) -> None:
    assert claims_of(token) == Claims()


def basic(name: str, password: str) -> str:
    digest = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
    return "Basic " + base64.b64encode(f"{name}:{digest}".encode()).decode()


def test_a_till_sends_its_password_as_md5() -> None:
    service = Service(ok({"id": 1}))
    service.run(lambda client: client.send(GET), auth=Basic("till1", Secret("pässword")))
    assert service.requests[0].headers["authorization"] == basic("till1", "pässword")


def test_a_wrong_password_says_what_to_do() -> None:
    service = Service(ok(None, 401))
    with pytest.raises(AuthError) as caught:
        service.run(lambda client: client.send(GET), auth=Basic("till1", Secret("password")))
    assert "auth.password" in caught.value.hint
    assert len(service.requests) == 1
    with pytest.raises(AuthError) as caught:
        service.run(lambda client: client.send(GET))
    assert "set auth" in caught.value.hint


def test_the_admin_user_is_sent_where_a_call_wants_it() -> None:
    admin = Admin("admin1", Secret("root"), Secret("admin-key"))
    tokens = Tokens()

    async def work(client: Any) -> None:
        await client.send(GET)
        await client.send(replace(POST, admin=True))

    tokens.run(work, admin_auth=admin, org_id=5)
    _, plain, as_admin = (request.headers for request in tokens.service.requests)
    assert "x-cap-api-auth-key" not in plain
    assert as_admin["authorization"] == basic("admin1", "root")
    assert as_admin["x-cap-api-auth-key"] == "admin-key"
    assert as_admin["x-cap-api-auth-org-id"] == "5"
    assert TOKEN not in as_admin


def test_an_admin_key_alone_goes_beside_the_token() -> None:
    tokens = Tokens()
    call = replace(POST, admin=True)
    tokens.run(lambda client: client.send(call), admin_auth=Admin(key=Secret("admin-key")))
    headers = tokens.service.requests[-1].headers
    assert headers["x-cap-api-auth-key"] == "admin-key"
    assert headers[TOKEN] == "token-1"
    assert "authorization" not in headers


def test_a_refused_admin_is_named() -> None:
    admin = Admin("admin1", Secret("root"))
    tokens = Tokens()
    tokens.taken = set()
    with pytest.raises(AuthError) as caught:
        tokens.run(lambda client: client.send(replace(POST, admin=True)), admin_auth=admin)
    assert "admin_auth" in caught.value.hint
    assert tokens.made == 0


def test_without_admin_auth_an_admin_call_goes_as_any_other() -> None:
    tokens = Tokens()
    tokens.run(lambda client: client.send(replace(POST, admin=True)))
    assert tokens.service.requests[-1].headers[TOKEN] == "token-1"
