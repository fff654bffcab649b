"""A plan as JSON: the published format, section by section of `schemas/plan.schema.json`."""

from __future__ import annotations

from typing import Any

from capsync.model import NOTHING, Action, Change, FieldChange, Plan, path_text

FORMAT = "capsync.plan/1"


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan as plain data; what has no value is left out, null is a value."""
    return {
        "format": FORMAT,
        "environment": plan.environment,
        "org_id": plan.org_id,
        "created_at": plan.created_at,
        "digest": plan.digest,
        **({"commit": plan.commit} if plan.commit else {}),
        "summary": {action.value: plan.count(action) for action in Action},
        "requests": _requests(plan),
        "changes": [_change(change) for change in plan.changes],
        "warnings": list(plan.warnings),
        **({"unreadable": list(plan.unreadable)} if plan.unreadable else {}),
    }


def plan_json(plan: Plan) -> str:
    """The plan as JSON text, two spaces of indent, ending in a newline."""
    return as_text(plan_document(plan))


def as_text(document: Any) -> str:
    """Plain data as readable JSON; characters outside ASCII stay, lone surrogates are escaped."""
    from json import dumps

    text = dumps(document, indent=2, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def _requests(plan: Plan) -> dict[str, Any]:
    requests = plan.requests
    return {
        "read": requests.read,
        "write": requests.write,
        "limit_per_minute": requests.limit_per_minute,
        "estimated_seconds": round(requests.estimated_seconds, 3),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "address": str(change.address),
        "kind": change.address.kind,
        "action": change.action.value,
        **_given("id", change.id),
        **_given("how", change.how),
        **_given("matched_by", change.matched_by),
        **_given("adopts", change.adopts),
        "fields": [_field(field) for field in change.fields],
        "reversible": change.reversible,
        "depends_on": [str(address) for address in change.depends_on],
        "reasons": list(change.reasons),
        **_given("impact", dict(change.impact)),
        **_given("steps", list(change.steps)),
        **_given("warnings", list(change.warnings)),
        **_given("source", _source(change)),
        **_given("live_fingerprint", change.live_fingerprint),
    }


def _given(name: str, value: Any) -> dict[str, Any]:
    return {name: value} if value else {}


def _source(place: Change | FieldChange) -> dict[str, Any] | None:
    where = place.where if isinstance(place, Change) else place.source
    if where is None or not where.file:
        return None
    return {"file": where.file, **({"line": where.line} if where.line else {})}


def _field(field: FieldChange) -> dict[str, Any]:
    shown = not field.sensitive
    return {
        "path": path_text(field.path),
        **({"before": field.before} if shown and field.before is not NOTHING else {}),
        **(
            {"after": field.after}
            if shown and not field.unknown and field.after is not NOTHING
            else {}
        ),
        **_given("ref", field.ref),
        **_given("unknown", field.unknown),
        **_given("sensitive", field.sensitive),
        **_given("source", _source(field)),
    }
