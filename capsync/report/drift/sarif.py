"""An audit as SARIF: each finding at the file, line and column of the value in the manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from capsync.model import Address, Where, path_text
from capsync.planning.drift import Drift, DriftField, DriftReport, drift_key
from capsync.report.drift.words import sentence, side, sides, who
from capsync.report.scan import Found, sarif_log

_RULES = {
    "changed": "The org differs from the manifest.",
    "missing": "A resource of the manifests is not in the org.",
    "unmanaged": "A live object is in no manifest.",
}


def drift_sarif(report: DriftReport, places: Mapping[Address, Where], *, base: str = "") -> str:
    """The log; `places` are where resources are declared, `base` the project's folder as the
    reader sees it."""
    found = [each for drift in report.drifts for each in _found(drift, places.get(drift.address))]
    return sarif_log(_RULES, "capsyncDrift/v1", found, base)


def _found(drift: Drift, place: Where | None) -> Iterator[Found]:
    if not drift.fields:
        yield _one(drift, sentence(drift), drift_key(drift), place)
    for field in drift.fields:
        yield _one(drift, _told(field), drift_key(drift, field), field.change.source or place)


def _told(field: DriftField) -> str:
    moved = f", {side(field)}" if side(field) else ""
    return f"{path_text(field.change.path)}: {sides(field.change)}{moved}"


def _one(drift: Drift, text: str, key: str, where: Where | None) -> Found:
    seen = f" ({who(drift)})" if who(drift) else ""
    level = "note" if drift.what == "unmanaged" else "error"
    return Found(drift.what, level, f"{drift.address} {text}{seen}", key, where)
