"""Exported manifests as files: one a resource, below a folder of its kind; nothing is rewritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from capsync.errors import CapsyncError
from capsync.exporting.manifests import Export, Exported
from capsync.model import Address
from capsync.model import Path as SpecPath
from capsync.yamlio.dump import dump

Json = Any


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote: files new, resources known already, what could not be carried.

    `overlays` are files of `written` that hold nothing but the id that an object has in this org.
    """

    written: tuple[Path, ...] = ()
    overlays: tuple[Path, ...] = ()
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


def id_overlays(
    manifests: Sequence[Exported], overlays: Path
) -> tuple[list[Exported], dict[Path, str]]:
    """The manifests without ids, and by file the overlays that hold those: for projects of several
    orgs, where an id is of one of them."""
    bare: list[Exported] = []
    files: dict[Path, str] = {}
    for each in manifests:
        address, meta = each.resource.address, each.resource.meta
        if meta.id is not None:
            named = {"kind": address.kind, "metadata": {"name": address.name, "id": meta.id}}
            files[_place(overlays, address)] = dump(named)
            resource = replace(each.resource, meta=replace(meta, id=None))
            each = replace(each, resource=resource)
        bare.append(each)
    return bare, files


def _place(folder: Path, address: Address) -> Path:
    return folder / address.kind / f"{address.name}.yaml"


def write_manifests(
    folder: Path, manifests: Sequence[Exported], overlays: Mapping[Path, str]
) -> tuple[Path, ...]:
    """Write each manifest to `<folder>/<Kind>/<name>.yaml`, and the overlays; a file that exists is
    never touched.

    Raises CapsyncError where one exists, before anything is written.
    """
    files = {_place(folder, each.resource.address): document(each) for each in manifests}
    files |= overlays
    taken = [path for path in files if path.exists()]
    if taken:
        raise CapsyncError(
            f"{taken[0]} exists already" + (f" (and {len(taken) - 1} more)" if taken[1:] else ""),
            hint="export into another folder with --out, or move the file away",
        )
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tuple(files)


def unknown_to(export: Export, known: set[str]) -> tuple[Exported, ...]:
    """The manifests of an export that a project does not have yet ("Kind id" of those it has)."""
    return tuple(
        each for each in export.manifests if f"{each.live.kind.name} {each.live.id}" not in known
    )
