from __future__ import annotations

import json

from capsync.model import Address
from capsync.report.orgdiff import orgdiff_json, orgdiff_markdown, orgdiff_text
from capsync.runs.orgdiff import Difference, OrgDiff
from tests.conftest import Golden
from tests.unit.report.plans import HOSTILE, UPDATE, field

DIFF = OrgDiff(
    "uat",
    "prod",
    (
        Difference(Address("Badge", "trail-walker"), "changed", "Trail Walker", UPDATE.fields),
        Difference(Address("Badge", "only-here"), "only_left", "Only here"),
        Difference(
            Address("Vendor", "<b>`x`\n"), "only_right", HOSTILE, (field("name", after=HOSTILE),)
        ),
    ),
    same=12,
    unreadable=("prod: CustomField: 403",),
)


def test_differences_for_people(golden: Golden) -> None:
    golden("diff.txt", orgdiff_text(DIFF))


def test_differences_for_programs() -> None:
    document = json.loads(orgdiff_json(DIFF))
    assert document["format"] == "capsync.diff/1"
    assert [each["what"] for each in document["differences"]] == [
        "changed", "only_left", "only_right",
    ]  # fmt: skip
    assert document["same"] == 12


def test_differences_as_comment(golden: Golden) -> None:
    golden("diff.md", orgdiff_markdown(DIFF))


def test_the_same() -> None:
    assert orgdiff_text(OrgDiff("a", "b", same=3)) == "a and b do not differ: 3 objects the same.\n"
