"""What came of one try of a call: an answer, or a failure that says whether to try again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from enum import Enum

from capsync import jsonio
from capsync.api.dialect import Answer, Call, Fault, Json, MissingMember
from capsync.api.dialects import told_anywhere
from capsync.api.text import clean, excerpt
from capsync.errors import ApiError, AuthError, Forbidden, Garbled, NotFound, RateLimited

_NOTHING = object()
_NOT_TAKEN = {
    429: "too many requests",
    461: "the search engine is busy",
    503: "the service is not available now",
    521: "another action is running",
}
_DENIED, _ADMIN = "4000", "91032"
_SHOWN_FAULTS = 8


class Fate(Enum):
    """What is known of a call that failed."""

    NOT_TAKEN = "not taken"  # never sent, or told to wait: nothing happened
    UNKNOWN = "unknown"  # it may have been carried out
    SETTLED = "settled"  # refused for good


@dataclass(frozen=True, slots=True)
class Failure:
    """A try that failed: what is known, and the error to raise once trying is over.

    `wait` is how long the service said to wait, in seconds. `holds`: every task has to wait.
    `slows`: the rate was too high. `renew`: another token may help.
    """

    fate: Fate
    message: str
    error: type[ApiError] = ApiError
    hint: str = ""
    status: int = 0
    codes: tuple[str, ...] = ()
    request_id: str = ""
    wait: float | None = None
    holds: bool = False
    slows: bool = False
    renew: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response as it came. `headers` must find names whatever their case."""

    status: int
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def request_id(self) -> str:
        """The service's own id of the call, "" where it gave none."""
        return clean(self.headers.get("x-cap-requestid", ""), 80)

    def failure(
        self,
        fate: Fate,
        message: str,
        error: type[ApiError] = ApiError,
        hint: str = "",
        codes: tuple[str, ...] = (),
    ) -> Failure:
        """A failure with this response's status and request id."""
        return Failure(fate, message, error, hint, self.status, codes, self.request_id)


def judge(call: Call, reply: Reply) -> Answer | Failure:
    """The answer to a call, or why there is none. Status and body are both read."""
    if reply.status == 401:
        return _refused_credentials(reply)
    if 300 <= reply.status < 400:
        return _redirected(reply)
    body = _decoded(reply.content)
    if waiting := _told_to_wait(reply, body):
        return waiting
    if body is _NOTHING:
        return _no_json(call, reply)
    return _judged(call, reply, body)


def _judged(call: Call, reply: Reply, body: Json) -> Answer | Failure:
    dialect = call.dialect
    faults = dialect.faults(body, reply.status)
    if not faults:
        return _good(call, reply, body)
    codes = {fault.code for fault in faults}
    if call.is_read and codes <= dialect.empty and _may_mean_nothing(reply, body):
        return Answer(None, body, reply.status, reply.request_id)
    if codes & dialect.again:
        return _waiting(reply, _told(faults), faults)
    return _fault(call, reply, faults)


def _fault(call: Call, reply: Reply, faults: list[Fault]) -> Failure:
    """A refusal for good; a 5xx is one only where the dialect knows the code."""
    codes = tuple(fault.code for fault in faults if fault.code)
    told = _told(faults) if reply.status < 400 else f"HTTP {reply.status}: {_told(faults)}"
    if reply.status >= 500 and not call.dialect.settled.intersection(codes):
        return reply.failure(Fate.UNKNOWN, told, codes=codes)
    # A read that failed inside the service, told in a 200, may do better the next time.
    if call.is_read and reply.status < 300 and set(codes) == {"500"}:
        return reply.failure(Fate.UNKNOWN, told, codes=codes)
    error, hint = _class_of(call, reply.status, codes)
    return reply.failure(Fate.SETTLED, told, error, hint, codes)


def _class_of(call: Call, status: int, codes: tuple[str, ...]) -> tuple[type[ApiError], str]:
    # 91032 means something else for verticals, so only calls that want an admin read it so.
    if call.admin and _ADMIN in codes:
        return Forbidden, "this call takes an admin user: set `admin_auth` of the environment"
    if status == 403 or _DENIED in codes:
        return Forbidden, (
            "the access group of these credentials must allow it; "
            "an edited access group takes an hour to act"
        )
    if status == 404 or call.dialect.missing.intersection(codes):
        return NotFound, ""
    return ApiError, ""


def _good(call: Call, reply: Reply, body: Json) -> Answer | Failure:
    if body is None and call.is_read:
        return reply.failure(Fate.UNKNOWN, "the answer is empty", Garbled)
    try:
        payload = call.dialect.payload(body)
    except MissingMember as missing:
        if call.is_read:
            hint = "is `endpoint` the API host, and is this call enabled for the org?"
            return reply.failure(Fate.SETTLED, f"the answer has no {missing}", Garbled, hint)
        # Status and faults say that the write was carried out; answers to writes vary.
        payload = None
    warnings = tuple(clean(warning) for warning in call.dialect.warnings(body))
    return Answer(payload, body, reply.status, reply.request_id, warnings)


def _may_mean_nothing(reply: Reply, body: Json) -> bool:
    """Whether an "empty" code is the service's own. A gateway's 502 must not count as an org
    without objects, so a 5xx is believed only in the shape of the service's errors."""
    return reply.status < 500 or bool(isinstance(body, Mapping) and body.get("errors"))


def _told(faults: list[Fault]) -> str:
    shown = "; ".join(filter(None, (clean(str(fault)) for fault in faults[:_SHOWN_FAULTS])))
    left = len(faults) - _SHOWN_FAULTS
    return f"{shown}; and {left} more" if left > 0 else shown


def _decoded(content: bytes) -> Json:
    """The body's JSON value: None where it is empty, `_NOTHING` where it is no JSON."""
    if not content.strip():
        return None
    try:
        return jsonio.loads(content)
    except ValueError:
        return _NOTHING


def _no_json(call: Call, reply: Reply) -> Failure:
    said = excerpt(reply.content)
    if 400 <= reply.status < 500:
        hint = "is `endpoint` the API host? a proxy may have answered in its place"
        error = Forbidden if reply.status == 403 else Garbled
        return reply.failure(Fate.SETTLED, f"HTTP {reply.status}: {said}", error, hint)
    cut = reply.content.lstrip()[:1] in (b"{", b"[")
    what = "the answer is cut off" if cut else f"the answer is not JSON: {said}"
    hint = "" if cut else "is `endpoint` the API host? a proxy may have answered in its place"
    # A page in place of a token comes from another host, or from a proxy that wants a login.
    is_page = reply.status < 300 and not cut and call.dialect.name == "token"
    fate = Fate.SETTLED if is_page else Fate.UNKNOWN
    return reply.failure(fate, f"HTTP {reply.status}, {what}", Garbled, hint)


def _refused_credentials(reply: Reply) -> Failure:
    told = _told(told_anywhere(_decoded(reply.content)))
    message = "HTTP 401, the credentials were refused" + (f": {told}" if told else "")
    return replace(reply.failure(Fate.SETTLED, message, AuthError), renew=True)


def _redirected(reply: Reply) -> Failure:
    target = clean(reply.headers.get("location", "").partition("?")[0], 120)
    return reply.failure(
        Fate.SETTLED,
        f"HTTP {reply.status}, sent on to {target or 'nowhere'}",
        Garbled,
        "redirects are not followed: set `endpoint` to the API host itself",
    )


def _told_to_wait(reply: Reply, body: Json) -> Failure | None:
    """A status that says the call was not taken; nothing was done, whatever the method.

    A 503 in plain text or HTML without Retry-After is a gateway's word on a connection that may
    have broken after the call was passed on, so it proves nothing.
    """
    if reply.status not in _NOT_TAKEN:
        return None
    if reply.status == 503 and body is _NOTHING and _retry_after(reply) is None:
        return None
    return _waiting(reply, f"HTTP {reply.status}, {_NOT_TAKEN[reply.status]}", [])


def _waiting(reply: Reply, message: str, faults: list[Fault]) -> Failure:
    codes = tuple(fault.code for fault in faults if fault.code)
    return replace(
        reply.failure(Fate.NOT_TAKEN, message, RateLimited, codes=codes),
        wait=_retry_after(reply),
        holds=reply.status in (429, 503),
        slows=reply.status == 429,
    )


def _retry_after(reply: Reply) -> float | None:
    """Seconds of Retry-After; a date counts from the response's own Date, so that no clock of
    this machine matters."""
    value = reply.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        since = parsedate_to_datetime(reply.headers.get("date", ""))
        return max(0.0, (until - since).total_seconds())
    except (ValueError, TypeError):
        return None
