"""An audit as a JUnit report: a case for each resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from capsync.model import Address, path_text
from capsync.planning.drift import Drift, DriftReport
from capsync.report.drift.words import sentence, side, sides, who
from capsync.report.testcases import Case, resource, testsuite, unreadable


def drift_junit(report: DriftReport, checked: Iterable[Address]) -> str:
    """The report: resources that are as wanted pass, drift fails, waived drift is skipped."""
    drifts = {drift.address: drift for drift in report.drifts}
    waived = {drift.address: reason for drift, reason in report.waived}
    cases = [
        _failed(drifts[each])
        if each in drifts
        else resource(each, "skipped", waived[each])
        if each in waived
        else resource(each)
        for each in sorted({*checked, *drifts, *waived})
    ]
    cases += map(unreadable, report.unreadable)
    return testsuite(f"capsync drift {report.environment}", report.created_at, cases)


def _failed(drift: Drift) -> Case:
    told = f"{drift.address} {sentence(drift)}"
    lines = list(_details(drift))
    return Case(drift.address.kind, str(drift.address), "failure", told, drift.what, lines)


def _details(drift: Drift) -> Iterator[str]:
    if seen := who(drift):
        yield seen
    for field in drift.fields:
        place = field.change.source
        at = f" {place.file}:{place.line}" if place else ""
        moved = f" ({side(field)})" if side(field) else ""
        yield f"{path_text(field.change.path)}: {sides(field.change)}{moved}{at}"
    yield from drift.reasons
