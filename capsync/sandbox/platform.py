"""What every family shares: the org itself, its configuration keys, its audit log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from capsync.sandbox.envelopes import failure
from capsync.sandbox.store import Store
from capsync.sandbox.web import Refusal, Reply, Request, Routes

Json = Any

routes = Routes()

ORGS = "orgs"
CONFIGS = "org-configs"
AUDITS = "audits"


class ConfigKey(NamedTuple):
    """A configuration key of the platform; orgs only ever give values to known ones."""

    value_type: str  # NUMERIC, BOOLEAN or STRING
    modules: str
    default: str = "0"
    scopes: str = "ORG"


# The keys that the documentation names; the platform has more.
CONFIG_KEYS = {
    "CONF_MAX_CARDS_PER_ORG": ConfigKey("NUMERIC", "LOYALTY", "1"),
    "ORG_MAX_LABEL_COUNT": ConfigKey("NUMERIC", "LOYALTY", "100"),
    "IS_DIRECT_REPLAY_ENABLED": ConfigKey("NUMERIC", "LOYALTY"),
    "CONF_OU_LEVEL_PRODUCTS_ENABLED": ConfigKey("NUMERIC", "PRODUCT"),
    "CONF_USERS_IS_EMAIL_REQUIRED": ConfigKey("NUMERIC", "LOYALTY"),
    "CONF_USERS_IS_EMAIL_UNIQUE": ConfigKey("NUMERIC", "LOYALTY"),
    "CONF_LOYALTY_IS_BILL_NUMBER_REQUIRED": ConfigKey("NUMERIC", "LOYALTY"),
    "CONF_LOYALTY_IS_BILL_NUMBER_UNIQUE": ConfigKey("NUMERIC", "LOYALTY"),
    "CONF_ENABLE_OAUTH_TOKEN_REUSE": ConfigKey("NUMERIC", "LOYALTY"),
    "CONF_ALLOW_TILL_AUTH_FOR_ORG_ENTITY_CREATION": ConfigKey("NUMERIC", "LOYALTY"),
    "CONF_CURRENCY_CONVERSION_ENABLE": ConfigKey("NUMERIC", "LOYALTY"),
    "CONF_PRODUCT_CREATE_UPDATE_BATCH_SIZE": ConfigKey("NUMERIC", "PRODUCT", "100"),
    "PRODUCT_CONF_ORG_AUDITABLE_CUSTOM_FIELDS_LIMIT": ConfigKey("NUMERIC", "LOYALTY", "5"),
}

_NAMES_OF_V11 = {
    "id": "id",
    "name": "name",
    "address": "address",
    "language": "language",
    "currency": "currency",
    "timezoneLabel": "timezone",
    "timezoneOffset": "timezone_offset",
    "minSmsHour": "min_sms_hour",
    "maxSmsHour": "max_sms_hour",
    "logo": "logo",
    "webSite": "website",
    "country": "country",
    "countryCode": "country_code",
    "state": "state",
    "city": "city",
    "locality": "locality",
    "pinCode": "pincode",
}

SUPPORTED = {
    "currencies": ("currency", [{"symbol": "₹", "label": "INR"}, {"symbol": "$", "label": "USD"}]),
    "timezones": (
        "timezone",
        [
            {"label": "Asia/Kolkata", "offset": "+05:30"},
            {"label": "Europe/London", "offset": "+00:00"},
        ],
    ),
    "languages": ("language", [{"lang": "English", "locale": "en"}]),
}


def org_document(org_id: int, **members: Json) -> Json:
    """An org as it is stored: every member of the hierarchy call, empty unless given."""
    return {
        "id": org_id,
        "name": f"Org {org_id}",
        "phone": "",
        "address": "",
        "language": None,
        "languageCode": None,
        "languageLocale": None,
        "parentId": -1,
        "locality": None,
        "pinCode": None,
        "currency": None,
        "timezoneLabel": "Asia/Kolkata",
        "timezoneOffset": "+05:30",
        "minSmsHour": 9,
        "maxSmsHour": 21,
        "logo": None,
        "webSite": None,
        "country": None,
        "countryCode": None,
        "state": None,
        "city": None,
        "active": True,
        "orgType": "STANDARD_ORG",
        **members,
    }


def seed(store: Store, org_id: int, now: float) -> None:  # noqa: ARG001
    """The org's profile."""
    profile = org_document(
        org_id,
        name="Acme Retail",
        address="14 Lake Road",
        language="English",
        languageCode="en",
        languageLocale="IN",
        locality="",
        pinCode="560001",
        currency="Indian Rupee",
        logo="",
        webSite="",
        country="India",
        countryCode="IN",
        state="Karnataka",
        city="Bengaluru",
    )
    store.put(ORGS, org_id, profile)


def org_of(request: Request) -> Json:
    """The org behind the credentials."""
    return request.store.get(ORGS, request.org_id) or org_document(request.org_id)


@routes("GET", "/v2/organization/hierarchy")
def org_hierarchy(request: Request) -> Reply:
    """The org, its children or its parent; siblings and custom fields where asked."""
    siblings = request.get("fetchSiblings") == "true"
    fields = request.get("fetchCustomFields") == "true"
    base = org_of(request)
    family = list(_connected(base, request.store.all(ORGS), siblings=siblings))
    if family:
        base["relationshipType"] = "PARENT_CHILD"
    body: Json = {
        "baseOrganization": _shown(base, nulls=siblings, fields=fields),
        "connectedOrganizations": [_shown(o, nulls=siblings, fields=fields) for o in family],
    }
    if siblings:
        body["uniqueId"] = None
    return Reply({**body, "warnings": []})


def _connected(base: Json, orgs: Iterable[Json], *, siblings: bool) -> Iterable[Json]:
    others = [org for org in orgs if org["id"] != base["id"]]
    yield from (org for org in others if org["parentId"] == base["id"])
    if base["parentId"] != -1:
        if siblings:
            yield from (org for org in others if org["parentId"] == base["parentId"])
        yield from (org for org in others if org["id"] == base["parentId"])


def _shown(org: Json, *, nulls: bool, fields: bool) -> Json:
    """Answers with siblings write out empty members as null, the others leave them out."""
    return {
        name: value
        for name, value in _ordered(org).items()
        if (nulls or value is not None) and (fields or name != "customFields")
    }


def _ordered(org: Json) -> Json:
    tail = {name: org[name] for name in ("relationshipType", "orgType") if name in org}
    custom = {"customFields": org["customFields"]} if "customFields" in org else {}
    return {**{k: v for k, v in org.items() if k not in {*tail, *custom}}, **tail, **custom}


@routes("GET", "/v1.1/organization/get")
def org_profile(request: Request) -> Reply:
    """The org's profile, all text, with what it has configured."""
    org = org_of(request)
    profile: Json = {
        legacy: "" if org.get(name) is None else str(org[name])
        for name, legacy in _NAMES_OF_V11.items()
    }
    for group, (item, values) in SUPPORTED.items():
        profile[group] = {f"base_{item}": values[0], f"supported_{group}": {item: values}}
    return legacy_reply({"organization": profile})


@routes("GET", "/v1.1/organization/get.json")
def org_profile_by_suffix(request: Request) -> Reply:
    """The same: older examples write the format into the path."""
    return org_profile(request)


def legacy_reply(payload: Json, *, pagination: Json = None) -> Reply:
    """A v1.1 success."""
    page = {} if pagination is None else {"pagination": pagination}
    status = {"success": "true", "code": "200", "message": "SUCCESS"}
    return Reply({"response": {**page, "status": status, **payload}})


@routes("GET", "/v1.1/organization/configs")
def list_configs(request: Request) -> Reply:
    """Every key that has a value of the org's own (entity_id is the org in the documented list)."""
    rows = [
        {
            "key": row["keyName"],
            "scopes": row["scope"],
            "value_type": CONFIG_KEYS[row["keyName"]].value_type,
            "modules": CONFIG_KEYS[row["keyName"]].modules,
            "entity_id": str(row["entityId"]),
            "value": row["value"],
        }
        for row in request.store.all(CONFIGS)
    ]
    if not rows:
        message = "No configurations found for this organization"
        return Reply(failure(request.path, 3209, message))
    return legacy_reply({"organization": {"configs": {"config": rows}}})


@routes("GET", "/v2/organization/configkeyvalue")
def config_value(request: Request) -> Reply:
    """One key by query."""
    return _config(request, request.get("name") or "")


@routes("GET", "/v2/organization/configs/{name}")
def config_by_path(request: Request) -> Reply:
    """One key by path."""
    return _config(request, request.params["name"])


def _config(request: Request, name: str) -> Reply:
    key = _known_key(request, name)
    row = request.store.get(CONFIGS, name)
    if row is None:
        body = {"id": 0, "entityId": 0, "keyName": name, "value": key.default}
    else:
        body = {part: row[part] for part in ("entityId", "keyName", "value", "scope")}
    return Reply({**body, "warnings": []})


@routes("POST", "/v2/organization/configs")
def set_config(request: Request) -> Reply:
    """Gives a key a value: an upsert."""
    sent = request.json()
    sent = sent if isinstance(sent, dict) else {}
    name = sent.get("keyName")
    key = _known_key(request, name if isinstance(name, str) else "")
    scope, value = sent.get("scope"), sent.get("value")
    if not isinstance(scope, str) or scope.upper() not in key.scopes.split(","):
        raise _refusal(request, 3211, "Invalid scope")
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise _refusal(request, 3212, "Invalid value")
    if key.value_type == "NUMERIC" and not str(value).lstrip("-").isdecimal():
        raise _refusal(request, 3229, "Invalid value type")
    known = request.store.get(CONFIGS, str(name))
    row = {
        "id": known["id"] if known else request.store.next("org-config", 1300001),
        "entityId": request.org_id,
        "keyName": name,
        "value": str(value),
        "scope": scope.upper(),
    }
    request.store.put(CONFIGS, str(name), row)
    shown = {part: row[part] for part in ("id", "entityId", "keyName", "value")}
    return Reply({**shown, "warnings": []})


def _known_key(request: Request, name: str) -> ConfigKey:
    key = CONFIG_KEYS.get(name)
    if key is None:
        raise _refusal(request, 3206, "Configuration key not found")
    return key


def _refusal(request: Request, code: int, message: str, status: int = 400) -> Refusal:
    return Refusal(Reply(failure(request.path, code, message), status))


@routes("GET", "/api_gateway/v2/audits")
def list_audits(request: Request) -> Reply:
    """Changes of one customer or card, newest first."""
    kind, entity = request.get("entityType"), request.get("entityId") or ""
    if kind not in {"CUSTOMER", "CARD"} or not entity.isdecimal():
        raise _refusal(request, 400, "entityType and entityId are required")
    limit, number = _natural(request, "limit", 10), _natural(request, "pageNo", 0)
    if limit == 0:
        raise _refusal(request, 400, "limit must be above 0")
    source = request.get("source")
    rows = [
        row
        for row in request.store.all(AUDITS)
        if (row["entityType"], row["entityId"]) == (kind, int(entity))
        and (source is None or row["source"] == source)
    ]
    rows.sort(key=lambda row: row["autoUpdateTime"], reverse=request.get("sortOrder") != "ASC")
    page = rows[number * limit : (number + 1) * limit]
    if request.get("includeUserContext") != "true":
        page = [{**row, "userContextDetails": None} for row in page]
    pagination = {
        "totalElements": len(rows),
        "totalPages": -(-len(rows) // limit),
        "numberOfElements": len(page),
        "number": number,
    }
    return Reply({"data": page, "pagination": pagination})


@routes("GET", "/v2/auditLog/get")
def list_audits_by_older_path(request: Request) -> Reply:
    """The same, under the path of an older page."""
    return list_audits(request)


def _natural(request: Request, name: str, default: int) -> int:
    text = request.get(name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) >= 2**31:
        raise _refusal(request, 400, f"{name} must be a number from 0")
    return int(text)
