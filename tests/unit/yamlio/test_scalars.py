from __future__ import annotations

from typing import Any

import pytest

from capsync.yamlio.reader import parse
from capsync.yamlio.scalars import NumberTooLarge, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-0", 0),
        ("+5", 5),
        ("20455", 20455),
        ("-17", -17),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("-.5", -0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("1.5E-3", 0.0015),
        ("0.5", 0.5),
    ],
)
def test_core_scalars_have_a_type(text: str, value: Any) -> None:
    resolved = resolve(text)
    assert resolved == value
    assert type(resolved) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *("True", "TRUE", "False", "yes", "no", "NO", "on", "off", "y", "n", "nuLL"),
        *("012", "00123", "-012", "012.5", "00", "1_000", "0b1", "-0x1", "0O17", "08e3"),
        *("12:30", "12:30:45", "2026-08-31", "2027-01-01T00:00:00Z", "1.2.3", "5/s", "10%"),
        *("-", "+", ".", "e3", "1e", "infinity", "nan", "<<", "=", "١٢"),
    ],
)
def test_everything_else_is_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(
    "text", [".inf", "-.INF", "+.Inf", ".nan", "1e999", "18446744073709551616", "9" * 5000]
)
def test_numbers_that_json_can_not_carry_are_refused(text: str) -> None:
    with pytest.raises(NumberTooLarge):
        resolve(text)


@pytest.mark.parametrize("text", ["18446744073709551615", "-9223372036854775808"])
def test_sixty_four_bits_are_carried(text: str) -> None:
    assert resolve(text) == int(text)


@pytest.mark.parametrize("quoted", ["'012'", '"true"', "'~'", '""', "|-\n  5", ">-\n  5"])
def test_quoted_and_block_scalars_are_text(quoted: str) -> None:
    assert isinstance(parse(f"a: {quoted}\n").documents[0]["a"], str)
