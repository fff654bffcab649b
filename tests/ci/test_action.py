from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.actions import Runner
from tests.ci.github import GitHub
from tests.e2e.conftest import ROOT

PULL_REQUEST = {
    "number": 7,
    "pull_request": {"number": 7, "head": {"sha": "head-sha"}},
    "repository": {"default_branch": "main"},
}
PUSH = {"repository": {"default_branch": "main"}}

Start = Callable[..., Runner]


@pytest.fixture
def start(tmp_path: Path, project: Path, environ: dict[str, str], github: GitHub) -> Start:
    """A run of the Action, ended with that exit code."""

    def started(event_name: str, code: int = 0, ref: str = "", **inputs: str) -> Runner:
        (tmp_path / "summary.md").unlink(missing_ok=True)
        runner = Runner(
            tmp_path,
            {**environ, "GITHUB_API_URL": github.url},
            inputs,
            event_name,
            PULL_REQUEST if event_name == "pull_request" else PUSH,
            ref or ("refs/heads/main" if event_name != "pull_request" else "refs/pull/7/merge"),
        )
        assert runner.run() == code, runner.log
        return runner

    return started


def edit(project: Path, old: str, new: str) -> None:
    path = project / "manifests/badges.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def configure(project: Path, endpoint: str) -> None:
    """Let the environment have this endpoint, and what follows it."""
    path = project / "capsync.yaml"
    path.write_text(path.read_text().replace("{endpoint: sandbox}", f"{{endpoint: {endpoint}}}"))


def test_pull_requests_get_a_plan(start: Start, github: GitHub, project: Path) -> None:
    run = start("pull_request")
    [comment] = github.comments
    assert comment["body"].startswith("<!-- capsync plan sandbox -->\n")
    assert "6 to create" in comment["body"]
    assert "https://github.example/acme/loyalty/actions/runs/4711" in comment["body"]
    assert "6 to create" in run.summary
    plan = Path(run.outputs[""]["plan"])
    assert json.loads(plan.read_text())["summary"]["create"] == 6
    assert run.used[-1].split()[:2] == [
        "actions/upload-artifact@v4",
        "capsync-plan-default-head-sha",
    ]
    assert run.outputs[""]["exit-code"] == "2"
    assert run.outputs[""]["changed"] == "true"
    assert all(authorized for _, _, authorized in github.calls)


@pytest.mark.parametrize(
    ("version", "installed"),
    [("", f"{ROOT}[remote-state]"), ("capsync==0.1.0", "capsync==0.1.0")],
)
def test_what_is_installed(start: Start, tmp_path: Path, version: str, installed: str) -> None:
    start("pull_request", version=version)
    assert (tmp_path / "pip.log").read_text().split()[-1] == installed


def test_the_comment_is_kept_up_to_date(start: Start, github: GitHub, project: Path) -> None:
    github.comments = [
        {"id": n, "body": "looks good, see <!-- capsync plan sandbox -->"} for n in range(1, 121)
    ]
    start("pull_request")
    edit(project, "rank: 1\n", "rank: 42\n")
    start("pull_request")
    assert len(github.comments) == 121
    assert "42" in github.comments[-1]["body"]


def test_projects_of_one_repository_are_kept_apart(
    start: Start, github: GitHub, project: Path
) -> None:
    shutil.copytree(project, project / "apps/b c")
    runs = [start("pull_request", directory=each) for each in (".", "apps/b c", "apps/b c")]
    assert [each["body"].partition("\n")[0] for each in github.comments] == [
        "<!-- capsync plan sandbox -->",
        "<!-- capsync plan sandbox in apps_b_c -->",
    ]
    assert runs[1].outputs["plan"]["artifact"] == "capsync-plan-default-apps_b_c-head-sha"
    github.artifacts = {
        "capsync-plan-default-apps_b_c-head-sha": Path(runs[2].outputs[""]["plan"]).read_text()
    }
    github.pulls = [{"number": 7, "merged_at": "2027-01-05", "head": {"sha": "head-sha"}}]
    assert "Applied: 6 done" in start("push", reviewed="true", directory="apps/b c").summary


def test_broken_manifests_fail_with_annotations(
    start: Start, github: GitHub, project: Path
) -> None:
    edit(project, "badgeRank: 1", "badgeRnk: 1")
    run = start("pull_request", code=3)
    assert re.search(r"^::error file=manifests/badges.yaml,line=\d+", run.log, re.MULTILINE)
    assert github.calls == []


def test_a_blocked_plan_is_told_and_fails(start: Start, github: GitHub, project: Path) -> None:
    configure(project, "sandbox, limits: {max_changes: 1}")
    run = start("pull_request", code=4)
    assert "limits.max_changes is 1" in github.comments[0]["body"]
    assert "::error::capsync plan ended with exit code 4" in run.log


def test_what_fails_without_a_report_is_told_too(
    start: Start, github: GitHub, project: Path
) -> None:
    configure(project, "'http://127.0.0.1:9', auth: {type: oauth, key: k, secret: s}")
    run = start("pull_request", code=1)
    assert "capsync plan failed" in github.comments[0]["body"]
    assert "Exit code 1" in run.summary


def test_a_push_to_the_default_branch_applies(start: Start, github: GitHub) -> None:
    run = start("push")
    assert "Applied: 6 done" in run.summary
    assert run.outputs[""]["exit-code"] == "0"
    assert start("push").outputs["plan"]["code"] == "0"
    assert github.calls == []


@pytest.mark.parametrize(
    ("event", "ref"), [("push", "refs/heads/feature"), ("workflow_dispatch", "")]
)
def test_nothing_else_applies(start: Start, event: str, ref: str) -> None:
    run = start(event, ref=ref)
    assert "Apply" not in run.ran
    assert run.outputs["plan"]["code"] == "2"


def test_the_command_can_be_chosen(start: Start) -> None:
    assert "Apply" in start("workflow_dispatch", command="apply").ran
    assert "Audit" in start("workflow_dispatch", command="drift").ran
    assert "::error::command is auto" in start("push", code=64, command="destroy").log


def test_arguments_are_split_as_in_a_shell(start: Start) -> None:
    run = start("pull_request", arguments="--target 'BadgeGroup/*' --refresh full")
    plan = json.loads(Path(run.outputs[""]["plan"]).read_text())
    assert [change["address"] for change in plan["changes"]] == ["BadgeGroup/explorers"]


def test_exactly_the_reviewed_plan_is_applied(start: Start, github: GitHub, project: Path) -> None:
    reviewed = start("pull_request", arguments="--target BadgeGroup")
    plan = Path(reviewed.outputs[""]["plan"]).read_text()
    github.artifacts = {"capsync-plan-default-head-sha": plan}
    github.pulls = [
        {"number": 6, "merged_at": None, "head": {"sha": "other"}},
        {"number": 7, "merged_at": "2027-01-05T09:00:00Z", "head": {"sha": "head-sha"}},
    ]
    run = start("push", reviewed="true")
    assert "Applied: 1 done" in run.summary
    archives = [authorized for _, path, authorized in github.calls if "/archive/" in path]
    assert archives == [False]
    edit(project, "rank: 1\n", "rank: 2\n")
    assert "stale" in start("push", code=4, reviewed="true").log


@pytest.mark.parametrize("merged", [None, "2027-01-05T09:00:00Z"])
def test_without_a_reviewed_plan_nothing_is_applied(
    start: Start, github: GitHub, merged: str | None
) -> None:
    github.pulls = [{"number": 7, "merged_at": merged, "head": {"sha": "head-sha"}}]
    run = start("push", code=4, reviewed="true")
    assert "::error::" in run.log
    assert "Plan" not in run.ran


def test_nightly_drift_keeps_an_issue(start: Start, github: GitHub, project: Path) -> None:
    github.issues = [{"id": 1, "number": 1, "state": "open", "body": None}]
    start("push")
    start("schedule")
    assert len(github.issues) == 1
    edit(project, "badgeRank: 1", "badgeRank: 7")
    for _ in range(2):
        run = start("schedule")
    issue = github.issues[1]
    assert len(github.issues) == 2
    assert issue["title"] == "capsync: sandbox has drifted"
    assert issue["labels"] == ["capsync-drift"]
    assert "trail-walker" in issue["body"]
    assert run.outputs[""]["changed"] == "true"
    edit(project, "badgeRank: 7", "badgeRank: 1")
    start("schedule")
    assert issue["state"] == "closed"
    assert "No drift any more" in issue["comment"]


def test_refused_comments_are_only_a_warning(start: Start, github: GitHub) -> None:
    github.refuses = True
    run = start("pull_request")
    assert "::warning::the comment could not be written: HTTP Error 403" in run.log
    assert "6 to create" in run.summary


def test_comment_issue_and_artifact_can_be_left_out(
    start: Start, github: GitHub, project: Path
) -> None:
    run = start("pull_request", comment="false", artifact="false")
    start("schedule", issue="false")
    assert github.calls == []
    assert [each.split("@")[0] for each in run.used] == ["actions/setup-python"]


def test_inputs_reach_shells_only_through_variables() -> None:
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
