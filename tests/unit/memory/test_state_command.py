from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from capsync.cli.main import run as run_command
from tests.projects import write_project

GROUP = {"kind": "BadgeGroup", "name": "explorers", "spec": {"name": "Explorers", "rank": 1}}
RUNNERS = {"kind": "BadgeGroup", "name": "runners", "spec": {"name": "Runners", "rank": 2}}
CRM = {
    "kind": "Vendor",
    "name": "quayside",
    "spec": {
        "name": "Quayside",
        "type": "REWARDS",
        "vendorDetails": {"clientSecret": "TOP-SECRET"},
    },
}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs commands on an applied project: exit code, stdout, stderr."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "locks"))
    monkeypatch.delenv("CI", raising=False)
    write_project(tmp_path, [GROUP, RUNNERS, CRM])

    def command(*args: str) -> tuple[int, str, str]:
        code = run_command(["-q", "-C", str(tmp_path), *args])
        out, err = capsys.readouterr()
        return code, out, err

    assert command("apply", "--yes")[0] == 0
    return command


def test_list(run: Run) -> None:
    code, out, _ = run("state", "list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == [
        "BadgeGroup/explorers",
        "BadgeGroup/runners",
        "Vendor/quayside",
    ]
    assert "made by capsync" in out
    assert len(run("state", "list", "BadgeGroup/ex*")[1].splitlines()) == 1
    assert run("state", "list", "Badge")[1] == "Nothing is remembered.\n"
    document = json.loads(run("state", "list", "--format", "json")[1])
    assert document["BadgeGroup/explorers"]["owned"] is True


def test_show_has_no_secret(run: Run) -> None:
    code, out, _ = run("state", "show", "Vendor/quayside")
    assert code == 0
    assert "TOP-SECRET" not in out
    entry = json.loads(out)
    assert entry["applied"]["name"] == "Quayside"
    assert list(entry["hidden"]) == ["vendorDetails"]
    code, _, err = run("state", "show", "Vendor/quaysid")
    assert code == 64
    assert "did you mean Vendor/quayside?" in err


def test_forget(run: Run) -> None:
    code, out, _ = run("state", "forget", "BadgeGroup")
    assert code == 0
    assert out == "forgot BadgeGroup/explorers\nforgot BadgeGroup/runners\n"
    assert len(run("state", "list")[1].splitlines()) == 1
    assert run("state", "forget", "BadgeGroup")[0] == 64
    plan = run("plan")[1]
    assert "adopts" in plan
    assert "to create" not in plan


def test_pull_and_push(run: Run, tmp_path: Path) -> None:
    backup = tmp_path / "backup.json"
    assert run("state", "pull", "-o", "backup.json")[0] == 0
    assert "TOP-SECRET" not in backup.read_text()
    run("state", "forget", "BadgeGroup")
    code, _, err = run("state", "push", "backup.json")
    assert code == 4
    assert "the kept state is newer" in err
    code, out, _ = run("state", "push", "backup.json", "--force")
    assert code == 0
    assert "3 resources, serial 3" in out
    assert len(run("state", "list")[1].splitlines()) == 3
    assert "adopts" not in run("plan")[1]


def test_a_state_of_another_org_is_pushed_by_force_only(run: Run, tmp_path: Path) -> None:
    foreign = json.loads(run("state", "pull")[1]) | {"org_id": 5, "serial": 9}
    (tmp_path / "foreign.json").write_text(json.dumps(foreign))
    code, _, err = run("state", "push", "foreign.json")
    assert code == 4
    assert "is of org 5, this is 100737" in err


@pytest.mark.parametrize("text", ["", "{}"])
def test_what_is_no_state_is_not_pushed(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    assert run("state", "push", "bad.json")[0] == 1
    assert run("state", "push", "none.json")[0] == 1


def test_unlock_where_nothing_is_locked(run: Run) -> None:
    assert run("state", "unlock") == (0, "Org 100737 is not locked.\n", "")


def test_unlock_of_a_held_lock(run: Run, tmp_path: Path) -> None:
    from capsync.memory.lock import lock_path, org_lock

    path = lock_path(str(tmp_path.resolve()), 100737)
    with org_lock(path, 100737):
        code, out, err = run("state", "unlock")
        assert (code, "is locked by" in out) == (64, True)
        assert "pass --yes" in err
        assert run("apply", "--yes")[0] == 4
        code, out, _ = run("state", "unlock", "--yes")
        assert code == 0
        assert out.endswith("Unlocked.\n")
        assert run("apply", "--yes")[0] == 0


def test_a_damaged_state_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".capsync/sandbox.state.json").write_text("{")
    code, _, err = run("plan")
    assert code == 1
    assert "move it away" in err
