"""Values as text: quoted, on one line, short, with everything invisible made visible."""

from __future__ import annotations

import json
import unicodedata
from itertools import takewhile

from capsync.model import NOTHING, FieldChange, Json

SENSITIVE = "(sensitive)"
UNSHOWN = "(not shown by the API)"
SHORT = 72  # characters that a value may take before its middle is left out

_CUT = "…"
_CONTEXT = 12  # characters kept before the first difference of two long texts
_INVISIBLE = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"}
_JOINERS = "\u200c\u200d"  # part of ordinary words in Indic scripts, and of emoji


def visible(text: str) -> str:
    """The text on one line; control, bidi and other invisible characters as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character in _JOINERS or character == " ":
        return character
    category = unicodedata.category(character)
    if category not in _INVISIBLE and category != "Zs":
        return character
    return json.dumps(character)[1:-1] if category != "Cc" else _control(character)


def _control(character: str) -> str:
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return named.get(character) or f"\\x{ord(character):02x}"


def show(value: Json, limit: int | None = SHORT) -> str:
    """A value as compact JSON on one line, its middle left out beyond `limit` characters."""
    text = visible(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))
    return shortened(text, limit)


def shortened(text: str, limit: int | None) -> str:
    """The text, its middle left out beyond `limit` characters."""
    if limit is None or len(text) <= limit:
        return text
    tail = limit // 4
    return text[: limit - tail - len(_CUT)] + _CUT + text[-tail:]


def show_pair(before: Json, after: Json, limit: int | None = SHORT) -> tuple[str, str]:
    """Both values as text; of two long ones the parts around their first difference."""
    old, new = show(before, None), show(after, None)
    if limit is None or max(len(old), len(new)) <= limit:
        return old, new
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    if same <= limit // 2:
        return shortened(old, limit), shortened(new, limit)
    start = same - _CONTEXT
    return _CUT + shortened(old[start:], limit), _CUT + shortened(new[start:], limit)


def show_field(field: FieldChange, limit: int | None = SHORT) -> tuple[str | None, str | None]:
    """What a field change shows of its live and its desired value, None where there is none."""
    before, after = _shown(field, limit)
    return UNSHOWN if before is None and field.unshown else before, after


def _shown(field: FieldChange, limit: int | None) -> tuple[str | None, str | None]:
    if field.sensitive:
        return (
            None if field.before is NOTHING else SENSITIVE,
            None if field.after is NOTHING and field.before is not NOTHING else SENSITIVE,
        )
    before = None if field.before is NOTHING else show(field.before, limit)
    if field.unknown and field.preview is not NOTHING:
        return before, f"{show(field.preview, limit)} ({visible(field.ref)})"
    if field.unknown:
        return before, f"(known after apply: {visible(field.ref)})"
    after = None if field.after is NOTHING else show(field.after, limit)
    if before is not None and after is not None:
        before, after = show_pair(field.before, field.after, limit)
    return before, f"{after} ({visible(field.ref)})" if after and field.ref else after
