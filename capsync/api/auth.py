"""Credentials as headers: access tokens kept fresh, till passwords as md5, the admin user's."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from capsync import jsonio
from capsync.api.dialect import Answer, Call, Dialect, at
from capsync.api.dialects import V3
from capsync.api.settings import Admin, Basic, Oauth, Settings
from capsync.errors import (
    ApiError,
    AuthError,
    Garbled,
    NotFound,
    PlanBlocked,
    RateLimited,
    Unreachable,
)

Json = Any

TOKEN_HEADER = "X-CAP-API-OAUTH-TOKEN"
_TOKEN_PATH = "/v3/oauth/token/generate"
# The examples' life of a token, for answers that do not say.
_DEFAULT_LIFE = 300.0
# A call may wait a minute for its turn after it got its headers.
_EARLY, _EARLY_SHARE = 90.0, 0.3


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says of itself; None where it says nothing."""

    org_id: int | None = None
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    fresh_until: float  # on the client's own clock, so a wrong time of day does no harm
    claims: Claims


class Credentials:
    """The headers that say who calls. `send` makes the token call, without credentials."""

    def __init__(
        self,
        settings: Settings,
        send: Callable[[Call], Awaitable[Answer]],
        clock: Callable[[], float],
    ) -> None:
        self._settings, self._send, self._clock = settings, send, clock
        self._token: _Token | None = None
        self._renewing = asyncio.Lock()
        self._basic = basic_header(settings.auth)
        self._admin = _admin_headers(settings.admin_auth, settings.org_id)

    async def headers(self, call: Call) -> Mapping[str, str]:
        """The headers for a call; fetches a token where the last one is about to expire."""
        admin = self._admin if call.admin else {}
        if "Authorization" in admin:
            return admin
        if isinstance(self._settings.auth, Oauth):
            return {TOKEN_HEADER: (await self._fresh()).text, **admin}
        return {**self._basic, **admin}

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """Whether other headers than those refused are to be had: makes sure that the refused
        token is used no more. Many calls may ask at once; one token is fetched."""
        text = refused.get(TOKEN_HEADER)
        if text is None:
            return False
        if self._token is not None and self._token.text == text:
            self._token = None
        return (await self._fresh()).text != text

    async def claims(self) -> Claims:
        """What the access token says of org and client; nothing for other ways to log in."""
        if not isinstance(self._settings.auth, Oauth):
            return Claims()
        return (await self._fresh()).claims

    def secrets(self) -> list[str]:
        """Every text that must not appear in messages."""
        settings = self._settings
        texts = [self._token.text] if self._token is not None else []
        if isinstance(settings.auth, Oauth):
            texts.append(settings.auth.secret.reveal())
        for who in (settings.auth, settings.admin_auth):
            if isinstance(who, Basic | Admin):
                texts += [who.password.reveal(), *basic_header(who).values()]
                texts.append(_md5(who.password.reveal()))
        if settings.admin_auth is not None:
            texts.append(settings.admin_auth.key.reveal())
        texts += [text.removeprefix("Basic ") for text in texts]
        return [text for text in texts if text]

    async def _fresh(self) -> _Token:
        async with self._renewing:
            token = self._token
            if token is None or self._clock() >= token.fresh_until:
                token = self._token = await self._fetched()
            return token

    async def _fetched(self) -> _Token:
        auth = self._settings.auth
        assert isinstance(auth, Oauth)
        body = {"key": auth.key, "secret": auth.secret.reveal()}
        start = self._clock()
        try:
            answer = await self._send(Call("POST", _TOKEN_PATH, _TOKEN, body=body, reads=True))
        except (RateLimited, Unreachable, Garbled):
            raise
        except ApiError as refused:
            if refused.status == 0 or refused.status >= 500:
                raise
            raise _no_token(refused) from None
        token = _token_of(answer, start)
        self._guard(token.claims)
        return token

    def _guard(self, claims: Claims) -> None:
        expected = self._settings.org_id
        if None in (expected, claims.org_id) or claims.org_id == expected:
            return
        raise PlanBlocked(
            f"these credentials belong to org {claims.org_id}, but the environment says {expected}",
            hint="nothing was written; correct org_id or the credentials",
        )


_TOKEN = Dialect("token", V3.payload, V3.faults)


def _token_of(answer: Answer, start: float) -> _Token:
    text = at(answer.payload, "accessToken")
    if not isinstance(text, str) or not text:
        raise AuthError(
            "the answer holds no access token",
            method="POST",
            path=_TOKEN_PATH,
            status=answer.status,
            request_id=answer.request_id,
        )
    life = at(answer.payload, "ttlSeconds")
    try:
        seconds = float(life)
    except (TypeError, ValueError):
        seconds = _DEFAULT_LIFE
    early = min(_EARLY, seconds * _EARLY_SHARE)
    return _Token(text, start + seconds - early, claims_of(text))


def _no_token(refused: ApiError) -> AuthError:
    # The service tells a wrong key, a wrong secret and a missing permission in the same words.
    hint = "check auth.key and auth.secret of the environment, and the API client's access group"
    return AuthError(
        "no access token: the key or secret of the API client was refused",
        hint="is `endpoint` the API host?" if isinstance(refused, NotFound) else hint,
        method="POST",
        path=_TOKEN_PATH,
        status=refused.status,
        codes=refused.codes,
        request_id=refused.request_id,
    )


def claims_of(token: str) -> Claims:
    """What the payload of a JWT says of org and client; unsigned hearsay, so only a guard."""
    parts = token.split(".")
    if len(parts) != 3:
        return Claims()
    try:
        payload = jsonio.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error):
        return Claims()
    org, client = at(payload, "org_id"), at(payload, "client_id")
    org_id = int(org) if str(org).isdecimal() else None
    return Claims(org_id, None if client is None else str(client))


def basic_header(who: Oauth | Basic | Admin | None) -> dict[str, str]:
    """The Authorization header of a till or an admin user, none where no name is given."""
    if not isinstance(who, Basic | Admin) or not who.username:
        return {}
    pair = f"{who.username}:{_md5(who.password.reveal())}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _admin_headers(admin: Admin | None, org_id: int | None) -> dict[str, str]:
    if admin is None:
        return {}
    headers = basic_header(admin)
    if admin.key:
        headers["X-CAP-API-AUTH-KEY"] = admin.key.reveal()
    if org_id is not None:
        headers["X-CAP-API-AUTH-ORG-ID"] = str(org_id)
    return headers
