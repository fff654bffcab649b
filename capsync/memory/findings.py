"""What drift audits found, one line of JSON each, so that later ones can tell new from known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from os import SEEK_END
from pathlib import Path
from typing import Any, Protocol

from capsync import jsonio
from capsync.errors import CapsyncError
from capsync.memory.remote import Moved, RemoteObject, StateObject
from capsync.memory.statefile import StateFile, StateStore

Json = Any

_MOST = 500  # audits that are kept in an object
_TRIES = 5  # where others write at the same time


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


class AuditLog(Protocol):
    """Where audits are on record, the last one last."""

    def audits(self) -> list[Audit]:
        """Every audit. Lines that were cut off do not count. Raises CapsyncError."""

    def add(self, audit: Audit) -> None:
        """Append an audit. Raises CapsyncError."""


def audit_log(store: StateStore, default: Path) -> AuditLog:
    """The record beside the state: `default` where the state is at its default place too."""
    if isinstance(store, StateObject):
        return AuditObject(f"{store.shown}.drift.jsonl")
    if isinstance(store, StateFile) and store.path.parent != default.parent:
        return AuditFile(store.path.with_name(f"{store.path.name}.drift.jsonl"))
    return AuditFile(default)


@dataclass(frozen=True, slots=True)
class AuditFile:
    """A record in a file."""

    path: Path

    def audits(self) -> list[Audit]:
        """Every audit of the file; none where there is no file."""
        try:
            return _audits(self.path.read_bytes())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CapsyncError(f"{self.path} can not be read: {error.strerror}") from error

    def add(self, audit: Audit) -> None:
        """Append it; only that line is written."""
        line = _line(audit)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab+") as file:
                if file.seek(0, SEEK_END) and file.seek(-1, SEEK_END) and file.read() != b"\n":
                    line = b"\n" + line  # the one before was cut off
                file.write(line)
        except OSError as error:
            raise CapsyncError(f"{self.path} can not be written: {error.strerror}") from error


class AuditObject:
    """A record in an object store, of the latest audits only: objects are written whole."""

    def __init__(self, url: str) -> None:
        self._object = RemoteObject(url)

    def audits(self) -> list[Audit]:
        """Every audit of the object; none where there is no object."""
        found = self._object.read()
        return [] if found is None else _audits(found[0])

    def add(self, audit: Audit) -> None:
        """Append it; where others do so at the same time, after theirs."""
        for _ in range(_TRIES):
            data, version = self._object.read() or (b"", "")
            lines = [*data.splitlines(keepends=True)[1 - _MOST :], _line(audit)]
            try:
                self._object.write(b"".join(lines), version)
            except Moved:
                continue
            return
        raise CapsyncError(f"{self._object.url} is written by others all the time")


def _audits(data: bytes) -> list[Audit]:
    return [each for line in data.splitlines() if (each := _audit(line)) is not None]


def _audit(line: bytes) -> Audit | None:
    try:
        body = jsonio.loads(line)
        return Audit(body["at"], dict(body["findings"]), body["waived"], body["whole"])
    except (ValueError, KeyError, TypeError):
        return None


def _line(audit: Audit) -> bytes:
    return jsonio.dumps_sorted(asdict(audit)) + b"\n"
