"""The ways the service answers: where objects and failures are in a body, how lists end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Json = Any


class MissingMember(LookupError):
    """Raised by `Dialect.payload` where a good body lacks the member that holds the object."""


def at(body: Json, path: str) -> Json:
    """The value at a dotted path of a body, None where a step is missing; "" is the body."""
    for step in path.split(".") if path else ():
        if isinstance(body, list) and step.isdigit():
            body = body[int(step)] if int(step) < len(body) else None
        else:
            body = body.get(step) if isinstance(body, Mapping) else None
    return body


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure told in a body: the API's own code as text, its message, what it points at."""

    code: str
    message: str
    reference: str = ""

    def __str__(self) -> str:
        points = f" ({self.reference})" if self.reference else ""
        return f"{self.code} {self.message}{points}".strip()


def _no_faults(_body: Json, _status: int) -> list[Fault]:
    return []


def _no_warnings(_body: Json) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way the service answers. Kinds name a dialect and never unwrap anything themselves.

    `payload` finds the object (or rows) of a good body. `faults` lists the failures that a body
    tells, whatever the HTTP status: an empty list with a 2xx status is success. Codes, as text,
    that say more than "refused": `empty` means "there is nothing" on a read and counts as no rows;
    `missing` is an unknown object, as 404 is; `again` asks to repeat the call after a short wait;
    `settled` is a refusal for good even with a 5xx status, after which a write's fate is known.
    """

    name: str
    payload: Callable[[Json], Json]
    faults: Callable[[Json, int], list[Fault]] = _no_faults
    warnings: Callable[[Json], list[str]] = _no_warnings
    empty: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()
    settled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list is read to its end.

    `position` is the query parameter that moves: a page number (`counts="pages"`, from `first`), a
    row offset (`counts="rows"`) or the id above which rows are wanted (`counts="ids"`). `size` is
    the largest page that the API allows, sent as every name in `size_names`. The list ends by what
    the server says, at dotted paths of the body: `total` rows, `total_pages`, or a `last` flag;
    else on an empty page, never on a short one. Fewer rows than `total` is an error.
    """

    size: int
    position: str = "page"
    size_names: tuple[str, ...] = ("size",)
    counts: str = "pages"
    first: int = 0
    total: str = ""
    total_pages: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, complete but for authentication.

    `params` values may be lists (repeated parameters). `repeatable` says whether sending it twice
    does no harm (GETs and whole-object PUTs); None: by the method, GET PUT DELETE are. `reads`
    says whether it changes nothing; None: by the method, so a read that is a POST sets it.
    """

    method: str
    path: str
    dialect: Dialect
    params: Mapping[str, Json] | None = None
    body: Json = None
    content: bytes | None = None  # raw bytes instead of a JSON body
    content_type: str = ""
    headers: Mapping[str, str] | None = None
    admin: bool = False  # wants the credentials of `admin_auth`, where they are given
    repeatable: bool | None = None
    reads: bool | None = None

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing in the org."""
        return self.method in ("GET", "HEAD") if self.reads is None else self.reads

    @property
    def may_repeat(self) -> bool:
        """Whether sending it again is harmless even if it was carried out already."""
        if self.repeatable is None:
            return self.is_read or self.method in ("PUT", "DELETE")
        return self.repeatable


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: `payload` is the object as the dialect finds it, `body` all that came.

    `payload` is None where the service said with a code that there is nothing to list, and where
    the answer to a write shows no object.
    """

    payload: Json
    body: Json
    status: int
    request_id: str = ""
    warnings: tuple[str, ...] = ()
