"""The way back of an earlier apply, from the objects that it kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from capsync.events import Reporter
from capsync.kinds import KINDS
from capsync.memory.history import kept_objects
from capsync.memory.unfinished import created_in
from capsync.model import Address, Meta, Plan, Resource
from capsync.planning.options import PlanOptions

if TYPE_CHECKING:
    from capsync.session import Session

Json = Any


@dataclass(frozen=True, slots=True)
class Undo:
    """The plan that takes the org back to before a run, and what can not be restored."""

    plan: Plan
    left_as_is: tuple[str, ...] = ()


async def plan_undo(session: Session, run: str, on: Reporter) -> Undo:
    """A plan of the kept objects as they were; CapsyncError where the run kept nothing.

    What the run created can not be taken back by writing old values: it is listed.
    """
    org_id = await session.org_id()
    kept = kept_objects(session.memory.history / run, session.environment.name, org_id)
    session.resources = tuple(_as_it_was(each) for each in kept)
    plan = await session.plan(PlanOptions(allow_irreversible=False), on)
    created = created_in(session.memory.journals, run)
    left = [f"{address} was created by the run and stays" for address in created]
    left += [
        f"{change.address}: {'; '.join(change.reasons)}"
        for change in plan.changes
        if change.reasons
    ]
    return Undo(plan, tuple(left))


def _as_it_was(kept: Mapping[str, Json]) -> Resource:
    kind, _, name = str(kept["address"]).partition("/")
    fields = KINDS[kind].fields
    spec = {
        field: value
        for field, value in kept["spec"].items()
        if field in fields and not fields[field].get("readOnly")
    }
    meta = replace(Meta(), id=None if KINDS[kind].singleton else str(kept["id"]))
    return Resource(Address(kind, name), spec, meta)
