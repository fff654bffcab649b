"""Manifests: found, read, overlaid, with variables put in; every problem of a run at once."""

from __future__ import annotations

from capsync.manifests.load import load_project, read_project
from capsync.manifests.project import Project

__all__ = ["Project", "load_project", "read_project"]
