from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from capsync.api.dialect import Answer, Call
from capsync.api.dialects import (
    BARE,
    CAPPINGS,
    COUPON_LIST,
    GATEWAY,
    REWARDS,
    V2_DATA,
    V2_ENTITY,
    V2_OBJECT,
    V3,
)
from capsync.api.settings import Admin, Basic, Settings
from capsync.api.wire import query
from capsync.errors import (
    Ambiguous,
    ApiError,
    AuthError,
    Forbidden,
    Garbled,
    NotFound,
    RateLimited,
    Unreachable,
)
from capsync.events import Retrying, Waiting
from capsync.secret import Secret

from .service import Service, html, ok

GET = Call("GET", "/v2/thing/7", V2_OBJECT)
POST = Call("POST", "/v2/things", V2_OBJECT, body={"name": "a"})
PUT = Call("PUT", "/v2/thing/7", V2_OBJECT, body={"name": "a"})
DELETE = Call("DELETE", "/v2/thing/7", V2_OBJECT)
GOOD = ok({"id": 7, "warnings": []})

REFUSED = httpx.ConnectError("refused")
TIMEOUT = httpx.ReadTimeout("slow")
RESET = httpx.ReadError("reset")
NO_ANSWER = httpx.RemoteProtocolError("Server disconnected without sending a response.")
CUT = httpx.Response(200, content=b'{"id": 7, "na')
NOT_TAKEN = [
    REFUSED,
    httpx.ProxyError("407"),
    httpx.ConnectError(""),
    httpx.ConnectTimeout("slow"),
    ok({"errors": [{"code": 429, "message": "too many"}]}, 429),
    ok(None, 429, Retry_After="3"),
    html(429),
    ok({"errorCode": 4001, "errorMessage": "status unavailable"}, 503),
    httpx.Response(503),
    httpx.Response(503, text="busy", headers={"retry-after": "2"}),
    ok(None, 461),
    ok(None, 521),
]
UNKNOWN = [
    TIMEOUT,
    RESET,
    NO_ANSWER,
    httpx.WriteError("broken pipe"),
    ok({"errors": [{"code": 500, "message": "all failed"}]}, 500),
    html(500),
    html(502),
    html(503),
    html(504, "upstream timed out"),
    CUT,
    html(200, "<html><body>Please log in</body></html>"),
    httpx.DecodingError("invalid gzip"),
    OSError("socket gone"),
]


def call_once(service: Service, call: Call, **settings: Any) -> Answer:
    return service.run(lambda client: client.send(call), **settings)


def failed(service: Service, call: Call, **settings: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call_once(service, call, **settings)
    return caught.value


def test_a_good_answer_carries_payload_body_status_id_and_warnings() -> None:
    body = {"data": {"id": 7}, "errors": None, "warnings": [{"code": 3, "message": "half done"}]}
    service = Service(ok(body, 201))
    answer = call_once(service, replace(POST, dialect=GATEWAY))
    assert answer == Answer({"id": 7}, body, 201, "req-1", ("3 half done",))


def test_a_request_is_complete() -> None:
    service = Service(GOOD)
    call = replace(
        POST,
        params={"ids": [1, 2], "active": True, "none": None, "name": "a b&c", "size": 100},
        headers={"DATA-SCOPE": "SELF"},
    )
    call_once(service, call)
    request = service.requests[0]
    assert str(request.url) == (
        "https://eu.example.com/v2/things?ids=1&ids=2&active=true&name=a%20b%26c&size=100"
    )
    assert json.loads(request.content) == {"name": "a"}
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "application/json"
    assert request.headers["data-scope"] == "SELF"
    assert request.headers["user-agent"].startswith("capsync/")
    assert request.extensions["timeout"]["read"] == 60.0


def test_a_write_without_a_body_still_has_a_content_type() -> None:
    service = Service(GOOD)
    call_once(service, replace(PUT, body=None))
    assert service.requests[0].headers["content-type"] == "application/json"
    assert service.requests[0].headers["content-length"] == "0"


def test_raw_content_is_sent_as_it_is() -> None:
    service = Service(ok({"code": 200, "status": "true", "file": {"file_handle": "h"}}))
    call = Call("POST", "/f/a.png", REWARDS, content=b"\x89PNG", content_type="image/png")
    call_once(service, call)
    assert service.requests[0].content == b"\x89PNG"
    assert service.requests[0].headers["content-type"] == "image/png"


def test_a_base_path_of_the_endpoint_is_kept() -> None:
    service = Service(GOOD)
    call_once(service, GET, endpoint="https://proxy.example.com/cap/")
    assert str(service.requests[0].url) == "https://proxy.example.com/cap/v2/thing/7"


def test_a_quoted_path_stays_quoted() -> None:
    service = Service(GOOD)
    call_once(service, replace(GET, path="/v2/thing/a%2Fb%20c"))
    assert service.requests[0].url.raw_path == b"/v2/thing/a%2Fb%20c"


@pytest.mark.parametrize("fault", NOT_TAKEN)
@pytest.mark.parametrize("call", [GET, POST, PUT, DELETE], ids=lambda call: call.method)
def test_what_was_not_taken_is_sent_again_whatever_the_method(call: Call, fault: Any) -> None:
    service = Service(fault, fault, GOOD)
    assert call_once(service, call).payload["id"] == 7
    assert len(service.requests) == 3
    assert service.clock.now > 1000


@pytest.mark.parametrize("fault", UNKNOWN)
@pytest.mark.parametrize("call", [GET, PUT, DELETE], ids=lambda call: call.method)
def test_an_unknown_fate_is_tried_again_where_that_is_harmless(call: Call, fault: Any) -> None:
    service = Service(fault, fault, GOOD)
    assert call_once(service, call).payload["id"] == 7
    assert len(service.requests) == 3


@pytest.mark.parametrize("fault", UNKNOWN)
@pytest.mark.parametrize(
    "call", [POST, replace(PUT, repeatable=False), replace(POST, method="PATCH")]
)
def test_a_write_of_unknown_fate_is_ambiguous_and_never_repeated(call: Call, fault: Any) -> None:
    service = Service(fault, GOOD)
    error = failed(service, call)
    assert type(error) is Ambiguous
    assert "may have happened" in error.message
    assert len(service.requests) == 1


def test_a_request_id_is_told_once() -> None:
    told = ApiError("HTTP 500 (request r-1); the write may have happened", request_id="r-1")
    assert told.message.count("r-1") == 1
    assert ApiError("HTTP 500", request_id="r-1").message == "HTTP 500 (request r-1)"


def test_a_post_that_reads_is_repeated() -> None:
    service = Service(TIMEOUT, GOOD)
    assert call_once(service, replace(POST, reads=True)).payload["id"] == 7


def test_a_post_that_may_be_repeated_is_ambiguous_at_last() -> None:
    service = Service(html(502))
    error = failed(service, replace(POST, repeatable=True))
    assert type(error) is Ambiguous
    assert len(service.requests) == 6


def test_ambiguity_outlasts_what_comes_later() -> None:
    gone = ok({"errors": [{"code": 90, "message": "no such thing"}]}, 404)
    for later in (gone, REFUSED, ok(None, 429, Retry_After="9999"), ok(None, 401)):
        error = failed(Service(RESET, later), DELETE)
        assert type(error) is Ambiguous
        assert "connection broke" in error.message
    assert failed(Service(RESET, gone), DELETE).codes == ("90",)


def test_a_read_that_fails_at_last_says_why_and_how_often() -> None:
    service = Service(TIMEOUT)
    error = failed(service, GET, timeout=1)
    assert type(error) is ApiError
    assert "GET /v2/thing/7: no answer in time (tried 6 times)" in error.message
    error = failed(Service(html(502)), GET)
    assert type(error) is Garbled
    assert "HTTP 502, the answer is not JSON: Bad Gateway" in error.message
    assert "proxy" in error.hint
    error = failed(Service(ok({"errors": [{"code": 500, "message": "down"}]}, 500)), GET)
    assert type(error) is ApiError
    assert (error.status, error.codes, error.request_id) == (500, ("500",), "req-1")


def test_pauses_grow_and_are_bounded() -> None:
    service = Service(RESET)
    failed(service, GET)
    gaps = [b - a for a, b in zip(service.times, service.times[1:], strict=False)]
    assert gaps == [1, 2, 4, 8, 16]


def test_a_limit_that_stays_is_told_after_more_than_a_minute() -> None:
    service = Service(ok(None, 429))
    error = failed(service, GET)
    assert type(error) is RateLimited
    assert 60 < service.clock.now - 1000 < 300
    assert len(service.requests) <= 8


def test_nobody_waits_for_a_retry_after_beyond_reason() -> None:
    service = Service(ok(None, 429, Retry_After="86400"))
    assert type(failed(service, GET)) is RateLimited
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "30"},
        {
            "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT",
            "date": "Wed, 21 Oct 2026 07:28:00 GMT",
        },
    ],
)
def test_retry_after_is_kept_to(headers: dict[str, str]) -> None:
    service = Service(httpx.Response(429, headers=headers), GOOD)
    call_once(service, GET)
    assert service.times[1] - service.times[0] == pytest.approx(31)


def test_unreachable_is_told_soon_where_nothing_ever_answered() -> None:
    service = Service(REFUSED)
    assert type(failed(service, GET)) is Unreachable
    assert len(service.requests) == 3


def test_unreachable_in_mid_run_is_tried_longer() -> None:
    service = Service(GOOD, REFUSED)

    async def work(client: Any) -> None:
        await client.send(GET)
        await client.send(POST)

    with pytest.raises(Unreachable):
        service.run(work)
    assert len(service.requests) == 7


def test_one_answer_holds_every_task() -> None:
    service = Service(ok(None, 429, Retry_After="20"), GOOD)

    async def work(client: Any) -> None:
        first = asyncio.ensure_future(client.send(GET))
        for _ in range(20):
            await asyncio.sleep(0)
        await asyncio.gather(first, *(client.send(GET) for _ in range(5)))

    service.run(work, concurrency=8)
    assert min(service.times[1:]) - service.times[0] >= 20
    assert [type(event) for event in service.events].count(Waiting) == 1
    retried = next(event for event in service.events if isinstance(event, Retrying))
    assert retried == Retrying("GET /v2/thing/7", 2, "HTTP 429, too many requests")


def test_concurrency_is_bounded() -> None:
    flying = most = 0

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal flying, most
            flying += 1
            most = max(most, flying)
            await asyncio.sleep(0.001)
            flying -= 1
            return httpx.Response(200, json={"id": 1})

    service = Service(GOOD)
    service.transport = Slow()  # type: ignore[assignment]

    async def work(client: Any) -> None:
        await asyncio.gather(*(client.send(GET) for _ in range(40)))

    service.run(work, concurrency=4)
    assert most == 4


def test_the_rate_limit_spreads_requests() -> None:
    service = Service(GOOD)

    async def work(client: Any) -> float:
        await asyncio.gather(*(client.send(GET) for _ in range(25)))
        return float(client.estimate(6))

    estimate = service.run(work, rate_limit=10)
    for start in service.times:
        assert sum(start <= time < start + 60 for time in service.times) <= 10
    assert service.clock.now - 1000 < 130
    assert estimate == pytest.approx(61, abs=1)


def test_two_clients_of_one_account_share_the_rate_limit(tmp_path: Path) -> None:
    service = Service(GOOD)

    async def both(client: Any) -> None:
        async with service.client(**settings) as other:
            await asyncio.gather(*(each.send(GET) for each in [client, other] * 10))

    settings = {"rate_limit": 10, "state_dir": tmp_path}
    service.run(both, **settings)
    assert len(service.times) == 20
    assert sum(time < 1060 for time in service.times) == 10
    assert len(list(tmp_path.rglob("*"))) == 2


def test_a_429_slows_all_that_follow() -> None:
    service = Service(ok(None, 429, Retry_After="1"), GOOD)

    async def work(client: Any) -> None:
        await asyncio.gather(*(client.send(GET) for _ in range(60)))

    service.run(work, rate_limit=100)
    first_minute = [time for time in service.times if time < service.times[0] + 60]
    assert 45 <= len(first_minute) <= 60


def test_every_fault_is_told_with_where_and_which_request() -> None:
    body = {
        "data": None,
        "errors": [
            {"code": 728, "message": "no owner", "reference": "ownership.restrictedToOwners"},
            {"code": 725, "message": "Duplicate badge name", "reference": None},
        ],
    }
    call = Call("POST", "/api_gateway/v1/badges/badgeMeta", GATEWAY, body={})
    error = failed(Service(ok(body, 400)), call)
    assert type(error) is ApiError
    assert error.message == (
        "POST /api_gateway/v1/badges/badgeMeta: HTTP 400: "
        "728 no owner (ownership.restrictedToOwners); 725 Duplicate badge name (request req-1)"
    )
    assert error.codes == ("728", "725")
    assert (error.method, error.path, error.status) == (call.method, call.path, 400)
    assert error.request_id == "req-1"


def test_faults_inside_a_200_are_faults() -> None:
    body = {"status": {"success": False, "code": 5004, "message": "vendor exists"}}
    error = failed(Service(ok(body)), Call("POST", "/vendor", REWARDS, body={}))
    assert type(error) is ApiError
    assert error.codes == ("5004",)
    assert error.status == 200


def test_many_faults_are_cut() -> None:
    faults = [{"code": number, "message": "x" * 1000} for number in range(30)]
    error = failed(Service(ok({"errors": faults}, 400)), POST)
    assert "and 21 more" in error.message
    assert len(error.message) < 4000
    assert len(error.codes) == 29  # 0 is no fault


def test_a_body_that_the_validator_can_not_judge_is_refused_for_good() -> None:
    body = {"data": None, "errors": [{"code": 999999, "message": "unexpected"}]}
    service = Service(ok(body, 500))
    error = failed(service, replace(POST, dialect=GATEWAY))
    assert type(error) is ApiError
    assert len(service.requests) == 1
    quoted = "no group [IntouchApiError{code=310069, message='name taken', status=false}]"
    service = Service(ok({"code": None, "message": quoted}, 500))
    assert failed(service, replace(POST, dialect=CAPPINGS)).codes == ("310069",)


def test_a_read_that_failed_inside_the_service_is_tried_again_though_told_in_a_200() -> None:
    body = {"errors": [{"status": False, "code": 500, "message": "all failed"}]}
    assert call_once(Service(ok(body), GOOD), GET).payload["id"] == 7
    service = Service(ok(body), GOOD)
    assert type(failed(service, POST)) is ApiError
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ok({"errors": [{"code": 1, "message": "x"}]}, 404), NotFound),
        (httpx.Response(404), NotFound),
        (html(404, "<html><title>404</title></html>"), Garbled),
        (ok({"errorCode": 4000, "errorMessage": "Access is denied!"}, 403), Forbidden),
        (ok({"errors": [{"code": 4000, "message": "Access is denied!"}]}), Forbidden),
        (html(403, "<html><title>Blocked</title></html>"), Forbidden),
        (ok(None, 401), AuthError),
        (ok({"errors": [{"code": 1, "message": "x"}]}, 400), ApiError),
        (html(400), Garbled),
        (httpx.Response(302, headers={"location": "https://login.example.com/?token=t"}), Garbled),
    ],
)
def test_refusals_have_their_class_and_are_not_repeated(answer: Any, expected: type) -> None:
    for call in (GET, POST):
        service = Service(answer, GOOD)
        error = failed(service, call)
        assert type(error) is expected
        assert len(service.requests) == 1
        assert "token=t" not in str(error)


def test_the_family_names_its_own_codes() -> None:
    fault = ok({"errors": [{"code": 77, "message": "x"}]})
    unknown = replace(GET, dialect=replace(V2_OBJECT, missing=frozenset({"77"})))
    assert type(failed(Service(fault), unknown)) is NotFound
    locked = replace(POST, dialect=replace(V2_OBJECT, again=frozenset({"77"})))
    assert call_once(Service(fault, fault, GOOD), locked).payload["id"] == 7
    assert type(failed(Service(fault), locked)) is RateLimited


def test_an_admin_is_demanded_only_where_one_was_asked_for() -> None:
    fault = ok({"errors": [{"code": 91032, "message": "not an admin"}]}, 400)
    assert type(failed(Service(fault), POST)) is ApiError
    error = failed(Service(fault), replace(POST, admin=True))
    assert type(error) is Forbidden
    assert "admin_auth" in error.hint


EMPTY = {"errors": [{"status": False, "code": 502, "message": "no coupon series"}]}


@pytest.mark.parametrize("status", [200, 400, 502])
def test_a_code_for_nothing_is_an_empty_list(status: int) -> None:
    call = Call("GET", "/v2/coupon/series", COUPON_LIST)
    assert call_once(Service(ok(EMPTY, status)), call).payload is None


@pytest.mark.parametrize("body", [None, {"message": "Bad Gateway", "code": 502}])
def test_a_gateway_is_not_an_org_without_objects(body: Any) -> None:
    call = Call("GET", "/v2/coupon/series", COUPON_LIST)
    service = Service(ok(body, 502))
    failed(service, call)
    assert len(service.requests) == 6


def test_a_write_is_never_answered_by_an_empty_list() -> None:
    call = Call("PUT", "/v2/coupon/series/9", COUPON_LIST, body={})
    assert failed(Service(ok(EMPTY)), call).codes == ("502",)


def test_a_read_without_its_member_is_garbled_a_write_is_done() -> None:
    strange = ok({"result": [], "warnings": []})
    error = failed(Service(strange), replace(GET, dialect=V2_DATA))
    assert type(error) is Garbled
    assert "`data`" in error.message
    answer = call_once(Service(strange), replace(POST, dialect=V2_ENTITY))
    assert answer.payload is None


def test_an_empty_answer_is_enough_for_a_write_only() -> None:
    assert call_once(Service(httpx.Response(204)), DELETE).body is None
    assert call_once(Service(httpx.Response(200)), POST).payload is None
    assert type(failed(Service(httpx.Response(200)), GET)) is Garbled


def test_partly_done_comes_back_as_an_answer() -> None:
    body = {"data": [{"id": 1}], "errors": [{"code": 23019, "message": "taken"}], "warnings": []}
    answer = call_once(Service(ok(body, 207)), replace(POST, dialect=V2_DATA))
    assert (answer.status, answer.body) == (207, body)


def test_secrets_never_reach_a_message() -> None:
    auth = Basic("till1", Secret("pa55word"))
    admin = Admin("admin1", Secret("r00tword"), Secret("adm1n-key"))
    md5 = "25d55ad283aa400af464c76d713c07ad"
    echo = ok({"errors": [{"code": 1, "message": "bad pa55word r00tword adm1n-key till1"}]}, 400)
    error = failed(Service(echo), POST, auth=auth, admin_auth=admin)
    assert "bad *** *** *** till1" in error.message
    assert "pa55word" not in repr(Settings("https://h.example.com", auth=auth, admin_auth=admin))
    sent: list[str] = []

    def back(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["authorization"])
        return ok({"errors": [{"code": 1, "message": sent[0]}]}, 400)

    error = failed(Service(back), POST, auth=Basic("till1", Secret("12345678")))
    assert sent[0].removeprefix("Basic ") not in str(error)
    assert md5 not in str(error)


def test_control_characters_of_the_service_are_not_shown() -> None:
    text = "red \x1b[31malert\x07\r\n‮evil"
    error = failed(Service(ok({"errors": [{"code": 1, "message": text}]}, 400)), POST)
    assert "red [31malert evil" in error.message
    assert error.message.isprintable()


@pytest.mark.parametrize("value", ["käse", "snow☃"])
def test_what_http_can_not_carry_is_said_without_repeating_it(value: str) -> None:
    admin = Admin(key=Secret(value))
    error = failed(Service(GOOD), replace(POST, admin=True), admin_auth=admin)
    assert type(error) is Unreachable
    assert value not in str(error)


def test_requests_are_counted() -> None:
    service = Service(REFUSED, GOOD)

    async def work(client: Any) -> None:
        await client.send(GET)
        await client.send(POST)
        await client.send(replace(POST, reads=True))
        counts = client.counts
        assert (counts.reads, counts.writes, counts.repeated, counts.sent) == (3, 1, 1, 4)

    service.run(work)


def test_the_clocks_are_compared() -> None:
    dated = ok({"id": 1}, Date="Fri, 15 Jan 2027 08:00:00 GMT")

    async def work(client: Any) -> float | None:
        assert client.server_time_skew is None
        await client.send(GET)
        return client.server_time_skew

    assert Service(dated).run(work) == 0.0


def test_a_pause_runs_on_the_clients_clock() -> None:
    service = Service(GOOD)
    service.run(lambda client: client.pause(90))
    assert service.clock.now == 1090


def test_the_sandbox_takes_a_transport() -> None:
    from capsync.api.client import Client

    with pytest.raises(ValueError, match="transport"):
        Client(Settings("sandbox"))


def test_a_download_carries_no_credentials() -> None:
    service = Service(httpx.Response(200, content=b"\x00\x01"))
    url = "https://bucket.example.com/a/b.png?sig=s3cret"
    got = service.run(
        lambda client: client.download(url, 10), auth=Basic("till", Secret("password"))
    )
    assert got == b"\x00\x01"
    assert "authorization" not in service.requests[0].headers
    assert str(service.requests[0].url) == url


@pytest.mark.parametrize(
    ("answer", "expected", "tries"),
    [
        (httpx.Response(200, content=b"x" * 11), ApiError, 1),
        (httpx.Response(403), NotFound, 1),
        (httpx.Response(302), ApiError, 1),
        (httpx.Response(500), ApiError, 6),
        (RESET, ApiError, 6),
    ],
)
def test_a_download_that_fails_tells_no_signature(answer: Any, expected: type, tries: int) -> None:
    service = Service(answer)
    with pytest.raises(ApiError) as caught:
        service.run(lambda client: client.download("https://b.example.com/f?sig=s3cret", 10))
    assert type(caught.value) is expected
    assert "s3cret" not in str(caught.value)
    assert len(service.requests) == tries


def test_a_download_in_clear_is_refused() -> None:
    service = Service(GOOD)
    with pytest.raises(Garbled):
        service.run(lambda client: client.download("http://b.example.com/f", 10))
    assert service.requests == []


def test_query_strings() -> None:
    assert query({}) == ""
    assert (
        query({"a": None, "b": False, "c": (1, "x/y"), "d": "ü"}) == "b=false&c=1&c=x%2Fy&d=%C3%BC"
    )


def test_v3_errors_of_code_0_are_no_faults() -> None:
    call = Call("DELETE", "/v3/webHooks/1", V3)
    body = {"data": {"active": False}, "errors": [{"code": 0, "message": "SUCCESS"}]}
    assert call_once(Service(ok(body)), call).payload == {"active": False}
    assert call_once(Service(ok([{"id": 1}])), Call("GET", "/x", BARE)).payload == [{"id": 1}]
