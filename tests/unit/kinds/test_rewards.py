from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from capsync.kind import Check, Pair
from capsync.kinds import KINDS
from capsync.model import NOTHING, Action, Address, FieldChange, Resource
from capsync.validate.wholes import check_together
from capsync.values.diff import differences
from capsync.values.normalise import canonical
from tests.unit.kinds.examples import warned, wrong

REWARD: dict[str, Any] = {
    "startTime": "2027-02-01T00:00:00Z",
    "endTime": "2028-02-01T00:00:00Z",
    "type": "VOUCHER",
    "redemptionType": "VOUCHER",
    "intouchPoints": 5,
    "languageSpecificInfo": [{"languageCode": "en", "name": "Mug", "enabled": True}],
}
CUSTOM_FIELD: dict[str, Any] = {"name": "Size", "scope": "REWARD", "dataType": "STRING"}
RESTRICTION: dict[str, Any] = {
    "kpi": "POINTS",
    "constraintLevel": "CUSTOMER",
    "frequencyType": "DAILY",
    "constraintLimitValue": 5,
}
PROMOTION: dict[str, Any] = {
    "startTime": "2027-03-01T00:00:00Z",
    "endTime": "2027-04-01T00:00:00Z",
    "discountType": "PERCENTAGE",
    "discountValue": 10,
    "languageSpecificInfo": [
        {"languageCode": "en", "name": "Sale", "description": "", "enabled": True}
    ],
    "rewardIds": [1],
}


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


UPCOMING, LIVE, ENDED = map(_seconds, ("2027-01-01", "2027-06-01", "2029-01-01"))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            {"endTime": "2027-01-01T00:00:00Z"},
            "endTime may not be before startTime (API error 400)",
        ),
        (
            {"segment": [{"segmentId": "1"}], "labels": [7]},
            "labels and segment exclude each other: a reward has one kind of audience"
            " (API error 400)",
        ),
        (
            {"redemptionType": "INTOUCH_REWARD"},
            "intouchSeriesId is needed with redemptionType INTOUCH_REWARD (API error 400)",
        ),
        (
            {"redemptionType": "VENDOR_ONLY_REWARD"},
            "vendorRedemption is needed with redemptionType VENDOR_ONLY_REWARD (API error 400)",
        ),
        (
            {"intouchPoints": 0},
            "intouchPoints or paymentConfigs is needed, unless type is FREE_VOUCHER"
            " (API error 400)",
        ),
        (
            {"redemptionType": "MILES"},
            "paymentConfigs is needed with redemptionType MILES (API error 400)",
        ),
        (
            {"paymentConfigs": [{"paymentMode": "FREE"}, {"paymentMode": "POINTS", "points": 1}]},
            "paymentConfigs.0 FREE stands alone (API error 400)",
        ),
        (
            {"paymentConfigs": [{"paymentMode": "CASH"}]},
            "paymentConfigs.0 cash is required",
        ),
        (
            {"restrictions": {"customerLevel": [{
                "kpi": "QUANTITY",
                "windowType": "FIXED",
                "repeatFrequencyType": "DAYS",
                "limit": 1,
                "interval": 2,
            }]}},
            "restrictions.customerLevel.0.startOfCycle is needed for FIXED days (API error 400)",
        ),
        (
            {"restrictions": {"rewardLevel": [{
                "kpi": "QUANTITY",
                "windowType": "FIXED",
                "repeatFrequencyType": "WEEKS",
                "limit": 1,
                "interval": 2,
            }]}},
            "restrictions.rewardLevel.0.interval is not allowed for FIXED weeks (API error 400)",
        ),
        ({"rewardExternalId": "MUG-1"}, 'rewardExternalId "MUG-1" does not have the form'),
        ({"categories": [1, 1]}, "categories an item is there twice"),
        (
            {"languageSpecificInfo": [{**REWARD["languageSpecificInfo"][0], "images": [
                {"name": "a", "isExternal": True}
            ]}]},
            "languageSpecificInfo.0.images.0 url is required",
        ),
    ],
)  # fmt: skip
def test_rewards_that_validate_refuses(more: Mapping[str, Any], says: str) -> None:
    said = wrong("Reward", {**REWARD, **more})
    assert len(said) == 1
    assert said[0].startswith(says)


def test_a_whole_reward_is_a_spec() -> None:
    assert wrong("Reward", REWARD) == []


def test_revenue_cycles_lie_inside_the_reward_and_apart() -> None:
    cycle = {
        "commissionParticipant": "BRAND",
        "commissionRate": "2.0",
        "cycleStartDate": "2027-01-01T00:00:00Z",
        "cycleEndDate": "2027-08-01T00:00:00Z",
    }
    later = {"cycleStartDate": "2027-07-01T00:00:00Z", "cycleEndDate": "2029-01-01T00:00:00Z"}
    said = wrong("Reward", {**REWARD, "rewardRevenueMeta": [cycle, {**cycle, **later}]})
    assert [each.split(" ")[0] for each in said] == [
        "rewardRevenueMeta.0.cycleStartDate",
        "rewardRevenueMeta.1.cycleEndDate",
        "rewardRevenueMeta.1",
    ]


def test_what_only_the_console_refuses_is_a_warning() -> None:
    limits = {
        "rewardLevel": [{"kpi": "QUANTITY", "repeatFrequencyType": "NO_LIMIT", "limit": 9}],
        "customerLevel": [
            {"kpi": "QUANTITY", "windowType": "FIXED", "repeatFrequencyType": "MONTHS", "limit": 1},
            {"kpi": "QUANTITY", "repeatFrequencyType": "DAYS", "limit": 1, "interval": 3},
        ],
    }
    assert warned("Reward", {**REWARD, "restrictions": limits}) == ["restrictions"]


@pytest.mark.parametrize(
    ("kind", "spec", "says"),
    [
        (
            "RewardCustomField",
            {**CUSTOM_FIELD, "isMandatory": True},
            "defaultValue is needed with isMandatory true (API error 400)",
        ),
        (
            "RewardCustomField",
            {**CUSTOM_FIELD, "dataType": "ENUM", "enumValues": ["S"], "defaultValue": "M"},
            "defaultValue is not one of enumValues (API error 3025)",
        ),
        (
            "RewardCustomField",
            {**CUSTOM_FIELD, "dataType": "ENUM", "enumValues": ["S", "S"], "defaultValue": "S"},
            "enumValues holds a value twice (API error 3029)",
        ),
        (
            "RewardCustomField",
            {
                **CUSTOM_FIELD,
                "dataType": "ENUM",
                "enumValues": [str(number) for number in range(31)],
                "defaultValue": "1",
            },
            "enumValues needs 1 to 30 values (API error 400)",
        ),
        (
            "RewardCustomField",
            {**CUSTOM_FIELD, "dataType": "ENUM", "enumValues": ["", "a"], "defaultValue": "a"},
            "enumValues.0 is empty (API error 3030)",
        ),
        (
            "RewardLanguage",
            {"code": "en", "name": "English", "enabled": False},
            "enabled English is the default language and can not be disabled",
        ),
        (
            "RewardsConfig",
            {"CONF_ENABLE_ORG_TIMEZON": True},
            "CONF_ENABLE_ORG_TIMEZON unknown field",
        ),
        (
            "RewardsConfig",
            {"CONF_CATALOG_PROMOTION_BUFFER_END_TIME_MINUTES": 31},
            "CONF_CATALOG_PROMOTION_BUFFER_END_TIME_MINUTES 31 is above 30",
        ),
        (
            "RewardsConfig",
            {"CONF_EXT_POINTS_VENDOR": None},
            "CONF_EXT_POINTS_VENDOR can not be unset, and its default is not documented: write one",
        ),
        (
            "RichContent",
            {"name": "how", "isMandatory": True, "scope": "REWARD"},
            "defaultValue is needed with isMandatory true (API error 400)",
        ),
        (
            "PointsRestriction",
            {**RESTRICTION, "constraintLevel": "CUSTOMER_SEGMENT", "segmentId": "1"},
            "partitionId is needed with constraintLevel CUSTOMER_SEGMENT",
        ),
        (
            "Vendor",
            {"name": "Pine", "type": "REWARDS", "isEncryptionRequired": True},
            "vendorTypes is needed with isEncryptionRequired true (API error 400)",
        ),
        (
            "ExpiryReminder",
            {"duration": 3, "timing": "24:00"},
            'timing "24:00" does not have the form',
        ),
        (
            "CatalogPromotion",
            {**PROMOTION, "endTime": "2027-02-01T00:00:00Z"},
            "endTime may not be before startTime (API error 11020)",
        ),
    ],
)
def test_specs_that_validate_refuses(kind: str, spec: Mapping[str, Any], says: str) -> None:
    said = wrong(kind, spec)
    assert len(said) == 1
    assert said[0].startswith(says)


def test_every_type_of_reward_is_a_text_in_quotes() -> None:
    level = {"constraintLevel": "CUSTOMER_REDEMPTION_TYPE"}
    assert wrong("PointsRestriction", {**RESTRICTION, **level, "redemptionType": "NULL"}) == []
    (said,) = wrong("PointsRestriction", {**RESTRICTION, **level, "redemptionType": None})
    assert said == "redemptionType is needed with constraintLevel CUSTOMER_REDEMPTION_TYPE"


def _together(kind: str, specs: list[dict[str, Any]]) -> list[str]:
    resources = [Resource(Address(kind, f"r{n}"), spec) for n, spec in enumerate(specs)]
    return [
        f"{resource.address.name} {complaint.severity}: {complaint.message}"
        for resource, complaint in check_together(KINDS[kind], resources)
    ]


def test_caps_are_known_before_anything_is_sent() -> None:
    fields = [{**CUSTOM_FIELD, "scope": "ISSUE_REWARD", "name": f"n{n}"} for n in range(11)]
    assert _together("RewardCustomField", fields)[0].startswith("r10 error: at most 10")
    contents = [{"name": f"n{n}", "isMandatory": False, "scope": "REWARD"} for n in range(21)]
    assert _together("RichContent", contents) == [
        "r20 error: at most 20 rich contents are allowed in an org"
    ]
    assert _together("RichContent", [*contents[:20], {**contents[20], "isActive": False}]) == []
    level = {"constraintLevel": "CUSTOMER_TIER"}
    limits = [{**RESTRICTION, **level, "tierId": n} for n in range(16)]
    assert "(API error 12020)" in _together("PointsRestriction", limits)[0]
    idle = [{**each, "isActive": False, "tierId": n + 100} for n, each in enumerate(limits * 4)]
    assert "(API error 12019)" in _together("PointsRestriction", idle)[0]
    banks = [{"name": name, "type": "POINTS"} for name in "ab"]
    assert _together("Vendor", banks) == ["r1 error: a brand has one POINTS vendor (API error 409)"]


def test_limits_of_the_console_are_warnings() -> None:
    reminders = [{"duration": n} for n in range(21)]
    (said,) = _together("ExpiryReminder", reminders)
    assert said.startswith("r20 warning: the console takes 20")


def test_a_reward_in_two_promotions_is_a_warning() -> None:
    other = {**PROMOTION, "languageSpecificInfo": [{**PROMOTION["languageSpecificInfo"][0]}]}
    other["languageSpecificInfo"][0]["name"] = "Other"
    (said,) = _together("CatalogPromotion", [PROMOTION, other])
    assert said.startswith("r1 warning: is in CatalogPromotion/r0 already")
    assert _together("CatalogPromotion", [PROMOTION, {**other, "enabled": False}]) == []


def _judged(
    kind: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: float,
    action: Action = Action.UPDATE,
) -> list[str]:
    schema = KINDS[kind].schema
    live, desired = canonical(schema, before), canonical(schema, after)
    fields = (
        tuple(differences(schema, desired, live))
        if action is Action.UPDATE
        else tuple(FieldChange((name,), NOTHING, value) for name, value in desired.items())
    )
    guard = KINDS[kind].guard
    assert guard is not None
    check = Check(action, desired, live, None, fields, now)
    return [f"{each.effect}: {each.reason}" for each in guard(check)]


@pytest.mark.parametrize("name", ["startTime", "type", "redemptionType", "owners"])
@pytest.mark.parametrize(("now", "locked"), [(UPCOMING, False), (LIVE, True), (ENDED, True)])
def test_locks_by_status(name: str, now: float, locked: bool) -> None:
    values = {
        "startTime": "2027-02-02T00:00:00Z",
        "type": "POINTS",
        "redemptionType": "AUCTION",
        "owners": [{"ownerType": "GOODWILL"}],
    }
    said = _judged("Reward", REWARD, {**REWARD, name: values[name]}, now)
    assert any(each.startswith(f"blocked: {name} is fixed") for each in said) is locked


def test_times_of_new_rewards_are_recent() -> None:
    old = {**REWARD, "startTime": "2010-01-01T00:00:00Z", "endTime": "2012-01-01T00:00:00Z"}
    said = _judged("Reward", {}, old, LIVE, Action.CREATE)
    assert said == [
        "blocked: startTime is more than 10 years back",
        "blocked: endTime is more than 10 years back",
        "warning: endTime is past: the reward is ENDED at once",
    ]


def test_links_can_not_be_emptied() -> None:
    before = {**REWARD, "vendorRedemption": 7}
    said = _judged("Reward", before, {**REWARD, "vendorRedemption": None}, UPCOMING)
    assert said == [
        "blocked: no documented call empties vendorRedemption: make a new reward",
    ]


def test_an_expired_promotion_is_closed() -> None:
    after = {**PROMOTION, "endTime": "2030-01-01T00:00:00Z"}
    assert _judged("CatalogPromotion", PROMOTION, after, ENDED) == [
        "blocked: an expired promotion can not be changed (11024): make a new one"
    ]


def test_renames_are_told_where_others_know_the_name() -> None:
    after = {**CUSTOM_FIELD, "name": "Größe"}
    (said,) = _judged("RewardCustomField", CUSTOM_FIELD, after, LIVE)
    assert said.startswith("warning: rewards, promotions and redemptions know it by its name")


def test_settings_of_the_brand_go_before_those_of_the_org() -> None:
    rows = [
        {"configKeyName": "CONF_EXT_POINTS_VENDOR", "configKeyValue": "TRUE", "brandId": 204},
        {"configKeyName": "CONF_EXT_POINTS_VENDOR", "configKeyValue": "false", "brandId": None},
        {"configKeyName": "CONF_OTHER", "configKeyValue": "1", "brandId": None},
    ]
    kind = KINDS["RewardsConfig"]
    assert kind.read({"configList": rows}) == {"CONF_EXT_POINTS_VENDOR": "TRUE"}


def test_rows_of_rewards_have_the_key_of_their_manifests() -> None:
    kind = KINDS["Reward"]
    row = {"id": 1, "name": "Mug", "startTime": "2027-02-01 00:00:00", "vendorRedemptionId": 7}
    live = canonical(kind.schema, kind.read(row))
    assert kind.keys[1].of(live) == kind.keys[1].of(canonical(kind.schema, REWARD)) == ("Mug",)
    assert live["startTime"] == "2027-02-01T00:00:00Z"
    assert live["vendorRedemption"] == 7


def test_the_name_in_the_default_language_is_the_key() -> None:
    kind = KINDS["Reward"]
    blocks = [{"languageCode": "fr", "name": "Tasse"}, {"languageCode": "en", "name": "Mug"}]
    assert kind.keys[1].of({"languageSpecificInfo": blocks}) == ("Mug",)
    assert kind.keys[1].of({"languageSpecificInfo": blocks[:1]}) == ("Tasse",)
    assert kind.keys[1].of({"languageSpecificInfo": []}) is None


def test_custom_fields_without_a_value_are_left_out_of_bodies() -> None:
    route = KINDS["Reward"].create
    assert route is not None
    assert callable(route.wrap)
    body = route.wrap(
        {
            "customFields": {"Plan": None, "Size": "M"},
            "languageSpecificInfo": [{"languageCode": "en", "customFields": {"Plan": None}}],
        }
    )
    assert body == {
        "customFields": {"Size": "M"},
        "languageSpecificInfo": [{"languageCode": "en", "customFields": {}}],
    }


def test_many_actions_are_what_the_console_refuses() -> None:
    actions = [
        {"name": f"call {n}", "execOrder": n, "apiUrl": "https://a.example", "apiType": "POST"}
        for n in range(1, 22)
    ]
    spec = {"vendorId": 731, "name": "Popcorn", "redemptionType": "VOUCHER"}
    assert warned("VendorRedemption", {**spec, "actions": actions}) == ["actions"]
    assert warned("VendorRedemption", {**spec, "actions": actions[:20]}) == []


def test_ways_to_pay_that_do_not_count_are_told() -> None:
    ways = [
        {"paymentMode": "POINTS", "points": 1},
        {"paymentMode": "POINTS_CASH", "points": 1, "cash": 1},
        {"paymentMode": "POINTS_CASH", "points": 2, "cash": 1},
        {"paymentMode": "POINTS", "points": 2},
    ]
    spec = {**REWARD, "paymentConfigs": ways}
    assert warned("Reward", spec) == ["paymentConfigs.3"]
    shape = KINDS["Reward"].shape
    assert shape is not None
    assert shape(Pair(spec))["paymentConfigs"] == ways[:3]
    assert shape(Pair(REWARD)) == REWARD


def test_what_the_api_may_refuse_is_told_and_sent() -> None:
    vendor = {"name": "Pine", "type": "REWARDS", "isEncryptionRequired": True}
    told = {**vendor, "vendorTypes": ["OVO", "SHOP"], "code": None}
    assert warned("Vendor", told) == ["code", "vendorTypes.1"]
    assert wrong("Vendor", told) == []
    shape = KINDS["Vendor"].shape
    assert shape is not None
    assert shape(Pair(told)) == {**vendor, "vendorTypes": ["OVO", "SHOP"]}
    assert shape(Pair({**told, "code": "PINE"}))["code"] == "PINE"
    limit = {**RESTRICTION, "redemptionType": "MILES", "label": "VIP"}
    assert (warned("PointsRestriction", limit), wrong("PointsRestriction", limit)) == (
        ["label", "redemptionType"],
        [],
    )
    assert wrong("Reward", {**REWARD, "endTime": REWARD["startTime"]}) == []
    field = {**CUSTOM_FIELD, "enumValues": ["S"], "defaultValue": "S"}
    assert (warned("RewardCustomField", field), wrong("RewardCustomField", field)) == (
        ["enumValues"],
        [],
    )


def test_null_in_place_of_maps_by_name_is_told_and_passed_over() -> None:
    block = {**REWARD["languageSpecificInfo"][0], "richContentRO": None}
    spec = {**REWARD, "customFields": None, "languageSpecificInfo": [block]}
    assert warned("Reward", spec) == ["customFields", "languageSpecificInfo.0.richContentRO"]
    shape = KINDS["Reward"].shape
    assert shape is not None
    assert shape(Pair(spec)) == REWARD
