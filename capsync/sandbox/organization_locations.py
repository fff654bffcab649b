"""Where the org sells: concepts, zones, stores and tills, read by the legacy calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from capsync.sandbox.envelopes import failure
from capsync.sandbox.platform import legacy_reply
from capsync.sandbox.store import Store
from capsync.sandbox.web import Refusal, Reply, Request, Routes

Json = Any

routes = Routes()

LOCATIONS = "locations"
_CODES = "location-codes"
_NAMES = "till-names"
_MOST = 500
_TYPES = ("STORE", "STR_SERVER", "TILL", "ZONE", "CONCEPT")
_PARENTS: dict[str, tuple[str, str]] = {
    "STORE_CODE": ("STORE", "code"),
    "STORE_ID": ("STORE", "id"),
    "STORE_EXTERNAL_ID": ("STORE", "externalIds"),
    "CONCEPT_CODE": ("CONCEPT", "code"),
    "CONCEPT_ID": ("CONCEPT", "id"),
}


def put_location(store: Store, kind: str, code: str, **members: Json) -> Json:
    """Stores a location of that type, found by id, by code and (tills) by name."""
    location = {
        "id": store.next("location", 50011001),
        "type": kind,
        "code": code,
        "name": code,
        "description": "",
        "active": True,
        "admin": False,
        "externalIds": [],
        "customFields": {},
        "parents": {},  # type -> code
        "updatedBy": 15001234,
        "updatedOn": "2026-08-22 13:30:20",
        "timezone": {"label": "Asia/Kolkata", "offset": "+05:30"},
        "currency": {"symbol": "₹", "label": "INR"},
        "locale": "IN",
        "localeIds": {"timeZoneId": 191, "currencyId": 95, "languageId": 148},
        **members,
    }
    store.put(LOCATIONS, location["id"], location)
    store.put(_CODES, f"{kind}:{code}", location["id"])
    if kind == "TILL":
        store.put(_NAMES, location["name"], location["id"])
    return location


def seed(store: Store, org_id: int, now: float) -> None:  # noqa: ARG001
    """Two concepts, three zones, five stores (one closed) and their tills."""
    root = put_location(store, "ZONE", "root", name="root")
    for zone in ("north", "south"):
        put_location(store, "ZONE", zone, name=zone.title(), parents={"ZONE": root["code"]})
    for concept in ("cafe", "outlet"):
        put_location(store, "CONCEPT", concept, name=concept.title())
    for number, (zone, concept) in enumerate(
        [("north", "cafe"), ("north", "outlet"), ("south", "cafe"), ("south", "outlet")], 1
    ):
        _seed_store(store, f"store_{number:02}", zone, concept)
    _seed_store(store, "store-05", "south", "cafe", active=False)
    put_location(store, "TILL", "till1", name="till1", parents={"STORE": "store_01"})


def _seed_store(store: Store, code: str, zone: str, concept: str, *, active: bool = True) -> None:
    name = code.replace("_", " ").replace("-", " ").title()
    put_location(
        store,
        "STORE",
        code,
        name=name,
        description=name,
        active=active,
        externalIds=[f"erp-{code}"],
        customFields={"floorarea": "220"},
        parents={"ZONE": zone, "CONCEPT": concept},
    )
    till = f"{code.replace('_', '.')}.till"
    put_location(store, "TILL", till, name=till, active=active, parents={"STORE": code})


def by_code(store: Store, kind: str, code: str) -> Json | None:
    """The location with that code, or None."""
    found = store.get(_CODES, f"{kind}:{code}")
    return None if found is None else store.get(LOCATIONS, found)


@routes("GET", "/v1.1/organization/entities")
def list_entities(request: Request) -> Reply:
    """Locations of one type after a record number, oldest first, inactive ones included."""
    kind = (request.get("type") or "").upper()
    if kind not in _TYPES:
        raise _refused(request, f"type must be one of {', '.join(_TYPES)}")
    limit = min(_number(request, "limit", _MOST) or _MOST, _MOST)
    start = _number(request, "start_id", 0)
    found = [row for row in request.store.all(LOCATIONS) if row["type"] == kind]
    for keep in _filters(request):
        found = [row for row in found if keep(row)]
    page = [row for row in found if row["id"] > start][:limit]
    locale = request.get("exclude_locale") != "1"
    with_parent = request.get("include_parent") == "true"
    rows = [
        _entity(row, locale=locale, parent=_parent(request.store, row) if with_parent else {})
        for row in page
    ]
    return legacy_reply(
        {"organization": {"entities": {"entity": rows}}},
        pagination={"limit": str(limit), "offset": "0", "total": str(len(found))},
    )


def _filters(request: Request) -> Iterator[Callable[[Json], bool]]:
    ids = request.get("id")
    if ids is not None:
        wanted = set(ids.split(","))
        yield lambda row: str(row["id"]) in wanted
    if request.get("active_only") == "true":
        yield lambda row: bool(row["active"])
    since = request.get("modified_since")
    if since is not None:
        yield lambda row: bool(row["updatedOn"] >= since)
    named = request.get("parent_identifier_type")
    if named is not None:
        yield _under(request, named, request.get("parent_identifier_value") or "")


def _under(request: Request, named: str, value: str) -> Callable[[Json], bool]:
    if named not in _PARENTS:
        raise _refused(request, f"parent_identifier_type must be one of {', '.join(_PARENTS)}")
    kind, member = _PARENTS[named]
    codes = {
        row["code"]
        for row in request.store.all(LOCATIONS)
        if row["type"] == kind and _has(row[member], value)
    }
    return lambda row: row["parents"].get(kind) in codes


def _has(member: Json, value: str) -> bool:
    return value in member if isinstance(member, list) else str(member) == value


def _parent(store: Store, row: Json) -> Json:
    """The parent of the same type, in a shape of our own: no answer shows one."""
    code = row["parents"].get(row["type"])
    parent = by_code(store, row["type"], code) if code else None
    if parent is None:
        return {}
    return {"id": str(parent["id"]), "code": parent["code"], "name": parent["name"]}


def _entity(row: Json, *, locale: bool, parent: Json) -> Json:
    external = [*row["externalIds"], "", "", ""]
    shown = {
        "item_status": {
            "success": "true",
            "code": 3200,
            "message": "Entity search successful",
        },
        "id": str(row["id"]),
        "is_active": "1" if row["active"] else "0",
        "code": row["code"],
        "name": row["name"],
        "description": row["description"],
        "last_updated_by": str(row["updatedBy"]),
        "last_updated_on": row["updatedOn"],
        "custom_fields": {
            "field": [{"name": n, "value": v} for n, v in row["customFields"].items()]
        },
        "language_translations": {"field": []},
        "time_zone_id": "0",
        "currency_id": "0",
        "language_id": "0",
        **(_locale(row) if locale else {}),
        "parent": parent,
        "external_id": external[0],
        "external_id_1": external[1],
        "external_id_2": external[2],
        "mobile": "",
        "channel": "instore",
        "land_line": "",
        "email": "",
        "address": "NA, NA, NA, NA",
        "location": {"latitude": "", "longitude": ""},
        "type": row["type"],
    }
    if row["type"] == "TILL":
        shown |= {"username": row["code"], "reference_id": "-1", "country_code": row["locale"]}
    return shown


def _locale(row: Json) -> Json:
    return {
        "timezones": {"base_timezone": row["timezone"]},
        "currencies": {"base_currency": row["currency"]},
        "language_code": "",
        "language_locale": row["locale"],
        "languages": {"base_language": {"lang": "", "locale": row["locale"]}},
    }


@routes("GET", "/v2/organization/till")
def find_till(request: Request) -> Reply:
    """One till by code, id or name; custom fields only where it has some."""
    till = _wanted_till(request)
    shown = _till(till)
    if till["customFields"]:
        shown["customField"] = _custom(till)
    return Reply({**shown, "warnings": []})


@routes("GET", "/v2/organization/till/{tillId}")
def till_by_id(request: Request) -> Reply:
    """One till by id, with its reference, custom fields and whether it is the default one."""
    till = _found(request, request.store.get(LOCATIONS, request.params["tillId"]))
    head = _till(till)
    shown: Json = {}
    for name, value in head.items():
        if name == "adminType":
            shown["referenceId"] = -1
        shown[name] = value
    return Reply({**shown, "customField": _custom(till), "default": False, "warnings": []})


@routes("GET", "/v2/organization/activeTill")
def active_till(request: Request) -> Reply:
    """Id and code of one till."""
    till = _wanted_till(request)
    if not till["active"]:
        raise _refused(request, "The till is not active")
    return Reply({"id": till["id"], "code": till["code"], "warnings": []})


def _wanted_till(request: Request) -> Json:
    store = request.store
    code, till_id, name = request.get("code"), request.get("tillId"), request.get("name")
    if code is not None:
        return _found(request, by_code(store, "TILL", code))
    if till_id is not None:
        return _found(request, store.get(LOCATIONS, till_id))
    if name is not None:
        known = store.get(_NAMES, name)
        return _found(request, None if known is None else store.get(LOCATIONS, known))
    raise _refused(request, "One of code, tillId, name is mandatory")


def _found(request: Request, till: Json | None) -> Json:
    if till is None or till["type"] != "TILL":
        raise _refused(request, "No such till")
    return till


def _till(row: Json) -> Json:
    return {
        "id": row["id"],
        "code": row["code"],
        "description": row["description"],
        "name": row["name"],
        "type": "TILL",
        "adminType": "ADMIN" if row["admin"] else "GENERAL",
        "isActive": row["active"],
        "isOuEnabled": False,
        **row["localeIds"],
    }


def _custom(row: Json) -> list[Json]:
    return [{"name": name, "value": value} for name, value in row["customFields"].items()]


def _number(request: Request, name: str, default: int) -> int:
    text = request.get(name) or ""
    return int(text) if text.isdecimal() else default


def _refused(request: Request, message: str) -> Refusal:
    return Refusal(Reply(failure(request.path, 400, message), 400))
