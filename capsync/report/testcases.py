"""A report in the form of JUnit: what every service that shows tests can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from capsync.model import Address
from capsync.report.values import visible

_BAD = {"failure": "failures", "error": "errors", "skipped": "skipped"}


@dataclass(frozen=True, slots=True)
class Case:
    """One resource. `result`: "" passes; failure, error or skipped with a message, and `type` as
    the kind of failure. `lines` tell more."""

    group: str
    name: str
    result: str = ""
    message: str = ""
    type: str = ""
    lines: Sequence[str] = ()


def resource(address: Address, result: str = "", message: str = "", type_: str = "") -> Case:
    """The case of a resource of which there is no more to tell."""
    return Case(address.kind, str(address), result, message, type_)


def unreadable(text: str) -> Case:
    """The case of a kind that could not be read; its text begins with the kind's name."""
    return Case(text.partition(" ")[0], "readable", "error", text)


def testsuite(name: str, stamp: str, cases: Sequence[Case]) -> str:
    """The report of these cases; `stamp` is ISO 8601 in UTC."""
    counts = " ".join(
        f'{plural}="{sum(each.result == result for each in cases)}"'
        for result, plural in _BAD.items()
    )
    at = f" timestamp={_attribute(stamp.removesuffix('Z'))}" if stamp else ""
    head = f'<testsuite name={_attribute(name)} tests="{len(cases)}" {counts}{at}>'
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            "<testsuites>",
            head,
            *map(_case, cases),
            "</testsuite>",
            "</testsuites>",
            "",
        ]
    )


def _case(case: Case) -> str:
    inside = "".join(_inside(case))
    names = f"classname={_attribute(case.group)} name={_attribute(case.name)}"
    return f"  <testcase {names}>{inside}</testcase>" if inside else f"  <testcase {names}/>"


def _inside(case: Case) -> Sequence[str]:
    told = escape("\n".join(map(visible, case.lines)))
    if not case.result:
        return [f"<system-out>{told}</system-out>"] if told else []
    type_ = f" type={_attribute(case.type)}" if case.type else ""
    opened = f"<{case.result} message={_attribute(case.message)}{type_}"
    return [f"{opened}>{told}</{case.result}>" if told else f"{opened}/>"]


def _attribute(text: str) -> str:
    return quoteattr(visible(text))
