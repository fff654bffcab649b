"""Carrying out plans: order, writes, lost answers, outcomes."""

from __future__ import annotations

from capsync.applying.applier import Applier
from capsync.applying.outcomes import ApplyReport, Moved, Outcome, Record

__all__ = ["Applier", "ApplyReport", "Moved", "Outcome", "Record"]
