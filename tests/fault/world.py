"""An org that can be put back, and a project that is applied to it while things go wrong."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import yaml

from capsync.applying import ApplyReport
from capsync.kinds import KINDS
from capsync.manifests import Project, load_project
from capsync.model import Action, Plan
from capsync.planning.options import PlanOptions
from capsync.planning.plan import needed_kinds
from capsync.sandbox.app import Sandbox
from capsync.sandbox.inprocess import SandboxTransport
from capsync.session import Session
from tests.fault.clock import START, Time
from tests.projects import CONFIG, write_project

Json = Any

HERE = Path(__file__).parent
ALLOWED = PlanOptions(allow_irreversible=True)
# Real credentials, so that tokens can be refused. Nothing listens there: calls go to the sandbox.
REMOTE: Mapping[str, Json] = {
    "endpoint": "http://127.0.0.1:9",
    "rate_limit": "none",
    "auth": {"type": "oauth", "key": "sandbox", "secret": "sandbox"},
    "admin_auth": {"username": "admin1", "password": "sandbox", "key": "sandbox-admin"},
}
_MADE_UP = re.compile(r"[0-9A-F]{20}")
_LONG = 600.0  # seconds between two commands, after which nothing of the first is under way


def manifests(name: str = "project.yaml") -> list[dict[str, Json]]:
    """The resources of a file of this folder."""
    documents: list[dict[str, Json]] = yaml.safe_load((HERE / name).read_text())
    return documents


def project_of(root: Path, resources: Iterable[Mapping[str, Json]], **environment: Json) -> Project:
    """A project on disk with these resources."""
    config = {**CONFIG, "environments": {"sandbox": {"endpoint": "sandbox", "org_id": 100737}}}
    config["environments"]["sandbox"] |= environment
    write_project(root, resources, config)
    (root / "manifests" / "scarf.gif").write_bytes(b"GIF89a of a scarf")
    project = load_project(root, "sandbox")
    assert not project.problems, project.problems
    return project


class World:
    """A sandbox org on a clock of its own. `keep` remembers its content, `put_back` restores it."""

    def __init__(self, folder: Path, path: str | Path = ":memory:", **options: Any) -> None:
        self.folder, self.path = folder, path
        self.time = Time()
        self.sandbox = Sandbox(path, clock=self.time, **options)
        self.sandbox.record = False
        self._kept = sqlite3.connect(":memory:")
        self._kept_at = self.time.now
        self.keep()

    def close(self) -> None:
        """Release the databases."""
        self.sandbox.close()
        self._kept.close()

    def keep(self) -> None:
        """Remember the content as it is now."""
        self._kept_at = self.time.now
        self.sandbox.store._db.backup(self._kept)

    def put_back(self) -> None:
        """Make content, time and faults what they were."""
        self._kept.backup(self.sandbox.store._db)
        self.sandbox.faults.clear()
        self.sandbox.faults.writes = 0
        self.time.now = self._kept_at

    def session(
        self,
        project: Project,
        transport: Callable[[Sandbox], httpx.AsyncBaseTransport] = SandboxTransport,
    ) -> Session:
        """A session of a project on this org, whose waiting takes no time."""
        timing = {"clock": self.time, "sleep": self.time.sleep, "wall_clock": self.time}
        return Session(project, transport=transport(self.sandbox), clock=self.time, timing=timing)

    def plan(self, project: Project, options: PlanOptions = ALLOWED) -> Plan:
        """What an apply would do."""

        async def planned() -> Plan:
            async with self.session(project) as session:
                return await session.plan(options)

        return asyncio.run(planned())

    def apply(
        self,
        project: Project,
        options: PlanOptions = ALLOWED,
        transport: Callable[[Sandbox], httpx.AsyncBaseTransport] = SandboxTransport,
    ) -> ApplyReport:
        """Plan and apply at once."""

        async def applied() -> ApplyReport:
            async with self.session(project, transport) as session, session.locked():
                return await session.apply(await session.plan(options))

        return asyncio.run(applied())

    def later(self, seconds: float = _LONG) -> None:
        """Let time pass."""
        self.time.now += seconds

    def org(self) -> dict[str, list[Json]]:
        """What the org holds, as far as manifests can say: canonical specs by kind, references to
        other objects by their names, in an order of their own."""

        async def read() -> dict[str, list[Json]]:
            project = project_of(self.folder / "reader", [], **REMOTE)
            async with self.session(project) as session:
                kinds = needed_kinds(KINDS, KINDS, ())
                reader = await session.reader(kinds)
                snapshot = await reader.snapshot(kinds)
                assert not snapshot.unreadable, snapshot.unreadable
                names = {
                    (kind, item.id): item.label
                    for kind, items in snapshot.objects.items()
                    for item in items
                }
                found: dict[str, list[Json]] = {}
                for kind in (each for each in kinds if not each.reference_only):
                    whole = [await reader.detail(each) for each in snapshot.of(kind.name)]
                    specs = [
                        _without_own_codes(named(kind.schema, each.canon, names)) for each in whole
                    ]
                    found[kind.name] = sorted(specs, key=repr)
                return found

        return asyncio.run(read())


def named(schema: Mapping[str, Json], value: Json, names: Mapping[tuple[str, str], str]) -> Json:
    """The value with ids of other objects replaced by their names: ids differ from run to run."""
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        extra = schema.get("additionalProperties")
        other = extra if isinstance(extra, dict) else {}
        return {
            name: named(properties.get(name, other), inner, names) for name, inner in value.items()
        }
    if isinstance(value, list):
        items = [named(schema.get("items", {}), each, names) for each in value]
        return sorted(items, key=repr) if schema.get("x-set") else items
    if "x-media" in schema and value is not None:
        return "a file"  # what is uploaded twice has another handle
    for kind in schema.get("x-ref", {}).get("kinds", ()):
        if (kind, str(value)) in names:
            return f"{kind}/{names[kind, str(value)]}"
    return value


def _without_own_codes(spec: Json) -> Json:
    """A series without a code that the service made up: it depends on the order of creates."""
    made_up = _MADE_UP.fullmatch(str(spec.get("seriesCode", "")))
    return {name: value for name, value in spec.items() if name != "seriesCode" or not made_up}


def elsewhere(project: Project, root: Path) -> Project:
    """The same project in another folder, where nothing is remembered."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(project.root, root, ignore=shutil.ignore_patterns(".capsync"))
    return replace(load_project(root, "sandbox"), resources=project.resources)


def forget(project: Project) -> None:
    """Lose state, journal, history and cache."""
    folder = project.root / ".capsync"
    if folder.is_file():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def busy(plan: Plan) -> dict[str, str]:
    """The addresses that a plan would change, with what it would do and why."""
    return {
        str(each.address): f"{each.action} {each.fields} {each.reasons}"
        for each in plan.changes
        if each.action is not Action.NOOP
    }


def copy_of(database: Path) -> sqlite3.Connection:
    """The content of a database file, in memory."""
    kept = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(database)) as source:
        source.backup(kept)
    return kept


__all__ = [
    "ALLOWED",
    "REMOTE",
    "START",
    "World",
    "busy",
    "elsewhere",
    "forget",
    "manifests",
    "project_of",
]
