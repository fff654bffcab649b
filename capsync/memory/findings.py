"""What earlier drift audits found, so that a later one can tell new from known."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from capsync import jsonio
from capsync.errors import CapsyncError


def last_findings(path: Path) -> frozenset[str] | None:
    """The keys of what the last audit found; None where there was no audit."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return None
    for raw in reversed(lines):
        try:
            return frozenset(jsonio.loads(raw)["findings"])
        except (ValueError, KeyError, TypeError):
            continue  # a torn line: the one before is the last whole one
    return None


def add_findings(path: Path, at: str, keys: Iterable[str]) -> None:
    """Append what an audit found, one line of JSON. Raises CapsyncError."""
    line = jsonio.dumps({"at": at, "findings": sorted(keys)}) + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(line)
    except OSError as error:
        raise CapsyncError(f"{path} can not be written: {error.strerror}") from error
