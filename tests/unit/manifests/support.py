"""Small projects on disk."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from capsync.errors import ManifestError
from capsync.manifests import Project, load_project
from capsync.model import Resource

CONFIG = """\
version: 1
project: test
default_environment: sandbox
variables: {discount: 5, name: Gold, rate: 1.5, on: true, list: [1, 2], none: null}
environments:
  sandbox: {endpoint: sandbox}
  uat:
    endpoint: https://h.example
    org_id: 1
    overlays: [overlays/base, overlays/uat]
    variables: {discount: 10}
"""


def write(root: Path, files: Mapping[str, str], config: str = CONFIG) -> Path:
    """The root, with these files and overlay folders in it."""
    (root / "capsync.yaml").write_text(config)
    for folder in ("manifests", "overlays/base", "overlays/uat"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
    return root


def load(
    root: Path,
    files: Mapping[str, str],
    environment: str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    config: str = CONFIG,
) -> Project:
    """The project of these files."""
    return load_project(write(root, files, config), environment, environ or {})


def problems(root: Path, files: Mapping[str, str], environment: str | None = None) -> list[str]:
    """The problems of a project that has some."""
    with pytest.raises(ManifestError) as caught:
        load(root, files, environment)
    return [str(problem) for problem in caught.value.problems]


def manifest(name: str, spec: str, *, kind: str = "Badge", metadata: str = "") -> str:
    """One document; spec and metadata are flow or block YAML at their own indent."""
    more = f", {metadata}" if metadata else ""
    return (
        f"apiVersion: capsync/v1\nkind: {kind}\nmetadata: {{name: {name}{more}}}\n"
        f"spec: {spec.strip()}\n"
    )


def only(project: Project) -> Resource:
    """The one resource of a project."""
    (resource,) = project.resources
    return resource
