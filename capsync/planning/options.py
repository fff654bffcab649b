"""What a run of plan or apply was asked to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from capsync.model import Address


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """The flags of plan and apply. `prune` is "", "owned" or "all"; `refresh` "auto" or "full".

    `unmanaged`: objects that no manifest declares will be judged too.
    """

    targets: tuple[str, ...] = ()
    prune: str = ""
    refresh: str = "auto"
    resend: tuple[str, ...] = ()
    adopt: bool = True
    allow_irreversible: bool = False
    force: bool = False
    unmanaged: bool = False


KEPT_OPTIONS = ("targets", "prune", "resend", "adopt", "allow_irreversible", "force")


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a plan is made: the environment's part of what the planner needs."""

    environment: str
    org_id: int | None
    variables: Mapping[str, Any]  # brand, org: what paths need
    now: float  # seconds since the epoch
    paths: Mapping[str, str] = field(default_factory=dict)  # the environment's own, by setting
    approve: bool = False
    max_changes: int | None = None
    max_destructive: int | None = None
    limit_per_minute: int | None = None
    concurrency: int = 8


def selects(selector: str, address: Address) -> bool:
    """Whether `Kind`, `Kind/name` or a glob of either picks an address."""
    kind, _, name = selector.partition("/")
    return fnmatchcase(address.kind, kind) and fnmatchcase(address.name, name or "*")


def selected(selectors: Iterable[str], address: Address) -> bool:
    """Whether any selector picks an address."""
    return any(selects(selector, address) for selector in selectors)
