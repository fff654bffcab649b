"""Projects on disk for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

CONFIG = {
    "version": 1,
    "project": "test",
    "manifests": ["manifests"],
    "default_environment": "sandbox",
    "environments": {"sandbox": {"endpoint": "sandbox", "org_id": 100737}},
}


def manifest(kind: str, name: str, spec: Mapping[str, Any], **metadata: Any) -> dict[str, Any]:
    """A manifest document."""
    return {
        "apiVersion": "capsync/v1",
        "kind": kind,
        "metadata": {"name": name, **metadata},
        "spec": dict(spec),
    }


def write_project(
    root: Path, manifests: Iterable[Mapping[str, Any]], config: Mapping[str, Any] | None = None
) -> Path:
    """A project of these manifests: documents, or {kind, name, spec, metadata}."""
    (root / "manifests").mkdir(parents=True, exist_ok=True)
    (root / "capsync.yaml").write_text(yaml.safe_dump(dict(config or CONFIG), sort_keys=False))
    documents = [
        each
        if "apiVersion" in each
        else manifest(each["kind"], each["name"], each["spec"], **each.get("metadata", {}))
        for each in manifests
    ]
    text = yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True)
    (root / "manifests" / "all.yaml").write_text(text)
    return root
