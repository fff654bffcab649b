"""Walks only the fields of a spec that a schema says something about: notes compiled to a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from capsync.fields import Schema
from capsync.model import Json, Path
from capsync.values.normalise import canonical, item_key, pair_key, spellings
from capsync.values.references import (
    ANY_KIND,
    Reference,
    is_reference,
    map_key_references,
    read_reference,
)


@dataclass(slots=True)
class Found:
    """What a spec holds in places that need more than its schema."""

    references: list[Reference] = field(default_factory=list)
    map_keys: list[Reference] = field(default_factory=list)  # made by keys that name a resource
    files: list[tuple[Path, str, Mapping[str, Json]]] = field(default_factory=list)
    ignored: list[Path] = field(default_factory=list)  # fields that the server sets
    has_spellings: bool = False  # a field is written in another spelling than its own
    clashes: list[tuple[Path, str]] = field(default_factory=list)  # spelling that differs, field
    doubles: list[tuple[Path, str]] = field(default_factory=list)  # item of a keyed list, its key
    repeats: list[tuple[Path, str]] = field(default_factory=list)  # where the first one counts
    replaced: list[tuple[Path, str]] = field(default_factory=list)  # where the last one counts


@dataclass(slots=True)
class Watch:
    """What to look at in one value: its own notes, and the members below which there are more.

    `others` watches the keys that are not declared; where it is None they hold nothing of interest.
    """

    schema: Schema
    read_only: frozenset[str] = frozenset()
    spelled: Mapping[str, str] = field(default_factory=dict)  # spelling -> field
    members: Mapping[str, Watch] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()
    others: Watch | None = None
    items: Watch | None = None

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to see here and below."""
        notes = ("x-ref", "x-media", "x-ref-keys", "x-key")
        below = self.read_only or self.spelled or self.members or self.others or self.items
        return not below and not any(note in self.schema for note in notes)


def watch_of(schema: Schema) -> Watch | None:
    """The tree of a declaration, None where it holds nothing of interest."""
    if schema.get("readOnly"):
        return None
    properties: dict[str, Any] = schema.get("properties", {})
    extra = schema.get("additionalProperties", not properties and "items" not in schema)
    below = {name: watch_of(inner) for name, inner in properties.items()}
    spelled = {spelling: name for spelling, (name, _) in spellings(schema).items()}
    watch = Watch(
        schema,
        frozenset(name for name, inner in properties.items() if inner.get("readOnly")),
        spelled,
        {name: each for name, each in below.items() if each is not None},
        frozenset(properties) | frozenset(spelled),
        _others(schema, extra),
        watch_of(schema["items"]) if isinstance(schema.get("items"), dict) else None,
    )
    return None if watch.is_idle else watch


def _others(schema: Schema, extra: Json) -> Watch | None:
    if isinstance(extra, dict):
        return watch_of(extra)
    return OPEN if extra and schema.get("type", "object") == "object" else None


OPEN = Watch({})
"""A value of which nothing is declared: references may stand anywhere in it."""
OPEN.others = OPEN.items = OPEN


def look(watch: Watch, value: Json, path: Path, found: Found) -> None:
    """Add what the value holds to `found`."""
    if isinstance(value, dict):
        if ("x-ref" in watch.schema or not watch.declared) and is_reference(value):
            note = watch.schema.get("x-ref", ANY_KIND)
            found.references.append(read_reference(value, path, note))
        elif "x-media" in watch.schema and value.keys() == {"file"}:
            found.files.append((path, value["file"], watch.schema["x-media"]))
        else:
            _look_at_members(watch, value, path, found)
    elif isinstance(value, list):
        if "x-key" in watch.schema:
            _look_for_doubles(watch.schema, value, path, found)
        if watch.items is not None:
            for place, item in enumerate(value):
                if isinstance(item, (dict, list)):
                    look(watch.items, item, (*path, place), found)


def _look_at_members(watch: Watch, value: dict[str, Json], path: Path, found: Found) -> None:
    names = value.keys()
    if "x-ref-keys" in watch.schema:
        found.map_keys += map_key_references(watch.schema, value, path)
    if not watch.read_only.isdisjoint(names):
        found.ignored += [(*path, name) for name in names if name in watch.read_only]
    for name, inner in watch.members.items():
        if isinstance(item := value.get(name), (dict, list)):
            look(inner, item, (*path, name), found)
    for spelling, name in watch.spelled.items():
        if spelling in value:
            found.has_spellings = True
            _look_at_spelling(watch, value, spelling, name, path, found)
    if watch.others is not None:
        for name in sorted(names - watch.declared):
            if isinstance(item := value[name], (dict, list)):
                look(watch.others, item, (*path, name), found)


def _look_at_spelling(
    watch: Watch, value: dict[str, Json], spelling: str, name: str, path: Path, found: Found
) -> None:
    """Two spellings of a field may both be written only if they say the same."""
    own = [each for each in value if each == name or watch.spelled.get(each) == name]
    if own[0] == spelling:
        return
    written = {each: canonical(watch.schema, {each: value[each]}) for each in (own[0], spelling)}
    if written[own[0]] != written[spelling]:
        found.clashes.append(((*path, spelling), own[0]))


def _look_for_doubles(schema: Schema, items: list[Json], path: Path, found: Found) -> None:
    is_last = bool(schema.get("x-last"))
    kept = found.repeats if schema.get("x-first") else found.doubles
    kept = found.replaced if is_last else kept
    seen: set[tuple[str, ...]] = set()
    places = range(len(items))
    for place in reversed(places) if is_last else places:
        key = pair_key(schema, items[place])
        if key in seen and any(key):
            kept.append(((*path, place), " / ".join(item_key(items[place], schema["x-key"]))))
        seen.add(key)
