from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from capsync.api.dialect import Call, Paging
from capsync.api.dialects import COUPON_LIST, GATEWAY, V2_OBJECT
from capsync.errors import ApiError, Garbled, NotFound

from .service import Service, ok

Json = Any
LIST = Call("GET", "/v2/things", V2_OBJECT, params={"status": "ALL"})


class Org:
    """A list of numbered rows, answered in pages as `shape` words them."""

    def __init__(
        self,
        rows: int,
        shape: Callable[..., Json],
        *,
        clip: int = 1000,
        position: str = "page",
        by_rows: bool = False,
    ) -> None:
        self.rows = [{"id": number} for number in range(rows)]
        self.shape, self.clip = shape, clip
        self.position, self.by_rows = position, by_rows
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = dict(request.url.params)
        self.asked.append(asked)
        size = min(int(asked["size"]), self.clip)
        place = int(asked[self.position])
        start = place if self.by_rows else place * size
        page = self.rows[start : start + size]
        is_last = start + size >= len(self.rows)
        return ok(self.shape(page, total=len(self.rows), size=size, last=is_last))


def with_total(page: Json, *, total: int, **_: Any) -> Json:
    return {"rows": page, "pagination": {"total": str(total)}}


def with_pages(page: Json, *, total: int, size: int, **_: Any) -> Json:
    return {"rows": page, "pagination": {"totalPages": -(-total // size)}}


def with_last(page: Json, *, last: bool, **_: Any) -> Json:
    return {"rows": page, "pagination": {"last": last}}


def with_nothing(page: Json, **_: Any) -> Json:
    return {"rows": page}


TOLD = {
    with_total: {"total": "pagination.total"},
    with_pages: {"total_pages": "pagination.totalPages"},
    with_last: {"last": "pagination.last"},
    with_nothing: {},
}


def read(org: Any, paging: Paging | None, path: str = "rows", call: Call = LIST) -> list[Json]:
    return Service(org).run(lambda client: client.rows(call, path, paging))


@pytest.mark.parametrize("shape", TOLD)
@pytest.mark.parametrize("rows", [0, 1, 9, 10, 11, 20, 35])
@pytest.mark.parametrize("clip", [1000, 4])
@pytest.mark.parametrize("counts", ["pages", "rows"])
def test_every_row_comes_once_in_order(shape: Any, rows: int, clip: int, counts: str) -> None:
    org = Org(rows, shape, clip=clip, by_rows=counts == "rows")
    assert read(org, Paging(10, counts=counts, **TOLD[shape])) == org.rows


@pytest.mark.parametrize(
    ("shape", "requests"), [(with_total, 4), (with_pages, 4), (with_last, 4), (with_nothing, 5)]
)
def test_no_request_more_than_needed(shape: Any, requests: int) -> None:
    org = Org(35, shape)
    read(org, Paging(10, **TOLD[shape]))
    assert len(org.asked) == requests
    assert sorted(int(asked["page"]) for asked in org.asked) == list(range(requests))


def test_parameters_of_every_page() -> None:
    org = Org(15, with_total, position="pageNo")
    paging = Paging(10, position="pageNo", size_names=("size", "limit"), total="pagination.total")
    read(org, paging)
    assert org.asked[1] == {"status": "ALL", "size": "10", "limit": "10", "pageNo": "1"}


def test_pages_may_start_at_one() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        return ok({"rows": [page] if page <= 3 else []})

    assert read(answer, Paging(1, first=1)) == [1, 2, 3]


def test_further_pages_are_read_side_by_side() -> None:
    flying = most = 0
    org = Org(100, with_total)

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal flying, most
            flying += 1
            most = max(most, flying)
            await asyncio.sleep(0.002)
            flying -= 1
            return org(request)

    service = Service(org)
    service.transport = Slow()  # type: ignore[assignment]
    paging = Paging(10, total="pagination.total")
    rows = service.run(lambda client: client.rows(LIST, "rows", paging), concurrency=5)
    assert rows == org.rows
    assert most == 5


@pytest.mark.parametrize("shape", [with_total, with_last, with_nothing])
def test_a_server_that_ignores_the_position_is_found_out(shape: Any) -> None:
    org = Org(30, shape, position="offset", by_rows=True)

    def stuck(request: httpx.Request) -> httpx.Response:
        params = request.url.params.merge({"offset": 0})
        return org(httpx.Request("GET", request.url.copy_with(params=params)))

    with pytest.raises(Garbled, match="does not move with `page`"):
        read(stuck, Paging(10, **TOLD[shape]))


def test_an_endless_list_ends() -> None:
    numbers = iter(range(10**9))
    with pytest.raises(Garbled, match="no end after 10000 pages"):
        read(lambda _: ok({"rows": [next(numbers)]}), Paging(1))


def test_fewer_rows_than_told_is_an_error_with_both_numbers() -> None:
    org = Org(25, lambda page, **_: {"rows": page, "total": 30})
    with pytest.raises(ApiError, match="has 30 rows, but only 25 came") as caught:
        read(org, Paging(10, total="total"))
    assert (caught.value.path, caught.value.request_id) == ("/v2/things", "req-1")
    with pytest.raises(ApiError, match="has 30 rows, but only 0 came"):
        read(lambda _: ok({"rows": [], "total": 30}), Paging(10, total="total"))


def test_an_object_deleted_meanwhile_is_no_error() -> None:
    pages = [list(range(10)), list(range(10, 19))]

    def answer(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        return ok({"rows": pages[page] if page < 2 else [], "total": 20 - page})

    assert read(answer, Paging(10, total="total")) == list(range(19))


def test_one_page_that_fails_fails_the_list_as_itself() -> None:
    org = Org(100, with_total)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.params["page"] == "4":
            return ok({"errors": [{"code": 9, "message": "gone"}]}, 404)
        return org(request)

    with pytest.raises(NotFound):
        read(answer, Paging(10, total="pagination.total"))


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"rows": None}, []),
        ({"rows": ""}, []),
        ({"rows": []}, []),
        ({"rows": {"id": 1}}, [{"id": 1}]),
        ({"rows": [1, 2]}, [1, 2]),
    ],
)
def test_rows_in_one_answer(payload: Json, expected: list[Json]) -> None:
    assert read(ok(payload), None) == expected


def test_rows_may_be_the_payload_itself() -> None:
    call = Call("GET", "/x", GATEWAY)
    assert read(ok({"data": [1], "errors": None}), None, path="", call=call) == [1]
    assert read(ok({"data": None, "errors": None}), None, path="", call=call) == []
    assert read(ok({"data": None, "errors": None}), None, path="badgeGroups", call=call) == []


def test_a_list_whose_member_is_missing_is_garbled_and_not_empty() -> None:
    with pytest.raises(Garbled, match=r"no `a\.rows`"):
        read(ok({"a": {"other": []}}), None, path="a.rows")
    with pytest.raises(Garbled, match="no `rows`"):
        read(ok({"other": [], "total": 3}), Paging(10, total="total"))
    assert read(ok({"total": 0}), Paging(10, total="total")) == []


def test_the_code_for_nothing_is_no_rows() -> None:
    answer = ok({"errors": [{"status": False, "code": 502, "message": "no coupon series"}]})
    call = Call("GET", "/v2/coupon/series", COUPON_LIST)
    paging = Paging(1300, position="offset", size_names=("limit",), counts="rows")
    assert read(answer, paging, path="", call=call) == []


def test_a_list_may_go_on_above_the_last_id() -> None:
    ids = [3, 5, 8, 9, 14]

    def answer(request: httpx.Request) -> httpx.Response:
        above = int(request.url.params["start_id"])
        return ok({"rows": [{"id": str(each)} for each in ids if each > above][:2]})

    paging = Paging(2, position="start_id", counts="ids")
    assert [row["id"] for row in read(answer, paging)] == ["3", "5", "8", "9", "14"]


def test_rows_without_an_id_to_go_on_from_are_garbled() -> None:
    paging = Paging(2, position="start_id", counts="ids")
    with pytest.raises(Garbled, match="no `id`"):
        read(ok({"rows": [{"code": "a"}]}), paging)
