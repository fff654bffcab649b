"""Which rewards use a category or a group: what a disable or a rename takes off them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from capsync.sandbox.store import Store

Json = Any


def rewards_in(brand: int) -> str:
    """The collection of a brand's rewards."""
    return f"rewards/{brand}"


def note_links(store: Store, brand: int, reward: Json) -> None:
    """Remember what a reward uses; links that it gives up are sorted out when they are read."""
    place = [brand, reward["id"]]
    for category in reward["categories"]:
        store.put(f"rewards-in-category/{category}", reward["id"], place)
    for group in reward["groups"]:
        store.put(f"rewards-in-group/{group['groupName']}", reward["id"], place)


def unlink_category(store: Store, category: int) -> None:
    """Take a category off every reward."""

    def strip(reward: Json) -> None:
        reward["categories"] = [one for one in reward["categories"] if one != category]

    _change(store, f"rewards-in-category/{category}", strip)


def unlink_group(store: Store, name: str) -> None:
    """Take a group, known by its name, off every reward."""

    def strip(reward: Json) -> None:
        reward["groups"] = [one for one in reward["groups"] if one["groupName"] != name]

    _change(store, f"rewards-in-group/{name}", strip)


def _change(store: Store, index: str, strip: Callable[[Json], None]) -> None:
    for brand, id in store.all(index):
        reward = store.get(rewards_in(brand), id)
        if reward is not None:
            strip(reward)
            store.put(rewards_in(brand), id, reward)
        store.delete(index, id)
