from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from capsync.errors import CapsyncError, PlanBlocked
from capsync.memory.remote import Moved, RemoteObject, StateObject
from capsync.memory.remotelock import RemoteLock
from capsync.memory.state import Remembered, State
from capsync.memory.statefile import StateMoved
from tests.unit.memory.s3 import s3, use_bucket


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3() as url:
        yield url


@pytest.fixture
def url(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a state may be kept."""
    return f"{use_bucket(server, monkeypatch)}/acme/uat.json"


class Clock:
    """A time that tests move."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_objects_are_written_only_in_place_of_the_version_that_was_read(url: str) -> None:
    one, other = RemoteObject(url), RemoteObject(url)
    assert one.read() is None
    first = one.write(b"1", "")
    with pytest.raises(Moved):
        other.write(b"2", "")
    second = other.write(b"2", first)
    with pytest.raises(Moved):
        one.write(b"3", first)
    assert one.read() == (b"2", second)
    one.delete()
    one.delete()
    assert other.read() is None
    with pytest.raises(Moved):
        other.write(b"4", second)


def test_a_state_in_a_bucket(url: str) -> None:
    store = StateObject(url)
    assert store.is_shared
    empty, version = store.load()
    assert (empty.entries, version) == ({}, "")
    state = State({"Badge/a": Remembered("1", owned=True)}, org_id=7, serial=1)
    version = store.save(state, version)
    assert StateObject(url).load() == (state, version)
    with pytest.raises(StateMoved):
        store.save(State(), "")


@pytest.mark.parametrize("bad", ["s3://bucket", "s3://bucket/"])
def test_a_url_that_names_no_object(bad: str) -> None:
    with pytest.raises(CapsyncError, match="names no object"):
        RemoteObject(bad)


_GOOGLE = {
    "GOOGLE_SERVICE_ACCOUNT_KEY": (
        '{"client_email": "a@b", "private_key": "x", "private_key_id": "1", "disable_oauth": true,'
        ' "gcs_base_url": "http://127.0.0.1:9"}'
    )
}
_AZURE = {"AZURE_STORAGE_ACCOUNT_NAME": "acct", "AZURE_STORAGE_ACCOUNT_KEY": "aGVsbG8="}


@pytest.mark.parametrize(
    ("url", "variables"),
    [("gs://bucket/acme/uat.json", _GOOGLE), ("az://container/acme/uat.json", _AZURE)],
)
def test_other_stores_take_their_credentials_from_the_process_environment(
    url: str, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert StateObject(url).shown == url


def test_a_store_without_credentials_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _AZURE:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CapsyncError, match="Account must be specified") as raised:
        StateObject("az://container/acme/uat.json").load()
    assert "credentials" in str(raised.value.hint)


def test_a_bucket_that_is_not_there(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use_bucket(server, monkeypatch)
    store = StateObject("s3://no-such-bucket/uat.json")
    with pytest.raises(CapsyncError, match="is there such a bucket"):
        store.save(State(), "")


def test_a_store_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    use_bucket(server, monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(CapsyncError, match="can not be used"):
        StateObject("s3://bucket/uat.json").load()


def test_one_machine_holds_the_lock_and_the_other_is_told_who(url: str) -> None:
    clock = Clock()
    one, other = RemoteLock(url, 7, clock), RemoteLock(url, 7, clock)
    with one.held():
        assert one.lost() == ""
        with pytest.raises(PlanBlocked, match=r"org 7 is locked by \S+@.*since.*until 1970-01-12"):
            other.held().__enter__()
        assert "unless renewed" in other.holder()
    assert other.holder() == ""
    with other.held():
        assert other.lost() == ""


def test_a_lock_whose_holder_is_heard_of_no_more_expires(url: str) -> None:
    clock = Clock()
    gone, next_ = RemoteLock(url, 7, clock, life=60), RemoteLock(url, 7, clock, life=60)
    gone._acquire()  # and then its machine is unplugged
    clock.now += 60
    with pytest.raises(PlanBlocked):
        next_._acquire()
    clock.now += 6
    with next_.held():
        assert gone.lost().startswith("the lock of the org is not held any more, but by")
        assert next_.lost() == ""


def test_who_slept_beyond_the_expiry_takes_the_lock_again_if_nobody_has_it(url: str) -> None:
    clock = Clock()
    lock = RemoteLock(url, 7, clock)
    with lock.held():
        clock.now += 5000
        assert lock.lost() == ""


def test_a_lock_that_somebody_removes_is_lost(url: str) -> None:
    clock = Clock()
    lock = RemoteLock(url, 7, clock)
    with lock.held():
        RemoteLock(url, 7, clock).remove()
        assert lock.lost() == ""  # nobody looks before it would expire
        clock.now += 5000
        assert "nobody" in lock.lost()


def test_it_is_renewed_while_it_is_held(url: str) -> None:
    lock, seen = RemoteLock(url, 7, time.time, life=1.0), RemoteLock(url, 7, time.time)
    with lock.held():
        first = seen.holder()
        until = time.monotonic() + 10
        while seen.holder() == first:
            assert time.monotonic() < until
            time.sleep(0.05)
        assert any("_keep" in repr(each) for each in threading.enumerate())
    assert not any("_keep" in repr(each) for each in threading.enumerate())


def test_a_store_out_of_reach_loses_the_lock_only_when_it_expires(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    lock = RemoteLock(url, 7, clock)
    lock._acquire()

    def unreachable(_data: bytes, _version: str) -> str:
        raise CapsyncError("the store is away")

    monkeypatch.setattr(lock._object, "write", unreachable)
    lock._renew()
    assert lock.lost() == ""
    clock.now += 301
    assert "the store is away" in lock.lost()


def test_an_unreadable_lock_waits_for_people(url: str) -> None:
    RemoteObject(f"{url}.lock").write(b"what?", "")
    lock = RemoteLock(url, 7, time.time)
    with pytest.raises(PlanBlocked, match="not readable"):
        lock._acquire()
    lock.remove()
    with lock.held():
        pass


def test_a_lock_whose_own_first_answer_was_lost_is_its_own(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = RemoteLock(url, 7, Clock())
    real = lock._object.write

    def lossy(data: bytes, version: str) -> str:
        real(data, version)
        raise Moved  # what a store says to the second try of a write whose answer was lost

    monkeypatch.setattr(lock._object, "write", lossy)
    lock._acquire()
    monkeypatch.setattr(lock._object, "write", real)
    lock._renew()
    assert lock.lost() == ""
    lock._release()
