from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from capsync.model import Address
from capsync.planning.drift import Drift
from capsync.report.drift.data import drift_json
from capsync.report.drift.junit import drift_junit
from capsync.report.drift.markdown import drift_markdown
from capsync.report.drift.sarif import drift_sarif
from capsync.report.drift.text import drift_text
from tests.conftest import Golden
from tests.unit.report.audits import CHANGED, CLEAN, MISSING, PLACES, REPORT

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas/drift.schema.json").read_text())


def test_audit_for_people(golden: Golden) -> None:
    golden("drift.txt", drift_text(REPORT))


def test_audit_for_programs(golden: Golden) -> None:
    golden("drift.json", drift_json(REPORT))


def test_audit_as_comment(golden: Golden) -> None:
    golden("drift.md", drift_markdown(REPORT))


def test_audit_as_test_report(golden: Golden) -> None:
    golden("drift.junit.xml", drift_junit(REPORT, PLACES))


def test_audit_for_code_scanning(golden: Golden) -> None:
    golden("drift.sarif", drift_sarif(REPORT, PLACES, base="infra"))


@pytest.mark.parametrize("report", [REPORT, CLEAN])
def test_json_follows_the_published_schema(report: object) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(drift_json(report)))  # type: ignore[arg-type]


def test_no_drift() -> None:
    assert drift_text(CLEAN) == ("Environment uat, org 100737\n\nNo drift: 40 resources checked.\n")


def test_new_findings_are_told_from_known_ones() -> None:
    drifts = {entry["address"]: entry for entry in json.loads(drift_json(REPORT))["drifts"]}
    assert drifts["CouponSeries/welcome"]["new"] is False
    assert [entry["new"] for entry in drifts.values()].count(True) == 3


def test_without_an_audit_before_nothing_is_new() -> None:
    text = drift_text(replace(REPORT, known=None))
    assert "new" not in text.replace("newline", "")


def test_after_an_audit_that_found_nothing_everything_is_new() -> None:
    report = replace(REPORT, known=frozenset())
    assert "5 new since the last audit" in drift_text(report)
    assert all(entry["new"] for entry in json.loads(drift_json(report))["drifts"])


def test_junit_counts_and_cases() -> None:
    [suite] = ET.fromstring(drift_junit(REPORT, PLACES))
    cases = {case.get("name"): case for case in suite}
    assert (suite.get("tests"), suite.get("failures")) == ("8", "5")
    assert (suite.get("errors"), suite.get("skipped")) == ("1", "1")
    assert len(cases["Badge/fine"]) == 0
    assert cases["Badge/known"][0].tag == "skipped"
    failure = cases["Badge/trail-walker"][0]
    assert failure.get("type") == "changed"
    assert "changed in the org" in (failure.text or "")


def test_sarif_points_at_the_value() -> None:
    results = json.loads(drift_sarif(REPORT, PLACES, base="in fra"))["runs"][0]["results"]
    first = results[0]["locations"][0]["physicalLocation"]
    assert first["artifactLocation"]["uri"] == "in%20fra/manifests/badges.yaml"
    assert first["region"] == {"startLine": 14, "startColumn": 7}
    missing = next(result for result in results if result["ruleId"] == "missing")
    assert missing["locations"][0]["physicalLocation"]["region"]["startLine"] == 9
    [unmanaged] = [result for result in results if result["ruleId"] == "unmanaged"]
    place = unmanaged["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "in%20fra/capsync.yaml"


def test_names_stay_inside_the_block_that_shows_nothing_else() -> None:
    drift = Drift(Address("Badge", "x\n```\n<b>@everyone"), "unmanaged")
    text = drift_markdown(replace(REPORT, drifts=(drift,)))
    assert "````diff\n? unmanaged Badge/x\\n```\\n<b>@everyone, new\n````" in text


@pytest.mark.parametrize(
    "text",
    [
        drift_text(REPORT),
        drift_json(REPORT),
        drift_markdown(REPORT),
        drift_junit(REPORT, PLACES),
        drift_sarif(REPORT, PLACES),
    ],
)
def test_no_format_shows_secrets_or_raw_controls(text: str) -> None:
    assert '"x"' not in text
    assert "\x1b" not in text


def test_large_audits_fit_a_comment() -> None:
    many = replace(REPORT, drifts=(CHANGED, MISSING) * 900)
    text = drift_markdown(many)
    assert len(text) < 60_000
    assert "this comment is full" in text
