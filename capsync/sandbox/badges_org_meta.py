"""The tag definitions of an org: one object, made once, never deleted."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.badges_values import (
    audit,
    body_of,
    found,
    items,
    new_id,
    refusal,
    saved,
    stamped,
    unknown,
)
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

META = "badge-org-meta"
_ONLY = "org"
_PATH = "/api_gateway/v1/badges/orgMeta"


@routes("GET", _PATH)
def org_meta(request: Request) -> Reply:
    """The definitions; 404 before they are made (what comes then is not documented)."""
    return found(_shown(request, _known(request)))


@routes("POST", _PATH)
def create_org_meta(request: Request) -> Reply:
    """Makes the definitions, once."""
    tags = _tags(request)
    if request.store.get(META, _ONLY) is not None:
        message = "ORG_CONFIG_ALREADY_EXIST_PLEASE_USE_UPDATE_ORG_CONFIG_API"
        raise refusal(999999, message, status=409)
    meta = {"id": new_id(request, "meta"), "tags": tags, **stamped(request)}
    request.store.put(META, _ONLY, meta)
    return saved(_shown(request, meta, fresh="create"))


@routes("PUT", _PATH)
def update_org_meta(request: Request) -> Reply:
    """Replaces the whole list."""
    known = _known(request)
    meta = {"id": known["id"], "tags": _tags(request), **stamped(request, known)}
    request.store.put(META, _ONLY, meta)
    return saved(_shown(request, meta, fresh="update"))


def _known(request: Request) -> Json:
    meta = request.store.get(META, _ONLY)
    if meta is None:
        raise unknown("Org meta")
    return meta


def _tags(request: Request) -> list[Json]:
    tags = body_of(request).get("tags")
    if tags is None:
        raise refusal(400, "tags is required")
    for tag in items(tags, "tags"):
        if not tag.get("key") or not tag.get("dataType"):
            raise refusal(400, "key and dataType are required")
    return [
        {
            "key": tag["key"],
            "dataType": tag["dataType"],
            "description": tag.get("description"),
            "mandatory": tag.get("mandatory") is True,
        }
        for tag in tags
    ]


def _shown(request: Request, meta: Json, *, fresh: str = "") -> Json:
    head = {"id": meta["id"], "orgId": request.org_id, "tags": meta["tags"]}
    return {**head, **audit(meta, fresh=fresh)}
