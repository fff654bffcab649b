"""What the laws found: which fields they hold for, which are left out and why, what is broken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

HELD = ""
LAWS = (2, 3, 4, 7)


class Row(NamedTuple):
    """One law on one field of one case; `reason` says why it was left out, else HELD."""

    law: int
    kind: str
    name: str
    reason: str
    case: str = ""


@dataclass(slots=True)
class Outcome:
    """The rows and breaches of some laws on one case."""

    case: str
    kind: str
    rows: list[Row] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def held(self, law: int, name: str) -> None:
        """The law was tried on a field."""
        self.rows.append(Row(law, self.kind, name, HELD, self.case))

    def left_out(self, law: int, name: str, reason: str) -> None:
        """The law does not apply to a field, for a reason that follows from the declaration."""
        self.rows.append(Row(law, self.kind, name, reason, self.case))

    def breach(self, law: int, name: str, what: str) -> None:
        """The law does not hold."""
        self.broken.append(f"law {law}, {self.case}, {name}: {what}")


def table(rows: Iterable[Row], *, details: bool = True) -> Iterator[str]:
    """The rows as text: per kind and law how many fields it was tried on, then those left out.

    A field counts as tried where some case of the kind tried it.
    """
    fields: dict[str, dict[tuple[int, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        fields[row.kind][row.law, row.name].append(row.reason)
    for kind, found in sorted(fields.items()):
        yield f"{kind:22} {'   '.join(_counts(found))}"
        if details:
            yield from _left_out(found)


def _counts(found: Mapping[tuple[int, str], list[str]]) -> Iterator[str]:
    for law in LAWS:
        reasons = [why for (each, _), why in found.items() if each == law]
        tried = sum(HELD in why for why in reasons)
        yield f"law {law}: {tried}" + (f" of {len(reasons)}" if law != 7 else "")


def _left_out(found: Mapping[tuple[int, str], list[str]]) -> Iterator[str]:
    """Reason by reason, the fields that no case could try and the laws that this is about."""
    by_reason: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (law, name), reasons in sorted(found.items()):
        if HELD not in reasons:
            by_reason[reasons[0]][name].append(law)
    for reason, names in sorted(by_reason.items()):
        shown = [f"{name} ({', '.join(map(str, laws))})" for name, laws in names.items()]
        yield f"    {reason}:"
        yield f"        {', '.join(shown)}"
