from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.e2e.conftest import ROOT

HOOK = "capsync-validate"


def git(folder: Path, *args: str) -> str:
    ran = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *args],
        cwd=folder,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return ran.stdout.strip()


def committed(folder: Path) -> str:
    """The id of a first commit of all that is in a folder."""
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-verify", "-m", "All")
    return git(folder, "rev-parse", "HEAD")


def repository(folder: Path, *names: str) -> Path:
    """A git repository of these files and folders of this one."""
    folder.mkdir()
    for name in names:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, folder)
    committed(folder)
    return folder


def run_hooks(
    project: Path, hooks: Path, environ: dict[str, str], **changes: str
) -> subprocess.CompletedProcess[str]:
    """pre-commit over all files of a project, with the hook of the repository in `hooks`."""
    used = {"repo": str(hooks), "rev": git(hooks, "rev-parse", "HEAD")}
    config = {"repos": [used | {"hooks": [{"id": HOOK, **changes}]}]}
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    git(project, "add", "--all")
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files", "--verbose"],
        cwd=project,
        env=environ,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.fixture
def settled(environ: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of pre-commit: its cache is thrown away with the test."""
    quiet = {name: value for name, value in environ.items() if name != "PYTHONWARNINGS"}
    kept = {name: os.environ[name] for name in os.environ if name.startswith("PIP_")}
    return {**quiet, **kept, "PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}


def test_the_hook_finds_wrong_manifests(
    project: Path, tmp_path: Path, settled: dict[str, str]
) -> None:
    hooks = repository(tmp_path / "hooks", ".pre-commit-hooks.yaml")
    committed(project)
    # `system`: the command that is on the path, instead of one installed from the repository.
    ran = run_hooks(project, hooks, settled, language="system")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "6 resources: no problems" in ran.stdout
    path = project / "manifests/badges.yaml"
    path.write_text(path.read_text().replace("badgeRank: 1", "badgeRnk: 1"))
    ran = run_hooks(project, hooks, settled, language="system")
    assert ran.returncode == 1
    assert "manifests/badges.yaml:30:3" in ran.stdout
    assert "did you mean badgeRank?" in ran.stdout


def test_the_hook_is_not_run_where_no_yaml_changed(
    project: Path, tmp_path: Path, settled: dict[str, str]
) -> None:
    hooks = repository(tmp_path / "hooks", ".pre-commit-hooks.yaml")
    for path in project.rglob("*.yaml"):
        path.rename(path.with_suffix(".txt"))
    committed(project)
    ran = run_hooks(project, hooks, settled, language="system", exclude=r"^\.pre-commit")
    assert "no files to check" in ran.stdout


@pytest.mark.slow
def test_the_hook_installs_itself(project: Path, tmp_path: Path, settled: dict[str, str]) -> None:
    names = ("pyproject.toml", "README.md", "LICENSE", "capsync", "schemas")
    hooks = repository(tmp_path / "hooks", ".pre-commit-hooks.yaml", *names)
    committed(project)
    path = settled["PATH"].partition(":")[2]  # without the commands that stand in for real ones
    own = {name: value for name, value in settled.items() if name != "PYTHONPATH"}
    ran = run_hooks(project, hooks, {**own, "PATH": path})
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "6 resources: no problems" in ran.stdout
