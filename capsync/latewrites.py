"""Creates of earlier runs that may still show up: waited for, so that nothing is made twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from capsync.gathering import together
from capsync.kind import Kind
from capsync.live import Reader
from capsync.memory.unfinished import OpenIntent
from capsync.model import Address
from capsync.planning.match import Matcher, Wanted
from capsync.requests import refuses_second
from capsync.snapshot import Snapshot

if TYPE_CHECKING:
    from capsync.api.client import Client

# Gateways give up on a write after 20 to 30 s while the services behind them go on, and lists show
# a new object some seconds late (api notes: platform 6).
LATEST = 40.0


def still_to_come(
    matcher: Matcher, intents: Sequence[OpenIntent], now: float
) -> tuple[float, dict[str, Kind]]:
    """How many seconds to wait for creates that may still land, and the kinds to list again then.

    Only creates that the API would take a second time count.
    """
    wait, kinds = 0.0, dict[str, Kind]()
    for intent in intents:
        wanted = matcher.wanted.get(Address(*intent.address.split("/", 1)))
        left = min(LATEST, LATEST - (now - intent.at))
        if intent.creates and wanted is not None and left > 0 and _would_double(wanted):
            wait = max(wait, left)
            kinds[wanted.kind.name] = wanted.kind
    return wait, kinds


def _would_double(wanted: Wanted) -> bool:
    return wanted.live is None and not refuses_second(wanted.kind, wanted.raw)


async def wait_for(
    client: Client, reader: Reader, snapshot: Snapshot, wait: float, kinds: dict[str, Kind]
) -> None:
    """Wait, and read these kinds' lists again into the snapshot."""
    await client.pause(wait, "a write of an earlier run may still show up")
    lists = await together(reader.list(kind) for kind in kinds.values())
    snapshot.objects.update(zip(kinds, lists, strict=True))
