from __future__ import annotations

from typing import Any

import pytest

from capsync.kinds import KINDS
from capsync.model import NOTHING, Address, Meta, Resource
from capsync.planning.changes import Comparer
from capsync.planning.match import Matcher
from capsync.planning.options import PlanOptions, Setting
from capsync.planning.why import Why, why
from capsync.snapshot import LiveObject, Snapshot


def explained(kind: str, path: str, spec: dict[str, Any], live: Any, **meta: Any) -> Why:
    """Why a field of the only resource differs from its live object of the same name, or not."""
    declared = KINDS[kind]
    item = LiveObject(declared, "7", live, declared.read(live), True)
    resources = [
        Resource(Address(kind, "x"), spec, Meta(**meta)),
        Resource(Address("BadgeGroup", "g"), {"name": "G", "rank": 1}),
    ]
    group = LiveObject(KINDS["BadgeGroup"], "5", {}, {"name": "G", "rank": 1}, True)
    matcher = Matcher(KINDS, resources, Snapshot({kind: [item], "BadgeGroup": [group]}))
    wanted = matcher.match()[Address(kind, "x")]
    comparer = Comparer(PlanOptions(), Setting("box", 1, {}, 0.0), None)
    [found] = why(comparer, wanted, path)
    return found


BADGE = {"name": "X", "badgeGroupId": {"ref": "g"}}


def test_references_are_shown_as_written_and_as_resolved() -> None:
    found = explained("Badge", "badgeGroupId", BADGE, {"name": "X", "badgeGroupId": "5"})
    assert (found.written, found.desired, found.equal) == ({"ref": "g"}, "5", True)


@pytest.mark.parametrize(
    ("kind", "path", "spec"),
    [
        ("Badge", "description", {"name": "X", "description": "hush"}),
        ("Vendor", "vendorDetails", {"name": "X", "vendorDetails": {"key": "hush"}}),
        ("Vendor", "vendorDetails.key", {"name": "X", "vendorDetails": {"key": "hush"}}),
    ],
)
def test_secrets_are_never_explained(kind: str, path: str, spec: dict[str, Any]) -> None:
    found = explained(kind, path, spec, {"id": 7, **spec}, sensitive=("description",))
    assert {found.written, found.answered, found.desired, found.live} <= {"(sensitive)", NOTHING}
    assert found.written == "(sensitive)"
