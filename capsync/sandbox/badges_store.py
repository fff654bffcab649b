"""Where badges are kept, and the names that no two of them share."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.badges_values import unknown
from capsync.sandbox.store import Store

Json = Any

BADGES = "badges"
_NAMES = "badge-names"


def hold(store: Store, badge: Json, *, renamed_from: str | None = None) -> None:
    """Store a badge and its name, which stays taken when it is deactivated or has ended."""
    if renamed_from is not None and renamed_from != badge["name"]:
        store.delete(_NAMES, renamed_from)
    store.put(BADGES, badge["id"], badge)
    store.put(_NAMES, badge["name"], badge["id"])


def name_holder(store: Store, name: str) -> str | None:
    """The id of the badge with exactly that name."""
    found = store.get(_NAMES, name)
    return None if found is None else str(found)


def known_badge(store: Store, badge_id: str) -> Json:
    """The badge; refuses the call where there is none."""
    badge = store.get(BADGES, badge_id)
    if badge is None:
        raise unknown("Badge")
    return badge
