"""The plan: the smallest set of changes that makes the org match the manifests."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from capsync.kind import Kind
from capsync.media import uploads_in
from capsync.memory.state import State
from capsync.model import Action, Address, Change, FieldChange, Plan, Requests
from capsync.planning.changes import Comparer
from capsync.planning.encode import change_json
from capsync.planning.grouping import grouped
from capsync.planning.item import Item
from capsync.planning.match import Matcher
from capsync.planning.options import KEPT_OPTIONS, PlanOptions, Setting, selected
from capsync.planning.order import cut_circles, in_order, kind_references, kinds_in_order
from capsync.planning.prune import candidates, retirement
from capsync.planning.targets import about, kept
from capsync.snapshot import Snapshot
from capsync.values.fingerprint import digest
from capsync.values.references import map_key_references

Json = Any

_DESTRUCTIVE = (Action.RETIRE, Action.REPLACE)


@dataclass(slots=True)
class Draft:
    """A plan with what apply needs to carry it out: items by address, and what comes first."""

    plan: Plan
    items: dict[Address, Item] = field(default_factory=dict)
    needs: dict[Address, frozenset[Address]] = field(default_factory=dict)


class Planner:
    """Turns matched resources into a plan.

    `probed` holds the answers of kinds' probes by address.
    """

    def __init__(
        self,
        kinds: Mapping[str, Kind],
        matcher: Matcher,
        snapshot: Snapshot,
        options: PlanOptions,
        setting: Setting,
        state: State | None,
    ) -> None:
        self._kinds, self._matcher, self._snapshot = kinds, matcher, snapshot
        self._options, self._setting, self._state = options, setting, state
        self.comparer = Comparer(options, setting, state, matcher.claimed)

    def draft(
        self,
        probed: Mapping[Address, Mapping[str, Json]] | None = None,
        reads: int = 0,
        prunable: Iterable[Kind] = (),
        warnings: Iterable[str] = (),
    ) -> Draft:
        """The plan and its items, in the order in which they may be applied."""
        wanted = self._matcher.wanted
        items = {
            each.address: self.comparer.compare(each, (probed or {}).get(each.address))
            for each in about(self._options.targets, wanted)
            if each.address.kind not in self._snapshot.unreadable and not each.unread
        }
        self._rewritten(items)
        items = kept(self._options.targets, items, wanted)
        needs = cut_circles(
            {address: frozenset(wanted[address].needs) & items.keys() for address in items},
            {address: frozenset(wanted[address].deferred) for address in items},
        )
        needs = self._after_kinds(items, needs)
        ordered = {address: items[address] for address in in_order(items, needs)}
        pruned = self._pruned(prunable)
        for place, retired in enumerate(pruned):
            ordered[retired.address] = retired
            needs[retired.address] = _users(retired.kind, [*items.values(), *pruned[:place]])
        plan = self._plan(list(ordered.values()), reads, warnings)
        return Draft(plan, ordered, needs)

    def _after_kinds(
        self, items: Mapping[Address, Item], needs: dict[Address, frozenset[Address]]
    ) -> dict[Address, frozenset[Address]]:
        """Edges to every changed resource of the kinds that a kind comes after."""
        changed: dict[str, set[Address]] = {}
        for address, item in items.items():
            if item.change.action not in (Action.NOOP, Action.BLOCKED):
                changed.setdefault(address.kind, set()).add(address)
        return {
            address: needs[address].union(
                *(changed.get(kind, frozenset()) for kind in items[address].kind.after)
            )
            for address in items
        }

    def _rewritten(self, items: dict[Address, Item]) -> None:
        """Writes that one change makes necessary on others, because the service forgets a link."""
        by_id = {
            (item.kind.name, item.live.id): address
            for address, item in items.items()
            if item.live is not None
        }
        for origin in list(items.values()):
            if origin.change.action is Action.BLOCKED:
                continue
            links = [link for verdict in origin.verdicts for link in verdict.rewrite]
            strays = [each for each in links if not self._may_rewrite(items, by_id, each)]
            if strays:
                items[origin.address] = _blocked_by(origin, strays, by_id)
                continue
            for kind, id_, name in links:
                self._rewrite(items, origin.address, by_id[kind, id_], name)
            if origin.change.action is Action.REPLACE:
                self._rewrite_users(items, origin)

    def _rewrite_users(self, items: dict[Address, Item], origin: Item) -> None:
        """Write again the values that others hold under the name of a replaced field: they hang on
        the old object (api notes: rewards, custom field values)."""
        for address, item in list(items.items()):
            if item.wanted is None or origin.address not in item.wanted.needs or not item.live:
                continue
            spec = item.wanted.resource.spec
            for reference in map_key_references(item.kind.schema, spec):
                if reference.kind == origin.kind.name and isinstance(reference.path[0], str):
                    self._rewrite(items, origin.address, address, reference.path[0])

    def _may_rewrite(
        self,
        items: Mapping[Address, Item],
        by_id: Mapping[tuple[str, str], Address],
        link: tuple[str, str, str],
    ) -> bool:
        """Whether a manifest writes the field that has to be written again, and may be applied."""
        kind, id_, name = link
        address = by_id.get((kind, id_))
        if address is None or (wanted := items[address].wanted) is None:
            return False
        targets = self._options.targets
        return name in wanted.canon and (not targets or selected(targets, address))

    def _rewrite(
        self, items: dict[Address, Item], origin: Address, address: Address, name: str
    ) -> None:
        item = items[address]
        assert item.wanted is not None
        item.wanted.needs.add(origin)
        if item.change.action is Action.BLOCKED or any(
            each.path[:1] == (name,) for each in item.change.fields
        ):
            return
        value = item.wanted.canon.get(name)
        fields = (*item.change.fields, FieldChange((name,), value, value, ref=str(origin)))
        reason = f"{name} is written again: {origin} makes the service forget it"
        change = replace(
            item.change,
            action=Action.UPDATE,
            fields=fields,
            reasons=(*item.change.reasons, reason),
            requests=max(item.change.requests, 1),
            depends_on=tuple(sorted({*item.change.depends_on, origin})),
        )
        items[address] = replace(item, change=change)

    def _pruned(self, prunable: Iterable[Kind]) -> list[Item]:
        if not self._options.prune or not self._matcher.wanted:
            return []
        allow = self._options.allow_irreversible
        kinds = kinds_in_order(
            kind for kind in prunable if kind.name not in self._snapshot.unreadable
        )
        used = {address.kind for address in self._matcher.wanted}
        items = [
            retirement(kind, address, item, self._setting, allow=allow)
            for kind in reversed(kinds)
            for address, item in candidates(
                # Of kinds that the manifests do not use, only what this project made.
                self._options.prune if kind.name in used else "owned",
                [kind],
                self._snapshot,
                self._matcher.claimed,
                self._state,
                self._setting.now,
            )
        ]
        if self._options.targets:
            items = [item for item in items if selected(self._options.targets, item.address)]
        return items

    def _plan(self, items: list[Item], reads: int, warnings: Iterable[str]) -> Plan:
        changes = tuple(item.change for item in items)
        busy = [item for item in items if item.change.action not in (Action.NOOP, Action.BLOCKED)]
        # A content is uploaded once, however many changes need it.
        files = {name for item in busy for name in uploads_in(item.raw)}
        shared = sum(len(group) - 1 for group in grouped(busy))  # many creates, one call
        writes = sum(item.change.requests for item in busy) - shared + len(files)
        plan = Plan(
            self._setting.environment,
            self._setting.org_id,
            changes,
            created_at=datetime.fromtimestamp(self._setting.now, UTC).strftime(
                "%Y-%m-%dT%H:%M:%SZ"
            ),
            warnings=tuple(warnings),
            unreadable=tuple(self._unreadable()),
            blocked=tuple(self._over_limits(changes)),
            requests=self._requests(reads, writes),
            options=self._kept_options(),
        )
        return replace(plan, digest=plan_digest(plan))

    def _kept_options(self) -> dict[str, Json]:
        """The flags without which the same manifests would give another plan."""
        usual = PlanOptions()
        kept = {name: getattr(self._options, name) for name in KEPT_OPTIONS}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in kept.items()
            if value != getattr(usual, name)
        }

    def _unreadable(self) -> Iterable[str]:
        by_kind: dict[str, list[str]] = defaultdict(list)
        for each in about(self._options.targets, self._matcher.wanted):
            if each.address.kind in self._snapshot.unreadable:
                by_kind[each.address.kind].append(str(each.address))
            else:
                yield from (f"{each.address}: {text}" for text in each.unread)
        for name, addresses in sorted(by_kind.items()):
            error = self._snapshot.unreadable[name]
            why = f"{error.message}; {error.hint}" if error.hint else error.message
            yield f"{name} could not be read ({', '.join(sorted(addresses))}): {why}"

    def _requests(self, reads: int, writes: int) -> Requests:
        limit = self._setting.limit_per_minute
        seconds = writes * 60 / limit if limit else writes * 0.3 / self._setting.concurrency
        return Requests(reads, writes, limit, round(seconds, 1))

    def _over_limits(self, changes: Iterable[Change]) -> Iterable[str]:
        if self._options.force:
            return
        counts = Counter(change.action for change in changes)
        total = sum(counts[a] for a in Action if a not in (Action.NOOP, Action.BLOCKED))
        destructive = sum(counts[action] for action in _DESTRUCTIVE)
        for limit, have, name in (
            (self._setting.max_changes, total, "max_changes"),
            (self._setting.max_destructive, destructive, "max_destructive"),
        ):
            if limit is not None and have > limit:
                yield f"{have} changes, but limits.{name} is {limit} (--force lifts it)"


def _blocked_by(
    item: Item,
    links: Iterable[tuple[str, str, str]],
    by_id: Mapping[tuple[str, str], Address],
) -> Item:
    """The item, blocked since what its change makes the service forget can not be written again."""
    named = [f"{name} of {by_id.get((kind, id_), f'{kind} {id_}')}" for kind, id_, name in links]
    reason = (
        f"the service would forget {', '.join(named)}, which this plan can not write again: write"
        " it in the manifests, and pick them with --target too"
    )
    change = replace(item.change, action=Action.BLOCKED, reasons=(*item.change.reasons, reason))
    return replace(item, change=change)


def _users(kind: Kind, items: Iterable[Item]) -> frozenset[Address]:
    """The changes that may drop references to objects of a kind, which go away after them."""
    refer: dict[str, bool] = {}
    for item in items:
        if item.kind.name not in refer:
            refer[item.kind.name] = kind.name in kind_references(item.kind.schema)
    return frozenset(
        item.address
        for item in items
        if refer[item.kind.name] and item.change.action not in (Action.NOOP, Action.BLOCKED)
    )


def plan_digest(plan: Plan) -> str:
    """The digest of what a plan will do; when it was made does not count."""
    return digest(
        {
            "environment": plan.environment,
            "org_id": plan.org_id,
            "changes": [change_json(change) for change in plan.changes],
            "blocked": list(plan.blocked),
        }
    )


def needed_kinds(
    kinds: Mapping[str, Kind], wanted: Iterable[str], lookups: Iterable[str]
) -> list[Kind]:
    """The kinds whose lists a plan has to read: those of the resources and of their look-ups."""
    names = dict.fromkeys([*wanted, *lookups])
    return [kinds[name] for name in sorted(names) if name in kinds]


def makers(kinds: Mapping[str, Kind], names: Iterable[str]) -> set[str]:
    """The kinds behind which the service makes objects of these kinds."""
    return {maker for name in names if name in kinds for maker in kinds[name].made_by}
