from __future__ import annotations

from tests.unit.kinds.examples import bodies, wrong

# Fragments and bodies that the API itself would not keep, with the reason.
REFUSED = {
    "06-create-coupon-series-product-codes": "a fragment: required fields are left out",
    "08-update-coupon-series-minimal": "an update without validTillDate, which ends the series",
    "10-update-coupon-series-full": "maxCreate and maxRedeem wrap beyond 32 bits",
}


def _specs() -> dict[str, dict[str, object]]:
    calls = ("create-coupon-series", "update-coupon-series")
    return {
        name: body["CouponSeriesV2"] for call in calls for name, body in bodies("coupons", call)
    }


def test_documented_bodies_are_specs() -> None:
    refused = {name for name, spec in _specs().items() if wrong("CouponSeries", spec)}
    assert refused == REFUSED.keys()
    assert len(_specs()) == 5


def test_reasons_of_the_refused() -> None:
    specs = _specs()
    said = {name: " ".join(wrong("CouponSeries", specs[name])) for name in REFUSED}
    assert "anyUser is required" in said["06-create-coupon-series-product-codes"]
    assert said["08-update-coupon-series-minimal"] == "validTillDate is required"
    assert "maxCreate 10000000297830 is above 2147483647" in said["10-update-coupon-series-full"]
