from __future__ import annotations

import pytest

from capsync.kinds import KINDS
from capsync.model import Address, Resource
from capsync.planning.options import PlanOptions
from capsync.planning.targets import strays
from capsync.runs.plan import kinds_to_read

ADDRESSES = [Address("Badge", "trail-walker"), Address("CouponSeries", "welcome-10")]
PROJECT = [
    Resource(Address("BadgeGroup", "explorers"), {"name": "Explorers"}),
    Resource(Address("CouponSeries", "ten"), {"description": "Ten"}),
    Resource(
        Address("Badge", "walker"),
        {
            "name": "Walker",
            "badgeGroupId": {"ref": "explorers"},
            "benefits": [{"benefitType": "COUPON", "seriesId": {"lookup": "Other"}}],
        },
    ),
    Resource(Address("Vendor", "acme"), {"name": "Acme"}),
]


@pytest.mark.parametrize("selector", ["Badge", "Badge/*", "*/welcome-10", "CouponSeries/w*"])
def test_selectors_that_pick_something_are_no_strays(selector: str) -> None:
    assert not strays([selector], ADDRESSES)


@pytest.mark.parametrize(
    ("selector", "near"),
    [
        ("Badge/trail-walkr", "Badge/trail-walker"),
        ("badge", "Badge"),
        ("Bagde", "Badge"),
        ("trail-walker", "Badge/trail-walker"),
        ("Nothing/like-it", ""),
    ],
)
def test_strays_tell_what_was_meant(selector: str, near: str) -> None:
    [stray] = strays([selector], ADDRESSES)
    assert stray.near == near
    assert selector in str(stray)
    assert near in stray.hint


@pytest.mark.parametrize(
    ("options", "used", "looked_up"),
    [
        (PlanOptions(targets=("BadgeGroup",)), {"BadgeGroup"}, set()),
        (PlanOptions(targets=("Badge/walker",)), {"Badge", "BadgeGroup"}, {"CouponSeries"}),
        (
            PlanOptions(targets=("Vendor",), prune="owned"),
            {"Badge", "BadgeGroup", "CouponSeries", "Vendor"},
            {"CouponSeries"},
        ),
        (
            PlanOptions(),
            {"Badge", "BadgeGroup", "CouponSeries", "Vendor"},
            {"CouponSeries"},
        ),
    ],
)
def test_reads_are_those_of_what_is_picked(
    options: PlanOptions, used: set[str], looked_up: set[str]
) -> None:
    assert kinds_to_read(PROJECT, options) == (used, looked_up)


def test_a_group_is_read_with_what_a_rename_unlinks() -> None:
    project = [
        Resource(Address("RewardGroup", "g"), {"name": "G"}),
        Resource(Address("Reward", "r"), {"name": "R"}),
    ]
    assert "Reward" in KINDS["RewardGroup"].relinks
    options = PlanOptions(targets=("RewardGroup",))
    assert kinds_to_read(project, options) == ({"RewardGroup"}, {"Reward"})
