"""What a client needs to know of an environment: where, who, how fast."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from capsync.secret import Secret

SANDBOX = "sandbox"

_NONE = Secret()


@dataclass(frozen=True, slots=True)
class Oauth:
    """An API client's key and secret, exchanged for access tokens."""

    key: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class Basic:
    """A till's id and password; the password leaves as md5, as the API wants."""

    username: str
    password: Secret


@dataclass(frozen=True, slots=True)
class Admin:
    """What the few endpoints that demand an admin user are sent; members left out are not sent."""

    username: str = ""
    password: Secret = _NONE
    key: Secret = _NONE


@dataclass(frozen=True, slots=True)
class Settings:
    """One environment as its client sees it. Raises ValueError for an endpoint it must not use.

    `endpoint` is a base URL, or `sandbox` for a transport inside this process. `rate_limit` is in
    requests a minute (None: no limit), `timeout` in seconds, `ca_bundle` a file of trusted
    certificates instead of the usual ones. `state_dir` is where processes of this machine share
    the rate limit; None is the user's own state directory.
    """

    endpoint: str
    org_id: int | None = None
    brand: str | None = None
    auth: Oauth | Basic | None = None
    admin_auth: Admin | None = None
    rate_limit: int | None = None
    concurrency: int = 8
    timeout: float = 60.0
    ca_bundle: str = ""
    state_dir: Path | None = None

    def __post_init__(self) -> None:
        if fault := endpoint_fault(self.endpoint):
            raise ValueError(f"endpoint: {fault[0]}")
        too_slow = self.rate_limit is not None and self.rate_limit < 1
        if self.concurrency < 1 or self.timeout <= 0 or too_slow:
            raise ValueError("concurrency, timeout and rate_limit must be above 0")

    @property
    def base_url(self) -> str:
        """What request paths are appended to."""
        return "http://sandbox" if self.endpoint == SANDBOX else self.endpoint.rstrip("/")

    @property
    def credential(self) -> str:
        """Which account pays the rate limit: a name, never a secret."""
        if isinstance(self.auth, Oauth):
            return f"oauth:{self.auth.key}"
        return f"basic:{self.auth.username}" if isinstance(self.auth, Basic) else ""


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
        return "is no URL of a host", f"write {SANDBOX}, or https://HOST"
    if url.scheme == "http" and not is_loopback(url.hostname):
        return "plain http would send the credentials in clear", "use https"
    if url.username or url.password:
        return "credentials do not belong into a URL", "put them under auth"
    if url.query or url.fragment:
        return "an endpoint has no query and no fragment", "leave out what follows the host"
    return None


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's loopback."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
