"""Cart promotions: read for look-ups, since rewards hand them out; never written."""

from __future__ import annotations

from capsync.api.dialects import V2_DATA
from capsync.fields import boolean, enum, obj, string
from capsync.kind import Kind, Listing, Route, key_by

CART_PROMOTION = Kind(
    name="CartPromotion",
    family="cart_promotions",
    doc="A promotion on carts, which a reward may hand out.",
    pages=("get_all_cart_promotion_details_",),
    dialect=V2_DATA,
    lists=(Listing(Route("GET", "/api_gateway/v1/promotions")),),
    # An inactive one may have the name of an active one (744).
    keys=(key_by("name", enforced=False),),
    reference_only=True,
    schema=obj(
        name=string("Name, unique among active ones.", maxLength=50),
        type=enum("POS", "CODE", "CUSTOMER", "EARNING", "REWARD", doc="How customers come by it."),
        active=boolean("Whether it is in use."),
    ),
    notes=(
        "Whether the list shows inactive and expired promotions is not documented: write the id of"
        " one that is not found. Of an active and an inactive one with the same name,"
        " {lookup: {kind: CartPromotion, name: NAME, active: true}} is the active one.",
    ),
)
