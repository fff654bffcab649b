"""Exports into projects that have something already."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import Capsync
from tests.e2e.serving import serving
from tests.projects import CONFIG, write_project
from tests.sandbox.rewards_world import BRAND

GROUPS = [
    {"kind": "BadgeGroup", "name": name, "spec": {"name": title, "rank": rank}}
    for name, title, rank in (("one", "Northern", 1), ("two", "Southern", 2))
]
MANIFEST = """\
# Kept by hand.
apiVersion: capsync/v1
kind: BadgeGroup
metadata: {name: of-the-north} # a name of our own
spec:
  name: Northern
  rank: ${var.rank}
"""
BADGE = {
    "kind": "Badge",
    "name": "badge",
    "spec": {
        "name": "Trail Walker",
        "startOn": "2034-01-01T00:00:00Z",
        "expiresOn": "2035-12-31T23:59:59Z",
        "earnType": "EARN",
        "earnedBadgeExpiry": {"expiryType": "NEVER"},
        "ownership": {"restrictedToOwners": ["Loyalty"]},
        "badgeGroupId": {"ref": "one"},
    },
}
OWN = ["--target", "BadgeGroup/*th*", "--target", "Badge/trail-walker"]


@pytest.fixture
def project(tmp_path: Path, capsync: Capsync) -> Path:
    """A project that declares one of three objects of its org, with a variable."""
    root = write_project(tmp_path / "elsewhere", [*GROUPS, BADGE])
    assert capsync("apply", "--yes", cwd=root).returncode == 0
    mine = write_project(tmp_path / "mine", [], dict(CONFIG) | {"variables": {"rank": 1}})
    (mine / "manifests/all.yaml").unlink()
    (mine / "manifests/groups.yaml").write_text(MANIFEST)
    (root / ".capsync-sandbox.db").rename(mine / ".capsync-sandbox.db")
    return mine


def test_an_export_adds_what_is_new_and_rewrites_nothing(project: Path, capsync: Capsync) -> None:
    done = capsync("export", *OWN, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "In the project already, left as they are: 1 resource." in done.stdout
    files = {path.name for path in (project / "manifests").rglob("*.yaml")}
    assert files == {"groups.yaml", "southern.yaml", "trail-walker.yaml"}
    assert (project / "manifests/groups.yaml").read_text() == MANIFEST
    badge = (project / "manifests/Badge/trail-walker.yaml").read_text()
    assert re.search(r"badgeGroupId:\s+\{?\s*ref: of-the-north", badge), badge
    planned = capsync("plan", "--detailed-exitcode", cwd=project)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert "3 to adopt" in planned.stdout


def test_a_second_export_finds_nothing_new(project: Path, capsync: Capsync) -> None:
    assert capsync("export", *OWN, cwd=project).returncode == 0
    before = {path: path.read_bytes() for path in project.rglob("*.yaml")}
    done = capsync("export", *OWN, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Wrote 0 manifests." in done.stdout
    assert {path: path.read_bytes() for path in project.rglob("*.yaml")} == before


def test_names_of_resources_that_are_not_in_the_org_yet_are_taken(
    project: Path, capsync: Capsync
) -> None:
    (project / "manifests/new.yaml").write_text(
        "apiVersion: capsync/v1\nkind: BadgeGroup\nmetadata: {name: southern}\n"
        "spec: {name: Another southern one, rank: 9}\n"
    )
    done = capsync("export", *OWN, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    planned = capsync("plan", cwd=project)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert "Plan: 1 to create, 3 to adopt" in planned.stdout


def test_what_a_target_leaves_out_is_looked_up(project: Path, capsync: Capsync) -> None:
    (project / "manifests/groups.yaml").unlink()
    some = ["--target", "Badge/trail-walker", "--target", "BadgeGroup/southern"]
    done = capsync("export", *some, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lookup: Northern" in (project / "manifests/Badge/trail-walker.yaml").read_text()
    planned = capsync("plan", "--detailed-exitcode", cwd=project)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert "2 to adopt" in planned.stdout


def test_what_the_project_has_is_referred_to(project: Path, capsync: Capsync) -> None:
    done = capsync("export", "--target", "Badge/trail-walker", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ref: of-the-north" in (project / "manifests/Badge/trail-walker.yaml").read_text()
    planned = capsync("plan", "--detailed-exitcode", cwd=project)
    assert planned.returncode == 0, planned.stdout + planned.stderr


def test_what_could_not_be_carried_is_listed_and_a_comment(project: Path, capsync: Capsync) -> None:
    hook = {
        "name": "sink",
        "eventNames": ["customerAdded"],
        "webHookUrl": "https://sink.example.com",
        "webHookType": "HTTP",
        "methodType": "POST",
        "webHookHeaders": {"Authorization": "Bearer hush"},
        "maxAllowedConnections": 10,
    }
    hooks = [{"kind": "NotificationWebhook", "name": "sink", "spec": hook}]
    other = write_project(project.parent / "hooks", hooks)
    (project / ".capsync-sandbox.db").rename(other / ".capsync-sandbox.db")
    assert capsync("apply", "--yes", cwd=other).returncode == 0
    (other / ".capsync-sandbox.db").rename(project / ".capsync-sandbox.db")
    done = capsync("export", "--target", "NotificationWebhook/sink", cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Left out, with a comment in the manifest:" in done.stdout
    assert re.search(r"NotificationWebhook/sink webHookHeaders", done.stdout)
    text = (project / "manifests/NotificationWebhook/sink.yaml").read_text()
    assert re.search(r"# webHookHeaders", text), text
    assert "hush" not in text + done.stdout
    planned = capsync("plan", "--detailed-exitcode", cwd=project)
    assert planned.returncode == 0, planned.stdout + planned.stderr


@pytest.fixture
def twins(tmp_path: Path, capsync: Capsync, environ: dict[str, str]) -> Iterator[Path]:
    """A project of two remote orgs, one with two contents of one name."""
    project = tmp_path / "twins"
    with serving(tmp_path, environ) as url:
        more = f"{{endpoint: '{url}', org_id: 100737, rate_limit: none, LAYERS"
        more += "auth: {type: oauth, key: sandbox, secret: sandbox}}"
        spec = {"name": "delivery", "scope": "REWARD", "isMandatory": False, "isActive": False}
        write_project(project, [{"kind": "RichContent", "name": "old", "spec": spec}])
        config = (
            "version: 1\ndefault_environment: uat\nenvironments:\n"
            f"  uat: {more.replace('LAYERS', 'overlays: [overlays/uat], ')}\n"
            f"  bare: {more.replace('LAYERS', '')}\n"
        )
        (project / "capsync.yaml").write_text(config)
        (project / "overlays/uat").mkdir(parents=True)
        assert capsync("apply", "--yes", cwd=project).returncode == 0
        (project / "manifests/all.yaml").unlink()
        shutil.rmtree(project / ".capsync")
        with httpx.Client(base_url=url) as client:
            login = {"key": "sandbox", "secret": "sandbox"}
            token = client.post("/v3/oauth/token/generate", json=login).json()["data"]
            body = spec | {"brandId": BRAND}
            del body["isActive"]
            headers = {"X-CAP-API-OAUTH-TOKEN": token["accessToken"]}
            path = "/api_gateway/rewards/core/v1/brand/richContentMeta"
            assert client.post(path, json=body, headers=headers).status_code == 200
        yield project


def test_ids_of_one_org_go_into_its_overlays(twins: Path, capsync: Capsync) -> None:
    done = capsync("export", "--kind", "RichContent", cwd=twins)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Wrote 2 manifests." in done.stdout
    assert "Wrote 2 overlays with ids of this org" in done.stdout
    assert "id:" not in (twins / "manifests/RichContent/delivery.yaml").read_text()
    assert "id:" in (twins / "overlays/uat/RichContent/delivery.yaml").read_text()
    planned = capsync("plan", "--detailed-exitcode", cwd=twins)
    assert planned.returncode == 0, planned.stdout + planned.stderr


def test_ids_that_have_no_place_are_told(twins: Path, capsync: Capsync) -> None:
    done = capsync("export", "--kind", "RichContent", "-e", "bare", cwd=twins)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Wrote 0 manifests." in done.stdout
    assert "RichContent/delivery: left out, other objects have its natural key too" in done.stdout
    assert capsync("validate", "-e", "bare", cwd=twins).returncode == 0
