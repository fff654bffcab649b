"""The rewards catalog of the examples through the real command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import ROOT, Capsync

Run = Callable[..., str]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The example, untouched."""
    folder = tmp_path / "rewards-catalog"
    leave_out = shutil.ignore_patterns(".capsync*")
    shutil.copytree(ROOT / "examples/rewards-catalog", folder, ignore=leave_out)
    return folder


@pytest.fixture
def run(capsync: Capsync, project: Path) -> Run:
    """What a command prints in the project, after a look at its exit code."""

    def done(*args: str, code: int = 0) -> str:
        ran = capsync(*args, cwd=project)
        assert ran.returncode == code, ran.stdout + ran.stderr
        assert "Traceback" not in ran.stderr
        return ran.stdout

    return done


def _plan(run: Run, code: int = 0) -> Any:
    return json.loads(run("plan", "--format", "json", "--detailed-exitcode", code=code))


def test_it_applies_and_plans_to_nothing(run: Run, project: Path) -> None:
    assert "45 resources: no problems" in run("validate")
    summary = _plan(run, code=2)["summary"]
    assert sum(summary.values()) == 45
    assert summary["blocked"] == 0
    assert "45 done" in run("apply", "--yes")
    assert _plan(run)["summary"]["noop"] == 45
    shutil.rmtree(project / ".capsync")
    assert _plan(run)["summary"]["noop"] == 45


def test_one_field_is_one_write_and_a_new_image_one_upload(run: Run, project: Path) -> None:
    run("apply", "--yes")
    path = project / "manifests/rewards/own.yaml"
    path.write_text(path.read_text().replace("Stoneware, 350 ml", "Stoneware, 400 ml"))
    plan = _plan(run, code=2)
    (changed,) = [each for each in plan["changes"] if each["action"] != "noop"]
    (field,) = changed["fields"]
    assert field["path"] == "languageSpecificInfo[en].description"
    assert plan["requests"]["write"] == 1
    run("apply", "--yes")
    images = project / "manifests/images"
    shutil.copy(images / "spa.png", images / "mug.png")
    shutil.copy(images / "trees.png", images / "espresso.png")
    (images / "espresso.png").write_bytes((images / "espresso.png").read_bytes() + b"\0")
    plan = _plan(run, code=2)
    changed_addresses = [each["address"] for each in plan["changes"] if each["action"] != "noop"]
    assert changed_addresses == ["Reward/espresso-set", "Reward/mug"]
    # The mug's new picture is in the org already; the set's is uploaded once.
    assert plan["requests"]["write"] == 3
    run("apply", "--yes")
    assert _plan(run)["summary"]["noop"] == 45
    assert run("drift")


def test_the_overlay_of_the_test_org_fits(capsync: Capsync, project: Path) -> None:
    names = ("CAPSYNC_KEY", "CAPSYNC_SECRET", "QUAYSIDE_KEY", "ROASTERS_KEY")
    ran = capsync("-e", "uat", "validate", cwd=project, **dict.fromkeys(names, "x"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
