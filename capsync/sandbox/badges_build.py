"""From the body of a badge to what is stored, and every refusal on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from capsync.sandbox.badges_values import (
    OWNERS_OF_UPDATE,
    UNITS,
    Faults,
    crash,
    distinct,
    instant,
    items,
    member,
    refusal,
    text,
    whole,
)
from capsync.sandbox.badges_windows import wanted_of, window

Json = Any

CUSTOMER_WINDOW = "CUSTOMER_BADGE_FIXED_WINDOW"
BADGE_WINDOW = "BADGE_FIXED_WINDOW"
_NO_LIMITS = ("CUSTOMER_BADGE_NO_LIMIT", "BADGE_NO_LIMIT")
_CUSTOMER = (
    "CUSTOMER_BADGE_FIXED_VALUE",
    "CUSTOMER_BADGE_ROLLING_WINDOW",
    CUSTOMER_WINDOW,
    "CUSTOMER_BADGE_NO_LIMIT",
)
_BADGE = ("BADGE_FIXED_VALUE", "BADGE_ROLLING_WINDOW", BADGE_WINDOW, "BADGE_NO_LIMIT")
_ROLLS = (
    "maxEarnForDays",
    "rollForDays",
    "maxEarnForWeeks",
    "rollForWeeks",
    "maxEarnForMonths",
    "rollForMonths",
)
_TAGS = ("UN_EARNED", "IN_PROGRESS", "EARNED")
_MOST_BENEFITS = 10
_CENTURY = 36525 * 86400.0
_POINTS = ("programId", "promotionId", "allocationStrategyId", "expirationStrategyId")


def badge_of(sent: Mapping[str, Json], *, update: bool) -> dict[str, Json]:
    """The writable part of a whole badge; what is left out is empty. Enums are refused here."""
    earn_type = member(sent.get("earnType"), ("EARN", "ISSUE_EARN"), "earnType")
    name = sent.get("name")
    if name is None or name == "":
        raise refusal(400, "name is required")
    customer, badge = _constraints(sent)
    group, rank = sent.get("badgeGroupId"), sent.get("badgeRank")
    made = {
        "name": text(name),
        "description": sent.get("description"),
        "startOn": _moment(sent, "startOn"),
        "expiresOn": _moment(sent, "expiresOn"),
        "earnType": earn_type,
        "earnedBadgeExpiry": _expiry(sent.get("earnedBadgeExpiry"), "earnedBadgeExpiry"),
        "issuedBadgeExpiry": _expiry(sent.get("issuedBadgeExpiry"), "issuedBadgeExpiry"),
        "images": _images(sent.get("images")),
        "owners": _owners(sent.get("ownership")),
        "customer": customer,
        "badge": badge,
        "benefits": _benefits(sent.get("benefits")),
        "tags": _tags(sent.get("tags")),
        "badgeGroupId": None if group is None else text(group),
        "badgeRank": None if rank is None else whole(rank, "badgeRank"),
        "customFields": _custom(sent.get("customFields")),
        "defaultTillId": sent.get("defaultTillId"),
        "active": _active(sent.get("active")),
    }
    needs_enrolment = earn_type == "ISSUE_EARN" and made["issuedBadgeExpiry"] is None
    if made["earnedBadgeExpiry"] is None or needs_enrolment:
        raise crash()
    if made["startOn"] is None:
        raise refusal(400, "startOn or startOnISO is required")
    if not update and "Membercare" in (made["owners"] or ()):
        # In the enumeration, yet not among the owners of the create page.
        raise refusal(714, "This owner type is not permitted")
    return made


def check(made: Mapping[str, Json], faults: Faults, now: float) -> None:
    """The rules that create and update share."""
    owners = made["owners"]
    if owners is None:
        faults.add(727, "Ownership is missing", "ownership")
    elif not owners:
        reference = "ownership.restrictedToOwners"
        faults.add(728, "At least one owner must be given", reference)
        # Both documented answers for an empty list carry this one too.
        faults.add(714, "This owner type is not permitted", reference)
    if made["startOn"] < now - _CENTURY:
        faults.add(400, "Start lies more than 100 years back", "startOn")
    if made["expiresOn"] is None:
        faults.add(705, "End is missing", "expiresOn")
    elif made["startOn"] >= made["expiresOn"]:
        faults.add(720, "Start has to precede the end")
    if len(made["benefits"]) > _MOST_BENEFITS:
        faults.add(400, f"At most {_MOST_BENEFITS} benefits", "benefits")
    tags = [image["tag"] for image in made["images"]]
    if len(tags) > len(set(tags)):
        faults.add(400, "At most one image of each tag", "images")


def _moment(sent: Mapping[str, Json], name: str) -> float | None:
    """The ISO twin wins."""
    twin = sent.get(f"{name}ISO")
    if twin is not None:
        return instant(twin, f"{name}ISO")
    return instant(sent.get(name), name)


def _active(value: Json) -> bool:
    # `isActive`, which some examples send, is not this field: left out means true.
    return True if value is None else value in (True, "true")


def _expiry(sent: Json, path: str) -> Json:
    if sent is None:
        return None
    if not isinstance(sent, dict):
        raise refusal(400, f"{path} is not an object")
    kind = member(sent.get("expiryType"), ("ABSOLUTE", "RELATIVE", "NEVER"), f"{path}.expiryType")
    if kind == "NEVER":
        return {"expiryType": kind}
    if kind == "RELATIVE":
        if sent.get("relativeExpirytype") is None or sent.get("value") is None:
            raise crash()
        unit = member(sent["relativeExpirytype"], UNITS, f"{path}.relativeExpirytype")
        value = whole(sent["value"], f"{path}.value")
        return {"expiryType": kind, "relativeExpirytype": unit, "value": value}
    return _absolute(sent, path)


def _absolute(sent: Mapping[str, Json], path: str) -> Json:
    if sent.get("type") is None:
        raise crash()
    kind = member(sent["type"], ("WITH_BADGE_META", "FIXED_DATE"), f"{path}.type")
    if kind == "WITH_BADGE_META":
        return {"expiryType": "ABSOLUTE", "type": kind}
    moment = _moment(sent, "expiresOn")
    if moment is None:
        raise crash()
    return {"expiryType": "ABSOLUTE", "type": kind, "expiresOn": moment}


def _owners(sent: Json) -> list[str] | None:
    if not isinstance(sent, dict):
        return None
    owners = sent.get("restrictedToOwners") or []
    if not isinstance(owners, list):
        raise refusal(400, "ownership.restrictedToOwners is not a list")
    return distinct(member(one, OWNERS_OF_UPDATE, "ownership.restrictedToOwners") for one in owners)


def _images(sent: Json) -> list[Json]:
    return [
        {
            "name": image.get("name"),
            "fileSvcHandle": image.get("fileSvcHandle"),
            "url": image.get("url"),
            "tag": member(image.get("tag"), _TAGS, "images.tag"),
        }
        for image in items(sent, "images")
    ]


def _tags(sent: Json) -> list[Json]:
    return distinct(
        {"name": tag.get("name"), "value": tag.get("value")} for tag in items(sent, "tags")
    )


def _custom(sent: Json) -> dict[str, str]:
    if sent is None:
        return {}
    if not isinstance(sent, dict):
        raise refusal(400, "customFields is not an object")
    return {name: text(value) for name, value in sent.items()}


def _benefits(sent: Json) -> list[Json]:
    return distinct(_benefit(item) for item in items(sent, "benefits"))


def _benefit(sent: Mapping[str, Json]) -> Json:
    """Ids are not looked up; points are written and never read back."""
    kind = member(sent.get("benefitType"), ("COUPON", "LOYALTY_POINTS"), "benefits.benefitType")
    if kind == "COUPON":
        return {"benefitType": kind, "seriesId": _id(sent, "seriesId")}
    ids = {name: _id(sent, name) for name in _POINTS}
    return {"benefitType": kind, **ids, "defaultTillId": None}


def _id(sent: Mapping[str, Json], name: str) -> int:
    if sent.get(name) is None:
        raise crash()
    return whole(sent[name], f"benefits.{name}")


def _constraints(sent: Mapping[str, Json]) -> tuple[Json, Json]:
    """Both sides as {"plain", "windows"}; customer constraints are moved to where they belong."""
    mine = _side(sent.get("customerConstraints"), "customerConstraints", (*_CUSTOMER, *_NO_LIMITS))
    both = _side(sent.get("badgeConstraints"), "badgeConstraints", (*_BADGE, *_CUSTOMER))
    moved = [c for c in both if c["constraintType"] in _CUSTOMER]
    for one in moved:
        one["moved"] = True
    others = [c for c in both if c["constraintType"] not in _CUSTOMER]
    return _split([*mine, *moved], CUSTOMER_WINDOW), _split(others, BADGE_WINDOW)


def _split(constraints: list[Json], window_type: str) -> Json:
    windows = [c for c in constraints if c["constraintType"] == window_type]
    plain = [
        {k: v for k, v in c.items() if k != "moved"}
        for c in constraints
        if c["constraintType"] != window_type
    ]
    return {"plain": distinct(plain), "windows": distinct(windows)}


def _side(sent: Json, path: str, allowed: tuple[str, ...]) -> list[Json]:
    rows = items(sent, path)
    for row in rows:
        member(row.get("constraintType"), allowed, f"{path}.constraintType")
    windows = [r for r in rows if r["constraintType"] in (CUSTOMER_WINDOW, BADGE_WINDOW)]
    plain = [r for r in rows if r["constraintType"] not in (CUSTOMER_WINDOW, BADGE_WINDOW)]
    return [
        *(_PLAIN[row["constraintType"]](row, path) for row in plain),
        *(window(row, path) for row in wanted_of(windows)),
    ]


def _fixed_value(row: Mapping[str, Json], path: str) -> Json:
    return {"constraintType": row["constraintType"], "maxEarnLimit": _limit(row, path)}


def _limit(row: Mapping[str, Json], path: str) -> int:
    if row.get("maxEarnLimit") is None:
        raise crash()
    return whole(row["maxEarnLimit"], f"{path}.maxEarnLimit")


def _customer_rolling(row: Mapping[str, Json], path: str) -> Json:
    values = {
        name: None if row.get(name) is None else whole(row[name], f"{path}.{name}")
        for name in _ROLLS
    }
    return {"constraintType": row["constraintType"], **values}


def _badge_rolling(row: Mapping[str, Json], path: str) -> Json:
    if row.get("rollValue") is None:
        raise crash()
    return {
        "constraintType": row["constraintType"],
        "rollType": member(row.get("rollType"), UNITS, f"{path}.rollType"),
        "rollValue": whole(row["rollValue"], f"{path}.rollValue"),
        "maxEarnLimit": _limit(row, path),
    }


def _no_limit(row: Mapping[str, Json], _path: str) -> Json:
    return {"constraintType": row["constraintType"]}


_PLAIN: Mapping[str, Callable[[Mapping[str, Json], str], Json]] = {
    "CUSTOMER_BADGE_FIXED_VALUE": _fixed_value,
    "CUSTOMER_BADGE_ROLLING_WINDOW": _customer_rolling,
    "CUSTOMER_BADGE_NO_LIMIT": _no_limit,
    "BADGE_FIXED_VALUE": _fixed_value,
    "BADGE_ROLLING_WINDOW": _badge_rolling,
    "BADGE_NO_LIMIT": _no_limit,
}
