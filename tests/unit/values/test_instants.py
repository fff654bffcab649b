"""Days as they are written, and texts that are sent as they are written."""

from __future__ import annotations

import pytest

from capsync.fields import instant
from capsync.schema.formats import is_local
from capsync.values.normalise import canonical
from capsync.values.wire import to_wire

WRITTEN = instant(wire="given", precision="written day")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-07-12T00:00:00.000+05:30", "2026-07-12"),
        ("2026-07-12T23:59:59.999+05:30", "2026-07-12"),
        ("2026-07-12T23:45:12.063", "2026-07-12"),
        ("2026-07-12", "2026-07-12"),
        (1783900799, "2026-07-12"),
        ("soon", "soon"),
    ],
)
def test_the_written_day_counts(text, day):
    assert canonical(WRITTEN, text) == day


def test_given_texts_are_sent_as_they_are():
    text = "2026-07-12T00:00:00.000+05:30"
    assert to_wire(WRITTEN, text) == text
    assert to_wire(instant(wire="iso"), text) == "2026-07-11T18:30:00Z"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("2026-07-12T23:45:12.063", True),
        ("2026-07-12T23:45:12Z", True),
        ("2026-07-12", True),
        ("2026-02-30", False),
        ("12.07.2026", False),
    ],
)
def test_form_of_days(text, fits):
    assert is_local(text) is fits
