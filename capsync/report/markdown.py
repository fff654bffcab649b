"""A plan as a pull-request comment: verdict first, what needs eyes next, details folded away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from capsync.model import NOTHING, Action, Change, FieldChange, Plan, path_text
from capsync.report.lists import differs_inside, items
from capsync.report.order import in_reading_order, is_quiet
from capsync.report.values import shortened, show, show_field, show_pair, visible
from capsync.report.words import (
    SYMBOLS,
    adoption,
    counts_by_kind,
    plural,
    requests_needed,
    verb,
    verdict,
)

# GitHub takes 65,536 characters a comment; the rest is left for what a workflow adds.
LIMIT = 60_000

_MOST_NOTICES = 50
_MOST_ITEMS = 40
_MOST_FIELDS = 60
_LONGEST = 300  # characters of one reason or warning
_COLUMNS = (Action.CREATE, Action.UPDATE, Action.RETIRE, Action.REPLACE, Action.BLOCKED)


def plan_markdown(plan: Plan, *, limit: int = LIMIT) -> str:
    """The plan as GitHub-flavoured Markdown within `limit` characters.

    Cut between resources where it would be longer, with a line that says how many are left out.
    The first line is a comment that a workflow can find an earlier comment by.
    """
    head = "\n".join(_head(plan))
    details = [_details(c) for c in in_reading_order(plan.changes) if not is_quiet(c)]
    tail = _tail(plan)
    room = limit - len(head) - len(tail) - len(_left_out(len(details))) - 4
    kept = _fitting(details, room)
    left = len(details) - len(kept)
    parts = [head, *kept, *([_left_out(left)] if left else []), tail]
    return "\n".join(part for part in parts if part) + "\n"


def marker(environment: str) -> str:
    """The invisible first line by which a workflow finds its own comment again."""
    return f"<!-- capsync plan {re.sub('[^A-Za-z0-9_.]', '_', environment)} -->"


def _fitting(details: list[str], room: int) -> list[str]:
    kept = []
    for text in details:
        room -= len(text) + 1
        if room < 0:
            break
        kept.append(text)
    return kept


def _left_out(count: int) -> str:
    more = plural(count, "more resource")
    return f"\n_{more}: this comment is full. Run `capsync plan` to see all._"


def _head(plan: Plan) -> Iterator[str]:
    yield marker(plan.environment)
    yield f"### {_mark(plan)} capsync: {code(plan.environment)}"
    yield ""
    yield f"**{verdict(plan)}**"
    if needed := requests_needed(plan.requests):
        yield f"{needed}"
    changes = in_reading_order(plan.changes)
    irreversible = [c for c in changes if not c.reversible and c.action is not Action.NOOP]
    blocked = [c for c in changes if c.action is Action.BLOCKED]
    yield from _listed("Can not be taken back", (_named(c) for c in irreversible))
    yield from _listed("Blocked", [*map(code, plan.blocked), *map(_because, blocked)])
    yield from _listed("Not readable", map(code, plan.unreadable))
    yield from _listed("Warnings", map(code, plan.warnings))
    yield from _table(plan)


def _mark(plan: Plan) -> str:
    if plan.count(Action.BLOCKED) or plan.blocked or plan.unreadable:
        return "❌"
    if any(not change.reversible for change in plan.changes):
        return "⚠️"
    return "📝" if any(c.action is not Action.NOOP for c in plan.changes) else "✅"


def _listed(title: str, lines: Iterable[str]) -> Iterator[str]:
    listed = list(lines)
    if not listed:
        return
    yield ""
    yield f"**{title}**"
    yield ""
    yield from (f"- {line}" for line in listed[:_MOST_NOTICES])
    if len(listed) > _MOST_NOTICES:
        yield f"- and {len(listed) - _MOST_NOTICES} more"


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


def _tail(plan: Plan) -> str:
    if not plan.digest:
        return ""
    return f"\n<sub>Plan {code(plan.digest)}</sub>"


def code(text: str) -> str:
    """The text as a code span: no markup, link or mention in it takes effect."""
    shown = shortened(visible(text), _LONGEST)
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if "`" in shown or not shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _details(change: Change) -> str:
    summary = (
        f"{SYMBOLS[change.action].strip() or '='} {verb(change)} {visible(str(change.address))}"
    )
    lines = [line for line in _body(change) if line]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    body = "\n".join(lines) or summary
    return (
        f"\n<details><summary><code>{escape(summary)}</code></summary>\n\n"
        f"{fence}diff\n{body}\n{fence}\n\n</details>"
    )


def _body(change: Change) -> Iterator[str]:
    yield from (f"! {visible(reason)}" for reason in change.reasons)
    if change.adopts:
        yield f"# {adoption(change)}"
    if change.impact:
        yield "! in use: " + ", ".join(f"{visible(k)} {show(v)}" for k, v in change.impact.items())
    for field in change.fields[:_MOST_FIELDS]:
        yield from _field(field)
    if len(change.fields) > _MOST_FIELDS:
        yield f"# and {len(change.fields) - _MOST_FIELDS} more fields"
    if len(change.steps) > 1:
        yield from (f"# {n}. {visible(step)}" for n, step in enumerate(change.steps, 1))
    yield from (f"# warning: {visible(warning)}" for warning in change.warnings)


def _field(field: FieldChange) -> Iterator[str]:
    path = visible(path_text(field.path))
    place = field.source
    yield f"@@ {path} @@" + (visible(f" {place.file}:{place.line}") if place else "")
    if differs_inside(field):
        yield from _inside(field)
        return
    before, after = show_field(field, limit=200)
    if before is not None:
        yield f"- {before}"
    if after is not None:
        yield f"+ {after}"


def _inside(field: FieldChange) -> Iterator[str]:
    inside = items(field.before, field.after)
    if not inside:
        yield f"# the same {plural(len(field.after), 'item')} in another order"
    for item in inside[:_MOST_ITEMS]:
        label = f"{visible(item.path)} " if item.path else ""
        before, after = show_pair(
            None if item.before is NOTHING else item.before,
            None if item.after is NOTHING else item.after,
            200,
        )
        if item.before is not NOTHING:
            yield f"- {label}{before}"
        if item.after is not NOTHING:
            yield f"+ {label}{after}"
    if len(inside) > _MOST_ITEMS:
        yield f"# and {len(inside) - _MOST_ITEMS} more"
