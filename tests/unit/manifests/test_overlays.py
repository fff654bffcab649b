from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from capsync.errors import ManifestError
from capsync.manifests.overlays import merged
from capsync.model import Where
from tests.unit.manifests.support import load, manifest, only, problems

BASE = """\
apiVersion: capsync/v1
kind: Badge
metadata: {name: a, protect: true}
spec:
  name: A
  rank: 1
  group: {ref: g, child: x}
  limits: {days: 1, hours: {from: 1, to: 2}}
  tags: [a, b]
  gone: x
"""


def overlaid(tmp_path: Path, overlay: str, environment: str = "uat") -> Any:
    files = {"manifests/a.yaml": BASE, "overlays/uat/o.yaml": overlay}
    return only(load(tmp_path, files, environment))


def test_maps_merge_lists_replace_null_removes(tmp_path: Path) -> None:
    overlay = """\
kind: Badge
metadata: {name: a, protect: false, ignore: [rank]}
spec:
  rank: 2
  limits: {hours: {to: 9}, minutes: 5}
  tags: [c]
  gone: null
  empty: {$null: true}
"""
    badge = overlaid(tmp_path, overlay)
    assert badge.spec == {
        "name": "A",
        "rank": 2,
        "group": {"ref": "g", "child": "x"},
        "limits": {"days": 1, "hours": {"from": 1, "to": 9}, "minutes": 5},
        "tags": ["c"],
        "empty": None,
    }
    assert not badge.meta.protect
    assert badge.meta.ignore == ("rank",)


def test_other_environments_do_not_see_it(tmp_path: Path) -> None:
    overlay = "kind: Badge\nmetadata: {name: a}\nspec: {rank: 2}\n"
    assert overlaid(tmp_path, overlay, "sandbox").spec["rank"] == 1


@pytest.mark.parametrize(
    ("written", "result"),
    [
        ("{ref: other}", {"ref": "other"}),
        ("{lookup: Key}", {"lookup": "Key"}),
        ("20455", 20455),
        ("{$null: true}", None),
    ],
)
def test_a_reference_is_one_value(tmp_path: Path, written: str, result: Any) -> None:
    overlay = f"kind: Badge\nmetadata: {{name: a}}\nspec: {{group: {written}}}\n"
    assert overlaid(tmp_path, overlay).spec["group"] == result


def test_a_written_null_works_in_manifests_too(tmp_path: Path) -> None:
    text = manifest("a", "{x: {$null: true}, y: null, z: [{$null: true}]}")
    assert only(load(tmp_path, {"manifests/a.yaml": text})).spec == {
        "x": None,
        "y": None,
        "z": [None],
    }


def test_a_resource_can_be_taken_out(tmp_path: Path) -> None:
    files = {
        "manifests/a.yaml": BASE,
        "overlays/uat/o.yaml": "kind: Badge\nmetadata: {name: a, remove: true}\n",
    }
    assert load(tmp_path, files, "uat").resources == ()
    assert len(load(tmp_path, files, "sandbox").resources) == 1


def test_taking_out_what_is_not_there_is_a_warning(tmp_path: Path) -> None:
    files = {
        "manifests/a.yaml": BASE.replace("name: a,", "name: alpha,"),
        "overlays/uat/o.yaml": "kind: Badge\nmetadata: {name: alfa, remove: true}\n",
    }
    assert [str(each) for each in load(tmp_path, files, "uat").warnings] == [
        "overlays/uat/o.yaml:2:32: there is no Badge/alfa to remove (did you mean Badge/alpha?)"
    ]


def test_remove_is_a_boolean_and_for_overlays_only(tmp_path: Path) -> None:
    files = {
        "manifests/a.yaml": BASE,
        "overlays/uat/o.yaml": "kind: Badge\nmetadata: {name: a, remove: 'yes'}\n",
    }
    assert problems(tmp_path, files, "uat") == [
        "overlays/uat/o.yaml:2:29: metadata.remove: remove is true or false"
    ]
    text = manifest("a", "{}", metadata="remove: true")
    (problem,) = problems(tmp_path, {"manifests/a.yaml": text, "overlays/uat/o.yaml": ""})
    assert "metadata.remove: unknown field" in problem


def test_an_overlay_without_a_base_is_a_resource_of_its_environment(tmp_path: Path) -> None:
    files = {
        "manifests/a.yaml": BASE,
        "overlays/uat/o.yaml": "apiVersion: capsync/v1\nkind: Badge\nmetadata: {name: extra}\n"
        "spec: {x: null, y: {z: 1}}\n",
    }
    project = load(tmp_path, files, "uat")
    extra = project.resources[1]
    assert extra.spec == {"x": None, "y": {"z": 1}}
    assert extra.where == Where("overlays/uat/o.yaml", 1, 1)
    assert len(load(tmp_path, files, "sandbox").resources) == 1


def test_an_overlay_without_a_base_is_written_as_manifests_are(tmp_path: Path) -> None:
    bare = "kind: Badge\nmetadata: {name: extra}\nspec: {x: 1}\n"
    files = {"manifests/a.yaml": BASE, "overlays/uat/o.yaml": bare}
    with pytest.raises(ManifestError, match=r"overlays/uat/o.yaml:1:1: apiVersion is required"):
        load(tmp_path, files, "uat")


def test_later_folders_win(tmp_path: Path) -> None:
    files = {
        "manifests/a.yaml": BASE,
        "overlays/base/o.yaml": "kind: Badge\nmetadata: {name: a}\nspec: {rank: 2, gone: y}\n",
        "overlays/uat/o.yaml": "kind: Badge\nmetadata: {name: a}\nspec: {rank: 3}\n",
    }
    spec = only(load(tmp_path, files, "uat")).spec
    assert (spec["rank"], spec["gone"]) == (3, "y")


def test_one_folder_says_it_once(tmp_path: Path) -> None:
    overlay = "kind: Badge\nmetadata: {name: a}\n"
    files = {"manifests/a.yaml": BASE, "overlays/uat/o.yaml": f"{overlay}---\n{overlay}"}
    assert problems(tmp_path, files, "uat") == [
        "overlays/uat/o.yaml:5:18: metadata.name:"
        " Badge/a is there already at overlays/uat/o.yaml:1:1"
    ]


def test_a_missing_overlay_folder_is_a_problem(tmp_path: Path) -> None:
    files = {"manifests/a.yaml": BASE}
    load(tmp_path, files)
    (tmp_path / "overlays" / "uat").rmdir()
    config = (tmp_path / "capsync.yaml").read_text().replace("overlays/uat]", "overlays/utat]")
    from capsync.manifests import read_project

    (tmp_path / "capsync.yaml").write_text(config)
    assert [str(each) for each in read_project(tmp_path, "uat", {}).problems] == [
        "capsync.yaml:10:31: there is no folder overlays/utat"
    ]


def test_an_overlay_can_break_the_frame(tmp_path: Path) -> None:
    files = {
        "manifests/a.yaml": BASE,
        "overlays/uat/o.yaml": (
            "apiVersion: v9\nkind: Badge\nmetadata: {name: a, protct: 1}\nspce: {}\n"
        ),
    }
    assert [each.split(": ")[:2] for each in problems(tmp_path, files, "uat")] == [
        ["overlays/uat/o.yaml:1:13", "apiVersion"],
        ["overlays/uat/o.yaml:3:21", "metadata.protct"],
        ["overlays/uat/o.yaml:4:1", "spce"],
    ]


def test_an_overlay_whose_base_was_lost_says_nothing_of_its_own(tmp_path: Path) -> None:
    files = {
        "manifests/a.yaml": BASE + "  x: [\n",
        "overlays/uat/o.yaml": "kind: Badge\nmetadata: {name: a}\nspec: {rank: 2}\n",
    }
    assert len(problems(tmp_path, files, "uat")) == 1


@pytest.mark.parametrize(
    ("base", "patch", "result"),
    [
        ({"a": 1}, {}, {"a": 1}),
        ({"a": {"b": 1}}, {"a": 5}, {"a": 5}),
        ({"a": 5}, {"a": {"b": 1, "c": None}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": {"b": None}}, {"a": {}}),
        ({"a": [1]}, {"a": [None]}, {"a": [None]}),
        ({}, {"a": None}, {}),
        ({"a": {"file": "x"}}, {"a": {"file": "y"}}, {"a": {"file": "y"}}),
        ({"a": {"x": 1}}, {"a": {"ref": "y"}}, {"a": {"ref": "y"}}),
        ({"a": {"ref": "y"}}, {"a": {"x": 1}}, {"a": {"x": 1}}),
    ],
)
def test_merging(base: Any, patch: Any, result: Any) -> None:
    before = repr(base), repr(patch)
    assert merged(base, patch) == result
    assert (repr(base), repr(patch)) == before
