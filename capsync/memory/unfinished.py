"""What earlier runs left open: entries that the state misses, writes whose fate is not known."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from capsync import jsonio
from capsync.errors import CapsyncError
from capsync.memory.files import try_lock, write_whole
from capsync.memory.journal import FORMAT, instant_text
from capsync.memory.state import Remembered, State, remembered_from

Json = Any

_DONE = "done"  # folder of the journals that nobody has to read again
_OPEN = frozenset({"unknown", "answered"})


@dataclass(frozen=True, slots=True)
class OpenIntent:
    """A write whose fate is not known. `at` is seconds since the epoch, by the clock of then."""

    address: str
    summary: str
    key: str = ""
    creates: bool = False
    at: float = 0.0


@dataclass(slots=True)
class Unfinished:
    """A run that left something behind. `entries` are (what the state is to remember, when),
    `files` the handles of what it uploaded."""

    run: str
    path: Path
    head: Mapping[str, Json] = field(default_factory=dict)
    entries: dict[str, tuple[Remembered | None, str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    open_intents: list[OpenIntent] = field(default_factory=list)
    ended: bool = False


def unfinished_runs(folder: Path) -> list[Unfinished]:
    """Every run of a journal folder that did not end in order or has writes of unknown fate,
    oldest first; runs that are under way are left alone. Raises CapsyncError."""
    try:
        found = [_read(path) for path in sorted(folder.glob("*.jsonl")) if not _is_running(path)]
    except OSError as error:
        raise CapsyncError(f"{folder} can not be read: {error.strerror}") from error
    return [run for run in found if not run.ended or run.open_intents]


def _is_running(path: Path) -> bool:
    handle = os.open(path, os.O_RDONLY)
    try:
        return not try_lock(handle, shared=True)
    finally:
        os.close(handle)


def _read(path: Path) -> Unfinished:
    found = Unfinished(path.stem, path)
    intents: dict[int, Mapping[str, Json]] = {}
    for line in _lines(path):
        if "format" in line:
            found.head = line
        elif "uploaded" in line:
            found.files[line["uploaded"]] = line["handle"]
        elif "settled" in line:
            _settle(found, line)
        elif "status" in line:
            _answer(found, intents, line)
        elif "n" in line:
            intents[line["n"]] = line
        found.ended = found.ended or bool(line.get("end"))
    found.open_intents = [_open_intent(line) for line in intents.values()]
    return found


def _settle(found: Unfinished, line: Mapping[str, Json]) -> None:
    entry = remembered_from(line["entry"]) if line["entry"] else None
    found.entries[line["settled"]] = (entry, _second(line))


def _second(line: Mapping[str, Json]) -> str:
    """The time of a line as entries of the state have it."""
    return f"{line.get('at', '')[:19]}Z"


def _answer(
    found: Unfinished, intents: dict[int, Mapping[str, Json]], line: Mapping[str, Json]
) -> None:
    intent = intents.get(line["n"])
    if intent is None or line["status"] in _OPEN:
        return
    del intents[line["n"]]
    # A create that was answered made its object, even if the run was cut off right after.
    if intent.get("creates") and line.get("id") and line["status"] == "done":
        at = _second(intent)
        made = Remembered(line["id"], key=intent.get("key", ""), owned=True, at=at)
        found.entries.setdefault(intent["address"], (made, at))


def _open_intent(line: Mapping[str, Json]) -> OpenIntent:
    return OpenIntent(
        line.get("address", ""),
        line.get("summary", ""),
        line.get("key", ""),
        creates=bool(line.get("creates")),
        at=seconds_of(line.get("at", "")),
    )


def seconds_of(text: str) -> float:
    """Seconds since the epoch of a time in a journal, 0 where it is none."""
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC).timestamp()
    except ValueError:
        return 0.0


def recall(state: State, run: Unfinished) -> dict[str, Remembered | None]:
    """Take over what a run had settled and the state does not know; gives what was taken.

    Entries that were saved since and are newer stay. Hashes made with another salt say nothing.
    """
    taken: dict[str, Remembered | None] = {}
    if not state.entries and not state.serial and run.head.get("salt"):
        state.salt = run.head["salt"]
    is_foreign = run.head.get("salt", state.salt) != state.salt
    is_last = run.head.get("serial") == state.serial
    for address, (entry, at) in run.entries.items():
        known = state.entries.get(address)
        if known is not None and known.at > at and not is_last:
            continue
        taken[address] = entry.without_hidden() if entry and is_foreign else entry
    state.take(taken)
    state.files |= run.files
    return taken


def put_away(run: Unfinished) -> None:
    """Move a journal to those that nobody has to read again. Left where that is not possible."""
    with suppress(OSError):
        folder = run.path.parent / _DONE
        folder.mkdir(exist_ok=True)
        run.path.rename(folder / run.path.name)


def put_away_ended(path: Path) -> None:
    """Move the journal of a run that ended in order, if no write of it is of unknown fate."""
    with suppress(OSError):
        run = _read(path)
        if run.ended and not run.open_intents:
            put_away(run)


def write_open(run: Unfinished, left: Iterable[OpenIntent]) -> None:
    """Keep nothing of a journal but writes whose fate is still not known. Raises CapsyncError."""
    lines: list[Mapping[str, Json]] = [{**run.head, "format": run.head.get("format", FORMAT)}]
    for number, each in enumerate(left, 1):
        kept = {"address": each.address, "summary": each.summary, "key": each.key}
        at = instant_text(each.at)
        lines.append({"n": number, "at": at, **kept, "creates": each.creates})
    lines.append({"end": True})
    write_whole(run.path, b"".join(jsonio.dumps(line) + b"\n" for line in lines))


def created_in(folder: Path, run: str) -> list[str]:
    """The addresses that a run created, in the order in which they were settled."""
    paths = [folder / f"{run}.jsonl", folder / _DONE / f"{run}.jsonl"]
    lines = [line for path in paths if path.is_file() for line in _lines(path)]
    created = {line["address"] for line in lines if line.get("creates")}
    settled = (line["settled"] for line in lines if line.get("settled") in created)
    return list(dict.fromkeys(settled))


def _lines(path: Path) -> Iterator[Mapping[str, Json]]:
    """Every whole line; what a crash or a full disk tore is passed over."""
    for raw in path.read_bytes().splitlines():
        try:
            line = jsonio.loads(raw)
        except ValueError:
            continue
        if isinstance(line, Mapping):
            yield line
