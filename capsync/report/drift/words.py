"""The sentences that every report of an audit shares."""

from __future__ import annotations

from capsync.model import FieldChange
from capsync.planning.drift import Drift, DriftField, DriftReport, Side, drift_key
from capsync.report.lists import differs_inside, items
from capsync.report.values import show_field, visible
from capsync.report.words import plural

SYMBOLS = {"changed": "~", "missing": "-", "unmanaged": "?"}

_SIDES = {
    Side.LIVE: "changed in the org",
    Side.MANIFEST: "changed in the manifest",
    Side.BOTH: "changed in both",
    Side.UNKNOWN: "",
}


def side(field: DriftField) -> str:
    """Which side moved since the last apply, nothing where nobody can tell."""
    return _SIDES[field.side]


def sides(field: FieldChange) -> str:
    """`wanted X, the org has Y`."""
    if differs_inside(field):
        count = len(items(field.before, field.after))
        return f"differs from the org in {plural(count, 'place')}" if count else "other order"
    live, wanted = show_field(field)
    return f"wanted {wanted or '(none)'}, the org has {live or '(none)'}"


def who(drift: Drift) -> str:
    """Who changed the live object last and when, as far as anybody can say."""
    if drift.by or drift.at:
        by = f" by {visible(drift.by)}" if drift.by else ""
        at = f" at {visible(drift.at)}" if drift.at else ""
        return f"last changed{by}{at}"
    if drift.between is None:
        return ""
    verb = "gone" if drift.what == "missing" else "changed"
    start, end = map(visible, drift.between)
    return f"{verb} between {start} and {end}, not by capsync"


def sentence(drift: Drift) -> str:
    """What is the matter with the resource, in words."""
    if drift.what == "missing":
        return "is in the manifests and not in the org"
    if drift.what == "unmanaged":
        return "is in the org and in no manifest"
    return f"differs in {plural(len(drift.fields), 'field')}" if drift.fields else "differs"


def is_new(report: DriftReport, drift: Drift) -> bool:
    """Whether the audit before did not find it; False where there is none to compare with."""
    known = report.known
    if known is None:
        return False
    keys = [drift_key(drift, each) for each in drift.fields] or [drift_key(drift)]
    return not all(key in known for key in keys)


def verdict(report: DriftReport) -> str:
    """The one line that says it all."""
    counts = [
        (sum(drift.what == what for drift in report.drifts), what)
        for what in ("changed", "missing", "unmanaged")
    ]
    parts = [f"{count} {what}" for count, what in counts if count]
    if new := sum(is_new(report, drift) for drift in report.drifts):
        parts.append(f"{new} new since the last audit")
    tail = [f"{plural(report.checked, 'resource')} checked"]
    if report.waived:
        tail.append(f"{len(report.waived)} waived")
    if parts:
        return f"Drift: {', '.join(parts)}; {', '.join(tail)}."
    so_far = "No drift in what could be read" if report.unreadable else "No drift"
    return f"{so_far}: {', '.join(tail)}."
