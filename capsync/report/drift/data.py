"""An audit as JSON: `schemas/drift.schema.json`."""

from __future__ import annotations

from typing import Any

from capsync.model import NOTHING
from capsync.planning.drift import Drift, DriftField, DriftReport
from capsync.planning.encode import field_json
from capsync.report.drift.words import is_new
from capsync.report.json import as_text

FORMAT = "capsync.drift/1"


def drift_json(report: DriftReport) -> str:
    """The audit as JSON text."""
    document = {
        "format": FORMAT,
        "environment": report.environment,
        "org_id": report.org_id,
        "created_at": report.created_at,
        "summary": {
            "checked": report.checked,
            "changed": _count(report, "changed"),
            "missing": _count(report, "missing"),
            "unmanaged": _count(report, "unmanaged"),
            "waived": len(report.waived),
        },
        "drifts": [_drift(each) | _newness(report, each) for each in report.drifts],
        "waived": [_drift(each) | {"waiver": reason} for each, reason in report.waived],
        "alarms": list(report.alarms),
        "unreadable": list(report.unreadable),
    }
    return as_text(document)


def _count(report: DriftReport, what: str) -> int:
    return sum(drift.what == what for drift in report.drifts)


def _newness(report: DriftReport, drift: Drift) -> dict[str, Any]:
    return {"new": is_new(report, drift)} if report.known is not None else {}


def _drift(drift: Drift) -> dict[str, Any]:
    optional = {
        "id": drift.id,
        "natural_key": drift.natural_key,
        "changed_by": drift.by,
        "changed_at": drift.at,
        "applied_at": drift.since,
        "changed_between": list(drift.between or ()),
        "reasons": list(drift.reasons),
    }
    return {
        "address": str(drift.address),
        "kind": drift.address.kind,
        "what": drift.what,
        "fields": [_field(field) for field in drift.fields],
    } | {name: value for name, value in optional.items() if value}


def _field(field: DriftField) -> dict[str, Any]:
    entry: dict[str, Any] = field_json(field.change) | {"side": field.side.value}
    if field.applied is not NOTHING and not field.change.sensitive:
        entry["applied"] = field.applied
    return entry
