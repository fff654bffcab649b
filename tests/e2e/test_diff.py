from __future__ import annotations

import json
import shutil
from pathlib import Path

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
            f"  there: {{endpoint: '{url}', org_id: 100737,"
            " auth: {type: oauth, key: sandbox, secret: sandbox}, variables: {discount: 20}}\n"
        )
        assert capsync("diff", "here", "there", cwd=project).returncode == 0
        for name in ("here", "there"):
            assert capsync("apply", "--yes", "-e", name, cwd=project).returncode == 0
        done = capsync("diff", "here", "there", "--format", "json", cwd=project)
        assert done.returncode == 2, done.stderr
        differing = {each["address"]: each for each in json.loads(done.stdout)["differences"]}
        # Coupon series are paired by their name, which holds the discount here.
        assert {each["what"] for each in differing.values()} == {
            "only_left",
            "only_right",
            "changed",
        }
        only = capsync("diff", "here", "there", "--kind", "BadgeGroup", cwd=project)
        assert only.returncode == 0, only.stdout
        assert "do not differ" in only.stdout


def test_unknown_kinds_and_environments(tmp_path: Path, capsync: Capsync) -> None:
    assert capsync("init").returncode == 0
    assert capsync("diff", "sandbox", "nope").returncode == 3
    assert capsync("diff", "sandbox", "uat", "--kind", "Nope").returncode == 64
