"""What a badge may not be: rules on its manifest, and locks that depend on the live badge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from capsync.kind import Check, Finding, Rule, Verdict
from capsync.kinds.badges_fields import (
    BADGE_OTHER,
    BADGE_WINDOW,
    CUSTOMER_LIMITS,
    CUSTOMER_OTHER,
    CUSTOMER_WINDOW,
)
from capsync.model import Action, Key, Spec
from capsync.values.instants import parse_instant

Json = Any

_LISTS = {
    "customerConstraints": (CUSTOMER_WINDOW, CUSTOMER_OTHER),
    "badgeConstraints": (BADGE_WINDOW, BADGE_OTHER),
}
_OLDEST_YEARS = 100
_BEYOND_SECONDS = 100_000_000_000  # the year 5138
_NEW_BADGE = "make a new badge under another name, and deactivate this one"


# Rules: offline, on the spec as written


def _dates(spec: Spec) -> Iterable[Finding]:
    start, end = (parse_instant(spec.get(name), "seconds") for name in ("startOn", "expiresOn"))
    if start is not None and end is not None and start >= end:
        yield Finding(("expiresOn",), "has to be after startOn", code="720")


def _enrolment(spec: Spec) -> Iterable[Finding]:
    if spec.get("earnType") == "ISSUE_EARN" and spec.get("issuedBadgeExpiry") is None:
        yield Finding(("issuedBadgeExpiry",), "is needed with earnType ISSUE_EARN")


def _claims(spec: Spec) -> Iterable[Finding]:
    ownership = spec.get("ownership")
    if not isinstance(ownership, Mapping):
        return
    owners = ownership.get("restrictedToOwners") or ()
    for place, claim in enumerate(ownership.get("claims") or ()):
        owner = claim.get("ownerType") if isinstance(claim, Mapping) else None
        if isinstance(owner, str) and owner not in owners:
            path = ("ownership", "claims", place, "ownerType")
            hint = "add it to ownership.restrictedToOwners"
            yield Finding(path, f"{owner} is not one of the owners", code="714", hint=hint)


def _points(spec: Spec) -> Iterable[Finding]:
    for place, benefit in enumerate(spec.get("benefits") or ()):
        if _gives_points(benefit) and benefit.get("points") is None:
            message = "is left out: updates would drop what the org has, since it is never shown"
            yield Finding(("benefits", place, "points"), message, severity="warning")


def _customer_limits(spec: Spec) -> Iterable[Finding]:
    for place, each in enumerate(spec.get("badgeConstraints") or ()):
        if isinstance(each, Mapping) and each.get("constraintType") in CUSTOMER_LIMITS:
            message = "is a limit of customers, which the service moves to customerConstraints"
            path = ("badgeConstraints", place, "constraintType")
            yield Finding(path, message, severity="warning", hint="write it there")


def _milliseconds(spec: Spec) -> Iterable[Finding]:
    for name in ("startOn", "expiresOn"):
        value = spec.get(name)
        if isinstance(value, int | float) and value >= _BEYOND_SECONDS:
            message = "is epoch seconds: milliseconds are taken without error, for a far year"
            yield Finding((name,), message, severity="warning")


def _gives_points(benefit: Json) -> bool:
    return isinstance(benefit, Mapping) and benefit.get("benefitType") == "LOYALTY_POINTS"


RULES: tuple[Rule, ...] = (
    _dates,
    _enrolment,
    _claims,
    _points,
    _customer_limits,
    _milliseconds,
)


# Guards: against the live badge and the clock


def _now(check: Check) -> datetime:
    return datetime.fromtimestamp(check.now, UTC)


def _status(check: Check) -> str:
    """Where the badge is in its life, by the clock: the status that was read may be older."""
    start, end = (parse_instant(check.live.get(name)) for name in ("startOn", "expiresOn"))
    if end is not None and end <= _now(check):
        return "EXPIRED"
    return "UPCOMING" if start is not None and start > _now(check) else "LIVE"


def _new_dates(check: Check) -> Iterator[Verdict]:
    if check.action is not Action.CREATE:
        return
    start, end = (parse_instant(check.desired.get(name)) for name in ("startOn", "expiresOn"))
    if start is not None and start.year < _now(check).year - _OLDEST_YEARS:
        yield Verdict("blocked", f"startOn is more than {_OLDEST_YEARS} years back")
    if end is not None and end <= _now(check):
        yield Verdict("warning", "expiresOn is past: the badge is EXPIRED at once")


def _moved_dates(check: Check) -> Iterator[Verdict]:
    if check.action is Action.CREATE:
        return
    status = _status(check)
    if check.changes("startOn") and status != "UPCOMING":
        reason = f"startOn is fixed once a badge is {status} (723): {_NEW_BADGE}"
        yield Verdict("blocked", reason)
    end = parse_instant(check.desired.get("expiresOn"))
    if check.changes("expiresOn") and end is not None and end <= _now(check):
        reason = "expiresOn can not be moved into the past (724): deactivate the badge instead"
        yield Verdict("blocked", reason)


def _windows(check: Check) -> Iterator[Verdict]:
    """Swaps of fixed windows for other limits, and windows that ended badges keep."""
    if check.action is Action.CREATE or (status := _status(check)) == "UPCOMING":
        return
    for name, (window, others) in _LISTS.items():
        if not check.changes(name):
            continue
        before, after = _types(check.live.get(name)), _types(check.desired.get(name))
        if _is_swap(before, after, window, others):
            reason = (
                f"{name}: a fixed window can not be swapped for a rolling window or a fixed value,"
                f" nor back, once a badge is {status} (826): {_NEW_BADGE}"
            )
            yield Verdict("blocked", reason)
        elif window in before | after and _items(check.live, name, window) != _items(
            check.desired, name, window
        ):
            yield from _edited_window(check, status, name)


def _edited_window(check: Check, status: str, name: str) -> Iterator[Verdict]:
    if status == "EXPIRED" and check.live.get("earnType") != "ISSUE_EARN":
        reason = f"{name}: fixed windows of an EXPIRED badge are fixed, save with ISSUE_EARN"
        yield Verdict("blocked", reason)
    elif status == "LIVE":
        reason = f"{name}: an edited fixed window takes effect when its running cycle ends"
        yield Verdict("warning", reason)


def _types(constraints: Json) -> set[str]:
    return {each["constraintType"] for each in constraints or ()}


def _items(spec: Spec, name: str, window: str) -> list[Json]:
    return [each for each in spec.get(name) or () if each["constraintType"] == window]


def _is_swap(before: set[str], after: set[str], window: str, others: tuple[str, ...]) -> bool:
    """Whether only windows become only others, or the reverse. The pages do not say what mixed
    limits count as: those are left to the server."""
    was_window, is_window = window in before, window in after
    was_other, is_other = bool(before & {*others}), bool(after & {*others})
    to_other = was_window and not was_other and is_other and not is_window
    to_window = was_other and not was_window and is_window and not is_other
    return to_other or to_window


def _membercare(check: Check) -> Iterator[Verdict]:
    """An owner that the pages of update name and those of create do not."""
    owners = check.desired.get("ownership", {}).get("restrictedToOwners") or ()
    if check.action is Action.CREATE and "Membercare" in owners:
        yield Verdict(
            "warning",
            "Membercare stands on the update page alone, and a create may be refused (714): create"
            " the badge without it, then add it",
        )


def _owners(check: Check) -> Iterator[Verdict]:
    """Owners that hold a claim can not be removed."""
    if check.action is Action.CREATE or not check.changes("ownership"):
        return
    kept = set(check.desired.get("ownership", {}).get("restrictedToOwners") or ())
    if not kept:
        return
    given_up = {
        str(change.path[-1])
        for change in check.changes("ownership")
        if isinstance(change.path[-1], Key)
    }
    for claim in check.live.get("ownership", {}).get("claims") or ():
        owner, reference = claim["ownerType"], claim["referenceId"]
        if owner not in kept and f"{owner}/{reference}" not in given_up:
            reason = f"{owner} has the claim {reference} and can not be removed as owner (738)"
            yield Verdict("blocked", reason)


def _claimable(check: Check) -> Iterator[Verdict]:
    """A deactivated badge can not be claimed."""
    wanted = check.desired.get("ownership", {}).get("claims") or ()
    live = check.live.get("ownership", {}).get("claims") or ()
    held = {(each["ownerType"], each["referenceId"]) for each in live}
    new = [each for each in wanted if (each["ownerType"], each["referenceId"]) not in held]
    turned_off = check.desired.get("active") is False
    was_off = check.action is Action.CREATE or check.live.get("active") is False
    if new and turned_off and was_off:
        yield Verdict(
            "blocked",
            "ownership.claims: a deactivated badge can not be claimed; apply with active true"
            " first, and deactivate it afterwards",
        )


def _lost_points(check: Check) -> Iterator[Verdict]:
    """Points are sent and never read, so that an update which does not name them drops them."""
    if check.action is Action.CREATE or not any(
        map(_gives_points, check.live.get("benefits") or ())
    ):
        return
    if all(change.path[0] == "active" or _is_claim(change.path) for change in check.fields):
        return
    written = check.written.get("benefits")
    named = [each for each in written or () if _gives_points(each)]
    if written is None or any(each.get("points") is None for each in named):
        yield Verdict(
            "irreversible",
            "benefits: the update replaces the badge and the API does not show the points of"
            " LOYALTY_POINTS; write benefits with their points to keep them",
        )


def _is_claim(path: tuple[str | int, ...]) -> bool:
    return path[:2] == ("ownership", "claims")


GUARDS: tuple[Callable[[Check], Iterator[Verdict]], ...] = (
    _new_dates,
    _moved_dates,
    _windows,
    _membercare,
    _owners,
    _claimable,
    _lost_points,
)
