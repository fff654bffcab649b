"""Values that reads do not show, or show late: told by what the state remembers of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from capsync import jsonio
from capsync.kind import Kind
from capsync.memory.state import Remembered, State
from capsync.model import NOTHING, FieldChange, Path, path_text
from capsync.planning.match import Wanted
from capsync.planning.options import PlanOptions, selected
from capsync.snapshot import LiveObject
from capsync.values.fingerprint import public
from capsync.values.forms import form_of
from capsync.values.instants import parse_instant
from capsync.values.normalise import canonical, canonical_default
from capsync.values.paths import hidden_values, shown

Json = Any


class Unseen:
    """What can be told of fields that reads say nothing of; knows the run's options and state."""

    def __init__(self, options: PlanOptions, state: State | None, now: float) -> None:
        self._resend, self._state, self._now = options.resend, state, now

    def changes(
        self,
        wanted: Wanted,
        raw: Mapping[str, Json],
        desired: Mapping[str, Json],
        have: Mapping[str, Json],
        live: LiveObject,
    ) -> Iterable[FieldChange]:
        """The changes that the state tells of. `desired` and `have` are compared otherwise."""
        yield from self._hidden_changes(wanted, raw)
        yield from self._masked_changes(wanted, desired, have)
        yield from self._unreadable_changes(wanted, canon_of(wanted, raw), live)

    def _hidden_changes(self, wanted: Wanted, raw: Mapping[str, Json]) -> list[FieldChange]:
        resend = selected(self._resend, wanted.address)
        entry = self.remembered(wanted)
        return [
            FieldChange(
                path, after=NOTHING if is_secret else value, sensitive=is_secret, unshown=True
            )
            for path, value, is_secret in hidden_values(wanted.kind.schema, raw)
            if resend or (entry is not None and self._differs(entry, path, value))
        ]

    def _masked_changes(
        self, wanted: Wanted, desired: Mapping[str, Json], have: Mapping[str, Json]
    ) -> Iterable[FieldChange]:
        """Changes of fields of which reads show another value, whatever was sent (`x-shows`)."""
        resend = selected(self._resend, wanted.address)
        entry = self.remembered(wanted)
        for name in masked_fields(wanted.kind, desired, have):
            if resend or (entry is not None and _was_other(entry, name, desired[name])):
                yield FieldChange((name,), after=desired[name], unshown=True)

    def _unreadable_changes(
        self, wanted: Wanted, desired: Mapping[str, Json], live: LiveObject
    ) -> Iterable[FieldChange]:
        """Changes, by what the state knows, of fields that can not be read at present."""
        resend = selected(self._resend, wanted.address)
        entry = self.remembered(wanted)
        for name in unreadable_fields(wanted.kind, desired, live):
            seen = public(wanted.kind.fields.get(name, {}), desired[name])
            if resend or (entry is not None and _was_other(entry, name, seen)):
                yield FieldChange((name,), after=desired[name], unshown=True)

    def late(
        self, wanted: Wanted, live: LiveObject, fields: list[FieldChange]
    ) -> list[FieldChange]:
        """The changes that the last write has made already, as far as reads that lag behind it can
        tell: they show what was there before."""
        entry = self.remembered(wanted)
        written = parse_instant(entry.at) if entry is not None and entry.at else None
        if entry is None or written is None:
            return []
        if self._now - written.timestamp() >= wanted.kind.lag:
            return []
        late = {
            name
            for name, before in entry.replaced.items()
            if before == live.canon.get(name)
            and name in entry.applied
            and entry.applied[name] == wanted.canon.get(name)
        }
        return [change for change in fields if change.path[0] in late]

    def warnings(
        self, wanted: Wanted, live: LiveObject, raw: Mapping[str, Json], canon: Mapping[str, Json]
    ) -> list[str]:
        """The resource's own warnings, and one of what nothing can be told of."""
        entry = self.remembered(wanted)
        unknown = [
            shown(path)
            for path, _value, _secret in hidden_values(wanted.kind.schema, raw)
            if entry is None or not (entry.owned or path_text(path) in entry.hidden)
        ]
        masked = masked_fields(wanted.kind, canon, live.canon)
        masked += unreadable_fields(wanted.kind, canon, live)
        unknown += [
            name for name in masked if entry is None or not (entry.owned or name in entry.applied)
        ]
        warnings = list(wanted.warnings)
        if unknown and not selected(self._resend, wanted.address):
            warnings.append(
                f"{', '.join(unknown)}: the API does not show it and the state does not know it,"
                " so capsync can not tell whether it changed (--resend sends it)"
            )
        return warnings

    def still_old(self, wanted: Wanted, late: Iterable[FieldChange]) -> str:
        """The warning of changes of which reads show what was there before."""
        entry = self.remembered(wanted)
        fields = ", ".join(shown(change.path) for change in late)
        hours = round(wanted.kind.lag / 3600)
        return (
            f"{fields}: the org still shows the old value; it was written at"
            f" {entry.at if entry else ''}, and reads lag behind by up to {hours} h"
        )

    def _differs(self, entry: Remembered, path: Path, value: Json) -> bool:
        """Whether the state tells that a value is not what was sent last."""
        assert self._state is not None
        kept = entry.hidden.get(path_text(path))
        if kept is None:
            return entry.owned  # all that was sent since its create is remembered
        return kept != self._state.hidden_hash(_hashable(value))

    def remembered(self, wanted: Wanted) -> Remembered | None:
        """What the state knows of a resource, under its name or the one it had."""
        if self._state is None:
            return None
        old = wanted.resource.meta.formerly_name
        entry = self._state.entries.get(str(wanted.address))
        return entry or (self._state.entries.get(f"{wanted.kind.name}/{old}") if old else None)

    def knows(self, wanted: Wanted) -> bool:
        """Whether an earlier run has made or taken over the resource."""
        known = (self._state.entries, self._state.unseen) if self._state is not None else ()
        return any(str(wanted.address) in each for each in known)


def canon_of(wanted: Wanted, raw: Mapping[str, Json]) -> dict[str, Json]:
    """The canonical form of a resource's effective values."""
    if raw is wanted.raw:
        return wanted.canon
    made: dict[str, Json] = canonical(wanted.kind.schema, raw)
    return made


def comparable(desired: Mapping[str, Json], live: LiveObject) -> dict[str, Json]:
    """The desired fields that can be compared: of an object whose details can not be read, those
    that its row in the list shows."""
    if live.whole:
        return dict(desired)
    return {name: value for name, value in desired.items() if name in live.canon}


def masked_fields(kind: Kind, desired: Mapping[str, Json], have: Mapping[str, Json]) -> list[str]:
    """The fields of which a live object shows a value that says nothing of what was sent."""
    if not form_of(kind.schema).holds("x-shows"):
        return []
    return [
        name
        for name, schema in kind.fields.items()
        if "x-shows" in schema
        and name in desired
        and have.get(name) in schema["x-shows"]
        and have.get(name) != desired[name]
        and not (have.get(name) is None and desired[name] == canonical_default(schema))
    ]


def unreadable_fields(kind: Kind, desired: Mapping[str, Json], live: LiveObject) -> list[str]:
    """The desired fields that an object does not show, since its details can not be read."""
    if live.whole:
        return []
    hidden = ("writeOnly", "readOnly")
    return [
        name
        for name in desired
        if name not in live.canon and not any(map(kind.fields.get(name, {}).get, hidden))
    ]


def _was_other(entry: Remembered, name: str, value: Json) -> bool:
    """Whether the state tells that a field was not written so last."""
    return bool(entry.applied[name] != value) if name in entry.applied else entry.owned


def _hashable(value: Json) -> Json:
    try:
        jsonio.dumps_sorted(value)
    except TypeError:
        return repr(value)
    return value
