"""What an org has that other kinds name by code or name: read for look-ups, never written."""

from __future__ import annotations

from capsync.api.dialect import Paging
from capsync.api.dialects import V1_1, V2_DATA
from capsync.fields import Schema, boolean, enum, integer, obj, obj_of, string
from capsync.kind import Kind, Listing, Route, key_by

_ENTITIES = "/v1.1/organization/entities"
_PRODUCTS_PAGE = Paging(
    size=100,
    position="offset",
    size_names=("limit",),
    counts="rows",
    total="pagination.total",
)
# An answer holds 500 at most, in order of ids; the next part starts above one.
_ENTITIES_PAGE = Paging(size=500, position="start_id", size_names=("limit",), counts="ids")


def _named(**more: Schema) -> Schema:
    return obj_of({"code": string("Code."), "name": string("Name."), **more})


def _location(name: str, type_: str, doc: str) -> Kind:
    """A kind of place. The newer list of locations is not used: its answer is not documented."""
    return Kind(
        name=name,
        family="organization",
        doc=doc,
        pages=("get-org-entities",),
        dialect=V1_1,
        lists=(
            Listing(
                Route("GET", _ENTITIES, params={"format": "json", "type": type_}),
                rows="organization.entities.entity",
                paging=_ENTITIES_PAGE,
            ),
        ),
        keys=(key_by("code"), key_by("name", enforced=False)),
        reference_only=True,
        schema=_named(is_active=boolean("Whether it is in service; inactive ones are listed too.")),
    )


def _product(name: str, path: str, doc: str) -> Kind:
    """A kind of product master data. Codes have no case; one code may stand in several org units,
    whose codes the list does not tell."""
    return Kind(
        name=name,
        family="organization",
        doc=doc,
        pages=(f"get_v2-product-{path}",),
        dialect=V2_DATA,
        lists=(
            Listing(
                Route(
                    "GET",
                    f"/v2/product/{path}",
                    params={"fetchType": "ALL", "sortBy": "id", "sortOrder": "ASC"},
                ),
                paging=_PRODUCTS_PAGE,
            ),
        ),
        keys=(key_by("code", enforced=False, caseless=True),),
        reference_only=True,
        schema=_named(ouId=integer("Concept of the org unit, -1 for the org.")),
    )


CONCEPT = _location("Concept", "CONCEPT", "A concept: a brand or banner above stores.")
ZONE = _location("Zone", "ZONE", "A zone: an area with stores.")
STORE = _location("Store", "STORE", "A store.")
TILL = _location("Till", "TILL", "A till of a store.")

PRODUCT_BRAND = _product("ProductBrand", "brands", "A brand of products.")
PRODUCT_CATEGORY = _product("ProductCategory", "categories", "A category of products.")
PRODUCT_ATTRIBUTE = _product("ProductAttribute", "attributes", "An attribute of products.")

LOYALTY_PROGRAM = Kind(
    name="LoyaltyProgram",
    family="organization",
    doc="An active loyalty program of the org.",
    pages=("get-loyalty-programs",),
    dialect=V2_DATA,
    lists=(Listing(Route("GET", "/v2/organization/programs")),),
    id="programId",
    keys=(key_by("programName"),),
    reference_only=True,
    schema=obj(
        programName=string("Name of the program."),
        programDescription=string("What it is."),
        default=boolean("Whether it is the org's default program."),
    ),
    notes=("Partner programs and their tiers stand inside a program; no call lists own tiers.",),
)

CARD_SERIES = Kind(
    name="CardSeries",
    family="organization",
    doc="A series of membership cards.",
    pages=("get-all-card-series-details",),
    dialect=V2_DATA,
    lists=(Listing(Route("GET", "/v2/card/series/get/all")),),
    keys=(key_by("code"), key_by("name", enforced=False)),
    reference_only=True,
    schema=_named(
        type=enum("PHYSICAL", "DIGITAL", doc="What the cards are."),
        isActive=boolean("Whether it is in service."),
    ),
    notes=("The list may leave out inactive series: its one example shows active ones only.",),
)
