"""Projects of sample kinds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from capsync.manifests import read_project
from capsync.validate import validate
from tests.unit.manifests.support import write
from tests.unit.samplekinds import KINDS

GOOD = "startOn: 1, rewards: []"


def document(kind: str, name: str, spec: str, metadata: str = "") -> str:
    """One document on four lines; the spec starts at line 4, column 7."""
    more = f", {metadata}" if metadata else ""
    return (
        f"apiVersion: capsync/v1\nkind: {kind}\nmetadata: {{name: {name}{more}}}\n"
        f"spec: {{{spec}}}\n"
    )


def medal(name: str, spec: str = "", metadata: str = "") -> str:
    """A medal that fits, with more fields."""
    return document("Medal", name, f"name: {name}, {GOOD}{', ' if spec else ''}{spec}", metadata)


def found(
    root: Path,
    *documents: str,
    files: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    environment: str | None = None,
) -> list[str]:
    """What validate says, as `line:column severity path: message (hint)` of manifests/a.yaml; other
    files keep their name."""
    texts = {"manifests/a.yaml": "---\n".join(documents), **(files or {})}
    project = read_project(write(root, texts), environment, environ or {})
    shown = []
    for problem in validate(project, KINDS):
        text = str(problem).removeprefix("manifests/a.yaml:")
        shown.append(text if problem.severity == "error" else f"warning {text}")
    return shown
