"""Who calls: Basic tills, OAuth access tokens, and the call that hands tokens out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping

import orjson

from capsync.sandbox.envelopes import failure
from capsync.sandbox.web import Options, Reply, Request, Routes

routes = Routes()

_NO_CLIENT = object()


@routes("POST", "/v3/oauth/token/generate", public=True)
def generate_access_token(request: Request) -> Reply:
    """A new token on every call; there are no refresh tokens."""
    asked = request.json()
    asked = asked if isinstance(asked, dict) else {}
    key, options = asked.get("key"), request.options
    if not isinstance(key, str) or options.oauth.get(key, _NO_CLIENT) != asked.get("secret"):
        # The error body of this call is not documented; the status is assumed there.
        return Reply(failure(request.path, 401, "Failed to generate OAuth token"), 401)
    token = _sign(
        {
            "iss": "capsync-sandbox",
            "exp": request.now + options.token_ttl,
            "jti": secrets.token_hex(8),
            "iat": request.now,
            "sub": key,
            "client_id": key,
            "org_id": request.org_id,
            "token_use": "access",
        },
        options.signing_key,
    )
    return Reply({"data": {"accessToken": token, "ttlSeconds": options.token_ttl}, "errors": None})


def caller(headers: Mapping[str, str], options: Options, now: float) -> str | None:
    """Who the credentials belong to, one name per API key; None where they are not valid."""
    token = headers.get("x-cap-api-oauth-token")
    if token is not None:
        return _client(token, options.signing_key, now)
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return _till(value, options.basic) if scheme.lower() == "basic" else None


def _till(value: str, known: Mapping[str, str]) -> str | None:
    try:
        name, _, sent = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    password = known.get(name)
    if password is None:
        return None
    # md5 because that is what the service wants on the wire (api notes: platform 2).
    expected = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
    return name if hmac.compare_digest(sent.encode(), expected.encode()) else None


def _client(token: str, key: bytes, now: float) -> str | None:
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _digest(signed, key).encode()):
        return None
    claims = orjson.loads(_unpadded(signed.partition(".")[2]))
    return str(claims["client_id"]) if now < claims["exp"] else None


def _sign(claims: Mapping[str, object], key: bytes) -> str:
    head = _padless(orjson.dumps({"alg": "HS256", "typ": "JWT"}))
    signed = f"{head}.{_padless(orjson.dumps(claims))}"
    return f"{signed}.{_digest(signed, key)}"


def _digest(signed: str, key: bytes) -> str:
    return _padless(hmac.digest(key, signed.encode(), "sha256"))


def _padless(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
