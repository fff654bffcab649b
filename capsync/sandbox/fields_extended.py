"""Extended fields, which only the platform defines, and what the org configures of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from capsync.sandbox.fields_answers import bad_request, body_object, setting, whole_number
from capsync.sandbox.fields_verticals import ENABLED
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

Json = Any

routes = Routes()

DEFINITIONS = "extended-fields"
CONFIGS = "extended-field-configs"  # by extendedFieldId, only what was ever saved
_SNAPSHOT = "extended-field-config-snapshot"

# What an extended field has that the org never configured.
_UNTOUCHED: Mapping[str, Json] = {
    "createdBy": -1,
    "modifiedBy": -1,
    "hideDisplay": True,
    "isPiiData": False,
    "isPsiData": False,
    "position": -1,
    "fieldUpdatable": False,
    "updatable": True,
    "mandatory": False,
    "computeEnabled": False,
    "rejectTxnOnInvalidValue": False,
    "auditTrailEnabled": False,
}
_CLASSIFIED = ("isPiiData", "isPsiData", "rejectTxnOnInvalidValue", "auditTrailEnabled")
_SAVED = ("extendedFieldId", "hideDisplay", "updatable", "mandatory", *_CLASSIFIED)
_SAVED_LEGACY = ("extendedFieldId", "createdBy", "modifiedBy", "hideDisplay", "position")


@routes("GET", "/v2/extendedFields")
@routes("GET", "/v2/entity/extendedFields")  # these two are listed without a page:
@routes("GET", "/v2/org/extendedFieldsMeta")  # taken for the same list
def list_extended_fields(request: Request) -> Reply:
    """Every definition that the org may use, by entity type."""
    return _by_entity(request, frozenset({"translations"}))


@routes("GET", "/v2/org/extendedFields")
def list_org_extended_fields(request: Request) -> Reply:
    """The same list; `includePossibleValues=false` leaves the values of enumerations out."""
    wanted = request.get("includePossibleValues", "true") == "true"
    return _by_entity(request, frozenset({"translations"} if wanted else _VALUES))


_VALUES = frozenset({"translations", "possibleValues"})


@routes("GET", "/v2/entity/extendedFieldConfig")
def list_extended_field_configs(request: Request) -> Reply:
    """A bare array with one item for every extended field, configured or not.

    The service caches this answer for a day. The setting `extended-field-config` with
    `{"stale_seconds": 86400}` makes the sandbox do so too; else the answer is always fresh.
    """
    seconds = setting(request.store, "extended-field-config").get("stale_seconds", 0)
    kept = request.store.get(_SNAPSHOT, "all") if seconds else None
    if kept and request.now - kept["at"] < seconds:
        return Reply(kept["items"])
    items = [_config(request.store, field["id"]) for field in _visible(request.store)]
    if seconds:
        request.store.put(_SNAPSHOT, "all", {"at": request.now, "items": items})
    return Reply(items)


@routes("POST", "/v2/organization/entity/extended_field_config")
@routes("POST", "/v2/org/extendedFields")  # path of the endpoint table
def configure_extended_field(request: Request) -> Reply:
    """Save the configuration of one extended field; what is left out falls back to the default.

    Whether the call is partial is not said: a full replacement is what loses most.
    """
    asked = body_object(request)
    config = _save(request, asked, flags=("isPiiData", "isPsiData"))
    answer = {name: config[name] for name in _SAVED}
    if whole_number(asked.get("position")) is not None:
        answer["position"] = config["position"]
    return Reply({**answer, "warnings": []})


@routes("POST", "/v2/entity/extended_field_config")
def configure_extended_field_legacy(request: Request) -> Reply:
    """The older path: knows no PII and PSI flags, and answers who saved it when."""
    config = _save(request, body_object(request), flags=())
    times = {name: _stamp(config[name]) for name in ("createdOn", "modifiedOn")}
    answer = {name: config[name] for name in (*_SAVED_LEGACY, "mandatory", "updatable")}
    return Reply({**answer, **times, "warnings": []})


def _save(request: Request, asked: dict[str, Json], flags: tuple[str, ...]) -> dict[str, Json]:
    # An unknown id is stored all the same: no error is documented for it.
    id = whole_number(asked.get("extendedFieldId"))
    if id is None or asked.get("hideDisplay") is None:
        raise bad_request()
    before = request.store.get(CONFIGS, id) or {
        "createdBy": request.user_id,
        "createdOn": request.now,
    }
    config = {
        **_UNTOUCHED,
        **before,
        "extendedFieldId": id,
        "modifiedBy": request.user_id,
        "modifiedOn": request.now,
        # Without a number it becomes 0, as the configured ones of the documented list have it.
        "position": whole_number(asked.get("position")) or 0,
        **{name: _flag(asked, name) for name in ("hideDisplay", "mandatory", "updatable", *flags)},
    }
    request.store.put(CONFIGS, id, config)
    return config


def _flag(asked: dict[str, Json], name: str) -> bool:
    value = asked.get(name)
    if value is None:
        return bool(_UNTOUCHED[name])
    if not isinstance(value, bool):
        raise bad_request()
    return value


def _config(store: Store, id: int) -> dict[str, Json]:
    saved = store.get(CONFIGS, id) or {}
    shown = {name: saved.get(name, default) for name, default in _UNTOUCHED.items()}
    return {"extendedFieldId": id, **shown, "warnings": []}


def _visible(store: Store) -> list[dict[str, Json]]:
    """Definitions of every org, and those of the verticals that this org has enabled."""
    enabled = {-1, *(vertical["verticalId"] for vertical in store.all(ENABLED))}
    return [field for field in store.all(DEFINITIONS) if field.get("verticalId", -1) in enabled]


def _by_entity(request: Request, hidden: frozenset[str]) -> Reply:
    language = request.headers.get("language", "en")
    entity: dict[str, list[Json]] = {}
    for field in _visible(request.store):
        key = field.get("baseEntityType") or field["entityType"]
        shown = {k: v for k, v in field.items() if k not in hidden}
        shown["label"] = field.get("translations", {}).get(language, field["label"])
        entity.setdefault(key, []).append(shown)
    return Reply({"entity": entity, "warnings": [], "errors": [], "success": True})


def _stamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


def definition(
    id: int, entity: str, name: str, label: str, data_type: str, **members: Json
) -> dict[str, Json]:
    """One definition as the newest answers show it."""
    made = {"By": -1, "On": "2021-03-09", "OnISO": "2021-03-09T06:30:00Z"}
    return {
        "id": id,
        "name": name,
        **{f"created{part}": value for part, value in made.items()},
        **{f"modified{part}": value for part, value in made.items()},
        "label": label,
        "baseEntityType": entity,
        "dataType": data_type,
        "parentId": -1,
        "verticalId": -1,
        **members,
    }


def _list_of(kind: str, allowed: list[str] | None, least: int, most: int) -> dict[str, Json]:
    limits = {"minItems": least, "maxItems": most}
    return {"metadata": {"elementType": kind, "allowedValues": allowed, **limits}}


_SEEDED = (
    definition(
        205, "customer", "gender", "Gender", "STANDARD_ENUM",
        possibleValues=["Female", "Male", "Other"], translations={"ja": "性別", "fr": "Genre"},
    ),
    definition(207, "customer", "dob_date", "Date of birth", "DATE"),
    definition(210, "customer", "city", "City", "CUSTOM_ENUM", possibleValues=["Pune", "Lyon"]),
    definition(212, "customer", "joined_at", "Joined at", "DATETIME"),
    definition(225, "transaction", "order_channel", "Order channel", "STANDARD_STRING"),
    definition(226, "transaction", "checkin_date", "Check-in date", "DATETIME", verticalId=4),
    definition(229, "transaction", "ship_last_name", "Shipping last name", "STRING"),
    definition(231, "transaction", "payment_currency", "Payment currency", "CURRENCY"),
    definition(259, "lineitem", "batch_code", "Batch code", "STRING"),
    definition(260, "lineitem", "quantity_in_box", "Quantity in a box", "INTEGER"),
    definition(911, "profile", "account_manager", "Account manager", "ASSOCIATE_USER"),
    definition(912, "lead", "lead_score", "Lead score", "DOUBLE"),
    definition(
        913, "customer", "hobbies", "Hobbies", "LIST",
        possibleValues=["Hiking", "Reading"], **_list_of("TEXT", ["Hiking", "Reading"], 0, 5),
    ),
    definition(914, "company", "home_country", "Home country", "COUNTRY"),
    definition(915, "usergroup2", "founded_on", "Founded on", "DATE"),
    definition(916, "card", "embossed_name", "Embossed name", "STRING"),
)  # fmt: skip


def seed(store: Store, org_id: int, now: float) -> None:  # noqa: ARG001
    """Definitions of every org, and one that only a hotel sees."""
    for field in _SEEDED:
        store.put(DEFINITIONS, field["id"], field)
