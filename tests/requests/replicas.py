"""Many manifests of one: natural keys told apart, everything else the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from capsync.kind import Kind
from capsync.values.normalise import canonical
from capsync.values.references import is_reference
from tests.laws.bodies import refusal
from tests.laws.cases import Manifest
from tests.laws.edits import Place, put, value_at

Json = Any

SUFFIXES = (" {}", "_{}", "{}")


def replicas(
    kind: Kind, one: Manifest, count: int, suffixes: Iterable[str] = SUFFIXES
) -> list[Manifest]:
    """The manifest and others like it, `count` in all; fewer where its key can not be varied.

    The first suffix that `validate` takes tells them apart.
    """
    spec, found = one["spec"], [one]
    for suffix in suffixes:
        places = [place for place, _ in _key_leaves(kind, spec, suffix)]
        if places and not refusal(kind, _varied(spec, places, suffix, count)):
            found += [
                {
                    **one,
                    "metadata": {**one["metadata"], "name": f"{one['metadata']['name']}-{n}"},
                    "spec": _varied(spec, places, suffix, n),
                }
                for n in range(1, count)
            ]
            break
    return found


def _varied(spec: Json, places: list[Place], suffix: str, n: int) -> Json:
    for place in places:
        spec = put(spec, place, _other(value_at(spec, place), suffix, n))
    return spec


def _other(value: Json, suffix: str, n: int) -> Json:
    return value + n if isinstance(value, int) else value + suffix.format(n)


def _key_leaves(kind: Kind, spec: Json, suffix: str) -> Iterator[tuple[Place, Json]]:
    """The texts and numbers of a spec on which a natural key hangs, each key by its first one."""
    keys = [(key, own) for key in kind.keys if (own := key.of(canonical(kind.schema, spec)))]
    for key, own in keys:
        for place, value in _leaves(spec):
            other = put(spec, place, _other(value, suffix, 1))
            varied = key.of(canonical(kind.schema, other))
            if varied not in (own, None) and not refusal(kind, other):
                yield place, value
                break


def _leaves(value: Json, place: Place = ()) -> Iterator[tuple[Place, Json]]:
    """Texts first: a number among the parts of a key is mostly a choice of few."""
    found = list(_every_leaf(value, place))
    yield from sorted(found, key=lambda each: not isinstance(each[1], str))


def _every_leaf(value: Json, place: Place) -> Iterator[tuple[Place, Json]]:
    if isinstance(value, Mapping):
        if not is_reference(value):
            for name, inner in value.items():
                yield from _every_leaf(inner, (*place, name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _every_leaf(inner, (*place, at))
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        yield place, value
