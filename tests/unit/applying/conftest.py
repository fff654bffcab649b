from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.applying.org import Team


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """An org, a project without manifests, and a folder for locks of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "locks"))
    monkeypatch.delenv("CI", raising=False)
    team = Team(tmp_path)
    yield team
    team.world.close()
