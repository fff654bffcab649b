"""From an environment to a connected client: the real service, or the embedded sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from capsync.api.client import Client
from capsync.api.settings import Settings
from capsync.config import Environment


@asynccontextmanager
async def connect(
    environment: Environment, root: Path, *, transport: Any = None
) -> AsyncIterator[Client]:
    """A client of the environment. `endpoint: sandbox` is answered inside this process, from
    `.capsync-sandbox.db` beside the project; a transport given takes its place."""
    sandbox = None
    if transport is None and environment.endpoint == "sandbox":
        from capsync.sandbox.app import Sandbox
        from capsync.sandbox.inprocess import SandboxTransport

        sandbox = Sandbox(
            root / ".capsync-sandbox.db", auth=False, **_sandbox_org(environment.org_id)
        )
        transport = SandboxTransport(sandbox)
    try:
        async with Client(settings_of(environment), transport=transport) as client:
            yield client
    finally:
        if sandbox is not None:
            sandbox.store.close()


def _sandbox_org(org_id: int | None) -> dict[str, int]:
    return {} if org_id is None else {"org_id": org_id}


def settings_of(environment: Environment) -> Settings:
    """The client's settings for an environment."""
    raise NotImplementedError
