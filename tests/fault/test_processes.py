"""The real command line in processes of its own, against a real server, ended from outside."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from capsync.sandbox.app import Sandbox
from capsync.sandbox.serve import serving
from tests.fault.world import REMOTE, manifests, project_of

ROOT = Path(__file__).parents[2]
Json = Any


# Of these the API takes a second one with the same name: after a kill the next apply waits in
# earnest for what may still land. The matrix tries that, where waiting takes no time.
_REPEATABLE = frozenset(
    {
        "CouponSeries",
        "RichContent",
        "FulfillmentStatus",
        "ExpiryReminder",
        "VendorRedemption",
        "Reward",
        "CatalogPromotion",
    }
)


# Answers to creates of these have their ids: no look-up has to follow.
_TOLD = frozenset(
    {
        "Badge",
        "BadgeCustomField",
        "BadgeGroup",
        "NotificationWebhook",
        "RewardCategory",
        "RewardCustomField",
        "RewardGroup",
        "Vendor",
    }
)


class Org:
    """A sandbox behind a real server, and a project on it with the command line's surroundings."""

    def __init__(self, folder: Path, sandbox: Sandbox, url: str) -> None:
        self.sandbox, self.root = sandbox, folder / "project"
        resources = [each for each in manifests() if each["kind"] not in _REPEATABLE]
        for each in resources:
            each["spec"].pop("benefits", None)
        self._resources, self._url = resources, url
        self.project()
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_STATE_HOME": str(folder / "state"),
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
        }

    def project(self, kinds: Collection[str] = (), **environment: Json) -> None:
        """Write the project, of these kinds only, with these settings of its environment."""
        told = {**REMOTE, "endpoint": self._url, "timeout": 20, **environment}
        resources = [each for each in self._resources if not kinds or each["kind"] in kinds]
        project_of(self.root, resources, **told)

    def start(self, *args: str, **how: Any) -> subprocess.Popen[str]:
        """A command that runs."""
        return subprocess.Popen(
            [sys.executable, "-m", "capsync", *args],
            cwd=self.root,
            env={**self.environ, **how.pop("variables", {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            **how,
        )

    def run(self, *args: str, **how: Any) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of a command."""
        process = self.start(*args, **how)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def journals(self) -> list[Path]:
        """The journals of all runs."""
        return sorted((self.root / ".capsync" / "journal").rglob("*.jsonl"))

    def writes_reach(self, count: int) -> None:
        """Wait until that many write calls have arrived."""
        until = time.monotonic() + 30
        while self.sandbox.faults.writes < count:
            assert time.monotonic() < until, "the writes do not come"
            time.sleep(0.005)


@pytest.fixture
def org(tmp_path: Path) -> Iterator[Org]:
    sandbox = Sandbox(tmp_path / "org.db", latency_ms=15)
    with serving(sandbox) as url:
        yield Org(tmp_path, sandbox, url)
    sandbox.close()


def settles(org: Org) -> None:
    """The next apply finishes, and then there is nothing left to do."""
    code, out, err = org.run("apply", "--yes", "--format", "json")
    assert code == 0, out + err
    code, out, err = org.run("plan", "--detailed-exitcode", "--format", "json")
    assert code == 0, [each for each in json.loads(out)["changes"] if each["action"] != "noop"]


@pytest.mark.parametrize("after", [1, 12])
def test_kill(org: Org, after: int) -> None:
    process = org.start("apply", "--yes")
    org.writes_reach(after)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    settles(org)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_settles_what_is_in_flight_and_tells(org: Org, number: int) -> None:
    process = org.start("apply", "--yes", "--format", "json")
    org.writes_reach(2)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    document = json.loads(out)
    assert "Stopping: writes in flight are settled first" in err
    assert document["interrupted"]
    counts = document["summary"]
    assert counts["skipped"] > 0
    assert counts["unknown"] == counts["failed"] == 0
    assert counts["done"] > 0
    settles(org)


def test_a_stop_does_not_wait_for_what_has_not_left(org: Org, tmp_path: Path) -> None:
    org.project(_TOLD)
    out = org.run("plan", "--format", "json", variables={"XDG_STATE_HOME": str(tmp_path)})[1]
    reads = json.loads(out)["requests"]["read"]
    org.project(_TOLD, rate_limit=f"{reads + 4}/min")
    process = org.start("apply", "--yes", "--format", "json")
    org.writes_reach(2)
    while "Waiting" not in (line := process.stderr.readline()):  # type: ignore[union-attr]
        assert line, "the rate limit does not hold"
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - started < 10, "the limit is a minute"
    assert process.returncode == 130, err
    document = json.loads(out)
    counts = document["summary"]
    assert counts["done"] > 0
    assert counts["skipped"] > 0
    assert counts["unknown"] == counts["failed"] == 0
    assert document["writes_sent"] == org.sandbox.faults.writes
    lines = [json.loads(each) for path in org.journals() for each in path.read_text().splitlines()]
    opened = {each["n"] for each in lines if "address" in each}
    assert opened == {each["n"] for each in lines if "status" in each}
    org.project()
    settles(org)


def test_a_second_stop_ends_at_once(org: Org) -> None:
    org.sandbox.faults.at(3, "timeout_after", hang=20)
    process = org.start("apply", "--yes")
    org.writes_reach(4)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None, "the write in flight is waited for"
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert time.monotonic() - started < 5
    assert process.returncode == 130
    org.sandbox.faults.clear()
    settles(org)


def test_two_applies_at_once(org: Org) -> None:
    org.sandbox.faults.at(0, "timeout_after", hang=8)  # for so long the first can not end
    first = org.start("apply", "--yes")
    org.writes_reach(1)
    code, out, err = org.run("apply", "--yes", variables={"CI": "true"})
    assert code == 4, out + err
    assert re.search(rf"locked by \S+, process {first.pid}, since \d{{4}}-", err)
    code, out, _ = org.run("state", "unlock")
    assert (code, out[:23]) == (64, "Org 100737 is locked by")
    assert org.run("plan")[0] == 0, "plans never lock"
    first.communicate(timeout=60)
    assert first.returncode == 0
    settles(org)


def test_a_machine_of_ci_is_warned(org: Org) -> None:
    _, _, err = org.run("apply", "--yes", variables={"CI": "true"})
    assert "nothing excludes an apply of sandbox from another machine" in err
    _, _, err = org.run("apply", "--yes")
    assert "nothing excludes" not in err


def limited(size: int) -> Callable[[], None]:
    """A process whose files can not grow beyond a size, as on a full disk."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("size", [0, 700, 6_000, 12_000])
def test_a_disk_that_fills_up(org: Org, size: int) -> None:
    code, out, err = org.run("apply", "--yes", "--format", "json", preexec_fn=limited(size))
    document = json.loads(out)
    assert code in (1, 5), err
    assert code == (5 if document["writes_sent"] else 1)
    assert "Traceback" not in err
    told = [each["message"] for each in document["outcomes"] if each["status"] == "failed"]
    assert told or document["unsaved"]
    assert all("can not be written" in message for message in told)
    settles(org)
