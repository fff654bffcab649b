"""Vendors: who delivers rewards. What they are told in confidence comes back masked."""

from __future__ import annotations

from capsync.sandbox.rewards_envelope import (
    PREFIX,
    answer,
    audit,
    brand_of,
    by_update,
    created,
    path_brand,
    path_number,
    refusal,
    status,
    updated,
)
from capsync.sandbox.rewards_files import media, shown_media
from capsync.sandbox.rewards_input import Body, Json, body_of
from capsync.sandbox.rewards_metadata import wanted_state
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

routes = Routes()

_TYPES = frozenset({"REWARDS", "POINTS"})
_NAMES, _CODES = "reward-vendor-names", "reward-vendor-codes"


@routes("POST", f"{PREFIX}/vendor/create")
def create_vendor(request: Request) -> Reply:
    """A new vendor, enabled; without a code it gets its id for one."""
    body = body_of(request)
    body.need("name", "brandId", "type")
    brand = brand_of(request, body.raw("brandId"), vendor=None)
    written = _written(body)
    _refuse_second_points_vendor(request.store, brand, written)
    stored = {**_BLANK, **written, "brandId": brand, "enabled": True, **created(request)}
    stored["id"] = request.store.next("reward-vendor", 731)
    _require_types(stored)
    _keep(request.store, None, stored)
    return answer(5002, "vendor created", vendor=_whole(request, stored))


@routes("PUT", f"{PREFIX}/vendor/{{vendorId}}")
def update_vendor(request: Request) -> Reply:
    """Change a vendor: what is left out is kept, null clears."""
    stored = _known(request)
    body = body_of(request)
    body.need("name", "enabled", "type")
    written = _written(body)
    if stored["type"] == "POINTS" != written["type"]:
        raise refusal(400, "the type of a POINTS vendor can not change")
    if stored["type"] != written["type"]:
        _refuse_second_points_vendor(request.store, stored["brandId"], written)
    stored_now = {**stored, **written, "enabled": body.flag("enabled"), **updated(request)}
    _require_types(stored_now)
    _keep(request.store, stored, stored_now)
    if "vendorDetails" not in body:
        return answer(5010, "vendor updated", vendor=_whole(request, stored_now))
    # Two answers are documented, and not when which comes: this one beside secrets.
    short = {name: stored_now[name] for name in ("id", "name")}
    short["vendorDetails"] = _masked(stored_now["vendorDetails"])
    return Reply({"status": status("VENDOR_UPDATED", "vendor updated"), "vendor": short})


@routes("PUT", f"{PREFIX}/vendor/{{vendorId}}/status/{{action}}/brand/{{brandId}}")
def set_vendor_status(request: Request) -> Reply:
    """Enable or disable; the answer shows neither media nor details."""
    brand, enabled = path_brand(request, vendorRo=None), wanted_state(request)
    stored = _known(request, key="vendorRo")
    if stored["brandId"] != brand:
        raise refusal(5004, "vendor unknown", http=200, vendorRo=None)
    stored = {**stored, "enabled": enabled, **updated(request)}
    request.store.put("reward-vendors", stored["id"], stored)
    shown = {**_whole(request, stored), "vendorDetails": None, "images": None, "videos": None}
    return answer(5006, "vendor status changed", vendorRo=shown)


@routes("GET", f"{PREFIX}/vendor/{{vendorId}}/details")
def get_vendor(request: Request) -> Reply:
    """One vendor, and how many redemptions it has."""
    stored = _known(request)
    configured = request.store.count(f"reward-redemptions-of/{stored['id']}")
    shown = {**_shown(request, stored), "redemptionsConfigured": configured}
    return answer(5001, "vendor found", vendor=shown)


@routes("GET", f"{PREFIX}/vendor/brand/{{brandId}}")
def list_vendors(request: Request) -> Reply:
    """The vendors of one type, REWARDS by default, in both states, changed last first."""
    brand = path_brand(request, vendorList=None)
    kind = request.get("type", "REWARDS")
    if kind not in _TYPES:
        raise refusal(400, "type must be REWARDS or POINTS")
    enabled, code = request.get("enabled"), request.get("code")
    found = [
        one
        for one in request.store.all("reward-vendors")
        if (one["brandId"], one["type"]) == (brand, kind)
        and (enabled is None or one["enabled"] == (enabled.lower() == "true"))
        and code in {None, one["code"]}
    ]
    ordered = by_update(found, request.get("orderBy", "DESC"))
    vendors = [_shown(request, one) for one in ordered]
    if request.get("sortBy") is None:
        for vendor in vendors:
            for name in ("createdBy", "createdOn", "createdOnDateTime", "lastUpdatedBy"):
                del vendor[name]
    return answer(5001, "vendors found", vendorList=vendors)


def _known(request: Request, key: str = "vendor") -> Json:
    stored = request.store.get("reward-vendors", path_number(request, "vendorId"))
    if stored is None:
        raise refusal(5004, "vendor unknown", http=200, **{key: None})
    return stored


_BLANK: Json = {
    "code": None,
    "rank": None,
    "description": None,
    "isEncryptionRequired": False,
    "vendorTypes": None,
    "vendorDetails": {},
    "images": [],
    "videos": [],
}


def _written(body: Body) -> Json:
    """What a body says, with null for what it clears."""
    read: Json = {
        "name": body.text("name"),
        "type": body.choice("type", _TYPES),
        "code": body.text("code") or None,
        "rank": body.number("rank", 1),
        "description": body.text("description", 1034) or None,
        "isEncryptionRequired": body.flag("isEncryptionRequired"),
        # A documented body holds other words than the table allows.
        "vendorTypes": body.texts("vendorTypes") or None,
        "vendorDetails": body.mapping("vendorDetails") or {},
        "images": media(body, "images", 5) or [],
        "videos": media(body, "videos", 2) or [],
    }
    if read["isEncryptionRequired"] is None and "isEncryptionRequired" in body:
        raise refusal(400, "isEncryptionRequired can not be null")
    return {name: value for name, value in read.items() if name in body}


def _require_types(vendor: Json) -> None:
    if vendor["isEncryptionRequired"] and not vendor["vendorTypes"]:
        raise refusal(400, "vendorTypes is required with encryption")


def _refuse_second_points_vendor(store: Store, brand: int, written: Json) -> None:
    if written["type"] == "POINTS" and any(
        (one["brandId"], one["type"]) == (brand, "POINTS") for one in store.all("reward-vendors")
    ):
        raise refusal(409, "the brand has a POINTS vendor", http=409)


def _keep(store: Store, before: Json, vendor: Json) -> None:
    """Store a vendor, its name and its code, which are unique."""
    id, name = vendor["id"], str(vendor["name"]).casefold()
    vendor["code"] = vendor["code"] or str(id)
    if before is not None:
        store.delete(_NAMES, str(before["name"]).casefold())
        store.delete(_CODES, before["code"].casefold())
    if store.get(_NAMES, name) is not None:
        raise refusal(5007, "vendor exists", http=200, vendor=None)
    if store.get(_CODES, vendor["code"].casefold()) is not None:
        raise refusal(409, "vendor code taken", http=409)
    store.put(_NAMES, name, id)
    store.put(_CODES, vendor["code"].casefold(), id)
    store.put("reward-vendors", id, vendor)


def _masked(details: Json) -> Json:
    """Asterisks for values; as many as their ciphertext is long, in base64."""
    return {name: "*" * ((len(str(value)) // 16 + 1) * 20 + 4) for name, value in details.items()}


def _shown(request: Request, stored: Json) -> Json:
    named = ("id", "name", "brandId", "enabled", "type", "rank", "code", "description")
    return {
        **{name: stored[name] for name in named},
        "vendorTypes": stored["vendorTypes"],
        "vendorDetails": _masked(stored["vendorDetails"]),
        "images": shown_media(request, stored["images"]),
        "videos": shown_media(request, stored["videos"]),
        "encryptionRequired": stored["isEncryptionRequired"],
        **audit(stored),
    }


def _whole(request: Request, stored: Json) -> Json:
    """A vendor as writes answer it."""
    return {**_shown(request, stored), "isEncryptionRequired": stored["isEncryptionRequired"]}
