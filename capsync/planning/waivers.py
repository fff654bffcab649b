"""Waivers: drift that is known and accepted until a day, after which it alarms again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from typing import Protocol

from capsync.model import path_text
from capsync.planning.drift import Drift, DriftField


class Waiver(Protocol):
    """What capsync.yaml says of one waiver."""

    @property
    def address(self) -> str:
        """The address, or a glob of addresses."""

    @property
    def path(self) -> str:
        """A glob of paths; "" for every path."""

    @property
    def reason(self) -> str:
        """Why it is accepted."""

    @property
    def owner(self) -> str:
        """Who answers for it."""

    @property
    def expires(self) -> str:
        """The last day on which it holds (YYYY-MM-DD); "" for ever."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """Drift that counts, drift that a waiver accepts (with the reason), and expired waivers."""

    open: tuple[Drift, ...]
    waived: tuple[tuple[Drift, str], ...]
    alarms: tuple[str, ...]


def sort_out(drifts: Iterable[Drift], waivers: Sequence[Waiver], today: date) -> Sorted:
    """Drift sorted by what the waivers say of it on that day. A waiver may accept some fields of a
    resource and leave the others."""
    still: list[Drift] = []
    waived: list[tuple[Drift, str]] = []
    alarms: dict[str, None] = {}
    live = [each for each in waivers if not _is_over(each, today)]
    for drift in drifts:
        for waiver in waivers:
            if _is_over(waiver, today) and _would_accept(waiver, drift):
                about = f"{waiver.address} {waiver.path}".rstrip()
                alarms[f"waiver for {about} expired {waiver.expires}"] = None
        accepted = [each for each in live if _accepts(each, drift, None)]
        whole = next((each for each in accepted if not each.path), None)
        if whole is not None:
            waived.append((drift, _why(whole)))
            continue
        _split(drift, accepted, still, waived)
    return Sorted(tuple(still), tuple(waived), tuple(alarms))


def _split(
    drift: Drift,
    waivers: Sequence[Waiver],
    still: list[Drift],
    waived: list[tuple[Drift, str]],
) -> None:
    left: list[DriftField] = []
    for change in drift.fields:
        waiver = next((each for each in waivers if _accepts(each, drift, change)), None)
        if waiver is None:
            left.append(change)
        else:
            waived.append((replace(drift, fields=(change,)), _why(waiver)))
    if left or not drift.fields:
        still.append(replace(drift, fields=tuple(left)))


def _is_over(waiver: Waiver, today: date) -> bool:
    return bool(waiver.expires) and date.fromisoformat(waiver.expires) < today


def _would_accept(waiver: Waiver, drift: Drift) -> bool:
    """Whether it accepts the drift or any field of it."""
    if not waiver.path:
        return _accepts(waiver, drift, None)
    return any(_accepts(waiver, drift, each) for each in drift.fields)


def _accepts(waiver: Waiver, drift: Drift, change: DriftField | None) -> bool:
    if not fnmatchcase(str(drift.address), waiver.address):
        return False
    if change is None or not waiver.path:
        return True
    path = path_text(change.change.path)
    return fnmatchcase(path, waiver.path) or path.startswith((f"{waiver.path}.", f"{waiver.path}["))


def _why(waiver: Waiver) -> str:
    owner = f", {waiver.owner}" if waiver.owner else ""
    until = f", until {waiver.expires}" if waiver.expires else ""
    return f"{waiver.reason}{owner}{until}"
