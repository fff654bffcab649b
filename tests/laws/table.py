"""Prints what the laws were tried on and what is left out: python -m tests.laws.table [KIND ...]"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.laws.bodies import documented_bodies
from tests.laws.cases import all_cases
from tests.laws.laws import benched, law_4, laws_2_3_7
from tests.laws.outcome import Row, table


def rows_of(kinds: Iterable[str]) -> list[Row]:
    """The rows of laws 2, 3, 4 and 7 over every case of these kinds, of all if none is named."""
    wanted = set(kinds)
    rows: list[Row] = []
    for case in all_cases():
        if wanted and case.kind not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder, benched(case, Path(folder)) as bench:
            rows += laws_2_3_7(bench).rows + law_4(bench).rows
    return rows


def bodies_left_out() -> list[str]:
    """Documented create bodies that are no cases, each with the reason."""
    left = [body for body in documented_bodies() if body.left_out]
    return [f"{body.kind} {body.name}: {body.left_out}" for body in left]


def main() -> None:
    """Print both tables."""
    lines = [*table(rows_of(sys.argv[1:])), "", "documented bodies that are no cases", ""]
    sys.stdout.write("\n".join([*lines, *bodies_left_out()]) + "\n")


if __name__ == "__main__":
    main()
