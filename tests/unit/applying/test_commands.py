"""Saved plans, undo and what is remembered, through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from capsync.cli.main import run as run_command
from tests.projects import CONFIG, write_project
from tests.unit.applying.org import BADGE, GROUP, HOOK, VENDOR

Run = Callable[..., tuple[int, str, str]]
ENVIRONMENTS = {
    "sandbox": {"endpoint": "sandbox", "org_id": 100737},
    # Nothing listens there.
    "prod": {"endpoint": "http://127.0.0.1:9", "org_id": 100737},
}


def _manifests(description: str, header: str = "Basic TOP-SECRET") -> list[dict[str, Any]]:
    hook = {**HOOK, "webHookHeaders": {"Authorization": header}}
    return [
        {"kind": "BadgeGroup", "name": "explorers", "spec": GROUP},
        {"kind": "Badge", "name": "walker", "spec": {**BADGE, "description": description}},
        {"kind": "NotificationWebhook", "name": "crm", "spec": hook},
        {"kind": "Vendor", "name": "quayside", "spec": VENDOR},
    ]


def _write(folder: Path, *args: str) -> None:
    write_project(folder, _manifests(*args), {**CONFIG, "environments": ENVIRONMENTS})


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs commands on an applied project that was edited since: exit code, stdout, stderr."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "locks"))

    def command(*args: str) -> tuple[int, str, str]:
        code = run_command(["-q", "-C", str(tmp_path), *args])
        return code, *capsys.readouterr()

    _write(tmp_path, "Walk four trails")
    assert command("apply", "--yes")[0] == 0
    _write(tmp_path, "Walk five trails", "Basic NEW-SECRET")
    return command


def _last_run(out: str) -> str:
    return out.rsplit("capsync undo ", 1)[1].split("`")[0]


def test_a_saved_plan_is_carried_out_and_then_is_done_already(run: Run) -> None:
    assert run("plan", "--out", "plan.json")[0] == 0
    assert "2 done (2 writes sent)" in run("apply", "plan.json", "--yes")[1]
    code, out, _ = run("apply", "plan.json", "--yes")
    assert code == 0
    assert "Badge/walker: is as planned already" in out
    assert "Nothing to apply." in out


def test_a_saved_plan_of_another_environment_is_refused_before_anything_is_asked(run: Run) -> None:
    run("plan", "--out", "plan.json")
    code, _, err = run("-e", "prod", "apply", "plan.json", "--yes")
    assert code == 4
    assert "the saved plan is for environment sandbox, this is prod" in err


def test_a_saved_plan_is_refused_with_all_three_values(run: Run, tmp_path: Path) -> None:
    run("plan", "--out", "plan.json")
    _write(tmp_path, "Walk six trails")
    assert run("apply", "--yes", "--target", "Badge")[0] == 0
    _write(tmp_path, "Walk five trails")
    code, _, err = run("apply", "plan.json", "--yes")
    assert code == 4
    assert (
        'Badge/walker: description: was "Walk four trails", planned "Walk five trails",'
        ' live is "Walk six trails"'
    ) in err


def test_a_saved_plan_has_its_options(run: Run) -> None:
    run("plan", "--out", "plan.json")
    assert run("apply", "plan.json", "--yes", "--prune", "owned")[0] == 64
    assert run("apply", "plan.json")[0] == 64
    assert run("apply", "other.json", "--yes")[0] == 1


def test_undo(run: Run) -> None:
    name = _last_run(run("apply", "--yes")[1])
    code, out, err = run("undo", name)
    assert code == 0
    assert '"Walk five trails" -> "Walk four trails"' in out
    assert "Not restored: NotificationWebhook/crm: webHookHeaders was not kept, so it stays" in err
    assert run("undo", name, "--apply", "--yes")[0] == 0
    assert '"Walk four trails" -> "Walk five trails"' in run("plan")[1]
    code, _, err = run("undo", "nothing")
    assert code == 1
    assert name in err


def test_no_secret_is_in_anything_that_is_kept_or_printed(run: Run, tmp_path: Path) -> None:
    said = [run("plan", "--out", "plan.json")]
    said += [run("plan", "--format", form) for form in ("json", "markdown", "html")]
    said += [run("apply", "plan.json", "--yes", "--format", "json")]
    (history,) = (tmp_path / ".capsync" / "history").iterdir()
    said += [run("undo", history.name), run("state", "pull"), run("drift")]
    said += [run("state", "show", "Vendor/quayside")]
    files = [tmp_path / "plan.json", *(tmp_path / ".capsync").rglob("*")]
    kept = {path: path.read_bytes() for path in files if path.is_file()}
    assert {path.suffix for path in kept} >= {".json", ".jsonl"}
    assert not [path for path, data in kept.items() if b"-SECRET" in data]
    assert not [each for each in said if "-SECRET" in each[1] + each[2]]
    entry = json.loads(said[-1][1])
    assert list(entry["hidden"]) == ["vendorDetails"]
