"""Whatever is sent, the answer is one of the documented ones and never a crash of the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox import test_badges, test_coupons
from tests.sandbox.conftest import Call

ODD: list[Any] = [
    *(None, True, 0, -1, -1e25, 2**64 - 1, 1e25, 1.5, "", "x", "é" * 300, "1970-01-01"),
    *([], [None], [[]], ["x"], [{}], [1], {}, {"x": None}, {"expiryType": "ABSOLUTE"}),
]
BADGE_FIELDS = (
    *("name", "description", "startOn", "startOnISO", "expiresOn", "expiresOnISO", "earnType"),
    *("earnedBadgeExpiry", "issuedBadgeExpiry", "images", "ownership", "customerConstraints"),
    *("badgeConstraints", "benefits", "tags", "badgeGroupId", "badgeRank", "customFields"),
    *("defaultTillId", "active", "id"),
)
COUPON_FIELDS = (
    *test_coupons.MINIMAL,
    *("seriesCode", "maxCreate", "discountUpto", "customPropertyMap", "productInfo"),
    *("redemptionOrgEntityDetails", "targetUserDetails", "mutualExclusiveSeriesIds"),
    *("redemptionRange", "redemptionValidFrom", "couponPrefix", "isPrefixEnabled"),
    *("redemptionPerCouponMaxLimit", "genericCode", "ownedBy", "ownerId", "minBillAmount"),
)
WINDOW = test_badges.fixed()
NESTED = [
    ("ownership", "restrictedToOwners", {}),
    *(("earnedBadgeExpiry", name, {"expiryType": "RELATIVE"}) for name in ("value", "type")),
    *(("customerConstraints", name, WINDOW) for name in WINDOW),
    ("customerConstraints", "startDayOfTheWeek", {**WINDOW, "durationType": "WEEKS"}),
    ("benefits", "seriesId", {"benefitType": "COUPON"}),
]


def settled(answer: tuple[int, Any]) -> bool:
    status, body = answer
    return status in (200, 201) or bool(status in (400, 404, 409, 500) and body["errors"])


@pytest.mark.parametrize("name", BADGE_FIELDS)
def test_odd_badges(call: Call, name: str) -> None:
    made = test_badges.create(call, name="known")
    for number, value in enumerate(ODD):
        sent = {**test_badges.body(name=f"n{number}"), name: value}
        assert settled(call("POST", test_badges.BADGE, body=sent)), value
        assert settled(call("PUT", test_badges.BADGE, body={"id": made["id"], **sent})), value
    assert call("GET", test_badges.BADGE, query={"size": 100})[0] == 200


@pytest.mark.parametrize(("field", "name", "rest"), NESTED)
def test_odd_parts_of_badges(call: Call, field: str, name: str, rest: Any) -> None:
    for number, value in enumerate(ODD):
        part = {**rest, name: value}
        listed = field in ("customerConstraints", "benefits")
        sent = test_badges.body(name=f"n{number}", **{field: [part] if listed else part})
        assert settled(call("POST", test_badges.BADGE, body=sent)), value


@pytest.mark.parametrize("name", COUPON_FIELDS)
def test_odd_coupons(call: Call, name: str) -> None:
    made = test_coupons.create(call)
    path = f"{test_coupons.PATH}/{made['id']}"
    for value in ODD:
        sent = {"CouponSeriesV2": {**test_coupons.MINIMAL, "seriesCode": "S", name: value}}
        assert settled(call("POST", test_coupons.PATH, body=sent)), value
        assert settled(call("PUT", path, body=sent)), value
    assert call("GET", test_coupons.PATH)[0] == 200
    assert call("GET", "/v1.1/coupon/series")[0] == 200


WRITES = [
    *(("POST", path) for path in ("/v2/coupon/series", "/v2/organization/configs")),
    *(("POST", f"/api_gateway/v1/badges/{path}") for path in ("group", "customField", "orgMeta")),
    *(("POST", "/v3/oauth/token/generate"), ("PUT", "/api_gateway/v1/badges/badgeMeta")),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_odd_bodies(call: Call, method: str, path: str) -> None:
    for value in ODD[1:]:
        status, _ = call(method, path, body=value)
        assert status in (400, 401)
        for name in ("name", "dataType", "rank", "defaultValue", "tags", "keyName", "key"):
            status, _ = call(method, path, body={"name": "n", "dataType": "DATE", name: value})
            assert status in (200, 201, 400, 401, 409, 500)


READS = [
    ("/api_gateway/v1/badges/badgeMeta", ("page", "size", "status", "startOn", "sortOn")),
    ("/api_gateway/v1/badges/badgeMeta/getFixedWindowDetails", ("badgeMetaId", "customerId")),
    ("/v2/coupon/series", ("ids", "offset", "limit", "status", "seriesCodes", "orgEntityIds")),
    ("/v1.1/coupon/series", ("id", "expired")),
    ("/v1.1/organization/entities", ("limit", "start_id", "id", "modified_since")),
    ("/v2/organization/till", ("code", "tillId")),
    ("/v2/product/brands", ("limit", "offset", "childrenLimit", "childrenOffset", "sortBy")),
    ("/api_gateway/v2/audits", ("limit", "pageNo", "entityId", "sortOrder")),
]


@pytest.mark.parametrize(("path", "names"), READS)
def test_odd_queries(seeded_call: Call, path: str, names: tuple[str, ...]) -> None:
    basis = {"type": "STORE", "entityType": "CARD", "entityId": "1", "includeChildren": "true"}
    for name in names:
        for value in ("", "-1", "0", "x", "9" * 30, "1.5", "é"):
            status, _ = seeded_call("GET", path, query={**basis, name: value})
            assert status in (200, 400, 404), (name, value)
