"""Desired values beside a live object: put into its form, and what stands in no spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from capsync.fields import Schema
from capsync.kind import Kind, Pair
from capsync.model import FieldChange, Meta
from capsync.snapshot import LiveObject
from capsync.values.normalise import pair_key
from capsync.values.paths import below, parse_path

Json = Any


def shaped(
    kind: Kind, raw: Mapping[str, Json], live: LiveObject | None, meta: Meta, *, approve: bool
) -> dict[str, Json]:
    """The desired values in the form in which the kind compares and writes them: listed children
    are meant to be in service, unless the manifest says otherwise."""
    for name in kind.retire_child if live is not None else ():
        raw = _in_service(kind.schema, raw, live.spec if live else {}, name.split("."))
    made = raw if kind.shape is None else kind.shape(_pair(raw, live, meta, approve=approve))
    # What nothing was changed of stays the same object: its canonical form is known already.
    kept = raw if made == raw else made
    return kept if isinstance(kept, dict) else dict(kept)


def staged(
    kind: Kind, raw: Mapping[str, Json], live: LiveObject, meta: Meta, *, approve: bool
) -> list[FieldChange]:
    """How far the object has to go on in its life, save what the manifest ignores."""
    if kind.stage is None:
        return []
    ignored = [parse_path(text) for text in meta.ignore]
    found = kind.stage(_pair(raw, live, meta, approve=approve))
    return [each for each in found if not any(below(each.path, steps) for steps in ignored)]


def _in_service(schema: Schema, desired: Json, live: Json, steps: Sequence[str]) -> Json:
    """The desired value with the flag of each listed child that is out of service turned on."""
    if not isinstance(desired, Mapping) or not isinstance(live, Mapping):
        return desired
    name, rest = steps[0], steps[1:]
    inner: Schema = schema.get("properties", {}).get(name, {})
    wanted, have = desired.get(name), live.get(name)
    if "x-key" not in inner:
        found = _in_service(inner, wanted, have, rest) if rest else wanted
        return desired if found is wanted else {**desired, name: found}
    if not isinstance(wanted, list) or not isinstance(have, list):
        return desired
    item: Schema = inner.get("items", {})
    paired = {pair_key(inner, each): each for each in have}
    flags = [flag for flag, each in item.get("properties", {}).items() if each.get("x-service")]
    found = []
    for each in wanted:
        pair = paired.get(pair_key(inner, each))
        if rest:
            found.append(_in_service(item, each, pair, rest))
        else:
            off = [flag for flag in flags if flag not in each and _is_off(pair, flag)]
            found.append({**each, **dict.fromkeys(off, True)} if off else each)
    return {**desired, name: found}


def _is_off(child: Json, flag: str) -> bool:
    return isinstance(child, Mapping) and child.get(flag) is False


def _pair(raw: Mapping[str, Json], live: LiveObject | None, meta: Meta, *, approve: bool) -> Pair:
    if live is None:
        return Pair(raw, meta=meta, approve=approve)
    return Pair(raw, live.spec, live.raw, meta, approve)
