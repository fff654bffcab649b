"""An audit as SARIF: each finding at the file, line and column of the value in the manifest."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from capsync import __version__
from capsync.model import Address, Where, path_text
from capsync.planning.drift import Drift, DriftField, DriftReport, drift_key
from capsync.report.drift.words import sentence, side, sides, who
from capsync.report.json import as_text
from capsync.report.values import visible

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# Code scanning refuses a finding without a place, which is what no manifest declares.
_NOWHERE = Where("capsync.yaml", 1, 1)
_RULES = {
    "changed": "The org differs from the manifest.",
    "missing": "A resource of the manifests is not in the org.",
    "unmanaged": "A live object is in no manifest.",
}


def drift_sarif(report: DriftReport, places: Mapping[Address, Where], *, base: str = "") -> str:
    """The log; `places` are where resources are declared, `base` the project's folder as the
    reader sees it."""
    results = [
        result for drift in report.drifts for result in _results(drift, places.get(drift.address))
    ]
    for result in results:
        _move(result, base)
    rules = [
        {"id": name, "shortDescription": {"text": text}, "defaultConfiguration": {"level": "error"}}
        for name, text in _RULES.items()
    ]
    run = {
        "tool": {"driver": {"name": "capsync", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return as_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _results(drift: Drift, place: Where | None) -> Iterator[dict[str, Any]]:
    if not drift.fields:
        yield _result(drift, sentence(drift), place, drift_key(drift))
    for field in drift.fields:
        where = field.change.source or place
        yield _result(drift, _told(field), where, drift_key(drift, field))


def _told(field: DriftField) -> str:
    moved = f", {side(field)}" if side(field) else ""
    return f"{path_text(field.change.path)}: {sides(field.change)}{moved}"


def _result(drift: Drift, text: str, where: Where | None, key: str) -> dict[str, Any]:
    seen = f" ({who(drift)})" if who(drift) else ""
    result: dict[str, Any] = {
        "ruleId": drift.what,
        "ruleIndex": list(_RULES).index(drift.what),
        "level": "note" if drift.what == "unmanaged" else "error",
        "message": {"text": visible(f"{drift.address} {text}{seen}")},
        "partialFingerprints": {"capsyncDrift/v1": visible(key)},
    }
    if where is None or not where.file:
        where = _NOWHERE
    physical: dict[str, Any] = {"artifactLocation": {"uri": where.file}}
    if where.line:
        physical["region"] = {"startLine": where.line, "startColumn": max(where.column, 1)}
    result["locations"] = [{"physicalLocation": physical}]
    return result


def _move(result: dict[str, Any], base: str) -> None:
    for location in result["locations"]:
        artifact = location["physicalLocation"]["artifactLocation"]
        artifact["uri"] = quote(posixpath.normpath(posixpath.join(base, artifact["uri"])))
