"""The state on disk: JSON with a format version, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from capsync import jsonio
from capsync.errors import CapsyncError
from capsync.memory.state import FORMAT, Remembered, State

Json = Any


def encode_state(state: State) -> bytes:
    """The state as JSON for a file."""
    entries = {
        address: {name: value for name, value in asdict(entry).items() if value}
        for address, entry in sorted(state.entries.items())
    }
    return jsonio.dumps_pretty(
        {
            "format": FORMAT,
            "serial": state.serial,
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
        if name != "capsync.state" or int(version) > 1:
            raise CapsyncError(f"{source}: format {body['format']} needs a newer capsync")
        entries = {address: Remembered(**entry) for address, entry in body["resources"].items()}
        return State(entries, dict(body["files"]), str(body["salt"]), int(body["serial"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CapsyncError(
            f"{source} is not a readable state file ({error})",
            hint="move it away: capsync works without it and writes a new one",
        ) from error


def load_state(path: Path) -> State:
    """The state of a file; an empty one where there is none."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return State()
    except OSError as error:
        raise CapsyncError(f"{path} can not be read: {error.strerror}") from error
    return decode_state(data, str(path))


def save_state(path: Path, state: State) -> None:
    """Put the state in place of the old file: complete and flushed, or not at all."""
    write_whole(path, encode_state(state))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place, flush it, and move it there. Raises CapsyncError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CapsyncError(f"{path} can not be written: {error.strerror}") from error
