"""Reward currency limits ("cappings") of a program: create and list, without ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import orjson

from capsync.sandbox.targets_answers import (
    MESSAGES,
    Rules,
    decoded,
    is_one_of,
)
from capsync.sandbox.targets_build import create_group, find_group
from capsync.sandbox.targets_dates import attribution_time
from capsync.sandbox.targets_views import period_status
from capsync.sandbox.web import Refusal, Reply, Request, Routes

Json = Any
Wanted = Callable[[Json], bool]

routes = Routes()

_COLLECTION = "cappings"
_SCOPES = ("INDIVIDUAL_EVENT", "INDIVIDUAL_CUSTOMER")
_CHOICES = {
    "entity": ("POINTS", "ALTERNATE_CURRENCIES"),
    "cappingEntity": ("ALL_EVENTS", "PROMOTION", "TRANSACTION_ADD"),
    "scope": _SCOPES,
}
_LARGEST_PAGE, _PAGE = 100, 10
_NO_FILTERS: dict[str, Json] = {
    "pointsFilters": {},
    "lineItemFilters": {
        "includedSkus": [],
        "includedBrands": [],
        "includedCategories": [],
        "includedAttributes": {},
    },
}


def _refuse(message: str, status: int = 400) -> NoReturn:
    raise Refusal(Reply({"code": None, "message": message}, status))


@routes("POST", "/api_gateway/loyalty/v1/programs/{programId}/cappings")
def create(request: Request) -> Reply:
    """A new limit. The answer names no id, and nothing here refuses a name twice."""
    body = decoded(request)
    if not isinstance(body, dict):
        _refuse("a JSON object is expected")
    _check(body)
    values = _inner(body, "propertyValues")
    capping = {
        "program": request.params["programId"],
        "name": body["name"],
        "scope": body["scope"],
        "entity": body["entity"],
        "identifier": body.get("entityIdentifier"),
        "event": body.get("eventName"),
        "cappingEntity": body.get("cappingEntityType"),
        "active": body.get("isActive") is not False,
        "limit": _limit(values),
        "filters": values.get("additionalFilters"),
        "group": _group(request, body) if body["scope"] == "INDIVIDUAL_CUSTOMER" else None,
    }
    request.store.put(_COLLECTION, request.store.next("capping-id"), capping)
    return Reply({"code": None, "message": "Limit created"})


def _check(body: Json) -> None:
    if not isinstance(body.get("name"), str) or not body["name"]:
        _refuse("name is required")
    for name, allowed in (("scope", _SCOPES), ("entity", _CHOICES["entity"])):
        if not is_one_of(body.get(name), allowed):
            _refuse(f"{name} not known: {body.get(name)}")
    kind = body.get("cappingEntityType")
    if kind is not None and not is_one_of(kind, _CHOICES["cappingEntity"]):
        _refuse(f"cappingEntityType not known: {kind}")
    if body["entity"] == "ALTERNATE_CURRENCIES" and not body.get("entityIdentifier"):
        _refuse("entityIdentifier is required")


def _inner(body: Json, name: str) -> dict[str, Json]:
    """A member that is JSON text of an object, empty where it is absent."""
    if body.get(name) is None:
        return {}
    try:
        value = orjson.loads(body[name])
    except (TypeError, orjson.JSONDecodeError):
        value = None
    if not isinstance(value, dict):
        _refuse(f"{name} is no JSON text of an object")
    return value


def _limit(values: Json) -> float | None:
    limit = values.get("limit")
    if limit is None:
        return None
    try:
        return float(limit)
    except (TypeError, ValueError):
        _refuse("limit is no number")


def _group(request: Request, body: Json) -> Json:
    """The id of the target group that counts for the customers."""
    asked = _inner(body, "targetGroups")
    if asked.get("trackingType") != "CAPPING" or len(asked.get("targets") or ()) != 1:
        _refused_group(300004, "a CAPPING group with one target is expected")
    try:
        return create_group(request, asked)["id"]
    except Refusal as refused:
        (error,) = refused.reply.body["errors"]
        _refused_group(error["code"], error["message"])


def _refused_group(code: int, message: str) -> NoReturn:
    text = MESSAGES.get(code, message)
    inner = f"IntouchApiError{{code={code}, message='{text}', status=false}}"
    _refuse(f"No target group was made [{inner}]", 500)


@routes("GET", "/api_gateway/loyalty/v1/programs/{programId}/cappings")
def list_cappings(request: Request) -> Reply:
    """A page of the program's limits; `skip` counts pages."""
    page, size = _number(request, "skip", 0), _number(request, "limit", _PAGE)
    if page < 0:
        _bad("offset is below 0")
    if not 1 <= size <= _LARGEST_PAGE:
        _bad(f"limit is not between 1 and {_LARGEST_PAGE}")
    for name, allowed in _CHOICES.items():
        if request.get(name) is not None and request.get(name) not in allowed:
            _bad(f"{name} not known: {request.get(name)}")
    program = request.params["programId"]
    all_of_program = [c for c in request.store.all(_COLLECTION) if c["program"] == program]
    wanted = list(_wanted(request))
    # Newest first unless `sortBy` says otherwise: it is in the example, not in the table.
    order = 1 if request.get("sortBy") == "asc" else -1
    found = [c for c in all_of_program if all(want(c) for want in wanted)][::order]
    rows = [_row(request, capping) for capping in found[page * size : (page + 1) * size]]
    active = [c["scope"] for c in all_of_program if c["active"]]
    listed = {
        "content": rows,
        "totalPages": -(-len(found) // size),
        "totalElements": len(found),
        "size": size,
        "number": page,
    }
    return Reply(
        {
            "cappingConfigResponses": listed,
            "activeIndividualEvents": active.count("INDIVIDUAL_EVENT"),
            "activeIndividualCustomers": active.count("INDIVIDUAL_CUSTOMER"),
        }
    )


def _bad(message: str) -> NoReturn:
    raise Refusal(Reply({"error": message}, 400))


def _number(request: Request, name: str, default: int) -> int:
    text = request.get(name)
    try:
        return default if text is None else int(text)
    except ValueError:
        _bad(f"{name} is no number")


def _wanted(request: Request) -> Iterator[Wanted]:
    event = request.get("eventName")
    if event is not None:
        yield lambda c: _spelt(c["event"]) == _spelt(event)
    for parameter in ("cappingName", "scope", "entity", "cappingEntity", "identifier"):
        if (value := request.get(parameter)) is not None:
            yield _holds("name" if parameter == "cappingName" else parameter, value)
    if (status := request.get("status")) is not None:
        yield lambda c: str(c["active"]).lower() == status.lower()


def _holds(member: str, value: str) -> Wanted:
    return lambda capping: bool(capping[member] == value)


def _spelt(event: str | None) -> str:
    """TRANSACTION_ADD is sent, TransactionAdd is asked for."""
    return (event or "").replace("_", "").casefold()


def _row(request: Request, capping: Json) -> Json:
    group = None if capping["group"] is None else find_group(request.store, capping["group"])
    limit = capping["limit"]
    if group is not None:
        values = group["targets"][0]["defaultValues"]
        limit = values[0]["defaultValue"] if values else None
    return {
        "eventName": None,
        "cappingName": capping["name"],
        "scope": capping["scope"],
        "status": capping["active"],
        "cappingOn": None,
        "targetGroups": group and _group_out(request, group),
        "additionalFilters": {**_NO_FILTERS, **(capping["filters"] or {})},
        "entity": capping["entity"],
        "limitValue": limit,
        "enrollType": None,
    }


def _group_out(request: Request, group: Json) -> Json:
    """The group in a dialect of its own: midnight dates with +0000, targets full of nulls."""
    kept = ("active", "id", "name", "targetEvaluationType", "recurringCycles", "frequency")
    midnight = "T00:00:00.000+0000"
    shown = {name: group[name] for name in (*kept, "frequencyType", "trackingType")}
    for name in ("targetCycleStartDate", "targetCycleEndDate"):
        if name in group:
            shown[name] = group[name][:10] + midnight
    return {
        **shown,
        "periods": [_period_out(request, period, group) for period in group["periods"]],
        "targets": [_target_out(target, group) for target in group["targets"]],
        "totalPeriods": len(group["periods"]),
    }


def _period_out(request: Request, period: Json, group: Json) -> Json:
    zone = Rules.of(request.store).zone
    return {
        **{name: period[name] for name in ("startDate", "endDate", "refCode", "active")},
        "periodStatus": period_status(period, request.now),
        "targetGroupId": group["id"],
        "attribution": {
            "createdOn": attribution_time(period["made"]["on"], zone),
            "lastUpdatedOn": attribution_time(period["made"]["changedOn"], zone),
        },
    }


def _target_out(target: Json, group: Json) -> Json:
    kept = ("id", "name", "targetType", "targetEntity", "eventName", "active", "enrolmentMethod")
    return {
        **{name: target[name] for name in (*kept, "defaultValues")},
        "orgId": None,
        "targetGroupId": group["id"],
        "targetMilestoneTriggers": [],
        "targetAudienceFilter": None,
        "targetRuleMetaData": None,
        "extendedFieldInfo": target.get("extendedFieldInfo"),
    }
