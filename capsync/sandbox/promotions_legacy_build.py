"""Promotions of the old UI as documents: what their create call checks, snaps and adds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NoReturn

from capsync.sandbox.targets_answers import is_one_of
from capsync.sandbox.targets_dates import instant
from capsync.sandbox.web import Refusal, Reply, Request

Json = Any

COLLECTION = "legacy-promotions"
IDENTIFIERS = "legacy-promotion-identifiers"  # of a program: f"{program}/{identifier}"
NAMES = "legacy-promotion-names"

_RULESET_NEEDS = ("contextID", "orgID", "contextType", "endpointName", "name", "type")
_RULE_NEEDS = ("exp", "expJSON", "isActive", "caseToActions")
_FILTERS = {
    "LoyaltyType": "com.capillary.shopbook.emf.impl.filter.LoyaltyTypeFilterImpl",
    "EventSource": "com.capillary.shopbook.emf.impl.filter.EventSourceFilterImpl",
}
_ACTIONS = "com.capillary.shopbook.pointsengine.endpoint.impl.action."
_ALWAYS = (1081601860018, 33585195460018)  # how a rule without dates of its own is shown
_SOURCES = frozenset({"PROMOTION_API", "CAMPAIGN", "BADGES", "USER_CREATED"})
_EVENTS = frozenset({"TRANSACTIONADD", "CUSTOMERUPDATE", "CUSTOMERREGISTRATION", "TARGETCOMPLETED"})
_REDEMPTIONS = {
    "name": "MAX_REDEMPTIONS_PER_EARN_PER_CUSTOMER",
    "value": 100,
    "type": "NON_PERIOD_BASED",
    "periodType": None,
    "periodUnit": None,
}
_NO_LIMITS = {
    "pointsPerCustomer": -1,
    "numberOfTimesPerCustomer": -1,
    "totalPointsInPromotion": -1,
    "totalPointsPerEventLimit": -1,
}


def refuse(code: int, message: str) -> NoReturn:
    """A failure in the legacy envelope: its code stands in `status`, the HTTP status is 200."""
    body = {
        "status": {"code": code, "message": message},
        "validationErrors": [{"code": code, "message": message}],
        "data": None,
        "pageDetails": None,
    }
    raise Refusal(Reply(body))


def program_of(request: Request) -> int:
    """The program of the path. Whether it exists is not checked here."""
    text = request.params["programId"]
    if not text.isdecimal() or int(text) == 0:
        refuse(2010, "Program id is invalid")
    return int(text)


def create_promotion(request: Request, body: Json) -> Json:
    """Check a create body, store the promotion and return its document."""
    program = program_of(request)
    _check(request, program, body)
    now_ms = int(request.now * 1000)
    id = request.store.next("legacy-promotion-id", 97_001)
    source = body["promotionSourceType"]
    promotion = {
        "id": id,
        "name": body["name"],
        "description": body.get("description") or "creating promotion via API",
        "changedOn": request.now,
        "changedBy": request.user_id,
        "rulesetInfos": [_ruleset(request, each, now_ms, source) for each in body["rulesetInfos"]],
        "programName": f"Program {program}",
        "programId": program,
        "startDate": _moment(body["startDate"]).date().isoformat(),
        "endDate": _moment(body["endDate"]).date().isoformat(),
        "identifier": body["identifier"],
        "isActive": True,
        "eventName": body["eventName"],
        "allocatePointsOn": body.get("allocatePointsOn") or "BILL",
        "promotionType": body.get("promotionType") or "BILL",
        "limits": {**_NO_LIMITS, **(_member(body, "limits"))},
        "pointsOfferType": body.get("pointsOfferType") or "GENERIC",
        "promotionSourceType": source,
        "promotionRestrictions": _restrictions(_member(body, "promotionRestrictions")),
    }
    request.store.put(COLLECTION, id, promotion)
    request.store.put(NAMES, f"{program}/{promotion['name']}", id)
    request.store.put(IDENTIFIERS, f"{program}/{promotion['identifier']}", id)
    return promotion


def _moment(text: Json) -> datetime:
    moment = instant(text)
    if moment is None:
        refuse(4057, "Date format is wrong")
    return moment.astimezone(UTC)


def _member(owner: Json, name: str) -> dict[str, Json]:
    value = owner.get(name)
    if not isinstance(value, dict | None):
        refuse(4076, f"{name} is no object")
    return value or {}


def _members(owner: Json, name: str) -> list[dict[str, Json]]:
    value = owner.get(name)
    if not isinstance(value, list | None) or not all(isinstance(x, dict) for x in value or ()):
        refuse(4076, f"{name} is no list of objects")
    return value or []


def _check(request: Request, program: int, body: Json) -> None:
    for name, code in (("startDate", 4011), ("endDate", 4012), ("promotionSourceType", 4079)):
        if not body.get(name):
            refuse(code, f"{name} is missing")
    for name in ("name", "identifier"):
        if not isinstance(body.get(name), str) or not 0 < len(body[name]) <= 255:
            refuse(400, f"{name} is missing or longer than 255 characters")
    if body.get("id") != -1 or not is_one_of(body["promotionSourceType"], _SOURCES):
        refuse(400, "id is not -1 or promotionSourceType not known")
    if not is_one_of(body.get("eventName"), _EVENTS):
        refuse(400, "eventName is missing or not known")
    if _moment(body["endDate"]) <= _moment(body["startDate"]):
        refuse(400, "endDate is not after startDate")
    for collection, name, code in ((IDENTIFIERS, "identifier", 4007), (NAMES, "name", 4003)):
        if request.store.get(collection, f"{program}/{body[name]}") is not None:
            refuse(code, f"{name} exists in the program")
    _check_parts(body)


def _check_parts(body: Json) -> None:
    limits = _member(body, "promotionRestrictions")
    linked = limits.get("targetGroupIds") and limits.get("targetRuleIds")
    if body["promotionSourceType"] == "USER_CREATED" and not linked:
        refuse(4074, "targetGroupIds and targetRuleIds are required")
    rulesets = _members(body, "rulesetInfos")
    if len(rulesets) != 1:
        refuse(4075, "exactly one ruleset is needed")
    _check_ruleset(rulesets[0])


def _check_ruleset(ruleset: Json) -> None:
    missing = [name for name in _RULESET_NEEDS if not ruleset.get(name)]
    missing += [name for name in ("startDate", "endDate", "active") if ruleset.get(name) is None]
    rules = _members(ruleset, "rules")
    if missing or not rules:
        refuse(4076, f"ruleset is not whole: {', '.join(missing) or 'rules'}")
    _check_filters(ruleset)
    for rule in rules:
        if any(rule.get(name) is None for name in _RULE_NEEDS):
            refuse(4076, "a rule is not whole")
        _check_filters(rule)
        cases = _member(rule, "caseToActions")
        for action in (action for case in cases for action in _members(cases, case)):
            properties = _member(action, "mandatoryPropertiesValues")
            if any(not name or value in (None, "") for name, value in properties.items()):
                refuse(4080, "an action has an empty property")


def _check_filters(owner: Json) -> None:
    if any(not is_one_of(each.get("name"), _FILTERS) for each in _members(owner, "filterInfo")):
        refuse(4078, "filter name is invalid")


def _limits(given: Json) -> Json:
    redemption = [
        {**each, "periodType": each.get("periodType"), "periodUnit": each.get("periodUnit")}
        for each in _members(given, "redemptionRestrictions")
    ]
    if all(each.get("name") != _REDEMPTIONS["name"] for each in redemption):
        redemption.append(_REDEMPTIONS)
    issual = _members(given, "issualRestrictions")
    kept = {
        "redemptionRestrictions": redemption,
        "issualRestrictions": [{n: v for n, v in each.items() if n != "type"} for each in issual],
        "earnRestrictions": _members(given, "earnRestrictions"),
        "expiryRestrictions": _members(given, "expiryRestrictions"),
    }
    for each in (each for part in kept.values() for each in part):
        value = each.get("value")
        if not isinstance(value, int) or not -1 <= value <= 100:
            refuse(400, f"{each.get('name')} is not between -1 and 100")
    return kept


def _restrictions(body: Json) -> Json:
    groups, rules = _ids(body, "targetGroupIds"), _ids(body, "targetRuleIds")
    linked = body.get("linkedTargetGroupVsTargetRuleIdMap")
    return {
        "restrictions": _limits(_member(body, "restrictions")),
        "scope": None,
        "loyaltyEarningType": body.get("loyaltyEarningType"),
        "expiryReminder": None,
        "targetGroupIds": groups,
        "targetRuleIds": rules,
        "linkedTargetGroupVsTargetRuleIdMap": linked or _linked(groups, rules),
        "cappingStatus": None,
        "skipEarnedDateCheckOnRedeem": False,
        "isStackable": bool(body.get("isStackable")),
        "isConsideredForRanking": bool(body.get("isConsideredForRanking")),
        "isExclusive": bool(body.get("isExclusive")),
        "isAlwaysApply": False,
    }


def _ids(body: Json, name: str) -> list[Json]:
    value = body.get(name)
    return value if isinstance(value, list) else []


def _linked(groups: list[Json], rules: list[Json]) -> Json:
    return {str(group): [rule] for group, rule in zip(groups, rules, strict=False)} or None


def _ruleset(request: Request, body: Json, now_ms: int, source: str) -> Json:
    id = request.store.next("legacy-ruleset-id", 127_412_001)
    stamped = _stamps(request, now_ms)
    made = datetime.fromtimestamp(now_ms / 1000, UTC)
    label = f"{made:%Y-%m-%dT%H:%M:%S}.{now_ms % 1000:03d}Z"
    return {
        "id": id,
        "orgName": f"Org {request.org_id}",
        **{name: body[name] for name in ("contextID", "orgID", "contextType", "name")},
        "rules": [_rule(request, rule, id, now_ms) for rule in body["rules"]],
        "ruleScope": "SERVER",
        "startDate": body["startDate"],
        "endDate": body["endDate"],
        **stamped,
        "packageName": "",
        "description": "",
        "filterInfo": [_filter(request, each) for each in body.get("filterInfo") or ()],
        "eventType": None,
        "cappingInfo": body.get("cappingInfo") or [],
        "updatedViaNewUI": False,
        "label": f"userCreatedLabel_{label}" if source == "USER_CREATED" else "",
        "private": True,
    }


def _stamps(request: Request, now_ms: int) -> Json:
    people = {"createdBy": request.user_id, "modifiedBy": request.user_id}
    return {**people, "createdOn": now_ms, "modifiedOn": now_ms}


def _rule(request: Request, body: Json, ruleset: int, now_ms: int) -> Json:
    return {
        "id": request.store.next("legacy-rule-id", 127_412_701),
        **{name: body[name] for name in ("exp", "expJSON", "isActive")},
        "jsonType": "JNODE",
        "priority": -1,
        "startDate": _ALWAYS[0],
        "endDate": _ALWAYS[1],
        "caseToActions": {
            case: [_action(request, action) for action in _members(body["caseToActions"], case)]
            for case in body["caseToActions"]
        },
        "ruleScope": "SERVER",
        **_stamps(request, now_ms),
        "name": body.get("name") or "Rule 1",
        "description": body.get("description") or "",
        "expDataType": body.get("expDataType"),
        "filterInfo": [_filter(request, each) for each in body.get("filterInfo") or ()],
        "ruleSetId": ruleset,
        "updatedViaNewUI": bool(body.get("updatedViaNewUI")),
    }


def _action(request: Request, body: Json) -> Json:
    name = str(body.get("actionName") or "")
    words = name.removesuffix("_ACTION").split("_")
    return {
        "id": request.store.next("legacy-action-id", 127_778_001),
        "actionName": name,
        "actionClass": f"{_ACTIONS}{''.join(word.title() for word in words)}ActionImpl",
        "mandatoryPropertiesValues": body.get("mandatoryPropertiesValues") or {},
        "mandatoryComplexPropertiesValues": {},
        "description": None,
    }


def _filter(request: Request, body: Json) -> Json:
    return {
        "id": request.store.next("legacy-filter-id", 127_393_001),
        "orgID": request.org_id,
        "ruleID": -1,
        "name": body["name"],
        "className": _FILTERS[body["name"]],
        "isInclude": body.get("isInclude", True),
        "propertyToValues": body.get("propertyToValues") or {},
    }
