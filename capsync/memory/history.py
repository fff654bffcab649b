"""Objects as they were before an apply changed them, kept for undo."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from capsync import jsonio
from capsync.errors import CapsyncError, PlanBlocked
from capsync.memory.files import write_whole
from capsync.model import Address

Json = Any

_RUN = "run.json"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST = 100


def keep_run(folder: Path, about: Mapping[str, Json]) -> None:
    """Say which environment and org a run's objects are of. Raises CapsyncError."""
    write_whole(folder / _RUN, jsonio.dumps_pretty(about))


def keep_object(folder: Path, address: Address, body: Mapping[str, Json]) -> None:
    """Write an object as it was to `<folder>/<Kind>/<name>.json`. Raises CapsyncError."""
    write_whole(
        folder / address.kind / f"{_file_name(address.name)}.json", jsonio.dumps_pretty(body)
    )


def _file_name(name: str) -> str:
    """The name itself where it can be a file's; else what can, and a hash of the whole."""
    safe = _UNSAFE.sub("_", name)[:_LONGEST]
    return name if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def kept_objects(folder: Path, environment: str, org_id: int) -> list[dict[str, Json]]:
    """Every object that a run kept, by address.

    Raises CapsyncError where there is no such run, PlanBlocked where it was of another environment
    or org.
    """
    if not folder.is_dir() or not folder.name:
        raise CapsyncError(f"there is no kept run {folder.name}", hint=_latest(folder.parent))
    about = _loaded(folder / _RUN) if (folder / _RUN).is_file() else {}
    for name, now in (("environment", environment), ("org_id", org_id)):
        if about.get(name, now) != now:
            raise PlanBlocked(f"run {folder.name} was of {name} {about[name]}, this is {now}")
    return [_loaded(path) for path in sorted(folder.glob("*/*.json"))]


def _latest(history: Path) -> str:
    runs = sorted(path.name for path in history.glob("*") if path.is_dir())
    return f"the latest are: {', '.join(runs[-5:])}" if runs else "no run has kept anything here"


def _loaded(path: Path) -> dict[str, Json]:
    try:
        body = jsonio.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CapsyncError(f"{path} can not be read: {error}") from error
    if not isinstance(body, dict):
        raise CapsyncError(f"{path} is not a kept object")
    return body
