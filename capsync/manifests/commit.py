"""Which git commit the manifests of a project are from."""

from __future__ import annotations

import subprocess
from pathlib import Path

_PATIENCE = 10.0  # seconds for each question to git
_UNSAVED = "+changes"


def commit_of(root: Path) -> str:
    """The commit that a project's folder is at, with `+changes` where its files are not all in it;
    "" where it is in no repository, or git is not there."""
    commit = _asked(root, "rev-parse", "HEAD")
    if not commit:
        return ""
    return commit + (_UNSAVED if _asked(root, "status", "--porcelain", "--", ".") else "")


def _asked(root: Path, *question: str) -> str:
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *question],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.decode(errors="replace").strip() if answer.returncode == 0 else ""
