"""Groups that rewards are shown in: rewards know them by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from capsync.api.dialects import BARE
from capsync.api.dialects import REWARDS as DIALECT
from capsync.fields import boolean, integer, string
from capsync.kind import Check, Extra, Kind, Listing, Retire, Route, Service, Verdict, key_by
from capsync.kinds.rewards_parts import GROUP_NAME_LENGTH, REWARDS, fields, pages, reading

Json = Any

_GROUP = f"{REWARDS}/group"
_GROUP_FIELDS = fields(
    {
        "name": string(
            "Name, unique in the org; rewards know the group by it.",
            minLength=1,
            maxLength=GROUP_NAME_LENGTH,
        ),
        "rank": integer("Place among groups."),
        "isActive": boolean("Whether the group is in use.", default=True),
    },
    required=["name"],
)


def _rewards_of_group(check: Check) -> Sequence[Extra]:
    """The rewards in a group that is about to be renamed."""
    if not check.changes("name"):
        return ()
    route = Route(
        "GET",
        f"{REWARDS}/reward/list/brand/{{brand}}",
        params={"groupName": "{name}"},
        dialect=DIALECT,
    )
    return (Extra("rewards", route, rows="rewardList", paging=pages(100)),)


def _renamed_group(check: Check) -> Iterable[Verdict]:
    """A rename unlinks every reward: all have to be in the project, to be linked again."""
    linked: Sequence[Json] = check.probed.get("rewards") or ()
    if not check.changes("name") or not linked:
        return
    managed = check.managed_ids.get("Reward", frozenset())
    strange = [each for each in linked if str(each["id"]) not in managed]
    if strange:
        names = ", ".join(f"{each.get('name')} (id {each['id']})" for each in strange)
        reason = f"a rename takes every reward out of the group, and no manifest has {names}"
        yield Verdict("blocked", reason)
        return
    rewrite = tuple(("Reward", str(each["id"]), "groups") for each in linked)
    reason = f"the rename takes {len(linked)} rewards out of the group, which are put in again"
    yield Verdict("warning", reason, rewrite)


REWARD_GROUP = Kind(
    name="RewardGroup",
    family="rewards",
    doc="A group that rewards are shown in.",
    pages=(
        "create-group-reward",
        "update-group-reward",
        "get-group-rewards",
        "get-rewards-group-by-id",
    ),
    dialect=BARE,
    lists=(
        Listing(
            Route("GET", _GROUP, dialect=DIALECT),
            rows="groupRoList",
            paging=pages(100),
            # What the list shows without this filter is not documented.
            passes=({"active": True}, {"active": False}),
        ),
    ),
    keys=(key_by("name"),),
    read=reading(_GROUP_FIELDS),
    create=Route("POST", f"{_GROUP}/create", omit=frozenset({"isActive"})),
    duplicate_codes=frozenset({"12012"}),
    update=Route("PUT", f"{_GROUP}/{{id}}", whole=True),
    retire=Retire("disable", sets={"isActive": False}),
    service=Service("isActive"),
    stamp="lastUpdatedOn",
    changed_by="lastUpdatedBy",
    schema=_GROUP_FIELDS,
    probe=_rewards_of_group,
    guard=_renamed_group,
    relinks=("Reward",),
    notes=(
        "A rename (metadata.formerly) takes all rewards out of the group, since they know it by its"
        " name: it is planned only if the project has all of them, and links them again.",
        "isActive is taken by updates only.",
    ),
)
