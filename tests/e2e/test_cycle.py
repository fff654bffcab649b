from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from tests.conftest import Golden
from tests.e2e.conftest import ROOT, Capsync

Run = Callable[..., str]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The quickstart example, untouched."""
    folder = tmp_path / "quickstart"
    shutil.copytree(ROOT / "examples/quickstart", folder)
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


def steady(text: str) -> str:
    """The text with ids that differ from run to run replaced."""
    text = re.sub(r"\b[0-9a-f]{24}\b", "<object id>", text)
    text = re.sub(r" at 20\d\d-\S+Z\b", " at <time>", text)
    return re.sub(r"\b\d{8}T\d{6}-[0-9a-f]+\b", "<run>", text)


def edit(project: Path, old: str, new: str, name: str = "manifests/badges.yaml") -> None:
    path = project / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_text_of_the_whole_cycle(run: Run, project: Path, golden: Golden) -> None:
    said = [run("validate"), run("plan", "--detailed-exitcode", code=2), run("apply", "--yes")]
    said.append(run("plan", "--detailed-exitcode"))
    edit(project, "badgeRank: 1", "badgeRank: 7")
    edit(project, "Come back, 5 off", "Come back, 6 off", "manifests/coupons.yaml")
    said += [run("plan"), run("drift", code=2), run("apply", "--yes"), run("plan", "-v")]
    golden("cycle.txt", steady("\n----\n".join(said)))


def test_a_plan_is_the_same_twice_but_for_its_time(run: Run) -> None:
    plans = [json.loads(run("plan", "--format", "json")) for _ in range(2)]
    for plan in plans:
        del plan["created_at"]
    assert plans[0] == plans[1]


def test_json_plans_follow_the_schema(run: Run, project: Path) -> None:
    schema = json.loads((ROOT / "schemas/plan.schema.json").read_text())
    check = jsonschema.Draft202012Validator(schema)
    check.validate(json.loads(run("plan", "--format", "json")))
    run("apply", "--yes")
    edit(project, "badgeRank: 2", "badgeRank: 3")
    document = json.loads(run("plan", "--format", "json"))
    check.validate(document)
    [change] = [each for each in document["changes"] if each["action"] != "noop"]
    [field] = change["fields"]
    assert (field["path"], field["before"], field["after"]) == ("badgeRank", 2, 3)
    lines = (project / "manifests/badges.yaml").read_text().splitlines()
    line = lines.index("  badgeRank: 3") + 1
    assert field["source"] == {"file": "manifests/badges.yaml", "line": line}


def test_progress_goes_to_stderr_and_quiet_silences_it(capsync: Capsync, project: Path) -> None:
    ran = capsync("plan", "-q", cwd=project)
    assert ran.stderr == ""
    assert "Plan: 6 to create" in ran.stdout


def test_no_colours_without_a_terminal(run: Run) -> None:
    assert "\x1b" not in run("plan")


def test_target_plans_what_it_needs_and_no_more(run: Run) -> None:
    document = json.loads(run("plan", "--format", "json", "--target", "Badge/trail-*"))
    addresses = {change["address"] for change in document["changes"]}
    assert {"Badge/trail-walker", "BadgeGroup/explorers", "CouponSeries/welcome"} <= addresses
    assert "Badge/ridge-runner" not in addresses


def test_saved_plans(run: Run, project: Path, capsync: Capsync) -> None:
    run("plan", "--out", "plan.json")
    run("apply", "plan.json", "--yes")
    run("plan", "--detailed-exitcode")
    ran = capsync("apply", "plan.json", "--yes", "--target", "Badge", cwd=project)
    assert ran.returncode == 64
    assert "saved plan has its options" in ran.stderr


def test_a_stale_plan_writes_nothing(run: Run, project: Path, capsync: Capsync) -> None:
    run("apply", "--yes")
    edit(project, "badgeRank: 1", "badgeRank: 5")
    run("plan", "--out", "plan.json")
    edit(project, "badgeRank: 5", "badgeRank: 6")
    run("apply", "--yes")
    edit(project, "badgeRank: 6", "badgeRank: 5")
    ran = capsync("apply", "plan.json", "--yes", cwd=project)
    assert ran.returncode == 4
    assert "stale" in ran.stderr


@pytest.mark.parametrize("text", ["", "{}", "[1]", "not json", '{"format": "other/1"}'])
def test_files_that_are_no_plans(text: str, capsync: Capsync, project: Path) -> None:
    (project / "plan.json").write_text(text)
    ran = capsync("apply", "plan.json", "--yes", cwd=project)
    assert ran.returncode == 1
    assert "is not a saved plan" in ran.stderr


def test_plans_of_another_major_version_are_refused(capsync: Capsync, project: Path) -> None:
    (project / "plan.json").write_text('{"format": "capsync.plan/2"}')
    assert capsync("apply", "plan.json", "--yes", cwd=project).returncode == 4


def test_undo_goes_back(run: Run, project: Path) -> None:
    run("apply", "--yes")
    edit(project, "badgeRank: 1", "badgeRank: 9")
    said = run("apply", "--yes")
    found = re.search(r"capsync undo (\S+?)`", said)
    assert found is not None
    planned = run("undo", found[1])
    assert re.search(r"badgeRank +9 -> 1$", planned, re.MULTILINE)  # the file has another value
    run("undo", found[1], "--apply", "--yes")
    assert re.search(r"badgeRank +1 -> 9", run("plan"))


def test_why(run: Run) -> None:
    run("apply", "--yes")
    said = run("plan", "--why", "Badge/trail-walker:startOn")
    assert "Badge/trail-walker:startOn  equal" in said
    assert "org, as answered" in said
    [entry] = json.loads(run("plan", "--why", "Badge/trail-walker:badgeRank", "--format", "json"))
    assert entry["equal"] is True


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("Badge/trail-walkr", "did you mean Badge/trail-walker?"),
        ("Badge/trail-walker:badgeRnak", "did you mean badgeRank?"),
    ],
)
def test_why_of_what_there_is_not(capsync: Capsync, project: Path, asked: str, hint: str) -> None:
    done = capsync("plan", "--why", asked, cwd=project)
    assert done.returncode == 64
    assert hint in done.stderr


def test_overlays_and_variables_of_an_environment(run: Run, project: Path) -> None:
    edit(project, "endpoint: https://eu.api.capillarytech.com", "endpoint: sandbox", "capsync.yaml")
    edit(project, '    auth: {type: oauth, key: "${env.CAPSYNC_KEY}",', "    # ", "capsync.yaml")
    said = run("plan", "-e", "uat")
    assert "Welcome 15 % off" in said
    assert "TEST, {{first_name}}" in said


def test_doctor(run: Run) -> None:
    said = run("doctor")
    assert "All is well." in said
    assert "BadgeGroup" in said


def test_graph(run: Run, project: Path) -> None:
    said = run("graph")
    assert '["Badge/trail-walker"]' in said
    assert said.count("-->") == 3
    assert run("graph", "--format", "dot").startswith("digraph")
    run("graph", "--format", "html", "-o", "graph.html")
    assert "<svg" in (project / "graph.html").read_text()


def test_reports_as_files(run: Run, project: Path) -> None:
    assert run("plan", "--format", "markdown", "-o", "plan.md") == ""
    assert (project / "plan.md").read_text().startswith("<!-- capsync plan sandbox -->")
    run("plan", "--format", "html", "-o", "plan.html")
    assert "Badge/trail-walker" in (project / "plan.html").read_text()
    for form in ("text", "json", "markdown", "html", "junit", "sarif"):
        run("drift", "--format", form, "-o", f"drift.{form}", code=2)
        assert (project / f"drift.{form}").stat().st_size > 100


def test_export_plans_to_nothing(run: Run, project: Path) -> None:
    run("apply", "--yes")
    shutil.rmtree(project / "manifests")
    (project / "manifests").mkdir()
    said = run("export")
    assert "Wrote" in said
    assert (project / "manifests/Badge/trail-walker.yaml").exists()
    assert "ref: " in (project / "manifests/Badge/trail-walker.yaml").read_text()
    run("validate")
    run("plan", "--detailed-exitcode")


def test_the_sandbox_can_be_emptied(run: Run, project: Path) -> None:
    run("apply", "--yes")
    run("sandbox", "reset")
    shutil.rmtree(project / ".capsync")
    assert "6 to create" in run("plan")
    with sqlite3.connect(project / ".capsync-sandbox.db") as data:
        assert data.execute("select count(*) from documents").fetchone()[0] > 0
    for flags, count in (([], 6), (["--empty"], 0)):
        run("sandbox", "reset", *flags)
        out = project.with_name(f"out-{count}")
        run("export", "--kind", "CouponSeries", "--out", str(out))
        assert len(list(out.rglob("*.yaml"))) == count


def test_an_export_of_nothing_is_64(capsync: Capsync, project: Path) -> None:
    for target in ("CouponSeris", "CouponSeries/nope"):
        done = capsync("export", "--target", target, cwd=project)
        assert done.returncode == 64
        assert "picks no" in done.stderr
    assert not (project / "manifests/CouponSeries").exists()


def test_a_target_that_picks_nothing_is_64(capsync: Capsync, project: Path) -> None:
    for command in (["plan"], ["apply", "--yes"], ["drift"], ["plan", "--resend", "Badge/nope"]):
        done = capsync(*command, "--target", "Badge/trail-walkr", cwd=project)
        assert done.returncode == 64, done.stdout + done.stderr
        assert "picks no resource" in done.stderr


def test_targets_limit_what_is_read(run: Run) -> None:
    run("apply", "--yes")
    reads = [
        json.loads(run("plan", "--format", "json", *args))["requests"]["read"]
        for args in ([], ["--target", "BadgeGroup"])
    ]
    assert reads[1] < reads[0]


def test_what_may_not_be_adopted_is_not_said_to_be(run: Run, project: Path) -> None:
    run("apply", "--yes")
    shutil.rmtree(project / ".capsync")
    said = run("plan", "--no-adopt", code=4)
    assert "--no-adopt is set" in said
    assert "adopts live" not in said


def test_secrets_in_the_file_are_told_where_they_count(run: Run, project: Path) -> None:
    edit(project, '"${env.CAPSYNC_SECRET}"', "hush", "capsync.yaml")
    assert "a secret stands in the file" in run("validate")
    assert "a secret stands in the file" not in run("plan")
    edit(project, "badgeRank: 1", "badgeRank: one")
    assert "a secret stands in the file" not in run("plan", code=3)
