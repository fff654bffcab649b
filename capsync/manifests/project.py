"""A project in one environment: its resources, where they come from, what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from capsync.config import Config, Environment
from capsync.manifests.documents import Document
from capsync.model import Address, Json, Key, Path, Problem, Resource, Where


@dataclass(frozen=True, slots=True)
class Project:
    """What the manifests say in one environment.

    `problems` are the errors found while reading; a project that has some is not to be planned.
    `is_complete` is False where a document was lost, so that nothing can be said of what is absent.
    """

    config: Config
    environment: Environment
    resources: tuple[Resource, ...]
    warnings: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    is_complete: bool = True
    origins: Mapping[Address, tuple[Document, ...]] = field(default_factory=dict, repr=False)
    from_env: Mapping[Address, frozenset[Path]] = field(default_factory=dict, repr=False)
    by_address: Mapping[Address, Resource] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_address", {each.address: each for each in self.resources})

    @property
    def root(self) -> FilePath:
        """The folder of capsync.yaml."""
        return self.config.root

    def where(self, address: Address, path: Path, *, at_key: bool = False) -> Where:
        """Where the value of a spec path is written, or its nearest ancestor: in an overlay, if the
        value comes from there."""
        resource = self.by_address.get(address)
        spec: Json = resource.spec if resource else None
        return self.where_in_document(address, ("spec", *places(spec, path)), at_key=at_key)

    def where_in_document(self, address: Address, path: Path, *, at_key: bool = False) -> Where:
        """The same for a path of the whole document (`metadata`, `ignore`)."""
        return locate(self.origins.get(address, ()), path, at_key=at_key)

    def folder_of(self, address: Address, path: Path) -> FilePath:
        """The folder that relative file names in a spec path start from."""
        where = self.where(address, path)
        for origin in self.origins.get(address, ()):
            if origin.source.shown == where.file:
                return origin.source.path.parent
        return self.root

    def is_from_env(self, address: Address, path: Path) -> bool:
        """Whether the process environment feeds the value: then it is not to be shown."""
        return any(
            path[: len(each)] == each or each[: len(path)] == path
            for each in self.from_env.get(address, ())
        )


def locate(origins: tuple[Document, ...], path: Path, *, at_key: bool = False) -> Where:
    """Where a path stands: in the last of the documents that have most of it."""
    best, deepest = Where(""), -1
    for origin in origins:
        where, depth = origin.source.find(origin.number, path, at_key=at_key)
        if depth >= deepest:
            best, deepest = where, depth
    return best


def places(spec: Json, path: Path) -> Path:
    """The path with the keys of keyed lists replaced by the places of their items."""
    steps: list[str | int] = []
    value = spec
    for step in path:
        here: str | int | None = _place_of(value, step) if isinstance(step, Key) else step
        if here is None:
            break
        steps.append(here)
        value = member(value, here)
    return tuple(steps)


def _place_of(items: Json, key: Key) -> int | None:
    """The item whose members hold every part of the key: which members are its key, only the kind
    knows, and this is only for people to find the line."""
    parts = set(key.split("/"))
    for place, item in enumerate(items if isinstance(items, list) else ()):
        texts = {str(each) for each in item.values()} if isinstance(item, dict) else {str(item)}
        if str(key) in texts or parts <= texts:
            return place
    return None


def member(value: Json, step: str | int) -> Json:
    """What a step leads to, None where there is nothing."""
    if isinstance(value, dict) and isinstance(step, str):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None
