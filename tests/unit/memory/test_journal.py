from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from capsync.errors import CapsyncError
from capsync.memory.journal import Journal, new_run
from capsync.memory.state import Remembered, State
from capsync.memory.unfinished import (
    OpenIntent,
    created_in,
    put_away,
    put_away_ended,
    recall,
    unfinished_runs,
    write_open,
)

NOW = 1799140364.0


def journal(folder: Path, run: str = "one", **head: object) -> Journal:
    return Journal(folder, run, head, clock=lambda: NOW)


def intend(book: Journal, address: str = "Badge/a", *, creates: bool = True) -> int:
    return asyncio.run(
        book.intent(
            address=address,
            summary="create",
            method="POST",
            path="/x",
            key="A",
            payload="sha256:1",
            creates=creates,
        )
    )


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_intent_is_in_the_file_before_its_number_comes_back(tmp_path: Path) -> None:
    book = journal(tmp_path, org_id=7)
    assert intend(book) == 1
    head, intent = lines(book.path)
    assert (head["format"], head["run"], head["org_id"]) == ("capsync.journal/1", "one", 7)
    assert intent["at"] == "2027-01-05T09:12:44.000000Z"
    assert {"address", "key", "payload", "method", "path"} <= intent.keys()
    book.close()


def test_nothing_is_made_where_nothing_is_to_be_said(tmp_path: Path) -> None:
    book = journal(tmp_path / "none")
    book.end()
    book.close()
    assert not (tmp_path / "none").exists()


def test_intents_that_come_together_share_flushes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushes = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (flushes.append(handle), real(handle))[1])
    book = journal(tmp_path)

    async def many() -> list[int]:
        return list(await asyncio.gather(*(book.intent(address=f"Badge/{n}") for n in range(50))))

    assert sorted(asyncio.run(many())) == list(range(1, 51))
    assert len(flushes) <= 5  # one for the folder, and at most two rounds and what they met
    assert len(lines(book.path)) == 51
    book.close()


def test_an_intent_that_is_given_up_is_not_sent(tmp_path: Path) -> None:
    book = journal(tmp_path)

    async def given_up() -> None:
        intent = asyncio.ensure_future(book.intent(address="Badge/a"))
        await asyncio.sleep(0)
        intent.cancel()
        with pytest.raises(asyncio.CancelledError):
            await intent

    asyncio.run(given_up())
    assert lines(book.path)[-1] == {"n": 1, "status": "not sent", "message": "interrupted"}
    book.close()


def test_who_waits_for_a_flush_that_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = journal(tmp_path)
    intend(book)

    def broken(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)

    async def two() -> list[object]:
        tasks = (book.intent(address="Badge/a"), book.intent(address="Badge/b"))
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    failed = asyncio.run(two())
    assert [type(each) for each in failed] == [CapsyncError, CapsyncError]
    assert "not on record" in str(failed[0])
    book.close()


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CapsyncError, match="can not be written"):
        intend(journal(tmp_path / "file" / "journal"))


def test_a_line_that_was_taken_in_part_does_not_spoil_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = journal(tmp_path)
    intend(book)
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:9]))
    with pytest.raises(CapsyncError, match="the disk is full"):
        book.outcome(1, "unknown")
    monkeypatch.setattr(os, "write", real)
    book.outcome(1, "failed", message="no")
    book.end()
    book.close()
    assert unfinished_runs(tmp_path) == []


@pytest.mark.parametrize("status", ["done", "failed", "not sent", "lost"])
def test_a_run_that_ended_in_order_is_finished(tmp_path: Path, status: str) -> None:
    book = journal(tmp_path)
    book.outcome(intend(book), status)
    book.end()
    book.close()
    assert unfinished_runs(tmp_path) == []


def test_a_write_of_unknown_fate_stays_open_even_if_the_run_ended(tmp_path: Path) -> None:
    book = journal(tmp_path)
    book.outcome(intend(book), "unknown")
    book.outcome(intend(book, "Badge/b", creates=False), "done")
    book.end()
    book.close()
    [run] = unfinished_runs(tmp_path)
    assert run.ended
    assert run.open_intents == [OpenIntent("Badge/a", "create", "A", creates=True, at=NOW)]


def test_a_run_that_is_under_way_is_left_alone(tmp_path: Path) -> None:
    book = journal(tmp_path)
    intend(book)
    assert unfinished_runs(tmp_path) == []
    book.close()
    assert len(unfinished_runs(tmp_path)) == 1


def test_torn_lines_are_passed_over(tmp_path: Path) -> None:
    book = journal(tmp_path)
    intend(book)
    book.close()
    with book.path.open("ab") as file:
        file.write(b'{"n":1,"status":"do')
    [run] = unfinished_runs(tmp_path)
    assert [each.address for each in run.open_intents] == ["Badge/a"]


@pytest.mark.parametrize("data", [b"", b"\x00\xff\n[1]\nnull\n"])
def test_files_with_nothing_in_them_are_runs_that_left_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "one.jsonl").write_bytes(data)
    [run] = unfinished_runs(tmp_path)
    assert (run.entries, run.open_intents) == ({}, [])


def test_recall_takes_what_was_settled_but_not_saved(tmp_path: Path) -> None:
    book = journal(tmp_path, serial=0, salt="ab" * 16)
    entry = Remembered("7", "A", {"name": "A"}, {"secret": "hash"}, owned=True, at="2027-01-05")
    book.outcome(intend(book), "done", id="7")
    book.settled("Badge/a", entry)
    book.settled("Badge/b", None)
    book.close()
    state = State({"Badge/b": Remembered("8")})
    state.serial = 0
    [run] = unfinished_runs(tmp_path)
    recall(state, run)
    assert state.entries == {"Badge/a": entry.without_hidden()}  # made with another salt
    empty = State()
    recall(empty, run)
    assert (empty.salt, empty.entries["Badge/a"]) == ("ab" * 16, entry)


def test_a_create_that_was_answered_is_ours_even_if_nothing_was_settled(tmp_path: Path) -> None:
    book = journal(tmp_path)
    book.outcome(intend(book), "done", id="7")
    book.close()
    state = State()
    recall(state, unfinished_runs(tmp_path)[0])
    assert state.entries["Badge/a"] == Remembered("7", "A", owned=True, at="2027-01-05T09:12:44Z")


def test_recall_keeps_what_was_saved_since(tmp_path: Path) -> None:
    book = journal(tmp_path, serial=1)
    book.settled("Badge/a", Remembered("7", at="2027-01-05T09:12:44Z"))
    book.close()
    newer = Remembered("9", at="2027-02-01T00:00:00Z")
    state = State({"Badge/a": newer}, serial=4)
    recall(state, unfinished_runs(tmp_path)[0])
    assert state.entries == {"Badge/a": newer}


def test_what_is_still_open_is_all_that_is_kept(tmp_path: Path) -> None:
    book = journal(tmp_path, org_id=7)
    book.outcome(intend(book), "unknown")
    book.settled("Badge/b", Remembered("8"))
    book.close()
    [run] = unfinished_runs(tmp_path)
    write_open(run, run.open_intents)
    [again] = unfinished_runs(tmp_path)
    assert again.open_intents == run.open_intents
    assert again.entries == {}
    assert again.head["org_id"] == 7


def test_journals_that_nobody_has_to_read_are_put_away(tmp_path: Path) -> None:
    open_, ended = journal(tmp_path, "open"), journal(tmp_path, "ended")
    open_.outcome(intend(open_), "unknown")
    ended.outcome(intend(ended), "done", id="7")
    ended.settled("Badge/a", Remembered("7"))
    for book in (open_, ended):
        book.end()
        book.close()
        put_away_ended(book.path)
    assert [path.stem for path in tmp_path.glob("*.jsonl")] == ["open"]
    assert created_in(tmp_path, "ended") == ["Badge/a"]
    put_away(unfinished_runs(tmp_path)[0])
    assert unfinished_runs(tmp_path) == []


def test_names_of_runs_sort_by_time() -> None:
    assert new_run(NOW) < new_run(NOW + 1)
    assert new_run(NOW) != new_run(NOW)


def test_what_a_run_uploaded_before_it_was_cut_off_is_known_to_the_next(tmp_path: Path) -> None:
    book = journal(tmp_path)
    book.uploaded("5ha", "H1")
    book.close()
    [run] = unfinished_runs(tmp_path)
    state = State(files={"01d": "H0"})
    assert recall(state, run) == {}
    assert state.files == {"01d": "H0", "5ha": "H1"}
