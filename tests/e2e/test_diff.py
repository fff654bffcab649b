from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema

from tests.e2e.conftest import ROOT, Capsync
from tests.e2e.serving import serving


def test_two_orgs(tmp_path: Path, capsync: Capsync, environ: dict[str, str]) -> None:
    project = tmp_path / "quickstart"
    shutil.copytree(ROOT / "examples/quickstart", project)
    with serving(tmp_path, environ) as url:
        (project / "capsync.yaml").write_text(
            "version: 1\nproject: p\nmanifests: [manifests]\n"
            "variables: {discount: 10, valid_until: '2035-12-31T00:00:00Z'}\n"
            "environments:\n  here: {endpoint: sandbox}\n"
            f"  there: {{endpoint: '{url}', org_id: 100737, rate_limit: 60000/min,"
            " auth: {type: oauth, key: sandbox, secret: sandbox}, variables: {discount: 20}}\n"
        )
        for name in ("here", "there"):
            assert capsync("apply", "--yes", "-e", name, cwd=project).returncode == 0
        # The sandbox's own sample data is as old as the sandbox, so it is left out.
        groups = ("diff", "here", "there", "--kind", "BadgeGroup")
        same = capsync(*groups, cwd=project)
        assert same.returncode == 0, same.stdout + same.stderr
        assert "here and there do not differ" in same.stdout

        manifest = project / "manifests/badges.yaml"
        manifest.write_text(manifest.read_text().replace("rank: 1", "rank: 8"))
        assert capsync("apply", "--yes", "-e", "there", cwd=project).returncode == 0
        done = capsync(*groups, "--format", "json", cwd=project)
        assert done.returncode == 2, done.stderr
        [difference] = json.loads(done.stdout)["differences"]
        assert difference["what"] == "changed"
        assert difference["natural_key"] == "Explorers"
        assert difference["fields"] == [{"path": "rank", "before": 1, "after": 8}]


def test_ids_that_differ_do_not_show(
    tmp_path: Path, capsync: Capsync, environ: dict[str, str]
) -> None:
    """The same project in two orgs of which one has given out ids before."""
    project = tmp_path / "quickstart"
    shutil.copytree(ROOT / "examples/quickstart", project)
    folders = [tmp_path / name for name in ("left", "right")]
    for folder in folders:
        folder.mkdir()
    with serving(folders[0], environ) as left, serving(folders[1], environ) as right:
        more = (
            "org_id: 100737, rate_limit: none, auth: {type: oauth, key: sandbox, secret: sandbox}"
        )
        (project / "capsync.yaml").write_text(
            "version: 1\nproject: p\nmanifests: [manifests]\n"
            "variables: {discount: 10, valid_until: '2035-12-31T00:00:00Z'}\n"
            f"environments:\n  left: {{endpoint: '{left}', {more}}}\n"
            f"  right: {{endpoint: '{right}', {more}}}\n"
            f"  before: {{endpoint: '{right}', {more}, variables: {{discount: 30}}}}\n"
        )
        for name in ("before", "left", "right"):
            ran = capsync("apply", "--yes", "-e", name, cwd=project)
            assert ran.returncode == 0, ran.stdout + ran.stderr
        ids = [
            json.loads(capsync("plan", "--format", "json", "-e", name, cwd=project).stdout)
            for name in ("left", "right")
        ]
        series = [{each["address"]: each["id"] for each in plan["changes"]} for plan in ids]
        assert series[0]["CouponSeries/welcome"] != series[1]["CouponSeries/welcome"]

        # The sandbox's own badges are as old as the sandbox, so they are left out.
        own = ["--target", "Badge/trail-walker", "--target", "BadgeGroup"]
        badges = capsync("diff", "left", "right", *own, "--kind", "Badge", cwd=project)
        assert badges.returncode == 0, badges.stdout + badges.stderr
        done = capsync(
            "diff",
            "left",
            "right",
            *own,
            "--target",
            "CouponSeries",
            "--format",
            "json",
            cwd=project,
        )
        assert done.returncode == 2, done.stderr
        document = json.loads(done.stdout)
        schema = json.loads((ROOT / "schemas/diff.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(document)
        assert len(document["differences"]) == 1, document["differences"][0]["fields"]
        [difference] = document["differences"]
        assert difference["what"] == "only_right"
        assert difference["natural_key"] == "Welcome 30 % off"


def test_unknown_kinds_and_environments(tmp_path: Path, capsync: Capsync) -> None:
    assert capsync("init").returncode == 0
    assert capsync("diff", "sandbox", "nope").returncode == 3
    assert capsync("diff", "sandbox", "uat", "--kind", "Nope").returncode == 64
