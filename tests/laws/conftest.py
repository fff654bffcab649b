"""The table of what the laws were tried on and what is left out, at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.laws.outcome import Row, table


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    rows = list(_rows(terminalreporter))
    if not rows:
        return
    terminalreporter.section("fields that the laws were tried on")
    verbose = config.get_verbosity() > 0
    for line in table(rows, details=verbose):
        terminalreporter.write_line(line)
    if not verbose:
        terminalreporter.write_line("what is left out, and why: python -m tests.laws.table")


def _rows(terminalreporter: Any) -> Iterator[Row]:
    """The rows of every test that ran, those of other processes too."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") != "call":
                continue
            for name, value in report.user_properties:
                if name == "laws":
                    yield from (Row(*each) for each in value)
