"""Drift written back into the manifests: live values take the place of those that files hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from capsync.exporting.manifests import ReferenceFinder, manifest_value
from capsync.exporting.spelling import spelt
from capsync.fields import Schema
from capsync.manifests.documents import Document
from capsync.manifests.project import Project, places
from capsync.memory.files import write_whole
from capsync.model import Address, Key, Path, path_text
from capsync.planning.drift import Drift, DriftReport, Side
from capsync.planning.match import Wanted
from capsync.values.normalise import spellings
from capsync.yamlio.edit import EditRefused, edit_value

if TYPE_CHECKING:
    from capsync.session import Session

Json = Any


@dataclass(frozen=True, slots=True)
class Codified:
    """What was written back: files changed, values by address and path, and what was left alone."""

    files: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Edit:
    document: Document
    path: Path
    value: Json
    shown: str


def codify(session: Session, report: DriftReport) -> Codified:
    """Write the live values of a drift report into the manifests or overlays that hold them.

    Only those bytes change: comments, order and layout stay. What the manifests changed, what
    variables feed, secrets and missing objects are left alone, with the reason.
    """
    matcher = session.matcher
    names = {
        (each.kind.name, each.live.id): address.name
        for address, each in matcher.wanted.items()
        if each.live is not None
    }
    finder = ReferenceFinder(matcher.snapshot, names)
    edits: list[_Edit] = []
    left: list[str] = []
    for drift in report.drifts:
        wanted = matcher.wanted.get(drift.address)
        if drift.what != "changed" or wanted is None or wanted.live is None:
            left.append(f"{drift.address}: {drift.what}, there is no value to write back")
            continue
        for found in _edits(session.project, drift, wanted, finder):
            if isinstance(found, str):
                left.append(f"{drift.address} {found}")
            else:
                edits.append(found)
    return _written(edits, left)


def _edits(
    project: Project, drift: Drift, wanted: Wanted, finder: ReferenceFinder
) -> Iterator[_Edit | str]:
    """An edit for each field that moved live, or why it is left alone."""
    assert wanted.live is not None
    done: set[Path] = set()
    for change in drift.fields:
        text = path_text(change.change.path)
        if change.side is Side.MANIFEST:
            yield f"{text}: the manifest changed, not the org"
            continue
        if change.change.sensitive:
            yield f"{text}: it is sensitive, write it by hand"
            continue
        path = _writable(wanted.resource.spec, change.change.path)
        if path in done:
            continue
        done.add(path)
        schema = _schema_at(wanted.kind.schema, path)
        canon = spelt(schema, _at(wanted.live.canon, path), wanted.live.spec)
        value = manifest_value(schema, canon, finder.reference)
        yield _edit(project, drift.address, wanted, path, value)


def _edit(
    project: Project, address: Address, wanted: Wanted, path: Path, value: Json
) -> _Edit | str:
    text = path_text(path)
    spelt = _as_spelt(wanted.kind.schema, wanted.resource.spec, path)
    here = ("spec", *places(wanted.resource.spec, spelt))
    origins = project.origins.get(address, ())
    holders = [each for each in origins if _has(each.data, here)]
    document = holders[-1] if holders else origins[0] if origins else None
    if document is None:
        return f"{text}: no file declares it"
    if "${" in str(_at(document.data, here)):
        return f"{text}: {document.source.shown} writes it with a variable"
    if value is None and document.is_overlay:
        value = {"$null": True}
    return _Edit(document, here, value, f"{address} {text}")


def _written(edits: Iterable[_Edit], left: list[str]) -> Codified:
    texts: dict[FilePath, str] = {}
    shown: dict[FilePath, str] = {}
    written: list[str] = []
    for edit in edits:
        path = edit.document.source.path
        text = texts.get(path) or path.read_bytes().decode("utf-8")
        try:
            texts[path] = edit_value(text, edit.document.number, edit.path, edit.value)
        except EditRefused as error:
            hint = f" ({error.hint})" if error.hint else ""
            left.append(f"{edit.shown}: {error.message}{hint}")
            continue
        shown[path] = edit.document.source.shown
        written.append(edit.shown)
    for path, text in texts.items():
        write_whole(path, text.encode())
    return Codified(tuple(sorted(shown.values())), tuple(written), tuple(left))


def _writable(spec: Json, path: Path) -> Path:
    """The path of the value to write: an item that came or went is written with its list, and a
    part of a JSON text with the whole text."""
    while path and isinstance(path[-1], (Key, int)):
        path = path[:-1]
    value = spec
    for depth, step in enumerate(places(spec, path)):
        if isinstance(value, str):
            return path[:depth]
        value = _at(value, (step,))
    return path


def _as_spelt(schema: Schema, spec: Mapping[str, Json], path: Path) -> Path:
    """The path with the spelling of its field that the manifest uses."""
    for spelling, (own, _wire) in spellings(schema).items():
        if path[:1] == (own,) and spelling in spec and own not in spec:
            return (spelling, *path[1:])
    return path


def _schema_at(schema: Schema, path: Path) -> Schema:
    for step in path:
        if isinstance(step, (Key, int)):
            schema = schema.get("items", {})
            continue
        extra = schema.get("additionalProperties")
        schema = schema.get("properties", {}).get(step, extra if isinstance(extra, dict) else {})
    return schema


def _at(value: Json, path: Path) -> Json:
    for step in path:
        if isinstance(step, Key) and isinstance(value, list):
            value = next((each for each in value if _is_item(each, step)), None)
        elif isinstance(step, int) and isinstance(value, list):
            value = value[step] if step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _is_item(item: Json, key: Key) -> bool:
    texts = {str(each) for each in item.values()} if isinstance(item, Mapping) else {str(item)}
    return set(key.split("/")) <= texts or str(key) in texts


def _has(data: Json, path: Path) -> bool:
    for step in path:
        if isinstance(data, list):
            if not isinstance(step, int) or step >= len(data):
                return False
        elif not isinstance(data, Mapping) or step not in data:
            return False
        data = data[step]
    return True
