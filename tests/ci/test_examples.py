from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.actions import SHELL
from tests.ci.gitlab import GitLab, serving
from tests.e2e.conftest import ROOT

EXAMPLES = ROOT / "examples/ci"

Shell = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(project: Path, environ: dict[str, str]) -> Shell:
    """Runs shell code in the project, against the sandbox."""

    def run(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*SHELL, "-c", code],
            cwd=project,
            env={**environ, "CAPSYNC_ENV": "sandbox", **variables},
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


def gitlab_jobs(project: Path) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The pipeline and the scripts of its jobs, the files that it wants put beside the project."""
    shutil.copy(EXAMPLES / "gitlab-note.py", project)
    pipeline = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())
    return pipeline, {name: pipeline[name]["script"] for name in pipeline["stages"]}


def test_gitlab_jobs(shell: Shell, project: Path) -> None:
    pipeline, jobs = gitlab_jobs(project)
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


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    """A GitLab on loopback."""
    with serving() as service:
        yield service


def test_a_merge_request_has_one_note_with_the_latest_plan(
    shell: Shell, project: Path, gitlab: GitLab
) -> None:
    script = "\n".join(gitlab_jobs(project)[1]["plan"])
    gitlab.notes = [{"id": n, "body": "see <!-- capsync plan sandbox -->"} for n in range(1, 121)]
    for rank in ("1", "10"):
        ran = shell(script, **gitlab.variables)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert len(gitlab.notes) == 121
        body = gitlab.notes[-1]["body"]
        assert body.startswith("<!-- capsync plan sandbox -->\n")
        assert re.search(rf"@@ badgeRank @@.*\n\+ {rank}\n", body)
        assert "https://gitlab.example/acme/loyalty/-/jobs/4711" in body
        drift(project)


def test_a_blocked_plan_is_noted_and_fails_the_job(
    shell: Shell, project: Path, gitlab: GitLab
) -> None:
    config = project / "capsync.yaml"
    limited = config.read_text().replace(
        "{endpoint: sandbox}", "{endpoint: sandbox, limits: {max_changes: 1}}"
    )
    config.write_text(limited)
    assert shell("\n".join(gitlab_jobs(project)[1]["plan"]), **gitlab.variables).returncode == 4
    assert "limits.max_changes is 1" in gitlab.notes[0]["body"]


@pytest.mark.parametrize(
    ("token", "said"),
    [("", "GITLAB_TOKEN is not set"), ("another", "could not be written: HTTP Error 401")],
)
def test_a_note_that_can_not_be_written_fails_nothing(
    shell: Shell, project: Path, gitlab: GitLab, token: str, said: str
) -> None:
    variables = gitlab.variables | {"GITLAB_TOKEN": token}
    ran = shell("\n".join(gitlab_jobs(project)[1]["plan"]), **variables)
    assert ran.returncode == 0
    assert said in ran.stdout
    assert gitlab.notes == []


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
