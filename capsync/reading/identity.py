"""Which org and brand the credentials belong to: the guard before the first write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from capsync.api.dialect import Call, at
from capsync.api.dialects import REWARDS, V2_OBJECT
from capsync.errors import ApiError, PlanBlocked

if TYPE_CHECKING:
    from capsync.api.client import Client

Json = Any

_HIERARCHY = Call("GET", "/v2/organization/hierarchy", V2_OBJECT)
_BRANDS = "/api_gateway/rewards/core/v1/brand/getAll"


async def prove_org(client: Client, expected: int | None) -> int:
    """The id of the org that the credentials belong to (page: retrieve-org-hierarchy-details).

    Raises PlanBlocked where it is another than expected, or can not be proved.
    """
    answer = await client.send(_HIERARCHY)
    found = at(answer.payload, "baseOrganization.id")
    if found is None:
        raise PlanBlocked(
            "the org can not be proved: organization/hierarchy does not say which org this is",
            hint="check the endpoint and the access group of the credentials",
        )
    if expected is not None and int(found) != expected:
        name = at(answer.payload, "baseOrganization.name")
        raise PlanBlocked(
            f"these credentials belong to org {found} ({name}), the environment says {expected}",
            hint="nothing was written; correct org_id or the credentials",
        )
    return int(found)


async def find_brand(client: Client, org_id: int, wanted: str | None) -> str:
    """The id of the org's rewards brand, by name or id; the only one where none is named."""
    call = Call("POST", _BRANDS, REWARDS, body={"orgIds": [org_id]}, reads=True)
    answer = await client.send(call)
    brands: list[Mapping[str, Json]] = at(answer.body, "brandList") or []
    names = ", ".join(f"{each.get('brand')} ({each.get('id')})" for each in brands)
    fits = [
        each for each in brands if wanted in (None, str(each.get("id")), str(each.get("brand")))
    ]
    if len(fits) == 1:
        return str(fits[0]["id"])
    if not brands:
        raise ApiError(f"org {org_id} has no rewards brand", method="POST", path=_BRANDS)
    what = f"no brand is called {wanted!r}" if wanted else "the org has several brands"
    raise PlanBlocked(f"{what}: {names}", hint="set `brand` of the environment to one of them")
