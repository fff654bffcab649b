"""A text that is never shown: passwords, keys, tokens."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """Holds a secret text. `str`, `repr` and formatting give `***`; only `reveal` gives the text.

    Equal texts make equal secrets. It can not be pickled, so it never lands in a file by accident.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one place that sends it."""
        return self._text

    def __repr__(self) -> str:
        return "***"

    def __format__(self, _spec: str) -> str:
        return "***"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac  # loads OpenSSL, which most commands do without

        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret can not be pickled")
