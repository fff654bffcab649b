"""A plan as a page."""

from __future__ import annotations

from collections.abc import Iterator

from capsync.model import NOTHING, Action, Change, FieldChange, Plan, path_text
from capsync.report.graph import plan_edges
from capsync.report.html.page import Card, Notice, Page, Row, rendered
from capsync.report.lists import differs_inside, items
from capsync.report.order import in_reading_order, is_quiet
from capsync.report.values import show, show_field, show_pair
from capsync.report.words import adoption, plural, requests_needed, verb, verdict

_LONG = 2_000  # characters of one value


def plan_html(plan: Plan) -> str:
    """Summary, notices, filters, every change with its fields, and the dependency graph."""
    changes = in_reading_order(plan.changes)
    cards = [_card(change) for change in changes if not is_quiet(change)]
    org = f", org {plan.org_id}" if plan.org_id is not None else ""
    marks = {change.address: change.action.value for change in plan.changes}
    busy = {card.address for card in cards}
    edges = [edge for edge in plan_edges(plan) if busy.intersection(edge)]
    nodes = sorted(busy.union(*edges)) if edges else []
    page = Page(
        title=f"capsync plan: {plan.environment}",
        subtitle=f"{plan.environment}{org}, made {plan.created_at}",
        verdict=verdict(plan),
        details=(requests_needed(plan.requests), f"Plan {plan.digest}" if plan.digest else ""),
        notices=list(_notices(plan, changes)),
        cards=cards,
        quiet=[change.address for change in changes if is_quiet(change)],
        nodes=nodes,
        edges=edges,
        marks=marks,
        sides=("now", "after apply"),
    )
    return rendered(page)


def _notices(plan: Plan, changes: list[Change]) -> Iterator[Notice]:
    final = [
        f"{change.address}: {verb(change)}"
        for change in changes
        if not change.reversible and change.action is not Action.NOOP
    ]
    yield Notice("Can not be taken back", final, "bad")
    blocked = [
        f"{change.address}: {'; '.join(change.reasons)}"
        for change in changes
        if change.action is Action.BLOCKED
    ]
    yield Notice("Blocked", [*plan.blocked, *blocked], "bad")
    yield Notice("Not readable", plan.unreadable, "bad")
    yield Notice("Warnings", plan.warnings, "warn")


def _card(change: Change) -> Card:
    notes = [*change.reasons, *([adoption(change)] if change.adopts else [])]
    if change.impact:
        notes.append("in use: " + ", ".join(f"{k} {show(v)}" for k, v in change.impact.items()))
    if change.steps:
        notes.append(f"in {plural(len(change.steps), 'step')}: {'; '.join(change.steps)}")
    notes += [f"warning: {warning}" for warning in change.warnings]
    final = not change.reversible and change.action is not Action.NOOP
    return Card(
        change.address,
        change.action.value,
        verb(change),
        change.id or "",
        ("can not be taken back",) if final else (),
        notes,
        [row(field) for field in change.fields],
    )


def row(field: FieldChange, note: str = "") -> Row:
    """One field as a row; lists and objects are shown by what differs inside."""
    path = path_text(field.path)
    if differs_inside(field):
        return Row(path, place=field.source, note=note, inside=list(_inside(field)))
    before, after = show_field(field, limit=_LONG)
    return Row(path, before, after, field.source, note)


def _inside(field: FieldChange) -> Iterator[str]:
    inside = items(field.before, field.after)
    if not inside:
        yield f"the same {plural(len(field.after), 'item')} in another order"
    for item in inside:
        label = f"{item.path} " if item.path else ""
        if item.before is NOTHING:
            yield f"+ {label}{show(item.after, _LONG)}"
        elif item.after is NOTHING:
            yield f"- {label}{show(item.before, _LONG)}"
        else:
            before, after = show_pair(item.before, item.after, _LONG)
            yield f"- {label}{before}"
            yield f"+ {label}{after}"
