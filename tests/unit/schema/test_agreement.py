"""jsonschema_rs decides and jsonschema explains: they have to agree on every kind's schema."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capsync.fields import Schema
from capsync.kind import Kind
from capsync.kinds import KINDS as REAL_KINDS
from capsync.schema import Checker, combined_schema, config_schema, manifest_schema, spec_schema
from capsync.schema.check import gate, slow_validator
from capsync.schema.manifest import wrapper_schema
from tests.unit import samplekinds

KINDS = samplekinds.KINDS
SCHEMAS: dict[str, Schema] = {
    **{f"spec {name}": spec_schema(kind) for name, kind in KINDS.items()},
    **{f"manifest {name}": manifest_schema(kind) for name, kind in KINDS.items()},
    "combined": combined_schema(KINDS),
    "config": config_schema(),
    "frame": wrapper_schema(),
    "overlay frame": wrapper_schema(overlay=True),
}
LEAVES = st.sampled_from(
    [
        *(None, True, 0, 1, 5, -1, 1.5, 10**20, "", "a", "RED", "red", "tIlL", "x" * 50, "[1]"),
        *("{}", "2027-01-01T00:00:00Z", "2027-02-30T00:00:00Z", "2027-01-01", "${var.x}"),
        *([], {}, [1, 1], {"ref": "x"}, {"ref": "x", "lookup": "y"}, {"lookup": 5}),
        *({"file": "a.png"}, {"child": "x"}, {"type": "COUPON"}, {"type": "POINTS", "points": 1}),
        *([{"type": "X"}], [{"type": "COUPON", "seriesId": {"lookup": "y"}}], {"days": ["x"]}),
    ]
)
ANY_LEAF = st.recursive(
    LEAVES | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=4,
)
NAMES = st.sampled_from([*KINDS["Medal"].fields, "startOnISO", "nonsense"])
SPECS = st.dictionaries(NAMES, LEAVES, max_size=8).map(
    lambda changes: {"name": "a", "startOn": 1, "rewards": [], **copy.deepcopy(changes)}
)


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS.keys())
def test_every_schema_is_one(schema: Schema) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


MEDAL = spec_schema(KINDS["Medal"])
FAST, SLOW = gate(MEDAL), slow_validator(MEDAL)
FAST_EDITOR = gate(manifest_schema(KINDS["Medal"]))
SLOW_EDITOR = slow_validator(manifest_schema(KINDS["Medal"]))


@given(SPECS)
def test_both_validators_agree_on_specs(spec: Any) -> None:
    assert FAST.is_valid(spec) == SLOW.is_valid(spec)


@given(SPECS)
def test_both_validators_agree_on_manifests(spec: Any) -> None:
    manifest = {
        "apiVersion": "capsync/v1",
        "kind": "Medal",
        "metadata": {"name": "a"},
        "spec": spec,
    }
    assert FAST_EDITOR.is_valid(manifest) == SLOW_EDITOR.is_valid(manifest)


@given(SPECS)
def test_editors_accept_what_validation_accepts(spec: Any) -> None:
    if FAST.is_valid(spec):
        manifest = {
            "apiVersion": "capsync/v1",
            "kind": "Medal",
            "metadata": {"name": "a"},
            "spec": spec,
        }
        assert FAST_EDITOR.is_valid(manifest)


@pytest.mark.parametrize("kind", REAL_KINDS.values(), ids=REAL_KINDS.keys())
def test_the_schemas_of_every_kind_are_schemas(kind: Kind) -> None:
    jsonschema.Draft202012Validator.check_schema(spec_schema(kind))
    jsonschema.Draft202012Validator.check_schema(manifest_schema(kind))


@pytest.mark.parametrize("kind", REAL_KINDS.values(), ids=REAL_KINDS.keys())
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_both_validators_agree_on_every_kind(kind: Kind, data: st.DataObject) -> None:
    names = st.sampled_from([*kind.fields, "nonsense"])
    spec = data.draw(st.dictionaries(names, ANY_LEAF, max_size=12))
    schema = spec_schema(kind)
    assert gate(schema).is_valid(spec) == slow_validator(schema).is_valid(spec)


@given(SPECS)
def test_what_does_not_fit_is_explained_by_the_one_that_can(spec: Any) -> None:
    complaints = Checker(MEDAL).complaints(spec)
    assert bool(complaints) != FAST.is_valid(spec)
    assert all(each.rule != "schema" for each in complaints)
