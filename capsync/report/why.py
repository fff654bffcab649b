"""Why fields differ or do not: both sides raw and canonical, and the rules between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from capsync.model import NOTHING, Json
from capsync.planning.why import Why
from capsync.report.json import as_text
from capsync.report.paint import Paint, plain, styled
from capsync.report.values import show, visible

_LONG = 400


def why_text(found: Iterable[Why], *, color: bool = False) -> str:
    """One block a field: the verdict, the four values, the rules."""
    paint: Paint = styled if color else plain
    return "\n".join("\n".join(_block(each, paint)) + "\n" for each in found)


def _block(why: Why, paint: Paint) -> Iterator[str]:
    verdict = paint("equal", "green") if why.equal else paint("different", "yellow")
    path = visible(why.path)
    yield f"{paint(f'{visible(str(why.address))}:{path}', 'cyan', bold=True)}  {verdict}"
    for label, value in (
        ("manifest, as written", why.written),
        ("org, as answered", why.answered),
        ("manifest, canonical", why.desired),
        ("org, canonical", why.live),
    ):
        yield f"  {label.ljust(20)}  {_shown(value)}"
    yield from (f"  - {visible(rule)}" for rule in why.rules)


def _shown(value: Json) -> str:
    return "(nothing)" if value is NOTHING else show(value, _LONG)


def why_json(found: Iterable[Why]) -> str:
    """The same as data; what has no value is left out."""
    return as_text([_entry(each) for each in found])


def _entry(why: Why) -> dict[str, Any]:
    values = {
        "written": why.written,
        "answered": why.answered,
        "desired": why.desired,
        "live": why.live,
    }
    return {
        "address": str(why.address),
        "path": why.path,
        "equal": why.equal,
        **{name: value for name, value in values.items() if value is not NOTHING},
        "rules": list(why.rules),
    }
