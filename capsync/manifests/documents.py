"""One YAML document as a manifest or an overlay: where it is, and whether its frame is right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from capsync.model import Address, Json, Problem, Where, path_text
from capsync.schema.check import Checker
from capsync.schema.explain import Complaint
from capsync.schema.manifest import wrapper_schema
from capsync.yamlio.reader import parse
from capsync.yamlio.sourcefile import SourceFile


@dataclass(frozen=True, slots=True)
class Document:
    """A document that has a kind and a name. `has_variables` and `has_nulls` are of its file."""

    address: Address
    data: dict[str, Json]
    source: SourceFile
    number: int
    where: Where
    is_overlay: bool
    has_variables: bool
    has_nulls: bool


class DocumentReader:
    """Reads files into documents; what can not be one becomes a problem."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self._frame: Checker | None = None

    def read(self, files: Iterable[SourceFile], *, overlay: bool = False) -> list[Document]:
        """Every document of the files, in order."""
        return [document for source in files for document in self._file(source, overlay)]

    def _file(self, source: SourceFile, is_overlay: bool) -> list[Document]:
        try:
            data = source.path.read_bytes()
        except OSError as error:
            message = f"can not be read: {error.strerror}"
            self.problems.append(Problem(Where(source.shown), message, rule="unreadable"))
            return []
        parsed = parse(data, source.shown)
        self.problems += parsed.problems
        flags = (is_overlay, b"${var." in data or b"${env." in data, b"$null" in data)
        documents = []
        for number, content in enumerate(parsed.documents):
            if content is None:
                continue
            address = _address(content)
            if address is None:
                self._explain(content, source, number)
                continue
            start = parsed.starts[number]
            documents.append(Document(address, content, source, number, start, *flags))
        return documents

    def _explain(self, content: Json, source: SourceFile, number: int) -> None:
        if self._frame is None:
            self._frame = Checker(wrapper_schema())
        for complaint in self._frame.complaints(content):
            where = source.where(number, complaint.path, at_key=complaint.at_key)
            self.problems.append(placed(complaint, where))


def placed(complaint: Complaint, where: Where) -> Problem:
    """A complaint about a document as a problem; paths inside the spec are written without it."""
    path = complaint.path[1:] if complaint.path[:1] == ("spec",) else complaint.path
    return Problem(where, complaint.message, path_text(path), complaint.hint, rule=complaint.rule)


def _address(content: Json) -> Address | None:
    if not isinstance(content, dict):
        return None
    kind, metadata = content.get("kind"), content.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if isinstance(kind, str) and isinstance(name, str) and kind and name:
        return Address(kind, name)
    return None
