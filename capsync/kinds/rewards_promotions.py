"""Catalog promotions: a lower price of some rewards for a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from capsync.api.dialects import REWARDS as DIALECT
from capsync.fields import (
    blank,
    boolean,
    enum,
    instant,
    list_by,
    number,
    obj,
    oneway,
    ref,
    server_set,
    set_of,
    string,
)
from capsync.kind import (
    Check,
    Finding,
    Kind,
    Listing,
    NaturalKey,
    Retire,
    Route,
    Service,
    Switch,
    Verdict,
)
from capsync.kinds.rewards_fields import custom_fields
from capsync.kinds.rewards_parts import (
    BRAND,
    BRAND_ID,
    DEFAULT_LANGUAGE,
    REWARDS,
    fields,
    moment,
    name_in_language,
)
from capsync.kinds.rewards_rules import null_maps, status, without_null_maps
from capsync.model import Action, Resource, Spec
from capsync.values.instants import parse_instant
from capsync.values.wire import settable

Json = Any

_PROMOTION = f"{REWARDS}/promotion"
_OFF = Route("PUT", f"{_PROMOTION}/{{id}}/status/false/brand/{{brand}}")
_FLAG = "CONF_ENABLE_FEATURE_CATALOG_PROMOTION"

SCHEMA = fields(
    {
        "startTime": instant("When it begins, in the future; fixed once it runs (11022)."),
        "endTime": instant("When it ends; not in the past (11020)."),
        "discountType": enum(
            "ABSOLUTE", "PERCENTAGE", "FIXED", doc="What discountValue is; fixed once it runs."
        ),
        "discountValue": number("By how much the price is lower; fixed once it runs.", minimum=0),
        "enabled": oneway(
            boolean("Whether it is in use; a disabled one never comes back.", default=True), False
        ),
        "languageSpecificInfo": list_by(
            "languageCode",
            obj(
                required=["languageCode", "name", "description", "enabled"],
                languageCode=ref(
                    "RewardLanguage",
                    by="code",
                    base=string(maxLength=255),
                    doc="Code of the language.",
                ),
                name=string("Name of the promotion.", minLength=1),
                description=blank(string("What it is."), ""),
                enabled=boolean("Whether it is shown in this language."),
            ),
            "What customers read, by language. Languages that are left out are unmanaged.",
            children=True,
            minItems=1,
        ),
        "rewardIds": set_of(
            ref("Reward"),
            "The rewards, by id: all of them, others are taken out.",
            minItems=1,
            uniqueItems=True,
        ),
        "customFields": custom_fields("Values of custom fields of scope CATALOGUE_PROMOTION."),
        "name": server_set(string(), "Name in the default language, as lists show it."),
        "isEnabled": server_set(boolean(), "The same as enabled."),
        "rewards": server_set(doc="The rewards, as reads show them."),
        **BRAND_ID,
    },
    required=[
        "startTime",
        "endTime",
        "discountType",
        "discountValue",
        "languageSpecificInfo",
        "rewardIds",
    ],
)


def _read(raw: Json) -> dict[str, Json]:
    """A live promotion, or its row in the list, in the shape of a spec."""
    values = dict(raw)
    values["startTime"] = moment(raw, "startDateTime", "startTime")
    values["endTime"] = moment(raw, "endDateTime", "endTime")
    values["enabled"] = raw.get("isEnabled", raw.get("enabled"))
    if raw.get("languageSpecificInfo") is None:
        # Rows of the list tell the name in the default language, and nothing else.
        first = {"languageCode": DEFAULT_LANGUAGE, "name": raw.get("name")}
        values["languageSpecificInfo"] = [first]
    if isinstance(links := raw.get("rewards"), list):
        # A reward has a link for each of its ways to pay.
        values["rewardIds"] = list(dict.fromkeys(each.get("rewardId") for each in links))
    spec: dict[str, Json] = settable(SCHEMA, values)
    return spec


def _dates(spec: Spec) -> Iterable[Finding]:
    start, end = (parse_instant(spec.get(name)) for name in ("startTime", "endTime"))
    if start is not None and end is not None and start > end:
        yield Finding(("endTime",), "may not be before startTime", code="11020")


def _percentage(spec: Spec) -> Iterable[Finding]:
    value = spec.get("discountValue")
    if spec.get("discountType") == "PERCENTAGE" and isinstance(value, int | float) and value > 100:
        yield Finding(("discountValue",), "is more than 100 %", severity="warning")


def _one_promotion_each(resources: Sequence[Resource]) -> Iterable[tuple[Resource, Finding]]:
    """A reward may be in one active promotion (11004)."""
    seen: dict[str, Resource] = {}
    for resource in resources:
        if resource.spec.get("enabled") is False:
            continue
        for place, reward in enumerate(resource.spec.get("rewardIds") or ()):
            first = seen.setdefault(str(reward), resource)
            if first is not resource:
                message = f"is in {first.address} already: the API takes one active promotion each"
                finding = Finding(("rewardIds", place), message, code="11004", severity="warning")
                yield resource, finding


def _guard(check: Check) -> Iterator[Verdict]:
    now = datetime.fromtimestamp(check.now, UTC)
    if check.action is Action.CREATE:
        yield from _new(check, now)
        return
    stage = status(check.live.get("startTime"), check.live.get("endTime"), now)
    changed = [str(change.path[0]) for change in check.fields if change.path]
    if stage == "ENDED" and any(name != "enabled" for name in changed):
        yield Verdict("blocked", "an expired promotion can not be changed (11024): make a new one")
    if stage == "LIVE":
        for name in ("startTime", "discountType", "discountValue"):
            if name in changed:
                reason = f"{name} is fixed once a promotion runs (11022): make a new one"
                yield Verdict("blocked", reason)
    if "endTime" in changed and _is_past(check.desired.get("endTime"), now):
        yield Verdict("blocked", "endTime can not be moved into the past (11020)")


def _new(check: Check, now: datetime) -> Iterator[Verdict]:
    if _is_past(check.desired.get("startTime"), now):
        yield Verdict("blocked", "a new promotion has to begin in the future")


def _is_past(value: Json, now: datetime) -> bool:
    when = parse_instant(value)
    return when is not None and when < now


CATALOG_PROMOTION = Kind(
    name="CatalogPromotion",
    family="rewards",
    doc="A lower price of rewards for a time.",
    pages=(
        "post-create-catalog-promotion",
        "put-update-catalog-promotion",
        "put-disable-catalog-promotion",
        "get-catalog-promotion-details",
        "get-catalog-promotion-list",
    ),
    dialect=DIALECT,
    lists=(
        Listing(
            Route("GET", f"{_PROMOTION}/brand/{{brand}}"), rows="catalogPromotions", whole=False
        ),
    ),
    detail=Route("GET", f"{_PROMOTION}/{{id}}/brand/{{brand}}"),
    detail_rows="catalogPromotion",
    keys=(NaturalKey("name in the default language", name_in_language, enforced=False),),
    read=_read,
    shape=lambda pair: without_null_maps(pair.desired),
    create=Route("POST", f"{_PROMOTION}/create", fills=BRAND),
    created_id="catalogPromotion.id",
    update=Route(
        "PUT",
        f"{_PROMOTION}/{{id}}/brand/{{brand}}",
        whole=True,
        fills=BRAND,
        omit=frozenset({"enabled"}),
    ),
    switches=(Switch("enabled", on=None, off=_OFF),),
    retire=Retire("disable", _OFF, reversible=False),
    service=Service("enabled", final=True),
    stamp="lastUpdatedOn",
    cached=False,
    changed_by="lastUpdatedBy",
    schema=SCHEMA,
    rules=(_dates, _percentage, null_maps),
    project_rules=(_one_promotion_each,),
    guard=_guard,
    after=("RewardsConfig", "RewardCustomField"),
    notes=(
        f"Promotions are a feature of their own: RewardsConfig {_FLAG} switches it on.",
        "A disabled promotion can not be enabled again: it counts as absent.",
        "A reward may be in one active promotion (11004); expired, disabled and free rewards are"
        " refused (11015).",
        "customFields are read back, but the create table does not name them.",
    ),
)
