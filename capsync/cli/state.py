"""`capsync state`: the optional memory, to look at and to repair."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from capsync.cli.base import HELP, format_option, settings
from capsync.cli.base import command as make_command
from capsync.cli.running import emit, in_session
from capsync.errors import CapsyncError, PlanBlocked, UsageError

if TYPE_CHECKING:
    from capsync.memory.state import Remembered, State
    from capsync.session import Session


@click.group("state", context_settings=HELP)
def command() -> None:
    """Look at what capsync remembers of an environment, and repair it.

    The state says which live object each resource is, what was applied last, and which
    objects capsync made (`--prune owned`). Plans work without it. It holds no secrets.
    """


@make_command("list")
@click.argument("selectors", nargs=-1, metavar="[SELECTOR]...")
@format_option("text", "json", help="How the entries are printed.")
def list_(selectors: tuple[str, ...], form: str) -> None:
    """Print address, id and owner of each remembered resource.

    SELECTOR is Kind, Kind/name or a glob of either.
    """
    at = settings()
    entries = _picked(_state(), selectors)
    if form == "json":
        emit(at, _json({address: _entry_json(each) for address, each in entries.items()}))
        return
    emit(at, "".join(f"{line}\n" for line in _table(entries)))


@make_command("show")
@click.argument("address")
def show(address: str) -> None:
    """Print all that is remembered of one resource, as JSON."""
    state = _state()
    entry = state.entries.get(address)
    if entry is None:
        raise UsageError(f"the state has no {address}", hint=_nearest(address, state.entries))
    emit(settings(), _json({"address": address, **_entry_json(entry)}))


@make_command("forget")
@click.argument("selectors", nargs=-1, required=True, metavar="SELECTOR...")
def forget(selectors: tuple[str, ...]) -> None:
    """Forget these resources. The org is left as it is.

    The next plan finds them by their natural keys again, and --prune owned no longer
    knows them for its own.
    """

    async def work(session: Session) -> list[str]:
        async with session.locked():
            state = session.state()
            forgotten = list(_picked(state, selectors))
            if not forgotten:
                raise UsageError(f"the state has nothing that {' or '.join(selectors)} picks")
            state.take(dict.fromkeys(forgotten))
            session.memory.save(dict.fromkeys(forgotten))
        return forgotten

    for address in in_session(settings(), work):
        click.echo(f"forgot {address}")


@make_command("pull")
@click.option("-o", "output", type=click.Path(path_type=Path), metavar="FILE", help="Into FILE.")
def pull(output: Path | None) -> None:
    """Print the state as it is kept: a backup, or a look at a remote one."""
    from capsync.memory.statefile import encode_state

    emit(settings(), encode_state(_state()).decode(), output)


@make_command("push")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--force", is_flag=True, help="Even if the kept state is newer, or of another org.")
def push(file: Path, force: bool) -> None:
    """Put the state of FILE (- for stdin) in place of the kept one.

    Refused where the kept one was saved more often, or is of another org.
    """
    at = settings()
    given = _read(at.directory / file)

    async def work(session: Session) -> str:
        async with session.locked():
            kept = session.memory.state()
            if not force:
                _refuse_older(given, kept, await session.org_id())
            given.serial = max(given.serial, kept.serial) + 1
            session.memory.replace(given)
        return session.memory.store.shown

    click.echo(f"{in_session(at, work)}: {len(given.entries)} resources, serial {given.serial}")


@make_command("unlock")
@click.option("--yes", is_flag=True, help="Do not ask.")
def unlock(yes: bool) -> None:
    """Remove the lock of the org, after a look at who holds it.

    Locks of processes that ended go by themselves, those beside a remote state after some
    minutes: this is for one whose holder is known to be gone. If it still runs, two
    applies at once may undo each other.
    """
    at = settings()

    async def work(session: Session) -> None:
        org_id = await session.org_id()
        skew = (await session.client()).server_time_skew or 0.0
        holders = session.memory.lock_holders(org_id, skew)
        if not holders:
            click.echo(f"Org {org_id} is not locked.")
            return
        for holder in holders:
            click.echo(f"Org {org_id} is locked by {holder}")
        if not yes:
            if not at.can_ask:
                raise UsageError("unlock can not ask without a terminal", hint="pass --yes")
            if not click.confirm("Remove the lock?", err=True):
                raise PlanBlocked("the lock was left as it is")
        session.memory.unlock(org_id)
        click.echo("Unlocked.")

    in_session(at, work)


def _state() -> State:
    """The state of the environment, without asking the org anything."""

    async def work(session: Session) -> State:
        return session.memory.state()

    return in_session(settings(), work)


def _picked(state: State, selectors: Iterable[str]) -> dict[str, Remembered]:
    from capsync.model import Address
    from capsync.planning.options import selected

    picked = tuple(selectors)
    return {
        address: entry
        for address, entry in sorted(state.entries.items())
        if not picked or selected(picked, Address(*address.split("/", 1)))
    }


def _table(entries: dict[str, Remembered]) -> Iterable[str]:
    from capsync.report.values import visible

    if not entries:
        yield "Nothing is remembered."
        return
    rows = [
        (
            visible(address),
            visible(each.id),
            "made by capsync" if each.owned else "adopted",
            each.at,
        )
        for address, each in entries.items()
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(3)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        yield "  ".join((*cells, row[3])).rstrip()


def _entry_json(entry: Remembered) -> dict[str, Any]:
    from dataclasses import asdict

    return {name: value for name, value in asdict(entry).items() if value not in ("", {})}


def _json(value: Any) -> str:
    from capsync import jsonio

    return jsonio.dumps_pretty(value).decode()


def _nearest(address: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(address, list(known), n=1)
    return f"did you mean {near[0]}?" if near else "`capsync state list` shows what there is"


def _read(path: Path) -> State:
    from capsync.memory.statefile import decode_state

    try:
        data = sys.stdin.buffer.read() if path.name == "-" else path.read_bytes()
    except OSError as error:
        raise CapsyncError(f"{path} can not be read: {error.strerror}") from error
    return decode_state(data, str(path))


def _refuse_older(given: State, kept: State, org_id: int) -> None:
    if given.org_id not in (None, org_id):
        raise PlanBlocked(f"the file is of org {given.org_id}, this is {org_id}")
    if kept.serial > given.serial:
        raise PlanBlocked(
            f"the kept state is newer: saved {kept.serial} times, the file {given.serial}",
            hint="--force puts the file in its place all the same",
        )


for _each in (list_, show, forget, pull, push, unlock):
    command.add_command(_each)
