"""Findings in the form of SARIF: each at the file, line and column of the value in a manifest."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from capsync import __version__
from capsync.model import Where
from capsync.report.json import as_text
from capsync.report.values import visible

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# Code scanning refuses a finding without a place, which is what no manifest declares.
_NOWHERE = Where("capsync.yaml", 1, 1)


@dataclass(frozen=True, slots=True)
class Found:
    """One finding. `level` is error, warning or note; `key` names it from run to run."""

    rule: str
    level: str
    text: str
    key: str
    where: Where | None = None


def sarif_log(rules: Mapping[str, str], print_: str, found: Iterable[Found], base: str) -> str:
    """The log. `rules` are texts by name, `print_` names the sort of `key`, `base` is the project's
    folder as the reader sees it."""
    named = [{"id": name, "shortDescription": {"text": text}} for name, text in rules.items()]
    driver = {"name": "capsync", "version": __version__, "rules": named}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, list(rules), print_, base) for each in found],
    }
    return as_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _result(found: Found, rules: list[str], print_: str, base: str) -> dict[str, Any]:
    where = found.where if found.where is not None and found.where.file else _NOWHERE
    uri = quote(posixpath.normpath(posixpath.join(base, where.file)))
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if where.line:
        physical["region"] = {"startLine": where.line, "startColumn": max(where.column, 1)}
    return {
        "ruleId": found.rule,
        "ruleIndex": rules.index(found.rule),
        "level": found.level,
        "message": {"text": visible(found.text)},
        "partialFingerprints": {print_: visible(found.key)},
        "locations": [{"physicalLocation": physical}],
    }
