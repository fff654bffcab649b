"""What can be managed: the list of kinds, one kind explained, one field explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Any

from capsync.kind import Kind
from capsync.report.fields import FieldRow, bounds, field_rows, treatment
from capsync.report.json import as_text
from capsync.report.paint import Paint, plain, styled

_WIDTH = 96


def kinds_text(kinds: Iterable[Kind], *, color: bool = False) -> str:
    """One line a kind, grouped by family."""
    paint: Paint = styled if color else plain
    listed = sorted(kinds, key=lambda kind: (kind.family, kind.name))
    width = max((len(kind.name) for kind in listed), default=0)
    lines: list[str] = []
    family = ""
    for kind in listed:
        if kind.family != family:
            family = kind.family
            lines += [*([""] if lines else []), paint(family, bold=True)]
        only = " (look-ups only)" if kind.reference_only else ""
        lines.append(f"  {paint(kind.name.ljust(width), 'cyan')}  {_first(kind.doc)}{only}")
    return "\n".join(lines) + "\n"


def _first(doc: str) -> str:
    return " ".join(doc.split())


def kinds_json(kinds: Iterable[Kind]) -> str:
    """The same as data."""
    listed = sorted(kinds, key=lambda kind: (kind.family, kind.name))
    return as_text([_kind_entry(kind) for kind in listed])


def _kind_entry(kind: Kind) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "family": kind.family,
        "description": _first(kind.doc),
        "natural_keys": [key.label for key in kind.keys],
        "singleton": kind.singleton,
        "reference_only": kind.reference_only,
        "retire": _retire_entry(kind),
    }


def _retire_entry(kind: Kind) -> dict[str, Any] | None:
    if kind.retire is None:
        return None
    return {"how": kind.retire.how, "reversible": kind.retire.reversible}


def kind_text(kind: Kind, *, color: bool = False) -> str:
    """A kind with its key, its life and every field, for people."""
    paint: Paint = styled if color else plain
    return "\n".join(_kind_lines(kind, paint)) + "\n"


def _kind_lines(kind: Kind, paint: Paint) -> Iterator[str]:
    yield f"{paint(kind.name, 'cyan', bold=True)}  ({kind.family})"
    yield from _wrapped(kind.doc, "  ")
    yield ""
    yield from _life(kind)
    yield ""
    yield f"{paint('Fields of spec', bold=True)} (* required)"
    rows = field_rows(kind)
    for row in rows:
        if not row.schema.get("readOnly"):
            yield from _row_lines(row, paint)
    if set_by_server := [row.path for row in rows if row.schema.get("readOnly")]:
        yield ""
        yield paint("Set by the server", bold=True)
        yield from _wrapped(", ".join(set_by_server), "  ")
    if kind.notes:
        yield ""
        yield paint("Notes", bold=True)
        for note in kind.notes:
            yield from _wrapped(note, "    ", "  - ")


def _life(kind: Kind) -> Iterator[str]:
    if kind.singleton:
        yield "  One of it in each org."
    elif kind.keys:
        yield f"  Natural key: {', else '.join(key.label for key in kind.keys)}"
    if kind.no_create:
        yield from _wrapped(f"Create: no; {kind.no_create}", "  ")
    if kind.no_update:
        yield from _wrapped(f"Update: no; {kind.no_update}", "  ")
    if kind.reference_only:
        yield "  Only for look-ups: it has no manifests."
    elif kind.retire is None:
        yield "  Retire: the API has no way"
    else:
        final = "" if kind.retire.reversible else ", which can not be taken back"
        yield f"  Retire: {kind.retire.how}{final}"


def _row_lines(row: FieldRow, paint: Paint) -> Iterator[str]:
    depth = row.path.count(".")
    indent = "  " * (depth + 1)
    name = row.path.rpartition(".")[2] if depth else row.path
    star = "*" if row.required else ""
    # The last step is enough below a parent that was just listed; `[]` marks a list of objects.
    head = f"{indent}{paint(name + star, 'green')}  {paint(row.type, 'bright_black')}"
    sentences = [row.description.rstrip("."), *bounds(row.schema), *treatment(row)]
    told = "; ".join(sentence for sentence in sentences if sentence)
    yield head
    yield from _wrapped(told, indent + "    ")


def _wrapped(text: str, indent: str, first: str = "") -> list[str]:
    return wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=first or indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def kind_json(kind: Kind) -> str:
    """A kind with its fields as data."""
    document = _kind_entry(kind) | {
        "no_create": kind.no_create,
        "no_update": kind.no_update,
        "notes": list(kind.notes),
        "pages": list(kind.pages),
        "fields": [_field_entry(row) for row in field_rows(kind)],
    }
    return as_text(document)


def _field_entry(row: FieldRow) -> dict[str, Any]:
    schema = row.schema
    entry: dict[str, Any] = {
        "path": row.path,
        "type": row.type,
        "description": row.description,
        "required": row.required,
        "immutable": "x-fixed" in schema,
        "references": row.references,
        "read_only": bool(schema.get("readOnly")),
        "write_only": bool(schema.get("writeOnly")),
        "secret": bool(schema.get("x-secret")),
        "limits": bounds(schema),
        "notes": treatment(row),
    }
    given = {name: schema[name] for name in ("enum", "default") if name in schema}
    return entry | given


def field_text(kind: Kind, path: str, *, color: bool = False) -> str | None:
    """One field and what is below it; None where the kind has no such field."""
    rows = below(kind, path)
    if not rows:
        return None
    paint: Paint = styled if color else plain
    lines = [paint(f"{kind.name}.{rows[0].path}", "cyan", bold=True)]
    for row in rows:
        lines += _row_lines(row, paint)
    return "\n".join(lines) + "\n"


def field_json(kind: Kind, path: str) -> str | None:
    """The same as data."""
    rows = below(kind, path)
    return as_text([_field_entry(row) for row in rows]) if rows else None


def below(kind: Kind, path: str) -> list[FieldRow]:
    """The rows of a field and of its members; `[]` and `[0]` may be left out of the path."""
    wanted = _plain_path(path)
    rows = [(_plain_path(row.path), row) for row in field_rows(kind)]
    return [row for plain, row in rows if plain == wanted or plain.startswith(wanted + ".")]


def _plain_path(path: str) -> str:
    return ".".join(step.partition("[")[0] for step in path.split(".") if step != "*")
