"""Documented create bodies as specs, and what is wrong with one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from capsync.kinds import KINDS
from capsync.validate.specs import SpecCheck

EXAMPLES = Path(__file__).parents[2] / "examples"


def bodies(family: str, operation: str) -> Iterator[tuple[str, Any]]:
    """Every documented request body of an operation, by the name of its file."""
    for path in sorted((EXAMPLES / family).glob("*.json")):
        pair = json.loads(path.read_text())
        body = (pair.get("request") or {}).get("body")
        if pair["operation"] == operation and body is not None:
            yield path.stem, body


def wrong(kind: str, spec: Any) -> list[str]:
    """What validation says of a spec: errors as "path message", warnings left out."""
    complaints, _found = SpecCheck(KINDS[kind]).check(spec, lambda _path: False)
    return [
        f"{'.'.join(map(str, each.path))} {each.message}".strip()
        for each in complaints
        if each.severity == "error"
    ]


def warned(kind: str, spec: Any) -> list[str]:
    """The paths that validation warns of."""
    complaints, _found = SpecCheck(KINDS[kind]).check(spec, lambda _path: False)
    return sorted(
        ".".join(map(str, each.path)) for each in complaints if each.severity == "warning"
    )
