from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ci.github import GitHub, serving
from tests.e2e.conftest import ROOT


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The environment of a CI job: `capsync`, `python` and `pip` are this one's."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for name in ("capsync", "python", "python3"):
        module = " -m capsync" if name == "capsync" else ""
        shim = bin_folder / name
        # pip is not run: what it would install is here already.
        shim.write_text(
            f'#!/bin/sh\nif [ "$1 $2" = "-m pip" ]; then echo "$@" >>"$HOME/pip.log"; exit; fi\n'
            f'exec "{sys.executable}"{module} "$@"\n'
        )
        shim.chmod(0o755)
    (bin_folder / "pip").write_text("#!/bin/sh\n")
    (bin_folder / "pip").chmod(0o755)
    return {
        "PATH": f"{bin_folder}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "LANG": "C.UTF-8",
        "TMPDIR": str(tmp_path),
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The quickstart example, as a repository is checked out."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "examples/quickstart", folder)
    return folder


@pytest.fixture
def github() -> Iterator[GitHub]:
    """A GitHub on loopback."""
    with serving() as service:
        yield service
