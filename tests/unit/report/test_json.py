from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from capsync.model import NOTHING, Action, Address, Change, Plan
from capsync.planning.encode import plan_json as plan_document
from capsync.report.json import as_text, plan_json
from tests.conftest import Golden
from tests.unit.report.plans import EMPTY, RICH, UNREADABLE, field

SCHEMA = json.loads((Path(__file__).parents[3] / "schemas/plan.schema.json").read_text())
CHECK = jsonschema.Draft202012Validator(SCHEMA)


def fields_of(plan: Plan, address: str) -> dict[str, Any]:
    [change] = [c for c in plan_document(plan)["changes"] if c["address"] == address]
    return {entry["path"]: entry for entry in change["fields"]}


def test_the_schema_is_a_schema() -> None:
    CHECK.check_schema(SCHEMA)


@pytest.mark.parametrize("plan", [RICH, EMPTY, UNREADABLE])
def test_documents_follow_the_published_schema(plan: Plan) -> None:
    CHECK.validate(json.loads(plan_json(plan)))


def test_the_example_of_the_documentation_follows_the_schema() -> None:
    CHECK.validate(EXAMPLE)


def test_rich_plan(golden: Golden) -> None:
    golden("plan.json", plan_json(RICH))


def test_null_is_a_value_and_absence_is_left_out() -> None:
    fields = fields_of(RICH, "Badge/trail-walker")
    assert fields["badgeGroupId"]["before"] is None
    assert "after" not in fields["badgeGroupId"]
    assert fields["badgeGroupId"]["unknown"] is True
    assert "before" not in fields['customFields["a.b"]']
    assert "after" not in fields["images[0].tag"]


def test_secrets_carry_neither_value() -> None:
    secret = field("password", before="old", after="new", sensitive=True)
    change = Change(Address("Vendor", "v"), Action.UPDATE, fields=(secret,))
    [entry] = plan_document(Plan("uat", 1, (change,)))["changes"][0]["fields"]
    assert entry == {"path": "password", "sensitive": True}


@pytest.mark.parametrize(
    "entry",
    [
        {"path": "a", "sensitive": True, "after": 1},
        {"path": "a", "unknown": True, "after": 1},
        {"before": 1},
    ],
)
def test_the_schema_refuses_what_the_format_forbids(entry: dict[str, Any]) -> None:
    document = plan_document(RICH)
    document["changes"][0]["fields"] = [entry]
    assert not CHECK.is_valid(document)


def test_summary_counts_every_action() -> None:
    summary = plan_document(RICH)["summary"]
    assert summary == {
        "create": 1, "update": 2, "retire": 2, "replace": 1, "blocked": 1, "noop": 2,
    }  # fmt: skip


def test_lone_surrogates_do_not_break_the_output() -> None:
    assert json.loads(as_text({"name": "\ud800"}))["name"] == "\ud800"


def test_values_without_a_value_never_show() -> None:
    plan = Plan("uat", 1, (Change(Address("Badge", "b"), Action.UPDATE, fields=(field("a"),)),))
    assert plan.changes[0].fields[0].before is NOTHING
    assert plan_document(plan)["changes"][0]["fields"] == [{"path": "a"}]


EXAMPLE = json.loads("""
{"format": "capsync.plan/1", "environment": "uat", "org_id": 100737,
 "created_at": "2027-01-05T09:12:44Z", "digest": "sha256:...",
 "summary": {"create": 1, "update": 1, "retire": 0, "replace": 0, "blocked": 0, "noop": 12},
 "requests": {"read": 31, "write": 2, "limit_per_minute": 100, "estimated_seconds": 2},
 "changes": [
   {"address": "Badge/trail-walker", "kind": "Badge", "action": "update",
    "id": "6a01b2c3d4e5f60718293a01",
    "fields": [{"path": "expiresOn", "before": "2027-06-30T18:29:59Z",
                "after": "2027-12-31T18:29:59Z",
                "source": {"file": "manifests/badges.yaml", "line": 14}}],
    "reversible": true, "depends_on": ["BadgeGroup/explorers"], "reasons": [],
    "live_fingerprint": "sha256:..."}],
 "warnings": []}
""")
