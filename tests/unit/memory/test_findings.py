from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from capsync.errors import CapsyncError
from capsync.memory.findings import Audit, AuditFile, AuditObject, audit_log
from capsync.memory.remote import RemoteObject, StateObject
from capsync.memory.statefile import StateFile
from tests.unit.memory.s3 import s3, use_bucket

FIRST = Audit("2027-01-01T00:00:00Z", {"Badge/a": ["Badge/a missing"]}, ["Badge/w"])
SECOND = Audit("2027-01-02T00:00:00Z", {"Badge/b": ["Badge/b changed rank 1"]}, whole=False)


def test_audits_come_back_in_order(tmp_path: Path) -> None:
    log = AuditFile(tmp_path / "deep/uat.drift.jsonl")
    assert log.audits() == []
    log.add(FIRST)
    log.add(SECOND)
    first, second = log.audits()
    assert first.keys == {"Badge/a missing"}
    assert (second.at, second.findings, second.whole) == (SECOND.at, SECOND.findings, False)


@pytest.mark.parametrize("torn", [b'{"at": "2027-0', b"[]\n", b'{"at": "x", "findings": []}', b""])
def test_a_line_that_was_cut_off_spoils_no_other(torn: bytes, tmp_path: Path) -> None:
    log = AuditFile(tmp_path / "uat.drift.jsonl")
    log.add(FIRST)
    log.path.write_bytes(log.path.read_bytes() + torn)
    log.add(SECOND)
    assert [each.at for each in log.audits()] == [FIRST.at, SECOND.at]


def test_clean_is_what_was_looked_at_and_neither_found_nor_waived() -> None:
    assert FIRST.is_clean_of("Badge/b")
    assert not FIRST.is_clean_of("Badge/a")
    assert not FIRST.is_clean_of("Badge/w")
    assert not SECOND.is_clean_of("Badge/c")


def test_a_record_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CapsyncError, match="can not be written"):
        AuditFile(tmp_path / "file/uat.drift.jsonl").add(FIRST)
    with pytest.raises(CapsyncError, match="can not be read"):
        AuditFile(tmp_path).audits()


def test_the_record_lies_beside_the_state(tmp_path: Path) -> None:
    default = tmp_path / ".capsync/uat.drift.jsonl"
    assert audit_log(StateFile(tmp_path / ".capsync/uat.state.json"), default) == AuditFile(default)
    elsewhere = StateFile(tmp_path / "states/uat.json")
    assert audit_log(elsewhere, default) == AuditFile(tmp_path / "states/uat.json.drift.jsonl")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with s3() as server:
        yield use_bucket(server, monkeypatch)


def test_a_record_beside_a_state_that_machines_share(bucket: str) -> None:
    log = audit_log(StateObject(f"{bucket}/acme/uat.json"), Path("unused"))
    assert isinstance(log, AuditObject)
    assert log.audits() == []
    log.add(FIRST)
    other = AuditObject(f"{bucket}/acme/uat.json.drift.jsonl")
    other.add(SECOND)
    log.add(FIRST)
    assert [each.at for each in other.audits()] == [FIRST.at, SECOND.at, FIRST.at]


def test_an_object_keeps_the_latest_audits_only(bucket: str) -> None:
    log = AuditObject(f"{bucket}/uat.drift.jsonl")
    many = b"".join(b'{"at":"%d","findings":{},"waived":[],"whole":true}\n' % n for n in range(600))
    RemoteObject(f"{bucket}/uat.drift.jsonl").write(many, "")
    log.add(FIRST)
    kept = log.audits()
    assert (len(kept), kept[0].at, kept[-1].at) == (500, "101", FIRST.at)
