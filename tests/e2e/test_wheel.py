from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a wheel puts into site-packages, far from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)]
    built = subprocess.run(build, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_a_wheel_carries_all_that_it_needs(
    installed: Path, tmp_path: Path, environ: dict[str, str]
) -> None:
    def run(*args: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "capsync", *args],
            cwd=tmp_path,
            env={**environ, "PYTHONPATH": str(installed)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("init", "p")
    run("validate", "-C", "p")
    run("apply", "--yes", "-C", "p")
    run("plan", "--format", "html", "-o", "plan.html", "-C", "p")
    assert (tmp_path / "p/plan.html").read_text().startswith("<!doctype html>")
    assert "Badge" in run("kinds")


def test_a_wheel_carries_the_schemas(installed: Path) -> None:
    carried = {path.name for path in (installed / "capsync/_schemas").iterdir()}
    assert carried == {path.name for path in (ROOT / "schemas").iterdir()}


def test_a_wheel_carries_no_caches(installed: Path) -> None:
    [wheel] = installed.parent.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "capsync/cli/project/capsync.yaml" in names
    assert not [name for name in names if name.endswith((".pyc", ".db", ".log"))]
