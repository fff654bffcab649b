"""Plans as JSON: the published format `capsync.plan/1` (contract, section 3)."""

from __future__ import annotations

from typing import Any

from capsync.model import NOTHING, Action, Change, FieldChange, Plan, path_text

Json = Any

FORMAT = "capsync.plan/1"


def plan_json(plan: Plan) -> dict[str, Json]:
    """The plan as the format says; no secret is in it."""
    return {
        "format": FORMAT,
        "environment": plan.environment,
        "org_id": plan.org_id,
        "created_at": plan.created_at,
        "digest": plan.digest,
        **({"commit": plan.commit} if plan.commit else {}),
        **({"options": dict(plan.options)} if plan.options else {}),
        "summary": {action.value: plan.count(action) for action in Action},
        "requests": {
            "read": plan.requests.read,
            "write": plan.requests.write,
            "limit_per_minute": plan.requests.limit_per_minute,
            "estimated_seconds": plan.requests.estimated_seconds,
        },
        "changes": [change_json(change) for change in plan.changes],
        "warnings": list(plan.warnings),
        **({"unreadable": list(plan.unreadable)} if plan.unreadable else {}),
        **({"blocked": list(plan.blocked)} if plan.blocked else {}),
    }


def change_json(change: Change) -> dict[str, Json]:
    """One change of the format."""
    entry: dict[str, Json] = {
        "address": str(change.address),
        "kind": change.address.kind,
        "action": change.action.value,
        **({"id": change.id} if change.id is not None else {}),
        "fields": [field_json(each) for each in change.fields],
        "reversible": change.reversible,
        "depends_on": [str(address) for address in change.depends_on],
        "reasons": list(change.reasons),
    }
    optional: dict[str, Json] = {
        "how": change.how,
        "matched_by": change.matched_by,
        "adopts": change.adopts,
        "natural_key": change.natural_key,
        "natural_key_field": change.key_label if change.adopts else "",
        "impact": dict(change.impact),
        "live_fingerprint": change.live_fingerprint,
        "steps": list(change.steps),
        "warnings": list(change.warnings),
    }
    return entry | {name: value for name, value in optional.items() if value}


def field_json(change: FieldChange) -> dict[str, Json]:
    """One field: `before` and `after` are left out where there is no value or it is secret."""
    entry: dict[str, Json] = {"path": path_text(change.path)}
    if not change.sensitive:
        if change.before is not NOTHING:
            entry["before"] = change.before
        if change.after is not NOTHING and not change.unknown:
            entry["after"] = change.after
        if change.preview is not NOTHING:
            entry["preview"] = change.preview
    if change.source is not None:
        entry["source"] = {"file": change.source.file, "line": change.source.line}
    if change.ref:
        entry["ref"] = change.ref
    if change.unknown:
        entry["unknown"] = True
    if change.sensitive:
        entry["sensitive"] = True
    return entry
