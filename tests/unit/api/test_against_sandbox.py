"""The client against the embedded API: tokens, limits, faults and lists as the service has them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from capsync.api.client import Client
from capsync.api.dialect import Call, Paging
from capsync.api.dialects import COUPON_LIST, GATEWAY, REWARDS, V2_DATA, V2_OBJECT, V3
from capsync.api.settings import Basic, Oauth, Settings
from capsync.errors import Ambiguous, AuthError, NotFound, PlanBlocked
from capsync.sandbox.app import Sandbox
from capsync.sandbox.faults import TRANSIENT, Kind
from capsync.sandbox.inprocess import SandboxTransport
from capsync.secret import Secret

from .clock import FakeClock

T = TypeVar("T")

WHO = Call("GET", "/v2/organization/hierarchy", V2_OBJECT)
GROUPS = Call("GET", "/api_gateway/v1/badges/group", GATEWAY)
GROUP_PAGES = Paging(10, total="data.pagination.total", total_pages="data.pagination.totalPages")
OAUTH = Oauth("sandbox", Secret("sandbox"))


def new_group(name: str) -> Call:
    body = {"name": name, "description": "d", "rank": 1, "isActive": True}
    return Call("POST", "/api_gateway/v1/badges/group", GATEWAY, body=body)


class World:
    """A sandbox and clients of it, all on one clock."""

    def __init__(self, *, seed: bool = False, **options: Any) -> None:
        self.clock = FakeClock(1_800_000_000.0)
        self.sandbox = Sandbox(clock=self.clock, seed=seed, **options)

    def client(self, **settings: Any) -> Client:
        settings = {"endpoint": "sandbox", "auth": OAUTH, **settings}
        return Client(
            Settings(**settings),
            transport=SandboxTransport(self.sandbox),
            clock=self.clock,
            sleep=self.clock.sleep,
            rng=lambda: 0.5,
        )

    def run(self, work: Callable[[Client], Awaitable[T]], **settings: Any) -> T:
        async def main() -> T:
            async with self.client(**settings) as client:
                return await work(client)

        try:
            return asyncio.run(main())
        finally:
            self.sandbox.close()


def test_a_token_is_had_and_proves_the_org() -> None:
    async def work(client: Client) -> Any:
        return await client.claims(), await client.send(WHO)

    claims, answer = World().run(work, org_id=100737)
    assert (claims.org_id, claims.client_id) == (100737, "sandbox")
    assert answer.payload["baseOrganization"]["id"] == 100737
    assert answer.request_id


def test_the_wrong_org_and_the_wrong_password() -> None:
    with pytest.raises(PlanBlocked):
        World().run(lambda client: client.send(WHO), org_id=1)
    with pytest.raises(AuthError):
        World().run(lambda client: client.send(WHO), auth=Oauth("sandbox", Secret("wrong")))
    with pytest.raises(AuthError):
        World().run(lambda client: client.send(WHO), auth=Basic("till1", Secret("wrong")))
    World().run(lambda client: client.send(WHO), auth=Basic("till1", Secret("sandbox")))


def test_tokens_that_run_out_in_mid_run_are_never_noticed() -> None:
    world = World(token_ttl=60)

    async def work(client: Client) -> Any:
        for number in range(30):
            await client.send(new_group(f"group {number}"))
            world.clock.now += 25
        return client.counts

    counts = world.run(work)
    # A token of 60 s is used for 42 s, so for two calls that are 25 s apart.
    assert (counts.writes, counts.tokens, counts.repeated) == (30, 15, 0)


def test_a_laptop_that_slept_goes_on_with_a_new_token() -> None:
    world = World(token_ttl=300)
    asleep = 0.0

    async def work(client: Client) -> None:
        nonlocal asleep
        await client.send(WHO)
        # The monotonic clock stands still while the machine sleeps; that of the service does not.
        asleep = 3600
        await asyncio.gather(*(client.send(new_group(f"g{n}")) for n in range(8)))
        assert client.counts.tokens == 2
        assert len(await client.rows(GROUPS, "badgeGroups", GROUP_PAGES)) == 8

    world.sandbox.clock = lambda: world.clock.now + asleep
    world.run(work)


def test_a_rate_limit_that_is_kept_is_never_met() -> None:
    world = World(rate_limit=100)

    async def work(client: Client) -> Any:
        await asyncio.gather(*(client.send(WHO) for _ in range(450)))
        return client.counts

    counts = world.run(work, rate_limit=100)
    assert counts.repeated == 0
    assert world.clock.now - 1_800_000_000 < 4.2 * 61


def test_a_rate_limit_set_too_high_is_found() -> None:
    world = World(rate_limit=60)

    async def work(client: Client) -> Any:
        await asyncio.gather(*(client.send(WHO) for _ in range(300)))
        return client.counts

    counts = world.run(work, rate_limit=600)
    assert counts.reads - counts.repeated == 300
    assert counts.repeated < 120
    assert world.clock.now - 1_800_000_000 < 900


def test_a_burst_of_429_is_waited_out() -> None:
    world = World()
    world.sandbox.faults.next(Kind.RATE_429, times=5, retry_after=7)
    world.run(lambda client: client.send(WHO))
    assert 35 <= world.clock.now - 1_800_000_000 < 60


@pytest.mark.parametrize("rows", [0, 1, 9, 10, 25])
def test_lists_come_whole(rows: int) -> None:
    async def work(client: Client) -> list[Any]:
        for number in range(rows):
            await client.send(new_group(f"group {number}"))
        return await client.rows(GROUPS, "badgeGroups", GROUP_PAGES)

    names = [row["name"] for row in World().run(work)]
    assert sorted(names) == sorted(f"group {number}" for number in range(rows))


def test_an_org_without_coupon_series_has_an_empty_list() -> None:
    call = Call("GET", "/v2/coupon/series", COUPON_LIST, params={"couponType": "ALL"})
    paging = Paging(1300, position="offset", size_names=("limit",), counts="rows")
    assert World().run(lambda client: client.rows(call, "", paging)) == []


def test_customer_labels_of_an_org_without_any() -> None:
    dialect = replace(V2_DATA, empty=frozenset({"33002"}))
    call = Call("GET", "/v2/organization/labels", dialect)
    assert World().run(lambda client: client.rows(call, "")) == []


def test_brands_are_read_by_a_post() -> None:
    call = Call("POST", "/api_gateway/rewards/core/v1/brand/getAll", REWARDS, body={}, reads=True)
    body = {"orgIds": [100737]}
    world = World(seed=True)
    answer = world.run(lambda client: client.send(replace(call, body=body)))
    assert answer.body["brandList"]


def test_an_unknown_object_is_not_found() -> None:
    call = Call("GET", "/api_gateway/v1/badges/badgeMeta/ffffffffffffffffffffffff", GATEWAY)
    with pytest.raises(NotFound):
        World().run(lambda client: client.send(call))


AMBIGUOUS = {
    Kind.DROP_BEFORE,
    Kind.DROP_AFTER,
    Kind.TIMEOUT_AFTER,
    Kind.STATUS_500,
    Kind.HTML_502,
    Kind.CUT_JSON,
}


@pytest.mark.parametrize("kind", [*TRANSIENT, Kind.TIMEOUT_AFTER, Kind.AUTH_401])
def test_faults_around_a_create_make_no_second_object(kind: Kind) -> None:
    world = World()
    world.sandbox.faults.at(0, kind)

    async def work(client: Client) -> list[Any]:
        if kind in AMBIGUOUS:
            with pytest.raises(Ambiguous):
                await client.send(new_group("walkers"))
        else:
            await client.send(new_group("walkers"))
        return await client.rows(GROUPS, "badgeGroups", GROUP_PAGES)

    rows = world.run(work, timeout=0.05)
    landed = kind not in {Kind.DROP_BEFORE, Kind.STATUS_500, Kind.HTML_502}
    assert len(rows) == landed


@pytest.mark.parametrize("kind", [*TRANSIENT, Kind.TIMEOUT_AFTER, Kind.ERROR_IN_200])
def test_reads_outlive_every_fault(kind: Kind) -> None:
    world = World()
    world.sandbox.faults.when(lambda call: call.method == "GET", kind, times=3)
    world.run(lambda client: client.send(WHO), timeout=0.05)


def test_a_read_of_a_v3_list() -> None:
    call = Call("GET", "/v3/webHooks", V3)
    assert World().run(lambda client: client.rows(call, "")) == []
