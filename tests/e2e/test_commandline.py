from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import click
import pytest

import capsync
from capsync.cli.main import SECTIONS, cli
from tests.e2e.conftest import ROOT, Capsync

COMMANDS = [name for names in SECTIONS.values() for name in names]
HEAVY = ("httpx", "yaml", "jsonschema", "deepdiff", "rich", "asyncio", "uvicorn", "capsync.kinds")


def command_of(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def test_help_names_every_command_and_the_exit_codes(capsync: Capsync) -> None:
    done = capsync("--help")
    assert done.returncode == 0
    assert done.stderr == ""
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)
    assert "5 partly applied" in done.stdout


def test_every_module_of_a_command_is_in_the_table() -> None:
    folder = Path(capsync.__file__).parent / "cli"
    modules = {path.stem for path in folder.glob("*.py") if "def command(" in path.read_text()}
    assert modules - {"base"} == set(COMMANDS)


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["completion", "bash"]])
def test_help_imports_nothing_heavy(args: list[str], environ: dict[str, str]) -> None:
    code = f"""
import sys
from capsync.cli.main import run
run({args!r})
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command(name: str, capsync: Capsync) -> None:
    done = capsync(name, "-h")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: capsync {name}")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_described(name: str) -> None:
    command = command_of(name)
    inner = command.commands.values() if isinstance(command, click.Group) else [command]
    for each in inner:
        assert each.help
        for parameter in each.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.opts}"


def test_version(capsync: Capsync) -> None:
    from capsync import __version__

    assert capsync("--version").stdout == f"capsync {__version__}\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--nope"], "No such option"),
        (["nope"], "No such command"),
        (["paln"], "Did you mean plan?"),
        (["explain"], "Missing argument"),
        (["completion", "tcsh"], "is not one of"),
        (["apply"], "--yes"),
        (["explain", "Bage"], "there is no kind Bage"),
        (["plan", "--prune", "some"], "is not one of"),
        (["-C", "/nowhere/at/all", "plan"], "does not exist"),
        (["sandbox", "serve", "--fail", "2"], "0<=x<=1"),
    ],
)
def test_wrong_usage_is_64(args: list[str], said: str, capsync: Capsync) -> None:
    done = capsync(*args)
    assert done.returncode == 64
    assert said in done.stderr
    assert done.stdout == ""


def test_no_arguments_show_the_help(capsync: Capsync) -> None:
    done = capsync()
    assert "Usage: capsync" in done.stdout + done.stderr
    assert done.returncode in (0, 64)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str, capsync: Capsync) -> None:
    done = capsync("completion", shell)
    assert done.returncode == 0
    assert "_CAPSYNC_COMPLETE" in done.stdout


def test_completion_offers_commands(capsync: Capsync) -> None:
    done = capsync(_CAPSYNC_COMPLETE="bash_complete", COMP_WORDS="capsync ap", COMP_CWORD="1")
    assert done.stdout == "plain,apply\n"


def test_a_closed_pipe_is_no_traceback(environ: dict[str, str]) -> None:
    done = subprocess.run(
        f"{sys.executable} -m capsync --help | true",
        shell=True,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def crash(*options: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The command line with a bug in it: a kind whose declaration can not be read."""
    code = """
import sys, types
sys.modules["capsync.kinds"] = types.ModuleType("capsync.kinds")
from capsync.cli.main import main
main()
"""
    return subprocess.run(
        [sys.executable, "-c", code, *options, "kinds"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_bug_is_one_line_and_where_to_report_it(environ: dict[str, str]) -> None:
    done = crash(environ=environ)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("Error: unexpected ImportError: ")
    assert "CONTRIBUTING.md" in done.stderr


def test_a_bug_is_shown_whole_with_v(environ: dict[str, str]) -> None:
    done = crash("-v", environ=environ)
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr


def test_global_options_work_before_and_after_the_command(capsync: Capsync, tmp_path: Path) -> None:
    assert capsync("init", "p").returncode == 0
    for args in (["-C", "p", "sandbox", "seed"], ["sandbox", "seed", "-C", "p"]):
        done = capsync(*args)
        assert done.returncode == 0
        assert "p/.capsync-sandbox.db" in done.stdout.replace("\\", "/")


def test_the_readme_lists_every_command_and_exit_code() -> None:
    readme = (ROOT / "README.md").read_text()
    for name in COMMANDS:
        assert f"| `{name}" in readme
    for code in (0, 1, 2, 3, 4, 5, 64, 130):
        assert f"\n| {code} |" in readme


def test_nothing_prints_but_the_command_line() -> None:
    folder = Path(capsync.__file__).parent
    for path in folder.rglob("*.py"):
        if path.is_relative_to(folder / "cli"):
            continue
        calls = [
            node.func.id
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        assert "print" not in calls, path
