"""The options that plan and apply share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from capsync.planning.options import PlanOptions

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--target",
        "targets",
        multiple=True,
        metavar="SELECTOR",
        help="Only these resources, and what they refer to that has to be created: Kind, Kind/name"
        " or a glob of either. Repeatable.",
    ),
    click.option(
        "--prune",
        type=click.Choice(["owned", "all"]),
        default=None,
        help="Also retire live objects without a manifest: those that the state says capsync made,"
        " or all of the kinds in use.",
    ),
    click.option(
        "--resend",
        multiple=True,
        metavar="SELECTOR",
        help="Send write-only values and files of these resources again. Repeatable.",
    ),
    click.option(
        "--no-adopt",
        is_flag=True,
        help="Do not take over live objects that are found by their natural key only.",
    ),
    click.option(
        "--allow-irreversible",
        is_flag=True,
        help="Allow changes that the API can not take back.",
    ),
    click.option("--force", is_flag=True, help="Lift the environment's limits, nothing else."),
)


def planning_options(function: Function) -> Function:
    """Adds the options to a command; `plan_options` makes one value of them."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def plan_options(flags: dict[str, Any], *, refresh: str = "auto") -> PlanOptions:
    """The engine's options from the parsed flags."""
    from capsync.planning.options import PlanOptions

    return PlanOptions(
        targets=tuple(flags["targets"]),
        prune=flags["prune"] or "",
        refresh=refresh,
        resend=tuple(flags["resend"]),
        adopt=not flags["no_adopt"],
        allow_irreversible=flags["allow_irreversible"],
        force=flags["force"],
    )
