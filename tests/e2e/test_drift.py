"""Audits by the real command line, of an org that others work in too."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from tests.e2e.conftest import ROOT, Capsync
from tests.e2e.serving import serving
from tests.sandbox.rewards_world import BRAND

GROUPS = """\
# Groups, highest first
apiVersion: capsync/v1
kind: BadgeGroup
metadata: {name: explorers}
spec: {name: Explorers, rank: 1}
---
apiVersion: capsync/v1
kind: BadgeGroup
metadata: {name: walkers}
spec: {name: Walkers, rank: 2}   # second
---
apiVersion: capsync/v1
kind: BadgeGroup
metadata: {name: sleepers}
spec: {name: Sleepers, rank: 3}
"""
EVENTS = """\
apiVersion: capsync/v1
kind: BehavioralEvent
metadata: {name: visit}
spec:
  eventName: parkVisit
  description: A visit
  actions: [EMFConsumer]
  fields: [{name: customer, type: customer}]
"""
CONFIG = """\
version: 1
environments:
  uat:
    endpoint: URL
    org_id: 100737
    rate_limit: none
    auth: {type: oauth, key: sandbox, secret: sandbox}
"""


@dataclass
class Org:
    """A project, its org, and what somebody else does there."""

    project: Path
    capsync: Capsync
    url: str

    def drift(self, *args: str, code: int = 2) -> str:
        ran = self.capsync("drift", *args, cwd=self.project)
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout

    def findings(self, *args: str, code: int = 2) -> dict[str, dict[str, Any]]:
        document = json.loads(self.drift("--format", "json", *args, code=code))
        schema = json.loads((ROOT / "schemas/drift.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(document)
        return {each["address"]: each for each in document["drifts"]}

    def apply(self) -> None:
        ran = self.capsync("apply", "--yes", cwd=self.project)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def edit(self, old: str, new: str, name: str = "manifests/groups.yaml") -> None:
        path = self.project / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        with httpx.Client(base_url=self.url) as client:
            login = {"key": "sandbox", "secret": "sandbox"}
            token = client.post("/v3/oauth/token/generate", json=login).json()["data"]
            headers = {"X-CAP-API-OAUTH-TOKEN": token["accessToken"]}
            answer = client.request(method, path, json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.json()

    def rank(self, name: str, rank: int) -> None:
        """Somebody sets the rank of a group in the console."""
        listed = self.call("GET", "/api_gateway/v1/badges/group?page=0&size=100")
        groups = listed["data"]["badgeGroups"]
        [group] = [each for each in groups if each["name"] == name]
        path = f"/api_gateway/v1/badges/group/{group['id']}"
        self.call("PUT", path, {"name": name, "rank": rank})


@pytest.fixture
def org(tmp_path: Path, capsync: Capsync, environ: dict[str, str]) -> Iterator[Org]:
    project = tmp_path / "project"
    (project / "manifests").mkdir(parents=True)
    (project / "manifests/groups.yaml").write_text(GROUPS)
    (project / "manifests/events.yaml").write_text(EVENTS)
    with serving(tmp_path, environ) as url:
        (project / "capsync.yaml").write_text(CONFIG.replace("URL", url))
        made = Org(project, capsync, url)
        made.apply()
        yield made


def test_no_drift_is_0(org: Org) -> None:
    assert "No drift: 4 resources checked." in org.drift(code=0)


def test_every_way_in_which_an_org_can_differ(org: Org) -> None:
    org.rank("Explorers", 11)  # the org moved
    org.edit("rank: 2", "rank: 22")  # the manifest moved
    org.rank("Sleepers", 33)
    org.edit("rank: 3", "rank: 34")  # both did
    org.call("PUT", "/v2/events/disable?event_name=parkVisit")
    org.call("POST", "/api_gateway/v1/badges/group", {"name": "Strangers", "rank": 9})

    found = org.findings()
    sides = {each: found[f"BadgeGroup/{each}"]["fields"][0]["side"] for each in NAMES}
    assert sides == {"explorers": "live", "walkers": "manifest", "sleepers": "both"}
    field = found["BadgeGroup/sleepers"]["fields"][0]
    assert (field["before"], field["after"], field["applied"]) == (33, 34, 3)
    assert field["source"] == {"file": "manifests/groups.yaml", "line": 15}
    assert found["BehavioralEvent/visit"]["what"] == "missing"
    assert len(found) == 4

    text = org.drift("--unmanaged")
    assert re.search(r'\? unmanaged BadgeGroup/\w+  \(\w+, "Strangers"\)', text)
    for said in ("changed in the org", "changed in the manifest", "changed in both"):
        assert said in text


NAMES = ("explorers", "walkers", "sleepers")


def test_who_and_when_from_the_object_and_from_the_log_of_events(org: Org) -> None:
    org.rank("Explorers", 11)
    event = {
        "eventName": "parkVisit",
        "description": "Another",
        "actions": ["EMFConsumer"],
        "fields": [{"name": "customer", "type": "customer"}],
    }
    org.call("PUT", "/v2/events", event)
    found = org.findings()
    assert re.fullmatch(r"user \d+", found["BadgeGroup/explorers"]["changed_by"])
    assert found["BadgeGroup/explorers"]["changed_at"].startswith("20")
    [*_, logged] = org.call("GET", "/v2/events/audit_logs?eventName=parkVisit")["data"]
    assert found["BehavioralEvent/visit"]["changed_by"] == f"request {logged['requestId']}"
    moment = re.sub(r"[.+].*|Z$", "", logged["valueHistory"][-1]["changedOn"])
    assert found["BehavioralEvent/visit"]["changed_at"].startswith(moment)


def test_where_the_api_says_nothing_the_times_between_which_it_was(org: Org) -> None:
    name = "CONF_CATALOG_PROMOTION_BUFFER_END_TIME_MINUTES"
    manifest = {"apiVersion": "capsync/v1", "kind": "RewardsConfig", "spec": {name: 10}}
    manifest["metadata"] = {"name": "settings"}
    (org.project / "manifests/settings.yaml").write_text(json.dumps(manifest))
    org.apply()
    org.drift(code=0)
    setting = {"configKeyName": name, "configKeyValue": "20", "brandId": BRAND}
    org.call("POST", "/api_gateway/rewards/core/v1/brand/config", setting)
    found = org.findings()["RewardsConfig/settings"]
    audits = (org.project / ".capsync/uat.drift.jsonl").read_text().splitlines()
    clean, now = (json.loads(line)["at"] for line in audits)
    assert found["changed_between"] == [clean, now]
    assert f"changed between {clean} and " in org.drift()
    assert "not by capsync" in org.drift("--format", "markdown")


@pytest.mark.parametrize(
    ("expires", "code", "said"),
    [
        ("2999-12-31", 0, "Waived: BadgeGroup/explorers: tried out, ana, until 2999-12-31"),
        ("2020-01-01", 2, "Alarm: waiver for BadgeGroup/* rank expired 2020-01-01"),
    ],
)
def test_waivers_hold_until_their_day(org: Org, expires: str, code: int, said: str) -> None:
    org.rank("Explorers", 11)
    with (org.project / "capsync.yaml").open("a") as file:
        file.write(
            "waivers:\n  - {address: BadgeGroup/*, path: rank, reason: tried out, owner: ana,"
            f" expires: {expires}}}\n"
        )
    assert said in org.drift(code=code)


def test_new_is_told_from_known(org: Org) -> None:
    org.rank("Explorers", 11)
    assert "new" not in org.drift("--since", "last")  # there is no audit to compare with
    org.rank("Walkers", 12)
    found = org.findings("--since", "last")
    assert {each: drift["new"] for each, drift in found.items()} == {
        "BadgeGroup/explorers": False,
        "BadgeGroup/walkers": True,
    }
    assert not any(each["new"] for each in org.findings("--since", "last").values())
    org.rank("Walkers", 13)  # the same field, otherwise
    assert org.findings("--since", "last")["BadgeGroup/walkers"]["new"] is True
    lines = (org.project / ".capsync/uat.drift.jsonl").read_text().splitlines()
    assert [set(json.loads(line)) for line in lines] == [{"at", "findings", "waived", "whole"}] * 4


def test_an_audit_of_a_part_forgets_nothing_of_the_rest(org: Org) -> None:
    org.call("POST", "/api_gateway/v1/badges/group", {"name": "Strangers", "rank": 9})
    org.rank("Explorers", 11)
    org.rank("Walkers", 12)
    org.drift("--unmanaged")
    org.drift("--target", "BadgeGroup/walkers")
    org.drift()
    found = org.findings("--unmanaged", "--since", "last")
    assert len(found) >= 3
    assert not any(each["new"] for each in found.values())


Reads = Callable[[str], Any]


@pytest.mark.parametrize(
    ("form", "read"),
    [
        ("junit", ET.fromstring),
        ("sarif", json.loads),
        ("html", lambda text: text.index("<!doctype html>")),
        ("markdown", lambda text: text.index("<!-- capsync drift uat -->")),
    ],
)
def test_formats_in_files(org: Org, form: str, read: Reads) -> None:
    org.rank("Explorers", 11)
    assert org.drift("--format", form, "-o", "report") == ""
    text = (org.project / "report").read_text()
    read(text)
    assert "BadgeGroup/explorers" in text


def test_sarif_names_the_place_of_the_value_as_seen_from_here(org: Org) -> None:
    org.rank("Walkers", 12)
    for folder in ("project", org.project):
        ran = org.capsync("-C", folder, "drift", "--format", "sarif", cwd=org.project.parent)
        [result] = json.loads(ran.stdout)["runs"][0]["results"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "project/manifests/groups.yaml"
        assert place["region"] == {"startLine": 10, "startColumn": 29}


def test_codify_takes_over_what_the_org_has(org: Org) -> None:
    org.rank("Walkers", 12)
    ran = org.capsync("drift", "--codify", cwd=org.project)
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[-1] == "wrote back BadgeGroup/walkers rank"
    assert (org.project / "manifests/groups.yaml").read_text() == GROUPS.replace(
        "rank: 2", "rank: 12"
    )
    assert "No drift" in org.drift(code=0)
