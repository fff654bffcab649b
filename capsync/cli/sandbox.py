"""`capsync sandbox`: the embedded API, as a server for rehearsals and tests."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

import click

from capsync.cli.base import HELP, settings
from capsync.cli.base import command as make_command
from capsync.errors import CapsyncError

PORT = 8470

_data = click.option(
    "--data",
    type=click.Path(path_type=Path, dir_okay=False),
    default=".capsync-sandbox.db",
    show_default=True,
    metavar="FILE",
    help="Where the sandbox org is kept; the default is what `endpoint: sandbox` uses.",
)


@click.group("sandbox", context_settings=HELP)
def command() -> None:
    """Run, reset or fill the embedded API.

    It behaves as the documented API does, quirks included, and holds an org of its own.
    `endpoint: sandbox` in capsync.yaml uses it without a server; `serve` makes it a real
    HTTP server on loopback.
    """


@make_command("serve")
@_data
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--latency-ms",
    type=click.FloatRange(min=0),
    default=0,
    metavar="N",
    help="Delay of every answer, in milliseconds.",
)
@click.option(
    "--fail",
    "fail_rate",
    type=click.FloatRange(0, 1),
    default=0,
    metavar="RATE",
    help="Share of calls, 0 to 1, that fail in one of the ways real ones do.",
)
@click.option(
    "--rate-limit",
    type=click.IntRange(min=1),
    default=None,
    metavar="N",
    help="Calls a minute for each API key; above it the answer is 429.",
)
def serve(
    data: Path, port: int, latency_ms: float, fail_rate: float, rate_limit: int | None
) -> None:
    """Answer HTTP calls on 127.0.0.1 until interrupted.

    What to write in capsync.yaml is printed as soon as calls are accepted.
    """
    from capsync.sandbox.serve import serve as run

    # Ctrl-C is how a server is meant to end.
    with suppress(KeyboardInterrupt):
        try:
            run(
                settings().directory / data,
                port=port,
                latency_ms=latency_ms,
                fail_rate=fail_rate,
                rate_limit=rate_limit,
                bound=_announce,
            )
        except OSError as error:
            raise CapsyncError(
                f"port {port} can not be used: {error.strerror}", hint="--port 0 takes a free one"
            ) from error


def _announce(url: str) -> None:
    click.echo(
        f"Sandbox API on {url} (Ctrl-C ends it). As an environment of capsync.yaml:\n"
        "  rehearsal:\n"
        f"    endpoint: {url}\n"
        "    org_id: 100737\n"
        "    auth: {type: oauth, key: sandbox, secret: sandbox}",
    )


@make_command("reset")
@_data
@click.option(
    "--empty",
    is_flag=True,
    help="Without the objects that users of a console have made: only the reference data stays.",
)
def reset(data: Path, empty: bool) -> None:
    """Make the sandbox org anew, as it is on first use.

    It has reference data (stores, tills, programs and the like), and a few objects that
    users of a console have made; with --empty the reference data alone. What capsync
    remembers of the org in .capsync/ is left as it is: plans cope.
    """
    from capsync.sandbox.app import Sandbox

    path = settings().directory / data
    with closing(Sandbox(path, seed=False)) as sandbox:
        sandbox.reset(console=not empty)
    click.echo(f"{path}: {'reference data alone' if empty else 'as on first use'}")


@make_command("seed")
@_data
def seed(data: Path) -> None:
    """Make the sandbox org: reference data (stores, tills, programs and the like), and what
    users of a console have made.

    Happens by itself on first use; an org that has the data is left as it is.
    """
    from capsync.sandbox.app import Sandbox

    path = settings().directory / data
    Sandbox(path).close()
    click.echo(f"{path}: in place")


for _each in (serve, reset, seed):
    command.add_command(_each)
