"""Coupon series against their documented examples, quirks and refusals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from capsync.sandbox.app import Sandbox
from capsync.sandbox.coupons_checks import SETTINGS
from capsync.sandbox.coupons_fields import COUNTERS, float32, int32, with_defaults
from capsync.sandbox.coupons_store import SERIES, hold
from capsync.sandbox.coupons_views import _LEGACY
from capsync.sandbox.organization_products import put_product
from tests.sandbox.acceptance import differences, load
from tests.sandbox.conftest import Call, Clock, calls_to

PATH = "/v2/coupon/series"
MINIMAL = {
    "description": "Welcome",
    "discountCode": "WELCOME",
    "discountType": "ABS",
    "discountValue": 10,
    "anyUser": True,
    "smsTemplate": "Hi",
    "clientHandlingType": "DISC_CODE",
    "expiryStrategyType": "SERIES_EXPIRY",
    "validTillDate": "2027-12-31T00:00:00Z",
}

# "Depend on age of deployment" (api notes: coupons 1.2); the sandbox is a new one.
AGE = ("validTillDateTime", "redemptionPerCouponMaxLimit")

EXAMPLES = {example.name[:2]: example for example in load("coupons")}


def of_age(actual: Any, documented: Any) -> Any:
    """Our answer without the fields that the deployment of the example did not have yet."""
    return {k: v for k, v in actual.items() if k not in AGE or k in documented}


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def create(call: Call, **members: Any) -> Any:
    status, body = call("POST", PATH, body={"CouponSeriesV2": {**MINIMAL, **members}})
    assert status == 200, body
    return body


def refused(call: Call, method: str = "POST", path: str = PATH, **members: Any) -> tuple[int, int]:
    """HTTP status and body code of a write that fails."""
    sent = {k: v for k, v in {**MINIMAL, **members}.items() if v is not ...}
    status, body = call(method, path, body={"CouponSeriesV2": sent})
    assert body["warnings"] == []
    assert body["errors"][0]["status"] is False
    return status, body["errors"][0]["code"]


def update(call: Call, series_id: int, **members: Any) -> Any:
    sent = {k: v for k, v in {**MINIMAL, "seriesCode": "S1", **members}.items() if v is not ...}
    status, body = call("PUT", f"{PATH}/{series_id}", body={"CouponSeriesV2": sent})
    assert status == 200, body
    return body


def read(call: Call, series_id: int) -> Any:
    status, body = call("GET", PATH, query={"ids": series_id, "couponType": "ALL"})
    assert status == 200, body
    return body["entity"][0]


def stored(row: Any, **members: Any) -> Any:
    """A whole series as the store holds it, from a documented row."""
    return {**{k: v for k, v in row.items() if k != "warnings"}, **members}


@pytest.mark.parametrize("number", ["02", "04"])
def test_create_examples(call: Call, clock: Clock, number: str) -> None:
    example = EXAMPLES[number]
    clock.now = moment(example.answer["createdOn"])
    status, body = call("POST", example.path, body=example.body)
    assert status == 200
    assert differences(of_age(body, example.answer), example.answer, volatile={"seriesCode"}) == []


def test_the_fragment_with_product_codes(sandbox: Sandbox, call: Call) -> None:
    sent = EXAMPLES["06"].body["CouponSeriesV2"]
    ids = [
        put_product(sandbox.store, "BRAND", code, code)["id"] for code in ("northline", "OAKHAM")
    ]
    made = create(call, **sent)
    assert "productInfo" not in made
    assert read(call, made["id"])["productInfo"] == [{"productType": "BRAND", "productIds": ids}]


@pytest.mark.parametrize("number", ["08", "10"])
def test_update_examples(sandbox: Sandbox, call: Call, clock: Clock, number: str) -> None:
    example = EXAMPLES[number]
    answer = example.answer
    hold(sandbox.store, stored(answer, seriesCode="OLD", **COUNTERS))
    clock.now = moment(answer["lastUsed"])
    status, body = call("PUT", example.path, query=example.query, body=example.body)
    assert status == 200
    assert differences(of_age(body, answer), answer) == []
    assert body["createdOn"] == answer["createdOn"]


@pytest.mark.parametrize("number", ["12", "14", "18", "20"])
def test_read_examples(sandbox: Sandbox, call: Call, number: str) -> None:
    example = EXAMPLES[number]
    for row in reversed(example.answer["entity"]):
        hold(sandbox.store, row)
    status, body = call("GET", example.path, query=example.query)
    assert status == 200
    assert differences(body, example.answer) == []
    assert [row["id"] for row in body["entity"]] == [r["id"] for r in example.answer["entity"]]


def from_legacy(item: Any) -> Any:
    """The series behind an item of the v1.1 list."""
    flags = {"0": False, "1": True, "false": False, "true": True}
    plain = with_defaults(MINIMAL)
    series = {**plain, **{new: item[old] for old, new in _LEGACY.items()}, **COUNTERS}
    for name, value in series.items():
        if isinstance(plain.get(name), bool) and isinstance(value, str):
            series[name] = flags[value]
    counts = item["coupons"]
    till = {"redemptionOrgEntityType": "TILL", "orgEntityId": 50023344}
    return {
        **series,
        "numIssued": counts["issued"],
        "numRedeemed": counts["redeemed"],
        "redemptionOrgEntityDetails": [till],
    }


def test_the_legacy_example(sandbox: Sandbox, call: Call) -> None:
    example = EXAMPLES["16"]
    item = example.answer["response"]["series"]["items"]["item"]
    hold(sandbox.store, from_legacy(item))
    status, body = call("GET", example.path, query=example.query)
    assert status == 200
    assert differences(body, example.answer, volatile={"tills"}) == []
    shown = body["response"]["series"]["items"]["item"]
    assert shown["valid_redemption_org_entities"]["tills"] == "[50023344]"
    assert shown["last_used"] == item["last_used"]


def test_every_example_is_covered() -> None:
    assert sorted(EXAMPLES) == ["02", "04", "06", "08", "10", "12", "14", "16", "18", "20"]


def test_server_defaults(call: Call) -> None:
    series = create(call)
    assert (series["info"], series["tag"], series["seriesType"]) == (
        "Welcome",
        "Welcome",
        "UNDEFINED",
    )
    assert (series["maxCreate"], series["resendMessageEnabled"]) == (-1, True)
    assert not {"couponPrefix", "isPrefixEnabled", "genericCode", "metadata"} & series.keys()


def test_a_series_code_is_replaced_on_create_and_kept_on_update(call: Call) -> None:
    made = create(call, seriesCode="MINE")
    assert len(made["seriesCode"]) == 20
    assert update(call, made["id"], seriesCode="MINE")["seriesCode"] == "MINE"
    found = call("GET", PATH, query={"seriesCodes": "MINE"})[1]["entity"]
    assert [row["id"] for row in found] == [made["id"]]


def test_an_update_replaces_everything(call: Call) -> None:
    made = create(
        call,
        maxCreate=5,
        metadata="x",
        customPropertyMap={"team": "crm"},
        productInfo=[{"productType": "BRAND", "productIds": [1]}],
        redemptionOrgEntityDetails=[{"redemptionOrgEntityType": "STORE", "orgEntityId": 4}],
        couponPrefix="A",
        isPrefixEnabled=True,
    )
    before = read(call, made["id"])
    assert before["customPropertyMap"] == {"team": "crm"}
    assert before["redemptionOrgEntityDetails"][0]["orgEntityId"] == 4
    update(call, made["id"], validTillDate=...)
    after = read(call, made["id"])
    gone = {"customPropertyMap", "productInfo", "redemptionOrgEntityDetails", "metadata"}
    assert not (gone | {"couponPrefix", "isPrefixEnabled"}) & after.keys()
    assert (after["maxCreate"], after["fixedExpiryDate"]) == (-1, 0)
    assert after["validTillDate"] == after["validTillDateTime"] == "1970-01-01T00:00:00Z"


def test_identity_and_counters_are_not_taken_from_the_body(call: Call) -> None:
    made = create(call, id=1, orgId=999, createdBy=3, numIssued=8, numTotal=9, lastUsed="x")
    assert made["id"] != 1
    assert (made["orgId"], made["createdBy"]) == (100737, 75000222)
    assert (made["numIssued"], made["numTotal"]) == (0, 0)
    assert read(call, made["id"])["numTotal"] == -1
    assert update(call, made["id"], id=1, orgId=999)["id"] == made["id"]
    assert read(call, made["id"])["numTotal"] == 0


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ("2027-06-12T00:00:00+05:30", "2027-06-11"),
        ("2027-06-12T23:50:79+0530", "2027-06-12"),
        ("2027-06-11T00:00:00Z", "2027-06-11"),
        ("2027-06-12T01:00:00-03:00", "2027-06-12"),
        ("2027-06-12", "2027-06-12"),
        ("2020-01-01T00:00:00Z", "2020-01-01"),
    ],
)
def test_dates_are_cut_to_the_utc_day(call: Call, sent: str, day: str) -> None:
    series = create(call, validTillDate=sent, redemptionValidFrom=sent)
    assert series["validTillDate"] == series["redemptionValidFrom"] == f"{day}T00:00:00Z"
    assert series["validTillDateTime"] == f"{day}T23:59:59Z"
    assert series["fixedExpiryDate"] == moment(f"{day}T00:00:00Z") * 1000


def test_discount_values_are_32_bit_floats_printed_in_two_ways(call: Call) -> None:
    made = create(call, discountValue=150000000000000, discountUpto=12.35)
    assert made["discountValue"] == 150000004759552
    row = read(call, made["id"])
    assert row["discountValue"] == 150000005000000
    assert row["discountUpto"] == 12.3500004
    assert float32(12.5) == 12.5


def test_whole_numbers_wrap_at_32_bits(call: Call) -> None:
    made = create(call, maxCreate=10000000297830, maxRedeem=2147483648)
    assert (made["maxCreate"], made["maxRedeem"]) == (1316432742, -2147483648)
    assert int32("7") == 7


def test_overridden_values(call: Call) -> None:
    made = create(
        call, validDaysFromCreation=7, maxReferralsPerReferee=3, redeemStoreType="any", ownerId=0
    )
    assert (made["validDaysFromCreation"], made["maxReferralsPerReferee"]) == (30, -1)
    assert (made["redeemStoreType"], made["ownerId"]) == ("redeemable_stores", -1)
    assert "campaignName" not in create(call, campaignName="x")


@pytest.mark.parametrize("limit", [None, -1])
def test_no_limit_per_coupon(call: Call, limit: int | None) -> None:
    assert create(call, redemptionPerCouponMaxLimit=limit)["redemptionPerCouponMaxLimit"] == -1


def test_handling_and_expiry_can_not_be_changed(call: Call) -> None:
    made = create(call)
    changed = update(
        call, made["id"], expiryStrategyType="DAYS", clientHandlingType="DISC_CODE_PIN"
    )
    assert changed["expiryStrategyType"] == "SERIES_EXPIRY"
    assert changed["clientHandlingType"] == "DISC_CODE"


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"description": ...}, 400, 400),
        ({"smsTemplate": ""}, 400, 400),
        ({"validTillDate": ...}, 400, 400),
        ({"discountType": "FIXED"}, 400, 400),
        ({"clientHandlingType": "GENERIC_REDEEMABLE"}, 400, 400),
        ({"expiryStrategyType": "NEVER"}, 400, 400),
        ({"ownedBy": "ME"}, 400, 400),
        ({"anyUser": "perhaps"}, 400, 629),
        ({"maxCreate": "many"}, 400, 629),
        ({"discountValue": 1e60}, 400, 629),
        ({"validTillDate": "31/12/2027"}, 400, 641),
        ({"validTillDate": "2027-13-01T00:00:00Z"}, 400, 641),
        ({"redemptionValidFrom": "soon"}, 400, 629),
        ({"seriesCode": ""}, 400, 634),
        ({"clientHandlingType": "GENERIC"}, 400, 754),
        ({"mutualExclusiveSeriesIds": "1,2"}, 400, 756),
        ({"mutualExclusiveSeriesIds": '["a"]'}, 400, 756),
        ({"mutualExclusiveSeriesIds": [1, 2]}, 400, 756),
        ({"storeIdsJson": "all"}, 400, 629),
        ({"redemptionRange": "[]"}, 400, 629),
        ({"redemptionRange": "any"}, 400, 629),
        ({"couponPrefix": "A" * 11}, 400, 629),
        ({"couponSuffix": "A B"}, 400, 629),
        ({"couponPrefix": "A", "clientHandlingType": "DISC_CODE_PIN"}, 400, 629),
        ({"isPrefixEnabled": True}, 400, 629),
        ({"isSuffixEnabled": True, "orgSuffixOverride": True, "couponSuffix": "A"}, 400, 629),
        ({"couponPrefix": "A" * 10, "randomCodeLength": 21}, 400, 629),
        ({"redemptionPerCouponMaxLimit": 0}, 400, 629),
        ({"redemptionPerCouponMaxLimit": 2, "anyUser": False}, 400, 629),
        ({"redemptionPerCouponMaxLimit": 2, "externalIssual": True}, 400, 629),
        ({"productInfo": [{"productType": "SHOE"}]}, 400, 400),
        ({"productInfo": {}}, 400, 400),
        ({"productInfo": [{"productType": "BRAND", "productCodes": ["NOPE"]}]}, 400, 400),
        ({"productInfo": [{"productType": "ATTRIBUTE", "productCodes": ["A"]}]}, 400, 400),
        ({"productInfo": [{"productType": "SKU", "productIds": ["7"]}]}, 400, 400),
        ({"productInfo": [{"productType": "BRAND", "productIds": [*range(251)]}]}, 400, 400),
        (
            {"productInfo": [{"productType": "SKU", "productIds": [1], "productCodes": ["A"]}]},
            400,
            400,
        ),
        ({"redemptionOrgEntityDetails": [{"orgEntityId": 1}]}, 400, 400),
        ({"customPropertyMap": []}, 400, 400),
        ({"targetUserDetails": []}, 400, 400),
    ],
)
def test_refusals_of_create(call: Call, members: Any, status: int, code: int) -> None:
    assert refused(call, **members) == (status, code)


def test_every_missing_field_is_named(call: Call) -> None:
    _, body = call("POST", PATH, body={"CouponSeriesV2": {}})
    assert len(body["errors"]) == 9


def test_create_needs_the_wrapper_and_update_does_not(call: Call) -> None:
    assert call("POST", PATH, body=MINIMAL)[0] == 400
    made = create(call)
    sent = {**MINIMAL, "seriesCode": "FLAT"}
    assert call("PUT", f"{PATH}/{made['id']}", body=sent)[1]["seriesCode"] == "FLAT"


def test_taken_codes(call: Call) -> None:
    first = create(call, clientHandlingType="GENERIC", genericCode="SUMMER")
    second = create(call)
    generic = {"clientHandlingType": "GENERIC", "genericCode": "SUMMER"}
    assert refused(call, **generic) == (400, 631)
    assert refused(call, seriesCode=first["seriesCode"]) == (409, 630)
    path = f"{PATH}/{second['id']}"
    assert refused(call, "PUT", path, seriesCode=first["seriesCode"]) == (400, 751)
    assert refused(call, "PUT", path, seriesCode="") == (400, 753)
    assert refused(call, "PUT", path) == (400, 400)


def test_a_freed_code_may_be_taken_again(call: Call) -> None:
    generic: dict[str, Any] = {"clientHandlingType": "GENERIC", "genericCode": "SUMMER"}
    first = create(call, **generic)
    update(call, first["id"], **{**generic, "genericCode": "WINTER"})
    second = create(call, **generic)
    assert (
        update(call, second["id"], **generic, seriesCode=first["seriesCode"])["id"] == second["id"]
    )


def test_org_defaults_of_prefix_and_suffix(sandbox: Sandbox, call: Call) -> None:
    sandbox.store.put(SETTINGS, "org", {"prefix": "ACME", "suffix": None})
    made = create(call, isPrefixEnabled=True, orgPrefixOverride=True)
    assert made["isPrefixEnabled"] is True
    assert refused(call, isSuffixEnabled=True, orgSuffixOverride=True) == (400, 629)


@pytest.mark.parametrize(("series_id", "expected"), [("x1", (400, 755)), ("77", (404, 707))])
def test_updates_of_unknown_series(call: Call, series_id: str, expected: tuple[int, int]) -> None:
    assert refused(call, "PUT", f"{PATH}/{series_id}", seriesCode="A") == expected


def test_redeemable_without_issue_is_read_only(seeded_call: Call) -> None:
    rows = seeded_call("GET", PATH, query={"couponType": "DIRECT_REDEEM"})[1]["entity"]
    path = f"{PATH}/{rows[0]['id']}"
    assert refused(seeded_call, "PUT", path, seriesCode="A") == (400, 811)


def test_product_codes_are_for_create_only(sandbox: Sandbox, call: Call) -> None:
    put_product(sandbox.store, "BRAND", "NORD", "Nord")
    by_code = [{"productType": "BRAND", "productCodes": ["nord"]}]
    made = create(call, productInfo=by_code)
    assert len(read(call, made["id"])["productInfo"][0]["productIds"]) == 1
    update(call, made["id"], productInfo=by_code)
    assert read(call, made["id"])["productInfo"] == [{"productType": "BRAND", "productIds": []}]


def test_max_create_has_to_exceed_what_is_issued(sandbox: Sandbox, call: Call) -> None:
    made = create(call)
    stored_row: Any = sandbox.store.get(SERIES, made["id"])
    sandbox.store.put(SERIES, made["id"], {**stored_row, "numIssued": 4})
    path = f"{PATH}/{made['id']}"
    assert refused(call, "PUT", path, seriesCode="A", maxCreate=4) == (400, 629)
    assert update(call, made["id"], maxCreate=5)["numIssued"] == 4
    assert update(call, made["id"], maxCreate=-10)["maxCreate"] == -10


def test_an_empty_org_answers_502(call: Call) -> None:
    status, body = call("GET", PATH, query={"couponType": "ALL", "offset": 0, "limit": 1300})
    assert (status, body["errors"][0]["code"]) == (502, 502)


def names(body: Any) -> list[str]:
    return [row["description"] for row in body["entity"]]


def test_writes_move_rows_to_the_front(call: Call, clock: Clock) -> None:
    made = []
    for name in "abc":
        made.append(create(call, description=name))
        clock.now += 10
    assert names(call("GET", PATH)[1]) == ["c", "b", "a"]
    changed = update(call, made[0]["id"], description="a2")
    assert changed["lastUsed"] != made[0]["lastUsed"]
    assert changed["createdOn"] == made[0]["createdOn"]
    assert names(call("GET", PATH)[1]) == ["a2", "c", "b"]


def test_pages(call: Call, clock: Clock) -> None:
    for number in range(5):
        create(call, description=str(number))
        clock.now += 10
    assert "pageDetails" not in call("GET", PATH)[1]
    _, body = call("GET", PATH, query={"offset": 2, "limit": 2})
    assert names(body) == ["2", "1"]
    assert body["pageDetails"] == {"offset": 2, "limit": 2, "numberOfElements": 2}
    _, body = call("GET", PATH, query={"limit": 0})
    assert (len(body["entity"]), len(body["warnings"])) == (5, 1)


def test_page_sizes_are_clipped_silently(sandbox: Sandbox, call: Call) -> None:
    row = {**create(call), "warnings": None}
    for number in range(1405):
        sandbox.store.put(SERIES, 90000 + number, {**row, "id": 90000 + number})
    assert len(call("GET", PATH)[1]["entity"]) == 1300
    _, body = call("GET", PATH, query={"limit": 2000})
    assert body["pageDetails"] == {"offset": 0, "limit": 2000, "numberOfElements": 1400}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            {},
            {"Diwali 20% off", "Free coffee", "Tier upgrade gift", "Trial shared", "Vendor April"},
        ),
        ({"couponType": "DIRECT_REDEEM"}, {"Walk in 50"}),
        ({"couponType": "ALL", "clientHandlingType": "GENERIC_REDEEMABLE"}, {"Walk in 50"}),
        ({"clientHandlingType": "GENERIC_REDEEMABLE"}, set()),
        ({"ownedBy": "LOYALTY"}, {"Tier upgrade gift"}),
        ({"clientHandlingType": "GENERIC"}, {"Trial shared"}),
        ({"status": "INACTIVE"}, set()),
    ],
)
def test_filters(seeded_call: Call, query: dict[str, str], expected: set[str]) -> None:
    status, body = seeded_call("GET", PATH, query=query)
    assert status == 200
    assert set(names(body)) == expected
    assert body["warnings"] == []


def test_two_console_series_share_a_name(seeded_call: Call) -> None:
    assert names(seeded_call("GET", PATH)[1]).count("Free coffee") == 2


def test_status_follows_the_clock(call: Call, clock: Clock) -> None:
    create(call, validTillDate="2027-12-31T00:00:00Z")
    clock.now = moment("2027-12-31T23:59:58Z")
    assert len(call("GET", PATH, query={"status": "ACTIVE"})[1]["entity"]) == 1
    clock.now += 1
    assert len(call("GET", PATH, query={"status": "INACTIVE"})[1]["entity"]) == 1
    assert call("GET", PATH, query={"status": "ACTIVE"})[1]["entity"] == []


def test_invalid_filters_are_ignored_with_a_warning(seeded_call: Call) -> None:
    whole = names(seeded_call("GET", PATH)[1])
    for name in ("ownedBy", "status", "couponType", "clientHandlingType", "offset"):
        _, body = seeded_call("GET", PATH, query={name: "wrong"})
        assert names(body) == whole
        assert len(body["warnings"]) == 1


def test_series_of_org_entities(call: Call) -> None:
    detail = {"redemptionOrgEntityType": "ZONE", "orgEntityId": 9}
    create(call, description="zoned", redemptionOrgEntityDetails=[detail])
    create(call, description="free")
    query: dict[str, Any] = {"orgEntityType": "ZONE", "orgEntityIds": [9, 10]}
    assert names(call("GET", PATH, query=query)[1]) == ["zoned"]
    assert names(call("GET", PATH, query={**query, "orgEntityIds": 11})[1]) == []
    assert call("GET", PATH, query={"orgEntityIds": 9})[0] == 400


def test_series_by_id_and_code(call: Call, clock: Clock) -> None:
    one, other = create(call, description="one"), create(call, description="other")
    _, body = call("GET", PATH, query={"ids": [one["id"], other["id"]]})
    assert {row["id"] for row in body["entity"]} == {one["id"], other["id"]}
    both = {"ids": one["id"], "seriesCodes": [one["seriesCode"], other["seriesCode"]]}
    assert names(call("GET", PATH, query=both)[1]) == ["one"]
    _, body = call("GET", PATH, query={"ids": [one["id"], 5]})
    assert (names(body), body["warnings"][0]["code"]) == (["one"], 707)
    assert call("GET", PATH, query={"ids": "5"})[1]["errors"][0]["code"] == 707
    assert call("GET", PATH, query={"seriesCodes": "NONE"})[1]["entity"] == []
    assert call("GET", PATH, query={"seriesCodes": list("abcdefghijk")})[0] == 400
    assert call("GET", PATH, query={"seriesCodes": "x" * 51})[0] == 400


def test_reads_by_id_hide_redeemable_series_too(seeded: Sandbox) -> None:
    call = calls_to(seeded)
    row = call("GET", PATH, query={"couponType": "DIRECT_REDEEM"})[1]["entity"][0]
    assert call("GET", PATH, query={"ids": row["id"]})[1]["entity"] == []


def legacy_items(body: Any) -> Any:
    return body["response"]["series"]["items"]["item"]


def test_the_legacy_list(seeded_call: Call) -> None:
    path = "/v1.1/coupon/series"
    every = legacy_items(seeded_call("GET", path, query={"format": "json"})[1])
    assert len(every) == 7
    assert "sms_template" not in every[0]
    assert legacy_items(seeded_call("GET", path, query={"expired": "true"})[1]) == []
    assert len(legacy_items(seeded_call("GET", path, query={"expired": "false"})[1])) == 7
    extended = legacy_items(seeded_call("GET", path, query={"expired": "extended"})[1])
    assert extended[0]["sms_template"].startswith("Hi")


def test_an_unknown_id_in_the_legacy_list(call: Call) -> None:
    item = legacy_items(call("GET", "/v1.1/coupon/series", query={"id": 4})[1])
    assert item["item_status"]["code"] == "707"


def test_products_in_the_legacy_list(call: Call) -> None:
    made = create(call, productInfo=[{"productType": "BRAND", "productIds": [4, 5]}])
    item = legacy_items(call("GET", "/v1.1/coupon/series", query={"id": made["id"]})[1])
    assert (item["brands"], item["products"]) == ("[4,5]", "")
