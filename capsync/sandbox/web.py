"""What a sandbox handler takes and gives back: requests, replies, routes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from capsync.sandbox.store import Store

Json = Any


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `body` is JSON data, or bytes that are sent as they are; None sends no body."""

    body: Json = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    """How a sandbox was started: who may call it, and rules that differ between orgs."""

    auth: bool = True
    oauth: Mapping[str, str] = field(default_factory=lambda: {"sandbox": "sandbox"})
    basic: Mapping[str, str] = field(
        default_factory=lambda: {"till1": "sandbox", "admin1": "sandbox"}
    )
    admin_key: str = "sandbox-admin"  # of the header X-CAP-API-AUTH-KEY
    admin_required: bool = False  # orgs where creating custom fields takes an admin user
    badges_start_ahead: bool = False  # older clusters: a start in the past takes a header
    token_ttl: int = 300  # seconds
    signing_key: bytes = b""  # of the access tokens


class Refusal(Exception):
    """Raised by a handler to answer at once with `reply`; nothing of the call is kept."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Request:
    """One call as a handler sees it: authenticated, routed, inside a store transaction."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    params: Mapping[str, str]  # from the route's template
    store: Store
    org_id: int
    user_id: int  # who the credentials belong to: createdBy, lastUpdatedBy
    admin: bool  # the call carried an admin user's key
    now: float  # seconds since the epoch: the one clock a handler may read
    options: Options = field(default_factory=Options)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of a query parameter, else the default."""
        values = self.query.get(name)
        return values[0] if values else default

    def all(self, name: str) -> list[str]:
        """Every value of a repeated query parameter."""
        return list(self.query.get(name, ()))

    def json(self) -> Json:
        """The decoded body; raises ValueError where it is not JSON, None where it is empty."""
        return orjson.loads(self.body) if self.body else None


Handler = Callable[[Request], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path template (`/v3/webHooks/{id}`) with the handler that answers it."""

    method: str
    template: str
    pattern: re.Pattern[str]
    handler: Handler
    public: bool = False  # answers without credentials (the token call)


class Routes:
    """The calls of one API family, collected by decorator in its module."""

    def __init__(self) -> None:
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def __call__(
        self, method: str, template: str, *, public: bool = False
    ) -> Callable[[Handler], Handler]:
        """Decorator: `@routes("GET", "/v2/labels/{id}")`."""
        pattern = re.compile(
            "".join(
                f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part)
                for part in re.split(r"(\{\w+\})", template)
            )
        )

        def register(handler: Handler) -> Handler:
            self._routes.append(Route(method, template, pattern, handler, public))
            return handler

        return register
