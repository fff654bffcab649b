"""What stands under a rewards catalog: the brand, its settings, categories and languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from capsync.api.dialects import REWARDS as DIALECT
from capsync.fields import (
    Schema,
    boolean,
    enum,
    fixed,
    folded,
    integer,
    obj,
    obj_of,
    string,
)
from capsync.kind import (
    Check,
    Finding,
    Kind,
    Listing,
    Retire,
    Route,
    Service,
    Switch,
    Task,
    Verdict,
    Write,
    key_by,
)
from capsync.kinds.rewards_parts import (
    BRAND,
    BRAND_ID,
    DEFAULT_LANGUAGE,
    REWARDS,
    WEEKDAYS,
    fields,
    reading,
)
from capsync.model import Action, Spec

Json = Any

REWARD_BRAND = Kind(
    name="RewardBrand",
    family="rewards",
    doc="A brand of the org, which owns rewards, vendors and categories.",
    pages=("retrieve-brand-id",),
    dialect=DIALECT,
    lists=(
        Listing(
            Route(
                "POST", f"{REWARDS}/brand/getAll", body=lambda values: {"orgIds": [values["org"]]}
            ),
            rows="brandList",
        ),
    ),
    keys=(key_by("brand"),),
    reference_only=True,
    schema=obj(
        brand=string("Name of the brand."),
        enabled=boolean("Whether it is in use."),
        orgId=integer("Id of its org."),
    ),
    notes=("Brands are read only. The environment's `brand` picks the one to work on.",),
)


# Categories

_CATEGORY = f"{REWARDS}/metadata/category"
_CATEGORY_FIELDS = fields(
    {
        "name": fixed(
            folded(string("Name, compared without case.", minLength=1, maxLength=255)),
            "a category can not be renamed: make a new one and write it in the rewards",
        ),
        "enabled": boolean("Whether the category is in use.", default=True),
        **BRAND_ID,
    },
    required=["name"],
)
_STRIPS = (
    "disabling a category takes it out of every reward, and enabling it again does not bring it"
    " back"
)


def _strips_rewards(check: Check) -> Iterable[Verdict]:
    if check.action is Action.UPDATE and any(
        each.after is False for each in check.changes("enabled")
    ):
        yield Verdict("irreversible", _STRIPS)


def _category_status(action: str) -> Route:
    return Route("PUT", f"{_CATEGORY}/{{id}}/status/{action}/brand/{{brand}}")


REWARD_CATEGORY = Kind(
    name="RewardCategory",
    family="rewards",
    doc="A category that rewards are filed under.",
    pages=(
        "create-reward-category",
        "get-reward-category",
        "enable-or-disable-reward-categories",
    ),
    dialect=DIALECT,
    lists=(
        Listing(Route("GET", f"{REWARDS}/metadata/categories/brand/{{brand}}"), "categoryList"),
    ),
    keys=(key_by("name", caseless=True),),
    read=reading(_CATEGORY_FIELDS),
    create=Route("POST", f"{_CATEGORY}/create", fills=BRAND, omit=frozenset({"enabled"})),
    created_id="category.id",
    switches=(Switch("enabled", on=_category_status("enable"), off=_category_status("disable")),),
    retire=Retire("disable", _category_status("disable"), reversible=False),
    service=Service("enabled"),
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=_CATEGORY_FIELDS,
    guard=_strips_rewards,
    notes=(
        "A new category is always enabled.",
        f"There is no delete: {_STRIPS}. Rewards whose manifests write the category are linked"
        " again by the next apply.",
        "No error for a second category of one name is documented.",
    ),
)


# Languages

_LANGUAGE = f"{REWARDS}/metadata/language"
_LANGUAGE_FIELDS = obj_of(
    {
        "code": fixed(
            string(
                "Code, which names the language everywhere: `en`, `pt-BR`. The console takes"
                " letters, - and _, up to 9.",
                minLength=1,
                maxLength=255,
            ),
            "another code is another language: make it, and disable this one",
        ),
        "name": fixed(
            string("Name of the language.", minLength=1, maxLength=255),
            "a language can not be renamed: make another one with a code of its own",
        ),
        "enabled": boolean("Whether rewards may use it.", default=True),
    },
    required=["code", "name"],
)


def _english_stays(spec: Spec) -> Iterable[Finding]:
    if spec.get("code") == DEFAULT_LANGUAGE and spec.get("enabled") is False:
        yield Finding(("enabled",), "English is the default language and can not be disabled")


def _language_status(action: str) -> Route:
    return Route("PUT", f"{_LANGUAGE}/{{id}}/status/{action}")


REWARD_LANGUAGE = Kind(
    name="RewardLanguage",
    family="rewards",
    doc="A language that rewards and catalog promotions are written in.",
    pages=("create-language-metadata", "get-all-languages", "disable-language", "enable-language"),
    dialect=DIALECT,
    lists=(Listing(Route("GET", f"{REWARDS}/metadata/languages"), "languageList"),),
    id="code",
    keys=(key_by("code"),),
    read=reading(_LANGUAGE_FIELDS),
    create=Route("POST", f"{_LANGUAGE}/create", omit=frozenset({"enabled"})),
    created_id="language.code",
    duplicate_codes=frozenset({"2107"}),
    switches=(Switch("enabled", on=_language_status("enable"), off=_language_status("disable")),),
    retire=Retire("disable", _language_status("disable")),
    service=Service("enabled"),
    foreign=lambda raw: raw.get("code") == DEFAULT_LANGUAGE,
    schema=_LANGUAGE_FIELDS,
    rules=(_english_stays,),
    notes=(
        "English is the default and built in: it is neither exported nor pruned.",
        "There is no delete. A disabled language keeps the content that rewards have in it.",
        "2107 is described as an equal name, yet lists show equal names with other codes.",
    ),
)


# Settings

_DEFAULT_TIME = "16:00"


def _switch(doc: str, **notes: Json) -> Schema:
    """A setting that is "true" or "false" in a text, in any letter case."""
    pattern = "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"
    shape = {"type": ["boolean", "string"], "pattern": pattern, "x-wire": "text"}
    return shape | {"description": doc} | notes


_SETTINGS: dict[str, Schema] = {
    "CONF_START_OF_THE_WEEK_FOR_ORG_RESTRICTION": folded(
        enum(
            *WEEKDAYS,
            doc="Day on which the weeks of weekly points restrictions begin.",
            default="MONDAY",
        )
    )
    | {"x-clear": "MONDAY"},
    "CONF_SEND_REWARD_EXPIRY_NOTIFICATION_ENABLED": _switch(
        "Whether reminders are sent before rewards end."
    ),
    "CONF_SEND_EXPIRY_NOTIFICATION_FOR_REWARD_TIME": string(
        "Time of the day at which notices of expiry are sent, HH:MM.",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        default=_DEFAULT_TIME,
        **{"x-clear": _DEFAULT_TIME},
    ),
    "CONF_EXT_POINTS_VENDOR": _switch("Whether an outside vendor keeps the points."),
    "CONF_ENABLE_FEATURE_CATALOG_PROMOTION": _switch("Whether catalog promotions may be made."),
    "CONF_CATALOG_PROMOTION_BUFFER_END_TIME_MINUTES": {
        "type": ["integer", "string"],
        "pattern": "^([0-9]|[12][0-9]|30)$",
        "minimum": 0,
        "maximum": 30,
        "x-wire": "text",
        "description": "Minutes for which a catalog promotion is kept up after its end, 0 to 30.",
    },
    "CONF_ENABLE_ORG_TIMEZONE": _switch(
        "Whether times follow the zone of the org; else they are UTC.",
        default=False,
        **{"x-clear": "false"},
    ),
}


def _settings(raw: Json) -> dict[str, Json]:
    """The settings by key; one of the brand goes before one of the whole org."""
    rows = [row for row in raw.get("configList") or () if isinstance(row, Mapping)]
    ranked = sorted(rows, key=lambda row: row.get("brandId") is not None)
    values = {row["configKeyName"]: row.get("configKeyValue") for row in ranked}
    return {name: values[name] for name in _SETTINGS if name in values}


def _set_settings(task: Task) -> Sequence[Write]:
    return list(_one_by_one(task))


def _one_by_one(task: Task) -> Iterator[Write]:
    creates = task.action is Action.CREATE
    names = task.desired if creates else [str(path[0]) for path in task.changed]
    for name in dict.fromkeys(names):
        body = {
            "configKeyName": name,
            "configKeyValue": task.desired[name],
            "brandId": task.variables.get("brand"),
        }
        path = f"{REWARDS}/brand/config"
        yield Write(f"set {name}", "POST", path, body=body, repeatable=True, creates=creates)


def _emptied(spec: Spec) -> Iterable[Finding]:
    for name, schema in _SETTINGS.items():
        if name in spec and spec[name] is None and "x-clear" not in schema:
            yield Finding((name,), "can not be unset, and its default is not documented: write one")


def _week_start(check: Check) -> Iterable[Verdict]:
    if check.action is Action.UPDATE and check.changes(
        "CONF_START_OF_THE_WEEK_FOR_ORG_RESTRICTION"
    ):
        yield Verdict("warning", "this moves the week of every weekly points restriction")


REWARDS_CONFIG = Kind(
    name="RewardsConfig",
    family="rewards",
    doc="Settings of the rewards catalog, by key.",
    pages=(
        "organisation-level-configuration-for-rewards-catalog",
        "retrieve-organisation-level-configuration-for-rewards-catalog",
    ),
    dialect=DIALECT,
    lists=(Listing(Route("GET", f"{REWARDS}/brand/{{brand}}/getConfig")),),
    singleton=True,
    read=_settings,
    create=Route("POST", f"{REWARDS}/brand/config"),
    created_id="",
    update=Route("POST", f"{REWARDS}/brand/config"),
    writer=_set_settings,
    schema=obj_of(_SETTINGS),
    rules=(_emptied,),
    guard=_week_start,
    notes=(
        "Values are texts in the API; booleans may be written plainly and are compared without"
        " case. Each changed key is a call of its own.",
        "Nothing can be unset: null writes the documented default.",
        "Keys of the whole org come back without a brand, even if one was sent.",
    ),
)
