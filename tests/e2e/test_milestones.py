"""The example of milestones through the real command line, against an org on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from capsync.sandbox.app import Sandbox
from capsync.sandbox.serve import serving
from tests.e2e.conftest import ROOT, Capsync

Json = Any
Run = Callable[..., str]
PROMOTION = "LoyaltyPromotion/summer-swims"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The base URL of an org that wants no credentials."""
    sandbox = Sandbox(tmp_path / "org.db", org_id=100737, auth=False)
    with serving(sandbox) as url:
        yield url
    sandbox.close()


@pytest.fixture
def project(tmp_path: Path, url: str) -> Path:
    """The manifests of the example, for that org alone."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "examples/milestones/manifests", folder / "manifests")
    settings = yaml.safe_load((ROOT / "examples/milestones/capsync.yaml").read_text())
    environment = {
        "endpoint": url,
        "org_id": 100737,
        "auth": {"type": "oauth", "key": "sandbox", "secret": "${env.ORG_SECRET}"},
        "rate_limit": "60000/min",
    }
    settings |= {"default_environment": "org", "environments": {"org": environment}}
    (folder / "capsync.yaml").write_text(yaml.safe_dump(settings))
    return folder


@pytest.fixture
def run(capsync: Capsync, project: Path) -> Run:
    """What a command prints in the project, after a look at its exit code."""

    def done(*args: str | Path, code: int = 0) -> str:
        ran = capsync(*args, cwd=project, ORG_SECRET="sandbox")
        assert ran.returncode == code, ran.stdout + ran.stderr
        assert "Traceback" not in ran.stderr
        return ran.stdout

    return done


def _replace(project: Path, file: str, old: str, new: str) -> None:
    path = project / "manifests" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def _console(url: str, method: str, path: str, body: Json = None) -> Json:
    """A call of somebody else."""
    answer = httpx.request(method, url + path, json=body).json()
    assert not answer["errors"], answer
    return answer["data"]


def test_a_child_is_a_small_plan_and_one_call(run: Run, project: Path) -> None:
    assert "5 resources: no problems" in run("validate")
    assert "Applied: 5 done" in run("apply", "--yes")
    assert "No changes" in run("plan", "--detailed-exitcode")
    shutil.rmtree(project / ".capsync")
    assert "No changes" in run("plan", "--detailed-exitcode")
    _replace(project, "milestones.yaml", "{defaultValue: 350}", "{defaultValue: 355}")
    shown = run("plan", "--detailed-exitcode", code=2)
    assert "targets[Spend of the month].defaultValues" in shown
    assert "[Nov].defaultValue 350 -> 355" in shown
    assert "by: change target Spend of the month (PUT /v3/targetGroups/" in shown
    assert "1 write to make" in shown
    assert "(1 write sent)" in run("apply", "--yes")
    assert "No changes" in run("plan", "--detailed-exitcode")


def test_a_checker_approves_what_apply_submits(run: Run, project: Path, url: str) -> None:
    run("apply", "--yes")
    [promotion] = _console(url, "GET", "/v3/promotions")["content"]
    review = f"/v3/promotions/{promotion['id']}/review"
    _console(url, "POST", review, {"approvalStatus": "APPROVE"})
    assert "No changes" in run("plan", "--detailed-exitcode")
    _replace(project, "promotions.yaml", "Nine purchases in June give", "Ten purchases give")
    shown = run("plan", "--target", PROMOTION)
    assert "1. save a draft" in shown
    assert "2. submit for approval" in shown
    assert "(2 writes sent)" in run("apply", "--yes")
    assert "No changes" in run("plan", "--detailed-exitcode")
    live = _console(url, "GET", f"/v3/promotions/{promotion['id']}")
    assert live["metadata"]["description"] == "Nine purchases in June give a badge and a coupon"
    (project / "manifests/promotions.yaml").write_text("")
    shown = run("plan", "--prune", "owned", code=4)
    assert "blocked (stop) " + PROMOTION in shown
    assert "pass --allow-irreversible" in shown


def test_an_export_plans_to_nothing(run: Run, project: Path) -> None:
    run("apply", "--yes")
    shutil.rmtree(project / "manifests")
    shutil.rmtree(project / ".capsync")
    (project / "manifests").mkdir()
    kinds = ("TargetGroup", "LoyaltyPromotion", "Badge", "CouponSeries")
    run("export", "--out", "manifests", *(f"--kind={kind}" for kind in kinds))
    assert "No changes" in run("plan", "--detailed-exitcode")
