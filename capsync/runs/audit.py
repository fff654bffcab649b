"""Running a drift audit: plan, sort by who moved, waive, and remember what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from capsync.errors import ApiError, CapsyncError
from capsync.events import Reporter
from capsync.gathering import together
from capsync.kind import Extra
from capsync.kinds import KINDS
from capsync.memory.findings import Audit, AuditLog, audit_log
from capsync.model import Address
from capsync.planning.drift import Drift, DriftReport, drift_key, find_drift, find_unmanaged
from capsync.planning.options import PlanOptions, selected
from capsync.planning.waivers import Sorted, sort_out
from capsync.values.instants import canonical_instant, today

if TYPE_CHECKING:
    from capsync.session import Session

Json = Any


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """The flags of drift. `since_last` tells new findings from those of the audit before."""

    targets: tuple[str, ...] = ()
    unmanaged: bool = False
    since_last: bool = False


async def audit(session: Session, options: AuditOptions, on: Reporter) -> DriftReport:
    """Every way in which the org is not as the manifests say, waivers taken into account.

    Raises what `Session.plan` raises. What was found is added to the record of audits; where that
    can not be, an alarm says so.
    """
    plan = await session.plan(
        PlanOptions(targets=options.targets, allow_irreversible=True, unmanaged=options.unmanaged),
        on,
    )
    state = session.state()
    drifts = find_drift(session.draft, state if state.entries else None)
    if options.unmanaged:
        drifts += _unmanaged(session, options.targets)
    log, now = audits_of(session), _stamp(session.now)
    earlier = log.audits()
    drifts = await together(_attributed(session, each) for each in drifts)
    drifts = [_bounded(each, earlier, now) for each in drifts]
    found = sort_out(drifts, session.environment.waivers, today(session.now))
    before = earlier[-1] if earlier else None
    alarms = found.alarms
    try:
        log.add(_record(session, options, found, before, now))
    except CapsyncError as error:  # what was found stands nevertheless
        alarms = (*alarms, f"this audit is not on record: {error.message}")
    return DriftReport(
        plan.environment,
        plan.org_id,
        now,
        found.open,
        found.waived,
        alarms,
        plan.unreadable,
        checked=len(plan.changes),
        known=before.keys if before and options.since_last else None,
    )


def _unmanaged(session: Session, targets: tuple[str, ...]) -> list[Drift]:
    matcher = session.matcher
    kinds = [KINDS[name] for name in sorted({address.kind for address in matcher.wanted})]
    found = find_unmanaged(kinds, matcher.snapshot, matcher.claimed, session.now)
    return [each for each in found if not targets or selected(targets, each.address)]


async def _attributed(session: Session, drift: Drift) -> Drift:
    """The drift with who changed it when, where the API tells that elsewhere than in the object."""
    kind = KINDS[drift.address.kind]
    if kind.trail is None or drift.by or drift.at:
        return drift
    reader = await session.reader([kind])
    values = {**reader.variables, **_spec_of(session, drift)}
    try:
        answer = await reader.extra(kind, Extra("trail", kind.trail.route), values)
    except ApiError:
        return drift  # not every account may read it, and the finding stands without
    told = [(str(canonical_instant(at, "iso", "second")), by) for at, by in kind.trail.read(answer)]
    if not told:
        return drift
    at, by = sorted(told, key=itemgetter(0))[-1]  # of one second, the one told last
    return replace(drift, at=at, by=by)


def _spec_of(session: Session, drift: Drift) -> Mapping[str, Json]:
    wanted = session.matcher.wanted.get(drift.address)
    if wanted is not None:
        return wanted.live.spec if wanted.live is not None else wanted.raw
    listed = session.matcher.snapshot.of(drift.address.kind)
    return next((each.spec for each in listed if each.id == drift.id), {})


def _bounded(drift: Drift, earlier: Sequence[Audit], now: str) -> Drift:
    """The drift with the times between which the org moved, where the API does not say when."""
    if not drift.moved or drift.by or drift.at:
        return drift
    clean = [each.at for each in earlier if each.is_clean_of(str(drift.address))]
    return replace(drift, between=(max([drift.since, *clean[-1:]]), now))


def _record(
    session: Session, options: AuditOptions, found: Sorted, before: Audit | None, now: str
) -> Audit:
    """What later audits are to know of this one."""
    findings = {str(each.address): keys_of(each) for each in found.open}
    for address, keys in (before.findings if before else {}).items():
        if not _looked_at(session, options, address, keys):
            findings[address] = list(keys)
    waived = sorted({str(drift.address) for drift, _ in found.waived})
    whole = not options.targets and not session.draft.plan.unreadable
    return Audit(now, findings, waived, whole)


def _looked_at(session: Session, options: AuditOptions, address: str, keys: Sequence[str]) -> bool:
    """Whether this audit would have found again what an earlier one found there."""
    kind, _, name = address.partition("/")
    at = Address(kind, name)
    if options.targets and not selected(options.targets, at):
        return False
    if kind in session.matcher.snapshot.unreadable:
        return False
    return options.unmanaged or f"{address} unmanaged" not in keys


def keys_of(drift: Drift) -> list[str]:
    """The names of its findings: one for each field, one for a resource without fields."""
    return [drift_key(drift, each) for each in drift.fields] or [drift_key(drift)]


def audits_of(session: Session) -> AuditLog:
    """Where the audits of the session's environment are on record: beside the state."""
    default = session.memory.folder / f"{session.environment.name}.drift.jsonl"
    return audit_log(session.memory.store, default)


def _stamp(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
