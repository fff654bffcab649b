"""What an unquoted YAML scalar means: YAML 1.2 core, with codes that keep their zeros."""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {
    "true": True,
    "false": False,
    "null": None,
    "Null": None,
    "NULL": None,
    "~": None,
    "": None,
}
_NUMERIC = frozenset("+-.0123456789")
MAY_RESOLVE = _NUMERIC | {word[:1] for word in _WORDS}
"""First characters (or none) of texts that can mean anything but themselves."""
# The core schema also reads 012 as 12 and 012.5 as 12.5: here a leading zero makes a code, text.
_NUMBER = re.compile(
    r"""([-+]?(?:0|[1-9][0-9]*))
    | ([-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)
    | 0o([0-7]+)
    | 0x([0-9a-fA-F]+)
    | ([-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))""",
    re.VERBOSE | re.ASCII,
)
_LARGEST = 2**64 - 1
_SMALLEST = -(2**63)
_DIGITS = 400  # Python refuses to convert texts of more than 4300 digits


class NumberTooLarge(ValueError):
    """An unquoted number that JSON readers do not carry: over 64 bits, infinite, not a number."""


def resolve(text: str) -> Scalar:
    """The value of an unquoted scalar. Raises NumberTooLarge."""
    if text[:1] not in _NUMERIC:
        return _WORDS.get(text, text)
    if ":" in text:  # times are common and cost the expression most
        return text
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    match found.lastindex:
        case 1:
            return _whole(text, 10)
        case 2:
            return _finite(float(text))
        case 3:
            return _whole(found[3], 8)
        case 4:
            return _whole(found[4], 16)
    raise NumberTooLarge(text)


def _whole(digits: str, base: int) -> int:
    if len(digits) > _DIGITS:
        raise NumberTooLarge(digits)
    value = int(digits, base)
    if not _SMALLEST <= value <= _LARGEST:
        raise NumberTooLarge(digits)
    return value


def _finite(value: float) -> float:
    if value - value != 0:  # only an infinite value is not equal to itself less itself
        raise NumberTooLarge(str(value))
    return value
