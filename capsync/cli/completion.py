"""`capsync completion`: the script that teaches a shell our commands."""

from __future__ import annotations

import click

from capsync.cli.base import command as make_command

_SHELLS = ("bash", "zsh", "fish")


@make_command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
def command(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash:  eval "$(capsync completion bash)"               in ~/.bashrc
    zsh:   eval "$(capsync completion zsh)"                in ~/.zshrc
    fish:  capsync completion fish > ~/.config/fish/completions/capsync.fish
    """
    from click.shell_completion import get_completion_class

    from capsync.cli.main import cli

    found = get_completion_class(shell)
    assert found is not None
    completion = found(cli, {}, "capsync", "_CAPSYNC_COMPLETE")
    # Not `source()`: it starts bash to ask for its version.
    click.echo(completion.source_template % completion.source_vars())
