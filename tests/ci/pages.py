"""Runs what a page of the documentation shows.

Blocks with a title (```yaml title="capsync.yaml") are written as files. In ```console blocks each
line after `$ ` is run, in the folder and with the variables that the one before left; what is shown
below it has to be printed, in that order: `...` stands for anything, as a line or inside one. A
command that ends with `# exits with N` has to exit with N, others with 0; one that ends with `&`
runs until the page ends.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_BLOCK = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r"\s*# exits with (\d+)$")
_PATIENCE = 60.0  # seconds


@dataclass
class Page:
    """One page, run in a folder; what is none of its files goes to `home`."""

    folder: Path
    environ: Mapping[str, str]
    home: Path
    servers: list[subprocess.Popen[str]] = field(default_factory=list)
    commands: int = 0

    def run(self, markdown: str) -> None:
        """Run it all; AssertionError says which command did not do what the page shows."""
        try:
            for language, title, text in _BLOCK.findall(markdown):
                if title:
                    path = self.folder / title
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text, "utf-8")
                elif language == "console":
                    for command, shown in _commands(text):
                        self._command(command, shown)
        finally:
            for server in self.servers:
                os.killpg(server.pid, signal.SIGINT)
                server.wait(_PATIENCE)

    def _command(self, command: str, shown: list[str]) -> None:
        self.commands += 1
        code = int(found[1]) if (found := _EXIT.search(command)) else 0
        command = _EXIT.sub("", command)
        if command.endswith("&"):
            self._serve(command.removesuffix("&"), shown)
            return
        place = self.home / "left"
        ran = subprocess.run(
            ["bash", "-c", f"{command}\ncode=$?; env -0 >'{place}'; exit $code"],
            cwd=self.folder,
            env=dict(self.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=_PATIENCE,
            check=False,
        )
        assert ran.returncode == code, f"$ {command}\n{ran.stdout}"
        missing = missing_line(ran.stdout, shown)
        assert missing is None, f"$ {command}\n{ran.stdout}\ndoes not show: {missing}"
        left = (each.partition("=") for each in place.read_text().split("\0"))
        self.environ = {name: value for name, _, value in left if name}
        self.folder = Path(self.environ["PWD"])

    def _serve(self, command: str, shown: list[str]) -> None:
        log = self.home / f"server-{len(self.servers)}.log"
        with log.open("w") as file:
            server = subprocess.Popen(
                f"exec {command}",
                shell=True,
                cwd=self.folder,
                env=dict(self.environ),
                stdout=file,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        self.servers.append(server)
        end = time.monotonic() + _PATIENCE
        while missing_line(log.read_text(), shown) is not None or not log.read_text():
            assert server.poll() is None, f"$ {command}\n{log.read_text()}"
            assert time.monotonic() < end, f"$ {command}\n{log.read_text()}"
            time.sleep(0.05)


def _commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a block and the lines shown below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        joined = re.sub(r"\\\n\s*", "", part)
        command, *shown = joined.rstrip("\n").split("\n")
        yield command, shown


def missing_line(printed: str, shown: list[str]) -> str | None:
    """The first shown line that was not printed after those before it, None where all were."""
    lines = iter(printed.splitlines())
    for each in shown:
        if each.strip() in ("", "..."):
            continue
        pattern = ".*".join(map(re.escape, each.rstrip().split("...")))
        if not any(re.fullmatch(pattern, line.rstrip()) for line in lines):
            return each
    return None
