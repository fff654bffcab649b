"""What a schema says, worked out once: schemas are declarations, which never change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from capsync.fields import Schema

Json = Any

_NONE: frozenset[type] = frozenset()
_PLAIN = {
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int}),
    "boolean": frozenset({bool}),
}
# The notes by which a value of a plain type has another canonical form.
_CHANGING = frozenset(
    {
        "x-json",
        "x-instant",
        "x-blank",
        "x-ordinal",
        "x-words",
        "x-fold",
        "x-dates",
        "x-cut",
        "x-places",
        "x-single",
    }
)
_OPEN: Schema = {}
UNKNOWN = object()


class Form:
    """A schema as the canonical form needs it.

    `plain` are the types of values that are canonical as they are. `is_kept` is false for what the
    server sets, `is_compared` also for what no read shows. `default` is canonical once it was
    worked out, UNKNOWN before.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.type = _single_type(schema.get("type"))
        is_changed = not _CHANGING.isdisjoint(schema)
        self.plain = _NONE if is_changed else _PLAIN.get(self.type, _NONE)
        self.instant: Mapping[str, str] | None = schema.get("x-instant")
        self.properties: Mapping[str, Schema] = schema.get("properties", {})
        self.is_json = "x-json" in schema
        self.is_whole, self.is_grown = bool(schema.get("x-whole")), bool(schema.get("x-grown"))
        self.is_hidden = bool(schema.get("x-secret") or schema.get("writeOnly"))
        self.blanks: list[Json] = schema.get("x-blank", [])
        self.default: Json = UNKNOWN
        self._holds: dict[str, bool] = {}
        self._flagged: dict[str, tuple[frozenset[str], bool]] = {}
        self.is_kept = not schema.get("readOnly")
        # A write-only member with `x-instead` explains another one that only the live side has.
        self.is_compared = self.is_kept and (not schema.get("writeOnly") or "x-instead" in schema)

    @cached_property
    def parts(self) -> dict[str, Form]:
        """The declared members of an object by their own names."""
        return {name: form_of(inner) for name, inner in self.properties.items()}

    @cached_property
    def members(self) -> dict[str, Member]:
        """The declared members of an object by each of their spellings."""
        found = {name: Member(name, None, part) for name, part in self.parts.items()}
        for name, inner in self.properties.items():
            for spelling, wire in inner.get("x-alias", {}).items():
                found[spelling] = Member(name, wire, form_of(_spelt(inner, wire)))
        return found

    @cached_property
    def kept(self) -> dict[str, Member]:
        """The members that a canonical form keeps."""
        return {name: each for name, each in self.members.items() if each.form.is_kept}

    @cached_property
    def compared(self) -> dict[str, Member]:
        """The members that the canonical form of a value that is compared entire keeps."""
        return {name: each for name, each in self.members.items() if each.form.is_compared}

    @cached_property
    def extra(self) -> Form | None:
        """The form of members that are not declared, None where there may be none."""
        extra = self.schema.get("additionalProperties", True)
        return None if extra is False else form_of(extra if isinstance(extra, dict) else _OPEN)

    @cached_property
    def item(self) -> Form:
        """The form of a list's items."""
        return form_of(self.schema.get("items", _OPEN))

    def part(self, name: str) -> Form:
        """The form of the member of that name."""
        return self.parts.get(name) or self.extra or form_of(_OPEN)

    def holds(self, note: str) -> bool:
        """Whether the value, or something inside it, is declared with a note."""
        if note not in self._holds:
            self._holds[note] = bool(self.schema.get(note)) or any(
                inner.holds(note) for inner in self._inside()
            )
        return self._holds[note]

    def _inside(self) -> Iterator[Form]:
        yield from self.parts.values()
        for each in (self.schema.get("items"), self.schema.get("additionalProperties")):
            if isinstance(each, dict):
                yield form_of(each)

    def members_that(self, flag: str, value: Mapping[str, Json]) -> Sequence[str]:
        """The members of a value whose forms have that flag: `hides` or `refers`."""
        if flag not in self._flagged:
            declared = frozenset(name for name, part in self.parts.items() if getattr(part, flag))
            others = self.extra is not None and bool(getattr(self.extra, flag))
            self._flagged[flag] = declared, others
        declared, others = self._flagged[flag]
        if others:
            return [name for name in value if name in declared or name not in self.parts]
        return () if declared.isdisjoint(value) else [name for name in value if name in declared]

    @cached_property
    def hides(self) -> bool:
        """Whether the value is, or may have inside, something secret or never read back."""
        return self.holds("x-secret") or self.holds("writeOnly")

    @cached_property
    def refers(self) -> bool:
        """Whether references may stand in the value: where a field takes them, in JSON texts, and
        wherever anything may stand."""
        types = self.schema.get("type", "")
        types = {types} if isinstance(types, str) else set(types)
        if "x-ref" in self.schema or self.is_json or "" in types:
            return True
        if "object" in types and any(part.refers for part in self.parts.values()):
            return True
        if "object" in types and self.extra is not None and self.extra.refers:
            return True
        return "array" in types and self.item.refers


class Member:
    """One spelling of a member: its own name, and its wire form where that is another name."""

    __slots__ = ("form", "is_conditional", "own", "plain", "wire")

    def __init__(self, own: str, wire: str | None, form: Form) -> None:
        self.own, self.wire, self.form, self.plain = own, wire, form, form.plain
        self.is_conditional = "x-only" in form.schema


_FORMS: dict[int, Form] = {}
_MOST = 50_000  # far above all declarations together: schemas made on the way do not pile up


def form_of(schema: Schema) -> Form:
    """The form of a schema, the same object each time."""
    form = _FORMS.get(id(schema))
    if form is None:
        if len(_FORMS) > _MOST:
            _FORMS.clear()
        # The form holds the schema, so that its id is not given to another one.
        form = _FORMS[id(schema)] = Form(schema)
    return form


def _single_type(type_: Json) -> str:
    """The type that values are coerced to: the first of two, "" where there are more or none."""
    if isinstance(type_, list):
        types = [each for each in type_ if each != "null"]
        return types[0] if types and len(type_) <= 2 else ""
    return type_ or ""


def _spelt(schema: Schema, wire: str) -> Schema:
    """The schema of another spelling, which has a wire form of its own."""
    if "x-instant" not in schema:
        return schema
    return schema | {"x-instant": schema["x-instant"] | {"wire": wire}}
