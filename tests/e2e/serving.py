"""The sandbox as a server in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(folder: Path, environ: dict[str, str], *options: str) -> Iterator[str]:
    """The base URL of `capsync sandbox serve`, with its data in that folder."""
    running = subprocess.Popen(
        [sys.executable, "-m", "capsync", "sandbox", "serve", "--port", "0", *options],
        cwd=folder,
        env={**environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    try:
        yield running.stdout.readline().split()[3]
    finally:
        running.terminate()
        running.wait(10)
        running.stdout.close()
