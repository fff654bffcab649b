"""Reads that go out once for all who make them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from capsync.api.dialect import Answer, Call
from capsync.api.dialects import V2_DATA, V2_ENTITY
from capsync.api.sharing import SharedReads
from capsync.errors import ApiError, Garbled

Json = Any
FIRST = replace(V2_DATA, payload=lambda body: V2_DATA.payload(body)[:1])


class Service:
    """Answers every call with one body, or fails."""

    def __init__(self, body: Json = None, *, payload: Json = ..., error: ApiError | None = None):
        self.sent: list[Call] = []
        self._body, self._payload, self._error = body, payload, error

    async def send(self, call: Call) -> Answer:
        """What a client gives."""
        self.sent.append(call)
        await asyncio.sleep(0)
        if self._error is not None:
            raise self._error
        payload = call.dialect.payload(self._body) if self._payload is ... else self._payload
        return Answer(payload, self._body, 200)


def read(path: str = "/list", **members: Any) -> Call:
    return Call("GET", path, members.pop("dialect", V2_DATA), **members)


async def ask(service: Service, calls: Sequence[Call]) -> list[Any]:
    async with SharedReads(service.send) as shared:
        found = await asyncio.gather(*map(shared.send, calls), return_exceptions=True)
    return [each.payload if isinstance(each, Answer) else each for each in found]


def test_each_finds_its_own_object_in_one_answer() -> None:
    service = Service({"data": [1, 2]})
    asked = asyncio.run(ask(service, [read(), read(dialect=FIRST), read()]))
    assert asked == [[1, 2], [1], [1, 2]]
    assert len(service.sent) == 1


@pytest.mark.parametrize(
    "other",
    [
        read("/other"),
        read(params={"page": 1}),
        read(headers={"language": "en"}),
        read(body={"a": 1}),
        read(admin=True),
        read(dialect=V2_ENTITY),
        read(dialect=replace(V2_DATA, empty=frozenset({"1"}))),
    ],
)
def test_other_calls_go_out_by_themselves(other: Call) -> None:
    service = Service({"data": [], "entity": []})
    asyncio.run(ask(service, [read(), other]))
    assert len(service.sent) == 2


def test_an_answer_that_says_there_is_nothing_says_so_to_all() -> None:
    service = Service({"errors": []}, payload=None)
    assert asyncio.run(ask(service, [read(), read(dialect=FIRST)])) == [None, None]
    assert len(service.sent) == 1


def test_who_looks_elsewhere_is_told_by_a_call_of_its_own() -> None:
    service = Service({"data": [3]}, payload=[3])
    elsewhere = replace(V2_DATA, payload=V2_ENTITY.payload)
    assert asyncio.run(ask(service, [read(), read(dialect=elsewhere)])) == [[3], [3]]
    assert len(service.sent) == 2


def test_a_failure_is_of_all_who_share_it() -> None:
    service = Service(error=Garbled("no JSON"))
    asked = asyncio.run(ask(service, [read(), read()]))
    assert [type(each) for each in asked] == [Garbled, Garbled]
    assert len(service.sent) == 1


def test_reads_are_ended_with_the_block() -> None:
    async def leave() -> asyncio.Task[Answer]:
        service = Service({"data": []})
        async with SharedReads(service.send) as shared:
            asked = asyncio.ensure_future(shared.send(read()))
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await asked
        return asked

    assert asyncio.run(leave()).cancelled()
