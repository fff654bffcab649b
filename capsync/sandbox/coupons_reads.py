"""Coupon series as lists show them, in the words of v2 and of v1.1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from capsync.sandbox.coupons_checks import refusal
from capsync.sandbox.coupons_fields import HANDLING, ORG_ENTITIES, OWNERS, instant
from capsync.sandbox.coupons_store import CODES, SERIES
from capsync.sandbox.coupons_views import legacy, listed
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

_PAGE = 1300
_PAGE_MOST = 1400
_CODES_MOST = 10
_CODE_LONGEST = 50


@routes("GET", "/v2/coupon/series")
def list_series(request: Request) -> Reply:
    """Series that fit, newest `lastUsed` first; pageDetails only where a page was asked for."""
    store, warnings = request.store, list[Json]()
    if not store.page(SERIES, 0, 1):
        # Instead of an empty list (api notes: coupons 1.1).
        raise refusal(502, 502, "No coupon series exist for this org")
    rows = _named(request, warnings)
    for keep in _filters(request, warnings):
        rows = [row for row in rows if keep(row)]
    rows.sort(key=lambda row: str(row["lastUsed"]), reverse=True)
    offset = _number(request, "offset", 0, warnings, least=0)
    limit = _number(request, "limit", _PAGE, warnings, least=1)
    page = rows[offset : offset + min(limit, _PAGE_MOST)]
    body: Json = {"entity": [listed(row) for row in page], "warnings": warnings}
    if request.get("offset") is not None or request.get("limit") is not None:
        body["pageDetails"] = {"offset": offset, "limit": limit, "numberOfElements": len(page)}
    return Reply(body)


def _named(request: Request, warnings: list[Json]) -> list[Json]:
    """The series with the ids and codes that were asked for, all of them without any."""
    ids, codes = request.all("ids"), request.all("seriesCodes")
    if len(codes) > _CODES_MOST or any(len(code) > _CODE_LONGEST for code in codes):
        raise refusal(400, 400, "At most 10 series codes of at most 50 characters")
    if not ids and not codes:
        return request.store.all(SERIES)[::-1]
    if codes:
        found = [request.store.get(CODES, code) for code in codes]
        # Together with ids: the docs do not say whether the union or what both name.
        ids = [str(one) for one in found if one is not None and (not ids or str(one) in ids)]
    rows = [request.store.get(SERIES, one) for one in dict.fromkeys(ids)]
    known = [row for row in rows if row is not None]
    if len(known) < len(rows):
        if not known:
            raise refusal(400, 707, "Coupon series id is invalid")
        warnings.append(_warning(707, "Some coupon series ids are invalid"))
    return known[::-1]


def _filters(request: Request, warnings: list[Json]) -> Iterator[Callable[[Json], bool]]:
    kinds = ("ISSUE_AND_REDEEM", "DIRECT_REDEEM", "ALL")
    coupon_type = _choice(request, "couponType", kinds, warnings) or kinds[0]
    if coupon_type != "ALL":
        direct = coupon_type == "DIRECT_REDEEM"
        yield lambda row: (row["clientHandlingType"] == "GENERIC_REDEEMABLE") == direct
    status = _choice(request, "status", ("ACTIVE", "INACTIVE", "BOTH"), warnings)
    if status in ("ACTIVE", "INACTIVE"):
        yield lambda row: is_live(row, request.now) == (status == "ACTIVE")
    for name, values in (("ownedBy", OWNERS), ("clientHandlingType", HANDLING)):
        wanted = _choice(request, name, values, warnings)
        if wanted is not None:
            yield lambda row, name=name, wanted=wanted: bool(row[name] == wanted)  # type: ignore[misc]
    entities = set(request.all("orgEntityIds"))
    if entities:
        kind = request.get("orgEntityType")
        if kind not in ORG_ENTITIES:
            raise refusal(400, 400, "orgEntityType is required with orgEntityIds")
        yield lambda row: any(
            item["redemptionOrgEntityType"] == kind and str(item["orgEntityId"]) in entities
            for item in row.get("redemptionOrgEntityDetails", ())
        )


def is_live(series: Json, now: float) -> bool:
    """Whether the series has not ended; what makes one inactive is not documented."""
    end = series.get("validTillDateTime") or series["validTillDate"]
    return instant(end).timestamp() > now


def _choice(
    request: Request, name: str, values: tuple[str, ...], warnings: list[Json]
) -> str | None:
    value = request.get(name)
    if value is None or value in values:
        return value
    # A filter that is not understood is ignored: the answer is larger than asked.
    warnings.append(_warning(400, f"Invalid {name} is ignored"))
    return None


def _number(request: Request, name: str, default: int, warnings: list[Json], *, least: int) -> int:
    value = request.get(name)
    if value is None:
        return default
    if value.isdecimal() and least <= int(value) < 2**31:
        return int(value)
    warnings.append(_warning(400, f"Invalid {name} is ignored"))
    return default


def _warning(code: int, message: str) -> Json:
    return {"status": False, "code": code, "message": message}


@routes("GET", "/v1.1/coupon/series")
def list_legacy(request: Request) -> Reply:
    """All series with the names of v1.1, unpaged; one item is an object, several an array."""
    wanted, expired = request.get("id"), request.get("expired")
    rows = [request.store.get(SERIES, wanted)] if wanted else request.store.all(SERIES)
    if expired in ("true", "false"):
        rows = [row for row in rows if row and is_live(row, request.now) == (expired == "false")]
    items = [
        _unknown_item(wanted) if row is None else legacy(row, extended=expired == "extended")
        for row in rows
    ]
    status = {"success": "true", "code": "200", "message": "Success"}
    shown: Json = items[0] if len(items) == 1 else items
    return Reply({"response": {"status": status, "series": {"items": {"item": shown}}}})


def _unknown_item(series_id: str | None) -> Json:
    message = "Coupon series id is invalid"
    return {
        "id": series_id,
        "item_status": {"success": "false", "code": "707", "message": message},
    }
