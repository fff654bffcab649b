"""The dialects of the service, one per envelope (api notes: platform 6 and the families)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from capsync.api.dialect import Dialect, Fault, MissingMember, at

Json = Any
Faults = Callable[[Json, int], list[Fault]]

_CODES = ("code", "errorCode", "statusCode")
_MESSAGES = ("message", "errorMessage", "error", "error_description", "detail")
_REFERENCES = ("reference", "field", "labelExternalId", "entityCode")
_BARE_FAULT = frozenset({*_CODES, *_MESSAGES, "status", "success", "warnings", "errors"})
_NO_CODES = frozenset({"", "0", "200", "None"})
_PARTIAL = 207


def _whole(body: Json) -> Json:
    return body


def _member(*names: str) -> Callable[[Json], Json]:
    """The first of these members that a body has; raises MissingMember where it has none."""

    def payload(body: Json) -> Json:
        if isinstance(body, Mapping):
            for name in names:
                if name in body:
                    return body[name]
        raise MissingMember(f"`{'` or `'.join(names)}`")

    return payload


def _first(entry: Mapping[str, Json], names: tuple[str, ...]) -> str:
    for name in names:
        if isinstance(value := entry.get(name), str | int) and not isinstance(value, bool):
            return str(value)
    return ""


def _fault(entry: Json) -> Fault:
    if isinstance(entry, Mapping):
        return Fault(_first(entry, _CODES), _first(entry, _MESSAGES), _first(entry, _REFERENCES))
    return Fault("", str(entry))


def _entries(value: Json) -> list[Fault]:
    """The faults of an `errors` member: null, [], one entry or many; entries of code 0 are good
    news (api notes: a v3 delete answers errors=[{"code": 0}])."""
    if not value:
        return []
    entries = value if isinstance(value, list) else [value]
    return [fault for fault in map(_fault, entries) if fault.code != "0"]


def _says_no(success: Json) -> bool:
    return success is False or (isinstance(success, str) and success.lower() == "false")


def _status_fault(holder: Json, member: str = "status") -> list[Fault]:
    """The fault of a `status {success, code, message}` block; the member may be just "false"."""
    block = holder.get(member) if isinstance(holder, Mapping) else None
    if isinstance(block, Mapping):
        return [_fault(block)] if _says_no(block.get("success")) else []
    return [_fault(holder)] if _says_no(block) else []


def _is_bare_fault(body: Json) -> bool:
    """Whether a body is nothing but a code and a message, where an object was to come."""
    return (
        isinstance(body, Mapping)
        and _first(body, _CODES) not in _NO_CODES
        and bool(_first(body, _MESSAGES))
        and _BARE_FAULT.issuperset(body)
    )


def _none_succeeded(items: list[Json], member: str) -> list[Fault]:
    """The faults of items that carry a status block each, where no item succeeded. Where some
    did, the answer is good and whoever asked reads the items."""
    faults = [fault for item in items for fault in _status_fault(item, member)]
    return faults if len(faults) == len(items) else []


def told_anywhere(body: Json) -> list[Fault]:
    """The faults of a failed call's body in whatever envelope: gateways have their own."""
    if not isinstance(body, Mapping):
        return []
    if told := _entries(body.get("errors")) or _entries(body.get("validationErrors")):
        return told
    for holder in (body.get("response"), body):
        block = holder.get("status") if isinstance(holder, Mapping) else None
        if isinstance(block, Mapping) and _first(block, _MESSAGES):
            return [_fault(block)]
    return [_fault(body)] if _first(body, _MESSAGES) else []


def _with_status(told: Callable[[Json], list[Fault]]) -> Faults:
    """`told` decides for 2xx; a failing status is a fault even where the body tells none, and 207
    is never one by itself: its items are read by whoever sent them."""

    def faults(body: Json, status: int) -> list[Fault]:
        if status == _PARTIAL:
            return []
        found = told(body)
        if status < 400 or found:
            return found
        return told_anywhere(body) or [Fault("", "no reason given")]

    return faults


def _warnings(body: Json) -> list[str]:
    if not isinstance(body, Mapping) or not isinstance(told := body.get("warnings"), list):
        return []
    return [str(_fault(entry)) for entry in told]


def _v2(body: Json) -> list[Fault]:
    """v2 faults: `errors`, `success` false, or a `{code, message}` in place of the object."""
    if not isinstance(body, Mapping):
        return []
    if told := _entries(body.get("errors")):
        return told
    if _is_bare_fault(body):
        return [_fault(body)]
    if _says_no(body.get("success")):
        return told_anywhere(body) or [Fault("", "success false")]
    return []


def _v2_entity(body: Json) -> list[Fault]:
    """v2 faults, also those that stand where the entity or one of its items should."""
    if told := _v2(body):
        return told
    entity = body.get("entity") if isinstance(body, Mapping) else None
    items = entity if isinstance(entity, list) else [entity]
    return [_fault(item) for item in items if _is_bare_fault(item)]


def _rewards(body: Json) -> list[Fault]:
    """Rewards faults: the status block, or those of the items where none succeeded."""
    return _none_succeeded(body, "status") if isinstance(body, list) else _status_fault(body)


def _bare(body: Json) -> list[Fault]:
    return _rewards(body) or (_entries(body.get("errors")) if isinstance(body, Mapping) else [])


def _judged_items(body: Json) -> Iterator[Json]:
    """Every object below a body that has an `item_status`."""
    if isinstance(body, Mapping):
        if "item_status" in body:
            yield body
        for value in body.values():
            yield from _judged_items(value)
    elif isinstance(body, list):
        for value in body:
            yield from _judged_items(value)


def _v1_1(body: Json) -> list[Fault]:
    """v1.1 faults: of the request and its items; of the items alone where none succeeded."""
    response = body.get("response") if isinstance(body, Mapping) else None
    if not isinstance(response, Mapping):
        return _v2(body)
    items = list(_judged_items(response))
    if told := _status_fault(response):
        return told + [fault for item in items for fault in _status_fault(item, "item_status")]
    return _none_succeeded(items, "item_status")


def _v2_bulk(body: Json) -> list[Fault]:
    """The errors of a bulk answer in which nothing succeeded."""
    if not isinstance(body, Mapping):
        return []
    counts = at(body, "summary") or body
    total = counts.get("totalRequested", counts.get("totalCount"))
    if not counts.get("failureCount") or counts["failureCount"] != total:
        return []
    items = at(body, "response") or []
    told = _entries(body.get("errors")) or [e for i in items for e in _entries(at(i, "errors"))]
    return told or [Fault("", "no item succeeded")]


def _legacy_loyalty(body: Json) -> list[Fault]:
    if not isinstance(body, Mapping):
        return []
    if told := _entries(body.get("validationErrors")) or _entries(body.get("errors")):
        return told
    status = body.get("status")
    if isinstance(status, Mapping):
        bad = _first(status, _CODES) not in (*_NO_CODES, "201") or _says_no(status.get("success"))
        return [_fault(status)] if bad else []
    return _bare(body)


# What a service behind this one refused, quoted inside a message with HTTP 500
# (api notes: targets, reward currency limits).
_QUOTED = re.compile(r"code=(\d+), message='([^']*)'")


def _cappings(body: Json) -> list[Fault]:
    if not isinstance(body, Mapping):
        return []
    quoted = _QUOTED.search(str(body.get("message", "")))
    if quoted:
        return [Fault(quoted[1], quoted[2])]
    return [Fault("", str(body["error"]))] if body.get("error") else _bare(body)


def _dialect(
    name: str,
    payload: Callable[[Json], Json],
    told: Callable[[Json], list[Fault]],
    **codes: frozenset[str],
) -> Dialect:
    return Dialect(name, payload, _with_status(told), _warnings, **codes)


V1_1 = _dialect("v1.1", _member("response"), _v1_1)
V2_OBJECT = _dialect("v2 object", _whole, _v2)
V2_ENTITY = _dialect("v2 entity", _member("entity"), _v2_entity)
V2_DATA = _dialect("v2 data", _member("data"), _v2)
V2_BULK = _dialect("v2 bulk", _member("created", "updated", "response", "data"), _v2_bulk)
# An org without coupon series answers 502 to their list, with whatever HTTP status.
# 707, 755: the series that a detail call asks for is not there (api notes: coupons 1.8).
COUPON_LIST = replace(
    V2_ENTITY,
    name="coupon list",
    empty=frozenset({"502"}),
    missing=frozenset({"707", "755"}),
)
V3 = _dialect("v3", _member("data"), _v2)
# 999999: a body that the validator can not judge, answered with HTTP 500.
GATEWAY = _dialect("api_gateway", _member("data"), _v2, settled=frozenset({"999999"}))
REWARDS = _dialect("rewards", _whole, _rewards)
BARE = _dialect("bare", _whole, _bare)
LEGACY_LOYALTY = _dialect("legacy loyalty", _member("data"), _legacy_loyalty)
CAPPINGS = _dialect("cappings", _whole, _cappings, settled=frozenset({"310069", "300004"}))


def rewards(*members: str) -> Dialect:
    """The rewards dialect whose object is the first of these members: `rewards("vendor")`."""
    return replace(REWARDS, name=f"rewards {members[0]}", payload=_member(*members))
