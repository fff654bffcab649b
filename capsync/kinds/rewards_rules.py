"""What a reward may not be: rules on its manifest, and locks that depend on its status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

from capsync.kind import Check, Finding, Rule, Verdict
from capsync.kinds.rewards_fields import AUDIENCES
from capsync.model import Action, Path, Spec
from capsync.values.instants import parse_instant

Json = Any

_CONVERTIBLE = (
    "CHARITY",
    "MILES",
    "CASH_WALLET",
    "SWEEPSTAKES",
    "AUCTION",
    "GIFT_CARD",
    "PHYSICAL_REWARD",
)
_SERIES_TYPES = ("INTOUCH_REWARD", "CART_PROMOTION")
_VENDOR_TYPES = ("VENDOR_ONLY_REWARD", "VENDOR_INTOUCH_REWARD")
_ALONE = ("FREE", "CONV_RATIO")
ONCE = ("POINTS", "CASH")  # ways to pay of which the API keeps the first
_OLDEST_YEARS = 10


# Rules: offline, on the spec as written


def _dates(spec: Spec) -> Iterable[Finding]:
    start, end = (parse_instant(spec.get(name)) for name in ("startTime", "endTime"))
    # A documented list holds rewards that end in the second in which they begin.
    if start is not None and end is not None and start > end:
        yield Finding(("endTime",), "may not be before startTime", code="400")


def _audience(spec: Spec) -> Iterable[Finding]:
    used = [name for name in AUDIENCES if spec.get(name)]
    for name in used[1:]:
        message = f"and {used[0]} exclude each other: a reward has one kind of audience"
        yield Finding((name,), message, code="400")


def _fulfilment(spec: Spec) -> Iterable[Finding]:
    type_ = spec.get("redemptionType")
    series, vendor = spec.get("intouchSeriesId"), spec.get("vendorRedemption")
    if type_ in (*_SERIES_TYPES, "VENDOR_INTOUCH_REWARD") and series is None:
        yield Finding(("intouchSeriesId",), f"is needed with redemptionType {type_}", code="400")
    if type_ in _VENDOR_TYPES and vendor is None:
        yield Finding(("vendorRedemption",), f"is needed with redemptionType {type_}", code="400")
    if type_ in _SERIES_TYPES and vendor is not None:
        message = f"is not meant for redemptionType {type_}"
        yield Finding(("vendorRedemption",), message, severity="warning")
    if type_ in _VENDOR_TYPES:
        message = f"{type_} is deprecated: the create call does not list it"
        yield Finding(("redemptionType",), message, severity="warning")


def _price(spec: Spec) -> Iterable[Finding]:
    configs = [each for each in spec.get("paymentConfigs") or () if isinstance(each, Mapping)]
    if not configs:
        yield from _unpriced(spec)
        return
    modes = Counter(each.get("paymentMode") for each in configs)
    seen: set[Json] = set()
    for place, each in enumerate(configs):
        mode, path = each.get("paymentMode"), ("paymentConfigs", place)
        if mode in _ALONE and len(configs) > 1:
            yield Finding(path, f"{mode} stands alone", code="400")
        if mode in ONCE and mode in seen:
            message = f"{mode} may be there once: the API keeps the first"
            yield Finding(path, message, severity="warning", hint="remove it: it is not compared")
        seen.add(mode)
    type_ = spec.get("redemptionType")
    if modes["CONV_RATIO"] and type_ not in _CONVERTIBLE:
        hint = f"types that have one: {', '.join(_CONVERTIBLE)}"
        message = f"CONV_RATIO is not possible with redemptionType {type_}"
        yield Finding(("paymentConfigs",), message, code="400", hint=hint)


def _unpriced(spec: Spec) -> Iterable[Finding]:
    if spec.get("redemptionType") == "MILES":
        yield Finding(("paymentConfigs",), "is needed with redemptionType MILES", code="400")
    elif spec.get("type") != "FREE_VOUCHER" and not spec.get("intouchPoints"):
        message = "or paymentConfigs is needed, unless type is FREE_VOUCHER"
        yield Finding(("intouchPoints",), message, code="400")


def _limits(spec: Spec) -> Iterable[Finding]:
    levels = spec.get("restrictions")
    if not isinstance(levels, Mapping):
        return
    kinds: set[str] = set()
    for level in ("rewardLevel", "customerLevel"):
        for place, each in enumerate(levels.get(level) or ()):
            kinds.add(each.get("windowType") or "ROLLING")
            path = ("restrictions", level, place)
            if each.get("windowType") == "FIXED":
                yield from _fixed_window(path, level, each)
            yield from _of_miles(path, spec, each)
    if len(kinds - {None}) > 1 and _mixes(levels):
        message = "mix FIXED and ROLLING, which the console does not take"
        yield Finding(("restrictions",), message, severity="warning")


def _mixes(levels: Mapping[str, Json]) -> bool:
    """Whether both ways are there, limits without a period aside: they have no window."""
    ways = {
        each.get("windowType") or "ROLLING"
        for level in levels.values()
        for each in level or ()
        if each.get("repeatFrequencyType") != "NO_LIMIT"
    }
    return len(ways) > 1


def _fixed_window(path: Path, level: str, each: Mapping[str, Json]) -> Iterator[Finding]:
    unit = each.get("repeatFrequencyType")
    if unit == "DAYS":
        needed = ("interval", "startOfCycle") if level == "customerLevel" else ("interval",)
        for name in needed:
            if each.get(name) is None:
                yield Finding((*path, name), "is needed for FIXED days", code="400")
    elif unit in ("WEEKS", "MONTHS") and each.get("interval") is not None:
        yield Finding((*path, "interval"), f"is not allowed for FIXED {unit.lower()}", code="400")


def _of_miles(path: Path, spec: Spec, each: Mapping[str, Json]) -> Iterator[Finding]:
    if spec.get("redemptionType") == "MILES" and each.get("kpi") == "QUANTITY":
        message = "rewards of type MILES should be limited by REDEMPTION_VALUE"
        yield Finding((*path, "kpi"), message, severity="warning")


def _revenue(spec: Spec) -> Iterable[Finding]:
    start, end = (parse_instant(spec.get(name)) for name in ("startTime", "endTime"))
    cycles: list[tuple[int, str, datetime, datetime]] = []
    for place, each in enumerate(spec.get("rewardRevenueMeta") or ()):
        first = parse_instant(each.get("cycleStartDate"))
        last = parse_instant(each.get("cycleEndDate"))
        if first is None or last is None:
            continue
        path = ("rewardRevenueMeta", place)
        if first >= last:
            yield Finding((*path, "cycleEndDate"), "has to be after cycleStartDate")
        if start is not None and first <= start:
            yield Finding((*path, "cycleStartDate"), "has to be after startTime of the reward")
        if end is not None and last >= end:
            yield Finding((*path, "cycleEndDate"), "has to be before endTime of the reward")
        cycles.append((place, str(each.get("commissionParticipant")), first, last))
    for one, other in combinations(cycles, 2):
        if one[1] == other[1] and one[2] < other[3] and other[2] < one[3]:
            message = f"overlaps another cycle of {one[1]}"
            yield Finding(("rewardRevenueMeta", other[0]), message)


_BY_NAME = ("customFields", "richContentRO")


def without_null_maps(holder: Mapping[str, Json]) -> dict[str, Json]:
    """The values without a null in place of all custom fields or rich contents, which would not
    last: mandatory ones come back with their defaults."""
    return {
        name: value for name, value in holder.items() if name not in _BY_NAME or value is not None
    }


def null_maps(spec: Spec) -> Iterator[Finding]:
    """A warning for each null in place of such a map."""
    blocks = spec.get("languageSpecificInfo") or ()
    holders: list[tuple[Path, Json]] = [((), spec)]
    holders += [(("languageSpecificInfo", place), each) for place, each in enumerate(blocks)]
    for path, holder in holders:
        for name in _BY_NAME:
            if isinstance(holder, Mapping) and name in holder and holder[name] is None:
                message = "null empties none of them: mandatory ones would come back"
                hint = "write null for each that is to be emptied"
                yield Finding((*path, name), message, severity="warning", hint=hint)


RULES: tuple[Rule, ...] = (
    _dates,
    _audience,
    _fulfilment,
    _price,
    _limits,
    _revenue,
    null_maps,
)


# Guards: against the live reward and the clock


def _now(check: Check) -> datetime:
    return datetime.fromtimestamp(check.now, UTC)


def status(start: Json, end: Json, now: datetime) -> str:
    """Where a reward is in its life, by the clock: what was read may be older."""
    begins, ends = parse_instant(start), parse_instant(end)
    if ends is not None and ends <= now:
        return "ENDED"
    return "UPCOMING" if begins is not None and begins > now else "LIVE"


def _status(check: Check) -> str:
    return status(check.live.get("startTime"), check.live.get("endTime"), _now(check))


def _new_dates(check: Check) -> Iterator[Verdict]:
    if check.action is Action.UPDATE and not check.changes("startTime", "endTime"):
        return
    for name in ("startTime", "endTime"):
        when = parse_instant(check.desired.get(name))
        if when is not None and when.year < _now(check).year - _OLDEST_YEARS:
            yield Verdict("blocked", f"{name} is more than {_OLDEST_YEARS} years back")
    end = parse_instant(check.desired.get("endTime"))
    if end is not None and end <= _now(check):
        yield Verdict("warning", "endTime is past: the reward is ENDED at once")


def _locked(check: Check) -> Iterator[Verdict]:
    """What a reward keeps once it has begun (api notes: rewards, table of updates)."""
    if check.action is not Action.UPDATE or (now := _status(check)) == "UPCOMING":
        return
    for name in ("startTime", "type", "redemptionType", "owners"):
        if check.changes(name):
            reason = f"{name} is fixed once a reward is {now}: make a new reward, and disable this"
            yield Verdict("blocked", reason)
    if now == "ENDED" and check.changes("restrictions"):
        yield from _ended_limits(check)


def _ended_limits(check: Check) -> Iterator[Verdict]:
    """Limits of an ended reward: numbers may change, the way that periods follow may not."""
    for level in ("rewardLevel", "customerLevel"):
        before, after = _windows(check.live, level), _windows(check.desired, level)
        for key, way in after.items():
            if key in before and before[key] != way:
                reason = f"restrictions.{level}[{'/'.join(key)}].windowType is fixed once ENDED"
                yield Verdict("blocked", reason)
        lasting = {kpi for kpi, unit in before if unit == "NO_LIMIT"}
        for kpi, unit in after.keys() - before.keys():
            if kpi in lasting and (kpi, "NO_LIMIT") not in after and unit != "NO_LIMIT":
                reason = f"restrictions.{level}: a limit of {kpi} for ever stays one once ENDED"
                yield Verdict("blocked", reason)


def _windows(spec: Spec, level: str) -> dict[tuple[str, str], str]:
    items: Sequence[Mapping[str, Json]] = (spec.get("restrictions") or {}).get(level) or ()
    return {
        (str(each.get("kpi")), str(each.get("repeatFrequencyType"))): each.get("windowType")
        or "ROLLING"
        for each in items
    }


def _emptied(check: Check) -> Iterator[Verdict]:
    """Null keeps most fields as they are, and a link has no empty value of another form."""
    if check.action is not Action.UPDATE or check.changes("redemptionType"):
        return
    for name in ("vendorRedemption", "intouchSeriesId"):
        if any(each.after is None for each in check.changes(name)):
            yield Verdict("blocked", f"no documented call empties {name}: make a new reward")


def _reset_limits(check: Check) -> Iterator[Verdict]:
    moves = check.action is Action.UPDATE and check.changes("startTime")
    if moves and check.live.get("restrictions"):
        yield Verdict("warning", "another startTime may reset what the limits have counted")


def _future_cycles(check: Check) -> Iterator[Verdict]:
    for change in check.changes("rewardRevenueMeta"):
        cycles = change.after if isinstance(change.after, list) else ()
        for each in cycles:
            begins = parse_instant(each.get("cycleStartDate"))
            if begins is not None and begins <= _now(check):
                yield Verdict("warning", "the API takes revenue cycles that begin in the future")
                return


GUARDS: tuple[Callable[[Check], Iterator[Verdict]], ...] = (
    _new_dates,
    _locked,
    _emptied,
    _reset_limits,
    _future_cycles,
)
