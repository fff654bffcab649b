"""An audit as a page."""

from __future__ import annotations

from capsync.planning.drift import Drift, DriftReport
from capsync.report.drift.words import is_new, sentence, side, verdict, who
from capsync.report.html.page import Card, Notice, Page, rendered
from capsync.report.html.plan import row


def drift_html(report: DriftReport) -> str:
    """Summary, alarms, filters, and every drift with both sides of its fields."""
    org = f", org {report.org_id}" if report.org_id is not None else ""
    waived = [f"{drift.address}: {why}" for drift, why in report.waived]
    page = Page(
        title=f"capsync drift: {report.environment}",
        subtitle=f"{report.environment}{org}, audited {report.created_at}",
        verdict=verdict(report),
        notices=(
            Notice("Alarms", report.alarms, "bad"),
            Notice("Not readable", report.unreadable, "bad"),
            Notice("Waived", waived),
        ),
        cards=[_card(report, drift) for drift in report.drifts],
        sides=("in the org", "in the manifest"),
    )
    return rendered(page)


def _card(report: DriftReport, drift: Drift) -> Card:
    return Card(
        drift.address,
        drift.what,
        drift.what,
        drift.id or "",
        ("new",) if is_new(report, drift) else (),
        [text for text in (sentence(drift), who(drift), *drift.reasons) if text],
        [row(field.change, side(field)) for field in drift.fields],
    )
