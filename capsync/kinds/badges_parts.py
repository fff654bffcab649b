"""What badges are made with: groups, custom fields and the tag definitions of the org."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from capsync.api.dialect import Paging
from capsync.api.dialects import GATEWAY
from capsync.fields import (
    boolean,
    instant,
    integer,
    obj_of,
    server_set,
    string,
)
from capsync.kind import Finding, Kind, Listing, Retire, Route, key_by
from capsync.model import Spec

Json = Any

BADGES = "/api_gateway/v1/badges"
# The default is 10 rows; no page states the largest size, and 100 is the largest in an example.
PAGES = Paging(size=100, total="data.pagination.total", total_pages="data.pagination.totalPages")
AUDIT = {
    "orgId": server_set(integer(), "Id of the org."),
    "createdOn": server_set(instant(wire="seconds"), "When it was created."),
    "createdOnISO": server_set(string(), "createdOn as text."),
    "createdBy": server_set(integer(), "Id of the user who created it."),
    "lastUpdatedOn": server_set(instant(wire="seconds"), "When it was last changed."),
    "lastUpdatedOnISO": server_set(string(), "lastUpdatedOn as text."),
    "lastUpdatedBy": server_set(integer(), "Id of the user who changed it last."),
}
_FOR_GOOD = (
    "disabling is for good: take the manifest out and run `capsync apply --prune owned` instead"
)


def _disabled(raw: Json) -> bool:
    return raw.get("isActive") is False


def _not_disabled(spec: Spec) -> Iterable[Finding]:
    if spec.get("isActive") is False:
        yield Finding(("isActive",), "a manifest means in service", hint=_FOR_GOOD)


def _group(raw: Json) -> dict[str, Json]:
    return {name: raw[name] for name in ("name", "rank") if name in raw}


BADGE_GROUP = Kind(
    name="BadgeGroup",
    family="badges",
    doc="A group that orders badges.",
    pages=("create-badges-group", "update-badges-group", "get-all-groups", "get-group-by-id"),
    dialect=GATEWAY,
    lists=(
        Listing(
            Route("GET", f"{BADGES}/group", params={"order": "ASC"}),
            rows="badgeGroups",
            paging=PAGES,
        ),
    ),
    detail=Route("GET", f"{BADGES}/group/{{id}}"),
    read=_group,
    keys=(key_by("name"),),
    create=Route("POST", f"{BADGES}/group", omit=frozenset({"isActive"})),
    duplicate_codes=frozenset({"733"}),
    update=Route("PUT", f"{BADGES}/group/{{id}}", whole=True),
    retire=Retire("disable", sets={"isActive": False}, reversible=False),
    absent=_disabled,
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=obj_of(
        {
            "name": string(
                "Name, unique among the active groups of the org, upper and lower case apart.",
                minLength=1,
            ),
            "rank": integer("Place among groups; several may have the same."),
            "isActive": boolean("Whether the group is in service."),
            "id": server_set(string(), "Id of the group."),
            **AUDIT,
        },
        required=["name", "rank"],
    ),
    rules=(_not_disabled,),
    notes=(
        "No call deletes a group. A guide says that isActive false disables one, although the"
        " update page does not list the key; pruning sends it, and a disabled group counts as"
        " absent, since its name is free again.",
        "Pages differ on whether a higher or a lower rank comes first.",
        "What becomes of the badges of a disabled group is not documented.",
        "Writing groups needs WRITE on the loyalty access group resource.",
    ),
)
