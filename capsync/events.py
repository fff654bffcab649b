"""What happens while capsync reads, plans and applies: data for whoever reports it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from capsync.model import Action, Address


@dataclass(frozen=True, slots=True)
class Reading:
    """So many things of a kind were read; `total` is None while nobody knows."""

    kind: str
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Limited:
    """A rate limit may hold: `at_least` gives the seconds that so many further requests take."""

    at_least: Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan is made: so many changes will take so many writes."""

    changes: int
    writes: int


@dataclass(frozen=True, slots=True)
class Started:
    """The first write of a change is about to leave; `summary` says in words what it does."""

    address: Address
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing is sent for so many seconds, because of the limit or because the service said so."""

    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class Retrying:
    """A call is made again; `attempt` counts from 2."""

    call: str
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A change is settled; `status` is one of done, failed, unknown, already."""

    address: Address
    action: Action
    status: str
    message: str = ""
    id: str | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A change was not tried, because something that it needs did not land."""

    address: Address
    action: Action
    reason: str


@dataclass(frozen=True, slots=True)
class Stopping:
    """Somebody has asked to stop: nothing new is sent, writes in flight are settled."""


Event = Reading | Limited | Planned | Started | Waiting | Retrying | Finished | Skipped | Stopping


class Reporter(Protocol):
    """Takes each event as it happens; called from the event loop, so it must not block."""

    def __call__(self, event: Event, /) -> None:
        """Report that event."""


def silent(_event: Event) -> None:
    """Report nothing."""
