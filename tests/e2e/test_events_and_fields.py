"""The example of events and fields through the real command line, against an org on loopback."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from capsync.sandbox.app import Sandbox
from capsync.sandbox.events import publish_event
from capsync.sandbox.serve import serving
from tests.e2e.conftest import ROOT, Capsync

Json = Any
Run = Callable[..., str]

TOKEN = "t0ken-of-the-crm"
FIELDS = ("CustomField/counter", "CustomField/last-service", "CustomField/riding-style")
_ADMIN = {"username": "admin1", "password": "${env.ORG_SECRET}", "key": "${env.ORG_ADMIN}"}


def configure(project: Path, url: str, **members: Json) -> None:
    """Let the project have that org alone."""
    environment = {
        "endpoint": url,
        "org_id": 100737,
        "auth": {"type": "oauth", "key": "sandbox", "secret": "${env.ORG_SECRET}"},
        "rate_limit": "60000/min",
        "variables": {"crm_url": "https://crm.example/hooks", "crm_token": "${env.CRM_TOKEN}"},
        **members,
    }
    settings = {"version": 1, "project": "northline", "manifests": ["manifests"]}
    settings |= {"default_environment": "org", "environments": {"org": environment}}
    (project / "capsync.yaml").write_text(yaml.safe_dump(settings))


def write(project: Path, name: str, *documents: Json) -> None:
    """Put these manifests in place of all others."""
    shutil.rmtree(project / "manifests")
    (project / "manifests").mkdir()
    (project / "manifests" / name).write_text(yaml.safe_dump_all(documents))


def label(local: str, name: str, **members: Json) -> Json:
    spec = {"name": name, "externalId": local, "entityType": "PRODUCT", **members}
    metadata = {"name": local}
    return {"apiVersion": "capsync/v1", "kind": "Label", "metadata": metadata, "spec": spec}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The manifests of the example."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "examples/events-and-fields/manifests", folder / "manifests")
    return folder


@pytest.fixture
def start(tmp_path: Path, project: Path) -> Iterator[Callable[..., Sandbox]]:
    """Makes an org, serves it, and lets the project have it."""
    with ExitStack() as stack:

        def started(**rules: Json) -> Sandbox:
            org = Sandbox(tmp_path / "org.db", **rules)
            stack.callback(org.close)
            configure(project, stack.enter_context(serving(org)))
            return org

        yield started


@pytest.fixture
def run(capsync: Capsync, project: Path) -> Run:
    """What a command prints in the project, after a look at its exit code."""

    def done(*args: str, code: int = 0, **variables: str) -> str:
        given = {"ORG_SECRET": "sandbox", "ORG_ADMIN": "sandbox-admin", "CRM_TOKEN": TOKEN}
        ran = capsync(*args, cwd=project, **given | variables)
        assert ran.returncode == code, ran.stdout + ran.stderr
        assert "Traceback" not in ran.stderr
        return ran.stdout + ran.stderr

    return done


def test_it_applies_and_plans_to_nothing(start: Callable[..., Sandbox], run: Run) -> None:
    org = start()
    assert "24 resources: no problems" in run("validate")
    run("plan", "--detailed-exitcode", code=2)
    assert "24 done" in run("apply", "--yes")
    assert "24 unchanged" in run("plan", "--detailed-exitcode")
    assert "No drift" in run("drift")
    posted = [call.path for call in org.calls if call.method == "POST"]
    assert posted.count("/v2/labels") == posted.count("/v2/leads/reasons") == 1
    assert posted.count("/v1.1/task/statusmapping") == 1
    assert posted.count("/v2/customFields") == 2  # of two scopes


def test_a_kind_that_may_not_be_read_fails_alone(
    start: Callable[..., Sandbox], run: Run, project: Path
) -> None:
    start(admin_required=True)
    for said in (run("plan", code=1), run("apply", "--yes", code=5), run("drift", code=1)):
        assert f"CustomField could not be read ({', '.join(FIELDS)})" in said
        assert "91032 NOT_AN_ADMIN_USER" in said
        assert "set `admin_auth` of the environment" in said
    assert "No changes in what could be read: 21 unchanged" in run("plan", code=1)
    assert "FAILED  CustomField" in run("doctor", code=1)
    settings = yaml.safe_load((project / "capsync.yaml").read_text())
    configure(project, settings["environments"]["org"]["endpoint"], admin_auth=_ADMIN)
    assert "3 to create" in run("plan")
    assert "3 done" in run("apply", "--yes")
    assert "24 unchanged" in run("plan", "--detailed-exitcode")


def test_many_labels_go_in_few_calls_and_fail_one_by_one(
    start: Callable[..., Sandbox], run: Run, project: Path
) -> None:
    org = start()
    # The org has a label Fragile, and takes names that differ in case alone for the same.
    labels = [label(f"l{place:02}", f"Label {place}") for place in range(23)]
    write(project, "labels.yaml", *labels, label("again", "FRAGILE"))
    assert "24 to create" in (plan := run("plan"))
    assert "3 writes to make" in plan
    said = run("apply", "--yes", code=5)
    assert "x Label/again failed" in said
    assert "23019 the name FRAGILE is in use for PRODUCT" in said
    assert "23 done, 1 failed (3 writes sent)" in said
    assert [(c.method, c.path) for c in org.calls].count(("POST", "/v2/labels")) == 3
    assert "1 to create, 23 unchanged" in run("plan")


def test_secrets_of_webhooks_are_nowhere(
    start: Callable[..., Sandbox], run: Run, project: Path
) -> None:
    org = start()
    said = [run("-v", "plan", "--format", form) for form in ("text", "json", "markdown", "html")]
    said += [run("-v", "apply", "--yes"), run("-v", "export", "--out", "exported")]
    said += [run("plan", "--out", "plan.json", CRM_TOKEN="an0ther-token"), run("-v", "drift")]
    said += [run("-v", "drift", "--format", "json", code=2, CRM_TOKEN="an0ther-token")]
    said += [run("apply", "plan.json", "--yes", CRM_TOKEN="an0ther-token")]
    said += [run("state", "pull"), run("undo", _runs(project)[-1], CRM_TOKEN="an0ther-token")]
    urls = [each["webHookUri"] for each in org.store.all("inbound-webhooks")]
    secrets = [TOKEN, "an0ther-token", *urls]
    assert len(secrets) == 3
    kept = [file.read_bytes().decode(errors="replace") for file in _files(project)]
    assert [secret for secret in secrets for text in [*said, *kept] if secret in text] == []


def _runs(project: Path) -> list[str]:
    return sorted(each.name for each in (project / ".capsync/history").iterdir())


def _files(project: Path) -> list[Path]:
    found = [file for file in project.rglob("*") if file.is_file()]
    assert any("journal" in str(file) for file in found)
    assert any(file.name == "plan.json" for file in found)
    return found


def test_published_events_keep_their_fields_and_disabled_ones_their_names(
    start: Callable[..., Sandbox], run: Run, project: Path
) -> None:
    org = start()
    events = project / "manifests/events.yaml"
    first, *others = yaml.safe_load_all(events.read_text())
    write(project, "events.yaml", first)
    run("apply", "--yes")
    with org.store.transaction():
        publish_event(org.store, "ride_finished")
    assert "1 unchanged" in run("plan", "--detailed-exitcode")
    spec = first["spec"]
    write(project, "events.yaml", {**first, "spec": {**spec, "fields": spec["fields"][:1]}})
    assert "the event is published, which freezes its fields" in run("plan", code=4)
    write(project, "events.yaml", *others[:1])
    assert "pass --allow-irreversible" in run("plan", "--prune", "owned", code=4)
    run("apply", "--prune", "owned", "--allow-irreversible", "--yes")
    write(project, "events.yaml", first)
    said = run("apply", "--yes", code=5)
    assert "1806 Event ride_finished exists already" in said
    assert "no list shows what holds it" in said


def test_configurations_that_are_shown_late_are_told(
    start: Callable[..., Sandbox], run: Run, project: Path
) -> None:
    org = start()
    with org.store.transaction():
        org.store.put("settings", "extended-field-config", {"stale_seconds": 86400})
    fields = project / "manifests/fields.yaml"
    documents = list(yaml.safe_load_all(fields.read_text()))
    config = next(each for each in documents if each["metadata"]["name"] == "birthday")
    write(project, "fields.yaml", config)
    run("plan")  # the org keeps what it answers now
    run("apply", "--yes")
    said = run("plan", "--detailed-exitcode")
    assert "the org still shows the old value" in said
    assert "reads lag behind by up to 24 h" in said
    run("drift")
    config["spec"]["position"] = 7
    write(project, "fields.yaml", config)
    plan = json.loads(run("plan", "-q", "--format", "json"))
    assert [each["path"] for each in plan["changes"][0]["fields"]] == ["position"]
