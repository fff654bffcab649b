"""An audit as an issue or comment in Markdown: verdict first, fields folded away."""

from __future__ import annotations

from collections.abc import Iterator

from capsync.planning.drift import Drift, DriftReport
from capsync.report.comment import LIMIT, assembled, code, folded, listed, marker
from capsync.report.drift.words import SYMBOLS, is_new, sentence, side, verdict, who
from capsync.report.markdown import field_lines
from capsync.report.values import visible


def drift_markdown(report: DriftReport, *, limit: int = LIMIT) -> str:
    """The audit within `limit` characters, cut between resources."""
    blocks = [_details(report, drift) for drift in report.drifts]
    return assembled(_head(report), blocks, "", command="`capsync drift`", limit=limit)


def _head(report: DriftReport) -> Iterator[str]:
    yield marker("drift", report.environment)
    mark = "❌" if report.drifts or report.unreadable else "✅"
    yield f"### {mark} capsync drift: {code(report.environment)}"
    yield ""
    yield f"**{verdict(report)}**"
    for title, what in (
        ("Missing in the org", "missing"),
        ("Changed", "changed"),
        ("Unmanaged in the org", "unmanaged"),
    ):
        drifts = [drift for drift in report.drifts if drift.what == what]
        yield from listed(title, (_line(report, drift) for drift in drifts))
    waived = (f"{code(str(drift.address))}: {code(why)}" for drift, why in report.waived)
    yield from listed("Waived", waived)
    yield from listed("Alarms", map(code, report.alarms))
    yield from listed("Not readable", map(code, report.unreadable))


def _line(report: DriftReport, drift: Drift) -> str:
    new = "**new** " if is_new(report, drift) else ""
    seen = f", {code(who(drift))}" if who(drift) else ""
    return f"{new}{code(str(drift.address))} {sentence(drift)}{seen}"


def _details(report: DriftReport, drift: Drift) -> str:
    new = ", new" if is_new(report, drift) else ""
    return folded(f"{SYMBOLS[drift.what]} {drift.what} {drift.address}{new}", _body(drift))


def _body(drift: Drift) -> Iterator[str]:
    if seen := who(drift):
        yield f"# {seen}"
    yield from (f"! {visible(reason)}" for reason in drift.reasons)
    for field in drift.fields:
        yield from field_lines(field.change, side(field))
