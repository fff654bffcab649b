"""Text of the service made fit to be shown: no secrets, no control characters, not endless."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_HIDDEN = re.compile(r"<(script|style|head)\b.*?</\1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")
_LONGEST = 300  # of one message of the service
_SHORTEST_SECRET = 4  # shorter ones would turn ordinary words into stars


def clean(text: str, limit: int = _LONGEST) -> str:
    """The text on one line, without control characters, cut where it is longer than `limit`."""
    flat = _UNSEEN.sub(" ", text[: limit * 20]).strip()
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def excerpt(content: bytes) -> str:
    """What a body that is no JSON seems to say, in a few words: a page's title, else its start."""
    text = content[:20_000].decode("utf-8", "replace")
    if "<" not in text[:200]:
        return clean(text, 120)
    title = _TITLE.search(text)
    shown = title[1] if title else ""
    return clean(shown, 120) or clean(_TAG.sub(" ", _HIDDEN.sub(" ", text)), 120)


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """The text with every secret replaced by `***`, longest first."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    return text
