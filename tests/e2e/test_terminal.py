from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import Capsync

QUESTION = " changes to sandbox (org 100737)? [y/N]"


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, args: list[str], folder: Path, environ: dict[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        self.running = subprocess.Popen(
            [sys.executable, "-m", "capsync", *args],
            cwd=folder,
            env={"TERM": "xterm-256color", "COLUMNS": "100", **environ},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            # The terminal has to be the controlling one for Ctrl-C to become a signal.
            preexec_fn=_take_terminal,
        )
        os.close(theirs)
        self.shown = ""

    def until(self, text: str, seconds: float = 20) -> None:
        """Read until the text is on the screen."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < end, self.shown
            if not self._read():
                break
        assert text in self.shown

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], 0.2)
        if not ready:
            return True
        try:
            data = os.read(self._ours, 4096)
        except OSError:  # Linux tells the end of a terminal so
            return False
        self.shown += data.decode(errors="replace")
        return bool(data)

    def type(self, text: str) -> None:
        """Press these keys."""
        os.write(self._ours, text.encode())

    def end(self, seconds: float = 20) -> int:
        """The exit code, when everything is read."""
        end = time.monotonic() + seconds
        while self._read():
            if self.running.poll() is not None and not select.select([self._ours], [], [], 0)[0]:
                break
            if time.monotonic() > end:
                self.running.kill()
        code = self.running.wait(seconds)
        os.close(self._ours)
        return code


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def project(tmp_path: Path, capsync: Capsync) -> Path:
    folder = tmp_path / "acme"
    assert capsync("init", folder).returncode == 0
    return folder


def test_yes_applies(project: Path, environ: dict[str, str]) -> None:
    terminal = Terminal(["apply"], project, environ)
    terminal.until(QUESTION)
    terminal.type("y\n")
    assert terminal.end() == 0
    assert "Applied: " in terminal.shown


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_no_is_4_and_writes_nothing(
    answer: str, project: Path, environ: dict[str, str], capsync: Capsync
) -> None:
    terminal = Terminal(["apply"], project, environ)
    terminal.until(QUESTION)
    terminal.type(answer)
    assert terminal.end() == 4
    assert "unchanged" not in capsync("plan", cwd=project).stdout


def test_ctrl_c_at_the_question_is_130(
    project: Path, environ: dict[str, str], capsync: Capsync
) -> None:
    terminal = Terminal(["apply"], project, environ)
    terminal.until(QUESTION)
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "Traceback" not in terminal.shown
    assert "unchanged" not in capsync("plan", cwd=project).stdout


def test_nothing_to_do_asks_nothing(
    project: Path, environ: dict[str, str], capsync: Capsync
) -> None:
    assert capsync("apply", "--yes", cwd=project).returncode == 0
    terminal = Terminal(["apply"], project, environ)
    assert terminal.end() == 0
    assert "[y/N]" not in terminal.shown


def test_plans_are_coloured_on_a_terminal(project: Path, environ: dict[str, str]) -> None:
    terminal = Terminal(["plan"], project, environ)
    assert terminal.end() == 0
    assert "\x1b[32m" in terminal.shown


@pytest.mark.parametrize(
    ("args", "variables"),
    [(["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})],
)
def test_colours_can_be_switched_off(
    args: list[str], variables: dict[str, str], project: Path, environ: dict[str, str]
) -> None:
    terminal = Terminal(["plan", *args], project, {**environ, **variables})
    assert terminal.end() == 0
    assert "\x1b[3" not in terminal.shown
