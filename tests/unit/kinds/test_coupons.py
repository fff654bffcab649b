from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from capsync.kind import Check, Task
from capsync.kinds.coupons import COUPON_SERIES
from capsync.model import NOTHING, Action, Address, FieldChange, Resource
from capsync.values.normalise import canonical
from tests.unit.kinds.examples import EXAMPLES, warned, wrong

NOW = 1_800_000_000.0  # 2027-01-15
SPEC: dict[str, Any] = {
    "description": "Spring",
    "discountCode": "SPR",
    "discountType": "ABS",
    "discountValue": 5,
    "clientHandlingType": "DISC_CODE",
    "expiryStrategyType": "SERIES_EXPIRY",
    "validTillDate": "2035-06-12T00:00:00Z",
    "anyUser": True,
    "smsTemplate": "Hi",
}
BRAND = {"productType": "BRAND"}


@pytest.mark.parametrize(
    ("more", "code", "path"),
    [
        ({"clientHandlingType": "GENERIC"}, "754", "genericCode"),
        ({"clientHandlingType": "GENERIC", "genericCode": "G", "couponPrefix": "A"}, "629", "coup"),
        ({"clientHandlingType": "DISC_CODE_PIN", "isSuffixEnabled": True}, "629", "isSuffix"),
        ({"redemptionPerCouponMaxLimit": 0}, "629", "redemptionPerCouponMaxLimit"),
        ({"redemptionPerCouponMaxLimit": 3, "anyUser": False}, "629", "redemptionPer"),
        ({"redemptionPerCouponMaxLimit": 3, "externalIssual": True}, "629", "redemptionPer"),
        ({"productInfo": [BRAND | {"productIds": [1], "productCodes": ["A"]}]}, "400", "product"),
        ({"productInfo": [BRAND | {"productIds": list(range(251))}]}, "400", "productInfo.0"),
        (
            {"productInfo": [{"productType": "ATTRIBUTE", "productCodes": ["A"]}]},
            "400",
            "productInfo.0.productCodes",
        ),
    ],
)
def test_what_the_api_refuses_is_refused_offline(
    more: dict[str, Any], code: str, path: str
) -> None:
    said = wrong("CouponSeries", SPEC | more)
    assert said
    assert said[0].startswith(path)
    assert f"(API error {code})" in said[0]


@pytest.mark.parametrize(
    "more",
    [
        {"clientHandlingType": "GENERIC", "genericCode": "G"},
        {"redemptionPerCouponMaxLimit": -1, "anyUser": False},
        {"redemptionPerCouponMaxLimit": 3},
        {
            "productInfo": [
                BRAND | {"productIds": [{"lookup": {"kind": "ProductBrand", "code": "A"}}]}
            ]
        },
        {"couponPrefix": "SPR-A", "isPrefixEnabled": True, "randomCodeLength": 5},
        {"redemptionRange": {"dom": [1, 31], "hours": [0]}},
        {"redemptionRange": {"dom": ["1", "31"], "dow": 7, "hours": "0"}},
        {"mutualExclusiveSeriesIds": '["11", 12]', "storeIdsJson": ["-1"]},
        {"validTillDate": "2031-06-12T23:50:79+05:30"},
    ],
)
def test_what_the_api_takes_passes(more: dict[str, Any]) -> None:
    assert wrong("CouponSeries", SPEC | more) == []
    assert warned("CouponSeries", SPEC | more) == []


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"maxCreate": 2147483648}, "maxCreate"),
        ({"couponPrefix": "ABCDEFGHIJK"}, "couponPrefix"),
        ({"couponPrefix": "A B"}, "couponPrefix"),
        ({"redemptionRange": {"dom": [0]}}, "redemptionRange.dom.0"),
        ({"redemptionRange": '{"hours": [24]}'}, "redemptionRange.hours.0"),
        ({"redemptionRange": {"dom": ["32"]}}, "redemptionRange.dom.0"),
        ({"redemptionRange": {"dom": 0}}, "redemptionRange.dom"),
        ({"redeemAtStore": ["x"]}, "redeemAtStore.0"),
        ({"validTillDate": "2031-06-12T23:60:00Z"}, "validTillDate"),
        ({"productInfo": [BRAND, BRAND]}, "productInfo.1"),
        ({"info": None}, "info"),
        ({"redemptionValidFrom": None}, "redemptionValidFrom"),
    ],
)
def test_values_that_can_not_be(more: dict[str, Any], path: str) -> None:
    assert [each.split(" ")[0] for each in wrong("CouponSeries", SPEC | more)] == [path]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"discountType": "PERC", "discountValue": 100}, "discountValue"),
        ({"expiryStrategyType": "DAYS"}, "expiryStrategyValue"),
        ({"isPrefixEnabled": True}, "isPrefixEnabled"),
        ({"externalIssual": True}, "anyUser"),
        ({"couponPrefix": "ABCDEFGHIJ", "couponSuffix": "Z", "randomCodeLength": 20}, "random"),
        ({"campaignName": "x"}, "campaignName"),
    ],
)
def test_what_is_odd_is_a_warning(more: dict[str, Any], path: str) -> None:
    assert wrong("CouponSeries", SPEC | more) == []
    assert [each.startswith(path) for each in warned("CouponSeries", SPEC | more)] == [True]


def test_one_generic_code_is_for_one_series() -> None:
    spec = SPEC | {"clientHandlingType": "GENERIC", "genericCode": "SAVE"}
    resources = [Resource(Address("CouponSeries", name), spec) for name in ("a", "b")]
    rule = COUPON_SERIES.project_rules[0]
    assert [(each.address.name, finding.code) for each, finding in rule(resources)] == [
        ("b", "631")
    ]


def test_documented_reads_are_specs() -> None:
    """What reads show can be written back: no error save for what only reads hold."""
    for path in sorted((EXAMPLES / "coupons").glob("*.json")):
        body = json.loads(path.read_text())["response"]["body"] or {}
        for row in body.get("entity", ()):
            spec = canonical(COUPON_SERIES.schema, COUPON_SERIES.read(row))
            spec = {name: value for name, value in spec.items() if value is not None}
            said = wrong("CouponSeries", spec)
            assert said == [], (path.name, row["id"])


def _task(action: Action, live: Mapping[str, Any] | None = None, **desired: Any) -> Task:
    return Task(
        action,
        desired,
        {**(live or {}), **desired},
        live,
        live,
        tuple((name,) for name in desired),
        "7" if live is not None else None,
        {},
        NOW,
    )


def _sent(task: Task) -> list[tuple[str, str, Any]]:
    assert COUPON_SERIES.writer is not None
    writes = COUPON_SERIES.writer(task)
    return [(each.method, each.path, each.body["CouponSeriesV2"]) for each in writes]


def test_bodies_hold_all_members_of_a_range_and_cut_days() -> None:
    sent = _sent(
        _task(
            Action.CREATE,
            redemptionRange='{"dom":[1]}',
            redemptionValidFrom="2027-06-12T00:30:00+05:30",
        )
    )
    assert [(method, path) for method, path, _body in sent] == [("POST", "/v2/coupon/series")]
    assert json.loads(sent[0][2]["redemptionRange"]) == {"dom": [1], "dow": [-1], "hours": [-1]}
    assert sent[0][2]["redemptionValidFrom"] == "2027-06-11T00:00:00Z"


def test_a_create_with_a_code_shows_both_writes() -> None:
    sent = _sent(_task(Action.CREATE, **SPEC, seriesCode="MINE"))
    assert [(method, path) for method, path, _body in sent] == [
        ("POST", "/v2/coupon/series"),
        ("PUT", "/v2/coupon/series/{id}"),
    ]
    assert "seriesCode" not in sent[0][2]
    assert sent[1][2]["seriesCode"] == "MINE"


def test_retiring_ends_the_series_yesterday() -> None:
    sent = _sent(_task(Action.RETIRE, live=SPEC))
    assert sent == [
        ("PUT", "/v2/coupon/series/7", SPEC | {"validTillDate": "2027-01-14T00:00:00Z"})
    ]


@pytest.mark.parametrize(
    ("end", "gone"),
    [("2027-01-14T00:00:00Z", True), ("2027-01-15T00:00:00Z", False), (None, False)],
)
def test_an_ended_series_is_gone(end: str | None, gone: bool) -> None:
    assert COUPON_SERIES.retire is not None
    assert COUPON_SERIES.retire.gone is not None
    assert COUPON_SERIES.retire.gone({"validTillDate": end}, NOW) is gone


def test_blocks_of_one_type_are_read_as_one() -> None:
    blocks = [{**BRAND, "productIds": [1]}, {**BRAND, "productIds": [2]}]
    assert COUPON_SERIES.read({"productInfo": blocks})["productInfo"] == [
        {**BRAND, "productIds": [1, 2]}
    ]


def test_the_legacy_list_tells_places_by_type() -> None:
    entities = {"concepts": "[7]", "zones": None, "stores": "[-1]", "tills": "broken"}
    live = COUPON_SERIES.read({"legacy": {"valid_redemption_org_entities": entities}})
    assert live["redemptionOrgEntityDetails"] == [
        {"redemptionOrgEntityType": "CONCEPT", "orgEntityId": 7}
    ]


@pytest.mark.parametrize(
    ("raw", "wanted", "asks"),
    [
        ({}, None, 0),
        ({}, {"redemptionOrgEntityDetails": []}, 0),
        ({}, {"redemptionOrgEntityDetails": [{"orgEntityId": 1}]}, 1),
        ({"redemptionOrgEntityType": "TILL"}, None, 1),
        ({"redemptionOrgEntityType": "TILL", "redemptionOrgEntityDetails": []}, None, 0),
    ],
)
def test_the_legacy_list_is_asked_only_where_it_can_tell_more(
    raw: dict[str, Any], wanted: dict[str, Any] | None, asks: int
) -> None:
    assert COUPON_SERIES.extras is not None
    assert len(COUPON_SERIES.extras(raw, wanted)) == asks


def test_an_unlimited_or_higher_limit_is_no_lock() -> None:
    assert COUPON_SERIES.guard is not None
    for limit in (-1, 501):
        change = FieldChange(("maxCreate",), NOTHING, limit)
        check = Check(Action.UPDATE, {"maxCreate": limit}, {}, {"numIssued": 500}, (change,), NOW)
        assert list(COUPON_SERIES.guard(check)) == []
