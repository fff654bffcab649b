"""The way back of an earlier apply, from the objects that it kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from capsync.errors import CapsyncError
from capsync.events import Reporter
from capsync.kinds import KINDS
from capsync.memory.history import kept_objects
from capsync.memory.unfinished import created_in
from capsync.model import Action, Address, Meta, Plan, Resource, path_text
from capsync.planning.children import Pruning, unlisted
from capsync.planning.options import PlanOptions
from capsync.values.paths import parse_path

if TYPE_CHECKING:
    from capsync.session import Session

Json = Any


@dataclass(frozen=True, slots=True)
class Undo:
    """The plan that takes the org back to before a run, and what can not be restored."""

    plan: Plan
    left_as_is: tuple[str, ...] = ()


async def plan_undo(session: Session, run: str, on: Reporter) -> Undo:
    """A plan of the kept objects as they were: of those that the run changed the fields that it
    changed, of those that it retired all.

    Raises CapsyncError where the run kept nothing, PlanBlocked where it was of another org.
    """
    org_id = await session.org_id()
    created = created_in(session.memory.journals, run)
    kept = _kept(session, run, org_id, created)
    session.resources = tuple(_as_it_was(each, has_gone=False) for each in kept)
    plan = await session.plan(PlanOptions(), on)
    gone = {str(each["address"]) for each in kept if _has_gone(session, each)}
    if gone:
        session.resources = tuple(
            _as_it_was(each, has_gone=str(each["address"]) in gone) for each in kept
        )
        plan = await session.plan(PlanOptions(), on)
    left = [*_left(plan, kept, gone, created), *_added_children(session)]
    return Undo(plan, tuple(left))


def _kept(session: Session, run: str, org_id: int, created: Sequence[str]) -> list[dict[str, Json]]:
    folder = session.memory.history / run
    if created and not folder.is_dir():
        return []  # a run that created only: nothing is planned, and all of it is told
    kept = kept_objects(folder, session.environment.name, org_id)
    unknown = sorted({_address(each).kind for each in kept} - KINDS.keys())
    if unknown:
        raise CapsyncError(f"run {run} is of a newer capsync: {', '.join(unknown)}")
    return kept


def _address(kept: Mapping[str, Json]) -> Address:
    kind, _, name = str(kept["address"]).partition("/")
    return Address(kind, name)


def _as_it_was(kept: Mapping[str, Json], *, has_gone: bool) -> Resource:
    """A kept object as a resource: the part of it that the run has changed, all where it has gone
    since."""
    address = _address(kept)
    kind = KINDS[address.kind]
    spec = {
        name: value
        for name, value in kept["spec"].items()
        if name in kind.fields and not kind.fields[name].get("readOnly")
    }
    if kept.get("action") == Action.UPDATE and not has_gone and "changed" in kept:
        unseen = {str(parse_path(text)[0]) for text in kept.get("hidden", ())} - spec.keys()
        changed = [each for each in kept["changed"] if each in kind.fields and each not in unseen]
        spec = {name: spec.get(name) for name in changed}
    id_ = None if kind.singleton or has_gone else str(kept["id"])
    return Resource(address, spec, Meta(id=id_))


def _has_gone(session: Session, kept: Mapping[str, Json]) -> bool:
    """Whether the org no longer has an object under the id that it had."""
    kind = KINDS[_address(kept).kind]
    snapshot = session.matcher.snapshot
    if kind.singleton or kind.name in snapshot.unreadable:
        return False
    return all(item.id != str(kept["id"]) for item in snapshot.of(kind.name))


def _added_children(session: Session) -> Iterator[str]:
    """The children that the kept objects did not have: like objects, they stay."""
    for resource in session.resources:
        wanted = session.matcher.wanted.get(resource.address)
        if wanted is None or wanted.live is None:
            continue
        pruning = Pruning(mode="all", now=session.now)
        for change in unlisted(wanted.kind, wanted.canon, wanted.live.canon, pruning):
            yield f"{resource.address}: {path_text(change.path)} was added since, and stays"


def _left(
    plan: Plan, kept: Sequence[Mapping[str, Json]], gone: set[str], created: Sequence[str]
) -> Iterator[str]:
    """What the plan does not bring back."""
    for address in created:
        yield f"{address} was created by the run and stays"
    by_address = {str(each["address"]): each for each in kept}
    for change in plan.changes:
        address = str(change.address)
        it = by_address.get(address, {})
        if change.reasons:
            yield f"{address}: {'; '.join(change.reasons)}"
        if address in gone and change.action is Action.CREATE:
            yield f"{address}: {it.get('key') or 'it'} is made anew, under another id"
        hidden = _hidden(it, is_written=change.action is not Action.NOOP)
        if hidden:
            yield f"{address}: {', '.join(hidden)} was not kept, so it stays or is empty"


def _hidden(kept: Mapping[str, Json], *, is_written: bool) -> list[str]:
    """What is not in a kept object and would be wanted: all of it where the object is written,
    else what the run had changed."""
    changed = kept.get("changed", ())
    return [
        text for text in kept.get("hidden", ()) if is_written or str(parse_path(text)[0]) in changed
    ]
