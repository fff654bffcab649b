"""Drift written back where files are written in every way that YAML allows."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from capsync.sandbox.app import Sandbox
from capsync.sandbox.inprocess import SandboxTransport
from capsync.session import Session
from capsync.yamlio.edit import EditRefused, edit_value
from tests.projects import write_project

CONFIG: dict[str, Any] = {
    "version": 1,
    "project": "test",
    "manifests": ["manifests"],
    "variables": {"rank": 1},
    "environments": {
        "sandbox": {"endpoint": "sandbox", "org_id": 100737, "overlays": ["overlays"]}
    },
    "default_environment": "sandbox",
}
HEAD = "apiVersion: capsync/v1\nkind: BadgeGroup\n"


def project(root: Path, base: bytes, overlay: bytes) -> Path:
    """A project of these files."""
    write_project(root, [], CONFIG)
    (root / "overlays").mkdir()
    (root / "manifests/all.yaml").write_bytes(base)
    if overlay:
        (root / "overlays/all.yaml").write_bytes(overlay)
    return root


def codified(
    tmp_path: Path, base: bytes, live: dict[str, int], overlay: bytes = b""
) -> tuple[bytes, bytes, list[str]]:
    """The two files after the live values are written back, and what was left alone."""
    own = project(tmp_path / "own", base, overlay)
    others = [
        {"kind": "BadgeGroup", "name": name, "spec": {"name": name, "rank": rank}}
        for name, rank in live.items()
    ]
    console = write_project(tmp_path / "console", others)
    sandbox = Sandbox(":memory:", auth=False, seed=False)

    async def run() -> list[str]:
        for root in (own, console):
            async with Session.open(root, transport=SandboxTransport(sandbox)) as session:
                await session.apply(await session.plan())
        async with Session.open(own, transport=SandboxTransport(sandbox)) as session:
            left = session.codify(await session.drift()).left
        async with Session.open(own, transport=SandboxTransport(sandbox)) as session:
            drift = await session.drift()
            assert bool(drift.drifts) == bool(left)
        return list(left)

    left = asyncio.run(run())
    path = own / "overlays/all.yaml"
    after = path.read_bytes() if path.exists() else b""
    return (own / "manifests/all.yaml").read_bytes(), after, left


def group(rest: str) -> str:
    return f"{HEAD}metadata: {{name: one}}\n{rest}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("spec:\n  name: one\n  rank: 1   # why\n", "spec:\n  name: one\n  rank: 42   # why\n"),
        ("spec: {name: one, rank: 1}\n", "spec: {name: one, rank: 42}\n"),
        ("spec: {rank: 1, name: one} # last", "spec: {rank: 42, name: one} # last"),
        (
            "spec: {\n  name: one,\n  rank: 1, # a comma\n}\n",
            "spec: {\n  name: one,\n  rank: 42, # a comma\n}\n",
        ),
        ("spec:\n  'rank':  1\n  name: one\n", "spec:\n  'rank':  42\n  name: one\n"),
        ("spec:\n  rank:\n    1\n  name: one\n", "spec:\n  rank:\n    42\n  name: one\n"),
        ("# top\nspec:\n\n  name: one\n\n  rank: 1\n# end\n...\n",) * 2,
    ],
)
def test_only_the_value_changes(tmp_path: Path, before: str, after: str) -> None:
    after = after.replace("rank: 1\n# end", "rank: 42\n# end")
    base, _, left = codified(tmp_path, group(before).encode(), {"one": 42})
    assert base.decode() == group(after)
    assert left == []


def test_line_ends_of_windows_and_a_mark_stay(tmp_path: Path) -> None:
    text = group("spec:\n  name: one # é\n  rank: 1\n").replace("\n", "\r\n")
    base, _, left = codified(tmp_path, b"\xef\xbb\xbf" + text.encode(), {"one": 42})
    assert base == b"\xef\xbb\xbf" + text.replace("rank: 1", "rank: 42").encode()
    assert left == []


def test_the_right_document_of_many(tmp_path: Path) -> None:
    text = "---\n".join(
        f"{HEAD}metadata: {{name: {name}}}\nspec: {{name: {name}, rank: 1}}\n"
        for name in ("zero", "one", "two")
    )
    live = {"zero": 1, "one": 42, "two": 43}
    base, _, left = codified(tmp_path, text.encode(), live)
    want = text.replace("name: one, rank: 1", "name: one, rank: 42")
    assert base.decode() == want.replace("name: two, rank: 1", "name: two, rank: 43")
    assert left == []


def test_an_overlay_that_holds_the_value_gets_it(tmp_path: Path) -> None:
    overlay = f"{HEAD}metadata: {{name: one}}\nspec:\n  rank: 5 # here it is higher\n"
    base = group("spec: {name: one, rank: 1}\n")
    after, over, left = codified(tmp_path, base.encode(), {"one": 42}, overlay.encode())
    assert (after.decode(), left) == (base, [])
    assert over.decode() == overlay.replace("rank: 5", "rank: 42")


def test_a_value_that_only_the_base_holds_is_written_there(tmp_path: Path) -> None:
    overlay = f"{HEAD}metadata: {{name: one, protect: true}}\nspec: {{}}\n"
    base = group("spec: {name: one, rank: 1}\n")
    after, over, left = codified(tmp_path, base.encode(), {"one": 42}, overlay.encode())
    assert after.decode() == base.replace("rank: 1", "rank: 42")
    assert (over.decode(), left) == (overlay, [])


@pytest.mark.parametrize(
    "spec",
    [
        'spec: {name: one, rank: "${var.rank}"}\n',
        "spec:\n  name: one\n  rank: ${var.rank} # of each org\n",
    ],
)
def test_variables_are_left_alone_and_told(tmp_path: Path, spec: str) -> None:
    base, _, left = codified(tmp_path, group(spec).encode(), {"one": 42})
    assert base.decode() == group(spec)
    assert left == ["BadgeGroup/one rank: manifests/all.yaml writes it with a variable"]


def test_a_merge_key_that_nothing_else_uses(tmp_path: Path) -> None:
    text = group("spec:\n  <<: &common {rank: 1}\n  name: one\n")
    base, _, left = codified(tmp_path, text.encode(), {"one": 42})
    assert base.decode() == text.replace("rank: 1", "rank: 42")
    assert left == []


def test_anchors_elsewhere_stay(tmp_path: Path) -> None:
    text = group("spec:\n  name: &name one\n  rank: 1\n")
    base, _, left = codified(tmp_path, text.encode(), {"one": 42})
    assert base.decode() == text.replace("rank: 1", "rank: 42")
    assert left == []


def test_a_value_that_another_shares_is_left_alone_and_told() -> None:
    with pytest.raises(EditRefused, match="rank can not be changed alone"):
        edit_value("spec:\n  rank: &r 1\n  other: *r\n", 0, ("spec", "rank"), 42)
    edited = edit_value("spec:\n  rank: &r 1\n  other: *r\n", 0, ("spec", "other"), 42)
    assert edited == "spec:\n  rank: &r 1\n  other: 42\n"
