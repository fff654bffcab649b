"""Collecting garbage rarely while much is read that is kept."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Every collection walks what was made since the last ones, and most of that is here to stay: with
# Python's own thresholds a third of the time of a plan of 10,000 resources goes there.
_THRESHOLDS = (200_000, 20, 100)
_inside = 0
_before = (0, 0, 0)


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Collect rarely inside; blocks may overlap."""
    global _inside, _before
    if not _inside:
        _before = gc.get_threshold()
        gc.set_threshold(*_THRESHOLDS)
    _inside += 1
    try:
        yield
    finally:
        _inside -= 1
        if not _inside:
            gc.set_threshold(*_before)
