"""From an environment to a connected client: the real service, or the embedded sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from capsync.api.client import Client
from capsync.api.settings import Admin, Basic, Oauth, Settings
from capsync.config import Environment
from capsync.secret import Secret

SANDBOX_ORG = 100737  # the embedded org's id, where the environment does not say one


@asynccontextmanager
async def connect(
    environment: Environment, root: Path, *, transport: Any = None, **timing: Any
) -> AsyncIterator[Client]:
    """A client of the environment. `endpoint: sandbox` is answered inside this process, from
    `.capsync-sandbox.db` beside the project; a transport given takes its place. `timing` are the
    client's clocks and the way it sleeps, where they are not the real ones."""
    sandbox = None
    if transport is None and environment.endpoint == "sandbox":
        from capsync.sandbox.app import Sandbox
        from capsync.sandbox.inprocess import SandboxTransport

        sandbox = Sandbox(
            root / ".capsync-sandbox.db", org_id=environment.org_id or SANDBOX_ORG, auth=False
        )
        transport = SandboxTransport(sandbox)
    try:
        async with Client(settings_of(environment), transport=transport, **timing) as client:
            yield client
    finally:
        if sandbox is not None:
            sandbox.store.close()


def settings_of(environment: Environment) -> Settings:
    """The client's settings for an environment, its secrets read now.

    Raises ManifestError naming every process variable that is not set.
    """
    auth: Oauth | Basic | None = None
    admin: Admin | None = None
    if not environment.is_sandbox:
        own = environment.credentials()
        make = Oauth if own.type == "oauth" else Basic
        auth = make(own.name, own.secret)
        if (given := environment.admin_credentials()) is not None:
            admin = Admin(given.username, given.password, given.key or Secret())
    return Settings(
        environment.endpoint,
        org_id=environment.org_id,
        brand=environment.brand,
        auth=auth,
        admin_auth=admin,
        rate_limit=environment.rate_limit,
        concurrency=environment.concurrency,
        timeout=environment.timeout,
    )
