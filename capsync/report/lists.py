"""How two versions of a list or an object differ inside, item by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from capsync.model import NOTHING, FieldChange, Json, Key, Path, path_text
from capsync.report.values import show_field
from capsync.report.words import plural


class Item(NamedTuple):
    """One difference inside a value: where, the live part, the desired part."""

    path: str
    before: Json
    after: Json


def differs_inside(field: FieldChange) -> bool:
    """Whether the change is from list to list or from object to object, both known."""
    if field.sensitive or field.unknown:
        return False
    return any(isinstance(field.before, t) and isinstance(field.after, t) for t in (list, dict))


def in_words(field: FieldChange) -> str:
    """`old -> new` on one line; of lists and objects, in how many places they differ."""
    if differs_inside(field):
        count = len(items(field.before, field.after))
        return f"differs in {plural(count, 'place')}" if count else "in another order"
    before, after = show_field(field)
    return f"{before or '(none)'} -> {after or '(none)'}"


def items(before: Json, after: Json) -> list[Item]:
    """The differences between two lists or two objects, the order of lists left aside.

    Empty where only the order differs.
    """
    if _flat(before) and _flat(after):
        return _exchanged(before, after)
    return sorted(_inside(before, after), key=_rank)


def _rank(item: Item) -> tuple[str, bool, str]:
    # DeepDiff gives items in the order of hashes, which differs from run to run.
    return item.path, item.before is NOTHING, repr((item.before, item.after))


def _flat(value: Json) -> bool:
    return isinstance(value, list) and not any(isinstance(part, (list, dict)) for part in value)


def _exchanged(before: list[Json], after: list[Json]) -> list[Item]:
    # The type is part of the key because True equals 1.
    old, new = (Counter((type(value), value) for value in side) for side in (before, after))
    return [
        *(Item("", value, NOTHING) for _, value in (old - new).elements()),
        *(Item("", NOTHING, value) for _, value in (new - old).elements()),
    ]


def _inside(before: Json, after: Json) -> Iterator[Item]:
    from deepdiff import DeepDiff  # 110 ms to import, and few plans need it

    found = DeepDiff(before, after, ignore_order=True, report_repetition=True, view="tree")
    for name, differences in found.items():
        repeated = name == "repetition_change"
        for difference in differences:
            yield from _repetitions(difference) if repeated else (_item(difference, before, after),)


def _item(difference: Any, before: Json, after: Json) -> Item:
    path = tuple(difference.path(output_format="list"))
    old, new = (_side(difference.t1), _side(difference.t2))
    in_list = isinstance(path[-1], int) and (old is NOTHING or new is NOTHING)
    return Item(path_text(_named(path[:-1] if in_list else path, before, after)), old, new)


def _named(path: Path, before: Json, after: Json) -> Path:
    """The path with items called by a text that no other item of their list has, on both sides:
    places say little, since the order is left aside."""
    steps: list[str | int] = []
    for step in path:
        old, new = before, after
        before, after = _part(old, step), _part(new, step)
        if isinstance(step, int) and (name := _name(before, old, new)) is not None:
            after = next(each for each in new if _texts(each).get(name) == before[name])
            step = Key(before[name])
        steps.append(step)
    return tuple(steps)


def _part(value: Json, step: str | int) -> Json:
    if isinstance(step, int):
        return value[step] if isinstance(value, list) and step < len(value) else None
    return value.get(step) if isinstance(value, dict) else None


def _name(item: Json, *lists: Json) -> str | None:
    for member, text in _texts(item).items():
        if all(
            isinstance(items, list) and sum(_texts(each).get(member) == text for each in items) == 1
            for items in lists
        ):
            return member
    return None


def _texts(item: Json) -> dict[str, str]:
    members = item.items() if isinstance(item, dict) else ()
    return {name: value for name, value in members if isinstance(value, str)}


def _repetitions(difference: Any) -> Iterator[Item]:
    """An item that both lists hold, but not equally often."""
    path = path_text(tuple(difference.path(output_format="list"))[:-1])
    counts = difference.additional["repetition"]
    more = counts["new_repeat"] - counts["old_repeat"]
    value = difference.t1
    item = Item(path, NOTHING, value) if more > 0 else Item(path, value, NOTHING)
    yield from [item] * abs(more)


def _side(value: Json) -> Json:
    return NOTHING if type(value).__name__ == "NotPresent" else value
