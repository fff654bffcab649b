"""Completion scripts, loaded by the shells that they are for."""

from __future__ import annotations

import shutil
import subprocess

import pytest

BASH = """\
eval "$(capsync completion bash)"
complete -p capsync
complete_line() {
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
  "$(complete -p capsync | sed 's/.*-F \\([^ ]*\\) .*/\\1/')" capsync
  printf '%s\\n' "${COMPREPLY[@]}"
}
complete_line capsync exp
complete_line capsync drift --form
complete_line capsync completion f
"""
# zsh completes only on a terminal: what the script would offer is printed instead.
ZSH = """\
autoload -Uz compinit && compinit -u -D
eval "$(capsync completion zsh)"
print -r -- "$_comps[capsync]"
_describe() { for each in ${(P)3}; do print -r -- "${each%%:*}"; done }
compadd() { local name=$argv[-1]; print -rl -- ${(P)name} }
complete_line() { words=("$@") CURRENT=$#; "$_comps[capsync]" }
complete_line capsync exp
complete_line capsync drift --form
complete_line capsync completion f
"""
FISH = """\
capsync completion fish | source
complete -c capsync
complete --do-complete "capsync exp"
complete --do-complete "capsync drift --form"
complete --do-complete "capsync completion f"
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
OPTIONS = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_shell_completes_commands_options_and_values(shell: str, environ: dict[str, str]) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    ran = subprocess.run(
        [shell, *OPTIONS[shell], "-c", SCRIPTS[shell]],
        env=environ,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    offered = [line.split("\t")[0] for line in ran.stdout.splitlines()]
    assert {"explain", "export", "--format", "fish"} <= set(offered)
    assert not {"plan", "--unmanaged", "zsh"} & set(offered)
