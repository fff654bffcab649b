"""`capsync init`: a small project that works at once."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from capsync.cli.base import command as make_command
from capsync.cli.base import settings
from capsync.errors import CapsyncError

# Where each file goes -> the template it comes from. Dot files have plain names in the package.
_FILES = {
    "capsync.yaml": "capsync.yaml",
    "manifests/coupons.yaml": "manifests/coupons.yaml",
    "manifests/badges.yaml": "manifests/badges.yaml",
    "manifests/rewards.yaml": "manifests/rewards.yaml",
    "manifests/targets.yaml": "manifests/targets.yaml",
    "manifests/labels.yaml": "manifests/labels.yaml",
    "manifests/events.yaml": "manifests/events.yaml",
    ".gitignore": "gitignore",
    ".github/workflows/capsync.yml": "ci.yml",
}


@make_command("init")
@click.argument("directory", type=click.Path(path_type=Path), default=".", metavar="[DIR]")
def command(directory: Path) -> None:
    """Write a small working project into DIR (the current folder by default).

    \b
    capsync.yaml                    environments: the embedded sandbox, and one to fill in
    manifests/*.yaml                a small manifest of each family
    .gitignore                      for the state and the sandbox's data
    .github/workflows/capsync.yml   plan on pull requests, apply on main

    Files that exist are never overwritten: if one is in the way nothing is written.
    """
    target = settings().directory / directory
    in_the_way = [name for name in _FILES if (target / name).exists()]
    if in_the_way:
        raise CapsyncError(
            f"{target} has {', '.join(in_the_way)} already, so nothing was written",
            hint="choose an empty folder, or move these files away",
        )
    for name, template in _FILES.items():
        _write(target / name, template)
        click.echo(f"wrote {target / name}")
    at = "" if target.resolve() == Path.cwd() else f" -C {target}"
    click.echo(f"\nNext: capsync{at} plan, then capsync{at} apply")


def _write(path: Path, template: str) -> None:
    text = (files("capsync.cli") / "project" / template).read_text(encoding="utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CapsyncError(f"{path} can not be written: {error.strerror}") from error
