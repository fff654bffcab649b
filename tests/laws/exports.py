"""Law 5: export is the inverse of apply."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from capsync.kinds import KINDS
from capsync.values.normalise import canonical
from capsync.writing import ExportReport
from capsync.yamlio import parse
from tests.laws.cases import Case
from tests.laws.orgs import Org, Work, not_empty

Json = Any
Documents = dict[str, dict[str, Json]]


def law_5(case: Case, folder: Path) -> list[str]:
    """An export into an empty project plans to nothing, and makes an empty org the same."""
    org, empty = Org(folder / "one"), Org(folder / "two", id=200345)
    try:
        source = Work(org, folder / "source")
        source.write(case.manifests)
        if trouble := source.apply().trouble:
            return [f"the create did not land: {trouble}"]
        first, report = exported(Work(org, folder / "first"), case.kinds)
        broken = [f"a fresh export plans: {each}" for each in not_empty(first.plan())]
        return broken or _made_anew(case, first, Work(empty, folder / "second"), report)
    finally:
        org.close()
        empty.close()


def exported(work: Work, kinds: list[str]) -> tuple[Work, ExportReport]:
    """An empty project, filled by an export of these kinds."""
    work.write([])
    (work.root / "manifests" / "all.yaml").unlink()
    report = work.export(work.root / "manifests", kinds)
    return work, report


def _made_anew(case: Case, first: Work, work: Work, report: ExportReport) -> list[str]:
    """Apply an export to an org that has nothing of it, then export that one too."""
    left_out = _left_out(report)
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
    """(address, field) of everything that an export lists as left out."""
    found = set()
    for line in report.left_out:
        address, _, rest = line.partition(" ")
        found.add((address, rest.partition(":")[0]))
    return found


def _visible(document: Json, left_out: set[tuple[str, str]]) -> Json:
    """The spec of a document without the fields that an export lists."""
    if document is None:
        return None
    address = _address(document)
    hidden = {re.split(r"[.\[]", path)[0] for own, path in left_out if own == address}
    return {name: value for name, value in document["spec"].items() if name not in hidden}


def _filled_in(case: Case, documents: Documents, left_out: set[tuple[str, str]]) -> Documents:
    """The documents with what the export had to leave out, as a user would write it."""
    originals: dict[tuple[str, tuple[str, ...] | None], Mapping[str, Json]] = {
        (each["kind"], _key(each)): each["spec"] for each in case.manifests
    }
    filled: Documents = {}
    for address, document in documents.items():
        original = originals.get((document["kind"], _key(document)), {})
        missing = {
            name: original[name]
            for own, name in left_out
            if own == address and name in original and name not in document["spec"]
        }
        filled[address] = {**document, "spec": {**document["spec"], **missing}}
    return filled


def _key(document: Mapping[str, Json]) -> tuple[str, ...] | None:
    kind = KINDS[document["kind"]]
    canon = canonical(kind.schema, document["spec"])
    return next((key for each in kind.keys if (key := each.of(canon))), None)


def _documents(root: Path) -> Documents:
    """The manifests of a project by address, read as capsync reads YAML."""
    files = sorted((root / "manifests").rglob("*.yaml"))
    found = [parse(path.read_bytes(), path.name).documents[0] for path in files]
    return {_address(document): document for document in found}


def _address(document: Mapping[str, Json]) -> str:
    return f"{document['kind']}/{document['metadata']['name']}"
