"""Coupon series: create and replace; none is ever deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from capsync.sandbox import coupons_checks as checks
from capsync.sandbox.coupons_checks import refusal
from capsync.sandbox.coupons_fields import (
    COUNTERS,
    computed,
    dated,
    second,
    with_defaults,
)
from capsync.sandbox.coupons_seed import console_series
from capsync.sandbox.coupons_store import CODES, SERIES, claim_generic_code, hold, move_code
from capsync.sandbox.coupons_views import written
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

_IMMUTABLE = ("clientHandlingType", "expiryStrategyType")


def seed_console(store: Store, org_id: int, now: float) -> None:
    """What users of the console have made."""
    for series in console_series(org_id, now):
        hold(store, {"id": store.next(SERIES, 20455), **series})


@routes("POST", "/v2/coupon/series")
def create_series(request: Request) -> Reply:
    """A new series; a seriesCode that is sent is replaced by one of the service."""
    sent = _sent(request, wrapped=True)
    checks.check_required(sent, also="validTillDate")
    checks.check_enums(sent)
    _check_sent_code(request.store, sent.get("seriesCode"))
    body = _body(request, sent, codes=True)
    series_id = request.store.next(SERIES, 20455)
    series = {
        "id": series_id,
        "orgId": request.org_id,
        **body,
        **COUNTERS,
        # 0 in the answer of a write and -1 in reads after a create (api notes: coupons 1.4).
        "numTotal": -1,
        "createdBy": request.user_id,
        "createdOn": second(request.now),
        # One second before createdOn, as in the documented answers.
        "lastUsed": second(request.now - 1),
        "seriesCode": _server_code(request.org_id, series_id),
    }
    claim_generic_code(request.store, series)
    hold(request.store, series)
    return Reply(written(series))


@routes("PUT", "/v2/coupon/series/{id}")
def update_series(request: Request) -> Reply:
    """The series as sent: whatever is left out falls back to its default."""
    known = _known(request)
    sent = {**_sent(request, wrapped=False)}
    checks.check_required(sent, also="seriesCode")
    checks.check_enums(sent)
    # Not editable after creation; whether the service refuses or ignores a change is not said.
    sent.update({name: known[name] for name in _IMMUTABLE})
    body = _body(request, sent, codes=False)
    # Limits below 0 are stored unchecked (api notes: coupons 1.4).
    if known["numIssued"] and 0 <= body["maxCreate"] <= known["numIssued"]:
        raise refusal(400, 629, "maxCreate must exceed the number already issued")
    kept = ("id", "orgId", "createdBy", "createdOn", *COUNTERS)
    series = {
        **body,
        **{name: known[name] for name in kept},
        "numTotal": 0,
        "lastUsed": second(request.now),
        "seriesCode": str(sent["seriesCode"]),
    }
    move_code(request.store, known, series)
    claim_generic_code(request.store, series)
    hold(request.store, series)
    request.store.touch(SERIES, series["id"])
    return Reply(written(series))


def _sent(request: Request, *, wrapped: bool) -> Mapping[str, Json]:
    body = request.json()
    inner = body.get("CouponSeriesV2") if isinstance(body, dict) else None
    if inner is None and not wrapped:
        # The oldest update example comes without the wrapper.
        inner = body
    if not isinstance(inner, dict):
        raise refusal(400, 400, "CouponSeriesV2 is required")
    return inner


def _known(request: Request) -> Json:
    series_id = request.params["id"]
    if not series_id.isdecimal():
        raise refusal(400, 755, "Invalid coupon series id")
    known = request.store.get(SERIES, series_id)
    if known is None:
        raise refusal(404, 707, "Coupon series id is invalid")
    if known["clientHandlingType"] == "GENERIC_REDEEMABLE":
        raise refusal(400, 811, "Operation not supported for GENERIC_REDEEMABLE series")
    return known


def _check_sent_code(store: Store, code: Json) -> None:
    # The code is ignored, yet the error table of the call lists both (api notes: coupons 1.2).
    if code == "":
        raise refusal(400, 634, "Series code is empty")
    if code is not None and store.get(CODES, str(code)) is not None:
        raise refusal(409, 630, "Duplicate series code")


def _body(request: Request, sent: Mapping[str, Json], *, codes: bool) -> dict[str, Json]:
    """Everything of a series that comes from what was sent."""
    # An array in place of its JSON text is what a table of the docs suggests: it does not parse.
    if isinstance(sent.get("mutualExclusiveSeriesIds"), list | dict):
        raise refusal(400, 756, "Invalid mutualExclusiveSeriesIds")
    try:
        fields = with_defaults(sent)
        dates = dated(sent, request.now)
    except ValueError as wrong:
        code = 641 if str(wrong) == "validTillDate" else 629
        raise refusal(400, code, f"Invalid input: {wrong}") from None
    checks.check_rules(fields, request.store)
    return {**fields, **computed(fields), **dates, **_parts(request.store, sent, codes=codes)}


def _parts(store: Store, sent: Mapping[str, Json], *, codes: bool) -> dict[str, Json]:
    parts: dict[str, Json] = {}
    if sent.get("customPropertyMap") is not None:
        parts["customPropertyMap"] = checks.properties(sent["customPropertyMap"])
    if sent.get("targetUserDetails") is not None:
        parts["targetUserDetails"] = checks.target_users(sent["targetUserDetails"])
    if sent.get("productInfo") is not None:
        parts["productInfo"] = checks.products(store, sent["productInfo"], codes=codes)
    if sent.get("redemptionOrgEntityDetails") is not None:
        details = checks.org_entities(sent["redemptionOrgEntityDetails"])
        parts["redemptionOrgEntityDetails"] = details
    return parts


def _server_code(org_id: int, series_id: int) -> str:
    return hashlib.sha256(f"{org_id}/{series_id}".encode()).hexdigest()[:20].upper()
