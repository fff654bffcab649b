"""Badges, groups and custom fields as people make them in the console: quirks included."""

from __future__ import annotations

from typing import Any

from capsync.sandbox.badges_fields import hold_field
from capsync.sandbox.badges_groups import hold_group
from capsync.sandbox.badges_store import hold
from capsync.sandbox.store import Store

Json = Any

_DAY = 86400.0
_USER = 75000611


def console_objects(store: Store, now: float) -> None:
    """A group, two fields (one mandatory), a running, an ended and a claimed badge."""
    made = float(int(now)) - 60 * _DAY
    people = {
        "createdOn": made + 0.816,
        "createdBy": _USER,
        "lastUpdatedOn": made + 0.816,
        "lastUpdatedBy": _USER,
    }
    group = {"id": _id(made, 1), "name": "Seasonal", "rank": 1, "isActive": True, **people}
    hold_group(store, group)
    for number, (name, default) in enumerate((("Kiosk code", "5678"), ("Note", None)), 2):
        field = {
            "id": _id(made, number),
            "name": name,
            "isMandatory": default is not None,
            "defaultValue": default,
            "dataType": "STRING",
            "isActive": True,
            **people,
        }
        hold_field(store, field)
    claim = {"ownerType": "Loyalty", "referenceId": "626", "isActive": True}
    ended = {"expiresOn": made + 10 * _DAY, "active": False}
    badges: list[tuple[str, Json]] = [
        ("Trail Walker_T7_1 ", {"badgeGroupId": group["id"], "badgeRank": 4}),
        ("Summer hike", ended),
        ("Programme start", {"claims": [claim], "badgeNumericId": None}),
    ]
    for number, (name, members) in enumerate(badges, 10):
        hold(store, {**_badge(_id(made, number), name, made, number), **members, **people})


def _id(made: float, number: int) -> str:
    return f"{int(made):08x}a1b2c3d4e5{number:06x}"


def _badge(badge_id: str, name: str, made: float, number: int) -> Json:
    nothing: Json = {"plain": [], "windows": []}
    return {
        "id": badge_id,
        "badgeNumericId": number,
        "name": name,
        "description": None,
        "startOn": made,
        "expiresOn": made + 500 * _DAY,
        "earnType": "EARN",
        "earnedBadgeExpiry": {"expiryType": "NEVER"},
        "issuedBadgeExpiry": None,
        "images": [],
        "owners": ["Loyalty", "Milestones"],
        "customer": nothing,
        "badge": {
            "plain": [{"constraintType": "BADGE_FIXED_VALUE", "maxEarnLimit": 40000}],
            "windows": [],
        },
        "benefits": [],
        "tags": [],
        "badgeGroupId": None,
        "badgeRank": None,
        "customFields": {},
        "defaultTillId": None,
        "active": True,
        "claims": [],
        "issuedCount": 0,
        "earnedCount": 0,
    }
