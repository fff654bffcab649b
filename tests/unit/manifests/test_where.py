from __future__ import annotations

from pathlib import Path

import pytest

from capsync.model import Address, Key, Where
from capsync.model import Path as SpecPath
from tests.unit.manifests.support import load

BASE = """\
apiVersion: capsync/v1
kind: Season
metadata:
  name: s
  ignore: [a]
spec:
  name: S
  targets:
    - name: Run 5
      value: 5
    - {name: Swim, key: k1, value: 6}
  limits:
    days: 1
  list: [1, 2]
"""
OVERLAY = """\
kind: Season
metadata: {name: s}
spec:
  limits:
    hours: 2
  list:
    - 9
"""
SEASON = Address("Season", "s")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("name",), ("manifests/a.yaml", 7, 9)),
        ((), ("overlays/uat/o.yaml", 4, 3)),
        (("targets", 0, "value"), ("manifests/a.yaml", 10, 14)),
        (("targets", Key("Run 5"), "value"), ("manifests/a.yaml", 10, 14)),
        (("targets", Key("Swim/k1"), "value"), ("manifests/a.yaml", 11, 36)),
        (("targets", Key("Nobody"), "value"), ("manifests/a.yaml", 9, 5)),
        (("limits", "days"), ("manifests/a.yaml", 13, 11)),
        (("limits", "hours"), ("overlays/uat/o.yaml", 5, 12)),
        (("limits", "minutes"), ("overlays/uat/o.yaml", 5, 5)),
        (("list", 0), ("overlays/uat/o.yaml", 7, 7)),
        (("missing", "deep"), ("overlays/uat/o.yaml", 4, 3)),
    ],
)
def test_the_place_of_a_value(tmp_path: Path, path: SpecPath, place: tuple[str, int, int]) -> None:
    files = {"manifests/a.yaml": BASE, "overlays/uat/o.yaml": OVERLAY}
    assert load(tmp_path, files, "uat").where(SEASON, path) == Where(*place)


def test_without_an_overlay_it_is_the_manifest(tmp_path: Path) -> None:
    files = {"manifests/a.yaml": "---\n# first\n---\n" + BASE, "overlays/uat/o.yaml": OVERLAY}
    project = load(tmp_path, files)
    assert project.where(SEASON, ("list", 1)) == Where("manifests/a.yaml", 17, 13)
    assert project.where(SEASON, ("list",), at_key=True) == Where("manifests/a.yaml", 17, 3)
    assert project.where_in_document(SEASON, ("metadata", "ignore", 0)) == Where(
        "manifests/a.yaml", 8, 12
    )


def test_an_unknown_address_is_nowhere(tmp_path: Path) -> None:
    assert load(tmp_path, {"manifests/a.yaml": BASE}).where(Address("A", "b"), ()) == Where("")


def test_a_file_that_has_gone_since_is_named_alone(tmp_path: Path) -> None:
    project = load(tmp_path, {"manifests/a.yaml": BASE})
    (tmp_path / "manifests" / "a.yaml").unlink()
    assert project.where(SEASON, ("name",)) == Where("manifests/a.yaml")


def test_a_file_that_has_shrunk_since_is_named_alone(tmp_path: Path) -> None:
    project = load(tmp_path, {"manifests/a.yaml": BASE})
    (tmp_path / "manifests" / "a.yaml").write_text("")
    assert project.where(SEASON, ("name",)) == Where("manifests/a.yaml")


def test_relative_files_start_at_the_file_that_names_them(tmp_path: Path) -> None:
    files = {"manifests/sub/a.yaml": BASE, "overlays/uat/o.yaml": OVERLAY}
    project = load(tmp_path, files, "uat")
    assert project.folder_of(SEASON, ("name",)) == tmp_path / "manifests" / "sub"
    assert project.folder_of(SEASON, ("limits", "hours")) == tmp_path / "overlays" / "uat"
