"""Brands, configuration keys, and the reference data of the rewards catalogue."""

from __future__ import annotations

import re

from capsync.sandbox.rewards_envelope import PREFIX, answer, brand_of, path_brand, refusal
from capsync.sandbox.rewards_input import Body, Json, body_of
from capsync.sandbox.store import Store
from capsync.sandbox.web import Reply, Request, Routes

routes = Routes()

FIRST_BRAND = 204


@routes("POST", f"{PREFIX}/brand/getAll")
def list_brands(request: Request) -> Reply:
    """The brands of the orgs in the body; orgs of other people have none."""
    orgs = body_of(request).numbers("orgIds")
    if not orgs:
        raise refusal(400, "orgIds is required")
    brands = [one for one in request.store.all("reward-brands") if one["orgId"] in orgs]
    return answer(3001, "brands found", brandList=brands)


WEEK_START = "CONF_START_OF_THE_WEEK_FOR_ORG_RESTRICTION"
CATALOG_PROMOTIONS = "CONF_ENABLE_FEATURE_CATALOG_PROMOTION"

_FLAG = re.compile("true|false", re.IGNORECASE)
_DAYS = re.compile("MONDAY|TUESDAY|WEDNESDAY|THURSDAY|FRIDAY|SATURDAY|SUNDAY")

# What a key takes, and the server's text for it.
_KEYS: dict[str, tuple[re.Pattern[str], str]] = {
    WEEK_START: (_DAYS, "first day of the week for limits"),
    "CONF_SEND_REWARD_EXPIRY_NOTIFICATION_ENABLED": (_FLAG, "switch for reward expiry notices"),
    "CONF_SEND_EXPIRY_NOTIFICATION_FOR_REWARD_TIME": (
        re.compile(r"([01]\d|2[0-3]):[0-5]\d"),
        "time of reward expiry notices",
    ),
    "CONF_EXT_POINTS_VENDOR": (_FLAG, "points of an external vendor"),
    CATALOG_PROMOTIONS: (_FLAG, "switch for catalog promotions"),
    "CONF_CATALOG_PROMOTION_BUFFER_END_TIME_MINUTES": (
        re.compile(r"[0-9]|[12]\d|30"),
        "minutes between catalog promotions",
    ),
    "CONF_ENABLE_ORG_TIMEZONE": (_FLAG, "times in the zone of the org"),
}

# "Comes back null for org-wide keys even when sent": which keys are org wide is not said, so
# those whose name has the org in it.
_ORG_WIDE = frozenset({WEEK_START, "CONF_ENABLE_ORG_TIMEZONE"})


@routes("POST", f"{PREFIX}/brand/config")
def set_config(request: Request) -> Reply:
    """Set one key; it can not be unset."""
    body = body_of(request)
    body.need("configKeyName", "configKeyValue", "brandId")
    brand = brand_of(request, body.raw("brandId"), configList=None)
    name, value = body.text("configKeyName"), body.text("configKeyValue")
    if name not in _KEYS:
        entry = {**_entry(body, brand), "label": None}
        raise refusal(3011, "brand or key unknown", configList=[entry])
    if not _KEYS[name][0].fullmatch(value or ""):
        raise refusal(400, f"{value} is not a value of {name}")
    entry = _entry(body, None if name in _ORG_WIDE else brand)
    request.store.put("reward-config", f"{entry['brandId']}/{name}", entry)
    return answer(3008, "config stored", configList=[entry])


def _entry(body: Body, brand: int | None) -> Json:
    name = str(body.raw("configKeyName"))
    return {
        "configKeyName": name,
        "configKeyValue": str(body.raw("configKeyValue")),
        "brandId": brand,
        "label": _KEYS[name][1] if name in _KEYS else None,
    }


@routes("GET", f"{PREFIX}/brand/{{brandId}}/getConfig")
def list_config(request: Request) -> Reply:
    """The keys that were ever set, of the brand and of the org."""
    brand = path_brand(request, configList=None)
    stored = request.store.all("reward-config")
    entries = [_shown(one) for one in stored if one["brandId"] in {brand, None}]
    return answer(3012, "config found", configList=entries)


def _shown(entry: Json) -> Json:
    # Documented answers hold "FALSE" beside "true", whatever was sent.
    value = entry["configKeyValue"]
    if value.lower() in {"true", "false"}:
        value = "FALSE" if value.lower() == "false" else "true"
    return {**entry, "configKeyValue": value}


def config_value(store: Store, name: str, brand: int | None = None) -> str | None:
    """The value of a key, of a brand or of the whole org; None where it was never set."""
    entry = store.get("reward-config", f"{brand}/{name}")
    return None if entry is None else str(entry["configKeyValue"])


def seed(store: Store, org_id: int, _now: float) -> None:
    """What support and the console have made before anybody calls the API."""
    brand = {"id": FIRST_BRAND, "brand": "Acme", "enabled": True, "orgId": org_id}
    store.put("reward-brands", FIRST_BRAND, brand)
    for name, value in (
        (CATALOG_PROMOTIONS, "true"),
        ("CONF_SEND_REWARD_EXPIRY_NOTIFICATION_ENABLED", "false"),
    ):
        entry = {
            "configKeyName": name,
            "configKeyValue": value,
            "brandId": FIRST_BRAND,
            "label": _KEYS[name][1],
        }
        store.put("reward-config", f"{FIRST_BRAND}/{name}", entry)
    for code, language, enabled in (
        ("en", "English", True),
        ("fr", "French", True),
        ("de", "German", False),
    ):
        document = {"code": code, "name": language, "enabled": enabled}
        store.put("reward-languages", code, document)
    _seed_audiences(store)


def _seed_audiences(store: Store) -> None:
    """Segments, programmes, labels and card series: other services make them, rewards name them."""
    for segment, partitions in (("7301", ["3301", "3302"]), ("7305", ["3310"])):
        store.put("reward-segments", segment, {"partitions": partitions})
    for program, tiers, partners in ((512, [40, 41, 42], [61]), (733, [71, 72], [])):
        store.put("reward-programs", program, {"tiers": tiers, "partners": partners})
    for label in (17204, 17205):
        store.put("reward-labels", label, {"id": label})
    for id, code in ((201, "CORAL2026A"), (202, "CORAL2026B")):
        store.put("reward-card-series", code, {"id": id, "code": code})
