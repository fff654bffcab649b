"""Running a drift audit: plan, sort by who moved, waive, and remember what was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from capsync.events import Reporter
from capsync.kinds import KINDS
from capsync.memory.findings import add_findings, last_findings
from capsync.planning.drift import Drift, DriftReport, drift_key, find_drift, find_unmanaged
from capsync.planning.options import PlanOptions
from capsync.planning.waivers import sort_out
from capsync.values.instants import today

if TYPE_CHECKING:
    from capsync.session import Session


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """The flags of drift. `since_last` tells new findings from those of the audit before."""

    targets: tuple[str, ...] = ()
    unmanaged: bool = False
    since_last: bool = False


async def audit(session: Session, options: AuditOptions, on: Reporter) -> DriftReport:
    """Every way in which the org is not as the manifests say, waivers taken into account.

    Raises what `Session.plan` raises. What was found is added to the record of audits.
    """
    plan = await session.plan(
        PlanOptions(targets=options.targets, allow_irreversible=True, unmanaged=options.unmanaged),
        on,
    )
    state = session.state()
    drifts = find_drift(session.draft, state if state.entries else None)
    if options.unmanaged:
        drifts += _unmanaged(session)
    found = sort_out(drifts, session.environment.waivers, today(session.now))
    path = findings_path(session)
    known = last_findings(path) if options.since_last else None
    add_findings(path, _stamp(session.now), keys_of(found.open))
    return DriftReport(
        plan.environment,
        plan.org_id,
        _stamp(session.now),
        found.open,
        found.waived,
        found.alarms,
        plan.unreadable,
        checked=len(plan.changes),
        known=known,
    )


def _unmanaged(session: Session) -> list[Drift]:
    matcher = session.matcher
    kinds = [KINDS[name] for name in sorted({address.kind for address in matcher.wanted})]
    return find_unmanaged(kinds, matcher.snapshot, matcher.claimed, session.now)


def keys_of(drifts: Iterable[Drift]) -> list[str]:
    """The keys of findings: one for each field, one for a resource without fields."""
    return [
        key
        for drift in drifts
        for key in ([drift_key(drift, each) for each in drift.fields] or [drift_key(drift)])
    ]


def findings_path(session: Session) -> Path:
    """Where the audits of the session's environment are recorded."""
    return session.state_path.with_name(f"{session.environment.name}.drift.jsonl")


def _stamp(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
