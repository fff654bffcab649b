"""Law 5: export is the inverse of apply."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from capsync.kinds import KINDS
from capsync.values.normalise import canonical
from capsync.writing import ExportReport
from tests.laws.cases import Case
from tests.laws.orgs import Org, Work, not_empty

Json = Any
Exported = dict[str, dict[str, Json]]


def law_5(case: Case, folder: Path) -> list[str]:
    """An export into an empty project plans to nothing, and makes an empty org the same."""
    org, empty = Org(folder / "one"), Org(folder / "two")
    try:
        source = Work(org, folder / "source")
        source.write(case.manifests)
        if trouble := source.apply().trouble:
            return [f"the create did not land: {trouble}"]
        first, report = exported(Work(org, folder / "first"), case.kinds)
        broken = [f"a fresh export plans: {each}" for each in not_empty(first.plan())]
        return broken or _made_anew(case, Work(empty, first.root), report, folder)
    finally:
        org.close()
        empty.close()


def exported(work: Work, kinds: list[str]) -> tuple[Work, ExportReport]:
    """An empty project, filled by an export of these kinds."""
    work.write([])
    (work.root / "manifests" / "all.yaml").unlink()
    report = work.export(work.root / "manifests", kinds)
    return work, report


def _made_anew(case: Case, work: Work, report: ExportReport, folder: Path) -> list[str]:
    """Apply an export to an org that has nothing of it, then export that one too."""
    left_out = _left_out(report)
    _filled_in(case, work.root / "manifests", left_out)
    work.forget()
    applied = work.apply()
    if applied.trouble:
        return [f"the export does not apply to an empty org: {applied.trouble}"]
    second, again = exported(Work(work.org, folder / "second"), case.kinds)
    ours, theirs = _documents(work.root), _documents(second.root)
    left_out |= _left_out(again)
    return [
        f"{address} is {theirs.get(address)} in the new org, {spec} in the old"
        for address, spec in ours.items()
        if _visible(address, spec, left_out) != _visible(address, theirs.get(address), left_out)
    ]


def _left_out(report: ExportReport) -> set[tuple[str, str]]:
    """(address, field) of everything that an export lists as left out."""
    found = set()
    for line in report.left_out:
        address, _, rest = line.partition(" ")
        found.add((address, rest.partition(":")[0]))
    return found


def _visible(address: str, spec: Json, left_out: set[tuple[str, str]]) -> Json:
    if not isinstance(spec, Mapping):
        return spec
    return {
        name: value
        for name, value in spec.items()
        if not any(
            own == address and path.split(".")[0].split("[")[0] == name for own, path in left_out
        )
    }


def _filled_in(case: Case, folder: Path, left_out: set[tuple[str, str]]) -> None:
    """Write what the export had to leave out into its manifests, as a user would."""
    originals: dict[tuple[str, tuple[str, ...] | None], Mapping[str, Json]] = {}
    for each in case.manifests:
        originals[each["kind"], _key(each)] = each["spec"]
    for path in folder.rglob("*.yaml"):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        address = f"{document['kind']}/{document['metadata']['name']}"
        original = originals.get((document["kind"], _key(document)), {})
        missing = {
            name: original[name]
            for own, name in left_out
            if own == address and name in original and name not in document["spec"]
        }
        if missing:
            document["spec"] |= missing
            path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


def _key(document: Mapping[str, Json]) -> tuple[str, ...] | None:
    kind = KINDS[document["kind"]]
    canon = canonical(kind.schema, document["spec"])
    return next((key for each in kind.keys if (key := each.of(canon))), None)


def _documents(root: Path) -> Exported:
    found = {}
    for path in sorted((root / "manifests").rglob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        found[f"{document['kind']}/{document['metadata']['name']}"] = document["spec"]
    return found
