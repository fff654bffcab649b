from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from capsync.kinds import KINDS
from capsync.manifests import read_project
from capsync.validate import validate
from tests.projects import CONFIG, write_project

GROUP = {"kind": "BadgeGroup", "name": "explorers", "spec": {"name": "Explorers", "rank": 1}}


def warnings(root: Path, **waiver: str) -> list[Any]:
    waiver = {"reason": "known", **waiver}
    write_project(root, [GROUP], {**CONFIG, "waivers": [waiver]})
    return [each for each in validate(read_project(root), KINDS) if each.rule == "waiver"]


@pytest.mark.parametrize(
    "waiver",
    [
        {"address": "BadgeGroup/explorers"},
        {"address": "BadgeGroup/*", "path": "rank"},
        {"address": "BadgeGroup/*", "path": "r*"},
        {"address": "BadgeGroup/6a01b2c3d4e5f60718293a01"},
        {"address": "CouponSeries/20455"},
    ],
)
def test_waivers_that_may_waive_are_fine(tmp_path: Path, waiver: dict[str, str]) -> None:
    assert not warnings(tmp_path, **waiver)


@pytest.mark.parametrize(
    ("waiver", "said"),
    [
        ({"address": "BadgeGroup/explorer"}, "did you mean BadgeGroup/explorers?"),
        ({"address": "Nothing/20455"}, "Kind/name, or a glob of it"),
        ({"address": "BadgeGroup/*", "path": "rnak"}, "did you mean rank?"),
    ],
)
def test_waivers_that_can_waive_nothing_are_told(
    tmp_path: Path, waiver: dict[str, str], said: str
) -> None:
    [warning] = warnings(tmp_path, **waiver)
    assert (warning.severity, warning.hint) == ("warning", said)
    assert warning.where.line > 1
