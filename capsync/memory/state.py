"""The optional memory: which live object each address is, and what was last applied to it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from capsync import jsonio

Json = Any

FORMAT = "capsync.state/1"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the state holds of one address.

    `applied` is the canonical spec as last applied, secrets and write-only values left out; those
    are in `hidden` as keyed hashes by path. `owned`: capsync made the object. `at` is ISO UTC.
    """

    id: str
    key: str = ""
    applied: Mapping[str, Json] = field(default_factory=dict)
    hidden: Mapping[str, str] = field(default_factory=dict)
    owned: bool = False
    stamp: str = ""
    request_id: str = ""
    at: str = ""


@dataclass(slots=True)
class State:
    """Addresses as text -> what is remembered; uploaded files by content hash -> handle.

    `salt` keys the hashes of hidden values: it never leaves the state.
    """

    entries: dict[str, Remembered] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    salt: str = field(default_factory=lambda: secrets.token_hex(16))
    serial: int = 0

    def ids(self) -> dict[str, str]:
        """Address text -> id of every address that has one."""
        return {address: entry.id for address, entry in self.entries.items() if entry.id}

    def hidden_hash(self, value: Json) -> str:
        """The keyed hash of a value that may not be stored."""
        text = jsonio.dumps_sorted(value)
        return hmac.new(bytes.fromhex(self.salt), text, hashlib.sha256).hexdigest()[:32]
