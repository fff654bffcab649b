"""What the answers of fields, labels, events and webhooks have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from capsync.sandbox.store import Store
from capsync.sandbox.web import Refusal, Reply, Request

Json = Any


def refusal(code: int, message: str, *, status: int = 200, **members: Json) -> Refusal:
    """A v2 business error; `members` are the envelope's other keys.

    The status is 200 unless given: the pages say that errors may come inside a 200, and nothing
    is harder to notice (api notes: fields, "Across the family").
    """
    fault = {"status": False, "code": code, "message": message}
    return Refusal(Reply({**members, "errors": [fault], "warnings": []}, status))


def bad_request() -> Refusal:
    """HTTP 400 with the one documented body of it: an empty object."""
    return Refusal(Reply({}, 400))


def body_object(request: Request) -> dict[str, Json]:
    """The body where it is a JSON object, else a bad request."""
    body = request.json()
    if not isinstance(body, dict):
        raise bad_request()
    return body


def whole_number(value: Json) -> int | None:
    """A 32-bit integer sent as number or text, fractions cut off; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    return number if -(2**31) <= number < 2**31 else None


def text(value: Json, default: str = "") -> str:
    """A scalar as text; objects and lists are a bad request, as for any typed text field."""
    if value is None:
        return default
    if isinstance(value, dict | list):
        raise bad_request()
    return str(value).lower() if isinstance(value, bool) else str(value)


def iso_seconds(moment: float) -> str:
    """An instant in UTC, to the second, with Z."""
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def setting(store: Store, name: str) -> dict[str, Json]:
    """How this sandbox org differs from the others: the document `settings/<name>`, or {}."""
    return store.get("settings", name) or {}


def org_number(store: Store, key: str) -> int | None:
    """A numeric configuration key of the org, None where it was never set."""
    document = store.get("org-configs", key)
    return None if document is None else whole_number(document.get("value"))
