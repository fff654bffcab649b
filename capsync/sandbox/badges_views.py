"""How a stored badge is shown: in full, and as the summary of lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from capsync.sandbox.badges_fields import FIELDS
from capsync.sandbox.badges_groups import group_name
from capsync.sandbox.badges_values import audit, shuffled, twin
from capsync.sandbox.badges_windows import shown_window
from capsync.sandbox.store import Store

Json = Any

_UNIT_SECONDS = {"DAYS": 86400.0, "WEEKS": 7 * 86400.0, "MONTHS": 30 * 86400.0}


def status_of(badge: Json, now: float) -> str:
    """UPCOMING, LIVE or EXPIRED, by the clock."""
    if now < badge["startOn"]:
        return "UPCOMING"
    return "LIVE" if now < badge["expiresOn"] else "EXPIRED"


def window_end(badge: Json) -> float | None:
    """Until when windows count: the badge's end, or that of enrolments; None without end."""
    end, expiry = float(badge["expiresOn"]), badge["issuedBadgeExpiry"]
    if badge["earnType"] == "EARN" or expiry.get("type") == "WITH_BADGE_META":
        return end
    if expiry["expiryType"] == "NEVER":
        return None
    if expiry["expiryType"] == "RELATIVE":
        return end + int(expiry["value"]) * _UNIT_SECONDS[expiry["relativeExpirytype"]]
    return float(expiry["expiresOn"])


class Shown:
    """Badges as one call shows them; what they share is read from the store once."""

    def __init__(self, store: Store, org_id: int, now: float) -> None:
        self._store = store
        self._org_id = org_id
        self._now = now
        self._fields: list[Json] | None = None

    def full(self, badge: Json, *, fresh: str = "", counts: bool = False) -> Json:
        """Everything; `fresh` says that the call made or changed it just now."""
        numbers = {"issuedCount": badge["issuedCount"], "earnedCount": badge["earnedCount"]}
        return {
            "id": badge["id"],
            "badgeNumericId": badge["badgeNumericId"],
            "orgId": self._org_id,
            "name": badge["name"],
            "description": badge["description"],
            **twin("startOn", badge["startOn"]),
            **twin("expiresOn", badge["expiresOn"]),
            "earnedBadgeExpiry": _expiry(badge["earnedBadgeExpiry"]),
            "issuedBadgeExpiry": _expiry(badge["issuedBadgeExpiry"]),
            "images": badge["images"],
            "ownership": _ownership(badge),
            "customerConstraints": self._constraints(badge, "customer", full=not fresh),
            "badgeConstraints": self._constraints(badge, "badge", full=not fresh),
            "benefits": shuffled(badge["benefits"], _salt(badge)),
            "tags": shuffled(badge["tags"], _salt(badge)),
            "badgeGroupId": badge["badgeGroupId"],
            "badgeRank": badge["badgeRank"],
            "earnType": badge["earnType"],
            **(numbers if counts else {}),
            "status": status_of(badge, self._now),
            **audit(badge, fresh=fresh),
            "customFields": self._custom(badge),
            "active": badge["active"],
        }

    def summary(self, badge: Json) -> Json:
        """A row of the list: no constraints, no enrolment expiry, no numeric id."""
        group = badge["badgeGroupId"]
        return {
            "id": badge["id"],
            "orgId": self._org_id,
            "name": badge["name"],
            "badgeGroupId": group,
            "badgeGroupName": None if group is None else group_name(self._store, group),
            "badgeRank": badge["badgeRank"],
            "description": badge["description"],
            **twin("startOn", badge["startOn"]),
            **twin("expiresOn", badge["expiresOn"]),
            "status": status_of(badge, self._now),
            "images": badge["images"],
            "tags": shuffled(badge["tags"], _salt(badge)),
            "earnType": badge["earnType"],
            "earnedBadgeExpiry": _expiry(badge["earnedBadgeExpiry"]),
            "ownership": _ownership(badge),
            "benefits": shuffled(badge["benefits"], _salt(badge)),
            "issuedCount": badge["issuedCount"],
            "earnedCount": badge["earnedCount"],
            **audit(badge),
            "customFields": self._custom(badge),
            "active": badge["active"],
        }

    def _constraints(self, badge: Json, side: str, *, full: bool) -> list[Json]:
        start, end = badge["startOn"], window_end(badge)
        windows = [
            shown_window(one, start=start, end=end, now=self._now, full=full)
            for one in badge[side]["windows"]
        ]
        return [*shuffled(badge[side]["plain"], _salt(badge)), *windows]

    def _custom(self, badge: Json) -> Json:
        """Values by the fields' names of today; mandatory fields show their default."""
        if self._fields is None:
            self._fields = [one for one in self._store.all(FIELDS) if one["isActive"]]
        values: Mapping[str, str] = badge["customFields"]
        shown = {name[1:]: value for name, value in values.items() if name.startswith("=")}
        for field in self._fields:
            if field["id"] in values:
                shown[field["name"]] = values[field["id"]]
            elif field["isMandatory"]:
                shown.setdefault(field["name"], field["defaultValue"])
        return shown


def _salt(badge: Json) -> str:
    return f"{badge['id']}{badge['lastUpdatedOn']}"


def _ownership(badge: Json) -> Json:
    salt = _salt(badge)
    return {
        "restrictedToOwners": shuffled(badge["owners"], salt),
        "claims": shuffled(badge["claims"], salt),
    }


def _expiry(stored: Json) -> Json:
    if stored is None or stored["expiryType"] != "ABSOLUTE":
        return stored
    with_badge = stored["type"] == "WITH_BADGE_META"
    return {
        "expiryType": "ABSOLUTE",
        "type": stored["type"],
        **twin("expiresOn", stored.get("expiresOn")),
        "expireWithBadgeMeta": with_badge,
    }
