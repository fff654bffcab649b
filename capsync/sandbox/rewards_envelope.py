"""How the rewards catalogue answers: status blocks, audit members, times, pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from capsync.sandbox.web import Refusal, Reply, Request

Json = Any

PREFIX = "/api_gateway/rewards/core/v1"


def status(code: int | str, message: str, *, success: bool = True) -> Json:
    """A status block; `code` belongs to the application, not to HTTP."""
    return {"success": success, "code": code, "message": message}


def answer(code: int, message: str, **payload: Json) -> Reply:
    """A success in the usual envelope."""
    return Reply({"status": status(code, message), **payload})


def refusal(code: int, message: str, *, http: int = 400, **payload: Json) -> Refusal:
    """A failure in the usual envelope; many of them travel under HTTP 200."""
    return Refusal(Reply({"status": status(code, message, success=False), **payload}, http))


def brand_of(request: Request, brand_id: Json, **payload: Json) -> int:
    """The id of a brand that exists, from a number or text; `payload` goes into the refusal."""
    text = str(brand_id)
    if not text.isdecimal() or request.store.get("reward-brands", int(text)) is None:
        raise refusal(3004, "brand unknown", http=200, **payload)
    return int(text)


def path_brand(request: Request, **payload: Json) -> int:
    """The brand that the path names."""
    return brand_of(request, request.params["brandId"], **payload)


def path_number(request: Request, name: str) -> int:
    """A numeric path parameter."""
    text = request.params[name]
    if not text.isdecimal():
        raise refusal(400, f"{name} must be a number")
    return int(text)


def millis(seconds: float) -> int:
    """Epoch milliseconds."""
    return int(seconds * 1000)


def iso(ms: float) -> str:
    """Epoch milliseconds as ISO 8601 in UTC, cut to seconds."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def plain_time(ms: float) -> str:
    """Epoch milliseconds as "YYYY-MM-DD HH:MM:SS" in UTC, without a zone."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%d %H:%M:%S}"


def created(request: Request) -> Json:
    """The audit members of a new object."""
    now, who = millis(request.now), request.user_id
    return {"createdOn": now, "createdBy": who, "lastUpdatedOn": now, "lastUpdatedBy": who}


def updated(request: Request) -> Json:
    """The audit members that an update changes."""
    return {"lastUpdatedOn": millis(request.now), "lastUpdatedBy": request.user_id}


def audit(stored: Json, *, exact: bool = False) -> Json:
    """The audit members of an answer.

    Writes answer them to the millisecond (`exact`), reads are cut to the second (api notes:
    rewards, common rules).
    """
    made, changed = stored["createdOn"], stored["lastUpdatedOn"]
    if not exact:
        made, changed = made // 1000 * 1000, changed // 1000 * 1000
    return {
        "createdBy": stored["createdBy"],
        "createdOn": made,
        "createdOnDateTime": iso(made),
        "lastUpdatedBy": stored["lastUpdatedBy"],
        "lastUpdatedOn": changed,
        "lastUpdatedOnDateTime": iso(changed),
    }


def by_update(stored: Sequence[Json], order: str | None) -> list[Json]:
    """Documents by the time of their last change, oldest first unless `order` is DESC."""
    backwards = (order or "").upper() == "DESC"
    return sorted(stored, key=lambda one: int(one["lastUpdatedOn"]), reverse=backwards)


def paging(total: int, number: int, size: int) -> Json:
    """The paging block of page `number` (from 0)."""
    pages = -(-total // size)
    return {
        "last": number >= pages - 1,
        "first": number == 0,
        "totalElements": total,
        "totalPages": pages,
        "numberOfElements": max(0, min(size, total - number * size)),
        "size": size,
        "number": number,
    }


def wanted_page(
    request: Request, default: int, *, most: int | None = None, refused: Refusal | None = None
) -> tuple[int, int]:
    """The page and size of a list call; a size above `most` is cut without a word."""
    texts = request.get("page", "0"), request.get("size", str(default))
    try:
        number, size = (int(text or "") for text in texts)
    except ValueError:
        number = size = -1
    if number < 0 or size < 1:
        raise refused or refusal(400, "page must be 0 or more, size 1 or more")
    return number, size if most is None else min(size, most)
