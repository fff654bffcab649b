"""Vendor redemptions: the calls to a vendor's system that deliver a reward."""

from __future__ import annotations

from capsync.sandbox.rewards_envelope import (
    PREFIX,
    answer,
    audit,
    brand_of,
    by_update,
    created,
    paging,
    path_brand,
    path_number,
    refusal,
    updated,
    wanted_page,
)
from capsync.sandbox.rewards_input import Body, Json, body_of
from capsync.sandbox.rewards_limits import REDEMPTION_TYPES
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

routes = Routes()

REDEMPTIONS = "reward-redemptions"


@routes("POST", f"{PREFIX}/vendor/redemption/create")
def create_redemption(request: Request) -> Reply:
    """A new redemption; equal names of one vendor are not refused."""
    body = body_of(request)
    body.need("brandId", "vendorId", "name", "redemptionType")
    brand_of(request, body.raw("brandId"), redemption=None)
    vendor = request.store.get("reward-vendors", body.number("vendorId") or 0)
    if vendor is None:
        raise refusal(5013, "could not create")
    stored = {
        "id": request.store.next("reward-redemption", 38101),
        "name": body.text("name"),
        "enabled": body.flag("enabled") is not False,
        "responseKeys": body.texts("responseKeys") or [],
        "redemptionType": body.choice("redemptionType", REDEMPTION_TYPES),
        "vendorId": vendor["id"],
        "brandId": vendor["brandId"],
        "actions": [_new_action(request.store, one) for one in body.objects("actions") or []],
        **created(request),
    }
    _keep(request.store, stored)
    return answer(5012, "vendor redemption created", redemption=_summary(stored))


@routes("PUT", f"{PREFIX}/vendor/redemption/{{redemptionId}}/brand/{{brandId}}")
def update_redemption(request: Request) -> Reply:
    """Change a redemption: actions without `actionId` are added, none is ever taken away."""
    brand = path_brand(request, redemption=None)
    stored = request.store.get(REDEMPTIONS, path_number(request, "redemptionId"))
    if stored is None or stored["brandId"] != brand:
        raise refusal(400, "redemption unknown", redemption=None)
    body = body_of(request)
    body.need("redemptionType", "actions", "vendorId")
    vendor = request.store.get("reward-vendors", body.number("vendorId") or 0)
    if vendor is None:
        raise refusal(400, "vendor unknown", redemption=None)
    _set_actions(request.store, stored, body.objects("actions") or [])
    enabled, keys = body.flag("enabled"), body.texts("responseKeys")
    request.store.delete(f"reward-redemptions-of/{stored['vendorId']}", stored["id"])
    stored |= {
        "name": body.text("name") or stored["name"],
        "enabled": stored["enabled"] if enabled is None else enabled,
        "responseKeys": stored["responseKeys"] if keys is None else keys,
        "redemptionType": body.choice("redemptionType", REDEMPTION_TYPES),
        "vendorId": vendor["id"],
        **updated(request),
    }
    _keep(request.store, stored)
    return answer(5016, "vendor redemption updated", redemption=_summary(stored))


def _keep(store: Store, stored: Json) -> None:
    store.put(REDEMPTIONS, stored["id"], stored)
    store.put(f"reward-redemptions-of/{stored['vendorId']}", stored["id"], stored["id"])


def _set_actions(store: Store, stored: Json, sent: list[Body]) -> None:
    places = {one["id"]: place for place, one in enumerate(stored["actions"])}
    for body in sent:
        id = body.number("actionId")
        if id is None:
            stored["actions"].append(_new_action(store, body))
        elif id in places:
            stored["actions"][places[id]] = {"id": id, **_action(body)}
        else:
            raise refusal(400, "action unknown", redemption=None)


def _new_action(store: Store, body: Body) -> Json:
    return {"id": store.next("reward-redemption-action", 28801), **_action(body)}


def _action(body: Body) -> Json:
    body.need("name", "execOrder", "apiUrl", "apiType", "apiHeaders", "contextKeys")
    text = body.text("apiBody", None)
    return {
        "name": body.text("name"),
        "enabled": body.flag("enabled") is not False,
        "apiType": body.text("apiType"),
        "apiUrl": body.text("apiUrl", None),
        "apiHeaders": body.mapping("apiHeaders"),
        "apiBody": body.text("apiBodyField", None) if text is None else text,
        "execOrder": body.number("execOrder", 1),
        "contextKeys": body.mapping("contextKeys"),
        "retryAction": body.flag("retryAction") or False,
    }


@routes("GET", f"{PREFIX}/vendor/redemptions")
def list_redemptions(request: Request) -> Reply:
    """One page of the org's redemptions, whole, changed last first."""
    nothing: Json = {"redemptionList": None, "pagingDetails": None}
    bad_page = refusal(8000, "page or size invalid", http=200, **nothing)
    number, size = wanted_page(request, 50, refused=bad_page)
    kind = request.get("redemptionType")
    if kind is not None and kind not in REDEMPTION_TYPES:
        raise refusal(2110, "redemptionType unknown", http=200, **nothing)
    vendors = (request.get("vendorId") or request.get("vendorIds") or "").split(",")
    found = [
        one
        for one in request.store.all(REDEMPTIONS)
        if kind in {None, one["redemptionType"]}
        and (vendors == [""] or str(one["vendorId"]) in vendors)
    ]
    page = by_update(found, request.get("order", "DESC"))[number * size : (number + 1) * size]
    return answer(
        5011,
        "redemptions found",
        redemptionList=[_whole(one, _vendor_name(request.store, one)) for one in page],
        pagingDetails=paging(len(found), number, size),
    )


@routes("GET", f"{PREFIX}/vendor/{{vendorId}}/redemption/brand/{{brandId}}")
def list_vendor_redemptions(request: Request) -> Reply:
    """Summaries of a vendor's redemptions, all of them unless a page is asked for."""
    vendor = _vendor(request, redemptionList=None)
    ids = request.store.all(f"reward-redemptions-of/{vendor['id']}")
    found = [request.store.get(REDEMPTIONS, id) for id in ids]
    ordered = by_update(found, request.get("orderBy", "DESC"))
    if request.get("page") or request.get("size"):
        number, size = wanted_page(request, 50)
        ordered = ordered[number * size : (number + 1) * size]
    return answer(5011, "redemptions found", redemptionList=[_summary(one) for one in ordered])


@routes("GET", f"{PREFIX}/vendor/{{vendorId}}/redemption/{{redemptionId}}/brand/{{brandId}}")
def get_redemption(request: Request) -> Reply:
    """One redemption, whole, without the vendor's name."""
    vendor = _vendor(request, redemption=None)
    stored = request.store.get(REDEMPTIONS, path_number(request, "redemptionId"))
    if stored is None or stored["vendorId"] != vendor["id"]:
        raise refusal(404, "redemption unknown", http=404, redemption=None)
    return answer(5011, "redemption found", redemption=_whole(stored, None))


def _vendor(request: Request, **payload: Json) -> Json:
    vendor = request.store.get("reward-vendors", path_number(request, "vendorId"))
    if vendor is None or str(vendor["brandId"]) != request.params["brandId"]:
        raise refusal(404, "vendor or brand unknown", http=404, **payload)
    return vendor


def _vendor_name(store: Store, stored: Json) -> str | None:
    vendor = store.get("reward-vendors", stored["vendorId"])
    return None if vendor is None else str(vendor["name"])


def _whole(stored: Json, vendor_name: str | None) -> Json:
    named = ("id", "name", "enabled", "responseKeys", "redemptionType", "vendorId")
    return {
        **{name: stored[name] for name in named},
        "vendorName": vendor_name,
        **audit(stored),
        "redemptionActionList": stored["actions"] or None,
    }


def _summary(stored: Json) -> Json:
    named = ("id", "name", "redemptionType", "enabled")
    shown = {name: stored[name] for name in named}
    return {**shown, "actionCount": len(stored["actions"]), **audit(stored)}
