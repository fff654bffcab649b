"""Configuration as code for the Capillary loyalty platform.

The names below are the library; `Session` is its front door. They are imported on use, so that
`import capsync` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from capsync.applying.outcomes import ApplyReport, Outcome
    from capsync.errors import (
        ApiError,
        ApplyIncomplete,
        CapsyncError,
        Interrupted,
        ManifestError,
        PlanBlocked,
        UsageError,
    )
    from capsync.events import Event, Reporter
    from capsync.exporting.files import ExportReport
    from capsync.kinds import KINDS
    from capsync.model import (
        NOTHING,
        Action,
        Address,
        Change,
        FieldChange,
        Plan,
        Problem,
        Resource,
        Where,
    )
    from capsync.planning.drift import Drift, DriftField, DriftReport, Side
    from capsync.planning.options import PlanOptions
    from capsync.runs.audit import AuditOptions
    from capsync.runs.doctor import Check
    from capsync.runs.orgdiff import Difference, OrgDiff, diff_orgs
    from capsync.runs.undo import Undo
    from capsync.session import Session

__version__ = "0.1.0"

__all__ = [
    "KINDS",
    "NOTHING",
    "Action",
    "Address",
    "ApiError",
    "ApplyIncomplete",
    "ApplyReport",
    "AuditOptions",
    "CapsyncError",
    "Change",
    "Check",
    "Difference",
    "Drift",
    "DriftField",
    "DriftReport",
    "Event",
    "ExportReport",
    "FieldChange",
    "Interrupted",
    "ManifestError",
    "OrgDiff",
    "Outcome",
    "Plan",
    "PlanBlocked",
    "PlanOptions",
    "Problem",
    "Reporter",
    "Resource",
    "Session",
    "Side",
    "Undo",
    "UsageError",
    "Where",
    "diff_orgs",
]

_HOMES = {
    "applying.outcomes": ("ApplyReport", "Outcome"),
    "runs.audit": ("AuditOptions",),
    "runs.doctor": ("Check",),
    "errors": (
        "ApiError",
        "ApplyIncomplete",
        "CapsyncError",
        "Interrupted",
        "ManifestError",
        "PlanBlocked",
        "UsageError",
    ),
    "events": ("Event", "Reporter"),
    "kinds": ("KINDS",),
    "model": (
        "NOTHING",
        "Action",
        "Address",
        "Change",
        "FieldChange",
        "Plan",
        "Problem",
        "Resource",
        "Where",
    ),
    "runs.orgdiff": ("Difference", "OrgDiff", "diff_orgs"),
    "planning.drift": ("Drift", "DriftField", "DriftReport", "Side"),
    "planning.options": ("PlanOptions",),
    "session": ("Session",),
    "runs.undo": ("Undo",),
    "exporting.files": ("ExportReport",),
}


def __getattr__(name: str) -> Any:
    """A public name, from the module that it lives in."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names, and what every module has."""
    return sorted({*globals(), *__all__})
