"""Everything that can be said of manifests without asking the org."""

from __future__ import annotations

from capsync.validate.run import validate

__all__ = ["validate"]
