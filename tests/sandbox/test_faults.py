"""Faults on purpose, in one process and over real connections."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from signal import SIGINT
from subprocess import PIPE, Popen

import httpx
import pytest

from capsync.sandbox.app import Sandbox
from capsync.sandbox.faults import Kind
from capsync.sandbox.inprocess import SandboxTransport
from capsync.sandbox.serve import serve, serving
from tests.sandbox.conftest import Clock, calls_to

OAUTH = {"key": "sandbox", "secret": "sandbox"}
CONFIGS = "/v2/organization/configs"
KEY = "CONF_MAX_CARDS_PER_ORG"


def set_to(value: str) -> dict[str, str]:
    return {"keyName": KEY, "value": value, "scope": "ORG"}


def stored(sandbox: Sandbox) -> str:
    sandbox.faults.clear()
    return str(calls_to(sandbox)("GET", f"{CONFIGS}/{KEY}")[1]["value"])


def send(sandbox: Sandbox, value: str = "7", timeout: float = 5) -> httpx.Response:
    """One write through httpx in this process."""

    async def sending() -> httpx.Response:
        transport = SandboxTransport(sandbox)
        client = httpx.AsyncClient(transport=transport, base_url="http://x", timeout=timeout)
        async with client as http:
            return await http.post(CONFIGS, json=set_to(value))

    return asyncio.run(sending())


@pytest.fixture
def org(clock: Clock) -> Iterator[Sandbox]:
    made = Sandbox(clock=clock, auth=False)
    send(made, "1")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("kind", "error", "value"),
    [
        (Kind.REFUSED, httpx.ConnectError, "1"),
        (Kind.DROP_BEFORE, httpx.RemoteProtocolError, "1"),
        (Kind.DROP_AFTER, httpx.RemoteProtocolError, "7"),
        (Kind.TIMEOUT_AFTER, httpx.ReadTimeout, "7"),
    ],
)
def test_lost_connections_in_process(
    org: Sandbox, kind: Kind, error: type[Exception], value: str
) -> None:
    org.faults.at(1, kind)
    with pytest.raises(error):
        send(org)
    assert stored(org) == value


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Kind.STATUS_500, 500),
        (Kind.HTML_502, 502),
        (Kind.STATUS_503, 503),
        (Kind.RATE_429, 429),
        (Kind.AUTH_401, 401),
        (Kind.ERROR_IN_200, 200),
    ],
)
@pytest.mark.parametrize("processed", [False, True])
def test_refusals(org: Sandbox, kind: Kind, status: int, processed: bool) -> None:
    org.faults.at(1, kind, processed=processed)
    answer = send(org)
    assert answer.status_code == status
    assert (kind is Kind.HTML_502) == answer.text.startswith("<html>")
    assert stored(org) == ("7" if processed else "1")


def test_an_error_in_200_looks_like_the_family(org: Sandbox) -> None:
    org.faults.at(1, Kind.ERROR_IN_200)
    assert send(org).json()["errors"][0]["status"] is False


def test_cut_json_is_processed_and_does_not_decode(org: Sandbox) -> None:
    org.faults.at(1, Kind.CUT_JSON)
    answer = send(org)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()
    assert stored(org) == "7"


def test_a_burst_ends_after_its_number_of_calls(org: Sandbox) -> None:
    org.faults.at(1, Kind.RATE_429, times=2, retry_after=3)
    answers = [send(org) for _ in range(3)]
    assert [a.status_code for a in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "3"


def test_reads_and_tokens_are_no_write_calls(org: Sandbox) -> None:
    call = calls_to(org)
    before = org.faults.writes
    call("GET", f"{CONFIGS}/{KEY}")
    call("POST", "/v3/oauth/token/generate", body={})
    call("POST", "/v3/targetGroups/isValidName", body={})
    assert org.faults.writes == before


def test_a_rule_picks_calls_by_their_content(org: Sandbox) -> None:
    org.faults.when(lambda call: b'"8"' in call.body, Kind.STATUS_500, times=None)
    assert [send(org, value).status_code for value in "787"] == [200, 500, 200]


def test_random_faults_keep_their_rate_and_their_seed(org: Sandbox) -> None:
    def outcomes() -> list[int]:
        org.faults.clear()
        org.faults.at_random(0.2, seed=5, kinds=(Kind.STATUS_500, Kind.STATUS_503))
        call = calls_to(org)
        return [call("GET", f"{CONFIGS}/{KEY}")[0] for _ in range(2000)]

    first = outcomes()
    assert first == outcomes()
    assert 300 < len(first) - first.count(200) < 500
    assert 0.35 < first.count(503) / (first.count(500) + first.count(503)) < 0.65


def test_lists_lag_behind_writes_and_single_reads_do_not(org: Sandbox, clock: Clock) -> None:
    call, path = calls_to(org), "/api_gateway/v1/badges/group"
    org.faults.list_lag = 5
    _, made = call("POST", path, body={"name": "Lagging", "rank": 1})
    names = [group["name"] for group in call("GET", path)[1]["data"]["badgeGroups"]]
    assert "Lagging" not in names
    assert call("GET", f"{path}/{made['data']['id']}")[0] == 200
    clock.now += 5
    names = [group["name"] for group in call("GET", path)[1]["data"]["badgeGroups"]]
    assert "Lagging" in names


def test_latency_beyond_the_clients_patience(clock: Clock) -> None:
    slow = Sandbox(clock=clock, auth=False, latency_ms=80)
    with pytest.raises(httpx.ReadTimeout):
        send(slow, timeout=0.01)
    assert send(slow).elapsed.total_seconds() >= 0.08


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Kind.REFUSED, httpx.RemoteProtocolError),
        (Kind.DROP_BEFORE, httpx.RemoteProtocolError),
        (Kind.DROP_AFTER, httpx.RemoteProtocolError),
        (Kind.TIMEOUT_AFTER, httpx.ReadTimeout),
    ],
)
def test_lost_connections_over_sockets(org: Sandbox, kind: Kind, error: type[Exception]) -> None:
    with serving(org) as url, httpx.Client(base_url=url, timeout=0.3) as http:
        org.faults.at(1, kind)
        with pytest.raises(error):
            http.post(CONFIGS, json=set_to("7"))
        org.faults.clear()
        expected = "7" if kind in {Kind.DROP_AFTER, Kind.TIMEOUT_AFTER} else "1"
        assert http.get(f"{CONFIGS}/{KEY}").json()["value"] == expected


def test_a_connection_is_given_up_after_the_hang(org: Sandbox) -> None:
    with serving(org) as url, httpx.Client(base_url=url, timeout=5) as http:
        org.faults.at(1, Kind.TIMEOUT_AFTER, hang=0.05)
        with pytest.raises(httpx.RemoteProtocolError):
            http.post(CONFIGS, json=set_to("7"))


def test_cut_json_over_a_socket_is_framed_right(org: Sandbox) -> None:
    with serving(org) as url, httpx.Client(base_url=url) as http:
        org.faults.next(Kind.CUT_JSON)
        answer = http.get(f"{CONFIGS}/{KEY}")
        assert len(answer.content) == int(answer.headers["content-length"])
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            answer.json()


SERVE = """
import sys
from capsync.sandbox.serve import serve
serve(sys.argv[1], bound=lambda url: print(url, flush=True), rate_limit=3)
"""


def test_a_server_answers_until_interrupted(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVE, str(tmp_path / "org.db")]
    with Popen(command, stdout=PIPE, stderr=PIPE, text=True) as server:
        assert server.stdout is not None
        with httpx.Client(base_url=server.stdout.readline().strip()) as http:
            token = http.post("/v3/oauth/token/generate", json=OAUTH).json()["data"]["accessToken"]
            http.headers["X-CAP-API-OAUTH-TOKEN"] = token
            statuses = [http.get(f"{CONFIGS}/{KEY}").status_code for _ in range(4)]
        server.send_signal(SIGINT)
        server.communicate(timeout=20)
    assert statuses == [200, 200, 200, 429]


def test_only_loopback_is_served() -> None:
    with pytest.raises(ValueError, match="loopback"):
        serve(":memory:", "0.0.0.0")
