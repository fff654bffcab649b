from __future__ import annotations

import json
from pathlib import Path

import pytest

from capsync.errors import CapsyncError
from capsync.memory.files import write_whole
from capsync.memory.state import Remembered, State
from capsync.memory.statefile import StateFile, StateMoved, decode_state, encode_state

STATE = State(
    {
        "Badge/b": Remembered("2", "B", {"name": "B", "rank": 1}, {"url": "hash"}, owned=True),
        "Badge/a": Remembered("1", stamp="2027-01-05", request_id="r", at="2027-01-05T09:12:44Z"),
    },
    {"hash": "handle"},
    "ab" * 16,
    3,
    100737,
)


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    store = StateFile(tmp_path / "deep" / "state.json")
    version = store.save(STATE, "")
    assert store.load() == (STATE, version)
    assert list(json.loads(store.path.read_text())["resources"]) == ["Badge/a", "Badge/b"]


def test_no_file_is_an_empty_state(tmp_path: Path) -> None:
    state, version = StateFile(tmp_path / "none.json").load()
    assert (state.entries, state.serial, version) == ({}, 0, "")


def test_a_state_that_somebody_else_has_saved_is_not_overwritten(tmp_path: Path) -> None:
    store = StateFile(tmp_path / "state.json")
    version = store.save(State(), "")
    store.save(STATE, version)
    with pytest.raises(StateMoved):
        store.save(State(), version)
    assert store.load()[0] == STATE


def test_what_can_not_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    store = StateFile(tmp_path / "state.json")
    version = store.save(STATE, "")
    (tmp_path / "target").mkdir()
    with pytest.raises(CapsyncError, match="can not be written"):
        write_whole(tmp_path / "target", b"x")
    assert store.load() == (STATE, version)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["state.json", "target"]


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "[]",
        "{}",
        '{"format": "other/1"}',
        '{"format": "capsync.state/x", "resources": {}, "salt": "", "serial": 0}',
        '{"format": "capsync.state/1", "resources": {"a": {}}, "salt": "", "serial": 0}',
        '{"format": "capsync.state/1", "resources": {}, "salt": "not hex", "serial": 0}',
    ],
)
def test_damaged_states_are_told_with_what_to_do(text: str) -> None:
    with pytest.raises(CapsyncError, match="move it away"):
        decode_state(text.encode(), "here")


def test_a_newer_major_version_is_refused_and_members_of_a_newer_minor_one_are_not() -> None:
    body = json.loads(encode_state(STATE))
    body["resources"]["Badge/a"]["news"] = 1
    assert decode_state(json.dumps(body | {"format": "capsync.state/1.4"}).encode(), "") == STATE
    with pytest.raises(CapsyncError, match="needs a newer capsync"):
        decode_state(json.dumps(body | {"format": "capsync.state/2"}).encode(), "here")


def test_hashes_of_hidden_values_depend_on_the_salt() -> None:
    one, other = State(), State()
    assert one.hidden_hash({"a": 1, "b": 2}) == one.hidden_hash({"b": 2, "a": 1})
    assert one.hidden_hash("x") != other.hidden_hash("x")
