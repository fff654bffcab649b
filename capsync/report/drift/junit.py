"""An audit as a JUnit report: a case for each resource."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from capsync.model import Address, path_text
from capsync.planning.drift import Drift, DriftReport
from capsync.report.drift.words import sentence, side, sides, who
from capsync.report.values import visible


def drift_junit(report: DriftReport, checked: Iterable[Address]) -> str:
    """The report: resources that are as wanted pass, drift fails, waived drift is skipped."""
    drifts = {drift.address: drift for drift in report.drifts}
    waived = {drift.address: reason for drift, reason in report.waived}
    addresses = sorted({*checked, *drifts, *waived})
    cases = [_case(each, drifts.get(each), waived.get(each)) for each in addresses]
    cases += [_unreadable(text) for text in report.unreadable]
    suite = (
        f"<testsuite name={_attribute(f'capsync drift {report.environment}')}"
        f' tests="{len(cases)}" failures="{len(drifts)}" errors="{len(report.unreadable)}"'
        f' skipped="{len(waived.keys() - drifts.keys())}"'
        f" timestamp={_attribute(report.created_at.removesuffix('Z'))}>"
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return "\n".join([head, "<testsuites>", suite, *cases, "</testsuite>", "</testsuites>"]) + "\n"


def _attribute(text: str) -> str:
    return quoteattr(visible(text))


def _case(address: Address, drift: Drift | None, waiver: str | None) -> str:
    names = f"classname={_attribute(address.kind)} name={_attribute(str(address))}"
    if drift is not None:
        body = escape("\n".join(_details(drift)))
        told = _attribute(f"{address} {sentence(drift)}")
        return (
            f"  <testcase {names}>"
            f'<failure message={told} type="{drift.what}">{body}</failure></testcase>'
        )
    if waiver is not None:
        return f"  <testcase {names}><skipped message={_attribute(waiver)}/></testcase>"
    return f"  <testcase {names}/>"


def _details(drift: Drift) -> Sequence[str]:
    lines = [who(drift)] if who(drift) else []
    for field in drift.fields:
        place = field.change.source
        at = f" {place.file}:{place.line}" if place else ""
        moved = f" ({side(field)})" if side(field) else ""
        lines.append(visible(f"{path_text(field.change.path)}: {sides(field.change)}{moved}{at}"))
    return [*lines, *map(visible, drift.reasons)]


def _unreadable(text: str) -> str:
    kind = _attribute(text.partition(" ")[0])
    return (
        f'  <testcase classname={kind} name="readable"><error message={_attribute(text)}/>'
        "</testcase>"
    )
