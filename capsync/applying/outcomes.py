"""How changes end, and where that is put on record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from capsync.errors import CapsyncError
from capsync.kind import Write
from capsync.model import Action, Address
from capsync.planning.item import Item
from capsync.snapshot import LiveObject

Json = Any


GOOD = ("done", "already")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one change ended.

    `status`: `done`; `already` (the org had it so); `failed` (refused, nothing was changed by the
    last call); `unknown` (sent, fate not known: the next run looks again); `skipped` (never tried).
    """

    address: Address
    action: Action
    status: str
    message: str = ""
    id: str | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """How an apply ended, change by change; `sent` counts the writes that left.

    `unsaved` says what could not be put down for the next run.
    """

    outcomes: tuple[Outcome, ...] = ()
    sent: int = 0
    interrupted: bool = False
    unreadable: tuple[str, ...] = ()
    run: str = ""
    unsaved: str = ""

    def count(self, status: str) -> int:
        """How many changes ended so."""
        return sum(outcome.status == status for outcome in self.outcomes)

    @property
    def complete(self) -> bool:
        """Whether everything that was planned is in place."""
        is_saved = not self.unsaved or not self.sent
        return (
            is_saved and not self.unreadable and all(each.status in GOOD for each in self.outcomes)
        )

    @property
    def exit_code(self) -> int:
        """0 done, 130 interrupted, 5 some done and some not, 1 failed before any write."""
        if self.interrupted:
            return 130
        if self.complete:
            return 0
        return 5 if self.sent else 1


class Record(Protocol):
    """Where writes are put on record before they leave and after they are answered."""

    async def intent(self, address: Address, write: Write, key: str, payload: str) -> int:
        """On disk before the write leaves; gives the token for its outcome."""

    def outcome(
        self,
        token: int,
        status: str,
        id: str | None = None,
        request_id: str = "",
        message: str = "",
    ) -> None:
        """What became of it."""

    async def keep(self, item: Item, live: LiveObject) -> None:
        """The object as read before an update or retirement, for undo."""

    def made(self, item: Item, id: str, request_id: str) -> None:
        """An object exists now, but not all of its writes have landed."""

    def settled(
        self,
        item: Item,
        id: str | None,
        raw: Mapping[str, Json],
        request_id: str,
        stamp: str = "",
    ) -> None:
        """A change is in place: the state remembers what was applied."""

    def noticed(self, item: Item) -> None:
        """The org has it as wanted: the state remembers the pairing."""

    def uploaded(self, sha256: str, handle: str) -> None:
        """A file is in the org: the state remembers the handle of its content."""


class Moved(CapsyncError):
    """The live object is no longer what the plan was made from."""

    exit_code = 4


@dataclass(slots=True)
class Progress:
    """One change on its way.

    `landed` counts its writes that are in place, `made` says that one of them created the object,
    `settled` that all is in place and on record; `stamp` is when the service says that it changed
    last, `remark` what is to be told of a change that is done.
    """

    item: Item
    raw: dict[str, Json]
    id: str | None = None
    request_id: str = ""
    live: LiveObject | None = None
    landed: int = 0
    made: bool = False
    settled: bool = False
    stamp: str = ""
    remark: str = ""
