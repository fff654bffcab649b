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
            raise ValueError(fault)
        if self.concurrency < 1 or self.timeout <= 0 or (self.rate_limit or 1) < 1:
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


def endpoint_fault(endpoint: str) -> str:
    """Why an endpoint can not be used, "" where it can: https, save on this machine's loopback."""
    if endpoint == SANDBOX:
        return ""
    try:
        url = urlsplit(endpoint)
        host, _port = url.hostname, url.port
    except ValueError:
        return "the endpoint is not a URL"
    if url.scheme not in ("http", "https") or not host:
        return f"the endpoint must be `{SANDBOX}` or a URL such as https://eu.api.capillarytech.com"
    if url.username or url.password:
        return "the endpoint must not hold a user name or password: they belong into `auth`"
    if url.query or url.fragment:
        return "the endpoint must end with its host or a path"
    if url.scheme == "http" and not is_loopback(host):
        return f"the endpoint must be https: credentials would travel to {host} in clear"
    return ""


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's loopback."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
