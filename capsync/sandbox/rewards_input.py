"""Typed reading of request bodies of the rewards catalogue; what is wrong gets code 400."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from capsync.sandbox.rewards_envelope import refusal
from capsync.sandbox.web import Request

Json = Any

# Of the epoch times that requests may hold, seconds are below this and milliseconds above.
_MILLIS_FROM = 100_000_000_000


def body_of(request: Request) -> Body:
    """The object that a request sends."""
    return Body(_decoded(request))


def bodies_of(request: Request) -> list[Body]:
    """The objects of a bulk request, at least one."""
    sent = _decoded(request)
    if not isinstance(sent, list) or not sent:
        raise refusal(400, "a list with at least one item is required")
    return [Body(item) for item in sent]


def _decoded(request: Request) -> Json:
    try:
        return request.json()
    except orjson.JSONDecodeError:
        raise refusal(400, "malformed JSON") from None


def number_of(value: Json, name: str) -> int:
    """A whole number that may come as text."""
    if isinstance(value, str) and value.strip().removeprefix("-").isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise refusal(400, f"{name} must be a whole number")
    return int(value)


def instant_of(value: Json, name: str) -> int:
    """An ISO 8601 or epoch time in epoch milliseconds; without an offset it is UTC."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value if value >= _MILLIS_FROM else value * 1000)
    try:
        when = datetime.fromisoformat(str(value))
    except ValueError:
        raise refusal(400, f"{name} is not a date and time") from None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1000)


class Body:
    """One object of a request. Readers answer None for a field that is absent or null."""

    __slots__ = ("_data",)

    def __init__(self, data: Json) -> None:
        if not isinstance(data, dict):
            raise refusal(400, "an object is required")
        self._data = data

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def raw(self, name: str) -> Json:
        """The value as it was sent."""
        return self._data.get(name)

    def need(self, *names: str) -> None:
        """Refuse a body in which any of the fields is absent, null or blank."""
        for name in names:
            value = self._data.get(name)
            if value is None or (isinstance(value, str) and not value.strip()):
                raise refusal(400, f"{name} is required")

    def text(self, name: str, limit: int | None = 255) -> str | None:
        """Text of at most `limit` characters; numbers are taken for text."""
        value = self._data.get(name)
        if value is None:
            return None
        if isinstance(value, bool | dict | list):
            raise refusal(400, f"{name} must be text")
        if limit is not None and len(str(value)) > limit:
            raise refusal(400, f"{name} is longer than {limit} characters")
        return str(value)

    def number(self, name: str, least: int | None = None) -> int | None:
        """A whole number, also sent as text."""
        value = self._data.get(name)
        if value is None or value == "":
            return None
        found = number_of(value, name)
        if least is not None and found < least:
            raise refusal(400, f"{name} must be {least} or more")
        return found

    def decimal(self, name: str) -> float | None:
        """A number, also sent as text."""
        value = self._data.get(name)
        if value is None:
            return None
        try:
            return float("" if isinstance(value, bool) else value)
        except (TypeError, ValueError):
            raise refusal(400, f"{name} must be a number") from None

    def flag(self, name: str) -> bool | None:
        """A flag, also sent as text."""
        value = self._data.get(name)
        if isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        if value is not None and not isinstance(value, bool):
            raise refusal(400, f"{name} must be true or false")
        return value

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        """One of the allowed words."""
        value = self._data.get(name)
        if value is not None and value not in choices:
            raise refusal(400, f"{name} must be one of {', '.join(sorted(choices))}")
        return None if value is None else str(value)

    def instant(self, name: str) -> int | None:
        """A time in epoch milliseconds."""
        value = self._data.get(name)
        return None if value is None else instant_of(value, name)

    def values(self, name: str) -> list[Json] | None:
        """A list of anything."""
        value = self._data.get(name)
        if value is not None and not isinstance(value, list):
            raise refusal(400, f"{name} must be a list")
        return value

    def texts(self, name: str) -> list[str] | None:
        """A list of texts."""
        values = self.values(name)
        return None if values is None else [str(value) for value in values]

    def numbers(self, name: str) -> list[int] | None:
        """A list of whole numbers, also sent as text."""
        values = self.values(name)
        return None if values is None else [number_of(value, name) for value in values]

    def objects(self, name: str) -> list[Body] | None:
        """A list of objects."""
        values = self.values(name)
        return None if values is None else [Body(value) for value in values]

    def part(self, name: str) -> Body | None:
        """An object inside the object."""
        value = self._data.get(name)
        return None if value is None else Body(value)

    def mapping(self, name: str) -> dict[str, Json] | None:
        """An object as a map."""
        found = self.part(name)
        return None if found is None else dict(found.items())

    def items(self) -> Iterator[tuple[str, Json]]:
        """Names and values as they were sent."""
        return iter(self._data.items())
