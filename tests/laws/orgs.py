"""An org in a sandbox on a clock of its own, and projects that are planned and applied to it."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from capsync.applying import ApplyReport
from capsync.errors import PlanBlocked
from capsync.exporting.files import ExportReport
from capsync.manifests import load_project
from capsync.model import Action, Address, Change, Plan
from capsync.planning.encode import change_json, plan_json
from capsync.planning.options import PlanOptions
from capsync.sandbox.app import Recorded, Sandbox
from capsync.sandbox.faults import is_write
from capsync.sandbox.inprocess import SandboxTransport
from capsync.sandbox.serve import serving
from capsync.session import Session
from tests.projects import CONFIG, write_project
from tests.sandbox.conftest import Clock

Json = Any
Memory = Mapping[str, bytes]

START = 1768910400.0  # 2026-01-20T12:00:00Z: before what documented bodies call the future
_STEP = 90.0  # seconds between two commands, so that no two changes share a stamp
# What the API takes back only by other means is tried all the same.
ALLOWED = PlanOptions(allow_irreversible=True)


class Org:
    """A seeded org whose whole content can be put back."""

    def __init__(self, folder: Path, *, id: int = 100737, auth: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.id = id
        self._path = folder / "org.db"
        self._start = START
        self.clock = Clock(START)
        self.sandbox = Sandbox(self._path, org_id=id, clock=self.clock, auth=auth)
        self.url = ""  # where a server answers for it; "" where it answers in process
        self._kept: sqlite3.Connection | None = None

    def close(self) -> None:
        """Release the files."""
        self.sandbox.close()
        if self._kept is not None:
            self._kept.close()

    def keep(self) -> None:
        """Remember the content as it is now."""
        self._kept = sqlite3.connect(":memory:")
        self._start = self.clock.now
        self._copy(to=self._kept)

    def put_back(self) -> None:
        """Make the content what it was when it was kept, time included."""
        assert self._kept is not None
        with _Opened(self._path) as own:
            self._kept.backup(own.db)
        self.clock.now = self._start

    def _copy(self, to: sqlite3.Connection) -> None:
        with _Opened(self._path) as own:
            own.db.backup(to)

    def writes_since(self, mark: int) -> list[Recorded]:
        """The write calls after the first `mark` calls."""
        return [call for call in self.sandbox.calls[mark:] if is_write(call.method, call.path)]


@contextmanager
def opened(folder: Path, *, id: int = 100737, http: bool = False) -> Iterator[Org]:
    """A new org; with `http` it stands behind a server that wants credentials."""
    org = Org(folder, id=id, auth=http)
    try:
        if http:
            with serving(org.sandbox) as org.url:
                yield org
        else:
            yield org
    finally:
        org.close()


class _Opened:
    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path)

    def __enter__(self) -> _Opened:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.db.close()


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply planned, how it ended, and the write calls that reached the org."""

    plan: Plan
    report: ApplyReport | None
    writes: list[Recorded]
    blocked: PlanBlocked | None = None

    @property
    def trouble(self) -> str:
        """Why not everything is in place, "" where it is."""
        if self.blocked is not None:
            return f"blocked: {self.blocked.message}"
        assert self.report is not None
        bad = [each for each in self.report.outcomes if each.status not in ("done", "already")]
        texts = [f"{each.address} {each.status}: {each.message}" for each in bad]
        return "; ".join([*texts, *self.report.unreadable])


@dataclass(slots=True)
class Work:
    """A project folder that works on an org."""

    org: Org
    root: Path
    _valid: set[bytes] = field(default_factory=set)

    def write(self, manifests: Iterable[Mapping[str, Json]]) -> None:
        """Put these manifests in place of all others."""
        write_project(self.root, manifests, _config(self.org))

    def forget(self) -> None:
        """Lose state, journal and cache."""
        shutil.rmtree(self.root / ".capsync", ignore_errors=True)

    def remembered(self) -> Memory:
        """What the project knows of its last runs: state and cache, journal and history aside."""
        files = [path for path in (self.root / ".capsync").iterdir() if path.is_file()]
        return {path.name: path.read_bytes() for path in files}

    def remember(self, memory: Memory) -> None:
        """Know that and nothing else."""
        self.forget()
        (self.root / ".capsync").mkdir(parents=True)
        for name, content in memory.items():
            (self.root / ".capsync" / name).write_bytes(content)

    def plan(self, options: PlanOptions = ALLOWED) -> Plan:
        """What an apply would do."""
        return asyncio.run(self._plan(options))

    def apply(self, options: PlanOptions = ALLOWED) -> Applied:
        """Plan and apply; a plan that may not be applied is told in `blocked`."""
        return asyncio.run(self._apply(options))

    def export(self, out: Path, kinds: Iterable[str]) -> ExportReport:
        """Write manifests of the org below a folder."""
        return asyncio.run(self._export(out, kinds))

    def live(self, address: Address) -> Json:
        """The object of a resource in canonical form, as it is now."""
        return asyncio.run(self._live(address))

    def _session(self) -> Session:
        """A session a while after the last one; manifests are validated the first time."""
        self.org.clock.now += _STEP
        transport = None if self.org.url else SandboxTransport(self.org.sandbox)
        text = (self.root / "capsync.yaml").read_bytes() + b"".join(
            path.read_bytes() for path in sorted((self.root / "manifests").rglob("*.yaml"))
        )
        if text in self._valid:
            return Session(load_project(self.root), transport=transport, clock=self.org.clock)
        session = Session.open(self.root, transport=transport, clock=self.org.clock)
        self._valid.add(text)
        return session

    async def _plan(self, options: PlanOptions) -> Plan:
        async with self._session() as session:
            return await session.plan(options)

    async def _apply(self, options: PlanOptions) -> Applied:
        mark = len(self.org.sandbox.calls)
        async with self._session() as session:
            plan = await session.plan(options)
            try:
                report = await session.apply(plan)
            except PlanBlocked as error:
                return Applied(plan, None, self.org.writes_since(mark), error)
        return Applied(plan, report, self.org.writes_since(mark))

    async def _export(self, out: Path, kinds: Iterable[str]) -> ExportReport:
        async with self._session() as session:
            return await session.export(out, kinds)

    async def _live(self, address: Address) -> Json:
        async with self._session() as session:
            await session.plan(ALLOWED)
            live = session.matcher.wanted[address].live
            return live.canon if live is not None else None


def _config(org: Org) -> dict[str, Json]:
    """The configuration of a project that works on an org: in process, or behind its server."""
    environment: dict[str, Json] = {"endpoint": "sandbox", "org_id": org.id}
    if org.url:
        environment = {
            "endpoint": org.url,
            "org_id": org.id,
            "rate_limit": "none",
            "auth": {"type": "oauth", "key": "sandbox", "secret": "sandbox"},
            "admin_auth": {"username": "admin1", "password": "sandbox", "key": "sandbox-admin"},
        }
    return {**CONFIG, "environments": {"sandbox": environment}}


def change_of(plan: Plan, address: Address) -> Change:
    """The change of one resource."""
    [change] = [each for each in plan.changes if each.address == address]
    return change


def not_empty(plan: Plan) -> list[str]:
    """What a plan would do, and what it could not read: nothing, if it is empty."""
    busy = [
        f"{each.address} {each.action}: {_fields_of(each)} {'; '.join(each.reasons)}"
        for each in plan.changes
        if each.action is not Action.NOOP
    ]
    return [*busy, *plan.unreadable, *plan.blocked]


def _fields_of(change: Change) -> str:
    return json.dumps(change_json(change)["fields"], default=repr)[:600]


def steady(plan: Plan) -> str:
    """The bytes of a plan, without the time at which it was made."""
    data = plan_json(plan)
    del data["created_at"]
    return json.dumps(data, sort_keys=True)
