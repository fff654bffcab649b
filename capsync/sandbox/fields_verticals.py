"""Verticals: the platform's catalogue and those that the org has enabled."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.fields_answers import body_object, refusal, whole_number
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

CATALOGUE = "verticals"  # documents here replace the built-in catalogue
ENABLED = "org-verticals"

_PAGE = 10  # as both documented answers have it
_PAGE_MOST = 100
_BUILT_IN = (
    "Opticians",
    "Fuel",
    "Fashion",
    "Hospitality",
    "Electronics",
    "Jewellery",
    "Pharmacy",
    "Restaurants",
    "Footwear",
    "Beauty",
    "Furniture",
    "Sports",
    "Toys",
    "Books",
    "Airlines",
    "Telecom",
    "Grocery",
)


@routes("GET", "/v2/verticals/meta")
def list_verticals(request: Request) -> Reply:
    """One page of all verticals there are."""
    return _page(request, _catalogue(request.store))


@routes("GET", "/v2/verticals")
def list_org_verticals(request: Request) -> Reply:
    """One page of the verticals that the org has enabled."""
    return _page(request, request.store.all(ENABLED))


@routes("POST", "/v2/verticals")
def enable_vertical(request: Request) -> Reply:
    """Enable a vertical; a second time is error 91032."""
    asked = body_object(request)
    id = whole_number(asked.get("verticalId"))
    if id is None:
        raise refusal(91028, "Invalid vertical", entity=False)
    known = {vertical["id"]: vertical["name"] for vertical in _catalogue(request.store)}
    if id not in known:
        raise refusal(91027, "Vertical not found", entity=False)
    if asked.get("verticalName") not in (None, known[id]):
        raise refusal(91029, "Invalid vertical name", entity=False)
    if request.store.get(ENABLED, id) is not None:
        raise refusal(91032, "Org is already mapped to this vertical", entity=False)
    vertical = {
        "orgId": request.org_id,
        "verticalId": id,
        "verticalName": known[id],
        "isActive": asked.get("isActive") is not False,
    }
    request.store.put(ENABLED, id, vertical)
    return Reply({"entity": True, "warnings": []})


@routes("DELETE", "/v2/verticals/{verticalId}")
def disable_vertical(request: Request) -> Reply:
    """Disable a vertical; the answer shows it as it was, isActive included."""
    vertical = request.store.get(ENABLED, request.params["verticalId"])
    if vertical is None:
        raise refusal(91031, "Vertical could not be disabled")
    request.store.delete(ENABLED, vertical["verticalId"])
    return Reply({**vertical, "warnings": []})


def _catalogue(store: Store) -> list[dict[str, Json]]:
    built_in = [{"id": id, "name": name} for id, name in enumerate(_BUILT_IN, 1)]
    return store.all(CATALOGUE) or built_in


def _page(request: Request, items: list[Json]) -> Reply:
    limit = whole_number(request.get("limit")) or _PAGE
    limit = max(1, min(limit, _PAGE_MOST))
    offset = max(0, whole_number(request.get("offset")) or 0)
    pagination = {"limit": limit, "offset": offset, "total": len(items)}
    data = items[offset : offset + limit]
    return Reply({"pagination": pagination, "data": data, "warnings": [], "errors": []})
