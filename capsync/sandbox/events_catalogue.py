"""The standard events that an org may enable, in the words of the platform's catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Any


def _flag(value: bool) -> dict[str, str]:
    return {"value": "true" if value else "false", "valueType": "BOOLEAN"}


def _field(name: str, kind: str, *, required: bool = False, regex: bool = False) -> Json:
    attributes: dict[str, Json] = {"isRequired": _flag(required)}
    if regex:
        attributes["regex"] = {"valueType": "STRING"}
    return {"name": name, "type": kind, "attributes": attributes}


_CUSTOMER = {
    "name": "customer",
    "type": "customer",
    "attributes": {
        "accountId": {"valueType": "ENUM"},
        "addCustomerIfNotExists": _flag(False),
        "identifierType": {"value": "MOBILE", "valueType": "ENUM"},
        "isRequired": _flag(True),
        "source": {"value": "INSTORE", "valueType": "ENUM"},
    },
}
_PRODUCT = (
    _field("productSku", "productSku", required=True),
    _field("productBrand", "productBrand"),
    _field("productCategory", "productCategory"),
)
_BOUGHT = (
    *_PRODUCT,
    _field("productQuantity", "double"),
    _field("productPrice", "double"),
    _field("productName", "string", regex=True),
    _field("productType", "string"),
)
_CART = (_field("cartId", "string"), *_BOUGHT)
_COUPON = (_field("couponCode", "couponCode", required=True), _field("cartValue", "double"))
_DEVICE = (_field("deviceId", "string"), _field("platform", "string"))

# What the other system calls the event's fields.
_SOURCES = {"customer": "Member Mobile", "cartId": "Basket ID"}


def _event(name: str, label: str, category: str, fields: tuple[Json, ...]) -> dict[str, Json]:
    listed = [_CUSTOMER, *fields]
    named = [field["name"] for field in listed if field["name"] in _SOURCES]
    return {
        "standardClickEventsMeta": {
            "label": label,
            "description": label,
            "eventCategory": category,
            "eventName": name,
            "actions": ["EIConsumer", "EMFConsumer"],
            "fields": listed,
        },
        "webEngageTransformerMapping": {
            "eventNameMapping": {"webEngageFieldName": "event_name", "valueMap": {label: name}},
            "eventFieldMappings": [
                {"eventFieldName": field, "webEngageFieldName": _SOURCES[field]} for field in named
            ],
            "mapperName": name,
        },
    }


_SHOP, _APP = "Ecommerce", "MobileApp"

STANDARD: Mapping[str, dict[str, Json]] = {
    event["standardClickEventsMeta"]["eventName"]: event
    for event in (
        _event("ProductRemovedFromCart", "Product Removed From Cart", _SHOP, _CART),
        _event("CustomerLoggedOut", "Customer Logged Out", _SHOP, ()),
        _event("ProductAddedToCart", "Added To Cart", _SHOP, _CART),
        _event("CustomerRegistered", "Customer Registered", _SHOP, (_field("email", "string"),)),
        _event("CategoryViewed", "Category Viewed", _SHOP, (_PRODUCT[2],)),
        _event("ProductViewed", "Product Viewed", _SHOP, _BOUGHT),
        _event("CustomerLoggedIn", "Customer Logged In", _SHOP, ()),
        _event("CouponApplied", "Coupon Applied", _SHOP, _COUPON),
        _event("ProductSearched", "Product Searched", _SHOP, (_field("keyword", "string"),)),
        _event("CouponDenied", "Coupon Denied", _SHOP, _COUPON),
        _event("AppInstalled", "App Installed", _APP, _DEVICE),
        _event("AppUninstalled", "App Uninstalled", _APP, _DEVICE),
    )
}
