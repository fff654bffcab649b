"""One resource against its live object: which change, which fields, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from typing import Any

from capsync.kind import Check, Verdict
from capsync.memory.state import State
from capsync.model import NOTHING, Action, Change, FieldChange
from capsync.planning.children import Pruning, child_verdicts, stuck_children, unlisted
from capsync.planning.describing import described, impact_of, natural_key_of
from capsync.planning.item import Item
from capsync.planning.locks import dropped_fields, locks
from capsync.planning.match import Wanted
from capsync.planning.options import PlanOptions, Setting
from capsync.planning.pairs import shaped, staged
from capsync.planning.unseen import Unseen, canon_of, comparable
from capsync.planning.verdicts import judged
from capsync.snapshot import LiveObject
from capsync.values.diff import differences
from capsync.values.paths import parse_path, without

Json = Any


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
        self._unseen = Unseen(options, state, setting.now)

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
        canon = canon_of(wanted, raw)
        fields = self._fields(wanted, wanted.live, raw, canon)
        return self._check(wanted, wanted.live, raw, canon, fields, {})

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
        if live is None or service is None or service.field in canon_of(wanted, raw):
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
            described(wanted, FieldChange((name,), NOTHING, value))
            for name, value in canon_of(wanted, raw).items()
            if not wanted.kind.fields.get(name, {}).get("readOnly")
        )

    def _create_check(
        self,
        wanted: Wanted,
        raw: Mapping[str, Json],
        fields: Iterable[FieldChange],
        probed: Mapping[str, Json],
    ) -> Check:
        entry = self._unseen.remembered(wanted)
        return Check(
            Action.CREATE,
            canon_of(wanted, raw),
            {},
            None,
            tuple(fields),
            self.setting.now,
            wanted.resource.meta,
            probed,
            written=raw,
            remembered=entry.id if entry is not None else "",
            paths=self.setting.paths,
        )

    def _update(self, wanted: Wanted, live: LiveObject, probed: Mapping[str, Json]) -> Item:
        kind = wanted.kind
        if wanted.matched_by == "key" and not self.options.adopt and not self._unseen.knows(wanted):
            return self._blocked(
                wanted, [f"live {live.id} has this natural key and --no-adopt is set"]
            )
        raw = self.effective(wanted)
        canon = canon_of(wanted, raw)
        fields = self._fields(wanted, live, raw, canon)
        late = self._unseen.late(wanted, live, fields) if wanted.kind.lag else []
        fields = [change for change in fields if change not in late]
        action = Action.UPDATE if fields else Action.NOOP
        change = self._change(wanted, action, tuple(described(wanted, each) for each in fields))
        warnings = self._unseen.warnings(wanted, live, raw, canon)
        warnings += stuck_children(kind, canon, live.canon, self._pruning(wanted))
        if late:
            warnings.append(self._unseen.still_old(wanted, late))
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
        verdicts = [*locks(kind, fields, wanted), *child_verdicts(kind, fields)]
        if kind.guard:
            verdicts += kind.guard(self._check(wanted, live, raw, canon, fields, probed))
        return self._judged(item, verdicts)

    def _check(
        self,
        wanted: Wanted,
        live: LiveObject,
        raw: Mapping[str, Json],
        canon: Mapping[str, Json],
        fields: Iterable[FieldChange],
        probed: Mapping[str, Json],
    ) -> Check:
        return Check(
            Action.UPDATE,
            canon,
            live.canon,
            live.raw,
            tuple(fields),
            self.setting.now,
            wanted.resource.meta,
            probed,
            {kind: frozenset(ids) for kind, ids in self._claimed.items()},
            written=raw,
            paths=self.setting.paths,
        )

    def _fields(
        self, wanted: Wanted, live: LiveObject, raw: Mapping[str, Json], canon: Mapping[str, Json]
    ) -> list[FieldChange]:
        """`raw` are the values that count, `canon` is their canonical form."""
        schema = wanted.kind.schema
        desired, have = comparable(canon, live), live.canon
        for text in wanted.resource.meta.ignore:
            steps = parse_path(text)
            desired, have = without(schema, desired, steps), without(schema, have, steps)
        return [
            *differences(schema, desired, have),
            *self._unseen.changes(wanted, raw, desired, have, live),
            *staged(wanted.kind, raw, live, wanted.resource.meta, approve=self.setting.approve),
            *unlisted(wanted.kind, desired, have, self._pruning(wanted)),
        ]

    def _pruning(self, wanted: Wanted) -> Pruning:
        entry = self._unseen.remembered(wanted)
        applied = entry.applied if entry is not None else None
        return Pruning(self.options.prune, applied, self.setting.now)

    def _change(self, wanted: Wanted, action: Action, fields: tuple[FieldChange, ...]) -> Change:
        live = wanted.live
        natural_key, key_label = natural_key_of(wanted)
        is_taken_over = wanted.matched_by == "key" and not self._unseen.knows(wanted)
        return Change(
            wanted.address,
            action,
            id=live.id if live else None,
            fields=fields,
            depends_on=tuple(sorted(wanted.needs)),
            matched_by=wanted.matched_by,
            adopts=is_taken_over and self.state is not None,
            impact=impact_of(wanted.kind, live),
            live_fingerprint=live.fingerprint if live else "",
            natural_key=natural_key,
            key_label=key_label,
            where=wanted.resource.where,
        )

    def _blocked(self, wanted: Wanted, reasons: Iterable[str]) -> Item:
        change = self._change(wanted, Action.BLOCKED, ())
        change = replace(change, reasons=tuple(reasons), adopts=False)
        return Item(wanted.kind, change, wanted.raw, wanted, wanted.live)

    def _judged(self, item: Item, verdicts: list[Verdict]) -> Item:
        allow = self.options.allow_irreversible
        return judged(item, verdicts, self.setting, allow_irreversible=allow)


def _is_wanted_gone(wanted: Wanted) -> bool:
    """Whether a manifest wants out of service what is not there, or not shown."""
    service = wanted.kind.service
    if service is None or not (service.final or service.hidden):
        return False
    return wanted.canon.get(service.field, service.on) not in (None, service.on)
