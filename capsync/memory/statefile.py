"""The state as bytes: JSON with a format version; and where it is kept, a file by default."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from capsync import jsonio
from capsync.errors import CapsyncError
from capsync.memory.files import write_whole
from capsync.memory.state import FORMAT, State, remembered_from, remembered_json

Json = Any

_MAJOR = 1


class StateMoved(CapsyncError):
    """The state is no longer what was loaded: somebody else has saved it since."""

    exit_code = 4


class StateStore(Protocol):
    """Where a state is kept. Versions tell whether somebody else has saved it since.

    `shown` is how messages call the place; `is_shared` whether other machines see it.
    """

    shown: str
    is_shared: bool

    def load(self) -> tuple[State, str]:
        """The state and its version; an empty one with version "" where there is none."""

    def save(self, state: State, version: str) -> str:
        """Put the state in place of the one of that version, whole or not at all; gives the new
        version. Raises StateMoved where it is another one by now, CapsyncError."""


def encode_state(state: State) -> bytes:
    """The state as JSON for a file."""
    entries = {address: remembered_json(entry) for address, entry in sorted(state.entries.items())}
    return jsonio.dumps_pretty(
        {
            "format": FORMAT,
            "serial": state.serial,
            "org_id": state.org_id,
            "salt": state.salt,
            "files": dict(sorted(state.files.items())),
            "resources": entries,
        }
    )


def decode_state(data: bytes, source: str) -> State:
    """The state of a file's bytes; raises CapsyncError where it is damaged or of a newer format."""
    try:
        body: Mapping[str, Json] = jsonio.loads(data)
        name, _, version = str(body["format"]).partition("/")
        if name != "capsync.state":
            raise ValueError(f"its format is {body['format']}")
        if int(version.partition(".")[0]) > _MAJOR:
            raise CapsyncError(f"{source}: format {body['format']} needs a newer capsync")
        entries = {address: remembered_from(each) for address, each in body["resources"].items()}
        salt, serial = str(body["salt"]), int(body["serial"])
        bytes.fromhex(salt)
        return State(entries, dict(body.get("files") or {}), salt, serial, body.get("org_id"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CapsyncError(
            f"{source} is not a readable state file ({error})",
            hint="move it away: capsync works without it and writes a new one",
        ) from error


class StateFile:
    """A state in a file. Who saves holds the org's lock, so nothing else keeps others out."""

    is_shared = False

    def __init__(self, path: Path) -> None:
        self.path, self.shown = path, str(path)

    def load(self) -> tuple[State, str]:
        """The state and the digest of its file."""
        data = self._read()
        return (decode_state(data, self.shown), _version(data)) if data else (State(), "")

    def save(self, state: State, version: str) -> str:
        """Write the file anew, complete and flushed, or not at all."""
        if _version(self._read()) != version:
            raise StateMoved(f"{self.shown} was changed by somebody else")
        data = encode_state(state)
        write_whole(self.path, data)
        return _version(data)

    def _read(self) -> bytes:
        try:
            return self.path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return b""
        except OSError as error:
            raise CapsyncError(f"{self.shown} can not be read: {error.strerror}") from error


def _version(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest() if data else ""
