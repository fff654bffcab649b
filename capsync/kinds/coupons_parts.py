"""Objects inside a coupon series: times, products, places, customers and audiences."""

from __future__ import annotations

from typing import Any

from capsync.fields import Schema, enum, fixed, integer, obj, ref, set_of, string, unread, whole

INT32 = {"minimum": -2147483648, "maximum": 2147483647}


def _times(doc: str, highest: int, texts: str, **notes: Any) -> Schema:
    """Times as a list, or one time alone: live series hold numbers and texts of digits, in lists
    and bare (api notes: coupons 1.4)."""
    item = integer(minimum=-1, maximum=highest, pattern=f"^(?:-1|{texts})$", **notes)
    item["type"] = ["integer", "string"]
    times = set_of(item, doc, default=[-1])
    return item | times | {"type": ["array", "integer", "string"]}


REDEMPTION_RANGE = whole(
    obj(
        dom=_times(
            "Days of the month, 1 to 31; -1 is any day.",
            31,
            "[1-9]|[12][0-9]|3[01]",
            **{"not": {"const": 0}},
        ),
        dow=_times("Days of the week, 1 is Monday; -1 is any day.", 7, "[0-7]"),
        hours=_times("Hours of the day, 0 to 23; -1 is any hour.", 23, "[01]?[0-9]|2[0-3]"),
    )
)

PRODUCTS = obj(
    required=["productType"],
    productType=enum("SKU", "CATEGORY", "BRAND", "ATTRIBUTE", doc="What the ids stand for."),
    productIds=set_of(
        ref("ProductBrand", "ProductCategory"),
        "Ids, never names: at most 250 brands, 250 attribute values, 1000 categories or 10000"
        " SKUs. `{lookup: {kind: ProductBrand, code: CODE}}` finds the id of a brand, and of a"
        " category with kind ProductCategory.",
    ),
    productCodes=fixed(
        unread(
            set_of(
                string(minLength=1),
                "Codes of brands, categories or SKUs instead of ids, without regard to case. Taken"
                " when the series is created only; reads show the ids that they stand for.",
            ),
            instead="productIds",
        ),
        "codes are taken by create only; write the block with productIds, for instance"
        " [{lookup: {kind: ProductBrand, code: NORTHLINE}}]",
    ),
)

ORG_ENTITY = obj(
    required=["redemptionOrgEntityType", "orgEntityId"],
    redemptionOrgEntityType=enum(
        "CONCEPT", "TILL", "ZONE", "STORE", doc="What kind of place the id is."
    ),
    orgEntityId=ref("Concept", "Zone", "Store", "Till", doc="Id of the place."),
)

TARGET_USERS = obj(
    validMaxUserTransactionLimit=integer("How many transactions the customer needs.", **INT32),
    validUserRegistrationStartTime=integer(
        "Customers registered from here on. Examples hold small numbers and no page names the"
        " unit, so it is sent as written."
    ),
    validUserRegistrationEndTime=integer("Customers registered up to here; unit as above."),
    doc="Which customers may redeem. Shown only when it was set.",
)

AUDIENCE = obj(
    audienceId=integer("Id of the audience."),
    audienceName=string("Its name."),
    customerCount=integer("How many customers it holds."),
    audienceGroupVersionId=integer("Version of its group."),
)
