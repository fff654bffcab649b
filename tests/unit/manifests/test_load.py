from __future__ import annotations

from pathlib import Path

import pytest

from capsync.errors import ManifestError
from capsync.manifests import load_project, read_project
from capsync.model import Address, Meta, Where
from tests.unit.manifests.support import CONFIG, load, manifest, only, problems, write

BADGE = """\
apiVersion: capsync/v1
kind: Badge
metadata:
  name: trail-walker            # local address: Badge/trail-walker
  protect: true
  ignore: [description, benefits[].points]
  id: 6a01b2c3d4e5f60718293a01
  formerly: {name: walker, key: Trail Walker 1}
  sensitive: [webHookUrl]
  replace: true
  publish: draft
spec:
  name: Trail Walker
  startOn: 2027-01-01T00:00:00+05:30
  code: 012
  badgeGroupId: {ref: explorers}
  benefits:
    - {benefitType: COUPON, seriesId: {lookup: "Diwali 20% off"}}
"""


def test_the_documented_manifest(tmp_path: Path) -> None:
    project = load(tmp_path, {"manifests/badges.yaml": BADGE}, "uat")
    badge = only(project)
    assert badge.address == Address("Badge", "trail-walker")
    assert badge.meta == Meta(
        protect=True,
        ignore=("description", "benefits[].points"),
        id="6a01b2c3d4e5f60718293a01",
        formerly_name="walker",
        formerly_key="Trail Walker 1",
        sensitive=("webHookUrl",),
        replace=True,
        publish="draft",
    )
    assert badge.spec == {
        "name": "Trail Walker",
        "startOn": "2027-01-01T00:00:00+05:30",
        "code": "012",
        "badgeGroupId": {"ref": "explorers"},
        "benefits": [{"benefitType": "COUPON", "seriesId": {"lookup": "Diwali 20% off"}}],
    }
    assert badge.where == Where("manifests/badges.yaml", 1, 1)
    assert project.root == tmp_path
    assert project.environment.name == "uat"
    assert project.is_complete


def test_several_documents_and_files_in_the_order_of_names(tmp_path: Path) -> None:
    project = load(
        tmp_path,
        {
            "manifests/b.yaml": manifest("four", "{}"),
            "manifests/a/z.yml": manifest("two", "{}")
            + "---\n# nothing\n---\n"
            + manifest("three", "{}"),
            "manifests/a/b/c.yaml": manifest("one", "{}"),
            "manifests/notes.txt": "not: [yaml",
            "manifests/.hidden.yaml": "not: [yaml",
            "manifests/.git/x.yaml": "not: [yaml",
        },
    )
    assert [each.address.name for each in project.resources] == ["one", "two", "three", "four"]
    assert project.resources[2].where == Where("manifests/a/z.yml", 8, 1)


def test_names_and_kinds_share_nothing(tmp_path: Path) -> None:
    text = manifest("same", "{}") + "---\n" + manifest("same", "{}", kind="BadgeGroup")
    assert len(load(tmp_path, {"manifests/a.yaml": text}).resources) == 2


def test_a_duplicate_address_names_both_places(tmp_path: Path) -> None:
    text = manifest("twin", "{}")
    assert problems(tmp_path, {"manifests/a.yaml": text, "manifests/b/c.yaml": "\n" + text}) == [
        "manifests/b/c.yaml:4:18: metadata.name:"
        " Badge/twin is there already at manifests/a.yaml:1:1"
    ]


@pytest.mark.parametrize("name", ["a", "7", "trail-walker", "a.b_c-d", "x" * 128, "0a"])
def test_good_names(tmp_path: Path, name: str) -> None:
    resource = only(load(tmp_path, {"manifests/a.yaml": manifest(f'"{name}"', "{}")}))
    assert resource.address.name == name


@pytest.mark.parametrize(
    "name", ["A", "a b", "-a", "a-", "a/b", "x" * 129, "é", ".a", "a\\n", "${var.name}"]
)
def test_bad_names(tmp_path: Path, name: str) -> None:
    (problem,) = problems(tmp_path, {"manifests/a.yaml": manifest(f'"{name}"', "{}")})
    assert problem.startswith("manifests/a.yaml:3:18: metadata.name: ")


def test_the_frame_of_a_manifest_is_checked_with_every_problem(tmp_path: Path) -> None:
    text = """\
apiVersion: capsync/v2
kind: Badge
metadata: {name: x, protct: true, replace: "yes", ignore: name, formerly: {}, publish: now, id: []}
sepc: {}
---
just text
---
kind: Badge
spec: {}
---
apiVersion: capsync/v1
kind: 5
metadata: {name: true}
spec: []
"""
    assert problems(tmp_path, {"manifests/a.yaml": text}) == [
        "manifests/a.yaml:1:1: spec is required",
        'manifests/a.yaml:1:13: apiVersion: "capsync/v2" is not one of the allowed values'
        " (did you mean capsync/v1? allowed: capsync/v1)",
        "manifests/a.yaml:3:21: metadata.protct: unknown field (did you mean protect?)",
        'manifests/a.yaml:3:44: metadata.replace: "yes" is not true or false'
        " (only true and false are booleans)",
        'manifests/a.yaml:3:59: metadata.ignore: "name" is not a list',
        "manifests/a.yaml:3:75: metadata.formerly: 0 fields, at least 1 are needed",
        'manifests/a.yaml:3:88: metadata.publish: "now" is not one of the allowed values'
        " (allowed: draft, submit)",
        "manifests/a.yaml:3:97: metadata.id: a list is not text or a whole number",
        "manifests/a.yaml:4:1: sepc: unknown field (did you mean spec?)",
        'manifests/a.yaml:6:1: "just text" is not a mapping',
        "manifests/a.yaml:8:1: apiVersion is required",
        "manifests/a.yaml:8:1: metadata is required",
        "manifests/a.yaml:12:7: kind: 5 is not text (put it in quotes)",
        "manifests/a.yaml:13:18: metadata.name: true is not text (put it in quotes)",
        "manifests/a.yaml:14:7: a list is not a mapping",
    ]


def test_an_id_that_looks_like_a_float_is_refused_and_a_number_is_text(tmp_path: Path) -> None:
    config = CONFIG.replace("  uat:", "  xuat:")
    text = manifest("a", "{}", metadata="id: 20455")
    assert (
        only(load(tmp_path, {"manifests/a.yaml": text}, "xuat", config=config)).meta.id == "20455"
    )
    (problem,) = problems(tmp_path, {"manifests/a.yaml": manifest("a", "{}", metadata="id: 12e5")})
    assert problem.endswith("metadata.id: 1200000.0 was read as a number (put it in quotes)")


def test_problems_of_all_files_come_at_once_in_file_order(tmp_path: Path) -> None:
    files = {
        "manifests/c.yaml": "a: [\n",
        "manifests/a.yaml": manifest("x", "{a: 1, a: 2}"),
        "manifests/b.yaml": manifest("y", '{a: "${var.nope}"}'),
    }
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "d.yaml").write_bytes(b"\x00\x01")
    assert [each.split(": ")[0] for each in problems(tmp_path, files)] == [
        "manifests/a.yaml:4:14",
        "manifests/b.yaml:4:11",
        "manifests/c.yaml:2:1",
        "manifests/d.yaml:1:1",
    ]


def test_a_project_with_lost_documents_is_not_complete(tmp_path: Path) -> None:
    write(tmp_path, {"manifests/a.yaml": "a: [\n", "manifests/b.yaml": manifest("x", "{}")})
    project = read_project(tmp_path, None, {})
    assert not project.is_complete
    assert [each.address.name for each in project.resources] == ["x"]
    assert len(project.problems) == 1


def test_manifest_folders_may_be_files_and_must_exist(tmp_path: Path) -> None:
    config = CONFIG.replace("project: test", "project: test\nmanifests: [one.yaml, nothing, more/]")
    write(
        tmp_path,
        {"one.yaml": manifest("a", "{}"), "more/x.yaml": manifest("b", "{}")},
        config,
    )
    project = read_project(tmp_path, None, {})
    assert [each.where.file for each in project.resources] == ["one.yaml", "more/x.yaml"]
    assert [str(each) for each in project.problems] == [
        "capsync.yaml:3:23: there is no folder nothing"
    ]


def test_the_project_folder_itself_may_hold_the_manifests(tmp_path: Path) -> None:
    config = CONFIG.replace("project: test", "project: test\nmanifests: [.]")
    files = {
        "a.yaml": manifest("a", "{}"),
        "overlays/uat/o.yaml": "kind: Badge\nmetadata: {name: o}\n",
    }
    project = load(tmp_path, files, config=config)
    assert [each.where.file for each in project.resources] == ["a.yaml"]


def test_links_are_followed_once(tmp_path: Path) -> None:
    write(tmp_path, {"manifests/real/a.yaml": manifest("a", "{}")})
    manifests = tmp_path / "manifests"
    (manifests / "loop").symlink_to(manifests, target_is_directory=True)
    (manifests / "again").symlink_to(manifests / "real", target_is_directory=True)
    (manifests / "file.yaml").symlink_to(manifests / "real" / "a.yaml")
    (manifests / "text.yaml").symlink_to(tmp_path / "outside.yaml")
    (tmp_path / "outside.yaml").write_text(manifest("b", "{}"))
    project = load_project(tmp_path, None, {})
    assert sorted(each.address.name for each in project.resources) == ["a", "b"]


def test_broken_and_circular_links_are_problems(tmp_path: Path) -> None:
    write(tmp_path, {})
    (tmp_path / "manifests" / "gone.yaml").symlink_to(tmp_path / "nothing.yaml")
    (tmp_path / "manifests" / "self.yaml").symlink_to(tmp_path / "manifests" / "self.yaml")
    found = [str(each) for each in read_project(tmp_path, None, {}).problems]
    assert found[0] == "manifests/gone.yaml: can not be read: No such file or directory"
    assert found[1].startswith("manifests/self.yaml: can not be read: ")


def test_an_empty_project_is_a_warning(tmp_path: Path) -> None:
    project = load(tmp_path, {})
    assert project.resources == ()
    assert [str(each) for each in project.warnings] == [
        "capsync.yaml:1:1: there are no manifests in manifests"
    ]


def test_an_id_in_a_manifest_needs_one_remote_environment(tmp_path: Path) -> None:
    two = CONFIG + "  prod: {endpoint: https://p.example}\n"
    files = {"manifests/a.yaml": manifest("a", "{}", metadata="id: abc")}
    write(tmp_path, files, two)
    with pytest.raises(ManifestError) as caught:
        load_project(tmp_path, "uat", {})
    assert [str(each) for each in caught.value.problems] == [
        "manifests/a.yaml:3:25: metadata.id: an id is of one org,"
        " but there are 2 remote environments (move it to an overlay)"
    ]
    overlay = "kind: Badge\nmetadata: {name: a, id: xyz}\n"
    files = {"manifests/a.yaml": manifest("a", "{}"), "overlays/uat/a.yaml": overlay}
    assert only(load(tmp_path, files, "uat", config=two)).meta.id == "xyz"
    assert only(load(tmp_path, files, "prod", config=two)).meta.id is None


def test_the_id_of_the_remote_org_is_not_one_of_the_sandbox(tmp_path: Path) -> None:
    files = {"manifests/a.yaml": manifest("a", "{}", metadata="id: abc")}
    assert only(load(tmp_path, files, "uat")).meta.id == "abc"
    assert only(load(tmp_path, files, "sandbox")).meta.id is None
    alone = "version: 1\nenvironments: {sandbox: {endpoint: sandbox}}\n"
    assert only(load(tmp_path, files, config=alone)).meta.id == "abc"


def test_an_unknown_environment_is_an_error_of_the_manifests(tmp_path: Path) -> None:
    assert problems(tmp_path, {}, "prod") == [
        "capsync.yaml: unknown environment prod (there are: sandbox, uat)"
    ]
