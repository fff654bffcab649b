"""Plans for services that show tests or findings in code."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from capsync.report.junit import plan_junit
from capsync.report.sarif import plan_sarif
from capsync.report.values import visible
from tests.conftest import Golden
from tests.unit.report.plans import EMPTY, RICH, UNREADABLE


def results(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["runs"][0]["results"]
    return found


def test_rich_plan_as_test_report(golden: Golden) -> None:
    golden("plan.junit.xml", plan_junit(RICH))


def test_rich_plan_for_code_scanning(golden: Golden) -> None:
    golden("plan.sarif", plan_sarif(RICH, base="infra"))


def test_a_case_for_each_resource_of_which_the_blocked_fail() -> None:
    [suite] = ET.fromstring(plan_junit(RICH))
    cases = {case.get("name"): case for case in suite}
    assert {visible(str(change.address)) for change in RICH.changes} < cases.keys()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("10", "2", "0")
    assert cases["CouponSeries/diwali"][0].tag == "failure"
    assert "create a series under another name" in (
        cases["CouponSeries/diwali"][0].get("message") or ""
    )
    assert cases["limits"][0].get("message") == RICH.blocked[0]
    told = cases["Badge/trail-walker"][0]
    assert told.tag == "system-out"
    assert "manifests/badges.yaml:14" in (told.text or "")
    assert len(cases["Badge/same"]) == 0


def test_what_could_not_be_read_is_an_error() -> None:
    [suite] = ET.fromstring(plan_junit(UNREADABLE))
    assert suite.get("errors") == "1"
    assert [each["ruleId"] for each in results(plan_sarif(UNREADABLE))] == ["unreadable"]


def test_nothing_to_do_passes() -> None:
    [suite] = ET.fromstring(plan_junit(EMPTY))
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    assert results(plan_sarif(EMPTY)) == []


def test_findings_point_at_the_values_and_all_have_a_place() -> None:
    found = results(plan_sarif(RICH, base="in fra"))
    places = [each["locations"][0]["physicalLocation"] for each in found]
    [expires] = [
        place
        for each, place in zip(found, places, strict=True)
        if " expiresOn: " in each["message"]["text"]
    ]
    assert expires["artifactLocation"]["uri"] == "in%20fra/manifests/badges.yaml"
    assert expires["region"] == {"startLine": 14, "startColumn": 7}
    assert all(place["region"]["startLine"] > 0 for place in places)


def test_only_what_is_blocked_or_final_is_an_error() -> None:
    grave = {each["ruleId"] for each in results(plan_sarif(RICH)) if each["level"] == "error"}
    assert grave == {"blocked", "retire"}
    keys = [each["partialFingerprints"]["capsyncPlan/v1"] for each in results(plan_sarif(RICH))]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("text", [plan_junit(RICH), plan_sarif(RICH)])
def test_hostile_values_stay_values(text: str) -> None:
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


def test_markup_in_values_is_escaped() -> None:
    assert "<script>" not in plan_junit(RICH)
    assert "<b>" not in plan_junit(RICH)
