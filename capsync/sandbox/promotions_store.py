"""Where loyalty promotions are kept, by id and by the names that are unique in the org."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from capsync.sandbox.store import Store
from capsync.sandbox.targets_answers import refuse
from capsync.sandbox.web import Request

Json = Any

LISTED = "promotions"  # never published or published, not stopped
DRAFTS = "promotion-drafts"  # edits of published ones
STOPPED = "stopped-promotions"
SNAPSHOTS = "promotion-snapshots"  # what a published edit has replaced
_PLACES = (LISTED, DRAFTS, STOPPED, SNAPSHOTS)

# Unique in the org: member of the metadata, collection, code of a clash. The case rule of
# promoIdentifier is not documented; texts are taken as they are.
_UNIQUE = (
    ("name", "promotion-names", 310187),
    ("promoIdentifier", "promotion-identifiers", 310159),
)


def find(store: Store, id: str, places: Iterable[str] = _PLACES) -> Json | None:
    """The promotion with that id, wherever it is kept."""
    for place in places:
        found = store.get(place, id)
        if found is not None:
            return found
    return None


def new_id(request: Request) -> str:
    """24 hex digits: seconds, then a counter."""
    counter = request.store.next("promotion-document-id", 0xB2E1_0000_0001)
    return f"{int(request.now) & 0xFFFFFFFF:08x}{counter:016x}"


def keep(store: Store, promotion: Json) -> None:
    """Store a promotion in the place of its state."""
    place = LISTED if promotion["parentId"] is None else DRAFTS
    if promotion["status"] == "STOPPED":
        store.delete(place, promotion["id"])
        place = STOPPED
    store.put(place, promotion["id"], promotion)


def draft_of(store: Store, promotion: Json) -> Json | None:
    """The pending edit of a published promotion."""
    return store.get(DRAFTS, promotion["draftId"]) if promotion["draftId"] else None


def check_names(store: Store, metadata: Json, owner: str | None) -> None:
    """Refuse a name or identifier that another promotion holds, a stopped one included."""
    for member, collection, code in _UNIQUE:
        value = metadata.get(member)
        holder = store.get(collection, value) if value else None
        if holder not in (None, owner):
            refuse(code, f"{member} {value!r} is used by another promotion")


def hold_names(store: Store, owner: str, before: list[Json], after: list[Json]) -> None:
    """Make `owner` the holder of the names in `after`, and free what only `before` had."""
    for member, collection, _ in _UNIQUE:
        now = {content["metadata"].get(member) for content in after}
        for content in before:
            value = content["metadata"].get(member)
            if value and value not in now:
                store.delete(collection, value)
        for value in sorted(filter(None, now)):
            store.put(collection, value, owner)


def contents(store: Store, promotion: Json) -> list[Json]:
    """What a promotion and its pending edit say: the names of both are held."""
    draft = draft_of(store, promotion)
    return [p["content"] for p in (promotion, draft) if p is not None]
