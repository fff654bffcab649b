"""How the calls about targets and loyalty promotions answer, and the rules that differ by org."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import timedelta, timezone, tzinfo
from typing import Any, NoReturn, TypeGuard

import orjson

from capsync.sandbox.store import Store
from capsync.sandbox.web import Refusal, Reply, Request

Json = Any

INVALID = 300004
DENIED = 300005
SERVICE = 300006
OTHER = 999999

# Wordings that the documented examples show; the others are ours.
MESSAGES: dict[int, str] = {
    310033: "Invalid target entity and target type combination",
    310069: "name of the group is taken",
    310094: "Target rule metadata is required in case of EXTENDED_FIELD/ALTERNATE_CURRENCIES"
    " target type",
    310145: "Invalid key is passed",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """What differs between orgs; kept in the store as `settings/targets`, all optional."""

    leaderboards: bool = True  # the org has leaderboards, else 310133
    user_created: bool = True  # support has enabled user-created challenges
    deletes_groups: bool = False  # a deleted group vanishes (api notes: hard or soft not stated)
    optin_window: bool = True  # CONF_ENROLLMENT_OPTIN_DURATION_ENABLED
    same_reviewer: bool = True  # who changed a promotion last may review it too
    stop_needs_admin: bool = False  # the docs reserve STOP for admins
    server_minutes: int = 0  # offset of the server's zone from UTC

    @classmethod
    def of(cls, store: Store) -> Rules:
        """The rules of this org."""
        stored = store.get("settings", "targets") or {}
        return cls(**{f.name: stored[f.name] for f in fields(cls) if f.name in stored})

    @property
    def zone(self) -> tzinfo:
        """The zone that answers are written in."""
        return timezone(timedelta(minutes=self.server_minutes))


def answer(data: Json, status: int = 200) -> Reply:
    """A successful answer in the v3 envelope."""
    return Reply({"data": data, "errors": None, "warnings": None}, status)


def refusal(code: int, message: str | None = None, *, status: int = 200) -> Refusal:
    """A failure in the v3 envelope.

    The HTTP status of most failures is not documented; 310191 is known to come with 200, so 200
    is what a client has to cope with wherever the docs give no other.
    """
    text = message or MESSAGES.get(code, "Request failed")
    error = {"code": code, "message": text}
    return Refusal(Reply({"data": None, "errors": [error], "warnings": None}, status))


def refuse(code: int, message: str | None = None, *, status: int = 200) -> NoReturn:
    """Raise such a failure."""
    raise refusal(code, message, status=status)


def unknown(what: str) -> Refusal:
    """The failure for a path that names nothing: HTTP 404 is in the list of the target calls."""
    return refusal(INVALID, f"Invalid input, {what} not found", status=404)


def body_object(request: Request) -> dict[str, Json]:
    """The body, which has to be a JSON object."""
    body = decoded(request)
    if not isinstance(body, dict):
        refuse(INVALID, "Invalid input, a JSON object is expected", status=400)
    return body


def body_objects(request: Request) -> list[dict[str, Json]]:
    """The body, which has to be a list of JSON objects."""
    body = decoded(request)
    if not isinstance(body, list) or not all(isinstance(item, dict) for item in body):
        refuse(INVALID, "Invalid input, a list of JSON objects is expected", status=400)
    return body


def decoded(request: Request) -> Json:
    """The body as JSON data; what is no JSON is refused."""
    try:
        return request.json()
    except orjson.JSONDecodeError:
        raise refusal(INVALID, "Invalid input, malformed JSON", status=400) from None


def flag(request: Request, name: str) -> bool:
    """A boolean query parameter, false where it is absent."""
    return (request.get(name) or "").lower() == "true"


def number(request: Request, name: str, default: int) -> int:
    """A numeric query parameter."""
    text = request.get(name)
    if text is None:
        return default
    try:
        return int(text)
    except ValueError:
        raise refusal(INVALID, f"Invalid input, {name} is no number") from None


def check_text(body: Json, name: str, longest: int, *, code: int = INVALID) -> None:
    """Refuse a member that is given but is no text, or longer than allowed."""
    value = body.get(name)
    if value is None:
        return
    if not isinstance(value, str):
        refuse(INVALID, f"Invalid input, {name} is no text")
    if len(value) > longest:
        refuse(code, f"{name} is longer than {longest} characters")


def check_choice(body: Json, name: str, allowed: Collection[str]) -> None:
    """Refuse a member that is given but is none of the known constants."""
    value = body.get(name)
    if value is not None and not is_one_of(value, allowed):
        refuse(INVALID, f"Invalid input, {name} {value!r} is not known")


def is_one_of(value: Json, allowed: Collection[str]) -> TypeGuard[str]:
    """Whether a value of a body, of whatever type, is one of the constants."""
    return isinstance(value, str) and value in allowed


def with_id(documents: Iterable[Json], id: Json) -> Json | None:
    """The document of a list that has the id which a body gives, of whatever type."""
    return next((document for document in documents if document["id"] == id), None)


def check_flag(body: Json, name: str) -> None:
    """Refuse a member that is given but is no boolean."""
    if not isinstance(body.get(name, False), bool | None):
        refuse(INVALID, f"Invalid input, {name} is no boolean")


def check_whole(
    body: Json, name: str, *, least: int | None = None, most: int | None = None
) -> None:
    """Refuse a member that is given but is no whole number within its bounds."""
    value = body.get(name)
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        refuse(INVALID, f"Invalid input, {name} is no whole number")
    if (least is not None and value < least) or (most is not None and value > most):
        refuse(INVALID, f"Invalid input, {name} {value} is out of bounds")


def member(body: Json, name: str) -> dict[str, Json]:
    """A member that is an object, empty where it is absent or null."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        refuse(INVALID, f"Invalid input, {name} is no object")
    return value


def objects(body: Json, name: str) -> list[dict[str, Json]]:
    """A member that is a list of objects, empty where it is absent or null."""
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        refuse(INVALID, f"Invalid input, {name} is no list of objects")
    return value
