"""What drift audits found, one line of JSON each, so that later ones can tell new from known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from os import SEEK_END
from pathlib import Path
from typing import Any

from capsync import jsonio
from capsync.errors import CapsyncError

Json = Any


@dataclass(frozen=True, slots=True)
class Audit:
    """What one audit found. `findings` are names of findings by address, those that it did not look
    at taken over from the audit before; `waived` are addresses where a waiver accepted something.

    `whole`: it looked at every resource.
    """

    at: str
    findings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    waived: Sequence[str] = ()
    whole: bool = True

    @property
    def keys(self) -> frozenset[str]:
        """The names of all findings."""
        return frozenset(key for keys in self.findings.values() for key in keys)

    def is_clean_of(self, address: str) -> bool:
        """Whether it looked at a resource and found it as its manifest said."""
        return self.whole and address not in self.findings and address not in self.waived


def earlier_audits(path: Path) -> list[Audit]:
    """Every audit on record, the last one last. Lines that were cut off do not count."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    return [each for line in lines if (each := _audit(line)) is not None]


def _audit(line: bytes) -> Audit | None:
    try:
        body = jsonio.loads(line)
        return Audit(body["at"], dict(body["findings"]), body["waived"], body["whole"])
    except (ValueError, KeyError, TypeError):
        return None


def add_audit(path: Path, audit: Audit) -> None:
    """Append an audit to the record, one line of JSON. Raises CapsyncError."""
    line = jsonio.dumps_sorted(asdict(audit)) + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            if file.seek(0, SEEK_END) and file.seek(-1, SEEK_END) and file.read() != b"\n":
                line = b"\n" + line  # the one before was cut off
            file.write(line)
    except OSError as error:
        raise CapsyncError(f"{path} can not be written: {error.strerror}") from error
