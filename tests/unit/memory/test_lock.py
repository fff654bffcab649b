from __future__ import annotations

import os
from pathlib import Path

import pytest

from capsync.errors import CapsyncError, PlanBlocked
from capsync.memory.lock import break_lock, lock_holder, lock_path, org_lock


def test_one_holds_it_and_others_are_told_who(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "org.lock"
    with org_lock(path, 7):
        with pytest.raises(PlanBlocked, match=f"org 7 is locked by .*process {os.getpid()}, since"):
            org_lock(path, 7).__enter__()
        assert f"process {os.getpid()}" in lock_holder(path)
    assert lock_holder(path) == ""
    with org_lock(path, 7):
        pass


def test_a_lock_is_free_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), org_lock(tmp_path / "org.lock", 7):
        raise ZeroDivisionError
    assert lock_holder(tmp_path / "org.lock") == ""


def test_a_broken_lock_lets_the_next_one_in(tmp_path: Path) -> None:
    path = tmp_path / "org.lock"
    with org_lock(path, 7):
        break_lock(path)
        with org_lock(path, 7):
            assert lock_holder(path)
    break_lock(path)
    break_lock(path)


def test_the_name_tells_host_and_org_apart_but_not_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    paths = {lock_path(host, org) for host in ("https://a", "https://b") for org in (1, 2)}
    assert len(paths) == 4
    assert {path.parent for path in paths} == {tmp_path / "capsync" / "locks"}


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CapsyncError, match="XDG_STATE_HOME"):
        org_lock(tmp_path / "file" / "org.lock", 7).__enter__()
