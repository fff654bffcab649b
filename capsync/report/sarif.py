"""A plan as SARIF: each change at the file, line and column of the value in the manifest."""

from __future__ import annotations

from collections.abc import Iterator

from capsync.model import Action, Change, Plan, Where, path_text
from capsync.report.lists import in_words
from capsync.report.order import in_reading_order
from capsync.report.scan import Found, sarif_log
from capsync.report.words import verb

_RULES = {
    Action.CREATE.value: "Apply would create the resource.",
    Action.UPDATE.value: "Apply would change the live object.",
    Action.RETIRE.value: "Apply would let the live object go.",
    Action.REPLACE.value: "Apply would retire the live object and make a new one.",
    Action.BLOCKED.value: "Apply is refused.",
    "unreadable": "A kind could not be read.",
}


def plan_sarif(plan: Plan, *, base: str = "") -> str:
    """The log; `base` is the project's folder as the reader sees it. What is blocked or can not be
    taken back is an error, any other change a note."""
    found = [
        each
        for change in in_reading_order(plan.changes)
        if change.action is not Action.NOOP
        for each in _found(change)
    ]
    found += [Found("blocked", "error", text, text) for text in plan.blocked]
    found += [Found("unreadable", "error", text, text) for text in plan.unreadable]
    return sarif_log(_RULES, "capsyncPlan/v1", found, base)


def _found(change: Change) -> Iterator[Found]:
    head = f"{change.address} {verb(change)}"
    because = f": {'; '.join(change.reasons)}" if change.reasons else ""
    if not change.fields or change.action in (Action.CREATE, Action.RETIRE):
        yield _one(change, f"{head}{because}", str(change.address), change.where)
        return
    for field in change.fields:
        path = path_text(field.path)
        text = f"{head} {path}: {in_words(field)}{because}"
        yield _one(change, text, f"{change.address} {path}", field.source or change.where)


def _one(change: Change, text: str, key: str, where: Where | None) -> Found:
    is_grave = change.action is Action.BLOCKED or not change.reversible
    final = "" if change.reversible else " (can not be taken back)"
    level = "error" if is_grave else "note"
    return Found(change.action.value, level, f"{text}{final}", f"{change.action} {key}", where)
