"""Validation errors in words: what is wrong, where, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from capsync import jsonio
from capsync.model import Json, Path, path_text
from capsync.schema.formats import HINTS, WORDS

SENSITIVE = "(sensitive)"
_MOST_SHOWN = 60
_MOST_VALUES = 12


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that does not fit: `at_key` says that the name is wrong rather than the value."""

    path: Path
    message: str
    hint: str = ""
    rule: str = ""
    at_key: bool = False
    severity: str = "error"


def explain(
    errors: Iterable[Any], instance: Json, hidden: Callable[[Path], bool]
) -> list[Complaint]:
    """The complaints that errors of jsonschema mean, in document order, each once."""
    complaints = {c: None for error in errors for c in _explain(error, hidden)}
    return sorted(complaints, key=lambda complaint: _order(instance, complaint.path))


def _order(instance: Json, path: Path) -> tuple[int, ...]:
    """Where a path stands in its document: the place of each step among its siblings."""
    places: list[int] = []
    for step in path:
        if isinstance(instance, dict) and step in instance:
            places.append(list(instance).index(step))
            instance = instance[step]
        elif isinstance(instance, list) and isinstance(step, int) and step < len(instance):
            places.append(step)
            instance = instance[step]
        else:
            break
    return tuple(places)


def _explain(error: Any, hidden: Callable[[Path], bool]) -> Iterator[Complaint]:
    path = tuple(error.absolute_path)
    if _is_half_reference(error):
        yield Complaint(path, *_REFERENCE_WORDS, rule="reference")
        return
    if error.validator == "not" and error.validator_value == {}:
        yield Complaint(path, "is not allowed here", rule="not-allowed", at_key=True)
        return
    if error.validator in ("additionalProperties", "unevaluatedProperties"):
        yield from _unknown_names(error, path)
        return
    if error.validator in ("required", "dependentRequired"):
        yield from _missing_names(error, path)
        return
    if error.validator == "anyOf" and (names := _spellings(error)):
        hint = f"or in another spelling: {', '.join(names[1:])}"
        yield _missing(path, names[0], hint)
        return
    message, hint = _words(error, SENSITIVE if hidden(path) else shown(error.instance))
    yield Complaint(path, message, hint, rule=_RULES.get(error.validator, error.validator))


_RULES = {"enum": "value", "const": "value", "anyOf": "value", "pattern": "value", "type": "type"}
_REFERENCE_KEYS = {"ref", "child", "lookup"}
_REFERENCE_WORDS = (
    "not a reference",
    "write {ref: NAME}, {ref: Kind/NAME}, {ref: Kind/NAME, child: PATH} or {lookup: KEY}",
)


def _is_half_reference(error: Any) -> bool:
    """`{}`, `{child: x}` or `{ref: x, lookup: y}` where a reference may stand."""
    if not isinstance(error.instance, dict) or not error.instance.keys() <= _REFERENCE_KEYS:
        return False
    is_whole = error.schema.get("properties", {}).keys() >= _REFERENCE_KEYS
    return is_whole or error.schema in ({"maxProperties": 1}, {"required": ["ref"]})


def _unknown_names(error: Any, path: Path) -> Iterator[Complaint]:
    known = list(error.schema.get("properties", {}))
    for name in error.instance:
        if name not in known:
            yield unknown_name(path, name, known)


def unknown_name(path: Path, name: str, known: Sequence[str]) -> Complaint:
    """A field that is not there, with the nearest that is."""
    near = nearest(name, known)
    if near:
        hint = f"did you mean {near}?"
    else:
        listed = ", ".join(sorted(known)[:_MOST_VALUES])
        hint = f"known here: {listed}{' ...' if len(known) > _MOST_VALUES else ''}"
    return Complaint((*path, name), "unknown field", hint if known else "", "unknown-field", True)


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that was probably meant, or an empty text."""
    folded = {each.casefold(): each for each in known}
    if name.casefold() in folded:
        return folded[name.casefold()]
    found = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.7)
    return folded[found[0]] if found else ""


def _missing_names(error: Any, path: Path) -> Iterator[Complaint]:
    needed = error.validator_value
    if error.validator == "dependentRequired":
        needed = [
            each for name, names in needed.items() if name in error.instance for each in names
        ]
    for name in needed:
        if name not in error.instance:
            yield _missing(path, name)


def _missing(path: Path, name: str, hint: str = "") -> Complaint:
    return Complaint(path, f"{name} is required", hint, rule="required")


def _spellings(error: Any) -> list[str]:
    """The names of which one is required, where that is what an anyOf asks."""
    arms = error.validator_value
    return [arm["required"][0] for arm in arms] if all("required" in arm for arm in arms) else []


def shown(value: Json) -> str:
    """A value on one line, cut where it is long."""
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    is_number = isinstance(value, int) and not isinstance(value, bool)
    text = str(value) if is_number else jsonio.dumps(value).decode()
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 4]}..."


_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}


def _words(error: Any, value: str) -> tuple[str, str]:
    """Message and hint of an error that stands at a value."""
    wanted = error.validator_value
    match error.validator:
        case "type":
            return _type_words(error, value)
        case "enum" | "const" | "anyOf":
            return _value_words(error, value)
        case "format":
            return f"{value} is {WORDS.get(wanted, f'no {wanted}')}", HINTS.get(wanted, "")
        case "pattern":
            return f"{value} does not have the form {wanted}", ""
        case "not" | "oneOf" | "if" | "contains":
            return f"{value} is not allowed here", error.schema.get("description", "")
    if (error.validator, wanted) == ("maxLength", 0):
        return f"{value} is not allowed: a text has to be empty here", ""
    bound = _BOUNDS.get(error.validator)
    if bound is None:
        return (f"{value} is not allowed here" if wanted is False else error.message), ""
    return bound.format(value=value, wanted=wanted, size=_size(error.instance)), ""


_BOUNDS = {
    "minimum": "{value} is below {wanted}",
    "maximum": "{value} is above {wanted}",
    "exclusiveMinimum": "{value} is not above {wanted}",
    "exclusiveMaximum": "{value} is not below {wanted}",
    "multipleOf": "{value} is no multiple of {wanted}",
    "minLength": "{value} has {size} characters, at least {wanted} are needed",
    "maxLength": "{value} has {size} characters, at most {wanted} are allowed",
    "minItems": "{size} items, at least {wanted} are needed",
    "maxItems": "{size} items, at most {wanted} are allowed",
    "minProperties": "{size} fields, at least {wanted} are needed",
    "maxProperties": "{size} fields, at most {wanted} are allowed",
    "uniqueItems": "an item is there twice",
}


def _size(value: Json) -> int:
    return len(value) if isinstance(value, (str, list, dict)) else 0


def _type_words(error: Any, value: str) -> tuple[str, str]:
    types = error.validator_value
    types = [types] if isinstance(types, str) else types
    names = [_TYPES[each] for each in types if each != "null"] or ["null"]
    if error.instance is None:
        return "null is not allowed here", f"write {' or '.join(names)}"
    return f"{value} is not {' or '.join(names)}", _type_hint(error.instance, types)


def _type_hint(value: Json, types: Sequence[str]) -> str:
    if isinstance(value, str):
        if "boolean" in types and value.lower() in ("true", "yes", "on", "false", "no", "off"):
            return "only true and false are booleans"
        if not {"integer", "number"}.isdisjoint(types) and _is_number(value):
            return "write it without quotes or leading zeros"
    elif "string" in types and isinstance(value, (bool, int, float)):
        return "put it in quotes"
    elif "object" not in types and isinstance(value, dict) and {"ref", "lookup"} & value.keys():
        return "this field is no reference: write the raw value"
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _value_words(error: Any, value: str) -> tuple[str, str]:
    allowed = _allowed(error)
    if not allowed:
        return f"{value} is not allowed here", ""
    texts = [each if isinstance(each, str) else shown(each) for each in allowed]
    near = nearest(error.instance, texts) if isinstance(error.instance, str) else ""
    hint = f"did you mean {near}? " if near else ""
    listed = ", ".join(texts[:_MOST_VALUES])
    more = " ..." if len(texts) > _MOST_VALUES else ""
    return f"{value} is not one of the allowed values", f"{hint}allowed: {listed}{more}"


def _allowed(error: Any) -> list[Json]:
    if error.validator == "const":
        return [error.validator_value]
    arms = error.validator_value if error.validator == "anyOf" else [error.schema]
    return [each for arm in arms for each in arm.get("enum", ()) if each is not None]


def place_text(path: Path, prefix: str = "") -> str:
    """A path as messages write it; an empty path is the prefix alone."""
    text = path_text(path)
    return f"{prefix}.{text}" if prefix and text else prefix or text
