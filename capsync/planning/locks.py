"""What the declaration of a kind alone says of a change: immutable, one-way, dropped by PUTs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from capsync.kind import Kind, Verdict
from capsync.model import FieldChange
from capsync.planning.describing import schemas_along
from capsync.planning.match import Wanted
from capsync.snapshot import LiveObject
from capsync.values.paths import shown

Json = Any


def locks(kind: Kind, fields: Iterable[FieldChange], wanted: Wanted) -> Iterable[Verdict]:
    """What the declaration alone forbids: immutable fields, one-way values, protection."""
    if kind.update is None and kind.writer is None:
        yield from _without_call(kind, fields)
        if not kind.switches:
            return
    for change in fields:
        schemas = schemas_along(kind.schema, change.path)
        for schema in schemas:
            if advice := schema.get("x-fixed"):
                yield Verdict("fixed", f"{shown(change.path)} is immutable: {advice}")
        oneway = schemas[-1].get("x-oneway", ()) if schemas else ()
        if any(change.after == value and type(change.after) is type(value) for value in oneway):
            yield Verdict(
                "irreversible", f"{shown(change.path)} can not be set back from {change.after!r}"
            )
    service = kind.service
    if service and wanted.resource.meta.protect:
        off = [
            each for each in fields if each.path == (service.field,) and each.after != service.on
        ]
        if off:
            yield Verdict("blocked", "metadata.protect: this would take it out of service")


def _without_call(kind: Kind, fields: Iterable[FieldChange]) -> Iterable[Verdict]:
    """Changes that no call makes: all but those of flags that have calls of their own."""
    switched = {switch.field for switch in kind.switches}
    stuck = [shown(each.path) for each in fields if each.path[0] not in switched]
    if stuck and not kind.switches:
        yield Verdict("blocked", kind.no_update or f"{kind.name} can not be changed by the API")
    elif stuck:
        reason = kind.no_update or "no call of the API changes it: make a new one in its place"
        yield Verdict("blocked", f"{', '.join(stuck)}: {reason}")


def dropped_fields(kind: Kind, live: LiveObject, raw: Mapping[str, Json]) -> list[str]:
    """Warnings for fields that a replacing PUT drops, since the API does not show them."""
    if kind.update is None or not kind.update.whole or kind.update.keeps:
        return []
    unseen = [
        name
        for name, schema in kind.fields.items()
        if schema.get("writeOnly")
        and not schema.get("readOnly")
        and not schema.get("deprecated")  # no page of today names it
        and name not in raw
        and name not in live.spec
    ]
    if not unseen or not live.whole:
        return []
    return [
        f"{', '.join(sorted(unseen))}: an update replaces the whole object and the API does not"
        " show this; write it in the manifest if it is in use"
    ]
