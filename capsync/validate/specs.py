"""What is wrong with one spec: its schema, notes and rules, without looking at other resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from capsync import jsonio
from capsync.fields import Schema
from capsync.kind import Finding, Kind
from capsync.manifests.project import member
from capsync.model import Json, Path, Spec
from capsync.schema.check import Checker
from capsync.schema.explain import Complaint
from capsync.schema.manifest import spec_schema
from capsync.validate.metapaths import MetaPaths
from capsync.validate.watch import Found, Watch, look, watch_of
from capsync.values.normalise import spellings


class SpecCheck:
    """The checks of one kind, compiled once."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.meta_paths = MetaPaths(kind.schema)
        self._checker = Checker(spec_schema(kind))
        self._watch: Watch | None = watch_of(kind.schema)
        self._opens = _holds_note(kind.schema, "x-json")

    def check(self, spec: Spec, hidden: Callable[[Path], bool]) -> tuple[list[Complaint], Found]:
        """What is wrong, and what the spec holds that concerns others. `hidden` values are not
        shown."""
        found = Found()
        if self._watch is not None:
            look(self._watch, spec, (), found)
        value: Json = opened(self.kind.schema, spec) if self._opens else spec
        complaints: list[Complaint] = []
        fits = self._checker.is_valid(value)
        if not fits:
            complaints = self._checker.complaints(value, hidden=hidden)
            value = _without(value, [each.path for each in complaints])
            fits = self._checker.is_valid(value)
        if fits:  # rules may count on what the schema promises
            own = respelled(self.kind.schema, value) if found.has_spellings else value
            said = {each.path for each in complaints}
            found_too = (each for rule in self.kind.rules for each in rule(own))
            complaints += [broken_rule(each) for each in found_too if each.path not in said]
        return complaints + list(_of_notes(found)), found


def broken_rule(finding: Finding) -> Complaint:
    """What a rule of a kind found, with the API's own code for it."""
    message = with_code(finding.message, finding.code)
    return Complaint(finding.path, message, finding.hint, "rule", severity=finding.severity)


def with_code(message: str, code: str) -> str:
    """The message with the API's own code, unless it names it already."""
    return f"{message} (API error {code})" if code and code not in message else message


_NOT_COMPARED = "remove it: it is not compared"


def _of_notes(found: Found) -> Iterator[Complaint]:
    for path in found.ignored:
        hint = "remove it: it is neither sent nor compared"
        yield Complaint(path, "is set by the server", hint, "server-set", severity="warning")
    for path, field in found.clashes:
        message = f"says something else than {field}, which is the same field"
        yield Complaint(path, message, "write one of them", "spelling")
    for path, key in found.doubles:
        yield Complaint(path, f"there is another item {key} in this list", "", "duplicate-item")
    for path, key in found.repeats:
        message = f"there is an item {key} before it, and the API keeps the first"
        yield Complaint(path, message, _NOT_COMPARED, "duplicate-item", severity="warning")
    for path, key in found.replaced:
        message = f"there is an item {key} after it, and the API keeps the last"
        yield Complaint(path, message, _NOT_COMPARED, "duplicate-item", severity="warning")


def opened(schema: Schema, value: Json) -> Json:
    """The value with the JSON texts that hold something of a declared shape as structure."""
    if isinstance(value, str) and schema.get("x-json"):
        return _structure(value)
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        extra = schema.get("additionalProperties")
        other = extra if isinstance(extra, dict) else {}
        return {name: opened(properties.get(name, other), item) for name, item in value.items()}
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [opened(schema["items"], item) for item in value]
    return value


def _structure(text: str) -> Json:
    try:
        return jsonio.loads(text)
    except ValueError:
        return text


def respelled(schema: Schema, value: Json) -> Json:
    """The value with every field in its own spelling."""
    if isinstance(value, dict):
        properties, spelled = schema.get("properties", {}), spellings(schema)
        return {
            (own := spelled.get(name, (name,))[0]): respelled(properties.get(own, {}), item)
            for name, item in value.items()
        }
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [respelled(schema["items"], item) for item in value]
    return value


def as_written(schema: Schema, value: Json, path: Path) -> Path:
    """The path with the spellings that the manifest uses."""
    written: list[str | int] = []
    for step in path:
        used = _spelling(schema, value, step) if isinstance(step, str) else step
        written.append(used)
        schema, value = declared_below(schema, used), member(value, used)
    return tuple(written)


def _spelling(schema: Schema, value: Json, name: str) -> str:
    if not isinstance(value, dict) or name in value:
        return name
    others = (each for each, (own, _) in spellings(schema).items() if own == name)
    return next((each for each in others if each in value), name)


def declared_below(schema: Schema, step: str | int) -> Schema:
    """The declaration that a step of a path leads to; {} where nothing is declared."""
    if isinstance(step, int):
        inner = schema.get("items")
    else:
        own = spellings(schema).get(step, (step,))[0]
        inner = schema.get("properties", {}).get(own, schema.get("additionalProperties"))
    return inner if isinstance(inner, dict) else {}


def _holds_note(schema: Json, note: str) -> bool:
    if isinstance(schema, dict):
        return note in schema or any(_holds_note(each, note) for each in schema.values())
    return isinstance(schema, list) and any(_holds_note(each, note) for each in schema)


def _without(value: Json, paths: list[Path]) -> Json:
    """The value without what stands at these paths, the deepest and last first."""
    for path in sorted(set(paths), key=lambda each: (len(each), *map(str, each)), reverse=True):
        value = _without_one(value, path)
    return value


def _without_one(value: Json, path: Path) -> Json:
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(value, dict) and step in value:
        kept = {name: item for name, item in value.items() if name != step or rest}
        return kept | ({step: _without_one(value[step], rest)} if rest else {})
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        inner = [_without_one(value[step], rest)] if rest else []
        return [*value[:step], *inner, *value[step + 1 :]]
    return value
