from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_LIGHT = ("dialect", "dialects", "outcome", "paging", "retry", "sendlog", "settings", "text")


def test_httpx_is_loaded_only_by_what_sends() -> None:
    names = ", ".join(f"capsync.api.{name}" for name in _LIGHT)
    code = f"import sys, {names}; print('httpx' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert run.stdout.strip() == "False"
