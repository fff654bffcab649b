"""Lists read to their end, as the server tells it; never by the length of a page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from typing import Any

from capsync.api.dialect import Answer, Call, Paging, at
from capsync.errors import ApiError, Garbled

Json = Any
Send = Callable[[Call], Awaitable[Answer]]

_MOST_PAGES = 10_000  # a list that goes on for longer repeats itself in some way


@dataclass(frozen=True, slots=True)
class _Page:
    answer: Answer
    rows: list[Json]
    made: list[Json]


def as_it_is(row: Json) -> Json:
    """The row itself."""
    return row


async def all_rows(
    send: Send,
    call: Call,
    path: str,
    paging: Paging | None,
    make: Callable[[Json], Json] = as_it_is,
) -> list[Json]:
    """What `make` gives for every row at `path` of the payload; without paging, for those of the
    one answer. Rows are made something of while further pages are under way.

    Raises Garbled where the member is missing or the pages do not move, ApiError where the server
    tells more rows than it gives.
    """
    if paging is None:
        answer = await send(call)
        return [make(row) for row in rows_at(call, answer, path, total=None)]
    return await _List(send, call, path, paging, make).read()


def rows_at(call: Call, answer: Answer, path: str, total: int | None) -> list[Json]:
    """The rows of one answer: null and "" are none, and one object alone is one row, as in what
    was XML once (api notes: v1.1). A member that is missing is Garbled, unless `total` is 0."""
    value = at(answer.payload, path)
    if value is None and answer.payload is not None and total != 0:
        parent, _, member = path.rpartition(".")
        holder = at(answer.payload, parent)
        if path and isinstance(holder, Mapping) and member not in holder:
            raise _garbled(call, answer, f"the answer has no `{path}`")
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list) else [value]


class _List:
    """One list being read."""

    def __init__(
        self, send: Send, call: Call, path: str, paging: Paging, make: Callable[[Json], Json]
    ) -> None:
        self._send, self._call, self._path, self._paging = send, call, path, paging
        self._make = make
        self._totals: list[int] = []

    async def read(self) -> list[Json]:
        """All rows. Where the first page tells how many there are, the others are read at once."""
        pages = [await self._page(0, 0)]
        step = len(pages[0].rows)
        if step:
            count = self._page_count(pages[0])
            pages += await _together(self._page(n, n * step) for n in range(1, count))
            self._must_move(pages)
            await self._read_on(pages)
        made = [each for page in pages for each in page.made]
        self._must_be_all(made, pages[-1])
        return made

    async def _page(self, number: int, offset: int) -> _Page:
        paging = self._paging
        position = number if paging.counts == "pages" else offset
        params = dict(self._call.params or {}) | dict.fromkeys(paging.size_names, paging.size)
        params[paging.position] = paging.first + position
        answer = await self._send(replace(self._call, params=params))
        total = self._number(answer, paging.total)
        if total is not None:
            self._totals.append(total)
        rows = rows_at(self._call, answer, self._path, total)
        return _Page(answer, rows, [self._make(row) for row in rows])

    @staticmethod
    def _number(answer: Answer, path: str) -> int | None:
        value: Json = at(answer.body, path) if path else None
        return int(value) if str(value).isdecimal() else None

    def _page_count(self, first: _Page) -> int:
        """How many pages there are, by what the first says; 1 where it does not say."""
        if self._totals:
            # By the rows that came, not by the size asked for: limits may be clipped silently.
            return min(ceil(self._totals[0] / len(first.rows)), _MOST_PAGES)
        told = self._number(first.answer, self._paging.total_pages)
        return min(told or 1, _MOST_PAGES)

    async def _read_on(self, pages: list[_Page]) -> None:
        """Read further pages until the server says that this was the last, or one is empty."""
        offset = sum(len(page.rows) for page in pages)
        while pages[-1].rows and not self._is_end(pages, offset):
            if len(pages) >= _MOST_PAGES:
                raise _garbled(self._call, pages[-1].answer, f"no end after {len(pages)} pages")
            place = self._last_id(pages[-1]) if self._paging.counts == "ids" else offset
            pages.append(await self._page(len(pages), place))
            offset += len(pages[-1].rows)
            self._must_move(pages[-2:])

    def _last_id(self, page: _Page) -> int:
        """The highest id of a page, above which the next one starts."""
        ids = [str(at(row, "id")) for row in page.rows]
        if not all(map(str.isdecimal, ids)):
            raise _garbled(self._call, page.answer, "a row has no `id` to go on from")
        return max(map(int, ids))

    def _is_end(self, pages: Sequence[_Page], rows: int) -> bool:
        if self._totals:
            return rows >= min(self._totals)
        answer = pages[-1].answer
        told = self._number(answer, self._paging.total_pages)
        if told is not None:
            return len(pages) >= told
        return bool(self._paging.last) and at(answer.body, self._paging.last) in (True, "true")

    def _must_move(self, pages: Sequence[_Page]) -> None:
        for before, page in pairwise(pages):
            if page.rows and page.rows == before.rows:
                raise _garbled(
                    self._call,
                    page.answer,
                    f"the list does not move with `{self._paging.position}`: "
                    "the same page came twice",
                )

    def _must_be_all(self, rows: Sequence[Json], last: _Page) -> None:
        """Fewer rows than any page told are too few: rows deleted meanwhile lower the total."""
        if not self._totals or len(rows) >= min(self._totals):
            return
        raise ApiError(
            f"the list has {min(self._totals)} rows, but only {len(rows)} came",
            hint="something may have changed it in the meantime: try again",
            method=self._call.method,
            path=self._call.path,
            status=last.answer.status,
            request_id=last.answer.request_id,
        )


def _garbled(call: Call, answer: Answer, message: str) -> Garbled:
    return Garbled(
        message,
        method=call.method,
        path=call.path,
        status=answer.status,
        request_id=answer.request_id,
    )


async def _together(pages: Iterable[Awaitable[_Page]]) -> list[_Page]:
    """The pages in order, read side by side; the first failure ends them all and is raised."""
    tasks = [asyncio.ensure_future(page) for page in pages]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
