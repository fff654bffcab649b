"""The wire: httpx over several small connection pools, and what its errors mean."""

from __future__ import annotations

import socket
import ssl
import urllib.request
from collections.abc import AsyncIterator, Callable

import httpx

from capsync.api.outcome import Failure, Fate
from capsync.api.settings import Settings, is_loopback
from capsync.errors import Garbled, Unreachable

# One httpx pool rescans all its connections at every request: at 50 in flight five pools take a
# fifth of the time of one (measured: 1.8 to 2.4 s against 11.9 s for 2,000 calls of 40 ms).
_SHARDS = 5
# Gateways keep idle connections for 60 s and more; reusing one that just closed loses a write.
_LIMITS = httpx.Limits(
    max_connections=None, max_keepalive_connections=None, keepalive_expiry=20.0
)  # fmt: skip
_SLOW = "gateways cut calls after 20 to 30 s; `timeout` of the environment is capsync's patience"


class Shards(httpx.AsyncBaseTransport):
    """Spreads requests over pools, the least busy first: few calls share few connections."""

    def __init__(self, make: Callable[[], httpx.AsyncBaseTransport], count: int = _SHARDS) -> None:
        self._pools = [make() for _ in range(count)]
        self._busy = [0] * count

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The response of one pool; its connection counts as busy until the body is closed."""
        place = self._busy.index(min(self._busy))
        self._busy[place] += 1
        try:
            response = await self._pools[place].handle_async_request(request)
        except BaseException:
            self._busy[place] -= 1
            raise
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=_Held(stream, self._busy, place),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in self._pools:
            await pool.aclose()


class _Held(httpx.AsyncByteStream):
    """A body that frees its place among the busy once it is closed."""

    def __init__(self, stream: httpx.AsyncByteStream, busy: list[int], place: int) -> None:
        self._stream, self._busy, self._place = stream, busy, place
        self._is_open = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            if self._is_open:
                self._is_open = False
                self._busy[self._place] -= 1


class Network(httpx.AsyncBaseTransport):
    """The real network: one TLS context for all, and the proxies that the environment names."""

    def __init__(self, settings: Settings) -> None:
        self._context = tls_context(settings.ca_bundle)
        self._routes: dict[str, Shards] = {}
        self._proxies: dict[tuple[str, str], str] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The response, through the proxy that this host takes."""
        return await self._route(request.url).handle_async_request(request)

    def _route(self, url: httpx.URL) -> Shards:
        key = (url.scheme, url.host)
        if (proxy := self._proxies.get(key)) is None:
            proxy = self._proxies[key] = proxy_for(*key)
        if (route := self._routes.get(proxy)) is None:
            route = self._routes[proxy] = Shards(lambda: self._pool(proxy))
        return route

    def _pool(self, proxy: str) -> httpx.AsyncHTTPTransport:
        try:
            return httpx.AsyncHTTPTransport(
                verify=self._context, limits=_LIMITS, proxy=proxy or None, trust_env=False
            )
        except (ValueError, ImportError, httpx.InvalidURL):
            raise Unreachable(
                "the proxy of the process environment can not be used",
                hint="HTTPS_PROXY takes http://HOST:PORT",
            ) from None

    async def aclose(self) -> None:
        """Close every connection."""
        for route in self._routes.values():
            await route.aclose()


def tls_context(ca_bundle: str = "") -> ssl.SSLContext:
    """A context that trusts that file, else SSL_CERT_FILE, else the certificates of certifi.
    Building one takes 17 ms. Raises Unreachable where the file can not be used."""
    try:
        if not ca_bundle:
            return httpx.create_ssl_context()
        return ssl.create_default_context(cafile=ca_bundle)
    except (OSError, ssl.SSLError):
        raise Unreachable(
            f"the certificates in {ca_bundle or 'SSL_CERT_FILE'} can not be read",
            hint="correct the path; it must be a file of PEM certificates",
        ) from None


def proxy_for(scheme: str, host: str) -> str:
    """The proxy that the process environment names for a host, "" for none."""
    if is_loopback(host) or urllib.request.proxy_bypass(host):
        return ""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(scheme) or proxies.get("all") or ""
    return proxy if "://" in proxy or not proxy else f"http://{proxy}"


def broken(error: httpx.TransportError | OSError, host: str) -> Failure:
    """What a failed exchange means. Texts of httpx are not repeated: they may quote headers."""
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return _never_sent(f"{host} does not take connections (time-out)")
    if isinstance(error, httpx.ConnectError):
        return _no_connection(error, host)
    if isinstance(error, httpx.ProxyError):
        return _never_sent(
            f"the proxy on the way to {host} refused", hint="check HTTPS_PROXY and NO_PROXY"
        )
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        return unwritable()
    if isinstance(error, httpx.TimeoutException):
        return Failure(Fate.UNKNOWN, "no answer in time", hint=_SLOW)
    return Failure(Fate.UNKNOWN, "the connection broke before the whole answer came")


def unwritable() -> Failure:
    """What a path or header that HTTP can not carry means."""
    return _for_good(
        "the request can not be written as HTTP",
        "do credentials or header values hold line breaks or letters beyond ASCII?",
    )


def undecodable() -> Failure:
    """What a body in a broken compression means."""
    return Failure(Fate.UNKNOWN, "the answer can not be decompressed", Garbled)


def _no_connection(error: httpx.ConnectError, host: str) -> Failure:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _for_good(
                f"the certificate of {host} is not trusted{_why(cause)}",
                "set `ca_bundle` to your company's certificates, if a proxy opens connections",
            )
        if isinstance(cause, ssl.SSLError):
            return _never_sent(
                f"{host} does not speak TLS as expected", hint="check scheme and port of `endpoint`"
            )
        if isinstance(cause, socket.gaierror):
            return _never_sent(
                f"unknown host {host}", hint="check `endpoint`, and the network connection"
            )
    return _never_sent(
        f"{host} does not take connections",
        hint="check `endpoint`, the network connection and HTTPS_PROXY",
    )


def _why(error: ssl.SSLCertVerificationError) -> str:
    message = getattr(error, "verify_message", "")
    return f": {message}" if message else ""


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what led to it, members of groups included."""
    found: list[BaseException] = []
    todo: list[BaseException | None] = [error]
    while todo:
        each = todo.pop()
        if each is None or any(each is known for known in found):
            continue
        found.append(each)
        todo += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            todo += each.exceptions
    return found


def _never_sent(message: str, hint: str = "") -> Failure:
    return Failure(Fate.NOT_TAKEN, message, Unreachable, hint)


def _for_good(message: str, hint: str) -> Failure:
    return Failure(Fate.SETTLED, message, Unreachable, hint)
