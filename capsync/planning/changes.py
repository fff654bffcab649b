"""One resource against its live object: which change, which fields, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any

from capsync import jsonio
from capsync.errors import CapsyncError
from capsync.fields import Schema
from capsync.fingerprint import public
from capsync.kind import Check, Kind, Task, Verdict, Write
from capsync.manifests.project import places
from capsync.media import uploads_in
from capsync.memory.state import Remembered, State
from capsync.model import NOTHING, Action, Address, Change, FieldChange, Meta, Path, path_text
from capsync.planning.children import Pruning, child_verdicts, stuck_children, unlisted
from capsync.planning.match import Wanted
from capsync.planning.options import PlanOptions, Setting, selected
from capsync.planning.pairs import shaped, staged
from capsync.requests import readable, writes_for
from capsync.snapshot import LiveObject
from capsync.values.diff import differences, holds_secret
from capsync.values.forms import form_of
from capsync.values.instants import parse_instant
from capsync.values.normalise import Pending, canonical, canonical_default
from capsync.values.paths import below, grafted, hidden_values, parse_path, shown, without
from capsync.values.wire import merge, to_wire

Json = Any


@dataclass(slots=True)
class Item:
    """A change with what it takes to carry it out.

    `raw` are the desired values that count (ignored paths left to the org), references resolved.
    """

    kind: Kind
    change: Change
    raw: dict[str, Json] = field(default_factory=dict)
    wanted: Wanted | None = None
    live: LiveObject | None = None
    verdicts: tuple[Verdict, ...] = ()
    approve: bool = False  # the environment's word on changes that await approval
    now: float = 0.0  # when the change was planned, in seconds since the epoch
    late: tuple[Path, ...] = ()  # fields of which the org may still show an old value

    @property
    def address(self) -> Address:
        """The address of the change."""
        return self.change.address

    @property
    def ignored(self) -> list[tuple[str, ...]]:
        """The paths that the manifest leaves to the people who use the console."""
        return (
            [parse_path(text) for text in self.wanted.resource.meta.ignore] if self.wanted else []
        )


class Comparer:
    """Makes the change of one resource; knows the run's options, setting and state."""

    def __init__(
        self,
        options: PlanOptions,
        setting: Setting,
        state: State | None,
        claimed: Mapping[str, Set[str]] | None = None,
    ) -> None:
        self.options, self.setting, self.state = options, setting, state
        self._claimed = claimed or {}

    def compare(self, wanted: Wanted, probed: Mapping[str, Json] | None = None) -> Item:
        """The change that makes the live object as wanted. `probed` answers the kind's probe."""
        if wanted.problems:
            return self._blocked(wanted, wanted.problems)
        if wanted.live is None:
            if _is_wanted_gone(wanted):
                return Item(wanted.kind, self._change(wanted, Action.NOOP, ()), wanted.raw, wanted)
            return self._create(wanted, probed or {})
        return self._update(wanted, wanted.live, probed or {})

    def check(self, wanted: Wanted) -> Check | None:
        """What the kind's probe and guard are given, None where nothing is compared."""
        if wanted.problems or (wanted.live is None and _is_wanted_gone(wanted)):
            return None
        raw = self.effective(wanted)
        if wanted.live is None:
            added = self._added(wanted, raw)
            return self._create_check(wanted, raw, added, {})
        fields = self._fields(wanted, wanted.live, raw)
        return self._check(wanted, wanted.live, raw, fields, {})

    def effective(self, wanted: Wanted) -> dict[str, Json]:
        """The desired values that count against a live object.

        Ignored paths are left to the org; an object out of service is wanted back in service,
        unless the manifest writes or ignores its flag.
        """
        raw = self._in_service(wanted)
        approve = self.setting.approve
        return shaped(wanted.kind, raw, wanted.live, wanted.resource.meta, approve=approve)

    @staticmethod
    def _in_service(wanted: Wanted) -> dict[str, Json]:
        raw: dict[str, Json] = wanted.raw
        live = wanted.live
        ignored = [parse_path(text) for text in wanted.resource.meta.ignore]
        for steps in ignored:
            raw = without(wanted.kind.schema, raw, steps)
        service = wanted.kind.service
        if live is None or service is None or service.field in Comparer._canon(wanted, raw):
            return raw
        if any(steps == (service.field,) for steps in ignored):
            return raw
        have = live.canon.get(service.field)
        if have is not None and have != service.on:
            raw = {**raw, service.field: service.on}
        return raw

    def _create(self, wanted: Wanted, probed: Mapping[str, Json]) -> Item:
        kind = wanted.kind
        if kind.create is None and kind.writer is None:
            return self._blocked(wanted, [kind.no_create or f"{kind.name} can not be created"])
        raw = shaped(kind, wanted.raw, None, wanted.resource.meta, approve=self.setting.approve)
        fields = self._added(wanted, raw)
        change = self._change(wanted, Action.CREATE, fields)
        change = replace(change, warnings=tuple(wanted.warnings))
        setting = self.setting
        item = Item(kind, change, raw, wanted, approve=setting.approve, now=setting.now)
        check = self._create_check(wanted, raw, fields, probed)
        return self._judged(item, list(kind.guard(check)) if kind.guard else [])

    def _added(self, wanted: Wanted, raw: Mapping[str, Json]) -> tuple[FieldChange, ...]:
        return tuple(
            self._described(wanted, FieldChange((name,), NOTHING, value))
            for name, value in self._canon(wanted, raw).items()
            if not wanted.kind.fields.get(name, {}).get("readOnly")
        )

    def _create_check(
        self,
        wanted: Wanted,
        raw: Mapping[str, Json],
        fields: Iterable[FieldChange],
        probed: Mapping[str, Json],
    ) -> Check:
        entry = self._remembered(wanted)
        return Check(
            Action.CREATE,
            self._canon(wanted, raw),
            {},
            None,
            tuple(fields),
            self.setting.now,
            wanted.resource.meta,
            probed,
            written=raw,
            remembered=entry.id if entry is not None else "",
        )

    def _update(self, wanted: Wanted, live: LiveObject, probed: Mapping[str, Json]) -> Item:
        kind = wanted.kind
        if wanted.matched_by == "key" and not self.options.adopt and not self._known(wanted):
            return self._blocked(
                wanted, [f"live {live.id} has this natural key and --no-adopt is set"]
            )
        raw = self.effective(wanted)
        fields = self._fields(wanted, live, raw)
        late = self._late(wanted, live, fields) if wanted.kind.lag else []
        fields = [change for change in fields if change not in late]
        action = Action.UPDATE if fields else Action.NOOP
        change = self._change(
            wanted, action, tuple(self._described(wanted, each) for each in fields)
        )
        warnings = self._warnings(wanted, live, raw)
        warnings += stuck_children(
            kind, self._canon(wanted, raw), live.canon, self._pruning(wanted)
        )
        if late:
            warnings.append(self._still_old(wanted, late))
        if fields:
            warnings += dropped_fields(kind, live, raw)
        if warnings:
            change = replace(change, warnings=tuple(warnings))
        setting = self.setting
        item = Item(
            kind,
            change,
            raw,
            wanted,
            live,
            late=tuple(each.path for each in late),
            approve=setting.approve,
            now=setting.now,
        )
        if not fields:
            return item
        verdicts = [*_locks(kind, fields, wanted), *child_verdicts(kind, fields)]
        if kind.guard:
            verdicts += kind.guard(self._check(wanted, live, raw, fields, probed))
        return self._judged(item, verdicts)

    def _known(self, wanted: Wanted) -> bool:
        known = (self.state.entries, self.state.unseen) if self.state is not None else ()
        return any(str(wanted.address) in each for each in known)

    def _check(
        self,
        wanted: Wanted,
        live: LiveObject,
        raw: Mapping[str, Json],
        fields: Iterable[FieldChange],
        probed: Mapping[str, Json],
    ) -> Check:
        return Check(
            Action.UPDATE,
            self._canon(wanted, raw),
            live.canon,
            live.raw,
            tuple(fields),
            self.setting.now,
            wanted.resource.meta,
            probed,
            {kind: frozenset(ids) for kind, ids in self._claimed.items()},
            written=raw,
        )

    def _fields(
        self, wanted: Wanted, live: LiveObject, raw: Mapping[str, Json]
    ) -> list[FieldChange]:
        schema = wanted.kind.schema
        whole = self._canon(wanted, raw)
        desired, have = comparable(whole, live), live.canon
        for text in wanted.resource.meta.ignore:
            steps = parse_path(text)
            desired, have = without(schema, desired, steps), without(schema, have, steps)
        return [
            *differences(schema, desired, have),
            *self._hidden_changes(wanted, raw),
            *self._masked_changes(wanted, desired, have),
            *self._unreadable_changes(wanted, whole, live),
            *staged(wanted.kind, raw, live, wanted.resource.meta, approve=self.setting.approve),
            *unlisted(wanted.kind, desired, have, self._pruning(wanted)),
        ]

    def _pruning(self, wanted: Wanted) -> Pruning:
        entry = self._remembered(wanted)
        applied = entry.applied if entry is not None else None
        return Pruning(self.options.prune, applied, self.setting.now)

    @staticmethod
    def _canon(wanted: Wanted, raw: Mapping[str, Json]) -> dict[str, Json]:
        if raw is wanted.raw:
            return wanted.canon
        made: dict[str, Json] = canonical(wanted.kind.schema, raw)
        return made

    def _hidden_changes(self, wanted: Wanted, raw: Mapping[str, Json]) -> list[FieldChange]:
        resend = selected(self.options.resend, wanted.address)
        entry = self._remembered(wanted)
        return [
            FieldChange(path, NOTHING, NOTHING if is_secret else value, sensitive=is_secret)
            for path, value, is_secret in hidden_values(wanted.kind.schema, raw)
            if resend or (entry is not None and self._differs(entry, path, value))
        ]

    def _masked_changes(
        self, wanted: Wanted, desired: Mapping[str, Json], have: Mapping[str, Json]
    ) -> Iterable[FieldChange]:
        """Changes of fields of which reads show another value, whatever was sent (`x-shows`)."""
        resend = selected(self.options.resend, wanted.address)
        entry = self._remembered(wanted)
        for name in masked_fields(wanted.kind, desired, have):
            if resend or (entry is not None and _was_other(entry, name, desired[name])):
                yield FieldChange((name,), NOTHING, desired[name])

    def _unreadable_changes(
        self, wanted: Wanted, desired: Mapping[str, Json], live: LiveObject
    ) -> Iterable[FieldChange]:
        """Changes, by what the state knows, of fields that can not be read at present."""
        resend = selected(self.options.resend, wanted.address)
        entry = self._remembered(wanted)
        for name in unreadable_fields(wanted.kind, desired, live):
            seen = public(wanted.kind.fields.get(name, {}), desired[name])
            if resend or (entry is not None and _was_other(entry, name, seen)):
                yield FieldChange((name,), NOTHING, desired[name])

    def _late(
        self, wanted: Wanted, live: LiveObject, fields: list[FieldChange]
    ) -> list[FieldChange]:
        """The changes that the last write has made already, as far as reads that lag behind it can
        tell: they show what was there before."""
        entry = self._remembered(wanted)
        written = parse_instant(entry.at) if entry is not None and entry.at else None
        if entry is None or written is None:
            return []
        if self.setting.now - written.timestamp() >= wanted.kind.lag:
            return []
        late = {
            name
            for name, before in entry.replaced.items()
            if before == live.canon.get(name)
            and name in entry.applied
            and entry.applied[name] == wanted.canon.get(name)
        }
        return [change for change in fields if change.path[0] in late]

    def _differs(self, entry: Remembered, path: Path, value: Json) -> bool:
        """Whether the state tells that a value is not what was sent last."""
        assert self.state is not None
        kept = entry.hidden.get(path_text(path))
        if kept is None:
            return entry.owned  # all that was sent since its create is remembered
        return kept != self.state.hidden_hash(_hashable(value))

    def _remembered(self, wanted: Wanted) -> Remembered | None:
        if self.state is None:
            return None
        old = wanted.resource.meta.formerly_name
        entry = self.state.entries.get(str(wanted.address))
        return entry or (self.state.entries.get(f"{wanted.kind.name}/{old}") if old else None)

    def _still_old(self, wanted: Wanted, late: Iterable[FieldChange]) -> str:
        entry = self._remembered(wanted)
        fields = ", ".join(shown(change.path) for change in late)
        hours = round(wanted.kind.lag / 3600)
        return (
            f"{fields}: the org still shows the old value; it was written at"
            f" {entry.at if entry else ''}, and reads lag behind by up to {hours} h"
        )

    def _warnings(self, wanted: Wanted, live: LiveObject, raw: Mapping[str, Json]) -> list[str]:
        entry = self._remembered(wanted)
        unknown = [
            shown(path)
            for path, _value, _secret in hidden_values(wanted.kind.schema, raw)
            if entry is None or not (entry.owned or path_text(path) in entry.hidden)
        ]
        canon = self._canon(wanted, raw)
        masked = masked_fields(wanted.kind, canon, live.canon)
        masked += unreadable_fields(wanted.kind, canon, live)
        unknown += [
            name for name in masked if entry is None or not (entry.owned or name in entry.applied)
        ]
        warnings = list(wanted.warnings)
        if unknown and not selected(self.options.resend, wanted.address):
            warnings.append(
                f"{', '.join(unknown)}: the API does not show it and the state does not know it,"
                " so capsync can not tell whether it changed (--resend sends it)"
            )
        return warnings

    def _described(self, wanted: Wanted, change: FieldChange) -> FieldChange:
        ref = _source_of(wanted, change.path)
        pending = _holds_pending(change.after)
        sensitive = change.sensitive or any(
            below(change.path, parse_path(text)) or below_any(text, change.path)
            for text in wanted.resource.meta.sensitive
        )
        if change.path and not sensitive:
            along = _schemas_along(wanted.kind.schema, change.path)
            sensitive = any(each.get("x-secret") for each in along) or holds_secret(along[-1])
        after = NOTHING if pending else change.after
        return replace(change, ref=ref, unknown=pending, after=after, sensitive=sensitive)

    def _change(self, wanted: Wanted, action: Action, fields: tuple[FieldChange, ...]) -> Change:
        live = wanted.live
        natural_key, key_label = _natural_key(wanted)
        adopts = wanted.matched_by == "key" and not self._known(wanted) and self.state is not None
        return Change(
            wanted.address,
            action,
            id=live.id if live else None,
            fields=fields,
            depends_on=tuple(sorted(wanted.needs)),
            matched_by=wanted.matched_by,
            adopts=adopts,
            impact=_impact(wanted.kind, live),
            live_fingerprint=live.fingerprint if live else "",
            natural_key=natural_key,
            key_label=key_label,
            where=wanted.resource.where,
        )

    def _blocked(self, wanted: Wanted, reasons: Iterable[str]) -> Item:
        change = self._change(wanted, Action.BLOCKED, ())
        change = replace(change, reasons=tuple(reasons))
        return Item(wanted.kind, change, wanted.raw, wanted, wanted.live)

    def _judged(self, item: Item, verdicts: list[Verdict]) -> Item:
        """The item with what locks and guards say of it, and the calls it needs."""
        reasons = [each.reason for each in verdicts if each.effect == "blocked"]
        fixed = [each.reason for each in verdicts if each.effect == "fixed"]
        final = [each.reason for each in verdicts if each.effect == "irreversible"]
        warnings = [each.reason for each in verdicts if each.effect == "warning"]
        action, how = item.change.action, ""
        obstacle = obstacle_to_replacement(item)
        if fixed and (reasons or obstacle is not None or item.kind.retire is None):
            reasons = [*fixed, *filter(None, [obstacle]), *reasons]
        elif fixed and item.kind.retire is not None:
            action, how = Action.REPLACE, item.kind.retire.how
            if not item.kind.retire.reversible:
                final.append(f"the old object is retired ({how}), which can not be taken back")
        if reasons or (final and not self.options.allow_irreversible):
            action = Action.BLOCKED
            reasons += [f"{reason}; pass --allow-irreversible to do it" for reason in final]
        else:
            reasons += final
        change = replace(
            item.change,
            action=action,
            how=how,
            reasons=tuple(reasons),
            reversible=not final,
            warnings=(*item.change.warnings, *warnings),
        )
        item = replace(item, change=change, verdicts=tuple(verdicts))
        if action is Action.BLOCKED:
            return item
        return replace(item, change=self._costed(item))

    def _costed(self, item: Item) -> Change:
        try:
            writes = planned_writes(item, self.setting)
        except CapsyncError as error:
            return replace(item.change, action=Action.BLOCKED, reasons=(error.message,))
        uploads = [f"upload {file.shown}" for file in uploads_in(item.raw).values()]
        steps = (*uploads, *readable(writes))
        steps = steps if len(steps) > 1 else ()
        return replace(item.change, requests=len(writes), steps=steps)


def _was_other(entry: Remembered, name: str, value: Json) -> bool:
    """Whether the state tells that a field was not written so last."""
    return bool(entry.applied[name] != value) if name in entry.applied else entry.owned


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


def comparable(desired: Mapping[str, Json], live: LiveObject) -> dict[str, Json]:
    """The desired fields that can be compared: of an object whose details can not be read, those
    that its row in the list shows."""
    if live.whole:
        return dict(desired)
    return {name: value for name, value in desired.items() if name in live.canon}


def _is_wanted_gone(wanted: Wanted) -> bool:
    """Whether a manifest wants out of service what is not there, or not shown."""
    service = wanted.kind.service
    if service is None or not (service.final or service.hidden):
        return False
    return wanted.canon.get(service.field, service.on) not in (None, service.on)


def planned_writes(item: Item, setting: Setting) -> list[Write]:
    """The calls that a change will need, ids that are not known yet standing as text."""
    raw = _placeholders(item.raw)
    if item.change.action is not Action.REPLACE:
        return writes_for(item.kind, task_of(item, setting, raw))
    old, new = replacement(item)
    return [
        *writes_for(item.kind, task_of(old, setting, old.raw)),
        *writes_for(item.kind, task_of(new, setting, raw)),
    ]


def replacement(item: Item) -> tuple[Item, Item]:
    """The two halves of a replacement: retire the old object, then create the new one."""
    old = replace(item, change=replace(item.change, action=Action.RETIRE), raw={})
    new = replace(item, change=replace(item.change, action=Action.CREATE), live=None)
    return old, new


def task_of(item: Item, setting: Setting, raw: Mapping[str, Json]) -> Task:
    """The task of an item, with `raw` as its desired values."""
    schema, live = item.kind.schema, item.live
    if item.wanted is not None:
        meta = item.wanted.resource.meta
        raw = shaped(item.kind, raw, live, meta, approve=setting.approve)
    if live is not None and item.wanted is not None:
        for text in item.wanted.resource.meta.ignore:
            raw = grafted(schema, raw, live.spec, parse_path(text))
    desired = to_wire(schema, raw)
    body = merge(schema, live.spec, desired) if live is not None else desired
    return Task(
        item.change.action,
        desired,
        body,
        live.raw if live else None,
        live.spec if live else None,
        tuple(change.path for change in item.change.fields),
        live.id if live else None,
        setting.variables,
        setting.now,
        item.wanted.resource.meta if item.wanted else Meta(),
        approve=setting.approve,
        paths=setting.paths,
    )


def _placeholders(value: Json) -> Json:
    if isinstance(value, Pending):
        return "(known after apply)"
    if isinstance(value, Mapping):
        return {name: _placeholders(inner) for name, inner in value.items()}
    return [_placeholders(inner) for inner in value] if isinstance(value, list) else value


def obstacle_to_replacement(item: Item) -> str | None:
    """Why a new object can not take the place of one with an immutable change; None where it can,
    "" where the manifest does not allow it (`metadata.replace`)."""
    kind, meta = item.kind, item.wanted.resource.meta if item.wanted else Meta()
    if not meta.replace:
        return ""
    if meta.protect:
        return "metadata.protect: it may not be replaced"
    if kind.retire is None or kind.create is None or not kind.frees_key:
        return f"metadata.replace does not help: the API never frees the key of a {kind.name}"
    return None


def _locks(kind: Kind, fields: Iterable[FieldChange], wanted: Wanted) -> Iterable[Verdict]:
    """What the declaration alone forbids: immutable fields, one-way values, protection."""
    if kind.update is None and kind.writer is None:
        yield from _without_call(kind, fields)
        if not kind.switches:
            return
    for change in fields:
        schemas = _schemas_along(kind.schema, change.path)
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


def _schemas_along(schema: Schema, path: Path) -> list[Schema]:
    found = [schema]
    for step in path:
        schema = _step_into(schema, step)
        found.append(schema)
    return found


def _step_into(schema: Schema, step: str | int) -> Schema:
    if schema.get("type") == "array" or "items" in schema:
        items: Schema = schema.get("items", {})
        return items
    extra = schema.get("additionalProperties", True)
    inner: Schema = schema.get("properties", {}).get(step, extra if isinstance(extra, dict) else {})
    return inner


def below_any(pattern: str, path: Path) -> bool:
    """Whether what a pattern picks lies below a path: then the value there holds it."""
    steps = parse_path(pattern)
    return len(path) < len(steps) and all(
        str(part) == step or step == "" for part, step in zip(path, steps, strict=False)
    )


def _source_of(wanted: Wanted, path: Path) -> str:
    """The references and files that a value at a path comes from, as text."""
    plain = places(wanted.raw, path)
    if len(plain) < len(path):  # an item that the manifest does not have
        return ""
    texts = [text for place, text in wanted.sources.items() if place[: len(plain)] == plain]
    return ", ".join(dict.fromkeys(texts))


def _holds_pending(value: Json) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_pending(inner) for inner in value.values())
    if isinstance(value, (list, tuple)):
        return any(_holds_pending(inner) for inner in value)
    return isinstance(value, Pending)


def _hashable(value: Json) -> Json:
    try:
        jsonio.dumps_sorted(value)
    except TypeError:
        return repr(value)
    return value


def _impact(kind: Kind, live: LiveObject | None) -> dict[str, Json]:
    if live is None or not isinstance(live.raw, Mapping):
        return {}
    return {name: live.raw[name] for name in kind.impact if live.raw.get(name) not in (None, 0)}


def _natural_key(wanted: Wanted) -> tuple[str, str]:
    """The strongest natural key that is written, as text, and what it is called."""
    for key in wanted.kind.keys:
        if parts := key.of(wanted.canon):
            return " / ".join(parts), key.label
    return "", ""
