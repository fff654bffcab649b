"""What programs read: plans in the published format, and plain data as readable JSON."""

from __future__ import annotations

import json
from typing import Any

from capsync.model import Plan
from capsync.planning import encode


def plan_json(plan: Plan) -> str:
    """The plan in the format of `schemas/plan.schema.json`."""
    return as_text(encode.plan_json(plan))


def as_text(document: Any) -> str:
    """Plain data as JSON, two spaces of indent, ending in a newline; lone surrogates escaped."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"
