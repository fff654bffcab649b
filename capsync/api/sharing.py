"""Reads that several make: the same call goes out once, and each finds its own object in it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import replace
from types import TracebackType
from typing import Self

from capsync import jsonio
from capsync.api.dialect import Answer, Call, MissingMember


class SharedReads:
    """Sends each read once for all who make it. Use as an async context manager: answers are kept
    until it ends, so that it suits only the short time in which a list may count as the same.
    """

    def __init__(self, send: Callable[[Call], Awaitable[Answer]]) -> None:
        self._send = send
        self._answers: dict[Hashable, asyncio.Future[Answer]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        for answer in self._answers.values():
            answer.cancel()
        await asyncio.gather(*self._answers.values(), return_exceptions=True)

    async def send(self, call: Call) -> Answer:
        """The answer to a read, with the object where the call's own dialect finds it. Who shares
        a read that fails fails with it."""
        name = _name(call)
        if name not in self._answers:
            self._answers[name] = asyncio.ensure_future(self._send(call))
        answer = await asyncio.shield(self._answers[name])
        if answer.payload is None:
            return answer
        try:
            return replace(answer, payload=call.dialect.payload(answer.body))
        except (
            MissingMember
        ):  # another dialect looks elsewhere: the call by itself tells what fails
            return await self._send(call)


def _name(call: Call) -> Hashable:
    """What two calls have in common that the same answer serves; dialects may differ in where
    the object is."""
    dialect = call.dialect
    return (
        call.method,
        call.path,
        jsonio.dumps_sorted([call.params or {}, call.headers or {}, call.body]),
        call.admin,
        (dialect.faults, dialect.empty, dialect.missing, dialect.again, dialect.settled),
    )
