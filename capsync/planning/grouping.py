"""Changes that go out together: creates that share one call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from capsync.model import Action
from capsync.planning.item import Item
from capsync.requests import left_to_update


def grouped(items: Iterable[Item]) -> list[list[Item]]:
    """Changes as groups that go out together: bulk creates in chunks, all others alone."""
    groups: dict[Any, list[list[Item]]] = {}
    for item in items:
        bulk = item.kind.bulk
        if bulk is None or not may_go_in_bulk(item):
            groups[item.address] = [[item]]
            continue
        canon = item.wanted.canon if item.wanted else item.raw
        together = tuple(str(canon.get(name)) for name in bulk.together)
        chunks = groups.setdefault((item.kind.name, together), [[]])
        if len(chunks[-1]) >= bulk.max:
            chunks.append([])
        chunks[-1].append(item)
    return [chunk for chunks in groups.values() for chunk in chunks]


def may_go_in_bulk(item: Item) -> bool:
    """Whether a change is a create that the bulk call of its kind carries whole."""
    is_create = item.change.action is Action.CREATE
    return is_create and not left_to_update(item.kind, item.raw)
