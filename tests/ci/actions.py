"""Runs the steps of action.yml as GitHub does, as far as a shell goes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.conftest import ROOT

SHELL = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"]
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"'[^']*'|&&|\|\||!=|==|[()]|[a-z][\w.-]*|\s+")


@dataclass
class Runner:
    """One run of the Action. Steps that use other actions are noted in `used`, not run."""

    folder: Path
    environ: dict[str, str]
    inputs: Mapping[str, str] = field(default_factory=dict)
    event_name: str = "pull_request"
    event: Mapping[str, Any] = field(default_factory=dict)
    ref: str = "refs/pull/7/merge"
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    log: str = ""

    def run(self) -> int:
        """The exit code of the first step that failed, 0 where none did."""
        action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
        given = {name: each.get("default", "") for name, each in action["inputs"].items()}
        given["token"] = "token-of-the-run"
        assert self.inputs.keys() <= given.keys()
        self.inputs = given | dict(self.inputs)
        for step in action["runs"]["steps"]:
            if "if" in step and not self.value(step["if"]):
                continue
            if code := self._step(step):
                return code
        self.outputs[""] = {
            name: str(self.text(each["value"])) for name, each in action["outputs"].items()
        }
        return 0

    def _step(self, step: Mapping[str, Any]) -> int:
        self.ran.append(step["name"])
        if "uses" in step:
            assert re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])
            self.used.append(" ".join([step["uses"], *map(self.text, step["with"].values())]))
            return 0
        return self._shell(step)

    def _shell(self, step: Mapping[str, Any]) -> int:
        written = self.folder / "output"
        written.write_text("")
        script = self.folder / "step.sh"
        script.write_text(step["run"])
        ran = subprocess.run(
            [*SHELL, str(script)],
            cwd=self.folder / "checkout",
            env=self._environ(written) | {k: self.text(v) for k, v in step["env"].items()},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        self.log += f"== {step['name']}\n{ran.stdout}{ran.stderr}"
        if "id" in step:
            lines = (line.partition("=") for line in written.read_text().splitlines())
            self.outputs[step["id"]] = {name: value for name, _, value in lines}
        return ran.returncode

    def _environ(self, output: Path) -> dict[str, str]:
        event = self.folder / "event.json"
        event.write_text(json.dumps(self.event))
        return {
            **self.environ,
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_EVENT_NAME": self.event_name,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_REF": self.ref,
            "GITHUB_REPOSITORY": "acme/loyalty",
            "GITHUB_RUN_ID": "4711",
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_SHA": "5ha",
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "RUNNER_TEMP": str(self.folder),
        }

    @property
    def summary(self) -> str:
        """The summary of the job."""
        path = self.folder / "summary.md"
        return path.read_text("utf-8") if path.exists() else ""

    def text(self, value: Any) -> str:
        """A value with its expressions filled in."""
        return _EXPRESSION.sub(lambda found: str(self.value(found[1])), str(value))

    def value(self, expression: str) -> Any:
        """What an expression gives: contexts, texts, == and !=, && and ||, brackets."""
        code = "".join(self._token(each) for each in _TOKEN.findall(expression)).strip()
        assert re.sub(_TOKEN, "", expression) == "", expression
        return eval(code, {"__builtins__": {}})

    def _token(self, token: str) -> str:
        if token.isspace():
            return " "
        known = {"&&": " and ", "||": " or "}
        if token in known or not token[0].isalpha():
            return known.get(token, token)
        return repr(self._looked_up(token.split(".")))

    def _looked_up(self, path: list[str]) -> str:
        contexts: dict[str, Any] = {
            "inputs": self.inputs,
            "steps": {name: {"outputs": found} for name, found in self.outputs.items()},
            "env": self.environ,
            "github": {
                "event": self.event,
                "event_name": self.event_name,
                "action_path": str(ROOT),
            },
        }
        value: Any = contexts
        for step in path:
            value = value.get(step, "") if isinstance(value, Mapping) else ""
        return str(value)
