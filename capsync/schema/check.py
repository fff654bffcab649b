"""jsonschema_rs decides, jsonschema explains: a fast yes, and a slow no that says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from capsync.fields import Schema
from capsync.model import Json, Path
from capsync.schema.explain import Complaint, explain
from capsync.schema.formats import FORMATS


class _Gate(Protocol):
    def is_valid(self, instance: Json) -> bool: ...

    def iter_errors(self, instance: Json) -> Iterable[Any]: ...


class Checker:
    """Checks instances of one schema. Compiling costs some milliseconds, a check some µs."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._gate = gate(schema)
        self._slow: Any = None

    def is_valid(self, instance: Json) -> bool:
        """Whether the instance fits."""
        return self._gate.is_valid(instance)

    def complaints(
        self, instance: Json, *, hidden: Callable[[Path], bool] = lambda _path: False
    ) -> list[Complaint]:
        """What is wrong, in document order; empty if it fits. Values at `hidden` paths are not
        shown."""
        if self.is_valid(instance):
            return []
        if self._slow is None:
            self._slow = slow_validator(self.schema)
        found = explain(self._slow.iter_errors(instance), instance, hidden)
        return found or self._refused_by_gate(instance, hidden)

    def _refused_by_gate(self, instance: Json, hidden: Callable[[Path], bool]) -> list[Complaint]:
        """Where only the fast validator says no: the two differ in some regular expressions
        (`$` matches before a last line end in Python)."""
        complaints = []
        for error in self._gate.iter_errors(instance):
            path = tuple(error.instance_path)
            message = "does not fit its schema" if hidden(path) else error.message
            complaints.append(Complaint(path, message, rule="schema"))
        return complaints


def gate(schema: Schema) -> _Gate:
    """The compiled validator, or the plain one where jsonschema_rs is missing."""
    try:
        import jsonschema_rs
    except ImportError:  # pragma: no cover - the fallback run of the suite takes it
        plain: _Gate = slow_validator(schema)
        return plain
    compiled: _Gate = jsonschema_rs.validator_for(schema, validate_formats=True, formats=FORMATS)
    return compiled


def slow_validator(schema: Schema) -> Any:
    """The validator that can explain; imported on use, it costs 60 ms."""
    import jsonschema

    formats = jsonschema.FormatChecker(formats=())
    for name, check in FORMATS.items():
        formats.checks(name)(_for_texts(check))
    return jsonschema.Draft202012Validator(schema, format_checker=formats)


def _for_texts(check: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or check(value)
