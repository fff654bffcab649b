"""Calls as HTTP requests, and one exchange of a request for a response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import httpx

import capsync
from capsync import jsonio
from capsync.api.dialect import Call
from capsync.api.outcome import Failure, Fate, Reply
from capsync.api.settings import Settings
from capsync.api.transport import broken, undecodable
from capsync.errors import NotFound

Json = Any

_AGENT = {"User-Agent": f"capsync/{capsync.__version__}"}
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", **_AGENT}
_CONNECT = 15.0  # seconds


class Wire:
    """One exchange at a time over a transport; knows the host, nothing of credentials or retries.

    The transport is called directly, as httpx documents it for custom transports: cookies,
    redirects and authentication flows of its client are not wanted, and cost three times as much
    as the rest (130 against 36 µs a call).
    """

    def __init__(
        self,
        settings: Settings,
        transport: httpx.AsyncBaseTransport,
        wall_clock: Callable[[], float],
    ) -> None:
        self._base, self._transport, self._wall_clock = settings.base_url, transport, wall_clock
        self._extensions = {
            "timeout": {
                "connect": min(settings.timeout, _CONNECT),
                "read": settings.timeout,
                "write": settings.timeout,
                "pool": None,
            }
        }
        self.reached = False  # whether anything ever answered
        self.skew: float | None = None  # seconds that this machine's time is ahead of the service's

    def request(self, call: Call, credentials: Mapping[str, str]) -> httpx.Request:
        """The call as a request. Raises httpx.InvalidURL or UnicodeEncodeError for what HTTP can
        not carry."""
        url = self._base + call.path
        if text := query(call.params or {}):
            url += f"?{text}"
        headers = {**_HEADERS, **credentials, **(call.headers or {})}
        content = call.content
        if call.method not in ("GET", "HEAD"):
            # Wanted even where there is no body: 415 else (api notes: platform 3).
            kind = "application/json" if content is None else "application/octet-stream"
            headers.setdefault("Content-Type", call.content_type or kind)
        if call.body is not None and content is None:
            content = jsonio.dumps(call.body)
        return httpx.Request(
            call.method, url, headers=headers, content=content, extensions=self._extensions
        )

    def bare(self, url: str) -> httpx.Request:
        """A GET of a full URL, without anything that tells who asks."""
        return httpx.Request("GET", url, headers=_AGENT, extensions=self._extensions)

    async def exchange(self, request: httpx.Request, limit: int | None = None) -> Reply | Failure:
        """The response, whole; of a body beyond `limit` only as much as shows that it is."""
        try:
            response = await self._transport.handle_async_request(request)
            try:
                content = await _content(response, limit)
            finally:
                await response.aclose()
        except httpx.DecodingError:
            return undecodable()
        except (httpx.TransportError, OSError) as error:
            return broken(error, request.url.host)
        self.reached = True
        if self.skew is None:
            self._compare_clocks(response.headers.get("date", ""))
        return Reply(response.status_code, content, response.headers)

    def _compare_clocks(self, date: str) -> None:
        try:
            self.skew = self._wall_clock() - parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError):
            return


async def _content(response: httpx.Response, limit: int | None) -> bytes:
    if limit is None:
        return await response.aread()
    parts, size = [], 0
    async for part in response.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size > limit:
            break
    return b"".join(parts)


def query(params: Mapping[str, Json]) -> str:
    """Parameters as a query string: lists repeat the name, null leaves it out."""
    pairs = [
        (name, str(each).lower() if isinstance(each, bool) else str(each))
        for name, value in params.items()
        for each in (value if isinstance(value, list | tuple) else (value,))
        if each is not None
    ]
    return urlencode(pairs, quote_via=quote)


def downloaded(reply: Reply, limit: int) -> bytes | Failure:
    """The bytes behind a link, or why there are none."""
    if reply.status == 200:
        if len(reply.content) <= limit:
            return reply.content
        return reply.failure(Fate.SETTLED, f"larger than {limit} bytes")
    if reply.status in (403, 404, 410):
        message = f"HTTP {reply.status}: the link has expired, or the file is gone"
        return reply.failure(Fate.SETTLED, message, NotFound)
    again = reply.status == 429 or reply.status >= 500
    return reply.failure(Fate.UNKNOWN if again else Fate.SETTLED, f"HTTP {reply.status}")
