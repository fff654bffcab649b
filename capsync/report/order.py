"""The order in which changes are read: what can not be taken back, what is blocked, the rest."""

from __future__ import annotations

from collections.abc import Iterable

from capsync.model import Action, Change


def in_reading_order(changes: Iterable[Change]) -> list[Change]:
    """Irreversible changes first, then blocked ones; the rest as the plan orders it."""
    return sorted(changes, key=_rank)


def _rank(change: Change) -> int:
    if not change.reversible and change.action is not Action.NOOP:
        return 0
    return {Action.BLOCKED: 1, Action.NOOP: 3}.get(change.action, 2)


def is_quiet(change: Change) -> bool:
    """Whether there is nothing to say of the change: nothing to do, no adoption, no warning."""
    return change.action is Action.NOOP and not change.adopts and not change.warnings
