"""Files for other programs, checked by what those programs' makers publish."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT

BIN = Path(sys.executable).parent


def tool(name: str) -> str:
    """The path of a program of the `dev` group; the test is skipped where it is not installed."""
    found = shutil.which(name, path=f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def checked(*command: str) -> None:
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        ("action.yml", "vendor.github-actions"),
        ("examples/ci/github.yml", "vendor.github-workflows"),
        ("capsync/cli/project/ci.yml", "vendor.github-workflows"),
        ("examples/ci/gitlab-ci.yml", "vendor.gitlab-ci"),
    ],
)
def test_files_of_ci_services_follow_their_schemas(file: str, schema: str) -> None:
    checked(tool("check-jsonschema"), "--builtin-schema", schema, file)


def test_dockerfile_has_nothing_to_complain_of() -> None:
    checked(tool("hadolint"), "Dockerfile")


def test_the_docker_build_gets_what_it_copies_and_no_more() -> None:
    kept = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    ]
    copied = [
        source
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY ")
        for source in line.split()[1:-1]
    ]
    assert sorted(copied) == sorted(kept)
    assert all((ROOT / each).exists() for each in copied)


def test_the_docker_build_gets_what_the_wheel_needs() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    copied = (ROOT / "Dockerfile").read_text()
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = [
        project["project"]["readme"],
        *project["project"]["license-files"],
        *wheel["packages"],
        *wheel.get("force-include", {}),
    ]
    for path in needed:
        assert any(fnmatch(path, word) for word in copied.split()), path
