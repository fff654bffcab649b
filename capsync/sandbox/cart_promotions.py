"""Cart promotions, as far as other families look them up: the list of the org."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

PROMOTIONS = "cart-promotions"


def seed_console(store: Store, org_id: int, now: float) -> None:
    """One promotion that rewards hand out, one for every cart, and an inactive one."""
    listed = (("Free delivery", "REWARD", True), ("Ten off", "POS", True), ("Old", "POS", False))
    for number, (name, type, active) in enumerate(listed, 1):
        id = f"6a10c2f4be45aa10f2b7{number:04x}"
        store.put(PROMOTIONS, id, _promotion(org_id, now, id, name, type, active=active))


def _promotion(org_id: int, now: float, id: str, name: str, type: str, *, active: bool) -> Json:
    made, day = int(now) * 1000, 86_400_000
    return {
        "id": id,
        "name": name,
        "orgId": org_id,
        "priority": 0,
        "active": active,
        "messageLabel": "",
        "type": type,
        "condition": {
            "type": "CART",
            "cartCondition": {
                "kpi": "SUBTOTAL",
                "operator": "GREATER_THAN_OR_EQUAL",
                "value": "400.000000",
            },
        },
        "action": {
            "type": "CART_BASED",
            "cartBasedAction": {"type": "PERCENTAGE", "value": "10.000000"},
        },
        "createdBy": 75000111,
        "createdOn": made,
        "lastUpdatedBy": 75000111,
        "lastUpdatedOn": made,
        "startDate": made,
        "endDate": made + 365 * day,
        "campaignId": 264001,
        "promotionRestrictions": {},
        "earnLimitedToSpecificAudience": False,
        "customFieldValues": {},
        "customerActivationRequired": False,
        "mode": "DISCOUNT",
        "maxIssuancePerCustomer": 1,
        "isStackable": False,
    }


@routes("GET", "/api_gateway/v1/promotions")
def list_promotions(request: Request) -> Reply:
    """Every promotion of the org, or those of `promotionIds`, unpaged."""
    wanted = request.get("promotionIds")
    ids = None if wanted is None else set(wanted.split(","))
    rows = [row for row in request.store.all(PROMOTIONS) if ids is None or row["id"] in ids]
    return Reply({"data": rows})
