"""The steps of the Dockerfile, run in a virtual environment: what it takes is what it installs."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT


def instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile and what follows it, joined lines as one."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    found = re.findall(r"^([A-Z]+) (.*)$", text, re.MULTILINE)
    return [(name, rest.strip()) for name, rest in found]


def test_the_image_runs_capsync_and_not_as_root() -> None:
    last = dict(instructions())
    assert last["ENTRYPOINT"] == '["capsync"]'
    assert last["USER"] not in ("root", "0")
    assert last["WORKDIR"] == "/project"


@pytest.mark.slow
def test_what_the_image_installs_works(tmp_path: Path, environ: dict[str, str]) -> None:
    source, wheels, python = (tmp_path / name for name in ("source", "wheels", "venv"))
    source.mkdir()
    venv.create(python, with_pip=True)
    own = {
        **{name: value for name, value in environ.items() if name != "PYTHONPATH"},
        **{name: os.environ[name] for name in os.environ if name.startswith("PIP_")},
        "PATH": f"{python / 'bin'}:/usr/bin:/bin",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONWARNINGS": "",
    }

    def run(command: str, folder: Path) -> str:
        ran = subprocess.run(
            ["sh", "-e", "-c", command],
            cwd=folder,
            env=own,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    for name, rest in instructions():
        if name == "COPY":
            *copied, target = shlex.split(rest)
            for each in copied:
                _copy(ROOT / each, source / target / each if target == "./" else source / target)
        if name == "RUN":
            # Only what is special to containers is left out: mounts, the user, the empty cache.
            command = re.sub(r"--mount=\S+|--no-cache-dir", "", rest)
            command = re.sub(r"&& useradd .*", "", command).replace("/wheels", str(wheels))
            run(command, source)
    project = tmp_path / "project"
    project.mkdir()
    assert "Usage: capsync" in run("capsync --help", project)
    run("capsync init . && capsync apply --yes", project)
    run("python -c 'import obstore'", project)
    location = run("python -c 'import capsync; print(capsync.__file__)'", project)
    assert location.startswith(str(python)), f"{location} is not of the image ({sys.executable})"


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)
