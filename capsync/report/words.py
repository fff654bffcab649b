"""The sentences that every report shares: counts, times, adoptions, verdicts."""

from __future__ import annotations

from capsync.model import Action, Address, Change, Plan, Requests
from capsync.report.values import show, visible

SYMBOLS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.RETIRE: "-",
    Action.REPLACE: "-/+",
    Action.BLOCKED: "!",
    Action.NOOP: "=",
}

_TO_DO = (Action.CREATE, Action.UPDATE, Action.RETIRE, Action.REPLACE)


def plural(count: int, noun: str) -> str:
    """`1 item`, `2 items`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def step_lines(change: Change) -> list[str]:
    """The calls of a change in words; none where it is one call that the action tells of."""
    if len(change.steps) == 1:
        return [f"by: {visible(change.steps[0])}"]
    return [f"{n}. {visible(step)}" for n, step in enumerate(change.steps, 1)]


def identity(address: Address, id_: str | None, key: str) -> str:
    """`(101)`; with the natural key where there is no manifest, so that the address is the id."""
    if not id_:
        return ""
    named = key and address.name == id_ != key
    return visible(f'({id_}, "{key}")' if named else f"({id_})")


def duration(seconds: float) -> str:
    """`2 s`, `3 min 20 s`, `1 h 5 min`."""
    whole = max(1, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes_left} min" if minutes_left else f"{hours} h"
    if minutes:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{whole} s"


def counts(plan: Plan) -> str:
    """`1 to create, 2 to update, 1 blocked, 12 unchanged`: only what there is."""
    parts = [_counted(plan, action) for action in _TO_DO if plan.count(action)]
    if blocked := plan.count(Action.BLOCKED):
        parts.append(f"{blocked} blocked")
    adopted = _adopted(plan, Action.NOOP)
    if adopted:
        parts.append(f"{adopted} to adopt as is")
    if unchanged := plan.count(Action.NOOP) - adopted:
        parts.append(f"{unchanged} unchanged")
    return ", ".join(parts) or "no resources"


def _counted(plan: Plan, action: Action) -> str:
    adopted = _adopted(plan, action)
    also = f" ({adopted} of them adopted)" if adopted else ""
    return f"{plan.count(action)} to {action}{also}"


def _adopted(plan: Plan, action: Action) -> int:
    return sum(change.adopts and change.action is action for change in plan.changes)


def has_work(plan: Plan) -> bool:
    """Whether apply would have anything to write, or to refuse."""
    return bool(plan.blocked) or any(plan.count(a) for a in (*_TO_DO, Action.BLOCKED))


def verdict(plan: Plan) -> str:
    """The one line that says it all."""
    if has_work(plan):
        blocked = plan.blocked or plan.count(Action.BLOCKED)
        return f"Plan: {counts(plan)}{'; apply is blocked' if blocked else ''}."
    if plan.unreadable:
        return f"No changes in what could be read: {counts(plan)}."
    return f"No changes: the org is as the manifests say ({counts(plan)})."


def requests_needed(requests: Requests) -> str:
    """What the plan has cost and will cost, or nothing where neither is known."""
    if not requests.read and not requests.write:
        return ""
    text = f"{plural(requests.read, 'read')} made, {plural(requests.write, 'write')} to make"
    if requests.limit_per_minute is None:
        return text + "."
    at = f"at {requests.limit_per_minute} requests a minute"
    if not requests.write:
        return f"{text} {at}."
    return f"{text}: about {duration(requests.estimated_seconds)} {at}."


def verb(change: Change) -> str:
    """What happens to the resource, with how the API lets it go: `retire (deactivate)`."""
    if change.action is Action.NOOP:
        return "adopt" if change.adopts else "unchanged"
    return f"{change.action} ({change.how})" if change.how else change.action.value


def adoption(change: Change) -> str:
    """`adopts live 20455 by description "Welcome"`: the first take-over of what was there."""
    label = change.key_label or "key"
    by = f" by {label} {show(change.natural_key)}" if change.natural_key else ""
    return f"adopts live {visible(change.id or '')}{by}"


def counts_by_kind(plan: Plan) -> dict[str, dict[Action, int]]:
    """For each kind of the plan, in alphabetical order, how many changes have which action."""
    found: dict[str, dict[Action, int]] = {}
    for change in sorted(plan.changes, key=lambda change: change.address.kind):
        of = found.setdefault(change.address.kind, {})
        of[change.action] = of.get(change.action, 0) + 1
    return found
