"""`${var.NAME}` and `${env.NAME}` in values; every other `${...}` is text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from capsync.model import Json, Path
from capsync.schema.explain import Complaint, nearest

MARKERS = ("${var.", "${env.")
_TOKEN = re.compile(r"\$\$\{(?=(?:var|env)\.)|\$\{(var|env)\.([^{}$]*)(\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)


def holds_variable(text: str) -> bool:
    """Whether a text has anything that this module reads."""
    return any(marker in text for marker in MARKERS)


@dataclass(slots=True)
class Substitution:
    """Puts variables in. Collects what is wrong, and the paths that the process environment feeds.

    `values` are the variables of capsync.yaml, which may hold `${env.NAME}` themselves; None where
    only the process environment may be used.
    """

    values: Mapping[str, Json] | None
    environ: Mapping[str, str]
    complaints: list[Complaint] = field(default_factory=list)
    from_env: set[Path] = field(default_factory=set)

    def of(self, value: Json, path: Path = ()) -> Json:
        """The value with its variables put in; parts that hold none are shared, not copied."""
        if isinstance(value, str):
            return self._text(value, path) if holds_variable(value) else value
        if isinstance(value, dict):
            return {
                self._key(key, path): self.of(item, (*path, key)) for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.of(item, (*path, place)) for place, item in enumerate(value)]
        return value

    def _key(self, key: str, path: Path) -> str:
        return str(self._text(key, (*path, key))) if holds_variable(key) else key

    def _text(self, text: str, path: Path) -> Json:
        whole = _TOKEN.fullmatch(text)
        if whole is not None and whole[1]:
            return self._value(whole, path)
        return _TOKEN.sub(lambda found: self._part(found, path), text)

    def _part(self, found: re.Match[str], path: Path) -> str:
        if not found[1]:
            return "${"
        value = self._value(found, path)
        if isinstance(value, str):
            return value
        if isinstance(value, (bool, int, float)):
            return json.dumps(value)
        what = "null" if value is None else "a mapping" if isinstance(value, dict) else "a list"
        message = f"the variable {found[2]} is {what} and can not be part of a text"
        self._complain(path, message, "make it the whole value")
        return found[0]

    def _value(self, found: re.Match[str], path: Path) -> Json:
        source, name, closed = found.groups()
        if not closed or not _NAME.fullmatch(name):
            hint = f"write ${{{source}.NAME}}, or $${{{source}. for the text itself"
            self._complain(path, f"{found[0]} is no variable", hint)
        elif source == "env":
            return self._from_environment(name, found[0], path)
        elif self.values is None:
            self._complain(path, "only ${env.NAME} can be used here", f"not ${{var.{name}}}")
        elif name in self.values:
            return self._configured(name, self.values[name], path)
        else:
            near = nearest(name, self.values)
            hint = f"did you mean {near}?" if near else "define it under variables: in capsync.yaml"
            self._complain(path, f"the variable {name} is not defined", hint)
        return found[0]

    def _from_environment(self, name: str, text: str, path: Path) -> str:
        self.from_env.add(path)
        if name in self.environ:
            return self.environ[name]
        self._complain(path, f"the environment variable {name} is not set")
        return text

    def _configured(self, name: str, value: Json, path: Path) -> Json:
        inner = Substitution(None, self.environ)
        result = inner.of(value)
        if inner.from_env:
            self.from_env.add(path)
        for complaint in inner.complaints:
            self._complain(path, f"in the variable {name}: {complaint.message}", complaint.hint)
        return result

    def _complain(self, path: Path, message: str, hint: str = "") -> None:
        self.complaints.append(Complaint(path, message, hint, rule="variable"))


def literal(value: Any) -> bool:
    """Whether a value, at any depth, is free of variables."""
    if isinstance(value, str):
        return not holds_variable(value)
    if isinstance(value, dict):
        return all(literal(key) and literal(item) for key, item in value.items())
    return not isinstance(value, list) or all(map(literal, value))
