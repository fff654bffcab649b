"""Documented request and response pairs, and how an answer of ours differs from them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parent.parent / "examples"

# Numbers, people and times that differ from org to org and from run to run.
VOLATILE = frozenset(
    {"id", "orgId", "org_id", "entityId", "createdId", "requestId"}
    | {"createdOn", "createdOnISO", "createdAt", "createdDate", "createdBy"}
    | {"lastUpdatedOn", "lastUpdatedOnISO", "lastUpdatedAt", "lastUpdatedBy"}
    | {"modifiedOn", "modifiedOnISO", "modifiedDate", "modifiedBy"}
    | {"updatedOn", "updatedOnISO", "updatedAt", "updatedBy"}
)


@dataclass(frozen=True, slots=True)
class Example:
    """One documented call. `status` and `answer` are None where no response is shown."""

    name: str
    operation: str
    method: str
    path: str
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any
    status: int | None
    answer: Any
    raw: Mapping[str, Any]  # the whole file: note, pairing, inferred ...

    def __str__(self) -> str:
        return self.name


def load(family: str) -> list[Example]:
    """Every example of an API family, by file name."""
    return [_example(file) for file in sorted((EXAMPLES / family).glob("*.json"))]


def _example(file: Path) -> Example:
    raw = json.loads(file.read_text(encoding="utf-8"))
    request, response = raw.get("request") or {}, raw.get("response") or {}
    return Example(
        name=file.stem,
        operation=raw["operation"],
        method=request.get("method", ""),
        path=request.get("path", ""),
        query=request.get("query") or {},
        headers=request.get("headers") or {},
        body=request.get("body"),
        status=response.get("status"),
        answer=response.get("body"),
        raw=raw,
    )


def differences(
    actual: Any,
    documented: Any,
    *,
    volatile: Collection[str] = (),
    unordered: Collection[str] = (),
) -> list[str]:
    """Every place where an answer is not as documented, empty where it is.

    Values under the keys of VOLATILE and `volatile` need only be there, and of the same sort.
    Lists under the keys of `unordered` are compared as sets.
    """
    return list(
        _Comparison({*VOLATILE, *volatile}, frozenset(unordered)).differ("", actual, documented)
    )


@dataclass(frozen=True, slots=True)
class _Comparison:
    volatile: Collection[str]
    unordered: Collection[str]

    def differ(self, path: str, actual: Any, wanted: Any) -> Iterator[str]:
        key = path.rpartition(".")[2].partition("[")[0]
        if key in self.volatile and not isinstance(wanted, dict | list):
            if None not in (actual, wanted) and _sort(actual) != _sort(wanted):
                yield f"{path}: {actual!r} is not of the sort of {wanted!r}"
        elif isinstance(wanted, dict) and isinstance(actual, dict):
            yield from self._members(path, actual, wanted)
        elif isinstance(wanted, list) and isinstance(actual, list):
            if key in self.unordered:
                actual, wanted = self._settled(actual), self._settled(wanted)
            yield from self._items(path, actual, wanted)
        elif _sort(actual) != _sort(wanted) or actual != wanted:
            yield f"{path}: {actual!r}, documented {wanted!r}"

    def _members(self, path: str, actual: Any, wanted: Any) -> Iterator[str]:
        for name in sorted({*wanted, *actual}):
            here = f"{path}.{name}"
            if name not in actual:
                yield f"{here}: missing, documented {wanted[name]!r}"
            elif name not in wanted:
                yield f"{here}: not documented, we have {actual[name]!r}"
            else:
                yield from self.differ(here, actual[name], wanted[name])

    def _items(self, path: str, actual: list[Any], wanted: list[Any]) -> Iterator[str]:
        if len(actual) != len(wanted):
            yield f"{path}: {len(actual)} items, documented {len(wanted)}"
        for place, (one, other) in enumerate(zip(actual, wanted, strict=False)):
            yield from self.differ(f"{path}[{place}]", one, other)

    def _settled(self, items: list[Any]) -> list[Any]:
        return sorted(items, key=lambda item: json.dumps(self._steady(item), sort_keys=True))

    def _steady(self, value: Any) -> Any:
        """A value without its volatile members, so that these do not decide the order."""
        if isinstance(value, dict):
            return {k: self._steady(v) for k, v in value.items() if k not in self.volatile}
        return value


def _sort(value: Any) -> str:
    """Number, text, flag ...: 1 and 1.0 are the same in JSON, 1 and true are not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return type(value).__name__
    return "number"
