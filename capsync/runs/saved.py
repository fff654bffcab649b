"""Taking up a saved plan: plan anew, compare, and keep what the saved plan still has to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from capsync.errors import PlanBlocked
from capsync.events import Reporter
from capsync.model import Action, Address
from capsync.planning.item import Item
from capsync.planning.plan import Draft, Planner, plan_digest
from capsync.planning.saved import Verdicts, check_saved, options_of, refuse_unfit
from capsync.planning.targets import strays

if TYPE_CHECKING:
    from capsync.session import Session

Json = Any


async def plan_from_saved(
    session: Session, saved: Mapping[str, Json], on: Reporter
) -> tuple[Draft, Planner]:
    """A draft of the changes that a saved plan still has to make, on the org as it is now.

    Raises PlanBlocked where the org, the environment or a planned field is not what it saw.
    """
    refuse_unfit(saved, session.environment.name, await session.org_id())
    options = options_of(saved)
    addresses = [resource.address for resource in session.resources]
    named = (*options.resend, *(() if options.prune else options.targets))
    if gone := strays(named, addresses):
        raise PlanBlocked(f"the saved plan is stale: {gone[0]} any more", hint=_hint(saved))
    await session.plan(options, on)
    draft, planner = session.draft, session.planner
    unread = {str(each.address): each.unread for each in session.matcher.wanted.values()}
    verdicts = check_saved(
        saved,
        draft.items.values(),
        session.memory.made_earlier,
        session.matcher.snapshot.unreadable,
        unread,
    )
    if verdicts.conflicts:
        raise PlanBlocked(
            "the saved plan is stale:\n  " + "\n  ".join(verdicts.conflicts), hint=_hint(saved)
        )
    return _narrowed(draft, planner, verdicts), planner


def _hint(saved: Mapping[str, Json]) -> str:
    commit = saved.get("commit")
    made = f"it was made at {saved.get('created_at')}" + (
        f" from commit {commit}" if commit else ""
    )
    return f"{made}; plan again"


def _narrowed(draft: Draft, planner: Planner, verdicts: Verdicts) -> Draft:
    """The draft cut down to what the saved plan still has to do; the rest is left as it is."""
    to_do = {each for each, verdict in verdicts.by_address.items() if verdict != "done"}
    items: dict[Address, Item] = {}
    for address, item in draft.items.items():
        if str(address) in to_do:
            items[address] = _left_alone(item, planner, verdicts.others.get(str(address), ()))
        elif item.change.action is Action.NOOP:
            items[address] = item
        elif item.live is not None:
            # Not planned, but what is planned may refer to it.
            idle = replace(item.change, action=Action.NOOP, fields=())
            items[address] = replace(item, change=idle, wanted=None)
    changes = tuple(item.change for item in items.values())
    done = [each for each, verdict in verdicts.by_address.items() if verdict == "done"]
    warnings = [*draft.plan.warnings, *(f"{each}: is as planned already" for each in done)]
    plan = replace(draft.plan, changes=changes, warnings=tuple(warnings), blocked=())
    writes = sum(item.change.requests for item in items.values() if str(item.address) in to_do)
    plan = replace(plan, requests=replace(plan.requests, write=writes))
    return Draft(replace(plan, digest=plan_digest(plan)), items, draft.needs)


def _left_alone(item: Item, planner: Planner, paths: tuple[str, ...]) -> Item:
    """The item without the fields that are no part of the plan: there the live object stays."""
    if not paths or item.wanted is None:
        return item
    resource = item.wanted.resource
    meta = replace(resource.meta, ignore=(*resource.meta.ignore, *paths))
    wanted = replace(item.wanted, resource=replace(resource, meta=meta))
    return planner.comparer.compare(wanted)
