"""The optional memory: which live object each address is, and what was last applied to it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from capsync import jsonio

Json = Any

FORMAT = "capsync.state/1"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the state holds of one address.

    `applied` is the canonical spec as last applied, secrets and write-only values left out; those
    are in `hidden` as keyed hashes by path. `owned`: capsync made the object. `stamp` is when the
    service says that the object changed last, right after that, in its own words; `request_id` is
    of the last write, `at` its time, ISO UTC. `replaced` is what fields were before they were
    written, for kinds whose reads lag behind.
    """

    id: str
    key: str = ""
    applied: Mapping[str, Json] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    owned: bool = False
    stamp: str = ""
    request_id: str = ""
    at: str = ""
    replaced: Mapping[str, Json] = field(default_factory=dict)

    def without_hidden(self) -> Remembered:
        """The same, but that nothing is known of write-only values."""
        return replace(self, hidden={})


_MEMBERS = tuple(each.name for each in fields(Remembered))


def remembered_json(entry: Remembered) -> dict[str, Json]:
    """What an entry says as a JSON object; members that are empty are left out."""
    return {name: value for name in _MEMBERS if (value := getattr(entry, name))}


def remembered_from(body: Mapping[str, Json]) -> Remembered:
    """What a JSON object says; members of newer versions are passed over. Raises TypeError."""
    return Remembered(**{name: value for name, value in body.items() if name in _MEMBERS})


@dataclass(slots=True)
class State:
    """Addresses as text -> what is remembered; uploaded files by content hash -> handle.

    `salt` keys the hashes of hidden values: it never leaves the state. `serial` counts the times
    that it was saved, `org_id` is the org that the ids are of, None where nothing says. `unseen`,
    which are not saved, are addresses that runs which were cut off may have created.
    """

    entries: dict[str, Remembered] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    salt: str = field(default_factory=lambda: secrets.token_hex(16))
    serial: int = 0
    org_id: int | None = None
    unseen: frozenset[str] = frozenset()

    def ids(self) -> dict[str, str]:
        """Address text -> id of every address that has one."""
        return {address: entry.id for address, entry in self.entries.items() if entry.id}

    def take(self, entries: Mapping[str, Remembered | None]) -> None:
        """Remember these instead of what was known of their addresses; None: nothing any more."""
        for address, entry in entries.items():
            if entry is None:
                self.entries.pop(address, None)
            else:
                self.entries[address] = entry

    def hidden_hash(self, value: Json) -> str:
        """The keyed hash of a value that may not be stored."""
        text = jsonio.dumps_sorted(value)
        return hmac.new(bytes.fromhex(self.salt), text, hashlib.sha256).hexdigest()[:32]
