from __future__ import annotations

from pathlib import Path

import pytest

from capsync.errors import CapsyncError
from capsync.memory.findings import Audit, add_audit, earlier_audits

FIRST = Audit("2027-01-01T00:00:00Z", {"Badge/a": ["Badge/a missing"]}, ["Badge/w"])
SECOND = Audit("2027-01-02T00:00:00Z", {"Badge/b": ["Badge/b changed rank 1"]}, whole=False)


def test_audits_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "deep/uat.drift.jsonl"
    assert earlier_audits(path) == []
    add_audit(path, FIRST)
    add_audit(path, SECOND)
    first, second = earlier_audits(path)
    assert first.keys == {"Badge/a missing"}
    assert (second.at, second.findings, second.whole) == (SECOND.at, SECOND.findings, False)


@pytest.mark.parametrize("torn", [b'{"at": "2027-0', b"[]\n", b'{"at": "x", "findings": []}', b""])
def test_a_line_that_was_cut_off_spoils_no_other(torn: bytes, tmp_path: Path) -> None:
    path = tmp_path / "uat.drift.jsonl"
    add_audit(path, FIRST)
    path.write_bytes(path.read_bytes() + torn)
    add_audit(path, SECOND)
    assert [each.at for each in earlier_audits(path)] == [FIRST.at, SECOND.at]


def test_clean_is_what_was_looked_at_and_neither_found_nor_waived() -> None:
    assert FIRST.is_clean_of("Badge/b")
    assert not FIRST.is_clean_of("Badge/a")
    assert not FIRST.is_clean_of("Badge/w")
    assert not SECOND.is_clean_of("Badge/c")


def test_a_record_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CapsyncError, match="can not be written"):
        add_audit(tmp_path / "file/uat.drift.jsonl", FIRST)
