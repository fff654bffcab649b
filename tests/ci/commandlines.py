"""Finds command lines of capsync in texts, and says what is wrong with them without running any."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from capsync.cli.main import cli

# The command's name and its words, as far as one shell command goes.
_COMMAND = re.compile(
    r"(?:^|[\s;&|('\"`])capsync(?=\s+[a-z-])((?:[ \t]+(?:'[^']*'|\"[^\"]*\"|[^\s;&|<>'\"`)]+))+)"
)


def written_in(text: str) -> Iterator[str]:
    """The words after each `capsync` of shell code, lines ended by a backslash joined."""
    for found in _COMMAND.finditer(re.sub(r"\\\n\s*", " ", text)):
        yield found[1].strip()


def shell_code(markdown: str) -> Iterator[str]:
    """The shell code of a page: blocks in a shell's language or indented."""
    blocks = re.findall(r"^```(shell|console)\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)
    yield from (code for _, code in blocks)
    prose = re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"^    (capsync .*)$", prose, re.MULTILINE)


def mentioned(markdown: str) -> Iterator[str]:
    """What stands after `capsync` in the code spans of a page; may lack what does not matter."""
    prose = re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL)
    yield from (words.removesuffix(" ...") for words in re.findall(r"`capsync ([^`]+)`", prose))


def complaint(words: str) -> str:
    """What the command line would say of these words; "" where they are understood."""
    arguments = _filled(shlex.split(words.partition(" #")[0]))
    try:
        _parse(click.Context(cli, info_name="capsync"), cli, arguments)
    except click.exceptions.Exit:  # --help, --version
        return ""
    except click.ClickException as error:
        return error.format_message()
    return ""


def _parse(context: click.Context, group: click.Group, arguments: list[str]) -> None:
    _, rest, _ = group.make_parser(context).parse_args(arguments)
    if not rest:
        return
    name, command, rest = group.resolve_command(context, rest)
    assert command is not None
    if isinstance(command, click.Group):
        _parse(click.Context(command, info_name=name, parent=context), command, rest)
    else:
        command.make_context(name, rest, parent=context).close()


def _filled(words: list[str]) -> list[str]:
    """The words, folders that need not be here as this one."""
    for place, word in enumerate(words[:-1]):
        if word == "-C" and not Path(words[place + 1]).is_dir():
            words[place + 1] = "."
    return words
