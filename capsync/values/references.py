"""References in specs: where they stand, what they name, and putting ids in their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from capsync import jsonio
from capsync.fields import Schema
from capsync.model import Path
from capsync.values.forms import Form, form_of

Json = Any

# The note of a reference in an open area, where the schema does not say what fits.
ANY_KIND: Mapping[str, Json] = {"kinds": [], "by": "id"}


class Reference(NamedTuple):
    """One reference as written: `{ref: NAME}`, `{ref: Kind/NAME, child: PATH}`, `{lookup: KEY}`.

    `kinds` are those that fit; `kind` is the one written, or the only one that fits, else "".
    `by` is the member of the target that the field holds. `key` is what a look-up looks for: a
    text or a mapping of fields. `serving`: the service drops links to what is out of service.
    `lasting`: a null under a map's key, which does not last where the target has that flag.
    """

    path: Path
    kinds: tuple[str, ...]
    by: str
    kind: str
    name: str = ""
    child: str = ""
    key: Json = None
    deferred: bool = False
    serving: bool = False
    lasting: str = ""

    @property
    def is_lookup(self) -> bool:
        """Whether it names a live object that need not be managed here."""
        return self.key is not None

    def __str__(self) -> str:
        if self.is_lookup:
            key = self.key if isinstance(self.key, str) else jsonio.dumps(self.key).decode()
            return f"lookup {self.kind or ' or '.join(self.kinds)} {key}"
        child = f" {self.child}" if self.child else ""
        return f"{self.kind}/{self.name}{child}" if self.kind else self.name + child


def is_reference(value: Json) -> bool:
    """Whether a value has the form of a reference."""
    return isinstance(value, dict) and (
        ("ref" in value and value.keys() <= {"ref", "child"}) or value.keys() == {"lookup"}
    )


def read_reference(value: Mapping[str, Json], path: Path, note: Mapping[str, Json]) -> Reference:
    """The reference that a mapping of that form writes, at a field with this `x-ref` note."""
    kinds, by = tuple(note["kinds"]), str(note["by"])
    only = kinds[0] if len(kinds) == 1 else ""
    deferred = bool(note.get("deferred"))
    if "lookup" in value:
        key = value["lookup"]
        if isinstance(key, dict):
            kind = str(key.get("kind", only))
            key = {name: part for name, part in key.items() if name != "kind"}
        else:
            kind, key = only, str(key)
        return Reference(path, kinds, by, kind, key=key, deferred=deferred)
    kind, _, name = str(value["ref"]).rpartition("/")
    child = str(value.get("child", ""))
    reference = Reference(path, kinds, by, kind or only, name=name, child=child, deferred=deferred)
    return reference._replace(serving=True) if note.get("serving") else reference


def references(schema: Schema, spec: Json) -> Iterator[Reference]:
    """Every reference written in a spec, those inside JSON texts and open maps too."""
    for path, note, value in _walk(form_of(schema), spec, ()):
        yield read_reference(value, path, note)


def _walk(
    form: Form, value: Json, path: Path
) -> Iterator[tuple[Path, Mapping[str, Json], Mapping[str, Json]]]:
    if not form.refers:
        return
    if isinstance(value, dict):
        if is_reference(value):
            yield path, form.schema.get("x-ref", ANY_KIND), value
            return
        for name in form.members_that("refers", value):
            if isinstance(inner := value[name], (dict, list)):
                yield from _walk(form.part(name), inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            if isinstance(inner, (dict, list)):
                yield from _walk(form.item, inner, (*path, place))


def map_key_references(schema: Schema, spec: Json, path: Path = ()) -> Iterator[Reference]:
    """References made by the keys of maps that name resources (custom field values)."""
    yield from _map_keys(form_of(schema), spec, path)


def _map_keys(form: Form, value: Json, path: Path) -> Iterator[Reference]:
    if not form.holds("x-ref-keys"):
        return
    if isinstance(value, list):
        for place, each in enumerate(value):
            yield from _map_keys(form.item, each, (*path, place))
    if not isinstance(value, dict):
        return
    if note := form.schema.get("x-ref-keys"):
        by, kind = note.get("by", "name"), note["kind"]
        for name, each in value.items():
            lasting = note.get("lasting", "") if each is None else ""
            yield Reference((*path, name), (kind,), by, kind, key=name, lasting=lasting)
        return
    for name, inner in value.items():
        if isinstance(inner, (dict, list)):
            yield from _map_keys(form.part(name), inner, (*path, name))


def is_file(schema: Schema, value: Json) -> bool:
    """Whether a value names a file to be uploaded."""
    return "x-media" in schema and isinstance(value, dict) and value.keys() == {"file"}


def resolved(
    schema: Schema,
    spec: Json,
    answer: Callable[[Reference], Json],
    handle: Callable[[Path, str, Mapping[str, Json]], Json] | None = None,
) -> Json:
    """The spec with what `answer` gives in place of each reference, and what `handle` gives for a
    path, a file and the note of its field in place of each file."""
    return _put(schema, spec, (), _Answers(answer, handle))


class _Answers(NamedTuple):
    of: Callable[[Reference], Json]
    handle: Callable[[Path, str, Mapping[str, Json]], Json] | None


def _put(schema: Schema, value: Json, path: Path, answer: _Answers) -> Json:
    if isinstance(value, dict):
        if is_reference(value):
            return answer.of(read_reference(value, path, schema.get("x-ref", ANY_KIND)))
        if answer.handle is not None and is_file(schema, value):
            return answer.handle(path, str(value["file"]), schema["x-media"])
        properties = schema.get("properties", {})
        extra = schema.get("additionalProperties", True)
        open_schema = extra if isinstance(extra, dict) else {}
        return {
            name: _put(properties.get(name, open_schema), inner, (*path, name), answer)
            if isinstance(inner, (dict, list))
            else inner
            for name, inner in value.items()
        }
    if isinstance(value, list):
        item = schema.get("items", {})
        return [_put(item, inner, (*path, place), answer) for place, inner in enumerate(value)]
    return value


_CHILD = re.compile(r"([^\[\].]+)\[([^\]]*)\](?:\.(.*))?$")


def find_child(spec: Json, child: str, schema: Schema) -> Json | None:
    """The item of nested keyed lists that a child path (`targets[Run 5]`) picks, None if absent."""
    if not child:
        return spec
    matched = _CHILD.match(child)
    if matched is None or not isinstance(spec, dict):
        return None
    member, key, rest = matched.groups()
    inner = schema.get("properties", {}).get(member, {})
    keys = inner.get("x-key", ["name"])
    for item in spec.get(member) or ():
        if not isinstance(item, dict):
            continue
        own = "/".join(str(item.get(each)) for each in keys)
        if own == key or (inner.get("x-caseless") and own.casefold() == key.casefold()):
            return find_child(item, rest or "", inner.get("items", {}))
    return None
