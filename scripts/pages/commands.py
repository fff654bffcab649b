"""A page for each command, from what its `--help` says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from inspect import cleandoc

import click

from capsync.cli.base import GlobalOption, global_options
from capsync.cli.main import SECTIONS, cli
from scripts.pages.markdown import block, code, page, plain, table

Parts = list[Iterable[str]]


def command_pages() -> dict[str, str]:
    """Path below `docs/` -> text of every page about commands."""
    pages = {f"commands/{name}.md": _page(name) for name in names()}
    return {"commands/index.md": _index(), **pages}


def names() -> list[str]:
    """The names of all commands, in the order of `capsync --help`."""
    return [name for commands in SECTIONS.values() for name in commands]


def _index() -> str:
    parts: Parts = [["# Commands"]]
    for title, commands in SECTIONS.items():
        rows = ([f"[{name}]({name}.md)", plain(line)] for name, line in commands.items())
        parts += [[f"## {title}"], table(["command", "what it does"], rows)]
    context = click.Context(cli, info_name="capsync")
    about = "Before or after the name of any command:"
    parts += [["## Global options"], [about], _options(global_options(), context)]
    parts += [["## Exit codes"], _exit_codes()]
    return page(parts)


_EXIT_CODES = {
    "0": "done, or nothing to do",
    "1": "error: network, authentication, API, unexpected",
    "2": "`plan --detailed-exitcode`: there are changes; `drift`, `diff`: there are differences",
    "3": "the manifests or capsync.yaml are wrong; nothing was sent",
    "4": "blocked: protected resource, immutable field, limits, stale saved plan, wrong org, lock"
    " held; nothing was written",
    "5": "apply ended with some changes done and some not; running it again finishes them",
    "64": "wrong usage of the command line",
    "130": "interrupted, after the writes in flight were settled",
}


def _exit_codes() -> list[str]:
    return table(["code", "meaning"], _EXIT_CODES.items())


def _page(name: str) -> str:
    command = import_module(f"capsync.cli.{name}").command
    context = click.Context(cli, info_name="capsync")
    parts: Parts = [[f"# capsync {name}"], *_described(command, name, context)]
    if isinstance(command, click.Group):
        below = click.Context(command, info_name=name, parent=context)
        for sub in command.list_commands(below):
            inner = command.get_command(below, sub)
            assert inner is not None
            parts += [[f"## capsync {name} {sub}"], *_described(inner, sub, below)]
    parts.append(["[Global options and exit codes](index.md#global-options)"])
    return page(parts)


def _described(command: click.Command, name: str, parent: click.Context) -> Parts:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    own = [each for each in command.params if not isinstance(each, GlobalOption)]
    return [block(usage, "text"), *_prose(command.help or ""), _options(own, context)]


def _prose(text: str) -> Iterator[Iterable[str]]:
    """Help as Markdown: paragraphs, blocks that keep their lines, examples as shell."""
    for paragraph in re.split(r"\n\s*\n", cleandoc(text)):
        if not paragraph.startswith("\b"):
            yield [plain(paragraph)]
            continue
        lines = paragraph.split("\n")[1:]
        if lines[0].strip() == "Examples:":
            yield block("\n".join(line.strip() for line in lines[1:]), "shell")
        else:
            yield block("\n".join(lines), "text")


def _options(parameters: Iterable[click.Parameter], context: click.Context) -> list[str]:
    records = (
        each.get_help_record(context) for each in parameters if not isinstance(each, click.Argument)
    )
    rows = ([code(names), plain(text)] for names, text in filter(None, records))
    return table(["option", "what it does"], rows)
