"""What an endpoint and a rate limit of capsync.yaml mean."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from capsync.config.values import SANDBOX

_SECONDS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hour": 3600}


def endpoint_fault(endpoint: str) -> tuple[str, str] | None:
    """What is wrong with an endpoint and what to do, None where it is right."""
    if endpoint == SANDBOX:
        return None
    try:
        url = urlsplit(endpoint)
        port_is_right = url.port is None or url.port > 0
    except ValueError as error:
        return f"is no URL: {error}", ""
    if url.scheme not in ("http", "https") or not url.hostname or not port_is_right:
        return (
            f"{endpoint} is no URL of a host",
            f"write sandbox, or https://{url.netloc or 'HOST'}",
        )
    if url.scheme == "http" and not is_loopback(url.hostname):
        return "plain http would send the credentials in clear", "use https"
    return _extra_parts(url)


def _extra_parts(url: SplitResult) -> tuple[str, str] | None:
    if url.username or url.password:
        return "credentials do not belong into a URL", "put them under auth"
    if url.query or url.fragment:
        return "an endpoint has no query and no fragment", "leave out what follows the host"
    return None


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def requests_per_minute(limit: str | int) -> int | None:
    """`100/min`, `5/s`, a bare number a minute, or `none`; at least one."""
    if limit == "none":
        return None
    if isinstance(limit, int):
        return limit
    count, _, unit = limit.partition("/")
    return max(1, int(count) * 60 // _SECONDS[unit])
