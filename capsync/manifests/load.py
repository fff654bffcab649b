"""From the files of a project to its resources in one environment, every problem kept."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath

from capsync.config import CONFIG_FILE, Config, Environment, load_config
from capsync.errors import ManifestError
from capsync.garbage import rarely_collected
from capsync.manifests.documents import Document, DocumentReader
from capsync.manifests.files import Finder, identities
from capsync.manifests.project import Project
from capsync.manifests.resources import Assembler
from capsync.model import Address, Path, Problem, Where
from capsync.schema.explain import nearest
from capsync.yamlio.reader import LIBYAML
from capsync.yamlio.sourcefile import SourceFile


def load_project(
    root: FilePath, environment: str | None = None, environ: Mapping[str, str] = os.environ
) -> Project:
    """The project of a folder in an environment. Raises ManifestError with every problem found."""
    project = read_project(root, environment, environ)
    if project.problems:
        raise ManifestError(project.problems)
    return project


def read_project(
    root: FilePath, environment: str | None = None, environ: Mapping[str, str] = os.environ
) -> Project:
    """The same with the problems of manifests kept in it, so that validation can add its own.

    Raises ManifestError where capsync.yaml is wrong or the environment can not be used.
    """
    config = load_config(root, environ)
    with rarely_collected():
        return _Loader(config, config.environment(environment), environ).project()


class _Loader:
    def __init__(
        self, config: Config, environment: Environment, environ: Mapping[str, str]
    ) -> None:
        self.config, self.environment, self.environ = config, environment, environ
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = list(config.warnings)
        self.config_source = SourceFile(config.root / CONFIG_FILE, CONFIG_FILE)
        self.reader = DocumentReader(self.problems)

    def project(self) -> Project:
        bases = self._unique(self.reader.read(self._manifests()))
        layers = [self._unique(self.reader.read(files, overlay=True)) for files in self._overlays()]
        is_complete = not self.problems
        stacks = self._stacked(bases, layers)
        if not is_complete:  # the base of an overlay may be what was lost
            stacks = {each: stack for each, stack in stacks.items() if not stack[0].is_overlay}
        assembler = Assembler(self.config, self.environment, self.environ, self.problems)
        resources = assembler.resources(stacks)
        self._warn(resources_found=bool(bases) or bool(layers))
        return Project(
            self.config,
            self.environment,
            tuple(resources),
            warnings=tuple(self.warnings),
            problems=tuple(in_file_order(self.problems)),
            is_complete=is_complete,
            origins=assembler.origins,
            from_env=assembler.from_env,
        )

    def _manifests(self) -> Iterator[SourceFile]:
        overlays = [
            folder for each in self.config.environments.values() for folder in each.overlays
        ]
        excluded = identities(self.config.root, [*overlays, CONFIG_FILE])
        finder = Finder(self.config.root, self.problems, excluded)
        for place, folder in enumerate(self.config.manifests):
            yield from finder.files(folder, named_by=self._named(("manifests", place)))

    def _overlays(self) -> Iterator[Iterator[SourceFile]]:
        for place, folder in enumerate(self.environment.overlays):
            path = ("environments", self.environment.name, "overlays", place)
            finder = Finder(self.config.root, self.problems)
            yield finder.files(folder, named_by=self._named(path))

    def _named(self, path: Path) -> Where:
        return self.config_source.where(0, path)

    def _unique(self, documents: list[Document]) -> dict[Address, Document]:
        """The documents by address; the second of one address is a problem."""
        unique: dict[Address, Document] = {}
        for document in documents:
            first = unique.setdefault(document.address, document)
            if first is not document:
                name = document.source.where(document.number, ("metadata", "name"))
                message = f"{document.address} is there already at {first.where}"
                rule = "duplicate-address"
                self.problems.append(Problem(name, message, "metadata.name", rule=rule))
        return unique

    def _stacked(
        self, bases: dict[Address, Document], layers: list[dict[Address, Document]]
    ) -> dict[Address, list[Document]]:
        """Each address with its base and overlays, lowest first; those taken out are left out."""
        stacks = {address: [document] for address, document in bases.items()}
        for layer in layers:
            for address, document in layer.items():
                if not self._removes(document):
                    stacks.setdefault(address, []).append(document)
                elif stacks.pop(address, None) is None:
                    self._warn_of_nothing_removed(document, bases)
        return stacks

    def _removes(self, document: Document) -> bool:
        flag = document.data["metadata"].get("remove")
        if flag is not None and not isinstance(flag, bool):
            where = document.source.where(document.number, ("metadata", "remove"))
            message = "remove is true or false"
            self.problems.append(Problem(where, message, "metadata.remove", rule="type"))
        return flag is True

    def _warn_of_nothing_removed(
        self, document: Document, bases: Mapping[Address, Document]
    ) -> None:
        where = document.source.where(document.number, ("metadata", "remove"))
        near = nearest(str(document.address), map(str, bases))
        self._warning(
            where,
            f"there is no {document.address} to remove",
            f"did you mean {near}?" if near else "",
        )

    def _warn(self, *, resources_found: bool) -> None:
        if not LIBYAML:
            hint = "install a PyYAML with its C extension"
            self._warning(
                Where(CONFIG_FILE), "libyaml is missing: reading is 13 times slower", hint
            )
        if not resources_found and not self.problems:
            folders = ", ".join(self.config.manifests)
            self._warning(self._named(("manifests",)), f"there are no manifests in {folders}")

    def _warning(self, where: Where, message: str, hint: str = "") -> None:
        self.warnings.append(Problem(where, message, hint=hint, severity="warning"))


def in_file_order(problems: list[Problem]) -> list[Problem]:
    """Each problem once, by file, line and column."""
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda each: (each.where, each.path, each.message))
