"""A plan as a JUnit report: a case for each resource."""

from __future__ import annotations

from collections.abc import Iterator

from capsync.model import Action, Change, Plan, path_text
from capsync.report.lists import in_words
from capsync.report.order import in_reading_order
from capsync.report.testcases import Case, resource, testsuite, unreadable
from capsync.report.words import adoption, verb


def plan_junit(plan: Plan) -> str:
    """The report: what is blocked fails, everything else passes and tells what apply would do."""
    cases = [_case(change) for change in in_reading_order(plan.changes)]
    cases += [Case("plan", "limits", "failure", text, "blocked") for text in plan.blocked]
    cases += map(unreadable, plan.unreadable)
    return testsuite(f"capsync plan {plan.environment}", plan.created_at, cases)


def _case(change: Change) -> Case:
    address = change.address
    if change.action is Action.NOOP and not change.adopts:
        return resource(address)
    lines = list(_told(change))
    if change.action is Action.BLOCKED:
        why = "; ".join(change.reasons)
        return Case(address.kind, str(address), "failure", why, "blocked", lines)
    return Case(address.kind, str(address), lines=lines)


def _told(change: Change) -> Iterator[str]:
    final = "" if change.reversible else ", can not be taken back"
    yield f"{verb(change)}{final}"
    yield from change.reasons
    if change.adopts:
        yield adoption(change)
    for field in change.fields:
        at = f" {field.source.file}:{field.source.line}" if field.source else ""
        yield f"{path_text(field.path)}: {in_words(field)}{at}"
    yield from (f"warning: {warning}" for warning in change.warnings)
