from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.e2e.conftest import ROOT


class Installed(NamedTuple):
    """A wheel, installed into an environment of its own far from the checkout."""

    wheel: Path
    command: Path
    site: Path


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    _run(*pip, "wheel", "--no-deps", "-w", folder, ROOT)
    [wheel] = folder.glob("*.whl")
    builder = venv.EnvBuilder(with_pip=False)
    builder.create(folder / "venv")
    own = builder.ensure_directories(folder / "venv")
    _run(*pip, "--python", own.env_exe, "install", "--no-deps", "--no-index", wheel)
    [site] = (folder / "venv").glob("lib/python*/site-packages")
    # What it requires comes from here: no network in tests.
    (site / "requirements.pth").write_text(sysconfig.get_path("purelib"))
    return Installed(wheel, Path(own.bin_path) / "capsync", site)


def _run(*command: object) -> None:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def run(
    installed: Installed, tmp_path: Path, environ: dict[str, str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the installed command in an empty folder."""
    del environ["PYTHONPATH"]

    def command(*args: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(installed.command), *args],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return command


def test_an_installed_wheel_does_its_main_job(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    run("init", "p")
    assert "no problems" in run("validate", "-C", "p").stdout
    run("plan", "-C", "p", "--detailed-exitcode", code=2)
    run("apply", "--yes", "-C", "p")
    run("plan", "-C", "p", "--detailed-exitcode")
    run("plan", "--format", "html", "-o", "plan.html", "-C", "p")
    assert (tmp_path / "p/plan.html").read_text().startswith("<!doctype html>")
    run("export", "--out", "exported", "-C", "p")
    assert list((tmp_path / "p/exported").rglob("*.yaml"))
    assert "startOnISO" in run("explain", "Badge.startOn").stdout
    assert "Badge" in run("kinds").stdout


def test_a_wheel_carries_the_schemas(installed: Installed) -> None:
    carried = {path.name for path in (installed.site / "capsync/_schemas").iterdir()}
    assert carried == {path.name for path in (ROOT / "schemas").iterdir()}


def test_a_wheel_carries_no_caches(installed: Installed) -> None:
    names = zipfile.ZipFile(installed.wheel).namelist()
    assert {"capsync/cli/project/capsync.yaml", "capsync/py.typed"} <= set(names)
    assert not [name for name in names if name.endswith((".pyc", ".db", ".log"))]
