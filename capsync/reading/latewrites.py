"""Creates of earlier runs that may still show up: waited for, so that nothing is made twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from capsync.gathering import together
from capsync.kind import Kind
from capsync.memory.state import State
from capsync.memory.unfinished import OpenIntent, seconds_of
from capsync.model import Address
from capsync.planning.match import Matcher
from capsync.reading.live import Reader
from capsync.requests import refuses_second
from capsync.snapshot import Snapshot

if TYPE_CHECKING:
    from capsync.api.client import Client

# Gateways give up on a write after 20 to 30 s while the services behind them go on, and lists show
# a new object some seconds late (api notes: platform 6).
LATEST = 40.0
LISTED = 10.0


def still_to_come(
    matcher: Matcher, intents: Sequence[OpenIntent], state: State, now: float
) -> tuple[float, dict[str, Kind]]:
    """How many seconds to wait for what earlier runs have made or may still make, and the kinds to
    list again then: creates of unknown fate that the API would take a second time, and objects
    that were made but are not in the lists yet."""
    wait, kinds = 0.0, dict[str, Kind]()
    for address, since, patience in _awaited(intents, state):
        wanted = matcher.wanted.get(Address(*address.split("/", 1)))
        left = min(patience, patience - (now - since))
        if wanted is None or wanted.live is not None or left <= 0:
            continue
        if wanted.kind.name not in matcher.snapshot.objects:
            continue  # not read, since the run is not about it
        if patience == LISTED or not refuses_second(wanted.kind, wanted.raw):
            wait = max(wait, left)
            kinds[wanted.kind.name] = wanted.kind
    return wait, kinds


def _awaited(intents: Sequence[OpenIntent], state: State) -> Iterator[tuple[str, float, float]]:
    """Addresses, since when they may be on their way, and for how long that may go on."""
    for intent in intents:
        if intent.creates:
            yield intent.address, intent.at, LATEST
    for address, entry in state.entries.items():
        yield address, seconds_of(entry.at), LISTED


async def wait_for(
    client: Client, reader: Reader, snapshot: Snapshot, wait: float, kinds: dict[str, Kind]
) -> None:
    """Wait, and read these kinds' lists again into the snapshot."""
    await client.pause(wait, "a write of an earlier run may still show up")
    lists = await together(reader.list(kind) for kind in kinds.values())
    snapshot.objects.update(zip(kinds, lists, strict=True))
