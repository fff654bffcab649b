"""Exported manifests as files: one a resource, below a folder of its kind; nothing is rewritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from capsync.errors import CapsyncError
from capsync.exporting.manifests import Export, Exported
from capsync.model import Path as SpecPath
from capsync.yamlio import dump

Json = Any


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote: files new, resources known already, what could not be carried."""

    written: tuple[Path, ...] = ()
    known: int = 0
    left_out: tuple[str, ...] = ()
    skipped: tuple[tuple[str, int], ...] = ()
    unreadable: tuple[str, ...] = ()


def document(exported: Exported) -> str:
    """One manifest as YAML, what was left out as comments where it belongs."""
    resource = exported.resource
    metadata: dict[str, Json] = {"name": resource.address.name}
    if resource.meta.id is not None:
        metadata["id"] = resource.meta.id
    data = {
        "apiVersion": "capsync/v1",
        "kind": resource.address.kind,
        "metadata": metadata,
        "spec": dict(resource.spec),
    }
    comments: dict[SpecPath, str] = {
        ("spec", name): text for name, text in exported.comments.items()
    }
    return dump(data, comments=comments)


def write_manifests(folder: Path, manifests: Sequence[Exported]) -> tuple[Path, ...]:
    """Write each manifest to `<folder>/<Kind>/<name>.yaml`; a file that exists is never touched.

    Raises CapsyncError where one exists, before anything is written.
    """
    files = {
        folder / each.resource.address.kind / f"{each.resource.address.name}.yaml": each
        for each in manifests
    }
    taken = [path for path in files if path.exists()]
    if taken:
        raise CapsyncError(
            f"{taken[0]} exists already" + (f" (and {len(taken) - 1} more)" if taken[1:] else ""),
            hint="export into another folder with --out, or move the file away",
        )
    for path, each in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document(each), encoding="utf-8")
    return tuple(files)


def unknown_to(export: Export, known: set[str]) -> tuple[Exported, ...]:
    """The manifests of an export that a project does not have yet ("Kind id" of those it has)."""
    return tuple(
        each for each in export.manifests if f"{each.live.kind.name} {each.live.id}" not in known
    )
