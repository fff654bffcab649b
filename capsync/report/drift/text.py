"""An audit for people."""

from __future__ import annotations

from collections.abc import Iterator

from capsync.planning.drift import Drift, DriftField, DriftReport
from capsync.report.drift.words import SYMBOLS, is_new, side, sides, verdict, who
from capsync.report.paint import Paint, plain, styled
from capsync.report.values import visible
from capsync.report.words import identity

_COLORS = {"changed": "yellow", "missing": "red", "unmanaged": "cyan"}


def drift_text(report: DriftReport, *, color: bool = False) -> str:
    """Every drift with its fields, who changed it, what is waived, and the verdict last."""
    paint: Paint = styled if color else plain
    return "\n".join(_lines(report, paint)) + "\n"


def _lines(report: DriftReport, paint: Paint) -> Iterator[str]:
    where = f", org {report.org_id}" if report.org_id is not None else ""
    yield paint(f"Environment {visible(report.environment)}{where}", bold=True)
    yield ""
    for drift in report.drifts:
        yield from _drift(report, drift, paint)
        yield ""
    for waived, why in report.waived:
        yield f"{paint('Waived', 'bright_black')}: {visible(str(waived.address))}: {visible(why)}"
    for title, texts in (("Alarm", report.alarms), ("Not readable", report.unreadable)):
        yield from (f"{paint(title, 'bright_red')}: {visible(text)}" for text in texts)
    yield paint(verdict(report), bold=True)


def _drift(report: DriftReport, drift: Drift, paint: Paint) -> Iterator[str]:
    head = f"{SYMBOLS[drift.what]} {drift.what} {visible(str(drift.address))}"
    parts = [
        paint(head, _COLORS[drift.what], bold=True),
        identity(drift.address, drift.id, drift.natural_key),
        paint("new", "bright_red") if is_new(report, drift) else "",
        who(drift),
    ]
    yield "  " + "  ".join(part for part in parts if part)
    for field in drift.fields:
        yield "      " + _field(field, paint)
    yield from (f"      {visible(reason)}" for reason in drift.reasons)


def _field(field: DriftField, paint: Paint) -> str:
    from capsync.model import path_text

    change = field.change
    parts = [visible(path_text(change.path)), sides(change), paint(side(field), "yellow")]
    if change.source is not None:
        parts.append(paint(visible(f"{change.source.file}:{change.source.line}"), "bright_black"))
    return "  ".join(part for part in parts if part)
