"""What no longer changes in a loyalty promotion, and why, by where it stands in its life."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from capsync.kind import Check, Extra, Route, Verdict
from capsync.kinds.promotions_rules import activities
from capsync.kinds.promotions_shape import pairs_of
from capsync.kinds.promotions_stage import (
    PENDING_DRAFT,
    STATUS,
    STOPPED,
    Life,
    document,
    life_of,
)
from capsync.kinds.promotions_writes import PROMOTIONS
from capsync.model import Action, FieldChange, Path, path_text
from capsync.values.instants import parse_instant

Json = Any
Part = Mapping[str, Json]

_REMEMBERED, _NAMESAKES = "remembered", "namesakes"
_NOW = timedelta(hours=1)  # how near to now an end counts as "cut to now"
_AT_ONCE = timedelta(seconds=10)  # a draft and what it makes change in the live one are one save
_CYCLIC = ("CYCLIC_WINDOW", "PERIOD_AGNOSTIC_WINDOW", "CALENDAR_CYCLIC_WINDOW")
_ANOTHER = "make another promotion under an identifier of its own"


def probe(check: Check) -> Sequence[Extra]:
    """Those that may have a new name already; and the promotion that was made from this manifest,
    where no list shows it any more."""
    asked = []
    if check.action is Action.CREATE and check.remembered:
        asked.append(Extra(_REMEMBERED, Route("GET", f"{PROMOTIONS}/{check.remembered}")))
    if name := _new_name(check):
        params = {"searchText": name, "size": "100"}
        asked.append(Extra(_NAMESAKES, Route("GET", PROMOTIONS, params=params)))
    return tuple(asked)


def _new_name(check: Check) -> str:
    name = str((check.desired.get("metadata") or {}).get("name") or "")
    return "" if name == (check.live.get("metadata") or {}).get("name") else name


def guard(check: Check) -> Iterable[Verdict]:
    """What stands in the way of a change."""
    yield from _name_is_taken(check)
    if check.action is Action.CREATE:
        yield from _on_create(check)
        return
    life = life_of(check.raw)
    if life.published == STOPPED:
        yield Verdict("blocked", _stopped(str(check.raw.get("id"))))
        return
    yield from _stale_draft(check, life)
    yield from _activity_events(check)
    if life.is_published:
        for lock in (_fixed, _dates, _milestones, _taking_part, _cycles):
            yield from lock(check, life)
    if check.changes("metadata", "activities") and life.published == "PUBLISH_FAILED":
        yield Verdict("warning", "its publishing has failed: look at it in the console")


def _name_is_taken(check: Check) -> Iterator[Verdict]:
    """By another promotion that the list shows; the pending draft of this one has its name too."""
    found = check.probed.get(_NAMESAKES)
    rows = found.get("content") or () if isinstance(found, Mapping) else ()
    own = (check.raw or {}).get("id")
    name = _new_name(check)
    for row in rows:
        has_it = (row.get("metadata") or {}).get("name") == name
        if has_it and (own is None or own not in (row.get("id"), row.get("parentId"))):
            reason = f"metadata.name: {name!r} is the name of promotion {row.get('id')} (310187)"
            yield Verdict("blocked", f"{reason}: choose another one")
            return


def _on_create(check: Check) -> Iterator[Verdict]:
    found = check.probed.get(_REMEMBERED)
    if isinstance(found, Mapping) and (found.get("metadata") or {}).get("status") == STOPPED:
        yield Verdict("blocked", _stopped(check.remembered))


def _stopped(id_: str) -> str:
    return (
        f"promotion {id_} was stopped, which is final, and holds the identifier (310159): write"
        " another promoIdentifier, or remove the manifest"
    )


def _stale_draft(check: Check, life: Life) -> Iterator[Verdict]:
    """A draft made before the live promotion changed can neither be saved nor submitted."""
    draft = check.raw.get(PENDING_DRAFT)
    if not life.has_draft or not isinstance(draft, Mapping):
        return
    if older := _version(draft, check.raw) or _saved_before(draft, check.raw):
        reason = (
            f"the pending draft {life.id} {older}, so the service takes it no more: discard it in"
            " the console, then plan again"
        )
        yield Verdict("blocked", reason)


def _version(draft: Part, live: Part) -> str:
    mine, other = draft.get("version"), live.get("version")
    if isinstance(mine, int) and isinstance(other, int) and mine <= other:
        return f"(version {mine}) is older than the live promotion (version {other})"
    return ""


def _saved_before(draft: Part, live: Part) -> str:
    """When it was made no page tells for sure: a copy may show when the promotion itself was."""
    mine, other = (
        parse_instant((each.get("metadata") or {}).get("lastModifiedOn")) for each in (draft, live)
    )
    if mine is None or other is None or other - mine <= _AT_ONCE:
        return ""
    times = [f"{each:%Y-%m-%d %H:%M:%SZ}" for each in (mine, other)]
    return f"was last saved at {times[0]}, before the live promotion changed ({times[1]})"


def _activity_events(check: Check) -> Iterator[Verdict]:
    """Events of SINGLE activities, told by the ids that manifests and live promotions share."""
    have = {str(each["id"]): each for _, each in activities(check.live) if each.get("id")}
    for path, each in activities(check.desired):
        live = have.get(str(each.get("id")), {})
        is_single = each.get("type") == "SINGLE"
        if is_single and live.get("event") and each.get("event") not in (None, live["event"]):
            reason = (
                f"{path_text((*path, 'event'))}: the event of a SINGLE activity is fixed (310161);"
                " write an activity with another id"
            )
            yield Verdict("blocked", reason)


_FIXED: Mapping[Path, str] = {
    ("metadata", "promotionType"): "the type of a published promotion is fixed",
    ("metadata", "promotionCategory"): "the category of a published promotion is fixed",
    ("metadata", "loyaltyEarningType"): "how customers earn is fixed once published",
    ("metadata", "startDate"): "the start is fixed from the approval on (310153)",
    ("customerEnrolment", "enrolmentMethod"): "enrolment is fixed once published",
    ("customerEnrolment", "customerEligibilityType"): "who is eligible is fixed (310190)",
}


_ONCE_LIVE = "is fixed once the promotion is live"


def _fixed(check: Check, _life: Life) -> Iterator[Verdict]:
    for change in check.fields:
        if reason := _FIXED.get(change.path[:2]):
            yield Verdict("blocked", f"{path_text(change.path)}: {reason}; {_ANOTHER}")
    start = parse_instant((check.live.get("metadata") or {}).get("startDate"))
    if start is None or start > datetime.fromtimestamp(check.now, UTC):
        return
    for change in check.changes("metadata"):
        if change.path == ("metadata", "timezoneName"):
            yield Verdict("blocked", f"metadata.timezoneName {_ONCE_LIVE}; {_ANOTHER}")
    for where, each, have in _paired(check):
        if each.get("type") != have.get("type"):
            yield Verdict("blocked", f"{where}.type {_ONCE_LIVE}; {_ANOTHER}")


def _dates(check: Check, life: Life) -> Iterator[Verdict]:
    for change in check.fields:
        if change.path != ("metadata", "endDate"):
            continue
        before, after = parse_instant(change.before), parse_instant(change.after)
        now = datetime.fromtimestamp(check.now, UTC)
        if life.published == "COMPLETED":
            yield Verdict("blocked", f"metadata.endDate: the promotion is over; {_ANOTHER}")
        elif before and after and after < before and abs(after - now) > _NOW:
            reason = "it may only be extended, or cut to now (310155); stop the promotion instead"
            yield Verdict("blocked", f"metadata.endDate: {reason}")
        elif after and before and after > before and (kept := _not_extended(check.live)):
            reason = f"the console extends no promotion with {kept}; the service may refuse"
            yield Verdict("warning", f"metadata.endDate: {reason}")


def _not_extended(spec: Part) -> str:
    if _is_cyclic(spec):
        return "cyclic cycles"
    enrolment = spec.get("customerEnrolment") or {}
    return "an audience group" if enrolment.get("audienceGroups") else ""


def _is_cyclic(spec: Part) -> bool:
    for _, each in activities(spec):
        windows = [each, *(each.get("milestones") or ())]
        if any(window.get("targetEvaluationType") in _CYCLIC for window in windows):
            return True
    return False


def _paired(check: Check) -> Iterator[tuple[str, Part, Part]]:
    """Each live activity with the desired one that it is to become."""
    desired, live = check.desired.get("activities") or [], check.live.get("activities") or []
    for place, (each, have) in enumerate(pairs_of(desired, live)):
        if isinstance(have, Mapping):
            yield f"activities[{place}]", each, have


def _milestones(check: Check, _life: Life) -> Iterator[Verdict]:
    for where, each, have in _paired(check):
        pairs = zip(each.get("milestones") or (), have.get("milestones") or (), strict=False)
        for wanted, live in pairs:
            if wanted.get("targetType") != live.get("targetType"):
                reason = "what a published milestone measures is fixed (310162)"
                yield Verdict("blocked", f"{where}.milestones: {reason}; {_ANOTHER}")
            if (wanted.get("streaks") or []) != (live.get("streaks") or []):
                reason = "the levels of a published streak are fixed"
                yield Verdict("blocked", f"{where}.milestones: {reason}; {_ANOTHER}")


_CRITERIA = ("basedOn", "activities", "audienceMapping")


def _taking_part(check: Check, life: Life) -> Iterator[Verdict]:
    for change in check.changes("workflowMetadata"):
        member = change.path[2:3]
        if member and member[0] in _CRITERIA:
            reason = f"how customers take part is fixed once published; {_ANOTHER}"
            yield Verdict("blocked", f"{path_text(change.path)}: {reason}")
        elif member and member[0] in ("optInStartDate", "optInEndDate"):
            yield from _opt_in(check, life, change)


def _opt_in(check: Check, life: Life, change: FieldChange) -> Iterator[Verdict]:
    """The window: its start is fixed once it has opened, its end may only be extended then."""
    optin = ((document(check.raw).get("workflowMetadata") or {}).get("optin")) or {}
    opened = parse_instant(optin.get("optInStartDate"))
    now = datetime.fromtimestamp(check.now, UTC)
    before, after = parse_instant(change.before), parse_instant(change.after)
    where = path_text(change.path)
    if after is not None and after < now:
        yield Verdict("blocked", f"{where} is past (310226, 310227)")
    elif opened is not None and opened <= now and change.path[-1] == "optInStartDate":
        yield Verdict("blocked", f"{where} is fixed since the window has opened (310224)")
    elif opened is not None and opened <= now and before and (after is None or after < before):
        yield Verdict("blocked", f"{where} may only be extended (310225)")
    del life


def _cycles(check: Check, _life: Life) -> Iterator[Verdict]:
    """Cycles of a published promotion: those that have begun stay and may only be extended."""
    now = datetime.fromtimestamp(check.now, UTC)
    for where, each, have in _paired(check):
        for name in ("cycles", "activityCycles"):
            wanted = {_cycle_key(cycle): cycle for cycle in each.get(name) or ()}
            for cycle in have.get(name) or ():
                key = _cycle_key(cycle)
                start, end = (parse_instant(cycle.get(n)) for n in ("startDate", "endDate"))
                if name not in each or start is None or start > now:
                    continue
                other = wanted.get(key)
                to = parse_instant(other.get("endDate")) if other else None
                if other is None or (end is not None and (to is None or to < end)):
                    reason = "it has begun, so it stays and may only be extended"
                    yield Verdict("blocked", f"{where}.{name}: {key}: {reason}")


def _cycle_key(cycle: Part) -> str:
    return str(cycle.get("id") or cycle.get("refCode") or cycle.get("name"))


__all__ = ["STATUS", "guard", "probe"]
