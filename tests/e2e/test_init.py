from __future__ import annotations

from pathlib import Path

from tests.e2e.conftest import Capsync


def test_init_writes_a_project(capsync: Capsync, tmp_path: Path) -> None:
    done = capsync("init", "acme")
    assert done.returncode == 0
    names = {str(p.relative_to(tmp_path / "acme")) for p in (tmp_path / "acme").rglob("*.*")}
    assert {"capsync.yaml", ".gitignore", "manifests/badges.yaml"} <= names
    assert "capsync -C acme plan" in done.stdout


def test_init_here(capsync: Capsync, tmp_path: Path) -> None:
    assert "Next: capsync plan" in capsync("init").stdout
    assert (tmp_path / "capsync.yaml").exists()


def test_init_never_overwrites(capsync: Capsync, tmp_path: Path) -> None:
    (tmp_path / "capsync.yaml").write_text("mine\n")
    done = capsync("init")
    assert done.returncode == 1
    assert "capsync.yaml already" in done.stderr
    assert [p.name for p in tmp_path.iterdir() if p.name != "home"] == ["capsync.yaml"]
    assert (tmp_path / "capsync.yaml").read_text() == "mine\n"


def test_init_where_nothing_can_be_written(capsync: Capsync, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = capsync("init", "file/inside")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "can not be written" in done.stderr


def test_a_new_project_validates_plans_applies_and_settles(
    capsync: Capsync, tmp_path: Path
) -> None:
    project = tmp_path / "acme"
    capsync("init", project)
    for args, code in (
        (["validate"], 0),
        (["plan", "--detailed-exitcode"], 2),
        (["apply", "--yes"], 0),
        (["plan", "--detailed-exitcode"], 0),
    ):
        done = capsync(*args, cwd=project)
        assert done.returncode == code, done.stdout + done.stderr


def test_init_has_a_manifest_of_each_family(capsync: Capsync, tmp_path: Path) -> None:
    from capsync.kinds import KINDS
    from capsync.manifests import read_project

    capsync("init", "acme")
    resources = read_project(tmp_path / "acme", environ={}).resources
    families = {KINDS[resource.address.kind].family for resource in resources}
    assert families >= {"coupons", "badges", "rewards", "targets", "fields", "events"}
