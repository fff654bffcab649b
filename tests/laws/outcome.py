"""What the laws found: which fields they hold for, which are left out and why, what is broken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
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
    found: dict[tuple[str, int], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        found[row.kind, row.law][row.name].add(row.reason)
    for kind in sorted({kind for kind, _ in found}):
        counts = []
        reasons: dict[str, set[tuple[int, str]]] = defaultdict(set)
        for law in LAWS:
            fields = found.get((kind, law), {})
            tried = [name for name, why in fields.items() if HELD in why]
            counts.append(f"law {law}: {len(tried)}/{len(fields)}")
            for name, why in fields.items():
                if HELD not in why:
                    reasons["; ".join(sorted(why)[:2])].add((law, name))
        yield f"{kind:24} {'   '.join(counts)}"
        for reason, places in sorted(reasons.items()) if details else ():
            yield f"    left out: {reason}"
            by_name: dict[str, list[int]] = defaultdict(list)
            for law, name in sorted(places):
                by_name[name].append(law)
            shown = [f"{name} ({','.join(map(str, laws))})" for name, laws in by_name.items()]
            yield f"        {', '.join(shown)}"
