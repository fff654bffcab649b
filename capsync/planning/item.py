"""One change of a plan with what it takes to carry it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from capsync.kind import Kind, Verdict
from capsync.model import Address, Change, Path
from capsync.planning.match import Wanted
from capsync.snapshot import LiveObject
from capsync.values.paths import parse_path

Json = Any


@dataclass(slots=True)
class Item:
    """A change with what it takes to carry it out.

    `raw` are the desired values that count (ignored paths left to the org), references resolved.
    """

    kind: Kind
    change: Change
    raw: dict[str, Json] = field(default_factory=dict)
    wanted: Wanted | None = None
    live: LiveObject | None = None
    verdicts: tuple[Verdict, ...] = ()
    approve: bool = False  # the environment's word on changes that await approval
    now: float = 0.0  # when the change was planned, in seconds since the epoch
    late: tuple[Path, ...] = ()  # fields of which the org may still show an old value

    @property
    def address(self) -> Address:
        """The address of the change."""
        return self.change.address

    @property
    def ignored(self) -> list[tuple[str, ...]]:
        """The paths that the manifest leaves to the people who use the console."""
        return (
            [parse_path(text) for text in self.wanted.resource.meta.ignore] if self.wanted else []
        )
