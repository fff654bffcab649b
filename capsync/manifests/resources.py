"""From stacked documents to resources: overlays merged, variables put in, frames checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from capsync.config import Config, Environment
from capsync.config.variables import Substitution
from capsync.manifests.documents import Document, placed
from capsync.manifests.overlays import merged, without_null_marks
from capsync.manifests.project import locate
from capsync.model import Address, Json, Meta, Path, Problem, Resource
from capsync.schema.check import Checker
from capsync.schema.explain import Complaint
from capsync.schema.manifest import wrapper_schema

_PLAIN = Meta()


class Assembler:
    """Makes the resources of one environment. Problems are added to the list given."""

    def __init__(
        self,
        config: Config,
        environment: Environment,
        environ: Mapping[str, str],
        problems: list[Problem],
    ) -> None:
        self.environment, self.environ, self.problems = environment, environ, problems
        self.origins: dict[Address, tuple[Document, ...]] = {}
        self.from_env: dict[Address, frozenset[Path]] = {}
        self._frame = Checker(wrapper_schema())
        self._remotes = [each for each in config.environments.values() if not each.is_sandbox]

    def resources(self, stacks: Mapping[Address, list[Document]]) -> Iterator[Resource]:
        """The resources of the stacks whose frame is right."""
        for address, stack in stacks.items():
            self.origins[address] = tuple(stack)
            data = stack[0].data if len(stack) == 1 else _merged(stack)
            if any(each.has_variables for each in stack):
                data = self._substituted(address, data)
            if any(each.has_nulls for each in stack):
                data = without_null_marks(data)
            data = self._ready(stack, data)
            if self._frame.is_valid(data):
                meta = self._meta(address, data["metadata"])
                yield Resource(address, data["spec"], meta, stack[0].where)
            else:
                self._complain(address, self._frame.complaints(data))

    def _ready(self, stack: list[Document], data: dict[str, Json]) -> dict[str, Json]:
        """The document without what overlays alone may say."""
        metadata = data["metadata"]
        if "remove" in metadata and stack[-1].is_overlay:
            data = data | {"metadata": {k: v for k, v in metadata.items() if k != "remove"}}
        return data

    def _substituted(self, address: Address, data: dict[str, Json]) -> dict[str, Json]:
        substitution = Substitution(self.environment.variables, self.environ)
        named = data["metadata"]["name"]  # names are what overlays and references go by
        result: dict[str, Json] = {
            part: substitution.of(value, (part,)) if part in ("metadata", "spec") else value
            for part, value in data.items()
        }
        result["metadata"] |= {"name": named}
        self._complain(address, substitution.complaints)
        fed = {path[1:] for path in substitution.from_env if path[0] == "spec"}
        if fed:
            self.from_env[address] = frozenset(fed)
        return result

    def _meta(self, address: Address, metadata: dict[str, Json]) -> Meta:
        if len(metadata) == 1:
            return _PLAIN
        formerly = metadata.get("formerly") or {}
        return Meta(
            protect=bool(metadata.get("protect")),
            ignore=tuple(metadata.get("ignore") or ()),
            id=self._id(address, metadata),
            formerly_name=formerly.get("name"),
            formerly_key=formerly.get("key"),
            sensitive=tuple(metadata.get("sensitive") or ()),
            replace=bool(metadata.get("replace")),
            publish=metadata.get("publish"),
        )

    def _id(self, address: Address, metadata: dict[str, Json]) -> str | None:
        """The id of the live object; one in a manifest is that of the only remote org."""
        id_ = metadata.get("id")
        if id_ is None:
            return None
        if isinstance(id_, float):  # 12e5 is a whole number for JSON Schema
            message, hint = f"{id_} was read as a number", "put it in quotes"
            self._complain(address, [Complaint(("metadata", "id"), message, hint, rule="type")])
        if any(each.is_overlay and "id" in each.data["metadata"] for each in self.origins[address]):
            return str(id_)
        if len(self._remotes) > 1:
            message = f"an id is of one org, but there are {len(self._remotes)} remote environments"
            hint = "move it to an overlay"
            self._complain(address, [Complaint(("metadata", "id"), message, hint, rule="id")])
        return None if self.environment.is_sandbox and self._remotes else str(id_)

    def _complain(self, address: Address, complaints: list[Complaint]) -> None:
        for each in complaints:
            where = locate(self.origins[address], each.path, at_key=each.at_key)
            self.problems.append(placed(each, where))


def _merged(stack: list[Document]) -> dict[str, Any]:
    data: dict[str, Any] = stack[0].data
    for document in stack[1:]:
        data = merged(data, document.data)
    return data
