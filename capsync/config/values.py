"""What capsync.yaml says, as frozen values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from capsync.config.variables import Substitution
from capsync.errors import ManifestError
from capsync.model import Json, Problem, Where
from capsync.schema.explain import nearest
from capsync.secret import Secret

CONFIG_FILE = "capsync.yaml"
SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True)
class Deferred:
    """A text that may hold `${env.NAME}`, read only when somebody asks; never shown."""

    template: str = field(repr=False)
    where: Where
    path: str

    def read(self, environ: Mapping[str, str]) -> Secret | Problem:
        """The text, or which variable is missing."""
        substitution = Substitution(None, environ)
        value = substitution.of(self.template)
        if substitution.complaints:
            complaint = substitution.complaints[0]
            hint = complaint.hint or "set it, or choose another environment"
            return Problem(self.where, complaint.message, self.path, hint, rule="missing-variable")
        if not value:
            return Problem(self.where, "is empty", self.path, rule="missing-variable")
        return Secret(value)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What proves who calls: OAuth key and secret, or a till and its password."""

    type: str  # oauth | basic
    name: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class AdminCredentials:
    """The admin user of the endpoints that demand one."""

    username: str
    password: Secret
    key: Secret | None = None


@dataclass(frozen=True, slots=True)
class Auth:
    """The `auth` of an environment, not yet read from the process environment."""

    type: str
    name: Deferred  # key or username
    secret: Deferred  # secret or password


@dataclass(frozen=True, slots=True)
class AdminAuth:
    """The `admin_auth` of an environment, not yet read from the process environment."""

    username: Deferred
    password: Deferred
    key: Deferred | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """A plan above them is blocked; None: no limit."""

    max_changes: int | None = None
    max_destructive: int | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """Drift that is known and accepted until the end of `expires` (YYYY-MM-DD, "" for ever)."""

    address: str
    reason: str
    path: str = ""
    owner: str = ""
    expires: str = ""
    where: Where = Where(CONFIG_FILE)


@dataclass(frozen=True, slots=True)
class Environment:
    """One org on one host.

    `rate_limit` is requests a minute, None for no limit; `timeout` is seconds. `variables` are
    those of the project with the environment's own on top. `paths` are endpoint paths that the org
    has differently, by setting. `problems` keep it from being used (a variable that is not set).
    """

    name: str
    endpoint: str = SANDBOX
    org_id: int | None = None
    brand: str | None = None
    auth: Auth | None = None
    admin_auth: AdminAuth | None = None
    rate_limit: int | None = None
    concurrency: int = 8
    timeout: float = 60
    variables: Mapping[str, Json] = field(default_factory=dict)
    overlays: tuple[str, ...] = ()
    limits: Limits = Limits()
    state_url: str | None = None
    approve: bool = False
    waivers: tuple[Waiver, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict)
    where: Where = Where(CONFIG_FILE)
    problems: tuple[Problem, ...] = ()

    @property
    def is_sandbox(self) -> bool:
        """Whether it is the embedded API rather than a host."""
        return self.endpoint == SANDBOX

    def credentials(self, environ: Mapping[str, str] = os.environ) -> Credentials:
        """The credentials, read now. Raises ManifestError naming every variable that is missing."""
        if self.auth is None:
            path = f"environments.{self.name}"
            problem = Problem(self.where, "auth is required to call the API", path, rule="required")
            raise ManifestError([problem])
        name, secret = _read_all([self.auth.name, self.auth.secret], environ)
        return Credentials(self.auth.type, name.reveal(), secret)

    def admin_credentials(self, environ: Mapping[str, str] = os.environ) -> AdminCredentials | None:
        """The admin user, None where there is none. Raises ManifestError like `credentials`."""
        if self.admin_auth is None:
            return None
        wanted = [self.admin_auth.username, self.admin_auth.password]
        if self.admin_auth.key is not None:
            wanted.append(self.admin_auth.key)
        username, *secrets = _read_all(wanted, environ)
        return AdminCredentials(username.reveal(), *secrets)


def _read_all(texts: list[Deferred], environ: Mapping[str, str]) -> list[Secret]:
    read = [text.read(environ) for text in texts]
    problems = [each for each in read if isinstance(each, Problem)]
    if problems:
        raise ManifestError(problems)
    return [each for each in read if isinstance(each, Secret)]


@dataclass(frozen=True, slots=True)
class Config:
    """One project. `root` is the folder of capsync.yaml; paths in it are relative to it."""

    version: int
    project: str
    manifests: tuple[str, ...]
    environments: Mapping[str, Environment]
    root: FilePath
    default_environment: str | None = None
    variables: Mapping[str, Json] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    warnings: tuple[Problem, ...] = ()
    file: str = CONFIG_FILE

    def environment(self, name: str | None = None) -> Environment:
        """That environment, or the default one, ready to be used.

        Raises ManifestError where there is none of that name, none is chosen, or it has problems.
        """
        name = name or self.default_environment or self._only()
        if name is None:
            hint = f"choose with -e: {', '.join(self.environments)}; or set default_environment"
            raise ManifestError([Problem(Where(self.file), "no environment is chosen", hint=hint)])
        if name not in self.environments:
            raise ManifestError([unknown_environment(name, self.environments, Where(self.file))])
        environment = self.environments[name]
        if environment.problems:
            raise ManifestError(environment.problems)
        return environment

    def _only(self) -> str | None:
        return next(iter(self.environments)) if len(self.environments) == 1 else None


def unknown_environment(name: str, known: Mapping[str, Any], where: Where) -> Problem:
    """The problem of a name that no environment has."""
    near = nearest(name, known)
    hint = f"did you mean {near}?" if near else f"there are: {', '.join(known)}"
    return Problem(where, f"unknown environment {name}", hint=hint, rule="unknown-environment")
