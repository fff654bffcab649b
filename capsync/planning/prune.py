"""Live objects that no manifest declares: what `--prune` retires, and what it never touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from typing import Any

from capsync.errors import CapsyncError
from capsync.kind import Kind
from capsync.memory.state import State
from capsync.model import Action, Address, Change
from capsync.planning.item import Item
from capsync.planning.options import Setting
from capsync.planning.tasks import planned_writes
from capsync.snapshot import LiveObject, Snapshot

Json = Any


def candidates(
    prune: str,
    kinds: Iterable[Kind],
    snapshot: Snapshot,
    claimed: Mapping[str, Set[str]],
    state: State | None,
    now: float,
) -> Iterable[tuple[Address, LiveObject]]:
    """The live objects to retire: `owned` are those that the state says capsync made, `all` every
    unclaimed one that neither the platform nor another module has made or claimed. Where those that
    make some behind their own could not be read, nothing but the owned ones is sure."""
    for kind in kinds:
        if kind.reference_only or kind.singleton:
            continue
        owners = _owned(kind, state)
        is_blind = any(name not in snapshot.objects for name in kind.made_by)
        for item in snapshot.of(kind.name):
            if item.id in claimed.get(kind.name, ()) or is_gone(kind, item, now):
                continue
            if item.id in owners:
                yield owners[item.id], item
            elif prune == "all" and not is_blind and not _is_others(snapshot, item):
                yield Address(kind.name, item.id), item


def _is_others(snapshot: Snapshot, item: LiveObject) -> bool:
    return snapshot.is_foreign(item) or is_spared(item.kind, item)


def is_spared(kind: Kind, item: LiveObject) -> bool:
    """Whether others use an object that is not theirs."""
    return bool(kind.retire and kind.retire.spares and kind.retire.spares(item.raw))


def _owned(kind: Kind, state: State | None) -> dict[str, Address]:
    entries = state.entries.items() if state else ()
    return {
        entry.id: Address(*address.split("/", 1))
        for address, entry in entries
        if entry.owned and address.startswith(f"{kind.name}/")
    }


def is_gone(kind: Kind, item: LiveObject, now: float) -> bool:
    """Whether the object has been retired already, or is over."""
    gone = kind.retire.gone if kind.retire else None
    return (gone is not None and gone(item.raw, now)) or out_of_service(kind, item)


def out_of_service(kind: Kind, item: LiveObject) -> bool:
    """Whether the object is out of service already."""
    service = kind.service
    have = item.canon.get(service.field) if service else None
    return service is not None and have is not None and have != service.on


def retirement(
    kind: Kind, address: Address, item: LiveObject, setting: Setting, *, allow: bool
) -> Item:
    """The change that retires a live object; what the API can not retire is only a warning."""
    retire = kind.retire
    change = Change(
        address,
        Action.RETIRE,
        id=item.id,
        natural_key=item.title,
        matched_by="id",
        live_fingerprint=item.fingerprint,
        impact={name: item.raw[name] for name in kind.impact if item.raw.get(name) not in (None, 0)}
        if isinstance(item.raw, Mapping)
        else {},
    )
    if retire is None:
        warning = f"{kind.name} {item.title} (id {item.id}) can not be retired through the API"
        return Item(kind, replace(change, action=Action.NOOP, warnings=(warning,)), live=item)
    if retire.unable is not None and (why := retire.unable(item.raw)):
        warning = f"{kind.name} {item.title} (id {item.id}) can not be retired: {why}"
        return Item(kind, replace(change, action=Action.NOOP, warnings=(warning,)), live=item)
    change = replace(change, how=retire.how, reversible=retire.reversible)
    if not retire.reversible and not allow:
        reason = f"{retire.how} can not be taken back; pass --allow-irreversible to do it"
        return Item(kind, replace(change, action=Action.BLOCKED, reasons=(reason,)), live=item)
    planned = Item(kind, change, live=item)
    try:
        writes = planned_writes(planned, setting)
    except CapsyncError as error:
        change = replace(change, action=Action.BLOCKED, reasons=(error.message,))
        return Item(kind, change, live=item)
    return Item(kind, replace(change, requests=len(writes)), live=item)
