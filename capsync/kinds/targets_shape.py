"""Live target groups as specs, and manifests put beside them: values by cycle, days, children."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from capsync.kind import Pair
from capsync.model import Spec
from capsync.values.instants import canonical_instant
from capsync.values.normalise import Pending, key_part

Json = Any
Values = Sequence[Mapping[str, Json]]

SHADOW = "_ReturnBill"
_DAYS = ("startDate", "endDate")
_CYCLE = re.compile(r"periods\[([^\]]*)\]")


# Reading


def read(raw: Json) -> dict[str, Json]:
    """A live group in the shape of a spec: default values by refCode, messages in their target,
    shadow targets and what follows from the cycles left out."""
    spec = {name: each for name, each in raw.items() if name not in _derived(raw)}
    codes = _codes_by_id(raw.get("periods"))
    if isinstance(targets := raw.get("targets"), list):
        spec["targets"] = [_read_target(raw, each, codes) for each in own_targets(targets)]
    return spec


def _derived(raw: Mapping[str, Json]) -> set[str]:
    """The dates of the whole run where they are those of its first and its last cycle."""
    periods = raw.get("periods")
    found = [each for each in periods if isinstance(each, Mapping)] if periods else []
    days = {
        "targetCycleStartDate": min((_day(each, "startDate") for each in found), default=""),
        "targetCycleEndDate": max((_day(each, "endDate") for each in found), default=""),
    }
    clocks = {"targetCycleStartDate": "T00:00:00", "targetCycleEndDate": "T23:59:59"}
    return {
        name
        for name, day in days.items()
        if day and str(raw.get(name)).startswith(day + clocks[name])
    }


def _day(period: Mapping[str, Json], name: str) -> str:
    return str(period.get(name) or "")[: len("2027-01-01")]


def _read_target(raw: Json, target: Mapping[str, Json], codes: Mapping[str, str]) -> Json:
    spec = dict(target)
    if target.get("defaultValues") is not None:
        spec["defaultValues"] = [
            {**each, "periodId": codes.get(str(each.get("periodId")), each.get("periodId"))}
            for each in target["defaultValues"]
        ]
    if (messages := raw.get(messages_name(target.get("id")))) is not None:
        spec["communications"] = messages
    return spec


def messages_name(target_id: Json) -> str:
    """The member of the raw group under which the messages of a target are read."""
    return f"communications of {target_id}"


def own_targets(targets: Sequence[Json]) -> list[Json]:
    """The targets without the shadows that the service adds to those of SALES on TRANSACTION, to
    follow returned bills (api notes: targets, shadow targets)."""
    followed = {
        str(each.get("name", "")).casefold()
        for each in targets
        if (each.get("targetEntity"), each.get("targetType")) == ("TRANSACTION", "SALES")
    }
    return [each for each in targets if not _is_shadow(each, followed)]


def _is_shadow(target: Mapping[str, Json], followed: set[str]) -> bool:
    name = str(target.get("name", "")).casefold()
    suffix = SHADOW.casefold()
    by_return = target.get("eventName") in (None, "ReturnBill")
    return by_return and name.endswith(suffix) and name.removesuffix(suffix) in followed


def _codes_by_id(periods: Json) -> dict[str, str]:
    found = periods if isinstance(periods, list) else []
    return {str(each["id"]): key_part(each.get("refCode")) for each in found if "id" in each}


# Manifests beside the live group


def shape(pair: Pair) -> dict[str, Json]:
    """The desired group as it is compared: default values by refCode instead of by place, those of
    cycles that it does not name as they are, and days as the service keeps them."""
    desired: dict[str, Json] = dict(pair.desired)
    live: Spec = pair.live or {}
    if isinstance(periods := desired.get("periods"), list):
        desired["periods"] = [_period(each, live) for each in periods]
    if isinstance(targets := desired.get("targets"), list):
        cycles = _Cycles(desired, live)
        desired["targets"] = [_target(each, live, cycles) for each in targets]
    if desired.get("unifiedTargetExpression", "") is None and _is_unused(live):
        del desired["unifiedTargetExpression"]
    return desired


def _is_unused(live: Spec) -> bool:
    """Whether nothing is aggregated, which reads show as members of null."""
    rule = live.get("unifiedTargetExpression") or {}
    return rule.get("aggregation") is None and rule.get("thresholdValue") is None


class _Cycles:
    """The cycles that default values may be for: in which order, and by which names."""

    def __init__(self, desired: Spec, live: Spec) -> None:
        written, found = desired.get("periods"), live.get("periods") or []
        by_start = sorted(found, key=lambda each: (str(each.get("startDate")), each.get("id") or 0))
        listed = written if isinstance(written, list) else by_start
        self.order = [key_part(each.get("refCode")) for each in listed]
        self._ids = _codes_by_id(found)
        self._codes = {*self.order, *self._ids.values()}

    def named(self, place: int, period: Json) -> Json:
        """The refCode that a value is for; None where neither its place nor its name tells."""
        if period is None:
            return self.order[place] if place < len(self.order) else None
        if isinstance(period, Pending):
            matched = _CYCLE.match(period.child)
            return matched[1] if matched else period
        if isinstance(period, str) and period in self._codes:
            return period
        return self._ids.get(str(period), key_part(period))


def _target(target: Json, live: Spec, cycles: _Cycles) -> Json:
    if not isinstance(target, Mapping):
        return target
    have = find_by_name(live.get("targets"), target.get("name"))
    shaped = dict(target)
    if isinstance(values := target.get("defaultValues"), list):
        shaped["defaultValues"] = list(_by_cycle(values, have, cycles))
    return shaped


def _by_cycle(
    values: Values, have: Mapping[str, Json] | None, cycles: _Cycles
) -> Iterator[dict[str, Json]]:
    named = set()
    for place, each in enumerate(values):
        code = cycles.named(place, each.get("periodId"))
        if code is None:
            yield dict(each)
        else:
            named.add(code)
            yield {**each, "periodId": code}
    for each in (have or {}).get("defaultValues") or ():
        # Groups without cycles show values that are for none: those are the written ones.
        if each.get("periodId") is not None and key_part(each["periodId"]) not in named:
            yield {"periodId": each.get("periodId"), "defaultValue": each.get("defaultValue")}


def find_by_name(items: Json, name: Json) -> Mapping[str, Json] | None:
    """The item of that name, upper and lower case apart."""
    wanted = str(name).casefold()
    found = items if isinstance(items, list) else []
    return next((each for each in found if str(each.get("name")).casefold() == wanted), None)


def find_message(items: Json, message: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """The message of the same type on the same channel."""
    found = items if isinstance(items, list) else []
    return next((each for each in found if _slot(each) == _slot(message)), None)


def _slot(message: Mapping[str, Json]) -> tuple[str, str]:
    return str(message.get("communicationType")), key_part(message.get("channelId"))


def find_period(items: Json, code: Json) -> Mapping[str, Json] | None:
    """The cycle of that refCode."""
    found = items if isinstance(items, list) else []
    wanted = key_part(code)
    return next((each for each in found if key_part(each.get("refCode")) == wanted), None)


def _period(period: Json, live: Spec) -> Json:
    if not isinstance(period, Mapping):
        return period
    have = find_period(live.get("periods"), period.get("refCode"))
    shaped = dict(period)
    for name in _DAYS:
        # Which day a time near midnight falls on depends on the zone of the server, which no page
        # tells: the written day and the UTC day are both taken for the one that it shows.
        kept = (have or {}).get(name)
        if kept is not None and canonical_instant(period.get(name), "iso", "day") == kept:
            shaped[name] = kept
    return shaped
