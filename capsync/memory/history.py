"""Objects as they were before an apply changed them, kept for undo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from capsync import jsonio
from capsync.errors import CapsyncError
from capsync.memory.statefile import write_whole
from capsync.model import Address
from capsync.snapshot import LiveObject

Json = Any


def keep_object(folder: Path, address: Address, live: LiveObject, spec: Json) -> None:
    """Write an object's canonical spec, secrets left out, to `<folder>/<Kind>/<name>.json`."""
    body = {
        "address": str(address),
        "id": live.id,
        "spec": spec,
        "whole": live.whole,
    }
    write_whole(folder / address.kind / f"{address.name}.json", jsonio.dumps_pretty(body))


def kept_objects(folder: Path) -> list[dict[str, Json]]:
    """Every object that a run kept, by address; raises CapsyncError where there is no such run."""
    if not folder.is_dir():
        runs = sorted(path.name for path in folder.parent.glob("*"))
        known = ", ".join(runs[-5:]) or "none"
        raise CapsyncError(f"there is no kept run {folder.name}", hint=f"the latest are: {known}")
    return [jsonio.loads(path.read_bytes()) for path in sorted(folder.glob("*/*.json"))]
