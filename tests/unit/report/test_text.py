from __future__ import annotations

import pytest

from capsync.model import Action, Address, Change, Plan
from capsync.report.fieldtext import MOST_ITEMS
from capsync.report.text import plan_text
from capsync.report.words import identity
from tests.conftest import Golden
from tests.unit.report.plans import EMPTY, HOSTILE, RICH, UNREADABLE, field


def test_rich_plan(golden: Golden) -> None:
    golden("plan.txt", plan_text(RICH))


def test_rich_plan_in_colour(golden: Golden) -> None:
    golden("plan.ansi", plan_text(RICH, color=True))


def test_nothing_to_do() -> None:
    assert plan_text(EMPTY) == (
        "Environment sandbox, org 100737\n\n"
        "No changes: the org is as the manifests say (1 unchanged).\n"
        "2 reads made, 0 writes to make.\n"
    )


def test_unchanged_resources_on_request() -> None:
    assert "= unchanged Badge/same" in plan_text(EMPTY, unchanged=True)


def test_unreadable_kinds_are_told() -> None:
    text = plan_text(UNREADABLE)
    assert (
        "Not readable: CustomField could not be read (CustomField/size): an admin user is demanded"
        in text
    )
    assert "No changes in what could be read" in text


def test_irreversible_comes_first_then_blocked() -> None:
    text = plan_text(RICH)
    names = ["BehavioralEvent/visit", "CouponSeries/diwali", "BadgeGroup/explorers"]
    assert sorted(names, key=text.index) == names
    assert "can not be taken back" in text


@pytest.mark.parametrize("color", [False, True])
def test_no_control_character_of_a_value_reaches_the_terminal(color: bool) -> None:
    text = plan_text(RICH, color=color)
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "\x1b[31mred" not in text


def test_secrets_are_not_shown() -> None:
    secret = field("password", before="old-secret", after="new-secret", sensitive=True)
    change = Change(Address("Vendor", "v"), Action.UPDATE, fields=(secret,))
    text = plan_text(Plan("uat", 1, (change,)))
    assert "(sensitive) -> (sensitive)" in text
    assert 'secret"' not in text
    assert "old-secret" not in text


def test_long_lists_are_cut_with_a_count() -> None:
    long = field("stores", before=[], after=list(range(MOST_ITEMS + 30)))
    change = Change(Address("Badge", "b"), Action.UPDATE, fields=(long,))
    text = plan_text(Plan("uat", 1, (change,)))
    assert "and 30 more" in text
    assert text.count("        + ") == MOST_ITEMS


def test_hostile_text_stays_on_one_line() -> None:
    change = Change(Address("Badge", "b"), Action.CREATE, fields=(field("name", after=HOSTILE),))
    [line] = [row for row in plan_text(Plan("uat", 1, (change,))).splitlines() if "script" in row]
    assert "202egnp.exe\\nnext" in line


def test_objects_without_a_manifest_are_told_by_their_natural_key() -> None:
    assert identity(Address("Label", "101"), "101", "PRODUCT / Fragile") == (
        '(101, "PRODUCT / Fragile")'
    )
    assert identity(Address("Label", "fragile"), "101", "PRODUCT / Fragile") == "(101)"
    assert identity(Address("CustomField", "fax"), "fax", "fax") == "(fax)"
    assert identity(Address("Label", "fragile"), None, "PRODUCT / Fragile") == ""


def test_adoptions_are_counted_once() -> None:
    changes = (
        Change(Address("Badge", "a"), Action.NOOP, id="1", adopts=True),
        Change(Address("Badge", "b"), Action.NOOP),
        Change(Address("Badge", "c"), Action.UPDATE, id="3", adopts=True),
        Change(Address("Badge", "d"), Action.UPDATE, id="2"),
    )
    text = plan_text(Plan("sandbox", 100737, changes))
    assert "Plan: 2 to update (1 of them adopted), 1 to adopt as is, 1 unchanged." in text


def test_what_is_known_of_a_new_list_is_shown() -> None:
    preview = [{"benefitType": "COUPON", "seriesId": "(known after apply)"}] * 2
    benefits = field("benefits", unknown=True, ref="CouponSeries/w", preview=preview)
    change = Change(Address("Badge", "a"), Action.CREATE, fields=(benefits,))
    text = plan_text(Plan("sandbox", 100737, (change,)))
    assert "benefits  2 items (CouponSeries/w)" in text
    assert text.count('+ {"benefitType": "COUPON", "seriesId": "(known after apply)"}') == 2


def test_a_secret_has_no_old_value() -> None:
    secret = field("secret", sensitive=True)
    change = Change(Address("Vendor", "a"), Action.UPDATE, id="1", fields=(secret,))
    text = plan_text(Plan("sandbox", 100737, (change,)))
    assert "secret  (sensitive)" in text
    assert "(none)" not in text
