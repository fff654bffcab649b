"""A plan as a pull-request comment: verdict first, what needs eyes next, details folded away."""

from __future__ import annotations

from collections.abc import Iterator

from capsync.model import NOTHING, Action, Change, FieldChange, Plan, path_text
from capsync.report.comment import LIMIT, assembled, code, folded, listed, marker
from capsync.report.lists import Item, differs_inside, items
from capsync.report.order import in_reading_order, is_quiet
from capsync.report.values import show, show_field, show_pair, visible
from capsync.report.words import (
    SYMBOLS,
    adoption,
    counts_by_kind,
    plural,
    requests_needed,
    step_lines,
    verb,
    verdict,
)

_MOST_ITEMS = 40
_MOST_FIELDS = 60
_COLUMNS = (Action.CREATE, Action.UPDATE, Action.RETIRE, Action.REPLACE, Action.BLOCKED)
_LONG = 200  # characters of one value


def plan_markdown(plan: Plan, *, limit: int = LIMIT) -> str:
    """The plan as GitHub-flavoured Markdown within `limit` characters.

    Cut between resources where it would be longer, with a line that says how many are left out.
    The first line is a comment that a workflow can find an earlier comment by.
    """
    blocks = [_details(c) for c in in_reading_order(plan.changes) if not is_quiet(c)]
    tail = f"\n<sub>Plan {code(plan.digest)}</sub>" if plan.digest else ""
    return assembled(_head(plan), blocks, tail, command="`capsync plan`", limit=limit)


def _head(plan: Plan) -> Iterator[str]:
    yield marker("plan", plan.environment)
    yield f"### {_mark(plan)} capsync: {code(plan.environment)}"
    yield ""
    yield f"**{verdict(plan)}**"
    if needed := requests_needed(plan.requests):
        yield needed
    changes = in_reading_order(plan.changes)
    irreversible = [c for c in changes if not c.reversible and c.action is not Action.NOOP]
    blocked = [c for c in changes if c.action is Action.BLOCKED]
    yield from listed("Can not be taken back", map(_named, irreversible))
    yield from listed("Blocked", [*map(code, plan.blocked), *map(_because, blocked)])
    yield from listed("Not readable", map(code, plan.unreadable))
    yield from listed("Warnings", map(code, plan.warnings))
    yield from _table(plan)


def _mark(plan: Plan) -> str:
    if plan.count(Action.BLOCKED) or plan.blocked or plan.unreadable:
        return "❌"
    if any(not change.reversible for change in plan.changes):
        return "⚠️"
    return "📝" if any(c.action is not Action.NOOP for c in plan.changes) else "✅"


def _named(change: Change) -> str:
    return f"{code(str(change.address))}: {verb(change)}"


def _because(change: Change) -> str:
    return f"{code(str(change.address))}: {'; '.join(map(code, change.reasons))}"


def _table(plan: Plan) -> Iterator[str]:
    rows = counts_by_kind(plan)
    if not rows:
        return
    yield ""
    yield "| kind | " + " | ".join(_COLUMNS) + " | unchanged |"
    yield "|---|" + "---:|" * (len(_COLUMNS) + 1)
    for kind, of in rows.items():
        cells = [str(of.get(action) or "") for action in (*_COLUMNS, Action.NOOP)]
        yield f"| {code(kind)} | " + " | ".join(cells) + " |"


def _details(change: Change) -> str:
    return folded(f"{SYMBOLS[change.action]} {verb(change)} {change.address}", _body(change))


def _body(change: Change) -> Iterator[str]:
    yield from (f"! {visible(reason)}" for reason in change.reasons)
    if change.adopts:
        yield f"# {adoption(change)}"
    if change.impact:
        yield "! in use: " + ", ".join(f"{visible(k)} {show(v)}" for k, v in change.impact.items())
    for field in change.fields[:_MOST_FIELDS]:
        yield from field_lines(field)
    if len(change.fields) > _MOST_FIELDS:
        yield f"# and {len(change.fields) - _MOST_FIELDS} more fields"
    yield from (f"# {line}" for line in step_lines(change))
    yield from (f"# warning: {visible(warning)}" for warning in change.warnings)


def field_lines(field: FieldChange, note: str = "") -> Iterator[str]:
    """A field as lines of a diff, live value first, `note` beside its path."""
    place = visible(f" {field.source.file}:{field.source.line}") if field.source else ""
    yield f"@@ {visible(path_text(field.path))} @@{place}{f' {note}' if note else ''}"
    if differs_inside(field):
        yield from _inside(field)
        return
    before, after = show_field(field, limit=_LONG)
    if before is not None:
        yield f"- {before}"
    if after is not None:
        yield f"+ {after}"


def _inside(field: FieldChange) -> Iterator[str]:
    inside = items(field.before, field.after)
    if not inside:
        yield f"# the same {plural(len(field.after), 'item')} in another order"
    for item in inside[:_MOST_ITEMS]:
        yield from _item(item)
    if len(inside) > _MOST_ITEMS:
        yield f"# and {len(inside) - _MOST_ITEMS} more"


def _item(item: Item) -> Iterator[str]:
    label = f"{visible(item.path)} " if item.path else ""
    if item.before is NOTHING:
        yield f"+ {label}{show(item.after, _LONG)}"
    elif item.after is NOTHING:
        yield f"- {label}{show(item.before, _LONG)}"
    else:
        before, after = show_pair(item.before, item.after, _LONG)
        yield f"- {label}{before}"
        yield f"+ {label}{after}"
