"""What a target group must hold, and what the service no longer lets change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from capsync.kind import Check, Extra, Finding, Route, Verdict
from capsync.kinds.targets_fields import STREAK_TYPES
from capsync.kinds.targets_shape import SHADOW, find_period
from capsync.kinds.targets_writes import GROUPS
from capsync.model import NOTHING, Action, FieldChange, Key, Path, Resource, Spec, path_text
from capsync.values.instants import parse_instant, today
from capsync.values.normalise import key_part

Json = Any

_SALES = ("QUANTITY", "SALES", "GROSS_SALES", "COUNT", "VISIT", "EXTENDED_FIELD")
_POINTS = ("REGULAR_POINTS", "PROMOTIONAL_POINTS", "ALL_POINTS")
_MEASURES = {
    "TRANSACTION": _SALES,
    "LINEITEM": _SALES,
    "EVENT": ("COUNT", "VISIT", "EVENT_ATTRIBUTE"),
    "REWARDS": _POINTS,
    "POINTS": _POINTS,
    "ALTERNATE_CURRENCIES": ("ALL", "REGULAR", "PROMOTION"),
}
# Events of the platform itself, which have no attributes to add up.
_PLATFORM_EVENTS = ("CustomerRegistration", "PointsRedemption", "ReturnBill", "PointsTransfer")
_MONTHS_BACK = 183  # days: the guide says six months
_MOST_UNIFIED = 10
_LEAST_COUNT = 2
_OPEN_STATUSES = ("NOT_STARTED", "UPCOMING")


# Of one manifest


def _targets(spec: Spec) -> Iterator[tuple[Path, Mapping[str, Json]]]:
    for place, target in enumerate(spec.get("targets") or ()):
        if isinstance(target, Mapping):
            yield ("targets", place), target


def _measures(spec: Spec) -> Iterable[Finding]:
    for path, target in _targets(spec):
        entity, measure = target.get("targetEntity"), target.get("targetType")
        allowed = _MEASURES.get(str(entity), ())
        if measure not in allowed:
            message = f"{measure} does not go with {entity}: {', '.join(allowed)}"
            yield Finding((*path, "targetType"), message, code="310033")
            continue
        if target.get("eventName") in _PLATFORM_EVENTS and measure == "EVENT_ATTRIBUTE":
            message = f"{target['eventName']} takes COUNT and VISIT only"
            yield Finding((*path, "targetType"), message, code="310033")
        yield from _field_info(path, target)


def _field_info(path: Path, target: Mapping[str, Json]) -> Iterator[Finding]:
    info = target.get("extendedFieldInfo")
    if target.get("targetEntity") == "ALTERNATE_CURRENCIES":
        needed = {"alternateCurrencyIdentifier": "310147", "programId": "310146"}
    elif target.get("targetType") in ("EXTENDED_FIELD", "EVENT_ATTRIBUTE"):
        needed = {"name": "310092", "aggregateFunction": "310092"}
    else:
        return
    if not isinstance(info, Mapping):
        message = f"is needed with {target.get('targetEntity')} {target.get('targetType')}"
        yield Finding((*path, "extendedFieldInfo"), message, code="310094")
        return
    for name, code in needed.items():
        if info.get(name) in (None, ""):
            yield Finding((*path, "extendedFieldInfo", name), "is needed here", code=code)
    if target["targetType"] == "EVENT_ATTRIBUTE" and info.get("aggregateFunction") == "COUNT":
        message = "COUNT is for EXTENDED_FIELD only: count events with targetType COUNT"
        yield Finding((*path, "extendedFieldInfo", "aggregateFunction"), message, code="310092")


def _values(spec: Spec) -> Iterable[Finding]:
    """One value a cycle, as far as cycles and values are both written."""
    periods = spec.get("periods")
    if not isinstance(periods, list):
        return
    codes = [key_part(each.get("refCode")) for each in periods if isinstance(each, Mapping)]
    for path, target in _targets(spec):
        values = target.get("defaultValues")
        if not isinstance(values, list) or not all(isinstance(each, Mapping) for each in values):
            continue
        placed = [each for each in values if each.get("periodId") is None]
        if (placed or not values) and len(values) != len(codes):
            message = f"has {len(values)} values for {len(codes)} cycles"
            hint = "write one a cycle, in the order of periods, or name each periodId"
            yield Finding((*path, "defaultValues"), message, hint=hint)
        else:
            yield from _twice(path, values, codes)


def _twice(path: Path, values: Sequence[Json], codes: Sequence[str]) -> Iterator[Finding]:
    """Values of one cycle, whether it is named or stands at that place."""
    seen: set[str] = set()
    for place, value in enumerate(values):
        period = value.get("periodId")
        code = codes[place] if period is None else key_part(period)
        if code in seen:
            message = f"is a second value for {code}"
            hint = "write the values in the order of periods, or name the periodId of each"
            yield Finding((*path, "defaultValues", place), message, hint=hint)
        if not isinstance(period, Mapping):
            seen.add(code)


def _unified(spec: Spec) -> Iterable[Finding]:
    expression = spec.get("unifiedTargetExpression") or {}
    if expression.get("aggregation") and expression.get("thresholdValue") is None:
        where = ("unifiedTargetExpression", "thresholdValue")
        yield Finding(where, "is needed with an aggregation", code="300004")
    if spec.get("trackingType") != "UNIFIED":
        for name in ("combinationType", "unifiedTargetExpression"):
            if spec.get(name):
                yield Finding((name,), "counts for UNIFIED groups only", severity="warning")
        return
    if spec.get("targetEvaluationType") not in (None, "FIXED_CALENDAR_WINDOW"):
        message = "is FIXED_CALENDAR_WINDOW in a UNIFIED group"
        yield Finding(("targetEvaluationType",), message, severity="warning")
    if spec.get("combinationType", "ANY") is None:
        yield Finding(("combinationType",), "is ANY or ALL in a UNIFIED group")
    targets = spec.get("targets")
    if isinstance(targets, list) and not 2 <= len(targets) <= _MOST_UNIFIED:
        message = f"a UNIFIED group has 2 to {_MOST_UNIFIED} targets"
        yield Finding(("targets",), message, severity="warning")
    for path, target in _targets(spec):
        if target.get("targetEntity") == "ALTERNATE_CURRENCIES":
            message = "is not for UNIFIED groups"
            yield Finding((*path, "targetEntity"), message, code="310033")


def _streaks(spec: Spec) -> Iterable[Finding]:
    if "streaks" in spec and not spec["streaks"] and spec.get("trackingType") in STREAK_TYPES:
        yield Finding(("streaks",), f"a group of {spec['trackingType']} has at least one level")
    if spec.get("streaks") and spec.get("trackingType") not in STREAK_TYPES:
        message = f"count with trackingType {' or '.join(STREAK_TYPES)} only"
        yield Finding(("streaks",), message, severity="warning")


def _user_created(spec: Spec) -> Iterable[Finding]:
    if spec.get("userCreated") is not True:
        return
    if len(spec.get("targets") or ()) > 1:
        yield Finding(("targets",), "a user-created group has one target")
    for path, target in _targets(spec):
        if target.get("enrolmentMethod", "IMPORT") != "IMPORT":
            yield Finding((*path, "enrolmentMethod"), "is IMPORT in user-created groups")
        values = target.get("defaultValues") if target.get("targetType") == "COUNT" else None
        if isinstance(values, list) and any(_number(each) != _LEAST_COUNT for each in values):
            message = f"of COUNT in user-created groups the page asks for {_LEAST_COUNT}"
            yield Finding((*path, "defaultValues"), message, severity="warning")


def _number(value: Json) -> Json:
    number = value.get("defaultValue") if isinstance(value, Mapping) else None
    return float(number) if isinstance(number, str) and number.isdigit() else number


def _leaderboard(spec: Spec) -> Iterable[Finding]:
    if spec.get("leaderboardEnabled") is not True:
        return
    path = ("leaderboardEnabled",)
    if spec.get("targetEvaluationType", "FIXED_CALENDAR_WINDOW") != "FIXED_CALENDAR_WINDOW":
        message = "leaderboards need targetEvaluationType FIXED_CALENDAR_WINDOW"
        yield Finding(path, message, code="310132")
    if spec.get("trackingType", "DEFAULT") != "DEFAULT":
        yield Finding(path, "leaderboards are for DEFAULT groups", severity="warning")


def _names(spec: Spec) -> Iterable[Finding]:
    named: list[tuple[Path, Json]] = [(("name",), spec.get("name"))]
    named += [((*path, "name"), target.get("name")) for path, target in _targets(spec)]
    for path, name in named:
        if isinstance(name, str) and name != name.strip():
            message = "has a space at an end, which the console does not take"
            yield Finding(path, message, severity="warning")
    followed = {
        str(target.get("name")).casefold()
        for _, target in _targets(spec)
        if (target.get("targetEntity"), target.get("targetType")) == ("TRANSACTION", "SALES")
    }
    for path, target in _targets(spec):
        name = str(target.get("name")).casefold()
        if name.endswith(SHADOW.casefold()) and name[: -len(SHADOW)] in followed:
            message = f"is the name of the shadow that the service adds to {name[: -len(SHADOW)]}"
            yield Finding((*path, "name"), message)


def _dates(spec: Spec) -> Iterable[Finding]:
    for place, period in enumerate(spec.get("periods") or ()):
        if not isinstance(period, Mapping):
            continue
        start, end = (parse_instant(period.get(name)) for name in ("startDate", "endDate"))
        if start is not None and end is not None and end < start:
            yield Finding(("periods", place, "endDate"), "is before the startDate")


def _trees(spec: Spec) -> Iterable[Finding]:
    for path, target in _targets(spec):
        text = target.get("expression")
        is_rule = isinstance(text, str) and text.strip().lower() != "true"
        if is_rule and target.get("expressionJson") is None:
            message = "is needed beside an expression: the service does not derive it"
            yield Finding((*path, "expressionJson"), message, severity="warning")


def _places(spec: Spec) -> Iterable[Finding]:
    """References of another kind of place than the filter is for, which the server would take."""
    for path, target in _targets(spec):
        for at, block in enumerate(target.get("filters") or ()):
            for place, value in enumerate(_ids_of(block)):
                kind = _kind_of(value)
                if kind and kind.upper() != block.get("entityType"):
                    where = (*path, "filters", at, "entityIds", place)
                    message = f"a {kind} in a filter of {block.get('entityType')}"
                    yield Finding(where, message)


def _ids_of(block: Json) -> Sequence[Json]:
    ids = block.get("entityIds") if isinstance(block, Mapping) else None
    return ids if isinstance(ids, list) else ()


def _kind_of(value: Json) -> str:
    key = value.get("lookup") if isinstance(value, Mapping) else None
    return str(key.get("kind", "")) if isinstance(key, Mapping) else ""


RULES = (
    _measures,
    _values,
    _unified,
    _streaks,
    _user_created,
    _leaderboard,
    _names,
    _dates,
    _trees,
    _places,
)


def names_taken_twice(resources: Sequence[Resource]) -> Iterable[tuple[Resource, Finding]]:
    """Targets of two groups under one name: the name check takes names for unique in the org."""
    seen: dict[str, Resource] = {}
    for resource in resources:
        for path, target in _targets(resource.spec):
            name = target.get("name")
            if not isinstance(name, str):
                continue
            first = seen.setdefault(name.casefold(), resource)
            if first is not resource:
                message = f"{name!r} is the name of a target of {first.address} already"
                yield resource, Finding((*path, "name"), message, code="310069")


# Of one change


def probe(check: Check) -> Sequence[Extra]:
    """Whether the names that a change brings are free: groups and targets that no list shows hold
    theirs too."""
    return [_name_check(type_, name) for type_, name, _ in _new_names(check)]


def _name_check(type_: str, name: str) -> Extra:
    body = {"type": type_, "value": name}
    return Extra(f"{type_} {name}", Route("POST", f"{GROUPS}/isValidName", body=body))


def _new_names(check: Check) -> Iterator[tuple[str, str, Path]]:
    live_name = str(check.live.get("name", "")).casefold()
    if (name := check.desired.get("name")) and str(name).casefold() != live_name:
        yield "targetGroupName", str(name), ("name",)
    if check.action is Action.CREATE:
        for each in check.desired.get("targets") or ():
            yield "targetName", str(each["name"]), ("targets", Key(each["name"]))
        return
    for change in check.changes("targets"):
        if _is_added(change):
            yield "targetName", str(change.path[1]), change.path


def guard(check: Check) -> Iterable[Verdict]:
    """What stands in the way of a change."""
    yield from _clashes(check)
    yield from _cycles(check)
    if check.action is Action.CREATE:
        yield from _long_ago(check)
        return
    yield from _begun(check)
    yield from _streak_group(check)
    yield from _is_over(check)


def _clashes(check: Check) -> Iterator[Verdict]:
    for type_, name, path in _new_names(check):
        is_free = check.probed.get(f"{type_} {name}")
        where = path_text(path)
        if is_free is False:
            reason = (
                f"{where}: the name {name!r} is taken (310069), upper and lower case apart and"
                " inactive ones included: choose another one"
            )
            yield Verdict("blocked", reason)
        elif is_free is None:
            yield Verdict("warning", f"{where}: the service did not say whether {name!r} is free")


def _cycles(check: Check) -> Iterator[Verdict]:
    """Default values that no cycle takes."""
    known = [*(check.desired.get("periods") or ()), *(check.live.get("periods") or ())]
    for target in check.desired.get("targets") or ():
        for value in target.get("defaultValues") or ():
            code = value.get("periodId")
            where = f"targets[{target['name']}].defaultValues"
            if code is None and known:
                yield Verdict("blocked", f"{where} has more values than there are cycles")
            elif code is not None and find_period(known, code) is None:
                yield Verdict("blocked", f"{where}: there is no cycle {code!r}")


def _long_ago(check: Check) -> Iterator[Verdict]:
    oldest = today(check.now) - timedelta(days=_MONTHS_BACK)
    for period in check.desired.get("periods") or ():
        if isinstance(start := period.get("startDate"), str) and start < oldest.isoformat():
            reason = f"periods[{period['refCode']}] begins more than six months ago"
            yield Verdict("warning", f"{reason}, which the console does not take")


def _begun(check: Check) -> Iterator[Verdict]:
    """Dates of cycles that have begun: the service answers well and keeps the old ones (api notes:
    targets, target_period)."""
    raw = check.raw.get("periods") if isinstance(check.raw, Mapping) else None
    for change in check.changes("periods"):
        if change.path[2:3] not in (("startDate",), ("endDate",)):
            continue
        period = find_period(raw, change.path[1]) or {}
        status = _status(period, check.now)
        if status not in _OPEN_STATUSES:
            reason = (
                f"{path_text(change.path)} can not change: the cycle is {status}. Leave its dates,"
                " and add a cycle for other days"
            )
            yield Verdict("blocked", reason)


def _status(period: Mapping[str, Json], now: float) -> str:
    if status := period.get("periodStatus"):
        return str(status)
    day = today(now).isoformat()
    if str(period.get("endDate")) < day:
        return "ENDED"
    return "NOT_STARTED" if str(period.get("startDate")) > day else "RUNNING"


def _streak_group(check: Check) -> Iterator[Verdict]:
    if check.live.get("trackingType") not in STREAK_TYPES:
        return
    added = [each for each in check.changes("targets") if _is_added(each)]
    for change in (*check.changes("periods"), *added):
        reason = (
            f"{path_text(change.path)}: of a streak group only the rule, the filters and the"
            " default values of its target can change; make a group under another name"
        )
        yield Verdict("blocked", reason)


def _is_added(change: FieldChange) -> bool:
    return len(change.path) == 2 and change.before is NOTHING


def _is_over(check: Check) -> Iterator[Verdict]:
    """A group comes back until it is over."""
    turned_on = any(_turns_on(change) for change in check.changes("active"))
    raw = check.raw.get("periods") if isinstance(check.raw, Mapping) else None
    ended = [_status(each, check.now) == "ENDED" for each in raw or ()]
    if turned_on and ended and all(ended):
        reason = "the group is over, so it can not be activated again: make one under another name"
        yield Verdict("blocked", reason)


def _turns_on(change: FieldChange) -> bool:
    return change.path == ("active",) and change.after is True
