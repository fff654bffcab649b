"""Problems of manifests for people, programs, GitHub annotations and code scanning."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import quote

from capsync import __version__, jsonio
from capsync.model import Problem, Where
from capsync.report.paint import plain, styled
from capsync.report.values import visible
from capsync.report.words import plural

STYLES = ("text", "json", "github", "sarif")
FORMAT = "capsync.problems/1"
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_COLORS = {"error": "red", "warning": "yellow"}


def format_problems(
    problems: Iterable[Problem], style: str, *, color: bool = False, base: str = ""
) -> str:
    """The problems in one of STYLES, with a line end at the end unless empty.

    `base` is the project's folder as seen from where the reader stands: file names start there.
    """
    listed = [_moved(each, base) for each in problems]
    if style == "text":
        return problems_text(listed, color=color)
    return _STYLES[style](listed)


def problems_text(problems: Sequence[Problem], *, color: bool = False) -> str:
    """One line a problem, `file:line:column: error: path: message (hint)`, and the counts."""
    if not problems:
        return ""
    paint = styled if color else plain
    lines = []
    for each in problems:
        label = paint(each.severity, _COLORS.get(each.severity, ""), bold=True)
        lines.append(f"{visible(str(each.where))}: {label}: {_sentence(each)}")
    return "\n".join([*lines, summary(problems)]) + "\n"


def summary(problems: Sequence[Problem]) -> str:
    """`3 errors, 1 warning`: only what there is."""
    counts = [(plural(number, name), number) for name, number in _counts(problems).items()]
    return ", ".join(text for text, number in counts if number) or "no problems"


def _counts(problems: Sequence[Problem]) -> dict[str, int]:
    errors = sum(each.severity == "error" for each in problems)
    return {"error": errors, "warning": len(problems) - errors}


def _sentence(problem: Problem) -> str:
    path = f"{problem.path}: " if problem.path else ""
    hint = f" ({problem.hint})" if problem.hint else ""
    return visible(f"{path}{problem.message}{hint}")


def _moved(problem: Problem, base: str) -> Problem:
    if base in ("", ".") or not problem.where.file:
        return problem
    file = posixpath.normpath(posixpath.join(base, problem.where.file))
    return Problem(
        Where(file, problem.where.line, problem.where.column),
        problem.message,
        problem.path,
        problem.hint,
        problem.severity,
        problem.rule,
    )


def _json(problems: Sequence[Problem]) -> str:
    counts = _counts(problems)
    document = {
        "format": FORMAT,
        "summary": {"errors": counts["error"], "warnings": counts["warning"]},
        "problems": [_json_problem(each) for each in problems],
    }
    return jsonio.dumps_pretty(document).decode()


def _json_problem(problem: Problem) -> dict[str, Any]:
    where = problem.where
    place = {"file": where.file, "line": where.line or None, "column": where.column or None}
    said = {"path": problem.path, "message": problem.message, "hint": problem.hint}
    return {"severity": problem.severity, **place, **said, "rule": problem.rule}


def _github(problems: Sequence[Problem]) -> str:
    return "".join(f"{_annotation(each)}\n" for each in problems)


def _annotation(problem: Problem) -> str:
    where = problem.where
    place = {"file": where.file, "line": where.line, "col": where.column, "title": problem.rule}
    properties = ",".join(
        f"{name}={_escaped(str(value), ':,')}" for name, value in place.items() if value
    )
    command = "warning" if problem.severity == "warning" else "error"
    return f"::{command} {properties}::{_escaped(_sentence(problem))}"


def _escaped(text: str, further: str = "") -> str:
    """As workflow commands want it: a line end or a comma would end the field."""
    for character in "%\r\n" + further:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _sarif(problems: Sequence[Problem]) -> str:
    rules = sorted({each.rule or "manifest" for each in problems})
    driver = {"name": "capsync", "version": __version__, "rules": [{"id": rule} for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, rules) for each in problems],
    }
    document = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
    return jsonio.dumps_pretty(document).decode()


def _result(problem: Problem, rules: Sequence[str]) -> dict[str, Any]:
    rule = problem.rule or "manifest"
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(problem.where.file)}}
    if problem.where.line:
        region = {"startLine": problem.where.line, "startColumn": max(problem.where.column, 1)}
        physical["region"] = region
    return {
        "ruleId": rule,
        "ruleIndex": rules.index(rule),
        "level": "warning" if problem.severity == "warning" else "error",
        "message": {"text": _sentence(problem)},
        "locations": [{"physicalLocation": physical}],
    }


_STYLES: dict[str, Callable[[Sequence[Problem]], str]] = {
    "json": _json,
    "github": _github,
    "sarif": _sarif,
}
