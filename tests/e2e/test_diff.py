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


def test_unknown_kinds_and_environments(tmp_path: Path, capsync: Capsync) -> None:
    assert capsync("init").returncode == 0
    assert capsync("diff", "sandbox", "nope").returncode == 3
    assert capsync("diff", "sandbox", "uat", "--kind", "Nope").returncode == 64
