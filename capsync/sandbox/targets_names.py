"""Names that are taken: groups, targets, streak levels and periods of the org, caseless."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.store import Store

Json = Any

GROUPS = "target-group-names"
TARGETS = "target-names"
LEVELS = "streak-level-names"
PERIODS = "target-period-names"

# What `isValidName` calls them; streaks are groups, so their names are group names.
BY_TYPE = {
    "targetGroupName": GROUPS,
    "targetName": TARGETS,
    "streakName": GROUPS,
    "streakLevelName": LEVELS,
    "periodName": PERIODS,
}


def holder(store: Store, names: str, name: str) -> int | None:
    """The id of what holds the name, None where it is free."""
    held = store.get(names, name.casefold())
    return None if held is None else int(held)


def take(store: Store, names: str, name: str, id: int) -> None:
    """Note the name as held."""
    store.put(names, name.casefold(), id)


def release(store: Store, names: str, name: str, id: int) -> None:
    """Free the name where that id holds it."""
    if holder(store, names, name) == id:
        store.delete(names, name.casefold())


def take_all(store: Store, group: Json) -> None:
    """Note every name that a group document carries."""
    take(store, GROUPS, group["name"], group["id"])
    for target in group["targets"]:
        take(store, TARGETS, target["name"], target["id"])
    for level in group["streaks"]:
        take(store, LEVELS, level["name"], level["id"])
    for period in group["periods"]:
        take(store, PERIODS, period["refCode"], period["id"])


def release_all(store: Store, group: Json) -> None:
    """Free every name that a group document carries."""
    release(store, GROUPS, group["name"], group["id"])
    for target in group["targets"]:
        release(store, TARGETS, target["name"], target["id"])
    for level in group["streaks"]:
        release(store, LEVELS, level["name"], level["id"])
    for period in group["periods"]:
        release(store, PERIODS, period["refCode"], period["id"])
