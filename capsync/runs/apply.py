"""Running an apply: record, applier, signals, and what is saved at the end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from capsync.applying import Applier, ApplyReport
from capsync.events import Limited, Reporter, Stopping
from capsync.memory.unfinished import seconds_of
from capsync.planning.plan import Draft
from capsync.runs.signals import stopped_by_signal

if TYPE_CHECKING:
    from capsync.session import Session


async def apply_draft(session: Session, draft: Draft, on: Reporter) -> ApplyReport:
    """Carry out a draft under the org's lock, which the caller holds."""
    client = await session.client()
    client.log = on
    on(Limited(client.estimate))
    reader = await session.reader([])
    org_id = await session.org_id()
    memory = session.memory
    memory.state(org_id).files |= session.learned
    record = memory.begin(org_id)
    objects, wanted = session.matcher.snapshot.objects, session.matcher.wanted
    applier = Applier(
        client,
        reader,
        draft,
        await session.setting(reader),
        record,
        on,
        existing={kind: {each.id for each in found} for kind, found in objects.items()},
        matched={address: each.live for address, each in wanted.items() if each.live},
        barred=memory.lock_lost,
        now=lambda: session.now,
        planned_at=seconds_of(draft.plan.created_at),
    )

    def stop() -> None:
        applier.stop()
        on(Stopping())

    try:
        with stopped_by_signal(stop):
            report = await applier.run()
        looked_at = {str(address) for address in draft.items}
        unsaved = memory.finish(record, org_id, looked_at)
    finally:
        record.journal.close()
    return replace(report, run=record.journal.run, unsaved=unsaved)
