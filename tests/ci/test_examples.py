from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.ci.actions import SHELL
from tests.e2e.conftest import ROOT

EXAMPLES = ROOT / "examples/ci"

Shell = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(project: Path, environ: dict[str, str]) -> Shell:
    """Runs shell code in the project, against the sandbox."""

    def run(code: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*SHELL, "-c", code],
            cwd=project,
            env={**environ, "CAPSYNC_ENV": "sandbox"},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run


def drift(project: Path) -> None:
    """Let the manifests and the org differ."""
    path = project / "manifests/badges.yaml"
    text = path.read_text()
    path.write_text(re.sub(r"badgeRank: \d+", lambda found: found[0] + "0", text))


def test_gitlab_jobs(shell: Shell, project: Path) -> None:
    pipeline = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())
    jobs = {name: each["script"] for name, each in pipeline.items() if name in pipeline["stages"]}
    for name in ("plan", "apply", "audit"):
        ran = shell("\n".join(jobs[name]))
        assert ran.returncode == 0, (name, ran.stdout + ran.stderr)
        for path in pipeline[name]["artifacts"].get("paths", []):
            assert (project / path).stat().st_size > 0
    drift(project)
    assert [shell("\n".join(jobs["audit"])).returncode] == pipeline["audit"]["allow_failure"][
        "exit_codes"
    ]
    assert "<failure" in (project / "drift.xml").read_text()


def test_jenkins_steps(shell: Shell, project: Path) -> None:
    pipeline = (EXAMPLES / "Jenkinsfile").read_text()
    steps = re.findall(r"""^ *sh '(capsync [^']*)'$""", pipeline, re.MULTILINE)
    assert [step.split()[1] for step in steps] == ["validate", "plan", "apply"]
    for step in steps:
        ran = shell(step)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (project / "plan.html").read_text().startswith("<!doctype html>")
    [audit] = re.findall(r"script: '(capsync [^']*)'", pipeline)
    assert shell(audit).returncode == 0
    drift(project)
    assert shell(audit).returncode == 2


def test_the_audit_from_cron_mails_only_news(shell: Shell, project: Path) -> None:
    shutil.copy(EXAMPLES / "cron/drift-audit", project)
    shell("capsync apply --yes")
    ran = shell("./drift-audit")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    drift(project)
    ran = shell("./drift-audit")
    assert ran.returncode == 2
    assert "2 new since the last audit" in ran.stdout
    ran = shell("./drift-audit")
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", "")


def test_the_first_audit_from_cron_tells_all(shell: Shell, project: Path) -> None:
    shutil.copy(EXAMPLES / "cron/drift-audit", project)
    ran = shell("./drift-audit")
    assert ran.returncode == 2
    assert "6 missing" in ran.stdout


def test_an_audit_from_cron_that_fails_is_mailed(shell: Shell, project: Path) -> None:
    shutil.copy(EXAMPLES / "cron/drift-audit", project)
    (project / "capsync.yaml").write_text("version: 1\n")
    ran = shell("./drift-audit")
    assert ran.returncode == 3
    assert "environments is required" in ran.stderr


def test_the_example_workflow_uses_inputs_that_there_are() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    workflow = yaml.safe_load((EXAMPLES / "github.yml").read_text())
    [step] = [each for each in workflow["jobs"]["capsync"]["steps"] if "capsync" in each["uses"]]
    assert step["with"].keys() <= action["inputs"].keys()
