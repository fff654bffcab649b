"""What programs read follows the published schemas, and the schemas tell of all that is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from capsync.applying.outcomes import ApplyReport
from capsync.report.drift.data import drift_json
from capsync.report.json import plan_json
from capsync.report.orgdiff import orgdiff_json
from capsync.report.outcomes import outcomes_json
from capsync.report.problems import format_problems
from tests.unit.report.audits import CLEAN, REPORT
from tests.unit.report.plans import EMPTY, RICH, UNREADABLE
from tests.unit.report.test_orgdiff import DIFF
from tests.unit.report.test_outcomes import MIXED
from tests.unit.report.test_problems import PROBLEMS

SCHEMAS = Path(__file__).parents[3] / "schemas"
DOCUMENTS = {
    "plan": [plan_json(RICH), plan_json(EMPTY), plan_json(UNREADABLE)],
    "drift": [drift_json(REPORT), drift_json(CLEAN)],
    "diff": [orgdiff_json(DIFF)],
    "apply": [
        outcomes_json(MIXED, RICH),
        outcomes_json(ApplyReport(unsaved="disk full"), EMPTY),
    ],
    "problems": [format_problems(PROBLEMS, "json"), format_problems([], "json")],
}


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    return found


def closed(node: Any) -> Any:
    """The schema with every object of it closed against members that it does not name."""
    if isinstance(node, list):
        return [closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    inner = {key: closed(value) for key, value in node.items()}
    if "properties" in inner and inner.get("type") == "object":
        inner["unevaluatedProperties"] = False
    return inner


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_follow_their_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    for text in DOCUMENTS[name]:
        document = json.loads(text)
        jsonschema.Draft202012Validator(schema(name)).validate(document)
        assert document["format"] == f"capsync.{name}/1"


@pytest.mark.parametrize("name", sorted(DOCUMENTS.keys() - {"drift"}))
def test_schemas_tell_of_every_member(name: str) -> None:
    strict = jsonschema.Draft202012Validator(closed(schema(name)))
    for text in DOCUMENTS[name]:
        strict.validate(json.loads(text))


def test_the_schema_of_audits_tells_of_every_member() -> None:
    whole = closed(schema("drift"))
    # What is waived is a drift with one member more, so the drift itself may not be closed.
    named = set(whole["$defs"]["drift"].pop("properties")) | {"waiver"}
    document = json.loads(drift_json(REPORT))
    found = {name for key in ("drifts", "waived") for each in document[key] for name in each}
    assert found <= named
    assert document.keys() <= whole["properties"].keys()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_another_major_version_is_refused(name: str) -> None:
    document = json.loads(DOCUMENTS[name][0])
    check = jsonschema.Draft202012Validator(schema(name))
    assert check.is_valid(document | {"format": f"capsync.{name}/1.4"})
    assert not check.is_valid(document | {"format": f"capsync.{name}/2"})
