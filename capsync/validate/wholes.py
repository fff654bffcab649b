"""What several manifests may not be together: one natural key twice, two of a singleton, caps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from capsync.fields import Schema
from capsync.kind import Cap, Kind, NaturalKey
from capsync.model import Json, Path, Resource
from capsync.schema.explain import Complaint
from capsync.validate.specs import broken_rule, with_code
from capsync.values.normalise import canonical, spellings

Placed = tuple[Resource, Complaint]


class LazyCanonical(Mapping[str, Any]):
    """A spec whose fields take canonical form when somebody looks at them: keys look at few."""

    __slots__ = ("_schema", "_spec", "_written")

    def __init__(
        self, schema: Schema, spec: Mapping[str, Json], spelled: Mapping[str, tuple[str, str]]
    ) -> None:
        self._schema, self._spec = schema, spec
        self._written: dict[str, str] = {}  # field -> the other spelling that is written
        if spelled:
            used = spelled.keys() & spec.keys()
            self._written = {spelled[name][0]: name for name in used}

    def __getitem__(self, name: str) -> Json:
        if name in self._written and name not in self._spec:
            written = self._written[name]
            return canonical(self._schema, {written: self._spec[written]})[name]
        value = self._spec[name]
        schema = self._schema["properties"].get(name, {})
        return value if _is_canonical(schema, value) else canonical(schema, value)

    def get(self, name: str, default: Json = None) -> Json:
        """The field in canonical form."""
        return self[name] if name in self._spec or name in self._written else default

    def __iter__(self) -> Iterator[str]:
        return iter((self._spec.keys() - self._written.values()) | self._written.keys())

    def __len__(self) -> int:
        return len(list(iter(self)))


def _is_canonical(schema: Schema, value: Json) -> bool:
    """Ordinary texts, which most keys are."""
    notes = ("x-fold", "x-words", "x-blank", "x-json", "x-instant", "x-dates")
    is_text = isinstance(value, str) and schema.get("type") == "string"
    return is_text and not any(note in schema for note in notes)


def check_together(kind: Kind, resources: Sequence[Resource]) -> Iterator[Placed]:
    """What is wrong with the resources of one kind as a whole, each at the resource to change."""
    spelled = spellings(kind.schema)
    specs = [(each, LazyCanonical(kind.schema, each.spec, spelled)) for each in resources]
    if kind.singleton:
        yield from _second_of_one(kind, resources)
    else:
        yield from _shared_keys(kind, specs)
    for cap in kind.caps:
        yield from _above(cap, specs)
    for rule in kind.project_rules:
        for resource, finding in rule(resources):
            yield resource, broken_rule(finding)


def _second_of_one(kind: Kind, resources: Sequence[Resource]) -> Iterator[Placed]:
    for other in resources[1:]:
        message = f"an org has one {kind.name}, and it is {resources[0].address} already"
        yield other, Complaint((), message, rule="duplicate-key")


def _shared_keys(
    kind: Kind, specs: Sequence[tuple[Resource, Mapping[str, Json]]]
) -> Iterator[Placed]:
    """A key that the API enforces may be there once; another one may be shared by resources that
    are told apart by `metadata.id`."""
    seen: list[dict[tuple[str, ...], Resource]] = [{} for _ in kind.keys]
    for resource, spec in specs:
        is_strongest = True
        for rank, key in enumerate(kind.keys):
            value = key.of(spec)
            if value is None:
                continue
            counts = key.enforced or (is_strongest and resource.meta.id is None)
            is_strongest = False
            if not counts:
                continue
            first = seen[rank].setdefault(value, resource)
            if first is not resource:
                yield resource, _shared(key, value, first)
                break


def _shared(key: NaturalKey, value: tuple[str, ...], first: Resource) -> Complaint:
    shown = " / ".join(value)
    message = f"has the {key.label} {shown!r} of {first.address} at {first.where}"
    hint = "" if key.enforced else "say with metadata.id which live object each of them is"
    field = key.label.split(" + ")[0]
    return Complaint(tuple(field.split(".")), message, hint, rule="duplicate-key")


def _above(cap: Cap, specs: Sequence[tuple[Resource, Mapping[str, Json]]]) -> Iterator[Placed]:
    counted: dict[tuple[str, ...], int] = defaultdict(int)
    for resource, spec in specs:
        if not cap.counts(spec):
            continue
        group = tuple(str(spec.get(name)) for name in cap.per)
        counted[group] += 1
        if counted[group] == cap.limit + 1:
            at: Path = (cap.per[0],) if cap.per else ()
            message = with_code(cap.message, cap.code)
            yield resource, Complaint(at, message, rule="cap", severity=cap.severity)
