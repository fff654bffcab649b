"""How an apply ended, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from capsync.applying.outcomes import ApplyReport, Outcome
from capsync.model import Action, Plan
from capsync.report.json import as_text
from capsync.report.paint import Paint, plain, styled
from capsync.report.values import visible
from capsync.report.words import SYMBOLS, plural

FORMAT = "capsync.apply/1"

_STATUSES = ("done", "already", "failed", "unknown", "skipped")
_PAST = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.RETIRE: "retired",
    Action.REPLACE: "replaced",
}
_COLORS = {"done": "green", "already": "green", "failed": "bright_red", "unknown": "magenta"}
_WORDS = {"already": "as wanted already", "unknown": "sent, outcome unknown"}


def outcomes_text(report: ApplyReport, *, color: bool = False) -> str:
    """One line a change, what went wrong last, and what to do next."""
    paint: Paint = styled if color else plain
    return "\n".join(_lines(report, paint)) + "\n"


def _lines(report: ApplyReport, paint: Paint) -> Iterator[str]:
    good = [each for each in report.outcomes if each.status in ("done", "already")]
    bad = [each for each in report.outcomes if each.status not in ("done", "already")]
    for outcome in (*good, *bad):
        yield _line(outcome, paint)
    if report.outcomes:
        yield ""
    for text in report.unreadable:
        yield f"{paint('Not readable', 'bright_red')}: {visible(text)}"
    if report.unsaved:
        yield f"{paint('Not remembered for the next run', 'yellow')}: {visible(report.unsaved)}"
    yield paint(_verdict(report), bold=True)
    changed = [each for each in good if each.action is not Action.CREATE]
    if report.run and any(each.status == "done" for each in changed):
        yield f"Run {report.run}: `capsync undo {report.run}` plans the way back."


def _line(outcome: Outcome, paint: Paint) -> str:
    color = _COLORS.get(outcome.status, "yellow")
    done = outcome.status == "done"
    symbol = SYMBOLS[outcome.action] if done else {"already": "="}.get(outcome.status, "x")
    word = _PAST.get(outcome.action, "done") if done else _WORDS.get(outcome.status, outcome.status)
    id_ = f" ({visible(outcome.id)})" if outcome.id and done else ""
    text = f"  {paint(symbol, color)} {visible(str(outcome.address))} {paint(word, color)}{id_}"
    if outcome.message:
        text += f": {visible(outcome.message)}"
    if outcome.request_id and not done and outcome.request_id not in outcome.message:
        text += f" (request {visible(outcome.request_id)})"
    return text


def _verdict(report: ApplyReport) -> str:
    if not report.outcomes and not report.unreadable:
        return "Nothing to apply."
    counted = [(report.count(status), status) for status in _STATUSES]
    text = ", ".join(f"{count} {status}" for count, status in counted if count)
    sent = plural(report.sent, "write") + " sent"
    if report.complete:
        return f"Applied: {text} ({sent})."
    stopped = "Interrupted" if report.interrupted else "Not all applied"
    return f"{stopped}: {text} ({sent}). Run apply again to finish."


def outcomes_json(report: ApplyReport, plan: Plan) -> str:
    """The outcome of every change as data."""
    document = {
        "format": FORMAT,
        "environment": plan.environment,
        "org_id": plan.org_id,
        "digest": plan.digest,
        "complete": report.complete,
        "interrupted": report.interrupted,
        "summary": {status: report.count(status) for status in _STATUSES},
        "writes_sent": report.sent,
        **({"run": report.run} if report.run else {}),
        **({"unsaved": report.unsaved} if report.unsaved else {}),
        "outcomes": [_entry(outcome) for outcome in report.outcomes],
        "unreadable": list(report.unreadable),
    }
    return as_text(document)


def _entry(outcome: Outcome) -> dict[str, Any]:
    optional = {
        "message": outcome.message,
        "id": outcome.id,
        "request_id": outcome.request_id,
    }
    return {
        "address": str(outcome.address),
        "action": outcome.action.value,
        "status": outcome.status,
    } | {name: value for name, value in optional.items() if value}
