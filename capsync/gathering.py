"""Awaiting many things side by side: the first failure is raised as itself, the rest are ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")
V = TypeVar("V")


async def together(works: Iterable[Awaitable[T]]) -> list[T]:
    """Every result, in order. Unlike a task group, one failure is raised plainly."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def meanwhile(one: Awaitable[T], second: Awaitable[U], third: Awaitable[V]) -> tuple[T, U, V]:
    """What three different works give, done side by side."""
    works: list[Awaitable[Any]] = [one, second, third]
    first, other, last = await together(works)
    return first, other, last


async def for_each(work: Callable[[T], Awaitable[None]], items: Iterable[T], at_once: int) -> None:
    """Do the work for every item, so many at a time: those that wait take no memory. The first
    failure is raised plainly, and no further item is begun."""
    left = iter(items)

    async def worker() -> None:
        for item in left:
            await work(item)

    await together(worker() for _ in range(at_once))


def this_task() -> asyncio.Task[Any]:
    """The task that runs now."""
    task = asyncio.current_task()
    assert task is not None
    return task
