"""What locks and guards make of a change: blocked, a replacement, or one that is final."""

from __future__ import annotations

from dataclasses import replace

from capsync.errors import CapsyncError
from capsync.kind import Verdict
from capsync.media import uploads_in
from capsync.model import Action, Change, Meta
from capsync.planning.children import retired_by_update
from capsync.planning.item import Item
from capsync.planning.options import Setting
from capsync.planning.tasks import planned_writes
from capsync.requests import readable

_PLAIN = ("create", "update", "replace")


def judged(
    item: Item, verdicts: list[Verdict], setting: Setting, *, allow_irreversible: bool
) -> Item:
    """The item with what locks and guards say of it, and the calls it needs."""
    reasons = [each.reason for each in verdicts if each.effect == "blocked"]
    fixed = [each.reason for each in verdicts if each.effect == "fixed"]
    final = [each.reason for each in verdicts if each.effect == "irreversible"]
    warnings = [each.reason for each in verdicts if each.effect == "warning"]
    action, how = item.change.action, ""
    obstacle = obstacle_to_replacement(item)
    if fixed and (reasons or obstacle is not None or item.kind.retire is None):
        reasons = [*fixed, *filter(None, [obstacle]), *reasons]
    elif fixed and item.kind.retire is not None:
        action, how = Action.REPLACE, item.kind.retire.how
        if not item.kind.retire.reversible:
            final.append(f"the old object is retired ({how}), which can not be taken back")
    if reasons or (final and not allow_irreversible):
        action = Action.BLOCKED
        reasons += [f"{reason}; pass --allow-irreversible to do it" for reason in final]
    else:
        reasons += final
    change = replace(
        item.change,
        action=action,
        how=how,
        reasons=tuple(reasons),
        reversible=not final,
        warnings=(*item.change.warnings, *warnings),
    )
    item = replace(item, change=change, verdicts=tuple(verdicts))
    if action is Action.BLOCKED:
        return item
    return replace(item, change=_costed(item, setting))


def _costed(item: Item, setting: Setting) -> Change:
    try:
        writes = planned_writes(item, setting)
    except CapsyncError as error:
        return replace(item.change, action=Action.BLOCKED, reasons=(error.message,))
    retired = list(retired_by_update(item.kind, item.change.fields))
    if retired:
        told = f"update: {', '.join(retired)}"
        writes = [replace(w, summary=told) if w.summary == "update" else w for w in writes]
    uploads = [f"upload {file.shown}" for file in uploads_in(item.raw).values()]
    steps = (*uploads, *readable(writes))
    # Of a change that is one call of its kind the action says enough.
    if len(steps) == 1 and writes[0].summary in _PLAIN:
        steps = ()
    return replace(item.change, requests=len(writes), steps=steps)


def obstacle_to_replacement(item: Item) -> str | None:
    """Why a new object can not take the place of one with an immutable change; None where it can,
    "" where the manifest does not allow it (`metadata.replace`)."""
    kind, meta = item.kind, item.wanted.resource.meta if item.wanted else Meta()
    if not meta.replace:
        return ""
    if meta.protect:
        return "metadata.protect: it may not be replaced"
    if kind.retire is None or kind.create is None or not kind.frees_key:
        return f"metadata.replace does not help: the API never frees the key of a {kind.name}"
    return None
