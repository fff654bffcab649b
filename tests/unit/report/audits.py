"""Audits that hold everything a report of drift has to cope with."""

from __future__ import annotations

from capsync.model import Address, Where
from capsync.planning.drift import Drift, DriftField, DriftReport, Side, drift_key
from tests.unit.report.plans import HOSTILE, field

CHANGED = Drift(
    Address("Badge", "trail-walker"),
    "changed",
    "6a01",
    "Trail Walker",
    (
        DriftField(
            field("expiresOn", before="2027-06-30", after="2027-12-31", line=14),
            Side.LIVE,
            "2027-12-31",
        ),
        DriftField(field("badgeRank", before=1, after=2, line=15), Side.MANIFEST, 1),
        DriftField(field("tags", before=["a", "b"], after=["b"], line=16), Side.BOTH, ["c"]),
        DriftField(field("hook", before="x", after="y", sensitive=True, line=17), Side.UNKNOWN),
        DriftField(field("description", before=HOSTILE, after="fine", line=18), Side.UNKNOWN),
    ),
    by="81000101",
    at="2027-01-04T10:00:00Z",
)  # fmt: skip
MISSING = Drift(
    Address("CouponSeries", "welcome"),
    "missing",
    since="2026-12-24T00:00:00Z",
    between=("2027-01-04T03:17:00Z", "2027-01-05T09:12:44Z"),
)
EVENT = Drift(
    Address("BehavioralEvent", "visit"),
    "changed",
    "77",
    "visit",
    (DriftField(field("actions", before=["A"], after=["B"], line=60), Side.LIVE, ["B"]),),
    by="request 4f1c",
    at="2027-01-04T11:00:00Z",
)
SILENT = Drift(
    Address("CustomField", "size"),
    "changed",
    "12",
    fields=(DriftField(field("label", before="A", after="B", line=70), Side.LIVE, "B"),),
    since="2026-12-24T00:00:00Z",
    between=("2026-12-24T00:00:00Z", "2027-01-05T09:12:44Z"),
)
UNMANAGED = Drift(
    Address("Badge", "<b>@everyone|`x`\n"), "unmanaged", "6a09", since="2027-01-01T00:00:00Z"
)
WAIVED = Drift(Address("Badge", "known"), "changed", "6a07", fields=CHANGED.fields[:1])
REPORT = DriftReport(
    "uat",
    100737,
    "2027-01-05T09:12:44Z",
    (CHANGED, MISSING, UNMANAGED, EVENT, SILENT),
    ((WAIVED, "the shop tests it | until spring"),),
    ("waiver for Badge/old expired 2027-01-01",),
    ("CustomField could not be read (CustomField/size): an admin user is demanded",),
    checked=40,
    known=frozenset([drift_key(MISSING), *(drift_key(CHANGED, each) for each in CHANGED.fields)]),
)
CLEAN = DriftReport("uat", 100737, "2027-01-05T09:12:44Z", checked=40)
PLACES = {
    CHANGED.address: Where("manifests/badges.yaml", 3, 1),
    MISSING.address: Where("manifests/cou pons.yaml", 9, 1),
    WAIVED.address: Where("manifests/badges.yaml", 70, 1),
    Address("Badge", "fine"): Where("manifests/badges.yaml", 90, 1),
}
