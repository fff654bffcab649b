"""Children that a written list leaves out: what `--prune` retires, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from capsync.fields import Schema
from capsync.kind import Kind, Retire, Verdict
from capsync.model import NOTHING, FieldChange, Key, Path, path_text
from capsync.values.normalise import item_key, pair_key
from capsync.values.wire import to_wire

Json = Any


@dataclass(frozen=True, slots=True)
class Pruning:
    """What is to be pruned: `mode` is "", "owned" or "all"; `applied` is what the state says was
    applied last, None where it knows nothing; `now` is in epoch seconds."""

    mode: str = ""
    applied: Mapping[str, Json] | None = None
    now: float = 0.0


def unlisted(
    kind: Kind, desired: Mapping[str, Json], live: Mapping[str, Json], pruning: Pruning
) -> Iterator[FieldChange]:
    """A change for each live child in service that a written list leaves out.

    All values are canonical. `owned` picks the children that were applied before, `all` those too
    that are nobody else's.
    """
    if not pruning.mode:
        return
    for name, retire in kind.retire_child.items():
        steps = name.split(".")
        for path, item in _left_out(kind.schema, desired, live, steps, ()):
            if retire.gone is not None and retire.gone(item, pruning.now):
                continue
            owned = child_at(kind.schema, pruning.applied or {}, path) is not NOTHING
            spared = retire.spares is not None and retire.spares(item)
            if owned or (pruning.mode == "all" and not spared):
                yield FieldChange(path, item, NOTHING)


def _left_out(
    schema: Schema, desired: Json, live: Json, steps: Sequence[str], path: Path
) -> Iterator[tuple[Path, Json]]:
    """The items of live lists at the steps that the desired lists beside them do not have."""
    if not steps or not isinstance(desired, Mapping) or not isinstance(live, Mapping):
        return
    name, rest = steps[0], steps[1:]
    inner: Schema = schema.get("properties", {}).get(name, {})
    wanted, have = desired.get(name), live.get(name)
    if "x-key" not in inner:
        yield from _left_out(inner, wanted, have, rest, (*path, name))
        return
    if not isinstance(wanted, list) or not isinstance(have, list):
        return
    named = {pair_key(inner, each): each for each in wanted}
    for item in have:
        step = (*path, name, Key("/".join(item_key(item, inner["x-key"]))))
        pair = named.get(pair_key(inner, item))
        if rest:
            yield from _left_out(inner.get("items", {}), pair, item, rest, step)
        elif pair is None:
            yield step, item


def child_at(schema: Schema, value: Json, path: Path) -> Json:
    """The child that a path picks, NOTHING where there is none."""
    for step in path:
        if isinstance(step, Key):
            value = _picked(schema, value, step)
            schema = schema.get("items", {})
        elif isinstance(value, Mapping) and step in value:
            value = value[str(step)]
            schema = schema.get("properties", {}).get(step, {})
        else:
            return NOTHING
        if value is NOTHING:
            return NOTHING
    return value


def _picked(schema: Schema, items: Json, key: Key) -> Json:
    keys = schema.get("x-key", ())
    fold = bool(schema.get("x-caseless"))
    for item in items if isinstance(items, list) else ():
        own = "/".join(item_key(item, keys))
        if own == key or (fold and own.casefold() == key.casefold()):
            return item
    return NOTHING


def retire_of(kind: Kind, change: FieldChange) -> Retire | None:
    """How the child goes away that a change retires; None where the change is another one."""
    if change.after is not NOTHING or change.before is NOTHING or not change.path:
        return None
    if not isinstance(change.path[-1], Key):
        return None
    name = ".".join(str(step) for step in change.path if not isinstance(step, Key))
    return kind.retire_child.get(name)


def retired_in(
    kind: Kind, body: Mapping[str, Json], fields: Iterable[FieldChange]
) -> Mapping[str, Json]:
    """The body of an update in which children that go away by their fields say so."""
    for change in fields:
        retire = retire_of(kind, change)
        if retire is not None and retire.sets:
            body = _with_fields(kind.schema, body, change.path, retire.sets)
    return body


def retired_by_update(kind: Kind, fields: Iterable[FieldChange]) -> Iterator[str]:
    """In words, what an update does to children that go away by their fields."""
    for change in fields:
        retire = retire_of(kind, change)
        if retire is not None and retire.sets:
            yield f"{retire.how} {path_text(change.path)}"


def _with_fields(schema: Schema, value: Json, path: Path, sets: Mapping[str, Json]) -> Json:
    """The value, in wire form, with these fields in the child that a path picks."""
    if not path:
        return {**value, **to_wire(schema, sets)}
    step, rest = path[0], path[1:]
    if isinstance(step, Key):
        item: Schema = schema.get("items", {})
        return [
            _with_fields(item, each, rest, sets)
            if "/".join(item_key(each, schema["x-key"])) == step
            else each
            for each in value
        ]
    inner: Schema = schema.get("properties", {}).get(step, {})
    return {**value, str(step): _with_fields(inner, value[str(step)], rest, sets)}


def still_there(
    kind: Kind, planned: Iterable[FieldChange], live: Mapping[str, Json], now: float
) -> Iterator[FieldChange]:
    """The planned retirements whose child is in service yet, as it is now."""
    for change in planned:
        retire = retire_of(kind, change)
        if retire is None:
            continue
        item = child_at(kind.schema, live, change.path)
        if item is not NOTHING and not (retire.gone is not None and retire.gone(item, now)):
            yield FieldChange(change.path, item, NOTHING)


def child_verdicts(kind: Kind, fields: Iterable[FieldChange]) -> Iterator[Verdict]:
    """What stands in the way of retiring children: some never come back."""
    for change in fields:
        retire = retire_of(kind, change)
        if retire is not None and not retire.reversible:
            what = f"{path_text(change.path)}: {retire.how} can not be taken back"
            yield Verdict("irreversible", what)


def stuck_children(
    kind: Kind, desired: Mapping[str, Json], live: Mapping[str, Json], pruning: Pruning
) -> Iterator[str]:
    """Warnings for children that pruning would retire, if the API had a way."""
    if not pruning.mode:
        return
    for name, schema in kind.fields.items():
        if not schema.get("x-children") or "x-key" not in schema or name in kind.retire_child:
            continue
        for path, _item in _left_out(kind.schema, desired, live, [name], ()):
            owned = child_at(kind.schema, pruning.applied or {}, path) is not NOTHING
            if owned or pruning.mode == "all":
                yield f"{path_text(path)} can not be retired through the API"
