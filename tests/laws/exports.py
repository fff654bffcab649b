"""Law 5: export is the inverse of apply."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from capsync.exporting.files import ExportReport
from capsync.fields import Schema
from capsync.kinds import KINDS
from capsync.values.normalise import canonical
from capsync.yamlio.reader import parse
from tests.laws.cases import Case
from tests.laws.orgs import Work, not_empty, opened

Json = Any
Documents = dict[str, dict[str, Json]]


def law_5(case: Case, folder: Path, *, http: bool = False) -> list[str]:
    """An export into an empty project plans to nothing, and makes an empty org the same."""
    with (
        opened(folder / "one", http=http) as org,
        opened(folder / "two", id=200345, http=http) as empty,
    ):
        source = Work(org, folder / "source")
        source.write(case.manifests)
        if trouble := source.apply().trouble:
            return [f"the create did not land: {trouble}"]
        first, report = exported(Work(org, folder / "first"), case.kinds)
        broken = [f"a fresh export plans: {each}" for each in not_empty(first.plan())]
        return broken or _made_anew(case, first, Work(empty, folder / "second"), report)


def exported(work: Work, kinds: list[str]) -> tuple[Work, ExportReport]:
    """An empty project, filled by an export of these kinds."""
    work.write([])
    (work.root / "manifests" / "all.yaml").unlink()
    report = work.export(work.root / "manifests", kinds)
    return work, report


def _made_anew(case: Case, first: Work, work: Work, report: ExportReport) -> list[str]:
    """Apply an export to an org that has nothing of it, then export that one too."""
    left_out = _left_out(report)
    if lost := _lost_silently(case, left_out):
        return lost
    documents = _filled_in(case, _documents(first.root), left_out)
    work.write(documents.values())
    applied = work.apply()
    if applied.trouble:
        return [f"the export does not apply to an empty org: {applied.trouble}"]
    anew, again = exported(Work(work.org, work.root.with_name("anew")), case.kinds)
    left_out |= _left_out(again)
    theirs = _documents(anew.root)
    return [
        f"{address} is {theirs.get(address)} in the new org, {ours} in the old"
        for address, ours in _documents(first.root).items()
        if _visible(ours, left_out) != _visible(theirs.get(address), left_out)
    ]


def _left_out(report: ExportReport) -> set[tuple[str, str]]:
    """(address, field) of everything that an export lists as left out; what the API never shows of
    a kind stands under the kind's name."""
    found = set()
    for line in report.left_out:
        if matched := re.match(
            r"(\w+): the API (?:never shows|may show) (.*?)(?:;| otherwise)", line
        ):
            found |= {(matched[1], path) for path in matched[2].split(", ")}
            continue
        address, _, rest = line.partition(" ")
        for remark in rest.split("; "):
            found |= {(address, path) for path in remark.partition(":")[0].split(", ")}
    return found


def _visible(document: Json, left_out: set[tuple[str, str]]) -> Json:
    """The spec of a document without the fields that an export lists."""
    if document is None:
        return None
    hidden = {path for own, path in left_out if own == _address(document)}
    return {name: value for name, value in document["spec"].items() if name not in hidden}


def _lost_silently(case: Case, left_out: set[tuple[str, str]]) -> list[str]:
    """Values of the case that an export neither holds nor lists: those that are never read."""
    told = {(own.partition("/")[0], path) for own, path in left_out}
    written = {
        (each["kind"], path)
        for each in case.manifests
        for path in _unread(KINDS[each["kind"]].schema, each["spec"], "")
    }
    return [f"{kind}: {path} is lost and not listed" for kind, path in sorted(written - told)]


def _unread(schema: Schema, value: Json, path: str) -> Iterator[str]:
    """The fields of a value that reads do not tell, save those that they show in another form."""
    if isinstance(value, list):
        for item in value:
            yield from _unread(schema.get("items", {}), item, f"{path}[]")
    if not isinstance(value, Mapping):
        return
    properties, extra = schema.get("properties", {}), schema.get("additionalProperties")
    for name, each in value.items():
        inner = properties.get(name, extra if isinstance(extra, dict) else {})
        here = f"{path}.{name if name in properties else '*'}".removeprefix(".")
        if inner.get("writeOnly") or "x-shows" in inner:
            if each is not None and "x-instead" not in inner:
                yield here
        else:
            yield from _unread(inner, each, here)


def _filled_in(case: Case, documents: Documents, left_out: set[tuple[str, str]]) -> Documents:
    """The documents with what the export had to leave out, as a user would write it."""
    originals: dict[tuple[str, tuple[str, ...] | None], Json] = {
        (each["kind"], _key(each)): each["spec"] for each in case.manifests
    }
    filled: Documents = {}
    for address, document in documents.items():
        original = originals.get((document["kind"], _key(document)), {})
        spec = document["spec"]
        for own, path in sorted(left_out):
            if own in (address, document["kind"]):
                spec = _grafted(spec, original, re.findall(r"[^.\[\]]+|\[\]", path))
        filled[address] = {**document, "spec": spec}
    return filled


def _grafted(value: Json, original: Json, steps: list[str]) -> Json:
    """The value with what the original has at a path; items of lists pair by what both have."""
    step, rest = steps[0], steps[1:]
    if step == "*":
        for name in value:
            value = _grafted(value, original, [name, *rest])
        return value
    if step == "[]":
        pairs = [(each, _like(each, original)) for each in value]
        return [each if other is None else _grafted(each, other, rest) for each, other in pairs]
    if not isinstance(original, Mapping) or step not in original:
        return value
    if not rest:
        return {**value, step: original[step]}
    return {**value, step: _grafted(value[step], original[step], rest)} if step in value else value


def _like(item: Mapping[str, Json], others: list[Json]) -> Json:
    """The first of the others that differs in no plain member that both have."""
    for other in others:
        both = [name for name in item if name in other and not isinstance(item[name], dict | list)]
        if both and all(str(item[name]) == str(other[name]) for name in both):
            return other
    return None


def _key(document: Mapping[str, Json]) -> tuple[str, ...] | None:
    kind = KINDS[document["kind"]]
    if title := document["spec"].get(kind.title):
        return (str(title),)  # keys may hold references, which an export names in its own way
    canon = canonical(kind.schema, document["spec"])
    return next((key for each in kind.keys if (key := each.of(canon))), None)


def _documents(root: Path) -> Documents:
    """The manifests of a project by address, read as capsync reads YAML."""
    files = sorted((root / "manifests").rglob("*.yaml"))
    found = [parse(path.read_bytes(), path.name).documents[0] for path in files]
    return {_address(document): document for document in found}


def _address(document: Mapping[str, Json]) -> str:
    return f"{document['kind']}/{document['metadata']['name']}"
