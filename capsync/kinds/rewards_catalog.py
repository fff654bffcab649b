"""Rewards: what customers get for their points, when, and who may have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from capsync.api.dialects import REWARDS as DIALECT
from capsync.kind import Check, Kind, Listing, NaturalKey, Pair, Retire, Route, Service, key_by
from capsync.kinds.rewards_fields import SCHEMA
from capsync.kinds.rewards_parts import (
    BRAND,
    MEDIA_NOTE,
    REWARDS,
    moment,
    name_in_language,
    pages,
)
from capsync.kinds.rewards_rules import GUARDS, ONCE, RULES, without_null_maps
from capsync.values.wire import settable

Json = Any

_REWARD = f"{REWARDS}/reward"


def _read(raw: Json) -> dict[str, Json]:
    """A live reward, or its row in the list, in the shape of a spec."""
    values = dict(raw)
    values["startTime"] = moment(raw, "startDateTime", "startDate", "startTime")
    values["endTime"] = moment(raw, "endDateTime", "endDate", "endTime")
    if "vendorRedemption" not in raw and "vendorRedemptionId" in raw:
        values["vendorRedemption"] = raw["vendorRedemptionId"]
    cards = raw.get("cardSeries", raw.get("cards"))
    if isinstance(cards, list):
        values["cardSeries"] = [_code(each) for each in cards]
    spec: dict[str, Json] = settable(SCHEMA, values)
    if "languageSpecificInfo" not in raw and "name" in raw:
        spec["name"] = raw["name"]  # a row tells it in the default language, and nothing else
    return spec


def _code(card: Json) -> Json:
    """The code of a card series: sent as text, read as an object."""
    return card.get("code") if isinstance(card, Mapping) else card


def _shape(pair: Pair) -> dict[str, Json]:
    """The desired reward without what the API passes over."""
    desired = without_null_maps(pair.desired)
    if isinstance(blocks := desired.get("languageSpecificInfo"), list):
        desired["languageSpecificInfo"] = [without_null_maps(each) for each in blocks]
    if isinstance(configs := desired.get("paymentConfigs"), list):
        modes = [each.get("paymentMode") for each in configs]
        desired["paymentConfigs"] = [
            each
            for place, (each, mode) in enumerate(zip(configs, modes, strict=True))
            if mode not in ONCE or mode not in modes[:place]
        ]
    return desired


def _body(reward: Json) -> Json:
    """The body as the API takes it: custom fields are replaced as a whole, so that one without a
    value is left out of them."""
    body = _with_values(reward)
    if isinstance(blocks := body.get("languageSpecificInfo"), list):
        body["languageSpecificInfo"] = [_with_values(each) for each in blocks]
    return body


def _with_values(holder: Mapping[str, Json]) -> dict[str, Json]:
    kept = dict(holder)
    for name in ("customFields", "richContentRO"):
        if isinstance(values := kept.get(name), Mapping):
            kept[name] = {key: each for key, each in values.items() if each is not None}
    return kept


def _guard(check: Check) -> Iterable[Any]:
    for guard in GUARDS:
        yield from guard(check)


REWARD = Kind(
    name="Reward",
    family="rewards",
    doc="A reward: what it is in each language, its price, who may have it, and how often.",
    pages=(
        "post-create-reward",
        "put-update-reward",
        "get-reward-details-by-id",
        "get-reward-list",
    ),
    dialect=DIALECT,
    lists=(
        Listing(
            Route("GET", f"{_REWARD}/list/brand/{{brand}}"),
            rows="rewardList",
            paging=pages(100),
            # Whether disabled rewards are in the list without this filter is not documented.
            passes=({"enabled": True}, {"enabled": False}),
            whole=False,
        ),
    ),
    detail=Route("GET", f"{_REWARD}/{{id}}/brand/{{brand}}"),
    detail_rows="reward",
    # Disabled rewards may not be shown (6004): what their row says is all that can be known.
    detail_missing=frozenset({"6004"}),
    keys=(
        key_by("rewardExternalId"),
        NaturalKey("name in the default language", name_in_language, enforced=False),
    ),
    read=_read,
    shape=_shape,
    create=Route("POST", f"{_REWARD}/create", wrap=_body, fills=BRAND),
    created_id="reward.id",
    duplicate_codes=frozenset({"6081"}),
    update=Route(
        "PUT",
        f"{_REWARD}/{{id}}/brand/{{brand}}",
        wrap=_body,
        fills=BRAND,
        whole=True,
        keeps=True,
    ),
    retire=Retire("disable", sets={"enabled": False}),
    service=Service("enabled"),
    # Groups and categories may be taken out of a reward without a new stamp, and links expire.
    stamp="lastUpdatedOn",
    cached=False,
    changed_by="lastUpdatedBy",
    schema=SCHEMA,
    rules=RULES,
    guard=_guard,
    after=("RewardsConfig",),
    notes=(
        "Names may repeat: write rewardExternalId, or metadata.id where several live rewards have"
        " one name. The default language is en.",
        "The details of a disabled reward may not be readable (6004): then what its row in the list"
        " shows is compared, and no more.",
        "An update sends the whole reward as read, since it replaces custom fields. Custom fields"
        " and rich content that the manifest does not write are sent back as they are shown, so"
        " that a default that is shown becomes the reward's own value: reads do not tell them"
        " apart.",
        "A custom field that is mandatory can not be emptied: its default comes back.",
        "geography, communications, name, description and termNConditions are never read back.",
        "null empties a list; the API itself takes null for `as it is`, so that [] is sent.",
        "When terms are mandatory is not documented; the API may refuse a reward without them.",
        "A DATE in customFields is compared as a moment where it has a time.",
        MEDIA_NOTE,
    ),
)
