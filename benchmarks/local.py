"""Start-up, validation, memory and growth: what happens on this machine alone."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from benchmarks.measuring import Row, capsync, python, side_by_side
from benchmarks.projects import write_project
from benchmarks.serving import Answers, Recording, Replaying
from capsync.garbage import rarely_collected
from capsync.kinds import KINDS
from capsync.manifests import read_project
from capsync.runs.orgdiff import diff_orgs
from capsync.sandbox.app import Sandbox
from capsync.sandbox.inprocess import SandboxTransport
from capsync.session import Session
from capsync.validate import validate

ORG = 100737
SIZES = (1_000, 5_000, 10_000, 50_000)
_BARE = """
import click
@click.group()
@click.version_option("1")
def cli(): pass
for name in "init validate plan apply export kinds explain doctor".split():
    cli.command(name)(lambda: None)
cli(prog_name="bare")
"""


def start() -> Iterator[Row]:
    """`--help`, `--version` and completion against a bare click program of eight commands."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(_BARE)
        words = {"COMP_WORDS": "PROGRAM pl", "COMP_CWORD": "1"}
        cases: dict[str, tuple[list[str], dict[str, str]]] = {
            "--help": (["--help"], {}),
            "--version": (["--version"], {}),
            "completion of `pl`": ([], words),
        }
        for name, (args, env) in cases.items():
            own, other = _started(bare, args, env)
            note = "a bare click program, both in CPU"
            yield Row(f"capsync {name}", own * 1000, "ms", other * 1000, 2.0, note)
        root = Path(folder) / "project"
        write_project(root, 1)
        taken = min(capsync("validate", cwd=root).cpu for _ in range(15))
        yield Row("validate of one file", taken * 1000, "ms", None, 150.0, "CPU, whole command")


def _started(bare: Path, args: list[str], env: dict[str, str]) -> tuple[float, float]:
    own, other = [], []
    variables = dict(env)
    if env:
        variables |= {"_CAPSYNC_COMPLETE": "bash_complete", "_BARE_COMPLETE": "bash_complete"}
    for _ in range(15):
        own.append(python("-m", "capsync", *args, env=variables).cpu)
        other.append(python(str(bare), *args, env=variables).cpu)
    return min(own), min(other)


def parse_events(root: Path) -> None:
    """What libyaml's event parse takes for the manifests of a project."""
    for file in sorted((root / "manifests").iterdir()):
        loader = yaml.CSafeLoader(file.read_bytes())
        while loader.get_event() is not None:
            pass


def check(root: Path) -> None:
    """Read and validate a project that has no problems."""
    with rarely_collected():  # as every command does
        problems = validate(read_project(root), KINDS)
    if problems:
        raise SystemExit("\n".join(map(str, problems[:10])))


def validation() -> Iterator[Row]:
    """`validate` of 5,000 manifests against the event parse of the same bytes, and memory."""
    for kinds in ("mixed", "rich"):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            write_project(root, 5_000, kinds=kinds)
            works = {"parse": partial(parse_events, root), "all": partial(check, root)}
            taken = side_by_side(works)
            size = sum(file.stat().st_size for file in (root / "manifests").iterdir()) / 5_000
        note = "event parse, and 0.3 s; CPU"
        name = f"validate 5,000 of {size:.0f} bytes"
        yield Row(name, taken["all"], "s", taken["parse"], 1.5, note, base=0.3)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_project(root, 50_000, kinds="rich")
        spent = capsync("validate", cwd=root)
        note = f"whole command, {spent.cpu:.1f} s of CPU"
        yield Row("validate 50,000", spent.peak, "MB", None, 1500.0, note)


def growth() -> Iterator[Row]:
    """Validation, a plan and a diff in memory, as projects grow: microseconds each."""
    smallest: dict[str, float] = {}
    for count in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            write_project(root, count)
            answers = _answers(root)
            rounds = 3 if count <= 10_000 else 1
            works = {
                "validate": partial(check, root),
                "plan": partial(_in_loop, _plan, root, answers),
                "diff": partial(_in_loop, _diff, root, answers),
            }
            for name, seconds in side_by_side(works, rounds).items():
                each = seconds / count * 1e6
                first = smallest.setdefault(name, each)
                note = f"{seconds:.2f} s of CPU; limit: twice what each takes of {SIZES[0]:,}"
                yield Row(f"{name} {count:,} in memory", each, "us", first, 2.0, note)


def _answers(root: Path) -> Answers:
    """What an org answers that a project was applied to."""
    answers: Answers = {}
    sandbox = Sandbox(root / "org.db", org_id=ORG, auth=False)
    sandbox.record = False
    transport = Recording(SandboxTransport(sandbox), answers)

    async def apply() -> None:
        async with Session.open(root, transport=transport) as session:
            await session.apply(await session.plan())
        answers.clear()
        shutil.rmtree(root / ".capsync")
        await _plan_with(root, transport)
        async with Session.open(root, transport=transport) as session:
            await diff_orgs(session, session, _kinds(session))

    asyncio.run(apply())
    sandbox.close()
    return answers


def _kinds(session: Session) -> list[str]:
    return sorted({resource.address.kind for resource in session.resources})


def _in_loop(
    work: Callable[[Path, Answers], Coroutine[Any, Any, None]], root: Path, answers: Answers
) -> None:
    asyncio.run(work(root, answers))


async def _plan(root: Path, answers: Answers) -> None:
    shutil.rmtree(root / ".capsync", ignore_errors=True)
    await _plan_with(root, Replaying(answers))


async def _plan_with(root: Path, transport: Any) -> None:
    async with Session.open(root, transport=transport) as session:
        plan = await session.plan()
    changes = [each for each in plan.changes if each.action.value != "noop"]
    if changes:
        raise SystemExit(f"{len(changes)} changes, the first {changes[0]}")


async def _diff(root: Path, answers: Answers) -> None:
    async with (
        Session.open(root, transport=Replaying(answers)) as left,
        Session.open(root, transport=Replaying(answers)) as right,
    ):
        found = await diff_orgs(left, right, _kinds(left))
    if found.differences:
        raise SystemExit(f"{len(found.differences)} differences")


def parts() -> dict[str, Any]:
    """What `scripts/bench` can run of this module."""
    return {"start": start, "validation": validation, "growth": growth}
