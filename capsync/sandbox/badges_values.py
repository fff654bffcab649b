"""Values of the badge family: instants, ids, envelopes, enums, sets without order."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from capsync.sandbox.web import Refusal, Reply, Request

Json = Any

OWNERS = (
    "Loyalty",
    "Loyalty_Promotion",
    "Referral_Campaigns",
    "Journeys",
    "Audience_Campaigns",
    "Rewards_Catalog",
    "Goodwill_Module",
    "Milestones",
    "Historical_Import",
)
# Named by the update page alone.
OWNERS_OF_UPDATE = (*OWNERS, "Membercare")
UNITS = ("DAYS", "WEEKS", "MONTHS")

_PAGE = 10
_PAGE_MOST = 100
_DAY = 86400
_WHOLE_MOST = 2**31


class Faults:
    """The errors of one call: the service reports several at once."""

    def __init__(self) -> None:
        self._found: list[Json] = []

    def add(self, code: int, message: str, reference: str | None = None) -> None:
        """Note one error."""
        self._found.append({"code": code, "message": message, "reference": reference})

    def settle(self) -> None:
        """Refuse the call where anything was noted."""
        if self._found:
            body = {"data": None, "errors": self._found, "warnings": None}
            raise Refusal(Reply(body, 400))


def refusal(code: int, message: str, *, status: int = 400) -> Refusal:
    """A refusal with a single error."""
    fault = {"code": code, "message": message, "reference": None}
    return Refusal(Reply({"data": None, "errors": [fault], "warnings": None}, status))


def crash() -> Refusal:
    """What a body gets that the service's own validator can not judge (api notes: badges)."""
    return refusal(999999, "HV000028: Unexpected exception during isValid call.", status=500)


def unknown(kind: str) -> Refusal:
    """No object of that kind with the id."""
    return refusal(404, f"{kind} not found", status=404)


def saved(data: Json, status: int = 200) -> Reply:
    """The answer of a write or a list: empty lists of errors and warnings."""
    return Reply({"data": data, "errors": [], "warnings": []}, status)


def found(data: Json) -> Reply:
    """The answer of some single reads: null errors and warnings."""
    return Reply({"data": data, "errors": None, "warnings": None})


def body_of(request: Request) -> Mapping[str, Json]:
    """The object that was sent; refuses anything else."""
    body = request.json()
    if not isinstance(body, dict):
        raise refusal(400, "The body is not an object")
    return body


def member(value: Json, allowed: Collection[str], path: str) -> str:
    """A value of an enumeration; refuses others, all of the call, before any other check."""
    if value in allowed and isinstance(value, str):
        return value
    values = ", ".join(allowed)
    raise refusal(400, f"Invalid enum value '{value}' for field '{path}'; one of: [{values}]")


def items(sent: Json, path: str) -> list[Json]:
    """A list of objects; null and absent count as empty."""
    if sent is None:
        return []
    if not isinstance(sent, list):
        raise refusal(400, f"{path} is not a list")
    if not all(isinstance(item, dict) for item in sent):
        raise crash()
    return sent


def whole(value: Json, path: str) -> int:
    """A whole number of 32 bits, also in digits."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(value)
        number = int(value)
        if abs(number) >= _WHOLE_MOST:
            raise ValueError(value)
        return number
    except ValueError:
        raise refusal(400, f"{path} is not a number") from None


def text(value: Json) -> str:
    """Any scalar as text: values of custom fields are text whatever was sent."""
    if isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def instant(value: Json, path: str) -> float | None:
    """Epoch seconds of a number (taken as seconds, however large) or of an ISO text."""
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise refusal(400, f"{path} is not an instant") from None
        # Without an offset a value counts as server time.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    raise refusal(400, f"{path} is not an instant")


def iso(seconds: float) -> str:
    """An instant as the ISO twins show it, to the second, in the zone of a UTC server."""
    days, rest = divmod(math.floor(seconds), _DAY)
    year, month, day = _civil(days)
    hours, rest = divmod(rest, 3600)
    date = f"{year:04}-{month:02}-{day:02}" if year <= 9999 else f"+{year}-{month:02}-{day:02}"
    return f"{date}T{hours:02}:{rest // 60:02}:{rest % 60:02}Z"


def _civil(days: int) -> tuple[int, int, int]:
    """Year, month and day of a day since 1970: years above 9999 are beyond `datetime`."""
    era, day = divmod(days + 719468, 146097)
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    date = day - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return year + era * 400 + (month <= 2), month, date


def twin(name: str, seconds: float | None) -> dict[str, Json]:
    """An instant under its name and, as ISO, under its twin's."""
    shown = None if seconds is None else iso(seconds)
    return {name: seconds, f"{name}ISO": shown}


def audit(stored: Json, *, fresh: str = "") -> dict[str, Json]:
    """Who and when: to the microsecond where the call itself is the change, else to the ms.

    `fresh` is "create", "update" or empty for a read.
    """
    created = stored["createdOn"] if fresh == "create" else _floored(stored["createdOn"])
    updated = stored["lastUpdatedOn"] if fresh else _floored(stored["lastUpdatedOn"])
    return {
        **twin("createdOn", created),
        "createdBy": stored["createdBy"],
        **twin("lastUpdatedOn", updated),
        "lastUpdatedBy": stored["lastUpdatedBy"],
    }


def _floored(seconds: float) -> float:
    return math.floor(round(seconds * 1000, 3)) / 1000


def stamped(request: Request, known: Json | None = None) -> dict[str, Json]:
    """What a write notes about itself; the creation stays that of the known object."""
    now = round(request.now, 6)
    made = known or {"createdOn": now, "createdBy": request.user_id}
    return {
        "createdOn": made["createdOn"],
        "createdBy": made["createdBy"],
        "lastUpdatedOn": now,
        "lastUpdatedBy": request.user_id,
    }


def new_id(request: Request, sequence: str) -> str:
    """24 hex digits: the time, what is counted, a count: no two kinds share an id."""
    number = request.store.next(f"badges-{sequence}")
    counted = hashlib.md5(sequence.encode(), usedforsecurity=False).hexdigest()[:10]
    return f"{int(request.now) & 0xFFFFFFFF:08x}{counted}{number:06x}"


def shuffled(values: Iterable[Json], salt: str) -> list[Json]:
    """A set, in an order of its own that changes with each write."""

    def place(value: Json) -> bytes:
        return hashlib.md5(salt.encode() + orjson.dumps(value), usedforsecurity=False).digest()

    return sorted(values, key=place)


def distinct(values: Iterable[Json]) -> list[Json]:
    """The members of a set, in the order they came."""
    return list({orjson.dumps(v, option=orjson.OPT_SORT_KEYS): v for v in values}.values())


def page_of(request: Request) -> tuple[int, int]:
    """Number (from 0) and size of the page that is asked for; sizes are clipped silently."""
    asked = request.get("size") or request.get("limit") or str(_PAGE)
    size = whole(asked, "size")
    page = whole(request.get("page") or "0", "page")
    if size < 1 or page < 0:
        raise refusal(400, "page must be 0 or more and size above 0")
    return page, min(size, _PAGE_MOST)


def pagination(page: int, size: int, total: int) -> Json:
    """The block of every list."""
    return {"page": page, "size": size, "total": total, "totalPages": -(-total // size)}


def page_cut(rows: Sequence[Json], request: Request) -> tuple[Sequence[Json], Json]:
    """The page that is asked for and its block."""
    page, size = page_of(request)
    return rows[page * size : (page + 1) * size], pagination(page, size, len(rows))
