"""A page for each kind, from its declaration: the same facts as `capsync explain`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from capsync.kind import Kind
from capsync.kinds import KINDS
from capsync.planning.order import kind_references
from capsync.report.fields import FieldRow, bounds, field_rows, treatment
from scripts.pages.markdown import block, code, page, plain, table

REFERENCE = "https://docs.capillarytech.com/reference"
_KIND = re.compile(r"^kind: *(\w+)", re.MULTILINE)


def kind_pages(kinds: Mapping[str, Kind], examples: Path) -> dict[str, str]:
    """Path below `docs/` -> text of every page about kinds."""
    shown = _examples(examples)
    users = _users(kinds)
    pages = {
        f"kinds/{name}.md": _page(kind, users.get(name, ()), shown.get(name))
        for name, kind in sorted(kinds.items())
    }
    return {"kinds/index.md": _index(kinds.values()), **pages}


def families(kinds: Iterable[Kind]) -> dict[str, list[Kind]]:
    """The kinds by family, both in alphabetical order."""
    found: dict[str, list[Kind]] = {}
    for kind in sorted(kinds, key=lambda each: (each.family, each.name)):
        found.setdefault(kind.family, []).append(kind)
    return found


def _examples(folder: Path) -> dict[str, tuple[str, str]]:
    """Kind -> where its first example manifest is, and its text."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(folder.glob("*/manifests/**/*.yaml")):
        for document in re.split(r"^---\n", path.read_text("utf-8"), flags=re.MULTILINE):
            if kind := _KIND.search(document):
                place = path.relative_to(folder.parent).as_posix()
                found.setdefault(kind[1], (place, document))
    return found


def _users(kinds: Mapping[str, Kind]) -> dict[str, list[str]]:
    """Kind -> the kinds that refer to it."""
    found: dict[str, list[str]] = {}
    for name, kind in sorted(kinds.items()):
        for other in kind_references(kind.schema):
            found.setdefault(other, []).append(name)
    return found


def _index(kinds: Iterable[Kind]) -> str:
    kinds = list(kinds)
    managed = sum(not kind.reference_only for kind in kinds)
    about = (
        f"{managed} kinds can be managed; {len(kinds) - managed} more are read so that"
        " `{lookup: ...}` finds them. `capsync explain KIND` prints these pages in a terminal."
    )
    parts: list[Iterable[str]] = [["# Kinds"], [about]]
    for family, members in families(kinds).items():
        rows = ([_link(kind.name), plain(kind.doc), _keys(kind)] for kind in members)
        parts += [[f"## {family}"], table(["kind", "what it is", "natural key"], rows)]
    return page(parts)


def _link(name: str) -> str:
    return f"[{name}]({name}.md)"


def _page(kind: Kind, users: Iterable[str], example: tuple[str, str] | None) -> str:
    rows = field_rows(kind)
    written = [row for row in rows if not row.schema.get("readOnly")]
    server = [row for row in rows if row.schema.get("readOnly")]
    parts: list[Iterable[str]] = [[f"# {kind.name}"], [plain(kind.doc)], _facts(kind, users)]
    if example:
        parts += [["## Example"], [f"From `{example[0]}`:"], block(example[1], "yaml")]
    parts += [["## Fields of `spec`"], ["Required ones are marked with *."], _field_table(written)]
    if server:
        about = "Accepted with a warning, never sent nor compared:"
        parts += [["## Set by the server"], [about, ", ".join(code(row.path) for row in server)]]
    if kind.notes:
        parts += [["## Notes"], [f"- {plain(note)}" for note in kind.notes]]
    if kind.pages:
        links = [f"- [{page}]({REFERENCE}/{page})" for page in kind.pages]
        parts += [["## In the API's documentation"], links]
    return page(parts)


def _facts(kind: Kind, users: Iterable[str]) -> list[str]:
    facts = {
        "family": kind.family,
        "natural key": _keys(kind),
        "create": _can(kind.create is not None or kind.writer is not None, kind.no_create),
        "update": _can(_can_update(kind), kind.no_update),
        "retire": _retire(kind),
        "in service": _service(kind),
        "refers to": ", ".join(map(_link, sorted(kind_references(kind.schema) & KINDS.keys()))),
        "referred to by": ", ".join(map(_link, users)),
    }
    if kind.reference_only:
        facts = {name: facts[name] for name in ("family", "natural key", "referred to by")}
        facts["managed"] = "no: it is read for look-ups and has no manifests"
    return [f"- **{name}**: {text}" for name, text in facts.items() if text]


def _keys(kind: Kind) -> str:
    if kind.singleton:
        return "one in each org"
    return ", else ".join(plain(key.label) for key in kind.keys)


def _can(able: bool, reason: str) -> str:
    if able and not reason:
        return "yes"
    return f"no: {plain(reason)}" if reason else "no"


def _can_update(kind: Kind) -> bool:
    return kind.update is not None or kind.writer is not None or bool(kind.switches)


def _retire(kind: Kind) -> str:
    if kind.retire is None:
        return "the API has no way"
    return kind.retire.how + ("" if kind.retire.reversible else ", which can not be taken back")


def _service(kind: Kind) -> str:
    if kind.service is None:
        return ""
    final = "; out of service is for good" if kind.service.final else ""
    return f"{code(kind.service.field)} says so{final}"


def _field_table(rows: Iterable[FieldRow]) -> list[str]:
    return table(["field", "holds", "what to know"], map(_field, rows))


def _field(row: FieldRow) -> Iterator[str]:
    yield code(row.path) + (" *" if row.required else "")
    yield plain(row.type)
    sentences = [row.description.rstrip("."), *bounds(row.schema), *treatment(row)]
    yield plain("; ".join(sentence for sentence in sentences if sentence))
