"""From the text of capsync.yaml to its values, with every problem at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath

from capsync.config.endpoints import endpoint_fault, requests_per_minute
from capsync.config.values import (
    CONFIG_FILE,
    SANDBOX,
    AdminAuth,
    Auth,
    Config,
    Deferred,
    Environment,
    Limits,
    Waiver,
    unknown_environment,
)
from capsync.config.variables import Substitution, literal
from capsync.errors import ManifestError
from capsync.model import Json, Path, Problem, Where, path_text
from capsync.schema.check import Checker
from capsync.schema.configfile import ENVIRONMENT, config_schema
from capsync.schema.expand import Expander
from capsync.schema.explain import Complaint
from capsync.yamlio.reader import parse
from capsync.yamlio.scalars import NumberTooLarge, resolve
from capsync.yamlio.sourcefile import SourceFile

DEFAULT_RATE = 60
_LAZY = ("auth", "admin_auth", "variables")  # read only when they are needed
_SECRET_PATHS = {
    ("auth", "key"),
    ("auth", "secret"),
    ("auth", "password"),
    ("admin_auth", "password"),
    ("admin_auth", "key"),
}


def load_config(root: FilePath, environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration of a project folder. Raises ManifestError with every problem of it."""
    data, source = _read(root)
    problems = _Problems(source)
    problems.add_all(Checker(config_schema()).complaints(data, hidden=_is_secret))
    problems.raise_if_any()
    config = _Loader(root, data, environ, problems).config()
    problems.raise_if_any()
    return config


def _read(root: FilePath) -> tuple[dict[str, Json], SourceFile]:
    source = SourceFile(root / CONFIG_FILE, CONFIG_FILE)
    try:
        parsed = parse(source.path.read_bytes(), source.shown)
    except FileNotFoundError:
        raise ManifestError([_absent(root)]) from None
    except OSError as error:
        message = f"can not be read: {error.strerror}"
        raise ManifestError([Problem(Where(CONFIG_FILE), message)]) from error
    if parsed.problems:
        raise ManifestError(parsed.problems)
    if len(parsed.documents) != 1 or not isinstance(parsed.documents[0], dict):
        raise ManifestError([Problem(Where(CONFIG_FILE), "must be one mapping", rule="type")])
    return parsed.documents[0], source


def _absent(root: FilePath) -> Problem:
    hint = "run `capsync init` to make a project, or name its folder with -C"
    for parent in root.resolve().parents:
        if (parent / CONFIG_FILE).is_file():
            hint = f"there is one in {parent}: use -C {parent}"
            break
    if (root / "capsync.yml").is_file():
        hint = "rename capsync.yml to capsync.yaml"
    message = f"there is no {CONFIG_FILE} in {root}"
    return Problem(Where(CONFIG_FILE), message, hint=hint, rule="no-project")


class _Problems:
    """Problems of capsync.yaml, each with its place."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.found: list[Problem] = []
        self.warnings: list[Problem] = []

    def problem(self, complaint: Complaint, prefix: Path = ()) -> Problem:
        """A complaint about a value below `prefix`, placed."""
        path = (*prefix, *complaint.path)
        where = self.where(path, at_key=complaint.at_key)
        return Problem(
            where, complaint.message, path_text(path), complaint.hint, rule=complaint.rule
        )

    def where(self, path: Path, *, at_key: bool = False) -> Where:
        """Where a path stands."""
        return self.source.where(0, path, at_key=at_key)

    def add_all(self, complaints: list[Complaint], prefix: Path = ()) -> None:
        """Keep complaints as problems."""
        self.found += [self.problem(complaint, prefix) for complaint in complaints]

    def add(self, path: Path, message: str, hint: str = "", rule: str = "") -> None:
        """Keep one problem."""
        self.add_all([Complaint(path, message, hint, rule)])

    def warn(self, path: Path, message: str, hint: str, rule: str) -> None:
        """Keep one warning."""
        where = self.where(path)
        self.warnings.append(Problem(where, message, path_text(path), hint, "warning", rule))

    def raise_if_any(self) -> None:
        """Raises ManifestError where there are problems."""
        if self.found:
            raise ManifestError(sorted(self.found, key=lambda problem: problem.where))


class _Loader:
    """Builds the values of one file whose shape is right."""

    def __init__(
        self, root: FilePath, data: dict[str, Json], environ: Mapping[str, str], problems: _Problems
    ) -> None:
        self.root, self.data, self.environ, self.problems = root, data, environ, problems
        self.strict = Checker(Expander().structure(ENVIRONMENT))

    def config(self) -> Config:
        """The whole configuration."""
        data = self.data
        fixed = {name: value for name, value in data.items() if name not in _DEFERRED}
        substitution = Substitution(None, self.environ)
        fixed = substitution.of(fixed)
        self.problems.add_all(substitution.complaints)
        environments = {name: self._environment(name) for name in data["environments"]}
        default = fixed.get("default_environment")
        if default is not None and default not in environments:
            where = self.problems.where(("default_environment",))
            self.problems.found.append(unknown_environment(default, environments, where))
        return Config(
            version=fixed["version"],
            project=fixed.get("project") or self.root.resolve().name,
            manifests=tuple(fixed.get("manifests") or ["manifests"]),
            environments=environments,
            root=self.root,
            default_environment=default,
            variables=data.get("variables") or {},
            waivers=self._waivers(fixed, ()),
            warnings=tuple(self.problems.warnings),
        )

    def _environment(self, name: str) -> Environment:
        prefix: Path = ("environments", name)
        raw = self.data["environments"][name] or {}
        where = self.problems.where(prefix)
        substitution = Substitution(None, self.environ)
        values = substitution.of({k: v for k, v in raw.items() if k not in _LAZY})
        if substitution.complaints:
            problems = [self.problems.problem(each, prefix) for each in substitution.complaints]
            return Environment(name, where=where, problems=tuple(problems))
        values = _typed(values, raw)
        complaints = self.strict.complaints(
            values | {k: raw[k] for k in _LAZY if k in raw}, hidden=_is_secret
        )
        if not complaints and (fault := endpoint_fault(values["endpoint"])):
            complaints = [Complaint(("endpoint",), *fault, rule="endpoint")]
        if complaints:
            self.problems.add_all(complaints, prefix)
            return Environment(name, where=where)
        self._warn_of_plain_secrets(raw, prefix)
        return self._built(name, raw, values, where)

    def _built(
        self, name: str, raw: dict[str, Json], values: dict[str, Json], where: Where
    ) -> Environment:
        prefix: Path = ("environments", name)
        endpoint = values["endpoint"].rstrip("/")
        default = None if endpoint == SANDBOX else DEFAULT_RATE
        brand, given = values.get("brand"), values.get("rate_limit")
        return Environment(
            name,
            endpoint=endpoint,
            org_id=values.get("org_id"),
            brand=None if brand is None else str(brand),
            auth=self._auth(raw.get("auth"), (*prefix, "auth")),
            admin_auth=self._admin_auth(raw.get("admin_auth"), (*prefix, "admin_auth")),
            rate_limit=default if given is None else requests_per_minute(given),
            concurrency=_or(values.get("concurrency"), 8),
            timeout=_or(values.get("timeout"), 60),
            variables={**(self.data.get("variables") or {}), **(raw.get("variables") or {})},
            overlays=tuple(values.get("overlays") or ()),
            limits=Limits(**(values.get("limits") or {})),
            state_url=(values.get("state") or {}).get("url"),
            approve=bool(values.get("approve")),
            waivers=(*self._waivers(values, prefix), *self._waivers(self.data, ())),
            paths=values.get("paths") or {},
            where=where,
        )

    def _auth(self, raw: dict[str, Json] | None, path: Path) -> Auth | None:
        if raw is None:
            return None
        name, secret = ("key", "secret") if raw["type"] == "oauth" else ("username", "password")
        return Auth(raw["type"], *self._deferred(raw, path, name, secret))

    def _admin_auth(self, raw: dict[str, Json] | None, path: Path) -> AdminAuth | None:
        if raw is None:
            return None
        names = ["username", "password"] + ["key"] * ("key" in raw)
        return AdminAuth(*self._deferred(raw, path, *names))

    def _deferred(self, raw: dict[str, Json], path: Path, *names: str) -> Iterator[Deferred]:
        for name in names:
            here = (*path, name)
            yield Deferred(raw[name], self.problems.where(here), path_text(here))

    def _waivers(self, values: dict[str, Json], prefix: Path) -> tuple[Waiver, ...]:
        return tuple(
            Waiver(**each, where=self.problems.where((*prefix, "waivers", place)))
            for place, each in enumerate(values.get("waivers") or ())
        )

    def _warn_of_plain_secrets(self, raw: dict[str, Json], prefix: Path) -> None:
        for part, field in sorted(_SECRET_PATHS - {("auth", "key")}):
            value = (raw.get(part) or {}).get(field)
            if isinstance(value, str) and literal(value):
                hint = 'write "${env.NAME}" and set that variable'
                path = (*prefix, part, field)
                self.problems.warn(path, "a secret stands in the file", hint, "plain-secret")


_DEFERRED = ("environments", "variables")
_UNQUOTED = ("org_id", "concurrency", "timeout", "approve")


def _is_secret(path: Path) -> bool:
    return len(path) > 1 and path[-2:] in _SECRET_PATHS


def _typed(values: dict[str, Json], raw: dict[str, Json]) -> dict[str, Json]:
    """Numbers and booleans that came as text from the process environment."""
    limits = values.get("limits")
    if isinstance(limits, dict):
        values = values | {"limits": {k: _scalar(v) for k, v in limits.items()}}
    return {
        name: _scalar(value) if name in _UNQUOTED and value != raw[name] else value
        for name, value in values.items()
    }


def _scalar(value: Json) -> Json:
    try:
        return resolve(value) if isinstance(value, str) else value
    except NumberTooLarge:
        return value


def _or(value: Json, default: Json) -> Json:
    return default if value is None else value
